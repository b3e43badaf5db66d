"""The demo newsroom's web server: feeds with validators and compression, pages, faults, and a switch to day 2."""

import asyncio
import gzip
import hashlib
import json
import threading
import urllib.request
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import brotli  # type: ignore[import-untyped]
import zstandard
from aiohttp import web
from aiohttp.typedefs import Handler

from ingest.demo.edition import DEFAULT_SEED, truth
from ingest.demo.faults import FAULTS
from ingest.demo.site import Resource, picture, site, truth_json, write_folder

_ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
    "br": lambda body: brotli.compress(body, quality=5),
    "zstd": lambda body: zstandard.ZstdCompressor(level=3).compress(body),
}


class DemoServer:
    """`async with DemoServer() as demo:` serves on a free port of loopback; `demo.base_url` is where.

    `today` is the demo's own date (default: the real one, UTC); `folder`, if given, gets the folder source's files.
    `requests` counts (path, status); setting `day` to 2 publishes the second day, with no restart.
    """

    def __init__(
        self,
        day: int = 1,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        today: date | None = None,
        seed: int = DEFAULT_SEED,
        folder: Path | None = None,
    ) -> None:
        self.host, self.port, self.seed, self.folder = host, port, seed, folder
        self.today = today or datetime.now(UTC).date()
        self.requests: Counter[tuple[str, int]] = Counter()
        self.base_url = ""
        self._day = day
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self._count])
        app.router.add_get("/control/requests", self._requests)
        app.router.add_get("/control/day", self._which_day)
        app.router.add_post("/control/day/{day:[12]}", self._switch)
        app.router.add_get("/truth.json", self._truth)
        for source_id, handler in FAULTS.items():
            app.router.add_get(f"/fault/{source_id.removeprefix('fault-')}{{rest:(/[ab])?}}", handler)
        app.router.add_get("/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        listener = web.TCPSite(self._runner, self.host, self.port)
        await listener.start()
        self.port = self._runner.addresses[0][1]
        self.base_url = f"http://{self.host}:{self.port}"
        await asyncio.to_thread(self._publish)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner:
            await self._runner.cleanup()

    @property
    def day(self) -> int:
        return self._day

    @day.setter
    def day(self, day: int) -> None:
        self._day = day
        self._publish()

    def _publish(self) -> None:
        site(self._day, self.today, self.seed, self.base_url)
        if self.folder:
            write_folder(self.folder, self._day, self.today, self.seed, self.base_url)

    @web.middleware
    async def _count(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            response: web.StreamResponse = await handler(request)
        except web.HTTPException as e:
            self.requests[request.path, e.status] += 1
            raise
        self.requests[request.path, response.status] += 1
        return response

    async def _requests(self, _: web.Request) -> web.StreamResponse:
        rows = [{"path": path, "status": status, "count": n} for (path, status), n in sorted(self.requests.items())]
        return web.json_response(rows)

    async def _which_day(self, _: web.Request) -> web.StreamResponse:
        return web.json_response({"day": self._day, "today": self.today.isoformat()})

    async def _switch(self, request: web.Request) -> web.StreamResponse:
        self._day = int(request.match_info["day"])
        await asyncio.to_thread(self._publish)
        return await self._which_day(request)

    async def _truth(self, _: web.Request) -> web.StreamResponse:
        items = truth(self._day, today=self.today, seed=self.seed, base_url=self.base_url)
        return web.Response(body=truth_json(items), content_type="application/json")

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        path = request.path
        if path.startswith("/moved/"):
            raise web.HTTPMovedPermanently(path.removeprefix("/moved"))
        if path.endswith(".png"):
            return web.Response(body=picture(path), content_type="image/png")
        make = site(self._day, self.today, self.seed, self.base_url).get(path)
        if make is None:
            raise web.HTTPNotFound(text=f"nothing at {path}; / lists the feeds\n")
        return _respond(request, make())


def _respond(request: web.Request, found: Resource) -> web.Response:
    if found.modified is None:
        return web.Response(body=found.body, status=found.status, headers={"Content-Type": found.content_type})
    etag = f'"{hashlib.sha256(found.body).hexdigest()[:20]}"'
    headers = {
        "Content-Type": found.content_type,
        "ETag": etag,
        "Last-Modified": format_datetime(found.modified.replace(microsecond=0), usegmt=True),
        "Cache-Control": "max-age=60",
        "Vary": "Accept-Encoding",
    }
    if _unchanged(request, etag, found.modified):
        del headers["Content-Type"]
        return web.Response(status=304, headers=headers)
    body = found.body
    if found.coding in _ENCODERS and found.coding in request.headers.get("Accept-Encoding", ""):
        headers["Content-Encoding"] = found.coding
        body = _ENCODERS[found.coding](body)
    return web.Response(body=body, headers=headers)


def _unchanged(request: web.Request, etag: str, modified: datetime) -> bool:
    """RFC 9110 §13.2.2: If-None-Match decides alone where it is there."""
    asked = request.headers.get("If-None-Match")
    if asked is not None:
        return etag in (tag.strip().removeprefix("W/") for tag in asked.split(","))
    since = request.headers.get("If-Modified-Since")
    with suppress(TypeError, ValueError):
        return since is not None and modified.replace(microsecond=0) <= parsedate_to_datetime(since)
    return False


async def serve(server: DemoServer, ready: threading.Event, stop: asyncio.Event) -> None:
    """Serve until `stop`; `ready` is set once it listens."""
    async with server:
        ready.set()
        await stop.wait()


def run_server(
    host: str = "127.0.0.1", port: int = 8099, day: int = 1, *, today: date | None = None, folder: Path | None = None
) -> None:
    """Serve until interrupted. Raises OSError where the port is taken."""
    with suppress(KeyboardInterrupt):
        server = DemoServer(day, host=host, port=port, today=today, folder=folder)
        asyncio.run(serve(server, threading.Event(), asyncio.Event()))


class start_demo:  # noqa: N801  # reads as a call: `with start_demo(folder=…) as demo:`
    """The same server in a thread of its own, for code that is not async. Raises OSError if it can't listen."""

    def __init__(self, day: int = 1, *, port: int = 0, today: date | None = None, folder: Path | None = None) -> None:
        self.server = DemoServer(day, port=port, today=today, folder=folder)
        self._ready = threading.Event()
        self._error: OSError | None = None

    def __enter__(self) -> DemoServer:
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="demo-newsroom", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._error:
            raise self._error
        return self.server

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(serve(self.server, self._ready, self._stop))
        except OSError as e:
            self._error = e
            self._ready.set()
        finally:
            self._loop.close()


def switch_day(base_url: str, day: int) -> dict[str, object]:
    """Ask a running demo to publish another day. Raises OSError if none answers there."""
    request = urllib.request.Request(f"{base_url}/control/day/{day}", method="POST")  # noqa: S310
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        found: dict[str, object] = json.load(answer)
    return found
