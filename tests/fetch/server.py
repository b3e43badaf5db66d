"""A server on loopback that answers with exactly the bytes it is told to, good or bad, and remembers what was asked."""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


class Reset(Exception):
    """Raised by an answer: break the connection here."""


Answer = bytes | AsyncIterator[bytes]


@dataclass(frozen=True)
class Request:
    target: str
    headers: dict[str, str]  # names in lower case


@dataclass
class Server:
    port: int = 0
    routes: dict[str, Callable[[Request], Answer]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    busy: int = 0
    busiest: int = 0

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def on(self, path: str, *answers: Answer | Callable[[Request], Answer]) -> str:
        """Answer `path` with these in turn, the last one for ever. Returns the URL."""
        queue = list(answers)

        def answer(request: Request) -> Answer:
            current = queue.pop(0) if len(queue) > 1 else queue[0]
            return current(request) if callable(current) else current

        self.routes[path] = answer
        return self.url(path)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            pairs = (line.partition(":") for line in head[1:] if line)
            request = Request(head[0].split(" ")[1], {name.lower(): value.strip() for name, _, value in pairs})
            self.requests.append(request)
            answer = self.routes.get(request.target.partition("?")[0], _nothing)(request)
            if isinstance(answer, bytes):
                writer.write(answer)
            else:
                async for piece in answer:
                    writer.write(piece)
                    await writer.drain()
            await writer.drain()
        except Reset:
            reset = struct.pack("ii", 1, 0)  # linger for no time: the peer gets RST, not FIN
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
            writer.transport.abort()
        except (ConnectionError, asyncio.IncompleteReadError):
            return  # the client hung up, as it should on these
        finally:
            self.busy -= 1
            writer.close()


@asynccontextmanager
async def serve(host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    server = Server()
    listener = await asyncio.start_server(server.handle, host, 0, ssl=tls)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()


def ok(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def to(location: str, status: int = 302, *headers: str) -> bytes:
    return ok(b"", f"Location: {location}", *headers, status=f"{status} Elsewhere")


def failing(status: int, *headers: str) -> bytes:
    return ok(b"sorry", *headers, status=f"{status} Sorry")


def _nothing(_: Request) -> bytes:
    return failing(404)
