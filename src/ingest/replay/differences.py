"""What differs between an article as it landed and as today's rules make it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ingest.model import Article, Model

_NOT_COMPARED = frozenset(
    {
        # of the run and the record, not of the item
        *("version", "fetched_at", "raw", "run_id", "schema_version", "extraction", "warnings"),
        # how cleaning came to it; what it takes out shows in the text
        "removed",
        # decided by the index of stories, and kept
        *("story_id", "relation", "duplicate_of", "similarity", "evidence"),
        # told by body_text and the rest
        *("body_html", "word_count", "content_hash"),
    }
)
_COMPARED = tuple(name for name in Article.model_fields if name not in _NOT_COMPARED)


class Difference(Model):
    """One field of one article, in JSON's values. `version` is the one that has landed, 0 for what never has."""

    article_id: str
    source_id: str
    version: int
    field: str
    old: Any = None
    new: Any = None


Tell = Callable[[Difference], None]


def differences(old: Article | None, new: Article) -> Iterator[Difference]:
    """Field by field, in the schema's order; of an article that never landed its headline alone."""
    names = _changed(old, new) if old else ("headline",)
    before = old.model_dump(mode="json", include=set(names)) if old else {}
    after = new.model_dump(mode="json", include=set(names))
    for name in names:
        yield Difference(
            article_id=new.article_id,
            source_id=new.source_id,
            version=old.version if old else 0,
            field=name,
            old=before.get(name),
            new=after[name],
        )


def _changed(old: Article, new: Article) -> tuple[str, ...]:
    """`blocks` only where the text is the same: a heading that was a paragraph."""
    names = tuple(name for name in _COMPARED if getattr(old, name) != getattr(new, name))
    return tuple(name for name in names if name != "blocks" or "body_text" not in names)
