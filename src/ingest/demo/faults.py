"""Sources that misbehave, each in one way. `FAULTS` maps a source id to its handler; all answer under /fault/."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from contextlib import suppress

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SLOW_S = 120.0  # far over any sane limit for one fetch
DRIP_S = 0.1
HUGE_BYTES = 8_000_000
BOMB_BYTES = 80_000_000
_HEAD = b'<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel><title>Never mind</title>\n'


async def slow(_: web.Request) -> web.StreamResponse:
    await asyncio.sleep(SLOW_S)
    return web.Response(body=_HEAD + b"</channel></rss>", content_type="application/rss+xml")


async def endless(request: web.Request) -> web.StreamResponse:
    """One comment after the other, ten a second, until the reader hangs up."""
    response = web.StreamResponse(headers={"Content-Type": "application/rss+xml"})
    await response.prepare(request)
    with suppress(ConnectionError):  # the reader hung up, as it should
        await response.write(_HEAD)
        for _ in range(int(SLOW_S / DRIP_S)):
            await response.write(b"<!-- still here -->\n")
            await asyncio.sleep(DRIP_S)
    return response


async def huge(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/rss+xml"})
    await response.prepare(request)
    chunk = b"<!-- " + b"x" * 65_000 + b" -->\n"
    with suppress(ConnectionError):
        await response.write(_HEAD)
        for _ in range(HUGE_BYTES // len(chunk)):
            await response.write(chunk)
    return response


async def bomb(_: web.Request) -> web.StreamResponse:
    """Eighty megabytes in eighty kilobytes."""
    body = await asyncio.to_thread(gzip.compress, _HEAD + b" " * BOMB_BYTES, 6, mtime=0)
    return web.Response(body=body, headers={"Content-Type": "application/rss+xml", "Content-Encoding": "gzip"})


async def hopeless_xml(_: web.Request) -> web.StreamResponse:
    body = b'<?xml version="1.0"?>\n<rss version="2.0"><chan' + bytes(range(128, 256)) * 4 + b"<<<]]>&&"
    return web.Response(body=body, content_type="application/rss+xml")


async def html(_: web.Request) -> web.StreamResponse:
    text = "<!DOCTYPE html><html><head><title>Welcome</title></head><body><h1>Our feeds moved house</h1></body></html>"
    return web.Response(text=text, content_type="text/html")


async def empty(_: web.Request) -> web.StreamResponse:
    return web.Response(body=b"", content_type="application/rss+xml")


async def loop(request: web.Request) -> web.StreamResponse:
    other = "b" if request.path.endswith("/a") else "a"
    raise web.HTTPFound(f"/fault/redirect-loop/{other}")


async def private(_: web.Request) -> web.StreamResponse:
    raise web.HTTPFound("http://169.254.169.254/latest/meta-data/")


def _status(status: int) -> Handler:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=f"{status}\n")

    return answer


FAULTS: dict[str, Handler] = {
    "fault-slow": slow,
    "fault-endless": endless,
    "fault-huge": huge,
    "fault-bomb": bomb,
    "fault-hopeless-xml": hopeless_xml,
    "fault-html": html,
    "fault-empty": empty,
    "fault-redirect-loop": loop,
    "fault-private": private,
    "fault-500": _status(500),
    "fault-404": _status(404),
    "fault-410": _status(410),
}


def fault_path(source_id: str) -> str:
    name = source_id.removeprefix("fault-")
    return f"/fault/{name}/a" if source_id == "fault-redirect-loop" else f"/fault/{name}"
