"""Feeds in several answers: older pages by Link or JSON pointer, and a sequence as AP's."""

import asyncio
import json
from collections.abc import Callable

import pytest

from ingest.fetch import HttpFetcher
from ingest.fetch.client import Response
from ingest.fetch.pages import next_url
from ingest.model import Fetched
from tests.fetch.conftest import NOW, ask, limits
from tests.fetch.server import Request, Reset, Server, failing, ok

SECRET = "s3cr=t-key"
AP = {"pages": 10, "next": "/data/next_page", "sequence": True}


def bodies(fetched: Fetched) -> list[bytes]:
    return [payload.body for payload in fetched.payloads]


def items(fetched: Fetched) -> list[int]:
    return [item for payload in fetched.payloads for item in json.loads(payload.body)["data"]["items"]]


class Wire:
    """An API with a sequence: `?seq=N` gives at most `size` items from N on, and always a next page."""

    def __init__(self, server: Server, size: int = 2, has_end: bool = False) -> None:
        self.items: list[int] = []
        self.size, self.has_end = size, has_end
        self.fail: Callable[[int], bytes | None] = lambda seq: None
        self.url = server.on("/feed", self.answer)
        self.asked: list[int] = []

    def answer(self, request: Request) -> bytes:
        seq = int(request.target.partition("seq=")[2].partition("&")[0] or 0)
        self.asked.append(seq)
        if (failure := self.fail(seq)) is not None:
            return failure
        found = self.items[seq : seq + self.size]
        key = f"&{request.target.partition('?')[2].partition('&')[2]}" if "key=" in request.target else ""
        end = seq + len(found)
        page = None if self.has_end and end >= len(self.items) else f"/feed?seq={end}{key}"
        return ok(json.dumps({"data": {"items": found, "next_page": page}}).encode())


@pytest.mark.parametrize("has_end", [False, True])
async def test_a_sequence_goes_on_where_it_was(server: Server, fetcher: HttpFetcher, has_end: bool) -> None:
    wire = Wire(server, has_end=has_end)
    wire.items = [1, 2, 3, 4, 5]
    first = await ask(fetcher, wire.url, options=AP)
    assert (items(first), first.error) == ([1, 2, 3, 4, 5], None)
    wire.asked.clear()
    second = await ask(fetcher, wire.url, first.state, options=AP)
    assert (second.outcome, items(second)) == ("not_modified", [])
    assert len(wire.asked) == 1
    wire.items += [6, 7, 8]
    third = await ask(fetcher, wire.url, second.state, options=AP)
    assert set(items(third)) - {5} == {6, 7, 8}
    assert min(wire.asked) > 0


async def test_a_run_that_did_not_land_goes_over_it_again(server: Server, fetcher: HttpFetcher) -> None:
    wire = Wire(server)
    wire.items = [1, 2, 3]
    first = await ask(fetcher, wire.url, options=AP)
    wire.items += [4]
    assert items(await ask(fetcher, wire.url, first.state, options=AP)) == [4]
    assert items(await ask(fetcher, wire.url, first.state, options=AP)) == [4]


async def test_a_backlog_comes_in_order_over_several_fetches(server: Server, fetcher: HttpFetcher) -> None:
    wire = Wire(server)
    wire.items = list(range(20))
    seen, state = [], None
    for _ in range(5):
        fetched = await ask(fetcher, wire.url, state, options={**AP, "pages": 3})
        seen += items(fetched)
        state = fetched.state
    assert seen == list(range(20))


async def test_a_page_that_fails_is_asked_again(server: Server, fetcher: HttpFetcher) -> None:
    wire = Wire(server)
    wire.items = list(range(6))
    wire.fail = lambda seq: failing(500) if seq == 4 else None
    first = await ask(fetcher, wire.url, options=AP)
    assert (first.outcome, items(first), [reject.code for reject in first.rejects]) == (
        "new",
        [0, 1, 2, 3],
        ["http-error"],
    )
    second = await ask(fetcher, wire.url, first.state, options=AP)
    assert (second.outcome, second.state.failures) == ("failed", 1)
    wire.fail = lambda seq: None
    third = await ask(fetcher, wire.url, second.state, options=AP)
    assert (items(third), third.state.failures) == ([4, 5], 0)


@pytest.mark.parametrize("status", [400, 404, 410])
async def test_a_link_that_has_expired_begins_anew(server: Server, fetcher: HttpFetcher, status: int) -> None:
    wire = Wire(server)
    wire.items = [1, 2]
    first = await ask(fetcher, wire.url, options=AP)
    wire.fail = lambda seq: failing(status) if seq else None
    second = await ask(fetcher, wire.url, first.state, options=AP)
    assert (second.outcome, second.state.retired_at) == ("failed", None)
    wire.fail = lambda seq: None
    wire.items += [3]
    third = await ask(fetcher, wire.url, second.state, options=AP)
    assert 3 in items(third)


