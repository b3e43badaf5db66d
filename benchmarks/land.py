"""How fast articles land and are read: `python benchmarks/land.py [ROWS] [STORE]`, with peak memory.

STORE is a directory (the default is a temporary one), file:///… or s3://bucket/prefix (INGEST_S3_ENDPOINT, AWS_*).
"""

from __future__ import annotations

import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ingest.land import staging
from ingest.land.raw import RawArchive, archive_key
from ingest.land.read import Query, read_articles, read_batches
from ingest.land.store import Store, open_store
from ingest.land.table import commit_run, create_table, open_table
from ingest.model import Article, Block, Evidence, Image, Link, Payload, RawRef, Removed, article_id_of

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


def measure(name: str, count: int, work: Callable[[], object]) -> None:
    start = time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name:42} {seconds:8.2f} s {count / seconds:10,.0f}/s   peak {peak_mb:6,.0f} MB", flush=True)


def consume(values: Iterator[object]) -> int:
    return sum(1 for _ in values)


def run(store: Store, rows: int, folder: Path) -> None:
    create_table(store)
    measure("make the articles (no part of landing)", rows, lambda: consume(articles(rows)))
    measure("stage (JSON Lines, zstd)", rows, lambda: staging.write_articles(store, "run-0", "0", articles(rows)))
    measure("read staged", rows, lambda: consume(staging.read_articles(store, "run-0", "0")))
    staged = lambda: staging.read_articles(store, "run-0", "0")  # noqa: E731
    measure("land from staging, one commit", rows, lambda: commit_run(store, "run-0", staged(), NOW, {}))
    measure("land again (already in)", rows, lambda: commit_run(store, "run-0", staged(), NOW, {}))
    measure("land the same as another run (none is new)", rows, lambda: commit_run(store, "run-1", staged(), NOW, {}))
    later = NOW + timedelta(days=1)
    measure("land 1,000 more", 1000, lambda: commit_run(store, "run-2", articles(1000, rows), later, {}))
    measure("read all, as Articles", rows, lambda: consume(read_articles(store)))
    measure("read the last run", 1000, lambda: consume(read_articles(store, Query(since=later))))
    by_source = Query(source_id="source-7")
    measure("read one source, headlines", rows // 50, lambda: consume(read_batches(store, by_source, ["headline"])))
    size = sum(open_table(store).get_add_actions().column("size_bytes").to_pylist())
    print(f"{size / (rows + 1000):,.0f} bytes an article in the table")
    archive = RawArchive(folder / "raw", archive_key(store, "run-0", "0", NOW.date()))
    page = Payload(source_id="s", url="https://news.example/", status=200, body=os.urandom(6000).hex().encode())
    measure("append raw payloads of 12 kB", 5000, lambda: [archive.append(page) for _ in range(5000)])
    measure("upload the archive", 5000, lambda: archive.upload(store))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        url = sys.argv[2] if len(sys.argv) > 2 else f"{scratch}/store"
        rows_wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
        run(open_store(url, os.environ.get("INGEST_S3_ENDPOINT")), rows_wanted, Path(scratch))
