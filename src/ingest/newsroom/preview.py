"""What a rule would take out of a source's last articles, before it is written into the registry."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ingest.errors import BadConfig
from ingest.newsroom import articles
from ingest.newsroom.reading import reader_of
from ingest.pipeline import Workspace
from ingest.sources.checks import pattern
from ingest.sources.problem import BadValueError

ARTICLES, LONGEST, SHOWN = 50, 5000, 100
_TIMEOUT_S = 2.0


@dataclass(frozen=True)
class Hit:
    """A block as it landed, and of how many of the articles."""

    text: str
    articles: int


@dataclass(frozen=True)
class Hits:
    lines: tuple[Hit, ...]
    told: str


def would_remove(ws: Workspace, source_id: str, wanted: str, now: datetime) -> Hits:
    """Raises BadConfig for a pattern that the registry would not take, or that is too slow."""
    try:
        checked = pattern(wanted)
    except BadValueError as e:
        raise BadConfig(wanted[:80] or "the pattern", str(e)) from e
    found = articles.listed(ws, articles.Search(source=source_id), now, ARTICLES)
    ids = [row.article_id for row in found.rows]
    reader = reader_of(ws, now)
    since = min((row.landed_at for row in found.rows), default=now)
    texts = [
        block.text
        for article in reader.current(source=source_id, since=since).articles()
        if article.article_id in ids
        for block in {block.text: block for block in article.blocks}.values()
    ]
    counts = Counter(texts[place] for place in _hits(checked, [text[:LONGEST] for text in texts]))
    lines = tuple(Hit(text[:400], number) for text, number in counts.most_common(SHOWN))
    told = f"{sum(counts.values())} blocks of the last {len(ids)} articles would go" if ids else "no articles yet"
    return Hits(lines, told)


def _hits(checked: str, texts: Sequence[str]) -> list[int]:
    program = [sys.executable, "-I", str(Path(__file__).with_name("try_pattern.py"))]
    asked = json.dumps({"pattern": checked, "texts": texts})
    try:
        done = subprocess.run(  # noqa: S603
            program, input=asked, capture_output=True, text=True, timeout=_TIMEOUT_S, check=True
        )
    except subprocess.TimeoutExpired as e:
        raise BadConfig(checked[:80], f"took longer than {_TIMEOUT_S:.0f} s", "anchor it, and repeat less") from e
    except subprocess.CalledProcessError as e:
        raise BadConfig(checked[:80], e.stderr.strip().rpartition("\n")[2]) from e
    places: list[int] = json.loads(done.stdout)
    return places
