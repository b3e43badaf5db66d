"""How fast the newsroom's pages answer: `python -m benchmarks.newsroom_pages [ROWS] [FOLDER]`.

A table of a million articles of 5,000 sources in stories of four, landed in 50 days up to today by the real writer,
with the state that goes with it. Every page is asked for as Airflow's API server does, through its routes and
templates, by a process that has shown each once. A FOLDER that is there already is read as it is.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
from fastapi.testclient import TestClient
from sqlalchemy import Connection, insert, select

from benchmarks import Figure, cpu_s, read_table
from ingest.health.model import Day, Health
from ingest.land.columns import to_batches, to_row
from ingest.land.raw import RawArchive
from ingest.land.table import commit_batches, create_table
from ingest.model import Payload, RawRef, article_id_of
from ingest.newsroom import Guards, Rights, create_app
from ingest.newsroom.guards import HEADER
from ingest.newsroom.reading import newest, reader_of
from ingest.pipeline import Workspace
from ingest.report import RunReport, SourceReport
from ingest.settings import Settings
from ingest.state.database import read, write
from ingest.state.health import save_days, save_health
from ingest.state.models import RunOutcome
from ingest.state.runs import finish_run, start_run
from ingest.state.tables import story_members, versions

DAYS, STORY, HEALTH_DAYS = read_table.DAYS, 4, 60
_ROUNDS = 3
_STEP = 1237  # between the articles of a story, so that they are of different sources


def settings_of(folder: Path) -> Settings:
    return Settings(sources=folder / "sources.toml", store=f"{folder}/store", state=f"sqlite:///{folder}/state.db")


def make(folder: Path, rows: int, sources: int) -> None:
    """Registry, table, archive and state."""
    folder.mkdir(parents=True, exist_ok=True)
    ids = [f"source-{number}" for number in range(sources)]
    registry = "".join(f'[sources.{id_}]\nurl = "http://feeds.example/{id_}.xml"\n' for id_ in ids)
    (folder / "sources.toml").write_text(registry)
    ws = Workspace(settings_of(folder))
    ws.set_up()
    create_table(ws.store)
    today = datetime.now(UTC).replace(hour=0, minute=5, second=0, microsecond=0)
    first = _first(rows // DAYS, ids, _archived(ws, folder))
    before: list[str] = []
    for back in range(DAYS - 1, -1, -1):
        before = _a_day(ws, first, ids, before, today - timedelta(days=back))
    with write(ws.engine) as conn:
        _health(conn, ids, today)


def _archived(ws: Workspace, folder: Path) -> RawRef:
    body = b"<rss>" + b"<item><title>of no consequence</title></item>" * 1_000 + b"</rss>"
    archive = RawArchive(folder / "archive.warc.gz", "raw/2026-03-01/run-0.warc.gz")
    ref = archive.append(Payload(source_id="source-0", url="http://feeds.example/source-0.xml", body=body))
    archive.upload(ws.store)
    return ref


def _first(count: int, ids: Sequence[str], raw: RawRef) -> pa.Table:
    """A day's rows; the other days have the same texts under other ids."""
    made = (
        one.model_copy(update={"source_id": ids[number * len(ids) // count], "raw": raw})
        for number, one in enumerate(read_table.articles(0, count))
    )
    return pa.Table.from_batches(to_batches(map(to_row, made), "", datetime.now(UTC)))


def _a_day(ws: Workspace, first: pa.Table, ids: Sequence[str], before: Sequence[str], at: datetime) -> list[str]:
    """Land a day and return the ids of its articles: some are of the day `before`, in a second version."""
    count, run_id = first.num_rows, f"scheduled-{at:%Y-%m-%d}"
    again = [bool(before) and number % 50 == 7 for number in range(count)]
    named = [before[n] if is_again else article_id_of(run_id, str(n)) for n, is_again in enumerate(again)]
    told = {
        "article_id": named,
        "version": [1 + is_again for is_again in again],
        "pub_status": ["canceled" if n < 50 and is_again else "usable" for n, is_again in enumerate(again)],
        "story_id": [article_id_of("story", f"{run_id}-{n * _STEP % count // STORY}") for n in range(count)],
        "content_hash": [f"{at:%Y%m%d}{n:056d}" for n in range(count)],
        "published": [at] * count,
        "fetched_at": [at] * count,
    }
    rows = first
    for name, values in told.items():
        place = rows.schema.get_field_index(name)
        rows = rows.set_column(place, rows.schema.field(place), pa.array(values, rows.schema.field(place).type))
    done = commit_batches(ws.store, run_id, rows.to_batches(), at, {})
    with write(ws.engine) as conn:
        start_run(conn, run_id, at)
        conn.execute(
            insert(versions),
            [
                {"article_id": id_, "content_hash": hash_, "version": version, "run_id": run_id}
                for id_, hash_, version in zip(named, told["content_hash"], told["version"], strict=True)
            ],
        )
        if (datetime.now(UTC) - at).days < ws.settings.index_days:
            members = zip(named, told["story_id"], rows["source_id"].to_pylist(), again, strict=True)
            conn.execute(insert(story_members), [_member(*one, at) for one in members if not one[-1]])
        finish_run(conn, _outcome(run_id, ids, count, at, done.table_version))
    return named


def _outcome(run_id: str, ids: Sequence[str], count: int, at: datetime, version: int) -> RunOutcome:
    new = count // len(ids)
    report = RunReport(
        run_id=run_id,
        started_at=at,
        finished_at=at,
        planned=tuple(ids),
        sources=tuple(
            SourceReport.model_construct(source_id=id_, status="ok", entries=40, new=new, unchanged=40 - new)
            for id_ in ids
        ),
        landed=count,
    )
    ended = at + timedelta(seconds=300)
    return RunOutcome(run_id=run_id, finished_at=ended, table_version=version, report=report.model_dump_json())


def _member(article_id: str, story_id: str, source_id: str, _: bool, at: datetime) -> dict[str, object]:
    return {
        "article_id": article_id, "story_id": story_id, "source_id": source_id, "version": 1,
        "relation": "canonical", "day": at.toordinal() - datetime(1970, 1, 1).toordinal(),
        "word_count": 80, "represents": False, "killed": False, "standing": 0,
    }  # fmt: skip


def _health(conn: Connection, ids: Sequence[str], today: datetime) -> None:
    first = today - timedelta(days=HEALTH_DAYS)
    states = [("failing" if number % 50 == 0 else "healthy") for number in range(len(ids))]
    save_health(
        conn,
        [
            Health(source_id=id_, state=state, since=today, cause="it answered", at=today, first_run_at=first)  # type: ignore[arg-type]
            for id_, state in zip(ids, states, strict=True)
        ],
        "scheduled",
    )
    days = [(today - timedelta(days=back)).date() for back in range(HEALTH_DAYS)]
    save_days(conn, {id_: [Day(day, runs=1, entries=40, new=4) for day in days] for id_ in ids})


def pages(ws: Workspace) -> Iterator[tuple[str, str]]:
    """What is asked for: its name and address."""
    now = datetime.now(UTC)
    rows, _ = newest(reader_of(ws, now), ("article_id", "story_id", "source_id", "landed_at"), {}, 1)
    last = rows[0]
    with read(ws.engine) as conn:
        old = conn.scalar(
            select(versions.c.article_id).where(versions.c.run_id.endswith(f"{now.date() - timedelta(DAYS - 1)}"))
        )
        run = f"scheduled-{now.date()}"
    yield "runs", "/runs"
    yield "a run", f"/runs/{run}"
    yield "a run, every source", f"/runs/{run}?show=all"
    yield "a DAG run", f"/dag-run?dag_id=syndication&run_id={run}"
    yield "sources", "/sources"
    yield "sources, searched", "/sources?q=source-49"
    yield "sources, the last page", "/sources?page=50"
    yield "a source", f"/sources/{last['source_id']}"
    yield "newest articles", "/articles"
    yield "articles of a source", f"/articles?source={last['source_id']}"
    yield "articles in a language", "/articles?language=de"
    yield "articles canceled", "/articles?status=canceled"
    yield "articles, a word", "/articles?q=abc"
    yield "articles, a word that none has", "/articles?q=zzzqqq"
    yield "articles of no source", "/articles?source=nobody"
    yield "an article of today", f"/articles/{last['article_id']}"
    yield "an article of the first day", f"/articles/{old}"
    yield "an article that is not there", f"/articles/{'0' * 32}"
    yield "biggest stories", "/stories"
    yield "newest stories", "/stories?order=newest"
    yield "stories, a word", "/stories?q=abc"
    yield "stories of 14 days", "/stories?days=14"
    yield "a story", f"/stories/{last['story_id']}"
    yield "a story that is not there", f"/stories/{'0' * 32}"
    yield "quarantine", "/quarantine"
    yield "takedowns", "/takedowns"


def client_of(settings: Settings) -> TestClient:
    anybody = Guards(who=lambda: "me", read=lambda: None, edit=lambda: None, rights=Rights)
    return TestClient(create_app(settings, anybody), headers={"Accept": "text/html", HEADER: "1"})


def figures(quick: bool) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as scratch:
        folder, rows = Path(scratch), 1_000 if quick else 100_000
        make(folder, rows, 10 if quick else 500)
        settings = settings_of(folder)
        client = client_of(settings)
        for name, path in pages(Workspace(settings)):
            client.get(path)
            cpu = cpu_s(lambda path=path: client.get(path), 1 if quick else _ROUNDS)  # type: ignore[misc]
            yield Figure(f"page: {name}, of {rows:,} articles", cpu * 1000, "ms", "< 200 ms")


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
        folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(scratch)
        if not (folder / "sources.toml").exists():
            make(folder, rows, 5_000)
        settings = settings_of(folder)
        client = client_of(settings)
        print(f"{'milliseconds':34} {'CPU':>6} {'least':>6} {'median':>6} {'first':>6} {'kB':>5}")
        for name, path in pages(Workspace(settings)):
            first = read_table.wall_s(lambda path=path: client.get(path))  # type: ignore[misc]
            cpus, walls = zip(*(_timed(client, path) for _ in range(_ROUNDS)), strict=True)
            size = len(client.get(path).content) / 1000
            told = (min(cpus), min(walls), statistics.median(walls), first)
            print(f"{name:34} {' '.join(f'{s * 1000:6.0f}' for s in told)} {size:5.0f}", flush=True)


def _timed(client: TestClient, path: str) -> tuple[float, float]:
    began, cpu = time.perf_counter(), time.process_time()
    client.get(path)
    return time.process_time() - cpu, time.perf_counter() - began


if __name__ == "__main__":
    main()
