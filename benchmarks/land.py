"""How fast articles land and are read: `python -m benchmarks land`, or `python -m benchmarks.land [ROWS] [STORE]`.

STORE is a directory (the default is a temporary one), file:///… or s3://bucket/prefix (INGEST_S3_ENDPOINT, AWS_*).
Short articles are of 80 to 150 words. To land them is all of `landing.land`: from what `resolve` staged to the report,
the table's commit, the state and the index of stories.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pyarrow as pa

from benchmarks import Figure, cpu_s
from ingest import landing
from ingest.land import staging
from ingest.land.raw import RawArchive, archive_key
from ingest.land.read import Query, read_articles, read_batches
from ingest.land.store import Store, open_store
from ingest.land.table import commit_batches, commit_run, create_table, open_table
from ingest.model import Article, Block, Evidence, Image, Link, Payload, RawRef, Removed, article_id_of
from ingest.report import SourceReport
from ingest.shard import ShardResult
from ingest.state.database import open_state, upgrade, write
from ingest.state.models import ItemRow
from ingest.state.runs import start_run

NOW = datetime(2026, 3, 14, 2, tzinfo=UTC)


def articles(count: int, start: int = 0) -> Iterator[Article]:
    """Stories of 400 words in ten paragraphs, from 50 sources."""
    rng = random.Random(start)
    words = ["".join(rng.choices("aeioubcdlmnprst", k=rng.randint(2, 9))) for _ in range(8000)]
    for number in range(start, start + count):
        paragraphs = [" ".join(rng.choices(words, k=40)) for _ in range(10)]
        source = f"source-{number % 50}"
        yield Article(
            article_id=article_id_of(source, str(number)),
            source_id=source,
            guid=str(number),
            url=f"https://news.example/{number}",
            headline=paragraphs[0][:70],
            blocks=tuple(Block(kind="paragraph", text=text) for text in paragraphs),
            body_text="\n\n".join(paragraphs),
            body_html="".join(f"<p>{text}</p>" for text in paragraphs),
            word_count=400,
            published=NOW,
            fetched_at=NOW,
            images=(Image(url=f"https://news.example/{number}.jpg", caption=paragraphs[1][:90], credit="A. Tern"),),
            removed=(Removed(kind="promo", text="Sign up for our newsletter", rule="promo-line"),),
            links=(Link(url="https://news.example/", text="home"),),
            story_id=article_id_of("story", str(number)),
            relation="canonical",
            evidence=Evidence(rule="none-near", scores={"best": 0.1}),
            raw=RawRef(archive="raw/2026-03-14/run-0.warc.gz", offset=number * 1000, length=1000, sha256="a" * 64),
            content_hash="b" * 64,
        )


def short_articles(count: int) -> Iterator[Article]:
    """Of 80 to 150 words in three paragraphs, from 50 sources, no two with the same text."""
    rng = random.Random(count)
    for one in articles(count):
        words = one.body_text.split()[: rng.randint(80, 150)]
        paragraphs = [" ".join(words[at : at + 50]) for at in range(0, len(words), 50)]
        yield one.model_copy(
            update={
                "blocks": tuple(Block(kind="paragraph", text=text) for text in paragraphs),
                "body_text": "\n\n".join(paragraphs),
                "body_html": "".join(f"<p>{text}</p>" for text in paragraphs),
                "word_count": len(words),
                "story_id": None,
                "relation": None,
                "evidence": None,
                "content_hash": f"{one.article_id}{one.article_id}",
            }
        )


def figures(quick: bool) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as scratch:
        store = open_store(f"{scratch}/store", None)
        yield from measured(store, 100 if quick else 10_000, Path(scratch))
        whole = open_store(f"{scratch}/whole", None)
        yield from landed(whole, 100 if quick else 20_000, Path(scratch))


def measured(store: Store, rows: int, folder: Path) -> Iterator[Figure]:
    """Every step of landing and reading, in the store's own empty table."""

    def speed(name: str, work: Callable[[], object], count: int = rows) -> Figure:
        return Figure(name, count / cpu_s(work), "/s")

    def staged() -> Iterator[Article]:
        return staging.read_rows(store, "run-0", "0", Article)

    create_table(store)
    more, later = max(rows // 10, 1), NOW + timedelta(days=1)
    made, rest = list(articles(rows)), list(articles(more, rows))
    yield speed("stage (JSON Lines, zstd)", lambda: staging.write_rows(store, "run-0", "0", made))
    yield speed("read staged", lambda: consume(staged()))
    yield speed("land from staging, one commit", lambda: commit_run(store, "run-0", staged(), NOW, {}))
    yield speed("land again (already in)", lambda: commit_run(store, "run-0", staged(), NOW, {}))
    yield speed("land the same as another run", lambda: commit_run(store, "run-1", staged(), NOW, {}))
    yield speed(f"land {more:,} more", lambda: commit_run(store, "run-2", rest, later, {}), more)
    yield speed("read all, as Articles", lambda: consume(read_articles(store)), rows + more)
    yield speed("read the last run", lambda: consume(read_articles(store, Query(since=later))), more)
    by_source = Query(source_id="source-7")
    yield speed("one source's headlines", lambda: consume(read_batches(store, by_source, ["headline"])), rows // 50)
    size = sum(open_table(store).get_add_actions().column("size_bytes").to_pylist())
    yield Figure("an article in the table", size / (rows + more), "bytes")
    archive = RawArchive(folder / "raw", archive_key(store, "run-0", "0", NOW.date()))
    page = Payload(source_id="s", url="https://news.example/", status=200, body=os.urandom(6000).hex().encode())
    yield speed("append raw payloads of 12 kB", lambda: [archive.append(page) for _ in range(more)], more)
    archive.upload(store)


def landed(store: Store, rows: int, folder: Path) -> Iterator[Figure]:
    """A whole landing of short articles, in the store's own empty table, and the commit in it."""
    engine = open_state(f"sqlite:///{folder}/state.db")
    upgrade(engine)
    create_table(store)
    with write(engine) as conn:
        start_run(conn, "run-0", NOW)
    planned = dict(_staged(store, short_articles(rows), rows))
    yield Figure("resolve short articles", rows / cpu_s(lambda: landing.resolve(store, engine, "run-0", NOW)), "/s")
    copies = list(staging.read_batches(store, "run-0", landing.RESOLVED))
    work_s = cpu_s(lambda: landing.land(store, engine, "run-0", planned, NOW))
    yield Figure("land short articles, state and all", rows / work_s, "/s", _target(store))
    size = sum(open_table(store).get_add_actions().column("size_bytes").to_pylist())
    yield Figure("a short article in the table", size / rows, "bytes", "1,200 or fewer")
    later = [_renamed(batch) for batch in copies]
    commit_s = cpu_s(lambda: commit_batches(store, "run-1", later, NOW, {}))
    yield Figure("the table's commit alone", rows / commit_s, "/s")
    engine.dispose()


def _staged(store: Store, several: Iterator[Article], rows: int) -> Iterator[tuple[str, list[str]]]:
    """Four shards, as their tasks leave them."""
    for number in range(4):
        name, some = f"shard{number:02d}", list(islice(several, -(-rows // 4)))
        staging.write_rows(store, "run-0", name, some)
        items = tuple(
            ItemRow(
                article_id=one.article_id,
                source_id=one.source_id,
                guid=one.guid,
                entry_hash=one.content_hash,
                content_hash=one.content_hash,
                version=1,
                first_seen_at=NOW,
                last_seen_at=NOW,
            )
            for one in some
        )
        reports = tuple(SourceReport(source_id=id_, status="ok") for id_ in sorted({one.source_id for one in some}))
        result = ShardResult(run_id="run-0", shard=name, started_at=NOW, items=items, sources=reports)
        staging.write_result(store, "run-0", name, result)
        yield name, [report.source_id for report in reports]


def _renamed(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The same rows as other articles'."""
    ids = pa.array([id_[::-1] for id_ in batch.column("article_id").to_pylist()])
    return batch.set_column(0, batch.schema.field(0), ids)


def _target(store: Store) -> str:
    return "2,000 or more" if store.url.startswith("s3://") else "5,000 or more"


def consume(values: Iterator[object]) -> int:
    return sum(1 for _ in values)


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        rows = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
        url = sys.argv[2] if len(sys.argv) > 2 else f"{scratch}/store"
        for figure in measured(open_store(url, os.environ.get("INGEST_S3_ENDPOINT")), rows, Path(scratch)):
            print(f"{figure.what:42} {figure.value:10,.0f} {figure.unit}", flush=True)
        whole = f"{url.rstrip('/')}/whole"
        for figure in landed(open_store(whole, os.environ.get("INGEST_S3_ENDPOINT")), rows, Path(scratch)):
            print(f"{figure.what:42} {figure.value:10,.0f} {figure.unit:6} {figure.target}".rstrip(), flush=True)


if __name__ == "__main__":
    main()
