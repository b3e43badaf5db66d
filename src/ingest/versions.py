"""Which version of an item a content is. Pure; used where a shard looks, and again where a run lands."""

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from ingest.model import Article

_NUMBERS = re.compile(r"\d{1,20}")


class Dated(Protocol):
    """What has a place in the order of an item's versions."""

    @property
    def provider_version(self) -> str | None: ...
    @property
    def updated(self) -> datetime | None: ...


@dataclass(frozen=True)
class Latest:
    """The newest version of an item so far."""

    version: int
    content_hash: str
    provider_version: str | None
    updated: datetime | None


class _HasVersion(Dated, Protocol):
    @property
    def version(self) -> int: ...
    @property
    def content_hash(self) -> str: ...


V = TypeVar("V", bound=Dated)


def latest_of(row: _HasVersion) -> Latest:
    return Latest(row.version, row.content_hash, row.provider_version, row.updated)


def next_version(article: Article, latest: Latest | None, contents: Container[str]) -> int | None:
    """1 for a new item, one more for new content, None for nothing new.

    Not new is: the content it has; a version that its publisher counts or dates before ours (it came late); and, if
    its publisher does not date it later, a content that it had before (`contents` are hashes: some cache is behind).
    """
    if latest is None:
        return 1
    if article.content_hash == latest.content_hash or _before(article, latest):
        return None
    return latest.version + 1 if article.content_hash not in contents or _before(latest, article) else None


def renewed_version(article: Article, latest: Latest | None) -> int | None:
    """Of what a replay makes of the version before: its number, or None if another has landed meanwhile."""
    return article.version if latest and latest.version == article.version - 1 else None


def _before(a: Dated, b: Dated) -> bool:
    """By the publisher's count where both have one, and else, or if it is the same, by their dates."""
    one, other = version_number(a.provider_version), version_number(b.provider_version)
    if one and other and one != other:
        return one < other
    return a.updated is not None and b.updated is not None and a.updated < b.updated


def version_number(text: str | None) -> tuple[int, ...]:
    """As numbers, so that 10 comes after 9 and 1.10 after 1.9; empty for what holds none."""
    return tuple(int(number) for number in _NUMBERS.findall(text or ""))


def in_order(versions: Iterable[V]) -> list[V]:
    """Oldest first; what cannot be told apart stays in the order in which it came."""
    ordered: list[V] = []
    for one in versions:
        place = next((n for n, other in enumerate(ordered) if _before(one, other)), len(ordered))
        ordered.insert(place, one)
    return ordered
