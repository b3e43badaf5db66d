"""What hosts ask for, from one run to the next: through the whole pipeline and its state."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ingest.errors import Paused
from ingest.fetch.hosts import KnownHosts, is_paused
from ingest.fetch.politeness import host_of
from ingest.model import Entry, FeedState, HostPause, Payload, RobotsFile
from ingest.shard.item import Item
from ingest.shard.outbox import Outbox
from ingest.state.database import open_state, read, upgrade, write
from ingest.state.hosts import find_robots, load_pauses, save_pauses, save_robots
from ingest.state.models import PendingRow
from tests.fetch.conftest import NOW, source
from tests.newsroom import Desk, Kiosk, Story, codes, desk, kiosk, of, registry

FERRY = Story("ferry", "The ferry is back", "After a long night at sea the ferry came back to the harbour.", path="/p")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def shop() -> Iterator[Kiosk]:
    with kiosk() as running:
        yield running


def polite(tmp_path: Path, **urls: str) -> Desk:
    registry(tmp_path, **urls)
    return desk(tmp_path, host_delay_s=0.001, shards=1)


@pytest.mark.parametrize("status", [429, 503])
def test_one_feed_that_asks_for_silence_silences_its_host_over_runs(shop: Kiosk, tmp_path: Path, status: int) -> None:
    night = polite(tmp_path, a=shop.feed("/a", FERRY), b=shop.feed("/b", FERRY))
    shop.page("/p", FERRY)
    shop.statuses["/a"] = status
    first = night.night()
    assert codes(first) == {"a": ["http-error"], "b": ["paused"]}
    assert [of(first, id_).status for id_ in ("a", "b")] == ["failed", "ok"]
    [b] = night.feed_states("b")
    assert (b.failures, b.last_error) == (0, None)
    assert night.night(0.05).sources == ()  # not even by force
    assert set(shop.requests) == {("/a", status)}
    shop.statuses.clear()
    later = night.night(0.5, force=False)
    assert [(s.source_id, s.new) for s in later.sources] == [("b", 1)]  # a itself waits for an hour
    assert night.night(1.5, force=False).planned == ("a", "b")


def test_a_page_whose_host_is_left_alone_loses_no_try() -> None:
    box, entry = Outbox("run", "shard01", NOW), Entry(guid="g", url="https://times.example/a")
    waits = PendingRow(article_id="a", source_id="times", entry=entry, attempts=5, next_try_at=NOW)
    item = Item(entry, Payload(source_id="times", url="https://times.example/rss", body=b""), "hash", "a", waits)
    told = box.try_later(source("https://times.example/rss"), item, Paused("times.example", "left alone", "", 89.5))
    [row] = box.result(None).pending
    assert (row.attempts, row.next_try_at, told) == (5, NOW + timedelta(seconds=90), "tried again in 0:01:30")


def test_a_page_that_robots_txt_disallows_lands_with_the_feeds_own_text(shop: Kiosk, tmp_path: Path) -> None:
    night = polite(tmp_path, a=shop.feed("/a", FERRY))
    shop.page("/p", FERRY)
    shop.bodies["/robots.txt"] = b"User-agent: *\nDisallow: /p\n"
    report = night.night()
    assert (codes(report), of(report, "a").status, of(report, "a").warnings) == ({"a": ["robots"]}, "ok", 1)
    [article] = night.articles()
    assert (article.headline, "long night at sea" in article.body_text) == (FERRY.headline, True)
    assert codes(night.night(24)) == {}
    assert (night.pending("a"), shop.requests["/p", 200]) == ([], 0)
    with read(night.workspace.engine) as conn:
        known = find_robots(conn, shop.base_url)
    assert known
    assert known.text == "User-agent: *\nDisallow: /p\n"


def test_without_any_text_it_is_turned_down_once(shop: Kiosk, tmp_path: Path) -> None:
    bare = Story("bare", "Without a word", "")
    night = polite(tmp_path, a=shop.feed("/a", bare))
    shop.bodies["/a"] = (
        b"<rss version='2.0'><channel><item><guid>g</guid><title>Ferry</title><link>%s/p</link></item></channel></rss>"
        % (shop.base_url.encode())
    )
    shop.bodies["/robots.txt"] = b"User-agent: *\nDisallow: /p\n"
    report = night.night()
    assert (codes(report), of(report, "a").status) == ({"a": ["robots"]}, "partial")
    assert (night.articles(), night.pending("a")) == ([], [])
    shop.bodies["/a"] += b"\n"
    assert codes(night.night(24)) == {}


# ── the parts ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_state(f"sqlite:///{tmp_path}/state.db")
    upgrade(made)
    yield made
    made.dispose()


def test_the_state_keeps_pauses_until_they_are_over(engine: Engine) -> None:
    pause = HostPause(host="times.example", not_before=NOW + MINUTE, because="it answered 429")
    longer = pause.model_copy(update={"not_before": NOW + 9 * MINUTE})
    with write(engine) as conn:
        save_pauses(conn, [pause], NOW)
        save_pauses(conn, [longer], NOW)
    with read(engine) as conn:
        assert load_pauses(conn, NOW) == {"times.example": longer}
        assert load_pauses(conn, NOW + 9 * MINUTE) == {}


def test_the_state_keeps_robots_txt(engine: Engine) -> None:
    file = RobotsFile(origin="https://times.example", text="a\0b", crawl_delay_s=2.5, asked_at=NOW)
    old = RobotsFile(origin="https://old.example", asked_at=NOW - timedelta(days=61), unreachable_since=NOW)
    with write(engine) as conn:
        save_robots(conn, [file, old], NOW - timedelta(days=9))
        save_robots(conn, [], NOW)
    with read(engine) as conn:
        assert find_robots(conn, file.origin) == file.model_copy(update={"text": "a\ufffdb"})
        assert find_robots(conn, old.origin) is None


def test_a_pause_is_for_where_a_feed_is_now() -> None:
    pauses = {"new.example": HostPause(host="new.example", not_before=NOW + MINUTE, because="it answered 503")}
    state = FeedState(source_id="a", url="https://old.example/f", moved_to="https://new.example/f", moved_seen=2)
    assert is_paused(pauses, state.url, state, NOW)
    assert not is_paused(pauses, state.url, state, NOW + MINUTE)
    assert not is_paused(pauses, state.url, None, NOW)
    assert is_paused(pauses, "http://new.example/other", None, NOW)
    assert not is_paused(pauses, "no address", None, NOW)
    [(_, left_s)] = KnownHosts(pauses, now=NOW).still_paused()
    assert (left_s, list(KnownHosts(pauses, now=NOW + MINUTE).still_paused())) == (60, [])


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Times.example/a", "times.example"),
        ("http://times.example:80/", "times.example"),
        ("https://times.example:8443/", "times.example:8443"),
        ("https://times.example./", "times.example"),
        ("/srv/feeds", ""),
        ("http://[", ""),
    ],
)
def test_a_host_is_one_server(url: str, host: str) -> None:
    assert host_of(url) == host
