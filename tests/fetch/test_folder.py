"""A watched folder on a real disk."""

import gzip
import os
from pathlib import Path

import pytest

from ingest.errors import Refused
from ingest.fetch import HttpFetcher, fetch_source
from ingest.fetch.folder import split_url
from ingest.model import FeedState, Fetched, Source
from tests.fetch.conftest import NOW, limits, source

TIME = NOW.timestamp() - 3600


def put(path: Path, body: bytes, age_s: float = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    os.utime(path, (TIME - age_s, TIME - age_s))
    return path


async def look(url: str | Path, before: Fetched | None = None, **settings: object) -> Fetched:
    watched: Source = source(str(url), transport="folder", **settings)
    states: dict[str, FeedState] = {str(url): before.state} if before else {}
    async with HttpFetcher("a") as fetcher:
        return (await fetch_source(watched, states, NOW, fetcher))[0]


def taken(fetched: Fetched) -> list[tuple[str, bytes]]:
    return [(Path(payload.url).name, payload.body) for payload in fetched.payloads]


async def test_new_files_oldest_first_and_once(tmp_path: Path) -> None:
    put(tmp_path / "b.xml", b"<b/>", age_s=10)
    put(tmp_path / "a.xml", b"<a/>")
    first = await look(tmp_path, zone="Asia/Tokyo")
    assert (first.outcome, taken(first)) == ("new", [("b.xml", b"<b/>"), ("a.xml", b"<a/>")])
    assert first.payloads[0].url == str(tmp_path / "b.xml")
    assert (first.payloads[0].zone, first.payloads[0].fetched_at) == ("Asia/Tokyo", NOW)
    second = await look(tmp_path, first, zone="Asia/Tokyo")
    assert (second.outcome, second.payloads, second.state.cursor) == ("not_modified", (), first.state.cursor)


async def test_a_changed_file_comes_again_and_a_touched_one_does_not(tmp_path: Path) -> None:
    put(tmp_path / "a.xml", b"<a/>")
    put(tmp_path / "b.xml", b"<b/>")
    first = await look(tmp_path)
    put(tmp_path / "a.xml", b"<c/>", age_s=-5)
    put(tmp_path / "b.xml", b"<b/>", age_s=-5)
    second = await look(tmp_path, first)
    assert taken(second) == [("a.xml", b"<c/>")]
    assert (await look(tmp_path, second)).outcome == "not_modified"


async def test_a_run_that_did_not_land_takes_the_files_again(tmp_path: Path) -> None:
    put(tmp_path / "a.xml", b"<a/>")
    assert taken(await look(tmp_path)) == taken(await look(tmp_path)) == [("a.xml", b"<a/>")]


async def test_unfinished_files_wait(tmp_path: Path) -> None:
    for name in (".hidden", "a.xml.tmp", "b.PART", "c.filepart", ".git/config"):
        put(tmp_path / name, b"half")
    put(tmp_path / "empty.xml", b"")
    put(tmp_path / "fresh.xml", b"<a/>", age_s=-3590)
    fetched = await look(f"{tmp_path}/**/*", limits=limits(quiet_s=30))
    assert (fetched.outcome, fetched.payloads, fetched.rejects) == ("not_modified", (), ())
    assert taken(await look(tmp_path, fetched)) == [("fresh.xml", b"<a/>")]


@pytest.mark.parametrize("form", ["{}/*.xml", "file://{}/*.xml", "file://localhost{}/*.xml", "file:{}/*.xml"])
async def test_globs_and_urls(tmp_path: Path, form: str) -> None:
    put(tmp_path / "in box" / "a.xml", b"<a/>")
    put(tmp_path / "in box" / "b.txt", b"b")
    url = form.format(str(tmp_path / "in box").replace(" ", "%20") if form.startswith("file") else tmp_path / "in box")
    assert taken(await look(url)) == [("a.xml", b"<a/>")]


async def test_folders_below_and_one_file(tmp_path: Path) -> None:
    put(tmp_path / "2026" / "03" / "a.xml", b"<a/>")
    assert taken(await look(f"{tmp_path}/**/*.xml")) == [("a.xml", b"<a/>")]
    assert (await look(tmp_path)).payloads == ()
    odd = put(tmp_path / "one#1.xml", b"<b/>")
    assert taken(await look(f"file://{odd}")) == [("one#1.xml", b"<b/>")]


async def test_gzip_files_are_opened(tmp_path: Path) -> None:
    put(tmp_path / "a.xml.gz", gzip.compress(b"<a/>"))
    fetched = await look(tmp_path)
    assert taken(fetched) == [("a.xml.gz", b"<a/>")]
    assert (fetched.received_bytes, fetched.body_bytes) == (len(gzip.compress(b"<a/>")), 4)


async def test_a_bad_file_hides_no_good_one(tmp_path: Path) -> None:
    box = tmp_path / "box"
    put(box / "good.xml", b"<a/>")
    put(box / "cut.xml.gz", gzip.compress(b"<a/>" * 99)[:-9])
    put(box / "bomb.xml.gz", gzip.compress(bytes(3000)))
    put(box / "large.xml", b"x" * 2000)
    os.mkfifo(box / "pipe.xml")
    put(tmp_path / "secret", b"password")
    (box / "link.xml").symlink_to(tmp_path / "secret")
    (box / "nothing.xml").symlink_to(tmp_path / "missing")
    (box / "inside.xml").symlink_to(box / "good.xml")
    first = await look(box, limits=limits(max_bytes=1000, max_decompressed_bytes=1000))
    assert taken(first) == [("good.xml", b"<a/>"), ("inside.xml", b"<a/>")]
    assert {(reject.place, reject.code) for reject in first.rejects} == {
        ("cut.xml.gz", "fetch-failed"),
        ("bomb.xml.gz", "too-large"),
        ("large.xml", "too-large"),
        ("link.xml", "refused"),
    }
    second = await look(box, first, limits=limits(max_bytes=1000, max_decompressed_bytes=1000))
    assert (second.payloads, second.rejects) == ((), ())


async def test_a_linked_folder_does_not_lead_out(tmp_path: Path) -> None:
    put(tmp_path / "private" / "a.xml", b"<a/>")
    (tmp_path / "box").mkdir()
    (tmp_path / "box" / "sub").symlink_to(tmp_path / "private")
    fetched = await look(f"{tmp_path}/box/sub*/*.xml")
    assert fetched.payloads == ()
    assert [reject.code for reject in fetched.rejects] == ["refused"]


async def test_many_files_come_in_batches(tmp_path: Path) -> None:
    for n in range(5):
        put(tmp_path / f"{n}.xml", b"%d" % n, age_s=-n)
    seen, fetched = [], None
    for _ in range(3):
        fetched = await look(tmp_path, fetched, limits=limits(max_items=2))
        seen.append([name for name, _ in taken(fetched)])
    assert seen == [["0.xml", "1.xml"], ["2.xml", "3.xml"], ["4.xml"]]


async def test_names_in_any_bytes(tmp_path: Path) -> None:
    put(Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.xml")), b"<a/>")
    first = await look(tmp_path)
    assert len(first.payloads) == 1
    assert Fetched.model_validate_json(first.model_dump_json()) == first
    assert (await look(tmp_path, first)).outcome == "not_modified"


async def test_a_missing_folder_keeps_the_ledger(tmp_path: Path) -> None:
    put(tmp_path / "box" / "a.xml", b"<a/>")
    first = await look(tmp_path / "box")
    (tmp_path / "box").rename(tmp_path / "elsewhere")
    failed = await look(tmp_path / "box", first)
    assert (failed.outcome, failed.state.failures, failed.state.cursor) == ("failed", 1, first.state.cursor)
    assert "no such folder" in str(failed.error)


async def test_a_broken_ledger_takes_everything_again(tmp_path: Path) -> None:
    put(tmp_path / "a.xml", b"<a/>")
    first = await look(tmp_path)
    broken = first.model_copy(update={"state": first.state.model_copy(update={"cursor": '{"files": 3}'})})
    assert len((await look(tmp_path, broken)).payloads) == 1


@pytest.mark.parametrize("url", ["file://elsewhere/box", "/box/*/../../etc/*"])
def test_urls_that_are_no_folder_here(url: str) -> None:
    with pytest.raises(Refused):
        split_url(url)
