"""Servers that misbehave: whatever they do, one failed feed, in bounded time and memory."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator

import brotli
import pytest
import zstandard

from ingest.errors import TooSlow
from ingest.fetch import HttpFetcher
from ingest.model import Fetched, Limits
from tests.fetch.conftest import NOW, ask, limits
from tests.fetch.server import Answer, Reset, Server, ok, to

FEED = b"<rss version='2.0'>" + b"".join(b"<item>%d</item>" % n for n in range(500)) + b"</rss>"
HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
MIB = 1 << 20


async def drip(pause_s: float = 0.05) -> AsyncIterator[bytes]:
    yield HEAD
    while True:
        yield b"x"
        await asyncio.sleep(pause_s)


async def drip_headers() -> AsyncIterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\n"
    while True:
        yield b"X: y"
        await asyncio.sleep(0.05)


async def endless() -> AsyncIterator[bytes]:
    yield HEAD
    while True:
        yield b"x" * 65_536


async def endless_headers() -> AsyncIterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\n"
    while True:
        yield b"X-Line: " + b"y" * 1000 + b"\r\n"


async def silence() -> AsyncIterator[bytes]:
    await asyncio.sleep(30)
    yield b""


async def reset_at_once() -> AsyncIterator[bytes]:
    raise Reset
    yield b""


async def reset_in_body() -> AsyncIterator[bytes]:
    yield HEAD[:-2] + b"Content-Length: 500\r\n\r\n<rss>"
    raise Reset


def coded(coding: str, body: bytes) -> bytes:
    return ok(body, f"Content-Encoding: {coding}")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        pytest.param(drip, "too-slow", id="a drip of body"),
        pytest.param(drip_headers, "too-slow", id="a drip of headers"),
        pytest.param(silence, "too-slow", id="no answer"),
        pytest.param(endless, "too-large", id="an endless body"),
        pytest.param(endless_headers, "fetch-failed", id="endless headers"),
        pytest.param(HEAD[:-2] + b"Content-Length: 99999999\r\n\r\n", "too-large", id="a large body announced"),
        pytest.param(HEAD[:-2] + b"X: " + b"y" * 100_000 + b"\r\n\r\nbody", "fetch-failed", id="a huge header"),
        pytest.param(HEAD[:-2] + b"Content-Length: 50\r\n\r\nshort", "fetch-failed", id="fewer bytes than announced"),
        pytest.param(HEAD[:-2] + b"Content-Length: -5\r\n\r\nbody", "fetch-failed", id="a negative length"),
        pytest.param(HEAD[:-2] + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", "fetch-failed", id="a broken chunk"),
        pytest.param(HEAD[:-2] + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab", "fetch-failed", id="a cut chunk"),
        pytest.param(b"", "fetch-failed", id="hangs up"),
        pytest.param(reset_at_once, "fetch-failed", id="resets"),
        pytest.param(reset_in_body, "fetch-failed", id="resets in the body"),
        pytest.param(b"SSH-2.0-OpenSSH_9.9\r\n", "fetch-failed", id="another protocol"),
        pytest.param(b"\x00\xff" * 5000, "fetch-failed", id="noise"),
        pytest.param(to("/feed"), "fetch-failed", id="a redirect to itself"),
        pytest.param(to(""), "fetch-failed", id="a redirect to nowhere"),
        pytest.param(to("http://[::1"), "refused", id="a redirect to what is no address"),
        pytest.param(to("http://10.0.0.1/"), "refused", id="a redirect to a private address"),
        pytest.param(to("http://169.254.169.254/latest/meta-data/"), "refused", id="a redirect to metadata"),
        pytest.param(to("file:///etc/passwd"), "refused", id="a redirect to a file"),
        pytest.param(to("http://u:p@127.0.0.1/"), "refused", id="a redirect with a password"),
        pytest.param(coded("gzip", gzip.compress(bytes(30 * MIB))), "too-large", id="a gzip bomb"),
        pytest.param(coded("br", brotli.compress(bytes(30 * MIB), quality=4)), "too-large", id="a brotli bomb"),
        pytest.param(coded("zstd", zstandard.compress(bytes(30 * MIB))), "too-large", id="a zstd bomb"),
        pytest.param(coded("deflate", zlib.compress(bytes(30 * MIB))), "too-large", id="a deflate bomb"),
        pytest.param(
            coded("gzip, gzip", gzip.compress(gzip.compress(bytes(MIB * 30)))), "too-large", id="bomb in bomb"
        ),
        pytest.param(coded("gzip", gzip.compress(FEED)[:-20]), "fetch-failed", id="a cut gzip"),
        pytest.param(coded("br", brotli.compress(FEED)[:-20]), "fetch-failed", id="a cut brotli"),
        pytest.param(coded("zstd", zstandard.compress(FEED)[:-20]), "fetch-failed", id="a cut zstd"),
        pytest.param(coded("deflate", zlib.compress(FEED)[:-20]), "fetch-failed", id="a cut deflate"),
        pytest.param(coded("lzma", FEED), "fetch-failed", id="a coding nobody asked for"),
        pytest.param(coded("gzip,gzip,gzip,gzip", FEED), "fetch-failed", id="four codings"),
    ],
)
async def test_misbehaviour_is_a_failed_feed(server: Server, fetcher: HttpFetcher, answer: Answer, code: str) -> None:
    bounds = limits(total_s=0.6, max_bytes=2 * MIB, max_decompressed_bytes=8 * MIB)
    make = answer if callable(answer) else lambda: answer
    url = server.on("/feed", lambda _: make())
    fetched: Fetched = await asyncio.wait_for(ask(fetcher, url, limits=bounds), 20)
    assert (fetched.outcome, fetched.error_code, fetched.payloads) == ("failed", code, ())
    assert fetched.state.failures == 1
    assert fetched.error
    assert "Traceback" not in fetched.error
    assert fetched.received_bytes <= 2 * MIB + 65_536
    assert Fetched.model_validate_json(fetched.model_dump_json()) == fetched


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
