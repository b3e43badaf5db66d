"""The members of stories and how candidates are found among them: an article is compared with a handful, not with all.

`MemoryIndex` keeps them in memory, `state.stories.SqlIndex` in the state database; `Overlay` decides a batch against
either, plus the batch itself.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from typing import Protocol

import numpy as np

from ingest.dedupe.signature import Facts, Hashes
from ingest.model import Relation

GATE = timedelta(days=7)  # near copies further apart than this are other stories told with the same words
MIN_SHARED_ANCHORS = 2
MIN_SHARED_PART = 0.1  # of the anchors of the one that has fewer; stock phrases share less
MAX_POSTINGS = 256  # an anchor in more representatives than this is boilerplate and finds nothing
MAX_CANDIDATES = 12
_EMPTY = np.empty(0, np.uint32)
_NO_FACTS = Facts()


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """One article (its latest version) in a story: a row of `story_members` and its anchors in `story_anchors`.

    Only representatives have anchors: the article that founded the story, and updates that brought new text. Near
    copies are found through them alone, so that a story cannot grow by chains of small likenesses.
    """

    article_id: str
    story_id: str
    source_id: str
    version: int
    relation: Relation
    duplicate_of: str | None
    published: datetime | None
    day: int  # when it was seen, in days since 1970
    language: str | None
    headline: str | None
    word_count: int
    url_key: str | None
    text_key: str | None
    shingles: Hashes = field(default_factory=lambda: _EMPTY, repr=False)
    facts: Facts = _NO_FACTS
    anchors: Hashes = field(default_factory=lambda: _EMPTY, repr=False)
    sorted_shingles: Hashes = field(init=False, repr=False)  # derived, since every comparison looks them up

    def __post_init__(self) -> None:
        object.__setattr__(self, "sorted_shingles", np.sort(self.shingles))

    @property
    def stands_for(self) -> str:
        """The article that a copy of this member is a copy of."""
        return self.article_id if len(self.anchors) else self.duplicate_of or self.article_id


def order(member: Member) -> tuple[bool, datetime | None, int, str]:
    """Sort key: the earliest published first, the longest of them, then by id. Those without any time come first."""
    return (member.published is not None, member.published, -member.word_count, member.article_id)


class Index(Protocol):
    """Look-ups in batch, read only. Keys without members are absent from the answers; members come in `order`."""

    def by_article_ids(self, ids: Collection[str]) -> Mapping[str, Member]: ...

    def by_url_keys(self, keys: Collection[str]) -> Mapping[str, Sequence[Member]]: ...

    def by_text_keys(self, keys: Collection[str]) -> Mapping[str, Sequence[Member]]: ...

    def by_anchors(self, queries: Sequence[Member]) -> Mapping[str, Sequence[Member]]:
        """By the query's article_id: representatives published within GATE that share MIN_SHARED_ANCHORS or more."""


