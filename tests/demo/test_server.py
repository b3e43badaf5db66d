"""The demo as a client sees it: well-formed feeds, validators, faults, the second day."""

import asyncio
import gzip
import json
import tomllib
from datetime import date

import aiohttp
import brotli
import feedparser
import pytest
import zstandard
from lxml import etree

from ingest.demo import expected_landed, truth
from ingest.demo.faults import FAULTS, fault_path
from ingest.demo.items import TruthItem
from ingest.demo.outlets import OUTLETS, Outlet
from ingest.demo.registry import write_sources
from ingest.demo.server import DemoServer, start_demo, switch_day
from ingest.demo.site import feed_paths, picture, write_folder
from ingest.model import Limits, Rule

TODAY = date(2026, 11, 24)
_DECODERS = {
    "identity": bytes,
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda body: zstandard.ZstdDecompressor().decompressobj().decompress(body),
}
ACCEPT = {"Accept-Encoding": "gzip, br, zstd"}


@pytest.fixture(scope="module")
def demo():
    with start_demo(today=TODAY) as server:
        yield server


@pytest.fixture
async def web():
    async with aiohttp.ClientSession(headers=ACCEPT, auto_decompress=False) as session:
        yield session


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    """The body, decompressed here, since aiohttp reads zstd only with another package."""
    body = await answer.read()
    coding = answer.headers.get("Content-Encoding", "identity")
    return _DECODERS[coding](body)


def _items(demo: DemoServer, outlet: Outlet) -> list[TruthItem]:
    return [i for i in truth(demo.day, today=TODAY, base_url=demo.base_url) if i.source_id == outlet.id]


@pytest.mark.parametrize("outlet", [o for o in OUTLETS if not o.folder], ids=lambda o: o.id)
async def test_every_feed_holds_its_items(demo, web, outlet):
    titles, bodies = set(), ""
    for path in feed_paths(outlet):
        async with web.get(demo.base_url + path) as answer:
            assert answer.status == 200
            assert answer.headers.get("Content-Encoding", "identity") == outlet.coding
            body = await _read(answer)
        if outlet.format == "json":
            entries = [(i["title"], i["content_html"]) for i in json.loads(body)["items"]]
        elif outlet.format == "sitemap":
            entries = [(t, "") for t in etree.fromstring(body).xpath("//*[local-name()='title']/text()")]
        else:
            parsed = feedparser.parse(body, response_headers={"content-type": answer.headers["Content-Type"]})
            assert bool(parsed.bozo) == (outlet.id in ("fault-wrong-encoding", "fault-broken-xml"))
            entries = [(e.title, e.content[0].value if "content" in e else e.summary) for e in parsed.entries]
        titles |= {title for title, _ in entries}
        bodies += "".join(html for _, html in entries)
    items = _items(demo, outlet)
    assert titles == {item.headline for item in items}
    if not outlet.page_only:
        last = [item.body[-1].replace("&", "&amp;") for item in items if item.type == "text"]
        assert [text for text in last if text not in bodies and text not in bodies.replace("&#8217;", "’")] == []


async def test_validators_are_answered_with_304(demo, web):
    url = f"{demo.base_url}/mpa-wire/atom.xml"
    async with web.get(url) as first:
        etag, modified = first.headers["ETag"], first.headers["Last-Modified"]
    for headers in ({"If-None-Match": etag}, {"If-None-Match": f"W/{etag}"}, {"If-Modified-Since": modified}):
        async with web.get(url, headers=headers) as again:
            assert (again.status, await again.read()) == (304, b"")
    async with web.get(url, headers={"If-None-Match": '"other"', "If-Modified-Since": modified}) as other:
        assert other.status == 200
    assert demo.requests["/mpa-wire/atom.xml", 304] == 3


async def test_the_second_day_changes_some_feeds_and_leaves_the_rest(web):
    async with DemoServer(today=TODAY) as demo:
        await _compare_days(demo, web)


async def _compare_days(demo, web):
    paths = [path for outlet in OUTLETS if not outlet.folder for path in feed_paths(outlet)]
    before = {}
    for path in paths:
        async with web.get(demo.base_url + path) as answer:
            before[path] = answer.headers["ETag"]
    async with web.post(f"{demo.base_url}/control/day/2") as answer:
        assert (await answer.json())["day"] == 2
    after = {}
    for path in paths:
        async with web.get(demo.base_url + path, headers={"If-None-Match": before[path]}) as answer:
            after[path] = answer.status
    assert set(after.values()) == {200, 304}
    assert min(sum(status == wanted for status in after.values()) for wanted in (200, 304)) >= 8
    async with web.get(f"{demo.base_url}/mpa-wire/atom.xml") as answer:
        feed = feedparser.parse(await _read(answer))
    assert any(entry.title.startswith("KILL: ") for entry in feed.entries)


