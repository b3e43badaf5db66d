"""Thousands of feeds on hundreds of hosts, some of which misbehave: time, memory, and what a second round costs.

    python -m benchmarks fetch_scale [--quick]

The hosts are loopback addresses of a server in a process of its own. One host in twenty is at fault: it hangs,
refuses, drips, breaks off, or answers 500, 429 or no feed. The feeds are fetched by one process with a pause between
two requests to one host, and again an hour later. What a hanging host costs others: see when the good ones were done.
"""

import asyncio
import json
import multiprocessing
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from benchmarks import Figure
from ingest.fetch import HttpFetcher, fetch_source
from ingest.fetch.fleet import each_source
from ingest.model import FeedState, Limits, Source

FEEDS, HOSTS, DELAY_S, AT_ONCE = 5_000, 500, 1.0, 256
QUICK = 40, 20, 3.0  # feeds, hosts, seconds of silence
FAULTS = ("hang", "refuse", "drip", "break", "500", "429", "html")
_PORT = 18_099
_ITEM = "<item><title>Quay {n} reopens</title><link>http://{host}/{n}</link><description>{text}</description></item>"
_TEXT = "The harbour office said the quay would open again in spring, after repairs that took two winters. " * 4


def figures(quick: bool) -> Iterator[Figure]:
    feeds, hosts, silence_s = QUICK if quick else (FEEDS, HOSTS, Limits().silence_s)
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(hosts,), daemon=True)
    server.start()
    try:
        command = [sys.executable, "-m", "benchmarks.fetch_scale", str(feeds), str(hosts), str(silence_s)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    finally:
        server.kill()
    found = json.loads(done.stdout.splitlines()[-1])
    yield Figure(f"{feeds:,} feeds, {hosts} hosts, 5% at fault", found["all_s"], "s", "≤ 60")
    yield Figure("until the last good host was done", found["good_s"], "s")
    yield Figure("processor time", found["cpu_s"], "s")
    yield Figure("peak memory", found["peak_mb"], "MB", "≤ 500")
    yield Figure("good feeds fetched", found["good_share"], "%", "100")
    yield Figure("most requests at once to one good host", found["busiest"], "", "1")
    yield Figure("the second time: 304", found["not_modified_share"], "%", "≥ 95")
    yield Figure("the second time: all", found["again_s"], "s")


# ── the hosts ───────────────────────────────────────────────────────────────────────────────────────────────────


def address(host: int) -> str:
    return f"127.18.{host // 250}.{host % 250 + 1}"


def _number(here: str) -> int:
    parts = here.split(".")
    return int(parts[2]) * 250 + int(parts[3]) - 1


def fault_of(host: int) -> str | None:
    return FAULTS[host // 20 % len(FAULTS)] if host % 20 == 7 else None


def _serve(hosts: int) -> None:
    asyncio.run(_hosts(hosts))


async def _hosts(hosts: int) -> None:
    busy: Counter[str] = Counter()
    busiest = 0

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal busiest
        here = writer.get_extra_info("sockname")[0]
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode("latin-1"):
                busy[here] += 1
                if fault_of(_number(here)) is None:  # one that hangs does not see its client go
                    busiest = max(busiest, busy[here])
                try:
                    if not await _answer(head, here, busiest, writer):
                        return
                finally:
                    busy[here] -= 1
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    wanted = [address(n) for n in range(hosts) if fault_of(n) != "refuse"]
    async with await asyncio.start_server(handle, [*wanted, "127.0.0.1"], _PORT, backlog=256) as server:
        await server.serve_forever()


async def _answer(head: str, here: str, busiest: int, writer: asyncio.StreamWriter) -> bool:
    """Whether the connection stays open."""
    path = head.split(" ", 2)[1]
    if here == "127.0.0.1":
        return await _send(writer, "200 OK", str(busiest).encode())
    match fault_of(_number(here)):
        case "hang":
            await asyncio.sleep(3600)
        case "drip":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while not writer.is_closing():
                writer.write(b"<")
                await writer.drain()
                await asyncio.sleep(1)
        case "break":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n<rss>")
            return False
        case "500":
            return await _send(writer, "500 Sorry", b"sorry")
        case "429":
            return await _send(writer, "429 Slow Down", b"slow down", "Retry-After: 7200")
        case "html":
            return await _send(writer, "200 OK", b"<html><body>Please log in</body></html>")
    body = _feed(here, path)
    etag = f'"{sha256(body).hexdigest()[:16]}"'
    if f"if-none-match: {etag}" in head.lower():
        return await _send(writer, "304 Not Modified", b"", f"ETag: {etag}")
    return await _send(writer, "200 OK", body, f"ETag: {etag}", "Content-Type: application/rss+xml")


async def _send(writer: asyncio.StreamWriter, status: str, body: bytes, *headers: str) -> bool:
    lines = [f"HTTP/1.1 {status}", *headers, *(() if status.startswith("304") else (f"Content-Length: {len(body)}",))]
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
    await writer.drain()
    return True


def _feed(here: str, path: str) -> bytes:
    items = "".join(_ITEM.format(n=f"{path[1:]}-{n}", host=here, text=_TEXT) for n in range(20))
    return f"<rss version='2.0'><channel><title>{path}</title>{items}</channel></rss>".encode()


# ── the fetching process ────────────────────────────────────────────────────────────────────────────────────────


@asynccontextmanager
async def _fetcher() -> AsyncIterator[HttpFetcher]:
    async with HttpFetcher("syndication-ingest/benchmark", "127.0.0.0/8", DELAY_S, AT_ONCE) as fetcher:
        yield fetcher


async def _round(sources: list[Source], states: dict[str, FeedState], now: datetime) -> dict[str, float]:
    outcomes: Counter[str] = Counter()
    began, good_s = time.monotonic(), 0.0

    async def one(source: Source) -> None:
        nonlocal good_s
        (fetched,) = await fetch_source(source, {source.urls[0]: states[source.id]}, now, fetcher)
        states[source.id] = fetched.state
        if source.tags == ("good",):
            outcomes[fetched.outcome] += 1
            good_s = time.monotonic() - began

    async with _fetcher() as fetcher:
        await each_source(sources, one, AT_ONCE)
    return {"all_s": time.monotonic() - began, "good_s": good_s, **outcomes}


async def _measured(feeds: int, hosts: int, silence_s: float) -> dict[str, float]:
    sources = [
        Source(
            id=f"s{n}",
            name=f"s{n}",
            urls=(f"http://{address(n % hosts)}:{_PORT}/feed{n}.xml",),
            tags=() if fault_of(n % hosts) else ("good",),
            limits=Limits(silence_s=silence_s),
        )
        for n in range(feeds)
    ]
    good = sum(1 for source in sources if source.tags)
    states = {source.id: FeedState(source_id=source.id, url=source.urls[0]) for source in sources}
    now = datetime(2026, 3, 14, 2, tzinfo=UTC)
    cpu = time.process_time()
    first = await _round(sources, states, now)
    cpu_s = time.process_time() - cpu
    again = await _round(sources, states, now + timedelta(hours=1))
    return {
        "all_s": first["all_s"],
        "good_s": first["good_s"],
        "again_s": again["all_s"],
        "cpu_s": cpu_s,
        "good_share": 100 * first.get("new", 0) / good,
        "not_modified_share": 100 * again.get("not_modified", 0) / good,
        "busiest": await _busiest(),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


async def _busiest() -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", _PORT)
    writer.write(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
    head, _, rest = (await reader.readuntil(b"\r\n\r\n")).partition(b"\r\n\r\n")
    writer.close()
    return int(rest or await reader.read(20) or 0) if head else 0


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_measured(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))))