class MemoryIndex:
    """An Index in memory."""

    def __init__(self, members: Iterable[Member] = ()) -> None:
        self._members: dict[str, Member] = {}
        self._urls: dict[str, set[str]] = defaultdict(set)
        self._texts: dict[str, set[str]] = defaultdict(set)
        self._anchors: dict[int, list[str]] = defaultdict(list)  # most have one: a set takes twice the memory
        self.save(members)

    def save(self, members: Iterable[Member]) -> None:
        """Add members; one with a known article_id replaces the old row."""
        for member in members:
            self._drop(member.article_id)
            self._members[member.article_id] = member
            if member.url_key:
                self._urls[member.url_key].add(member.article_id)
            if member.text_key:
                self._texts[member.text_key].add(member.article_id)
            for anchor in member.anchors.tolist():
                self._anchors[anchor].append(member.article_id)

    def by_article_ids(self, ids: Collection[str]) -> dict[str, Member]:
        return {id_: self._members[id_] for id_ in ids if id_ in self._members}

    def by_url_keys(self, keys: Collection[str]) -> dict[str, tuple[Member, ...]]:
        return {key: self._ordered(self._urls[key]) for key in keys if self._urls.get(key)}

    def by_text_keys(self, keys: Collection[str]) -> dict[str, tuple[Member, ...]]:
        return {key: self._ordered(self._texts[key]) for key in keys if self._texts.get(key)}

    def by_anchors(self, queries: Sequence[Member]) -> dict[str, tuple[Member, ...]]:
        return {query.article_id: found for query in queries if (found := self._near(query))}

    def _near(self, query: Member) -> tuple[Member, ...]:
        postings = [self._anchors.get(anchor, ()) for anchor in query.anchors.tolist()]
        shared = Counter(chain.from_iterable([found for found in postings if len(found) <= MAX_POSTINGS]))
        enough = [(self._members[id_], count) for id_, count in shared.items() if count >= MIN_SHARED_ANCHORS]
        return best(query, enough)

    def _drop(self, article_id: str) -> None:
        old = self._members.pop(article_id, None)
        if old is None:
            return
        self._urls[old.url_key or ""].discard(article_id)
        self._texts[old.text_key or ""].discard(article_id)
        for anchor in old.anchors.tolist():
            self._anchors[anchor].remove(article_id)

    def _ordered(self, ids: Iterable[str]) -> tuple[Member, ...]:
        return tuple(sorted((self._members[id_] for id_ in ids), key=order))


def best(query: Member, found: Iterable[tuple[Member, int]]) -> tuple[Member, ...]:
    """Of the members found with their number of shared anchors, those worth a comparison, most shared first."""
    near = [
        (member, count)
        for member, count in found
        if count >= MIN_SHARED_ANCHORS
        and count >= (MIN_SHARED_PART * min(len(query.anchors), len(member.anchors)))
        and member.article_id != query.article_id
        and within_gate(query, member)
    ]
    near.sort(key=lambda pair: (-pair[1], order(pair[0])))
    return tuple(member for member, _ in near[:MAX_CANDIDATES])


def within_gate(a: Member, b: Member) -> bool:
    return a.published is None or b.published is None or abs(a.published - b.published) <= GATE


@dataclass(frozen=True, slots=True)
class Candidates:
    """What one article is decided against."""

    itself: Member | None = None  # an earlier version of the same item
    same_url: tuple[Member, ...] = ()
    same_text: tuple[Member, ...] = ()
    near: tuple[Member, ...] = ()


class Overlay:
    """A stored index with the batch under way on top. Asks the stored index four times for the whole batch."""

    def __init__(self, stored: Index, batch: Sequence[Member]) -> None:
        self._ids = stored.by_article_ids({m.article_id for m in batch})
        self._urls = stored.by_url_keys({m.url_key for m in batch if m.url_key})
        self._texts = stored.by_text_keys({m.text_key for m in batch if m.text_key})
        self._near = stored.by_anchors(batch)
        self._batch = MemoryIndex()

    def add(self, member: Member) -> None:
        self._batch.save((member,))

    def candidates(self, query: Member) -> Candidates:
        id_, url, text = query.article_id, query.url_key or "", query.text_key or ""
        return Candidates(
            itself=self._batch.by_article_ids((id_,)).get(id_) or self._ids.get(id_),
            same_url=self._join(query, self._urls.get(url, ()), self._batch.by_url_keys((url,)).get(url, ())),
            same_text=self._join(query, self._texts.get(text, ()), self._batch.by_text_keys((text,)).get(text, ())),
            near=self._join(query, self._near.get(id_, ()), self._batch.by_anchors((query,)).get(id_, ())),
        )

    def _join(self, query: Member, stored: Sequence[Member], fresh: Sequence[Member]) -> tuple[Member, ...]:
        """Both, without the query itself and without stored rows that the batch has replaced."""
        replaced = self._batch.by_article_ids([member.article_id for member in stored])
        kept = (m for m in stored if m.article_id not in replaced)
        return tuple(m for m in sorted((*kept, *fresh), key=order) if m.article_id != query.article_id)
