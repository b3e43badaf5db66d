"""Servers that send a broken answer, once to each connection, for `fuzz`: the client has to come to an end with it."""

import asyncio
import gzip
import os
import socket
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from aiohttp.abc import AbstractResolver, ResolveResult

from ingest.fetch import HttpFetcher, fetch_source
from ingest.model import FeedState, Fetched, Source

NOW = datetime(2026, 3, 14, 2, 0, tzinfo=UTC)
_LIMITS = {"total_s": 0.5, "max_bytes": 1_000_000, "max_decompressed_bytes": 5_000_000}
_RSS = b"<rss version='2.0'><channel><title>t</title></channel></rss>"
_ANSWERS = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml; charset=utf-8\r\nContent-Length: %d\r\nETag: \"a\"\r\n"
    b"Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\nCache-Control: max-age=60\r\nSet-Cookie: a=b\r\n\r\n%s"
    % (len(_RSS), _RSS),
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\n<rss/\r\n1\r\n>\r\n0\r\nX: y\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + _RSS,
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" + gzip.compress(_RSS, mtime=0),
    b"HTTP/1.1 301 Moved\r\nLocation: /b?c=d#e\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 302 Found\r\nLocation: http://inside.example:9/\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 304 Not Modified\r\nETag: W/\"a\"\r\n\r\n",
    b"HTTP/1.1 429 Slow\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 503 Busy\r\nRetry-After: Sun, 06 Nov 2033 08:49:37 GMT\r\nContent-Length: 0\r\n\r\n",
)  # fmt: skip
_MAIL = b"From: a@e.example\r\nMessage-ID: <1@e.example>\r\nSubject: s\r\n\r\nThe ferry sails again.\r\n"
# One answer to each command of a look, in its order; T stands for the command's tag.
_DIALOGUE = (
    b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n",
    b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nT OK done\r\n",
    b"+ \r\n",
    b"T OK [CAPABILITY IMAP4rev1] in\r\n",
    b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\nT OK [READ-ONLY] done\r\n",
    b"* SEARCH 1 2\r\nT OK done\r\n",
    b"* 1 FETCH (UID 1 RFC822.SIZE %d)\r\n* 2 FETCH (UID 2 RFC822.SIZE %d)\r\nT OK done\r\n" % (len(_MAIL), len(_MAIL)),
    b"* 1 FETCH (UID 1 BODY[] {%d}\r\n%s)\r\nT OK done\r\n" % (len(_MAIL), _MAIL),
    b"* 2 FETCH (UID 2 BODY[] {%d}\r\n%s)\r\nT OK done\r\n" % (len(_MAIL), _MAIL),
    b"* BYE\r\nT OK done\r\n",
)
_NEXT = b"\n---\n"  # between the answers of a dialogue
_SECRET = "INGEST_FUZZ_PASSWORD"

Handle = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class _NoNames(AbstractResolver):
    """What a broken answer names is not looked up."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if host != "127.0.0.1":
            raise OSError("no such name")
        return [ResolveResult(hostname=host, host=host, port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing is open."""


class Wire(NamedTuple):
    seeds: Callable[[], Sequence[bytes]]
    read: Callable[[bytes], Awaitable[Fetched]]


async def _http(answer: bytes) -> Fetched:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()

    return await _asked(handle, "http://127.0.0.1:{}/feed", {"pages": 2})


async def _imap(dialogue: bytes) -> Fetched:
    os.environ[_SECRET] = "hunter2"

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tag = b""
        for number, answer in enumerate(dialogue.split(_NEXT)):
            if number:
                line = await asyncio.wait_for(reader.readline(), 0.1)
                tag = tag if number == 3 else line.split(b" ")[0].strip()  # the third line is the password, without one
            writer.write(answer.replace(b"T OK", tag + b" OK"))
            await writer.drain()

    credential = {"kind": "password", "env": _SECRET}
    return await _asked(
        handle, "imap://desk@127.0.0.1:{}/INBOX", {"tls": False}, transport="imap", credential=credential
    )


async def _asked(handle: Handle, url: str, options: dict[str, object], **more: object) -> Fetched:
    """One fetch from a server that hangs up after `handle`; what it raises itself is no finding."""

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handle(reader, writer)
        except (OSError, EOFError, TimeoutError, ValueError, asyncio.CancelledError):
            return  # the client hung up first, or is done
        finally:
            writer.close()

    async with await asyncio.start_server(once, "127.0.0.1", 0) as listener:
        at = url.format(listener.sockets[0].getsockname()[1])
        known: dict[str, object] = {"id": "s", "name": "S", "urls": [at], "limits": _LIMITS, "options": options, **more}
        async with HttpFetcher("fuzz/1", "127.0.0.1/32", host_delay_s=0, resolver=_NoNames()) as fetcher:
            state = FeedState(source_id="s", url=at)
            (fetched, *_) = await fetch_source(Source.model_validate(known), {at: state}, NOW, fetcher)
    told = fetched.model_copy(update={"payloads": ()})
    Fetched.model_validate_json(told.model_dump_json())
    return fetched


http_answer = Wire(lambda: _ANSWERS, _http)
imap_dialogue = Wire(lambda: (_NEXT.join(_DIALOGUE),), _imap)
