"""The nightly run: articles a second of one core, by stage and end to end, and the most memory it takes.

    python -m benchmarks pipeline [--quick]

A server in this process has the feeds; the run is in a process of its own, so that its time and memory are the run's
alone. Time is CPU time of all its threads. On the first night every item is new; on the second all feeds come anew, and
no item has changed. `feeds` have full texts, `pages` have the texts on the items' own pages.
"""

import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks import Figure, cpu_s
from benchmarks.newsroom import feed, papers
from benchmarks.night import Nights, two_nights
from ingest.clean import clean
from ingest.demo.items import TruthItem
from ingest.demo.pages import page
from ingest.model import Payload, Source
from ingest.parse import parse
from ingest.settings import Settings

NIGHT_RATE, NIGHT_MB = 150, 400
STEPS = ("shard", "resolve", "land")


def figures(quick: bool) -> Iterator[Figure]:
    """Two nights in fresh stores; medians of three after one to warm up. `quick`: one, in this process."""
    count, rounds = (20, 1) if quick else (1000, 4)
    run = two_nights if quick else _in_own_process
    yield _clean_alone(count, rounds)
    for kind, items in (("feeds", count), ("pages", count // 4)):
        yield from _told(kind, items, _nights(run, kind, items, rounds)[-3:])
    if not quick:
        peak = statistics.median(n["first"]["peak_mb"] for n in _nights(run, "feeds", 5 * count, 3))
        yield Figure(f"feeds: peak memory, {5 * count:,} items", peak, "MB", f"< {NIGHT_MB}")


def _clean_alone(count: int, rounds: int) -> Figure:
    source = Source(id="paper-0", name="Paper 0", urls=("https://paper-0.example/rss.xml",), language="en")
    bodies = [feed(outlet, items) for outlet, items in papers(count)]
    payloads = [Payload(source_id=source.id, url=source.urls[0], body=body) for body in bodies]
    entries = [entry for payload in payloads for entry in parse(payload).entries]
    now = datetime(2026, 3, 14, 2, tzinfo=UTC)
    seconds = cpu_s(lambda: [clean(entry, source, fetched_at=now) for entry in entries], rounds)
    return Figure("clean alone", len(entries) / seconds, "items/s")


def _nights(run: Callable[[Settings], Nights], kind: str, items: int, rounds: int) -> list[Nights]:
    with tempfile.TemporaryDirectory() as scratch, _served(kind, items) as base:
        return [run(_settings(Path(scratch) / str(number), base, kind)) for number in range(rounds)]


def _told(kind: str, count: int, runs: list[Nights]) -> Iterator[Figure]:
    def median(night: str, *steps: str) -> float:
        return statistics.median(sum(run[night][step] for step in steps) for run in runs)

    for step in STEPS:
        yield Figure(f"{kind}: {step}", count / median("first", step), "items/s")
    target = f"≥ {NIGHT_RATE}" if kind == "feeds" else ""
    yield Figure(f"{kind}: end to end", count / median("first", *STEPS), "items/s", target)
    yield Figure(f"{kind}: end to end, nothing new", count / median("again", *STEPS), "items/s")
    yield Figure(f"{kind}: start and set-up", median("first", "start"), "s")
    yield Figure(f"{kind}: peak memory, {count:,} items", median("first", "peak_mb"), "MB", f"< {NIGHT_MB}")
    yield Figure(f"{kind}: peak of its worker, with what both share", median("first", "worker_mb"), "MB")


# ── the server ──────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def _served(kind: str, count: int) -> Iterator[str]:
    """The address of a server of `count` items. A feed's `ttl` is another at each request, so it is never unchanged."""
    bodies, asked = _bodies(kind, count), itertools.count()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = bodies.get(self.path)
            self.send_response(404 if body is None else 200)
            body = (body or b"").replace(b"BASE", base.encode()).replace(b"<ttl>", b"<ttl>%d" % next(asked))
            self.send_header("Content-Type", "text/html; charset=utf-8" if b"<html" in body else "application/rss+xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Not on standard error."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        base = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield base
        server.shutdown()


def _bodies(kind: str, count: int) -> Mapping[str, bytes]:
    bodies = {}
    for outlet, items in papers(count):
        bodies[f"/{outlet.id}/rss.xml"] = feed(outlet, [_teaser(item) for item in items] if kind == "pages" else items)
        if kind == "pages":
            bodies |= {f"/{outlet.id}{item.path}": page(outlet, item, items[:6]) for item in items}
    return bodies


def _teaser(item: TruthItem) -> TruthItem:
    return item.model_copy(update={"url": f"BASE/{item.source_id}{item.path}", "blocks": item.blocks[:1]})


# ── the run ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _settings(folder: Path, base: str, kind: str) -> Settings:
    folder.mkdir()
    (folder / "sources.toml").write_text("".join(_tables(base, kind)), "utf-8")
    return Settings(
        sources=folder / "sources.toml",
        store=str(folder / "store"),
        state=f"sqlite:///{folder}/state.db",
        allow_nets="127.0.0.0/8",
        host_delay_s=0,
        shards=1,
    )


def _tables(base: str, kind: str) -> Iterator[str]:
    for n in range(10):
        yield f'[sources.paper-{n}]\nname = "Paper {n}"\nurl = "{base}/paper-{n}/rss.xml"\nlanguage = "en"\n'
        yield f'full_text = "{"page" if kind == "pages" else "auto"}"\n\n'


def _in_own_process(settings: Settings) -> Nights:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("INGEST_", "PYTHON"))}
    ours = {f"INGEST_{name.upper()}": str(value) for name, value in settings.model_dump(exclude_unset=True).items()}
    python = {
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PYTHONPYCACHEPREFIX": str(settings.sources.parent.parent / "pycache"),  # compiling is no part of a night
    }
    command = [sys.executable, "-m", "benchmarks.night"]
    done = subprocess.run(command, env=kept | ours | python, check=True, stdout=subprocess.PIPE)
    found: Nights = json.loads(done.stdout.splitlines()[-1])
    return found
