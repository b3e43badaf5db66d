"""What the archive answers in place of the network."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from ingest.land import raw
from ingest.land.local import LocalStore
from ingest.land.store import Store
from ingest.model import Payload, RawRef
from ingest.replay.archive import Archive, Wanted, sources_in

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Remote:
    """A store that is no folder of this machine, as far as its class tells."""

    def __init__(self, store: LocalStore) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def keep(store: Store, folder: Path, run_id: str, *payloads: Payload) -> list[RawRef]:
    archive = raw.RawArchive(folder / run_id, raw.archive_key(store, run_id, "shard01", NOON.date()))
    refs = [archive.append(payload) for payload in payloads]
    archive.upload(store)
    return refs


def feed(body: bytes, when: datetime, source_id: str = "a") -> Payload:
    return Payload(source_id=source_id, url="https://a.example/rss", body=body, status=200, fetched_at=when)


def page(url: str, when: datetime, asked: str | None = None, body: bytes = b"<!DOCTYPE html><p>x") -> Payload:
    return Payload(source_id="a", url=url, page_url=asked, body=body, status=200, fetched_at=when)


@pytest.fixture(params=["local", "remote"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    local = LocalStore(tmp_path / "store")
    return local if request.param == "local" else cast(Store, Remote(local))


def archive_of(store: Store, tmp_path: Path, wanted: Wanted) -> Archive:
    return Archive(store, wanted, {"a"}, tmp_path / "copies")


def test_feeds_come_in_the_order_in_which_they_were_fetched(store: Store, tmp_path: Path) -> None:
    keep(store, tmp_path, "late", feed(b"<rss>2", NOON + HOUR))
    keep(store, tmp_path, "early", feed(b"<rss>1", NOON), feed(b"<rss>b", NOON, "b"))
    wanted = Wanted(since=NOON)
    archive = archive_of(store, tmp_path, wanted)
    assert [payload.body for payload in archive.feeds("a")] == [b"<rss>1", b"<rss>2"]
    assert list(archive.feeds("b")) == []
    assert sources_in(store, wanted) == {"a", "b"}


def test_a_time_ends_before_its_end(store: Store, tmp_path: Path) -> None:
    keep(store, tmp_path, "one", feed(b"<rss>1", NOON - HOUR), feed(b"<rss>2", NOON), feed(b"<rss>3", NOON + HOUR))
    archive = archive_of(store, tmp_path, Wanted(since=NOON, until=NOON + HOUR))
    assert [payload.body for payload in archive.feeds("a")] == [b"<rss>2"]


def test_a_page_is_found_by_the_address_that_was_asked_for(store: Store, tmp_path: Path) -> None:
    keep(store, tmp_path, "one", page("https://a.example/story/1", NOON, "https://go.example/1?utm_source=rss"))
    archive = archive_of(store, tmp_path, Wanted(run_id="one"))
    assert list(archive.feeds("a")) == []
    ref = archive.page_since("a", "https://go.example/1", NOON)
    assert ref is not None and archive.read(ref).url == "https://a.example/story/1"
    assert archive.page_since("a", "https://go.example/2", NOON) is None
    assert archive.page_since("b", "https://go.example/1", NOON) is None


def test_a_page_is_the_first_since_its_feed(store: Store, tmp_path: Path) -> None:
    url = "https://a.example/1"
    first, second = keep(store, tmp_path, "one", page(url, NOON, url), page(url, NOON + HOUR, url, b"<html>later"))
    archive = archive_of(store, tmp_path, Wanted(run_id="one"))
    assert archive.page_since("a", url, NOON) == first
    assert archive.page_since("a", url, NOON + HOUR / 2) == second
    assert archive.page_since("a", url, NOON + 2 * HOUR) is None


def test_pages_of_before_their_address_was_kept_are_told_from_feeds(store: Store, tmp_path: Path) -> None:
    keep(
        store,
        tmp_path,
        "one",
        page("https://a.example/1", NOON, body=b"\xef\xbb\xbf\n<HTML><p>x"),
        feed(b"<rss>", NOON),
    )
    archive = archive_of(store, tmp_path, Wanted(run_id="one"))
    assert archive.page_since("a", "https://a.example/1", NOON) is not None
    assert [payload.body for payload in archive.feeds("a")] == [b"<rss>"]


def test_what_was_taken_down_is_passed_over(store: Store, tmp_path: Path) -> None:
    gone, _ = keep(store, tmp_path, "one", feed(b"<rss>gone", NOON), feed(b"<rss>here", NOON))
    raw.erase(store, [gone], "asked for")
    archive = archive_of(store, tmp_path, Wanted(run_id="one"))
    assert [payload.body for payload in archive.feeds("a")] == [b"<rss>here"]
    assert len(archive.damaged) == 1
