"""What an article costs with 10,000 to 1,000,000 others in the index, on SQLite: CPU, bytes, and the expiry of a day.

    python -m benchmarks.dedupe_scale [--sizes 10000,100000,1000000] [--svg docs/dedupe-scale.svg]

The index is filled with invented signatures: words of the frequencies of language, one copy for every story.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from sqlalchemy import Engine

from benchmarks import Figure, cpu_s
from benchmarks.dedupe_pairs import START, articles_of, corpus
from ingest.dedupe import resolve
from ingest.dedupe.index import NO_ANCHORS, Member
from ingest.dedupe.placing import placed
from ingest.dedupe.signature import NO_TEXT
from ingest.model import Article
from ingest.state.database import open_state, read, upgrade, write
from ingest.state.stories import KEEP_TEXTS, SqlIndex, expire, save_members

DAYS = 30
PATTERNS = 400  # stories of which those in the index are variations: they share stock phrases with the articles
BATCH = 20_000


def filling(count: int, first: int, patterns: list[Member], seed: int = 0) -> Iterator[Member]:
    """Members as they would be in an index of so many, `first` being the number of the first."""
    rng = np.random.default_rng(seed + first)
    today = patterns[0].day
    for number in range(first, first + count):
        pattern = patterns[number % len(patterns)]
        common = rng.random(len(pattern.anchors)) < 0.05  # stock phrases, among others
        fresh = rng.integers(-(2**31), 2**31, len(pattern.anchors), dtype=np.int32)
        anchors = np.unique(np.where(common, pattern.anchors, fresh))
        keys = rng.integers(-(2**63), 2**63, 2).tolist()
        id_, founder = f"{number:032x}", number % 5 < 3
        yield replace(
            pattern,
            article_id=id_,
            story_id=f"{number | 1 << 100:032x}",
            duplicate_of=None if founder else f"{number - 1:032x}",
            day=today - number % DAYS,
            url_key=keys[0],
            text_key=keys[1],
            represents=founder,
            text=pattern.text if founder else NO_TEXT,
            anchors=anchors if founder else NO_ANCHORS,
        )


def fill(engine: Engine, start: int, end: int, patterns: list[Member]) -> None:
    for first in range(start, end, BATCH):
        with write(engine) as connection:
            save_members(connection, filling(min(BATCH, end - first), first, patterns))


def costs(sizes: list[int], articles: list[Article]) -> Iterator[tuple[int, float, float, float]]:
    """Per size of the index: µs an article, bytes an article, seconds to expire a day."""
    patterns = [p.member for p in placed(articles_of(corpus(PATTERNS, 8)), START)]
    patterns = [replace(m, day=(START.date().toordinal() - 719_163)) for m in patterns if m.represents]
    batch = [a.model_copy(update={"article_id": f"{i | 1 << 120:032x}"}) for i, a in enumerate(articles)]
    with tempfile.TemporaryDirectory(prefix="ingest-") as folder:
        path = Path(folder) / "state.db"
        engine = open_state(f"sqlite:///{path}")
        upgrade(engine)
        before = 0
        for size in sizes:
            fill(engine, before, size, patterns)
            before = size
            with write(engine) as connection:  # as every night
                expire(connection, patterns[0].day - DAYS, patterns[0].day - KEEP_TEXTS)
            with engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            with read(engine) as connection:
                seconds = cpu_s(lambda c=connection: resolve(batch, SqlIndex(c), now=START), rounds=3)  # type: ignore[misc]
            yield size, seconds / len(batch) * 1e6, path.stat().st_size / size, _expiry(engine, patterns[0].day)


def _expiry(engine: Engine, today: int) -> float:
    """Seconds to expire the oldest day, which is undone."""
    began = time.process_time()
    with engine.execution_options(ingest_write=True).connect() as connection:
        expire(connection, today - DAYS + 2)
        seconds = time.process_time() - began
        connection.rollback()
    return seconds


def figures(quick: bool) -> Iterator[Figure]:
    articles = articles_of(corpus(20 if quick else 300, 3))
    for size, us, size_bytes, seconds in costs([1_000] if quick else [10_000, 100_000], articles):
        yield Figure(f"articles into stories, {size:,} in the index", 1e6 / us, "articles/s")
        yield Figure(f"index, {size:,} articles", size_bytes, "bytes each")
        yield Figure(f"expiry of a day, of {size:,}", seconds, "s")


def drawn(points: list[tuple[int, float]]) -> str:
    """The curve of µs an article over the size of the index, as SVG."""
    top = max(us for _, us in points) * 1.2
    low, high = (np.log10(points[0][0]), np.log10(points[-1][0]))
    spots = [(60 + 480 * (np.log10(n) - low) / (high - low), 240 - 200 * us / top) for n, us in points]
    line = " ".join(f"{x:.0f},{y:.0f}" for x, y in spots)
    labels = "".join(
        f'<text x="{x:.0f}" y="262" text-anchor="middle">{n:,}</text>'
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="4" fill="#1f6feb"/>'
        f'<text x="{x:.0f}" y="{y - 10:.0f}" text-anchor="middle">{us:.0f}</text>'
        for (x, y), (n, us) in zip(spots, points, strict=True)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="300" font-family="sans-serif" font-size="12">'
        '<rect width="600" height="300" fill="white"/><path d="M60 30V240H560" fill="none" stroke="#888"/>'
        f'<polyline points="{line}" fill="none" stroke="#1f6feb" stroke-width="2"/>{labels}'
        '<text x="60" y="20">CPU microseconds an article (signature, look-up, verification)</text>'
        '<text x="310" y="288" text-anchor="middle">articles in the index</text></svg>\n'
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10000,30000,100000,300000,1000000")
    parser.add_argument("--svg", type=Path)
    given = parser.parse_args()
    points = []
    for size, us, size_bytes, seconds in costs([int(n) for n in given.sizes.split(",")], articles_of(corpus(300, 3))):
        print(
            f"{size:>10,}  {us:6.0f} µs  {size_bytes:5.0f} bytes an article  a day expired in {seconds:.2f} s",
            flush=True,
        )
        points.append((size, us))
        if given.svg and len(points) > 1:
            given.svg.write_text(drawn(points))


if __name__ == "__main__":
    main()
