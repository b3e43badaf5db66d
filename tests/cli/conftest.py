"""The command line in this process, in an empty folder, with a newsroom of one feed on loopback."""

import json
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ingest.cli import app

STORY = "The ferry came back to the harbour after a long night at sea, and nobody on board was hurt. "
FISH = "Stalls were full of fish by nine, as they are each week in this town. "
FEED = f"""<?xml version="1.0"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Harbour</title>
<item><guid>one</guid><title>Ferry returns</title><link>https://harbour.example/1</link>
<pubDate>Sat, 14 Mar 2026 09:00:00 GMT</pubDate>
<content:encoded><![CDATA[<p>{STORY * 3}</p><p>{STORY.replace("ferry", "café boat") * 2}</p>]]></content:encoded></item>
<item><guid>two</guid><title>Market opens</title><link>https://harbour.example/2</link>
<content:encoded><![CDATA[<p>{FISH * 4}</p>]]></content:encoded>
</item></channel></rss>""".encode()


@dataclass
class Result:
    code: int
    out: str
    err: str
    bytes: bytes

    @property
    def rows(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Result]


@pytest.fixture
def ingest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`ingest("parse", "x.xml", input=b"…")`; no INGEST_* but what the test sets."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("INGEST_") and name != "INGEST_CORPORA"]:
        monkeypatch.delenv(name)

    def run(*args: str | Path, input: bytes | None = None) -> Result:
        result = CliRunner().invoke(app, [str(arg) for arg in args], input=input)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Result(result.exit_code, result.stdout, result.stderr, result.stdout_bytes)

    return run


@pytest.fixture
def newsroom(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a feed with an ETag. /gone answers 410, all else 404."""

    class Newsroom(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fresh = self.headers.get("If-None-Match") == '"v1"'
            status = {"/rss": 304 if fresh else 200, "/gone": 410}.get(self.path, 404)
            self.send_response(status)
            self.send_header("ETag", '"v1"')
            self.send_header("Content-Type", "application/rss+xml")
            self.send_header("Content-Length", str(len(FEED) if status == 200 else 0))
            self.end_headers()
            if status == 200:
                self.wfile.write(FEED)

        def log_message(self, format: str, *args: object) -> None:
            """Not on the tests' own standard error."""

    monkeypatch.setenv("INGEST_ALLOW_NETS", "127.0.0.0/8")
    monkeypatch.setenv("INGEST_HOST_DELAY_S", "0")
    with ThreadingHTTPServer(("127.0.0.1", 0), Newsroom) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
