"""The members of stories and how candidates are found among them: an article is compared with a handful, not with all.

`MemoryIndex` keeps them in memory, `state.stories.SqlIndex` in the state database; `Overlay` decides a batch against
either, plus the batch itself.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Protocol

import numpy as np

from ingest.dedupe.signature import NO_TEXT, Anchors, Text
from ingest.model import Relation

GATE = timedelta(days=7)  # near copies further apart than this are other stories told with the same words
MIN_SHARED_ANCHORS = 2
MIN_SHARED_PART = 0.08  # of the anchors of the one that is compared; stock phrases share less
MAX_POSTINGS = 32  # an anchor in more representatives than this is boilerplate and finds nothing
MAX_CANDIDATES = 8
NO_ANCHORS: Anchors = np.empty(0, np.int32)
OWN, PLAIN, REFERS = 0, 1, 2  # standings: an agency's own item; any; one that names another site's as canonical


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """One article (its latest version) in a story: a row of `story_members`.

    Only representatives have a text and anchors: the article that founded the story, and updates that brought new text.
    Near copies are found through them alone, so that a story cannot grow by chains of small likenesses. The anchors of
    a stored representative are not read back; saved without any, it keeps those it has.
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
    title: frozenset[int]  # the telling words of the headline, hashed
    word_count: int
    url_key: int | None
    text_key: int | None
    represents: bool = False
    killed: bool = False  # it, or what it has its text from, was retracted; copies of it that still come say so
    standing: int = PLAIN
    related: tuple[str, ...] = ()  # stories of which it has a passage, without being one; kept beside, not read back
    text: Text = field(default=NO_TEXT, repr=False)
    anchors: Anchors = field(default_factory=lambda: NO_ANCHORS, repr=False)

    @property
    def stands_for(self) -> str:
        """The article that a copy of this member is a copy of."""
        return self.article_id if self.represents else self.duplicate_of or self.article_id


def order(member: Member) -> tuple[bool, datetime | None, int, str]:
    """Sort key: the earliest published first, the longest of them, then by id. Those without any time come first."""
    return (member.published is not None, member.published, -member.word_count, member.article_id)


class Index(Protocol):
    """Look-ups in batch, read only. Keys without members are absent from the answers; members come in `order`."""

    def by_article_ids(self, ids: Collection[str]) -> Mapping[str, Member]: ...

    def by_url_keys(self, keys: Collection[int]) -> Mapping[int, Sequence[Member]]: ...

    def by_text_keys(self, keys: Collection[int]) -> Mapping[int, Sequence[Member]]: ...

    def by_story_id(self, story_id: str) -> Sequence[Member]: ...

    def by_anchors(self, queries: Sequence[Member]) -> Mapping[str, Sequence[Member]]:
        """By the query's article_id: representatives published within GATE that share MIN_SHARED_ANCHORS or more."""


class MemoryIndex:
    """An Index in memory."""

    def __init__(self, members: Iterable[Member] = ()) -> None:
        self._members: dict[str, Member] = {}
        self._urls: dict[int, set[str]] = defaultdict(set)
        self._texts: dict[int, set[str]] = defaultdict(set)
        self._anchors: dict[int, list[str]] = defaultdict(list)  # most have one: a set takes twice the memory
        self.save(members)

    def save(self, members: Iterable[Member]) -> None:
        """Add members; one with a known article_id replaces the old row, and takes its story along to another."""
        for one in members:
            old = self._drop(one.article_id)
            keeps = old is not None and one.represents and not len(one.anchors)
            member = replace(one, anchors=old.anchors) if old is not None and keeps else one
            self._members[member.article_id] = member
            if old is not None and old.story_id != member.story_id:
                self._merge(old.story_id, member.story_id)
            if member.url_key is not None:
                self._urls[member.url_key].add(member.article_id)
            if member.text_key is not None:
                self._texts[member.text_key].add(member.article_id)
            for anchor in member.anchors.tolist():
                self._anchors[anchor].append(member.article_id)

    def by_article_id(self, article_id: str) -> Member | None:
        return self._members.get(article_id)

    def by_article_ids(self, ids: Collection[str]) -> dict[str, Member]:
        return {id_: self._members[id_] for id_ in ids if id_ in self._members}

    def by_url_keys(self, keys: Collection[int]) -> dict[int, tuple[Member, ...]]:
        return {key: self._ordered(self._urls[key]) for key in keys if self._urls.get(key)}

    def by_text_keys(self, keys: Collection[int]) -> dict[int, tuple[Member, ...]]:
        return {key: self._ordered(self._texts[key]) for key in keys if self._texts.get(key)}

    def by_story_id(self, story_id: str) -> tuple[Member, ...]:
        return self._ordered(id_ for id_, member in self._members.items() if member.story_id == story_id)

    def by_anchors(self, queries: Sequence[Member]) -> dict[str, tuple[Member, ...]]:
        return {query.article_id: found for query in queries if (found := self.near(query))}

    def near(self, query: Member) -> tuple[Member, ...]:
        postings = filter(None, map(self._anchors.get, query.anchors.tolist()))
        shared = Counter(chain.from_iterable(found for found in postings if len(found) <= MAX_POSTINGS))
        return best(query, [(self._members[i], n) for i, n in shared.items() if n >= MIN_SHARED_ANCHORS])

    def _merge(self, alias: str, story_id: str) -> None:
        for member in [member for member in self._members.values() if member.story_id == alias]:
            self._members[member.article_id] = replace(member, story_id=story_id)

    def _drop(self, article_id: str) -> Member | None:
        old = self._members.pop(article_id, None)
        if old is None:
            return None
        if old.url_key is not None:
            self._urls[old.url_key].discard(article_id)
        if old.text_key is not None:
            self._texts[old.text_key].discard(article_id)
        for anchor in old.anchors.tolist():
            self._anchors[anchor].remove(article_id)
        return old

    def _ordered(self, ids: Iterable[str]) -> tuple[Member, ...]:
        return tuple(sorted((self._members[id_] for id_ in ids), key=order))


