"""Servers that misbehave and are borne with. Those that are not are in test_refused.py."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator

import brotli
import pytest
import zstandard

from ingest.errors import TooSlow
from ingest.fetch import HttpFetcher
from ingest.model import Limits
from tests.fetch.conftest import NOW, ask, limits
from tests.fetch.server import Server, ok, to

FEED = b"<rss version='2.0'>" + b"".join(b"<item>%d</item>" % n for n in range(500)) + b"</rss>"


def coded(coding: str, body: bytes) -> bytes:
    return ok(body, f"Content-Encoding: {coding}")


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(FEED)),
        ("GZIP", gzip.compress(FEED[:99]) + gzip.compress(FEED[99:]) + b"\0" * 9),
        ("gzip", FEED),
        ("", gzip.compress(FEED)),
        ("deflate", zlib.compress(FEED)),
        ("deflate", zlib.compress(FEED, wbits=-15)),
        ("br", brotli.compress(FEED)),
        ("zstd", zstandard.compress(FEED)),
        ("zstd", zstandard.compress(FEED[:99]) + zstandard.compress(FEED[99:])),
        ("gzip, br", brotli.compress(gzip.compress(FEED))),
        ("identity", FEED),
    ],
)
async def test_codings(server: Server, fetcher: HttpFetcher, coding: str, body: bytes) -> None:
    fetched = await ask(fetcher, server.on("/feed", coded(coding, body)))
    assert fetched.payloads[0].body == FEED
    assert (fetched.received_bytes, fetched.body_bytes) == (len(body), len(FEED))


async def test_too_many_redirects(server: Server, fetcher: HttpFetcher) -> None:
    for n in range(9):
        server.on(f"/{n}", to(f"/{n + 1}"))
    fetched = await ask(fetcher, server.url("/0"), limits=limits(max_redirects=3))
    assert "more than 3 redirects" in str(fetched.error)
    assert len(fetched.hops) == len(server.requests) == 4


async def test_the_time_limit_holds_over_all_hops(server: Server, fetcher: HttpFetcher) -> None:
    async def slowly(n: int) -> AsyncIterator[bytes]:
        await asyncio.sleep(0.25)
        yield to(f"/{n + 1}")

    for n in range(9):
        server.on(f"/{n}", lambda _, n=n: slowly(n))
    with pytest.raises(TooSlow):
        await fetcher.get(server.url("/0"), Limits(total_s=0.6, max_redirects=9), fetch_time=NOW)


async def test_bytes_after_the_end_do_not_reach_the_next_answer(server: Server, fetcher: HttpFetcher) -> None:
    smuggled = ok(b"first").replace(b"Connection: close", b"Connection: keep-alive") + ok(b"smuggled")
    url = server.on("/feed", smuggled, ok(b"second"))
    first = await ask(fetcher, url)
    second = await ask(fetcher, url, first.state)
    assert [one.payloads[0].body for one in (first, second)] == [b"first", b"second"]


async def test_cookies_are_not_kept(server: Server, fetcher: HttpFetcher) -> None:
    url = server.on("/feed", to("/next", 302, "Set-Cookie: id=1"))
    server.on("/next", ok(FEED, "Set-Cookie: id=2"))
    await ask(fetcher, url)
    await ask(fetcher, url)
    assert len(server.requests) == 4
    assert not any("cookie" in request.headers for request in server.requests)


async def test_a_location_with_spaces_and_other_alphabets(server: Server, fetcher: HttpFetcher) -> None:
    url = server.on("/feed", to("/die Nachrichten#top").replace(b"die ", "für ".encode()))
    server.on("/f%C3%BCr%20Nachrichten", ok(FEED))
    assert (await ask(fetcher, url)).outcome == "new"


async def test_only_location_leads_elsewhere(server: Server, other: Server, fetcher: HttpFetcher) -> None:
    page = f"<meta http-equiv=refresh content='0;url={other.url('/')}'>".encode()
    url = server.on("/feed", ok(page, f"Refresh: 0;url={other.url('/')}", f"Location: {other.url('/')}"))
    assert (await ask(fetcher, url)).payloads[0].body == page
    assert other.requests == []
