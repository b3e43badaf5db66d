"""Run as a program of its own, which the kernel ends: what a rule takes out of some articles, cleaned anew.

A pattern may take for ever, and a thread cannot be stopped. Reads (source, rule, payloads with the ids of their
articles), pickled by `preview`; writes JSON.
"""

from __future__ import annotations

import json
import pickle
import resource
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from math import ceil
from time import process_time
from typing import TypedDict

from ingest.clean import clean
from ingest.dedupe.identity import assign_identity
from ingest.errors import IngestError, NoContent
from ingest.extract import extract
from ingest.model import Article, Entry, Payload, Source
from ingest.parse import parse
from ingest.shard.item import item_id

Several = list[tuple[Payload, tuple[str, ...]]]
CPU_S, MEMORY = 5, 1 << 30  # seconds for all articles with the rule; without it they take what they take


class Found(TypedDict):
    """Texts that go and of how many articles, how many articles were read, and how many have nothing left."""

    gone: dict[str, int]
    articles: int
    emptied: int


def compared(before: Sequence[Article | None], after: Sequence[Article | None]) -> Found:
    gone: Counter[str] = Counter()
    for was, now in zip(before, after, strict=True):
        gone.update(set(_removed(now)) - set(_removed(was)))
    return {
        "gone": dict(gone.most_common(100)),
        "articles": sum(was is not None for was in before),
        "emptied": sum(was is not None and now is None for was, now in zip(before, after, strict=True)),
    }


def _cleaned(several: Several, source: Source) -> list[Article | None]:
    return [article for payload, ids in several for article in _articles(payload, source, ids)]


def _articles(payload: Payload, source: Source, ids: Collection[str]) -> Iterator[Article | None]:
    """Of each entry that is one of these articles; None for one of which nothing is left, or that cannot be read."""
    for entry in _entries(payload, source, ids):
        try:
            yield clean(entry, source, fetched_at=payload.fetched_at)
        except IngestError:
            yield None


def _entries(payload: Payload, source: Source, ids: Collection[str]) -> Iterator[Entry]:
    if payload.page_url is not None:
        try:
            yield extract(payload.body, payload.url, content_type=payload.content_type, rules=source.rules)
        except NoContent:
            yield Entry()
        return
    for entry in assign_identity(parse(payload, source.format, source.limits.max_items).entries):
        if item_id(source.id, entry) in ids:
            yield entry


def _removed(article: Article | None) -> list[str]:
    return [one.text for one in article.removed] if article else []


def _limit(kind: int, most: int) -> None:
    resource.setrlimit(kind, (most, most))


def main() -> None:
    _limit(resource.RLIMIT_DATA, MEMORY)
    source, rule, several = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own parent
    before = _cleaned(several, source)
    _limit(resource.RLIMIT_CPU, ceil(process_time()) + CPU_S)
    after = _cleaned(several, source.model_copy(update={"rules": (*source.rules, rule)}))
    json.dump(compared(before, after), sys.stdout)


if __name__ == "__main__":
    main()