def best(query: Member, found: Iterable[tuple[Member, int]]) -> tuple[Member, ...]:
    """Of the members found with their number of shared anchors, those worth a comparison, most shared first."""
    near = [
        (member, count)
        for member, count in found
        if count >= MIN_SHARED_ANCHORS
        and count >= MIN_SHARED_PART * len(query.anchors)
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
    """A stored index with the batch under way on top. Asks the stored index once a kind of key for the whole batch."""

    def __init__(self, stored: Index, batch: Sequence[Member]) -> None:
        self._stored = stored
        self._ids = dict(stored.by_article_ids({m.article_id for m in batch}))
        self._urls = stored.by_url_keys({m.url_key for m in batch if m.url_key is not None})
        self._texts = stored.by_text_keys({m.text_key for m in batch if m.text_key is not None})
        self._near = stored.by_anchors(batch)
        at_urls = chain.from_iterable(self._urls.values())
        self._ids |= stored.by_article_ids({m.stands_for for m in at_urls if not m.represents} - self._ids.keys())
        self._batch = MemoryIndex()

    def add(self, member: Member) -> None:
        self._batch.save((member,))

    def candidates(self, query: Member) -> Candidates:
        batch, id_ = self._batch, query.article_id
        at_url = self._join(query, query.url_key, self._urls, batch.by_url_keys)
        return Candidates(
            itself=self._known(id_),
            same_url=tuple(self._with_text(member) for member in at_url),
            same_text=self._join(query, query.text_key, self._texts, batch.by_text_keys),
            near=self._beside(query, self._near.get(id_, ()), batch.near(query)),
        )

    def in_story(self, story_id: str) -> tuple[Member, ...]:
        stored = [m for m in self._stored.by_story_id(story_id) if self._batch.by_article_id(m.article_id) is None]
        return tuple(sorted((*stored, *self._batch.by_story_id(story_id)), key=order))

    def _known(self, article_id: str) -> Member | None:
        return self._batch.by_article_id(article_id) or self._ids.get(article_id)

    def _join(
        self,
        query: Member,
        key: int | None,
        stored: Mapping[int, Sequence[Member]],
        fresh: Callable[[Collection[int]], Mapping[int, Sequence[Member]]],
    ) -> tuple[Member, ...]:
        return self._beside(query, stored.get(key, ()), fresh((key,)).get(key, ())) if key is not None else ()

    def _beside(self, query: Member, stored: Sequence[Member], fresh: Sequence[Member]) -> tuple[Member, ...]:
        """Both, without the query itself and without stored rows that the batch has replaced."""
        if not stored and not fresh:
            return ()
        known = {m.article_id: m for m in (*filter(None, map(self._kept, stored)), *fresh)}
        known.pop(query.article_id, None)
        # What was killed stands for nothing as long as there is another.
        return tuple(sorted(known.values(), key=lambda m: (m.killed, order(m))))

    def _kept(self, stored: Member) -> Member | None:
        """A stored row as it is now. One that the batch says something of without its anchors is found by the old."""
        now = self._batch.by_article_id(stored.article_id)
        return stored if now is None else now if now.represents and not len(now.anchors) else None

    def _with_text(self, member: Member) -> Member:
        """A copy with the text that its story's representative has."""
        representative = None if member.represents else self._known(member.stands_for)
        return replace(member, text=representative.text) if representative else member