async def test_pages_hold_the_story_among_other_things(demo, web):
    for source_id in ("valley-post", "lowland-observer", "seeblatt"):
        outlet = next(o for o in OUTLETS if o.id == source_id)
        for item in _items(demo, outlet)[:4] + [i for i in _items(demo, outlet) if not i.lands]:
            async with web.get(item.url) as answer:
                assert answer.status == item.page_status
                html = await answer.text()
            if item.lands:
                assert f'<link rel="canonical" href="{item.url}">' in html
                assert item.body[-1] in html and "cookie-banner" in html


@pytest.mark.parametrize("source_id", sorted(set(FAULTS) - {"fault-slow", "fault-endless"}))
async def test_faults_answer_as_their_names_say(demo, web, source_id):
    async with web.get(demo.base_url + fault_path(source_id), allow_redirects=False) as answer:
        body = await _read(answer)
    name = source_id.removeprefix("fault-")
    assert answer.status == (int(name) if name.isdigit() else 302 if name in ("redirect-loop", "private") else 200)
    if name == "bomb":
        assert len(body) > 50_000_000
    if name == "huge":
        assert len(body) > 5_000_000


@pytest.mark.parametrize("source_id", ["fault-slow", "fault-endless"])
async def test_slow_ones_do_not_end_by_themselves(demo, web, source_id):
    with pytest.raises(asyncio.TimeoutError):
        async with web.get(demo.base_url + fault_path(source_id), timeout=aiohttp.ClientTimeout(total=0.5)) as answer:
            await answer.read()


async def test_moved_feed_is_found_at_its_new_address(demo, web):
    async with web.get(f"{demo.base_url}/moved/fault-moved/rss.xml") as answer:
        assert (answer.status, answer.history[0].status) == (200, 301)


async def test_truth_and_requests_are_served(demo, web):
    async with web.get(f"{demo.base_url}/truth.json") as answer:
        items = [TruthItem.model_validate(item) for item in await answer.json()]
    assert {(i.source_id, i.guid) for i in items if i.lands} == expected_landed(1, today=TODAY, base_url=demo.base_url)
    async with web.get(f"{demo.base_url}/control/requests") as answer:
        assert {"path": "/truth.json", "status": 200, "count": 1} in await answer.json()


def test_a_thread_serves_code_that_is_not_async(tmp_path):
    with start_demo(today=TODAY, folder=tmp_path / "drop") as demo:
        first = {path.name: path.read_bytes() for path in (tmp_path / "drop").iterdir()}
        assert switch_day(demo.base_url, 2) == {"day": 2, "today": "2026-11-24"}
        second = {path.name: path.read_bytes() for path in (tmp_path / "drop").iterdir()}
    assert first.items() < second.items()


def test_the_folder_holds_its_items(tmp_path):
    for day in (1, 2):
        titles = []
        for path in write_folder(tmp_path, day, TODAY, 7, "http://127.0.0.1:8099"):
            if path.suffix == ".json":
                titles += [item["title"] for item in json.loads(path.read_bytes())["items"]]
            else:
                titles += [entry.title for entry in feedparser.parse(path.read_bytes()).entries]
        wanted = [item.headline for item in truth(day, today=TODAY) if item.source_id == "wire-drop"]
        assert sorted(titles) == sorted(wanted)


def test_the_registry_is_toml_with_the_models_own_names(tmp_path):
    write_sources(tmp_path / "sources.toml", "http://127.0.0.1:8099", tmp_path / "drop")
    found = tomllib.loads((tmp_path / "sources.toml").read_text("utf-8"))
    assert set(found["sources"]) == {outlet.id for outlet in OUTLETS} | set(FAULTS)
    for table in found["sources"].values():
        assert table["url"]
        Limits.model_validate(table.get("limits", {}))
        assert [Rule.model_validate(rule) for rule in table.get("rules", [])] or "rules" not in table
    assert len(found["sources"]["harbour-herald"]["url"]) == 3


def test_pictures_are_pngs():
    assert picture("/img/a.png")[:8] == b"\x89PNG\r\n\x1a\n"
    assert picture("/img/a.png") == picture("/img/a.png") != picture("/img/b.png")
