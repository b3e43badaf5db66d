"""What `make run` and `make ui` do: the nightly DAG, through Airflow, on the demo newsroom of this machine.

Everything lies under `data/`: the demo's registry and its day, Airflow's home, the state database and the store. Run
again, the same newsroom is asked again, so a second run lands only what is new.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from types import FrameType

from rich.console import Console

from ingest.demo.registry import write_sources
from ingest.demo.server import start_demo
from ingest.embedded import EmbeddedAirflow
from ingest.errors import IngestError
from ingest.land.read import Query, read_articles
from ingest.model import Article
from ingest.pipeline import Workspace
from ingest.report import RunReport
from ingest.services import free_port
from ingest.settings import load_settings
from ingest.views import report_table

DATA = Path("data")
DEMO_PORT, UI_PORT = 8099, 8080
_SAMPLES = 4
words = Console(stderr=True)
out = Console(width=None if sys.stdout.isatty() else 120)


def main() -> int:
    """Exit code 0 if the run is green and landed something or had nothing new; 1 otherwise."""
    parser = argparse.ArgumentParser(prog="ingest.showcase", description=__doc__)
    parser.add_argument("what", choices=("run", "ui"))
    parser.add_argument("--day", type=int, choices=(1, 2), default=1, help="2: the newsroom one day later")
    options = parser.parse_args()
    with _ends_on_signals():
        try:
            return show(DATA.resolve(), options.day, stay=options.what == "ui")
        except IngestError as e:
            words.print(f"[red]error:[/] {e}")
            return 1
        except KeyboardInterrupt:
            words.print("stopped")
            return 130


def show(data: Path, day: int, *, stay: bool) -> int:
    folder = data / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    port = _kept(folder / "port", lambda: str(_usable(DEMO_PORT)))
    today = date.fromisoformat(_kept(folder / "today", lambda: datetime.now(UTC).date().isoformat()))
    words.print(f"Demo newsroom on http://127.0.0.1:{port}, day {day}")
    with start_demo(day, port=int(port), today=today, folder=folder / "folder") as demo:
        write_sources(folder / "sources.toml", demo.base_url, folder / "folder")
        env = _environment(data)
        os.environ.update(env)
        ws = Workspace(load_settings())
        ws.set_up()
        words.print("Starting Airflow …")
        home = data / "airflow"
        with EmbeddedAirflow(home, env, port=_usable(UI_PORT) if stay else None, triggerer=stay) as airflow:
            good = _night(airflow, ws)
            if stay:
                _invite(airflow)
                threading.Event().wait()
    return 0 if good else 1


def _night(airflow: EmbeddedAirflow, ws: Workspace) -> bool:
    """Trigger the DAG, follow its squares, tell what happened. Whether the run was green."""
    run_id = airflow.trigger("syndication", {"force": True})
    words.print(f"DAG run [bold]{run_id}[/]")
    for square, state in airflow.wait("syndication", run_id):
        words.print(f"  {square}: {state}")
    green = airflow.run_state("syndication", run_id) == "success"
    report = _last_report(ws)
    if report is None:
        words.print(f"[red]No report was written; the tasks' logs are in {airflow.home / 'logs'}[/]")
        return False
    out.print(report_table(report))
    _samples(ws, report)
    out.print(_next_steps(ws, report), soft_wrap=True, highlight=False)
    return green


def _samples(ws: Workspace, report: RunReport) -> None:
    if not report.landed:
        out.print("Nothing was new, so nothing landed: the feeds answered 304, or with items that are there already.")
        return
    out.print("\n[bold]A few of the articles that landed[/]")
    landed = read_articles(ws.store, Query(run_id=report.run_id))
    for article in _varied(landed):
        rights = article.rights
        out.print(f"\n[bold]{article.headline}[/]", soft_wrap=True, highlight=False)
        facts = [article.source_id, article.provider, article.language, article.relation, f"{article.word_count} words"]
        out.print("  " + " · ".join(str(f) for f in facts if f), highlight=False)
        out.print("  " + article.body_text[:220].replace("\n\n", " ") + " …", soft_wrap=True, highlight=False)
        for image in article.images[:1]:
            chain = " / ".join(filter(None, (image.photographer, image.agency, *image.distributors)))
            out.print(
                f"  image: {image.caption or image.url}" + (f" [{chain}]" if chain else ""),
                markup=False,
                soft_wrap=True,
            )
        if rights.holder:
            by = f", distributed by {rights.distributor}" if rights.distributor else ""
            out.print(f"  rights: {rights.holder} {rights.year or ''}{by}", highlight=False, soft_wrap=True)
        for removed in article.removed[:3]:
            out.print(f"  removed ({removed.kind}, {removed.rule}): {removed.text[:100]}", markup=False, soft_wrap=True)


def _varied(articles: Iterable[Article]) -> list[Article]:
    """Articles of different sources and stories, those with most to show first."""

    def riches(a: Article) -> int:
        return 4 * bool(a.rights.distributor) + 2 * bool(a.images) + bool(a.removed) + 2 * (a.relation != "canonical")

    chosen: dict[str, Article] = {}
    stories: set[str | None] = set()
    for article in sorted(articles, key=lambda a: (a.source_id.startswith("fault-"), -riches(a), a.article_id)):
        if article.source_id not in chosen and article.story_id not in stories:
            chosen[article.source_id] = article
            stories.add(article.story_id)
    return list(chosen.values())[:_SAMPLES]


def _next_steps(ws: Workspace, report: RunReport) -> str:
    story = next((a.story_id for a in read_articles(ws.store, Query()) if a.relation == "copy"), None)
    s = ws.settings
    return f"""
