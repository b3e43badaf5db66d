"""What an article can be found by in bytes: its ids, its addresses, its headline and sentences. Held in memory only."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ingest.errors import IngestError
from ingest.model import Article, Entry, Payload
from ingest.parse import parse
from ingest.shard.item import item_id
from ingest.urls import canonical_url

GONE = "[taken down]"
_WORD = re.compile(r"\w+")
_TAG = re.compile(r"<[^<>]{0,2000}>")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_ESCAPES = re.compile(r"\\[nrt/\"]")
_SENTENCE = re.compile(r"(?<=[.!?…。！？؟])[\"”’»)]?\s*|\n+")
_CHARSET = re.compile(r"charset=\"?([\w.:-]{1,40})", re.IGNORECASE)
_LONG, _SHORT = (6, 30), (3, 16)  # words and characters: of a sentence, of a headline


@dataclass(frozen=True)
class Traces:
    """`phrases` are words in lower case with single spaces: white space, marks, tags and slugs make no difference."""

    article_ids: frozenset[str]
    source_ids: frozenset[str]
    urls: frozenset[str]
    phrases: tuple[str, ...]

    @classmethod
    def of(cls, articles: Iterable[Article], article_ids: Iterable[str]) -> Traces:
        several = list(articles)
        return cls(
            frozenset(article_ids),
            frozenset(a.source_id for a in several),
            frozenset(url for a in several if (url := canonical_url(a.url))),
            tuple(dict.fromkeys(phrase for a in several for phrase in _phrases(a))),
        )

    def in_text(self, text: str) -> bool:
        plain = _plain(text)
        return any(phrase in plain for phrase in self.phrases)

    def in_payload(self, payload: Payload) -> bool:
        """Whether a record of the raw archive is of these articles, or holds any of their text."""
        if payload.source_id not in self.source_ids:
            return False
        return (
            any(canonical_url(url) in self.urls for url in (payload.url, payload.page_url))
            or any(self.in_text(text) for text in _decoded(payload))
            or any(self.in_entry(payload.source_id, entry) for entry in entries_of(payload))
        )

    def in_entry(self, source_id: str, entry: Entry) -> bool:
        url = canonical_url(entry.url, entry.base_url)
        texts = (entry.headline, entry.summary_html, entry.html)
        return (
            item_id(source_id, entry) in self.article_ids
            or url in self.urls
            or any(self.in_text(text) for text in texts if text)
        )

    def without(self, value: Any) -> Any:
        """A JSON value without them: their rows are left out of lists, other texts that name them are replaced.

        What is of another article is left as it is.
        """
        if isinstance(value, str):
            return GONE if self.in_text(value) else value
        if isinstance(value, list):
            return [self.without(one) for one in value if not self.owns(one)]
        if isinstance(value, dict) and "article_id" not in value and "entry" not in value:
            return {key: self.without(one) for key, one in value.items()}
        return value

    def owns(self, value: Any) -> bool:
        """Whether a JSON object is a row of theirs."""
        if not isinstance(value, dict):
            return False
        if value.get("article_id") in self.article_ids:
            return True
        if not isinstance(value.get("entry"), dict):
            return False
        return self.in_entry(str(value.get("source_id")), Entry.model_validate(value["entry"]))


def _phrases(article: Article) -> Iterator[str]:
    for text in (article.headline, article.subheadline):
        yield from _long_enough(text or "", _SHORT)
    texts = [article.body_text, article.summary or "", *(image.caption or "" for image in article.images)]
    for text in texts:
        for sentence in _SENTENCE.split(text):
            yield from _long_enough(sentence, _LONG)


def _long_enough(text: str, least: tuple[int, int]) -> Iterator[str]:
    plain = _plain(text)
    words, characters = least
    wide = sum(ch >= "\u2e80" for ch in plain)  # scripts without spaces say more in a character
    enough = len(plain.split()) >= words or (wide and wide * 2 >= len(plain))
    if enough and len(plain) + 2 * wide >= characters:
        yield plain


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))


def _decoded(payload: Payload) -> Iterator[str]:
    """The body as it may be meant: in its charset, with entities, tags and JSON's escapes undone."""
    stated = _CHARSET.search(payload.content_type or "")
    marked = "utf-16" if payload.body[:2] in (b"\xff\xfe", b"\xfe\xff") else None
    for charset in dict.fromkeys(filter(None, (stated and stated[1], marked, "utf-8", "windows-1252"))):
        try:
            text = payload.body.decode(charset, "replace")
        except LookupError:
            continue
        text = _ESCAPED.sub(lambda m: chr(int(m[1], 16)), text)
        text = html.unescape(html.unescape(_ESCAPES.sub(" ", text)))
        yield _TAG.sub(" ", text)
        yield _TAG.sub("", text)  # a tag within a word


def entries_of(payload: Payload) -> tuple[Entry, ...]:
    """The items of a feed or wire file; none of a page, or of what cannot be read."""
    try:
        return parse(payload, "auto", 5_000).entries
    except IngestError:
        return ()
