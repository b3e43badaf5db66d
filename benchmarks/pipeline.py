"""The nightly run: articles a second of one core, by stage and end to end, and the most memory it takes.

    python -m benchmarks pipeline [--quick]

A server in this process has the feeds; the run is in a process of its own, so that its time and memory are the run's
alone. Time is CPU time of all its threads. `first` is the first night (every item is new), `again` a night on which all
feeds came anew and no item changed, `pages` one whose texts are on the items' pages.
"""

import itertools
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks import Figure
from benchmarks.newsroom import feed, papers
from ingest.demo.pages import page

NIGHT_RATE, NIGHT_MB = 150, 400
STEPS = ("shard", "resolve", "land")


def figures(quick: bool) -> Iterator[Figure]:
    """One night after the other in fresh stores; medians of three, or of one if `quick`."""
    items, rounds = (60, 1) if quick else (1000, 3)
    with tempfile.TemporaryDirectory() as scratch:
        for kind, count in (("feeds", items), ("pages", items // 4)):
            with _served(kind, count) as base:
                runs = [_night(Path(scratch) / f"{kind}-{n}", base, kind) for n in range(rounds)]
            yield from _told(kind, count, runs)


def _told(kind: str, count: int, runs: list[dict[str, dict[str, float]]]) -> Iterator[Figure]:
    def median(night: str, step: str) -> float:
        return statistics.median(run[night][step] for run in runs)

    for step in STEPS:
        yield Figure(f"{kind}: {step}", count / median("first", step), "items/s")
    target = f"≥ {NIGHT_RATE}" if kind == "feeds" else ""
    yield Figure(f"{kind}: end to end", count / sum(median("first", step) for step in STEPS), "items/s", target)
    yield Figure(f"{kind}: again, nothing new", count / sum(median("again", step) for step in STEPS), "items/s")
    yield Figure(f"{kind}: start and set-up", median("first", "start"), "s")
    yield Figure(f"{kind}: peak memory", median("again", "peak_mb"), "MB", f"< {NIGHT_MB}")


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
        if kind == "pages":
            for item in items:
                bodies[f"/{outlet.id}{item.path}"] = page(outlet, item, items[:6])
            items = tuple(i.model_copy(update={"url": f"BASE/{outlet.id}{i.path}", "blocks": i.blocks[:1]}) for i in items)
        bodies[f"/{outlet.id}/rss.xml"] = feed(outlet, items)
    return bodies


# ── the run ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _night(folder: Path, base: str, kind: str) -> dict[str, dict[str, float]]:
    """CPU seconds by night and step, in a process of its own."""
    folder.mkdir()
    (folder / "sources.toml").write_text("".join(_tables(base, kind)), "utf-8")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("INGEST_")}
    env = inherited | {
        "INGEST_SOURCES": str(folder / "sources.toml"),
        "INGEST_STORE": str(folder / "store"),
        "INGEST_STATE": f"sqlite:///{folder}/state.db",
        "INGEST_ALLOW_NETS": "127.0.0.0/8",
        "INGEST_HOST_DELAY_S": "0",
        "INGEST_SHARDS": "1",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    done = subprocess.run([sys.executable, "-m", "benchmarks.pipeline"], env=env, check=True, stdout=subprocess.PIPE)
    found: dict[str, dict[str, float]] = json.loads(done.stdout.splitlines()[-1])
    return found


def _tables(base: str, kind: str) -> Iterator[str]:
    for n in range(10):
        yield f'[sources.paper-{n}]\nname = "Paper {n}"\nurl = "{base}/paper-{n}/rss.xml"\nlanguage = "en"\n'
        yield f'full_text = "{"page" if kind == "pages" else "auto"}"\n\n'


def _worker() -> None:
    """Run two nights with the settings of the environment; seconds and memory as JSON on standard output."""
    from ingest import pipeline
    from ingest.settings import load_settings

    def step(name: str, began: float) -> float:
        seconds[name], now = time.process_time() - began, time.process_time()
        seconds["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return now

    told, clock = {}, 0.0
    for number, name in enumerate(("first", "again")):
        seconds: dict[str, float] = {}
        ws = pipeline.Workspace(load_settings())
        ws.set_up()
        now = datetime(2026, 3, 14 + number, 2, tzinfo=UTC)
        shards = pipeline.plan(ws, name, now, force=True)
        clock = step("start", clock)
        for shard in shards:
            pipeline.ingest_shard(ws, shard, now)
        clock = step("shard", clock)
        pipeline.resolve(ws, name, now)
        clock = step("resolve", clock)
        report = pipeline.land(ws, name, shards, now)
        clock = step("land", clock)
        seconds["landed"] = report.landed
        told[name] = seconds
    print(json.dumps(told))


if __name__ == "__main__":
    _worker()