[bold]Where it is[/]
  articles   {s.store}/articles (Delta Lake, version {report.table_version})
  raw        {s.store}/raw (WARC)         report      {s.store}/runs/{report.run_id}.json
  state      {s.state}          quarantine  {s.store}/quarantine

[bold]Try next[/]
  export INGEST_STORE={s.store} INGEST_STATE={s.state} INGEST_SOURCES={s.sources}
  .venv/bin/ingest articles --as table        what has landed
  .venv/bin/ingest story {story or "STORY_ID"}   one story: its copies, and why each is in it
  make run                                    again: nothing new, 304s
  make run DAY=2                              the next day: updates, corrections, a kill
  make ui                                     the same in the Airflow UI"""


def _last_report(ws: Workspace) -> RunReport | None:
    from ingest.state.database import read
    from ingest.state.runs import last_runs

    with read(ws.engine) as conn:
        newest = next(iter(last_runs(conn, 1)), None)
    return RunReport.model_validate_json(newest.report) if newest and newest.report else None


def _invite(airflow: EmbeddedAirflow) -> None:
    user, password = airflow.login()
    out.print(f"\n[bold]Airflow UI[/]  {airflow.url}/dags/syndication   login [bold]{user}[/] / [bold]{password}[/]")
    out.print(f"[bold]Newsroom[/]    {airflow.url}/plugin/newsroom   runs, sources, stories, articles, quarantine")
    out.print("It stays up, the demo newsroom too. Ctrl-C ends both.")


def _environment(data: Path) -> Mapping[str, str]:
    return {
        "INGEST_SOURCES": str(data / "demo" / "sources.toml"),
        "INGEST_STORE": str(data / "store"),
        "INGEST_STATE": f"sqlite:///{data / 'state.db'}",
        "INGEST_ALLOW_NETS": "127.0.0.0/8",  # the newsroom is on loopback, which is refused by default
        "INGEST_HOST_DELAY_S": "0",
    }


def _kept(file: Path, make: Callable[[], str]) -> str:
    """A choice that later runs keep: another port or day would make every item of the newsroom a new one."""
    if not file.exists():
        file.write_text(make())
    return file.read_text().strip()


def _usable(port: int) -> int:
    """`port`, or a free one if another program has it."""
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            return free_port()
    return port


@contextmanager
def _ends_on_signals() -> Iterator[None]:
    """SIGTERM and SIGHUP unwind like Ctrl-C, so that no Airflow process stays behind."""

    def stop(number: int, _: FrameType | None) -> None:
        raise KeyboardInterrupt(signal.Signals(number).name)

    old = {sig: signal.signal(sig, stop) for sig in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for sig, handler in old.items():
            signal.signal(sig, handler)


if __name__ == "__main__":
    sys.exit(main())
