"""How fast a table of a million articles answers: `python -m benchmarks.read_table [ROWS] [STORE]`.

The rows have short texts (80 words): it is the number of rows, files and row groups that these questions cost. They are
landed by the real writer, 20,000 a run, a run a day. One in fifty is a second version of an article of the day before,
and one of these a day is a kill.
A STORE that is there already is read as it is.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from benchmarks import Figure, cpu_s
from ingest.land.store import Store, open_store
from ingest.land.table import commit_run, create_table, open_table
from ingest.model import Article, Block, Evidence, RawRef, Rights, article_id_of
from ingest.read import Filters, Reader

FIRST = datetime(2026, 3, 1, 2, tzinfo=UTC)
DAYS = 50
SOURCES = 50
_ROUNDS = 3


def articles(day: int, count: int) -> Iterator[Article]:
    """A day's articles, source after source. Their texts differ by day and place in it."""
    rng = random.Random(day)
    words = ["".join(rng.choices("aeioubcdlmnprst", k=rng.randint(2, 9))) for _ in range(4000)]
    for number in range(count):
        is_again = day > 0 and number % SOURCES == 7
        key, source = f"{day - is_again}-{number + is_again}", source_of(number, count)
        text = " ".join(rng.choices(words, k=80))
        is_kill = is_again and number < SOURCES
        copies = tuple(article_id_of(source, f"{day - 1}-{n}") for n in range(20, 23)) if is_kill else ()
        yield Article.model_construct(
            article_id=article_id_of(source, key),
            version=1 + is_again,
            source_id=source,
            guid=key,
            pub_status="canceled" if is_kill else "usable",
            headline=text[:60],
            language="de" if number % 3 else "en",
            blocks=(Block.model_construct(kind="paragraph", text=text),),
            body_text=text,
            word_count=80,
            published=FIRST + timedelta(days=day),
            fetched_at=FIRST + timedelta(days=day),
            rights=Rights(holder=source, usage_terms="CC BY 4.0" if number % 4 == 0 else None),
            story_id=article_id_of("story", f"{source}-{key}"),
            relation="canonical",
            evidence=Evidence(rule="version" if is_again else "new", copies=copies),
            content_hash=f"{day:032d}{number:032d}",
            raw=RawRef(archive=f"raw/{day}/run-0.warc.gz", offset=number * 1000, length=1000, sha256="a" * 64),
        )


def source_of(number: int, count: int) -> str:
    return f"source-{number * SOURCES // count}"


def land(store: Store, rows: int) -> None:
    create_table(store)
    for day in range(DAYS):
        commit_run(store, f"run-{day}", articles(day, rows // DAYS), FIRST + timedelta(days=day), {})


def questions(store: Store, rows: int) -> Iterator[tuple[str, str, Callable[[], object]]]:
    """What is asked, in how many milliseconds it should be answered, and the work: the table is opened anew."""
    last = FIRST.replace(hour=0) + timedelta(days=DAYS - 1)
    day: Filters = {"since": last - timedelta(days=1), "until": last}
    first, newest = (article_id_of(source_of(3, rows // DAYS), f"{day}-3") for day in (0, DAYS - 1))
    some = ["article_id", "headline", "published"]

    def ask() -> Reader:
        return Reader(store, now=last + timedelta(days=2))

    yield "open the table", "", ask
    yield "yesterday, one source", "< 150 ms", lambda: ask().current(source="source-3", **day).arrow()
    yield "the same, three columns", "", lambda: ask().current(some, source="source-3", **day).arrow()
    yield "one article by id", "< 100 ms", lambda: ask().current(article=first).arrow()
    looked = ask()
    looked.current(article=newest).arrow()
    yield "another, by a reader that looked before", "", lambda: looked.current(article=first).arrow()
    recent = last.date()
    yield "one article by id, landed since yesterday", "", lambda: ask().current(article=newest, since=recent).arrow()
    version = open_table(store).version()
    yield "changes since the version before", "", lambda: ask().changes(version - 1).arrow()
    yield "stories of yesterday, one source", "", lambda: ask().stories(some, source="source-3", **day).arrow()
    yield "headlines of all", "", lambda: ask().current(some).arrow()


def figures(quick: bool) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as scratch:
        store, rows = open_store(f"{scratch}/store", None), 1000 if quick else 200_000
        land(store, rows)
        for what, target, work in questions(store, rows):
            yield Figure(f"{what}, of {rows:,}", cpu_s(work, 1 if quick else _ROUNDS) * 1000, "ms", target)


def wall_s(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
        store = open_store(sys.argv[2] if len(sys.argv) > 2 else f"{scratch}/store", None)
        if create_table(store) == 0:
            land(store, rows)
        print(f"{'milliseconds, the best of some rounds':42} {'CPU':>8} {'wall':>8}")
        for what, target, work in questions(store, rows):
            cpu, wall = cpu_s(work, _ROUNDS) * 1000, min(wall_s(work) for _ in range(_ROUNDS)) * 1000
            print(f"{what:42} {cpu:8.0f} {wall:8.0f} {target}", flush=True)


if __name__ == "__main__":
    main()
