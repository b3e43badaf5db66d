"""Stores with faults, for tests of what happens when a store fails half way: one in this process, one on the wire."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import IO
from urllib.parse import urlsplit

from ingest.errors import StoreUnavailable
from ingest.land.store import Body, Store, Stored


class FaultyStore:
    """Another store, whose nth calls of a method fail: `faults={"put_new": {1}}` fails the first put_new.

    `after=True` fails after the work is done, as when the answer gets lost on the way.
    """

    def __init__(self, inner: Store, faults: dict[str, set[int]], *, after: bool = False) -> None:
        self.inner, self.faults, self.after = inner, faults, after
        self.calls: dict[str, int] = {}

    @property
    def url(self) -> str:
        return self.inner.url

    @property
    def storage_options(self) -> dict[str, str]:
        return self.inner.storage_options

    def put(self, key: str, body: Body) -> None:
        fails = self._fails("put", key)
        self.inner.put(key, body)
        self._raise_if(fails, key)

    def put_new(self, key: str, body: Body) -> None:
        fails = self._fails("put_new", key)
        self.inner.put_new(key, body)
        self._raise_if(fails, key)

    def get(self, key: str) -> bytes:
        self._raise_if(self._fails("get", key), key)
        return self.inner.get(key)

    def get_range(self, key: str, offset: int, length: int) -> bytes:
        self._raise_if(self._fails("get_range", key), key)
        return self.inner.get_range(key, offset, length)

    def open(self, key: str) -> IO[bytes]:
        self._raise_if(self._fails("open", key), key)
        return self.inner.open(key)

    def exists(self, key: str) -> bool:
        self._raise_if(self._fails("exists", key), key)
        return self.inner.exists(key)

    def list(self, prefix: str) -> Iterator[Stored]:
        self._raise_if(self._fails("list", prefix), prefix)
        return self.inner.list(prefix)

    def delete(self, key: str) -> None:
        fails = self._fails("delete", key)
        self.inner.delete(key)
        self._raise_if(fails, key)

    def delete_prefix(self, prefix: str) -> int:
        fails = self._fails("delete_prefix", prefix)
        count = self.inner.delete_prefix(prefix)
        self._raise_if(fails, prefix)
        return count

    def delta_uri(self, key: str) -> str:
        return self.inner.delta_uri(key)

    def _fails(self, method: str, key: str) -> bool:
        self.calls[method] = self.calls.get(method, 0) + 1
        fails = self.calls[method] in self.faults.get(method, ())
        self._raise_if(fails and not self.after, key)
        return fails

    def _raise_if(self, fails: bool, key: str) -> None:
        if fails:
            raise StoreUnavailable(key, "a fault made for the test")


@dataclass
class FaultyServer:
    """A proxy before an S3 server. Of its requests a share fails: refused (500), slowed down (503), or done without
    a word of it (the connection is closed after a put that succeeded).
    """

    url: str
    share: float
    dice: random.Random
    faults: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    lose: str | None = None  # the end of a path: the answer to the first put to it gets lost

    def fault(self, method: str, path: str) -> str | None:
        self.requests[method] += 1
        if self.lose and method == "PUT" and path.endswith(self.lose):
            self.lose = None
            return "lost"
        kinds = ("500", "503", "lost") if method in ("PUT", "POST") else ("500", "503")
        return self.dice.choice(kinds) if self.dice.random() < self.share else None


@contextmanager
def faulty_server(endpoint: str, share: float = 0.05, seed: int = 0) -> Iterator[FaultyServer]:
    """`url` is the endpoint to use instead."""
    behind = urlsplit(endpoint).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            fault = proxy.fault(self.command, self.path)
            if fault in ("500", "503"):
                code = "InternalError" if fault == "500" else "SlowDown"
                proxy.faults[fault] += 1
                return self.tell(int(fault), [], f"<Error><Code>{code}</Code></Error>".encode())
            status, headers, answer = self.forwarded(body)
            if fault and status < 300:
                proxy.faults[fault] += 1
                self.close_connection = True
                return None
            return self.tell(status, headers, answer)

        def forwarded(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
            connection = HTTPConnection(behind, timeout=60)
            connection.request(self.command, self.path, body, dict(self.headers.items()))
            with closing(connection), connection.getresponse() as answer:
                return answer.status, answer.getheaders(), answer.read()

        def tell(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                    self.send_header(name, value)
            size = dict(headers).get("Content-Length") if self.command == "HEAD" else None
            self.send_header("Content-Length", size or str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Not on the tests' own standard error."""

        do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = answer

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A client that was killed."""

    with Server(("127.0.0.1", 0), Handler) as server:
        proxy = FaultyServer(f"http://127.0.0.1:{server.server_port}", share, random.Random(seed))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield proxy
        server.shutdown()
