"""What is left of what was taken down: hashes that it is known by when it comes again, reason, author, time.

No text: an article's id, its canonical address, its content and its words are hashes here, and cannot be turned back.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from ingest.model import Article, Model
from ingest.urls import canonical_url

FOLDER = "takedowns"
MIN_WORDS = 12  # a shorter text may be anybody's: "Nothing to report today."
_WORD = re.compile(r"\w+")

KeyKind = Literal["article", "story", "url", "content", "text"]


class Key(NamedTuple):
    kind: KeyKind
    key: str


class Tombstone(Model):
    """One takedown. `target` is the id that was asked for; `keys` what its articles are known by."""

    takedown_id: str
    target: str
    reason: str
    author: str
    at: datetime
    done_at: datetime | None = None
    keys: tuple[Key, ...] = ()

    def ids(self, kind: KeyKind) -> tuple[str, ...]:
        return tuple(key for one, key in self.keys if one == kind)

    @property
    def article_ids(self) -> tuple[str, ...]:
        return self.ids("article")


class Refusals:
    """What must not land: asked with ids, addresses and articles. Empty for nearly everybody."""

    def __init__(self, by_key: Mapping[Key, str] | None = None) -> None:
        self._by_key = by_key or {}

    def __bool__(self) -> bool:
        return bool(self._by_key)

    def of_item(self, article_id: str | None, url: str | None) -> str | None:
        """The takedown that an item falls under by its id or its address; None if it may land."""
        return self._first(keys_of_item(article_id, url)) if self else None

    def of_article(self, article: Article) -> str | None:
        """The same for one that has been read: also by what it says."""
        return self._first(keys_of(article)) if self else None

    def _first(self, keys: Iterable[Key]) -> str | None:
        return next((self._by_key[key] for key in keys if key in self._by_key), None)


NOTHING_REFUSED = Refusals()


def takedown_id_of(target: str) -> str:
    """The same for the same target, so that a takedown that was killed goes on where it was."""
    return hashlib.sha256(f"takedown\n{target}".encode()).hexdigest()[:32]


def keys_of(article: Article) -> Iterator[Key]:
    """An article is known by its id, its address, its content; its words, also under another headline."""
    yield from keys_of_item(article.article_id, article.url)
    words = _WORD.findall(article.body_text.casefold())
    if len(words) + len(_WORD.findall(article.headline or "")) >= MIN_WORDS:
        yield Key("content", article.content_hash)
    if len(words) >= MIN_WORDS or (len(words) == 1 and len(words[0]) > 4 * MIN_WORDS):
        yield Key("text", _digest(" ".join(words)))


def keys_of_item(article_id: str | None, url: str | None) -> Iterator[Key]:
    if article_id:
        yield Key("article", article_id)
    if address := canonical_url(url):
        yield Key("url", _digest(address))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
