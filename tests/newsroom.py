"""A pipeline beside a newsroom on loopback, for the tests of the whole: the demo's, or a small one the test writes."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from ingest.demo import DemoServer, start_demo, write_sources
from ingest.land.read import Query, read_articles
from ingest.model import Article, FeedState
from ingest.pipeline import Workspace, run_once
from ingest.report import RunReport, SourceReport
from ingest.settings import Settings
from ingest.state.database import read
from ingest.state.feeds import load_feed_states
from ingest.state.items import load_pending
from ingest.state.models import PendingRow, RunRow
from ingest.state.runs import last_runs

TODAY = date(2026, 11, 24)
NIGHT = datetime(2026, 11, 24, 2, tzinfo=UTC)
# an agency with updates, its copies, pages of which two fail, a folder, a podcast: 84 articles in a second or two
FEW = ("nlp-dienst", "tagesbote", "valley-post", "wire-drop", "quayside-podcast")

Key = tuple[str, str]  # source id, guid


@dataclass(frozen=True)
class Desk:
    """One registry, state and store, and the nights they see."""

    settings: Settings

    @property
    def workspace(self) -> Workspace:
        """A fresh one, as each task of a night has."""
        return Workspace(self.settings)

    def night(self, hours: float = 0, source_ids: Sequence[str] = (), *, force: bool = True) -> RunReport:
        """One run of the whole pipeline, so many hours after the first night."""
        return run_once(self.settings, source_ids, force, now=NIGHT + timedelta(hours=hours))

    def articles(self, *, latest_only: bool = False) -> list[Article]:
        return list(read_articles(self.workspace.store, Query(latest_only=latest_only)))

    def landed(self) -> Counter[Key]:
        """(source id, guid) → how many articles, versions of one article counted once."""
        return Counter((a.source_id, a.guid) for a in self.articles(latest_only=True))

    def versions(self) -> dict[Key, int]:
        return {(a.source_id, a.guid): a.version for a in self.articles(latest_only=True)}

    def feed_states(self, source_id: str) -> list[FeedState]:
        with read(self.workspace.engine) as conn:
            return list(load_feed_states(conn, [source_id]).values())

    def pending(self, source_id: str) -> list[PendingRow]:
        with read(self.workspace.engine) as conn:
            return load_pending(conn, [source_id])

    def runs(self) -> list[RunRow]:
        with read(self.workspace.engine) as conn:
            return last_runs(conn)


def desk(folder: Path, **changes: object) -> Desk:
    """A desk with everything below `folder`, whose registry is `folder/sources.toml`."""
    values: dict[str, object] = {
        "sources": folder / "sources.toml",
        "store": str(folder / "store"),
        "state": f"sqlite:///{folder}/state/state.db",
        "allow_nets": "127.0.0.0/8",
        "host_delay_s": 0,
    }
    return Desk(Settings.model_validate(values | changes))


@contextmanager
def demo_desk(folder: Path, *, faults: bool = True, **changes: object) -> Iterator[tuple[DemoServer, Desk]]:
    """The demo newsroom on its first day, and a desk that reads it."""
    with start_demo(today=TODAY, folder=folder / "drop") as demo:
        write_sources(folder / "sources.toml", demo.base_url, folder / "drop", faults=faults)
        yield demo, desk(folder, **changes)


def of(report: RunReport, source_id: str) -> SourceReport:
    return next(source for source in report.sources if source.source_id == source_id)


def codes(report: RunReport) -> dict[str, list[str]]:
    """Source id → codes of its faults; only of sources that have any but warnings."""
    found = {s.source_id: [f.code for f in s.faults if f.code != "warning"] for s in report.sources}
    return {source_id: faults for source_id, faults in found.items() if faults}


# ── a newsroom the test writes ──────────────────────────────────────────────────────────────────────────────────


@dataclass
class Kiosk:
    """Paths and what they answer, which a test may change at any time. A 200 has an ETag and answers it with 304."""

    base_url: str = ""
    bodies: dict[str, bytes] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)  # of paths that fail
    requests: Counter[tuple[str, int]] = field(default_factory=Counter)

    def feed(self, path: str, *stories: Story) -> str:
        """Publish an RSS feed. Returns its URL."""
        items = "".join(story.item(self.base_url) for story in stories)
        head = '<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        self.bodies[path] = f"{head}<channel><title>Kiosk</title>{items}</channel></rss>".encode()
        return self.base_url + path

    def page(self, path: str, story: Story) -> None:
        text = "".join(f"<p>{paragraph}</p>" for paragraph in story.paragraphs)
        html = f"<!DOCTYPE html><title>{story.headline}</title><article><h1>{story.headline}</h1>{text}</article>"
        self.bodies[path] = html.encode()


@dataclass(frozen=True)
class Story:
    guid: str
    headline: str
    text: str
    updated: str | None = None  # RFC 3339
    path: str | None = None  # of its page; then the feed has a teaser only

    @property
    def paragraphs(self) -> Iterable[str]:
        for number in range(1, 7):
            yield f"{self.text} That was point {number} of what {self.headline} is about, and people talked of it."

    def item(self, base_url: str) -> str:
        text = "".join(f"<p>{paragraph}</p>" for paragraph in self.paragraphs)
        full = "" if self.path else f"<content:encoded><![CDATA[{text}]]></content:encoded>"
        updated = f'<updated xmlns="http://www.w3.org/2005/Atom">{self.updated}</updated>' if self.updated else ""
        return (
            f"<item><guid>{self.guid}</guid><title>{self.headline}</title>"
            f"<link>{base_url}{self.path or '/' + self.guid}</link><description>{self.text[:40]} …</description>"
            f"<pubDate>Mon, 23 Nov 2026 09:00:00 GMT</pubDate>{updated}{full}</item>"
        )


@contextmanager
def kiosk() -> Iterator[Kiosk]:
    found = Kiosk()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = found.bodies.get(self.path, b"")
            etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            status = found.statuses.get(self.path, 200 if body else 404)
            if status == 200 and self.headers.get("If-None-Match") == etag:
                status = 304
            found.requests[self.path, status] += 1
            self.send_response(status)
            self.send_header("Content-Type", "text/html" if body.startswith(b"<!DOCTYPE") else "application/rss+xml")
            if status in (200, 304):
                self.send_header("ETag", etag)
            self.send_header("Content-Length", str(len(body) if status == 200 else 0))
            self.end_headers()
            if status == 200:
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Not on the tests' own standard error."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.base_url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield found
        server.shutdown()


def registry(folder: Path, **urls: str) -> None:
    """A sources.toml of plain sources: id (with _ for -) to URL."""
    tables = (f'[sources.{name.replace("_", "-")}]\nurl = "{url}"\n' for name, url in urls.items())
    (folder / "sources.toml").write_text("\n".join(tables), "utf-8")


def processes_of(home: Path) -> list[str]:
    """Command lines of all that runs with this AIRFLOW_HOME."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"AIRFLOW_HOME={home}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:  # it has just ended, or is somebody else's
            continue
    return [command for command in found if command]  # without those that have ended and wait for their parent