async def test_a_key_in_the_next_link_is_not_kept(
    server: Server, fetcher: HttpFetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIRE_KEY", SECRET)
    wire = Wire(server)
    wire.items = [1, 2, 3]
    credential = {"kind": "query", "name": "key", "env": "WIRE_KEY"}
    first = await ask(fetcher, f"{wire.url}?seq=0", options=AP, credential=credential)
    second = await ask(fetcher, f"{wire.url}?seq=0", first.state, options=AP, credential=credential)
    assert (items(first), second.outcome) == ([1, 2, 3], "not_modified")
    assert all("key=s3cr%3Dt-key" in request.target for request in server.requests)
    for fetched in (first, second):  # the body is as it came
        assert "s3cr" not in fetched.state.model_dump_json() + repr(fetched)


async def test_older_pages_begin_at_the_url_each_time(server: Server, fetcher: HttpFetcher) -> None:
    url = server.on(
        "/1", ok(b"one", 'Link: </0>; rel=prev, </2?a=1,b>; rel="x next"'), ok(b"new", "Link: </2>; rel=next")
    )
    server.on("/2", ok(b"two", 'Link: </3>; title="a, b"; rel="next"'))
    server.on("/3", ok(b"three", "Link: </2?a=1,b>; rel=next"))
    first = await ask(fetcher, url, options={"pages": 5})
    assert bodies(first) == [b"one", b"two", b"three"]
    second = await ask(fetcher, url, first.state, options={"pages": 2})
    assert bodies(second) == [b"new", b"two"]
    third = await ask(fetcher, url, second.state, options={"pages": 5})
    assert (third.outcome, len(server.requests)) == ("not_modified", 6)


async def test_an_older_page_that_fails_is_not_forgotten(server: Server, fetcher: HttpFetcher) -> None:
    async def cut():  # type: ignore[no-untyped-def]
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"
        raise Reset

    url = server.on("/1", ok(b"one", "ETag: v1", "Link: </2>; rel=next"))
    server.on("/2", lambda _: cut(), ok(b"two"))
    first = await ask(fetcher, url, options={"pages": 5})
    assert (bodies(first), [reject.code for reject in first.rejects]) == ([b"one"], ["fetch-failed"])
    second = await ask(fetcher, url, first.state, options={"pages": 5})
    assert (bodies(second), second.rejects) == ([b"one", b"two"], ())


async def test_another_host_gets_no_credential(
    server: Server, other: Server, fetcher: HttpFetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIRE_KEY", SECRET)
    credential = {"kind": "bearer", "env": "WIRE_KEY"}
    other.on("/2", ok(b"two"))
    url = server.on("/1", ok(b"one", f"Link: <{other.url('/2')}>; rel=next"))
    fetched = await ask(fetcher, url, options={"pages": 5}, credential=credential)
    assert bodies(fetched) == [b"one", b"two"]
    assert "authorization" not in other.requests[0].headers
    private = server.on("/1", ok(b"uno", "Link: <http://10.0.0.1/2>; rel=next"))
    refused = await ask(fetcher, private, options={"pages": 5}, credential=credential)
    assert (bodies(refused), [reject.code for reject in refused.rejects]) == ([b"uno"], ["refused"])


async def test_pages_without_end_are_bounded(server: Server, fetcher: HttpFetcher) -> None:
    def answer(request: Request) -> bytes:
        n = int(request.target.partition("n=")[2] or 0)
        return ok(b"%d" % n, f"Link: </1?n={n + 1}>; rel=next")

    url = server.on("/1", answer)
    assert len(bodies(await ask(fetcher, url, options={"pages": 7}))) == 7
    assert len(bodies(await ask(fetcher, url))) == 1


@pytest.mark.parametrize(
    "body",
    [b"{}", b"[]", b"nonsense", b'{"data": 3}', b'{"data": {"next_page": 3}}', b'{"data": {"next_page": ""}}'],
)
async def test_odd_answers(server: Server, fetcher: HttpFetcher, body: bytes) -> None:
    url = server.on("/feed", ok(body))
    for sequence in (True, False):
        first = await ask(fetcher, url, options={**AP, "sequence": sequence})
        assert bodies(first) == [body]
        assert len(first.rejects) == (body in (b"nonsense", b'{"data": {"next_page": 3}}'))


async def test_time_is_for_all_pages_together(server: Server, fetcher: HttpFetcher) -> None:
    async def slow(n: int):  # type: ignore[no-untyped-def]
        await asyncio.sleep(0.3)
        yield ok(b"%d" % n, f"Link: </1?n={n + 1}>; rel=next")

    url = server.on("/1", lambda request: slow(int(request.target.partition("n=")[2] or 0)))
    fetched = await ask(fetcher, url, options={"pages": 50}, limits=limits(total_s=1))
    assert 1 <= len(bodies(fetched)) < 5


def test_link_headers_of_any_kind_end() -> None:
    for value in ("<" * 100_000, "<a>;" * 30_000, "<a>" + "; rel=" * 20_000, '<a>; rel="' + "next" * 20_000):
        response = Response("http://x.example/", 200, (("Link", value),), b"", 0, NOW, ())
        assert next_url(response, None) is None
