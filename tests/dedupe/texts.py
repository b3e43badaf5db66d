"""Invented stories for the tests of dedupe."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ingest.dedupe import article_from_partial
from ingest.model import Article

NOW = datetime(2024, 3, 10, tzinfo=UTC)
_SYLLABLES = [
    c + v for c in ("b", "d", "f", "gr", "k", "l", "m", "n", "p", "st", "t", "v") for v in ("a", "el", "i", "or", "u")
]


def prose(seed: int, paragraphs: int = 8, words: int = 45) -> tuple[str, ...]:
    """Paragraphs of made-up words; those of different seeds have nothing in common."""
    rng = random.Random(seed)

    def paragraph() -> str:
        text = " ".join("".join(rng.choices(_SYLLABLES, k=3)) for _ in range(words))
        return text.capitalize() + "."

    return tuple(paragraph() for _ in range(paragraphs))


def article(id_: str, body: Sequence[str] | str = (), hours: float = 0, **fields: Any) -> Article:
    """An article with readable ids; `hours` is when it was published, after the start of 4 March 2024."""
    text = body if isinstance(body, str) else "\n\n".join(body)
    published = datetime(2024, 3, 4, tzinfo=UTC) + timedelta(hours=hours)
    given = {"article_id": id_, "source_id": f"source-{id_}", "body_text": text, "published": published.isoformat()}
    return article_from_partial({**given, **fields})
