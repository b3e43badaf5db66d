"""What the tests of wires share: one look at a source, and a way to a server that breaks where it is told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime

from ingest.fetch import HttpFetcher, fetch_source
from ingest.model import Fetched, Source
from tests.fetch.conftest import NOW, source


async def look(
    url: str, before: Fetched | None = None, now: datetime = NOW, allow: str = "127.0.0.0/8", **settings: object
) -> Fetched:
    """One fetch, after a run with `before` has landed."""
    transport = url.partition(":")[0].removesuffix("s") if not url.startswith("s3:") else "s3"
    watched: Source = source(url, **{"transport": transport, **settings})
    states = {url: before.state} if before else {}
    async with HttpFetcher("a", allow, host_delay_s=0) as fetcher:
        return (await fetch_source(watched, states, now, fetcher))[0]


def taken(fetched: Fetched) -> dict[str, bytes]:
    """Bodies by the last part of their address."""
    found = {payload.url.rpartition("/")[2]: payload.body for payload in fetched.payloads}
    assert len(found) == len(fetched.payloads)
    return found


@dataclass
class Cutter:
    """A proxy that ends each connection after so many bytes of the server's, in turn; None is never."""

    port: int = 0
    after: list[int | None] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, upstream: int) -> None:
        left = self.after.pop(0) if self.after else None
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", upstream)
        up = asyncio.create_task(_pump(reader, server_writer, None))
        self.tasks.add(up)
        await _pump(server_reader, writer, left)
        up.cancel()
        server_writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, left: int | None) -> None:
    with suppress(ConnectionError):
        while piece := await reader.read(4096):
            writer.write(piece if left is None else piece[:left])
            await writer.drain()
            if left is not None:
                left -= len(piece)
                if left <= 0:
                    break
    writer.close()


@asynccontextmanager
async def cutting(upstream: int, *after: int | None) -> AsyncIterator[Cutter]:
    cutter = Cutter(after=list(after))
    listener = await asyncio.start_server(lambda r, w: cutter.serve(r, w, upstream), "127.0.0.1", 0)
    cutter.port = listener.sockets[0].getsockname()[1]
    try:
        yield cutter
    finally:
        listener.close()
