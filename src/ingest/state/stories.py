"""The deduplication index in the state database: `story_members` and `story_anchors`. SQLite and PostgreSQL."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar

import numpy as np
import orjson
from sqlalchemy import ColumnElement, Connection, RowMapping, delete, insert, select

from ingest.dedupe.index import MAX_POSTINGS, Member, best, order
from ingest.dedupe.signature import Facts, Hashes
from ingest.state.tables import story_anchors, story_members

CHUNK = 2_000  # values in one IN list; both databases take more, but plans and memory do not gain
_STORED = np.dtype("<u4")

T = TypeVar("T")


class SqlIndex:
    """`dedupe.Index` over the two tables. Reads only, within the connection's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def by_article_ids(self, ids: Collection[str]) -> dict[str, Member]:
        return {member.article_id: member for member in self._members(story_members.c.article_id, ids)}

    def by_url_keys(self, keys: Collection[str]) -> dict[str, tuple[Member, ...]]:
        return _grouped((m.url_key, m) for m in self._members(story_members.c.url_key, keys))

    def by_text_keys(self, keys: Collection[str]) -> dict[str, tuple[Member, ...]]:
        return _grouped((m.text_key, m) for m in self._members(story_members.c.text_key, keys))

    def by_anchors(self, queries: Sequence[Member]) -> dict[str, tuple[Member, ...]]:
        postings = self._postings({anchor for query in queries for anchor in query.anchors.tolist()})
        shared = {query.article_id: _shared(query, postings) for query in queries}
        members = self.by_article_ids({id_ for counts in shared.values() for id_ in counts})
        found = {q.article_id: best(q, [(members[i], n) for i, n in shared[q.article_id].items()]) for q in queries}
        return {article_id: candidates for article_id, candidates in found.items() if candidates}

    def _postings(self, anchors: Collection[int]) -> Mapping[int, list[str]]:
        """Which representatives have an anchor. One that more than MAX_POSTINGS have is boilerplate and left out."""
        postings: dict[int, list[str]] = defaultdict(list)
        columns = (story_anchors.c.anchor, story_anchors.c.article_id)
        for chunk in _chunks(sorted(anchors)):
            for anchor, article_id in self._connection.execute(select(*columns).where(columns[0].in_(chunk))):
                postings[anchor].append(article_id)
        return {anchor: ids for anchor, ids in postings.items() if len(ids) <= MAX_POSTINGS}

    def _members(self, column: ColumnElement[Any], values: Collection[str]) -> Iterator[Member]:
        for chunk in _chunks(sorted(values)):
            rows = self._connection.execute(select(story_members).where(column.in_(chunk))).mappings().all()
            anchors = self._anchors([row["article_id"] for row in rows])
            yield from (_member(row, anchors.get(row["article_id"], [])) for row in rows)

    def _anchors(self, ids: Sequence[str]) -> Mapping[str, list[int]]:
        anchors: dict[str, list[int]] = defaultdict(list)
        columns = (story_anchors.c.article_id, story_anchors.c.anchor)
        for chunk in _chunks(ids):
            for article_id, anchor in self._connection.execute(select(*columns).where(columns[0].in_(chunk))):
                anchors[article_id].append(anchor)
        return anchors


def save_members(connection: Connection, members: Iterable[Member]) -> None:
    """Write members; a row of the same article is replaced. Saving the same members again changes nothing."""
    for several in _chunks(members):
        chunk = list({member.article_id: member for member in several}.values())
        ids = [member.article_id for member in chunk]
        connection.execute(delete(story_anchors).where(story_anchors.c.article_id.in_(ids)))
        connection.execute(delete(story_members).where(story_members.c.article_id.in_(ids)))
        connection.execute(insert(story_members), [_row(member) for member in chunk])
        _insert_anchors(connection, chunk)


def _insert_anchors(connection: Connection, members: Sequence[Member]) -> None:
    """Some 30 rows an article, straight to the driver: SQLAlchemy would spend twice the database's own time on them."""
    columns = ("anchor", "article_id", "day")  # in the table's order, which is the statement's
    statement = insert(story_anchors).compile(dialect=connection.dialect, column_keys=columns)
    rows: list[Any] = [(anchor, m.article_id, m.day) for m in members for anchor in m.anchors.tolist()]
    if not statement.positional:  # psycopg's are named
        rows = [dict(zip(columns, row, strict=True)) for row in rows]
    if rows:
        connection.exec_driver_sql(str(statement), rows)


def expire(connection: Connection, before_day: int) -> int:
    """Forget members seen before a day (in days since 1970) and return how many: no copy can join them any more."""
    connection.execute(delete(story_anchors).where(story_anchors.c.day < before_day))
    return connection.execute(delete(story_members).where(story_members.c.day < before_day)).rowcount


def _shared(query: Member, postings: Mapping[int, list[str]]) -> Counter[str]:
    return Counter(id_ for anchor in query.anchors.tolist() for id_ in postings.get(anchor, ()))


def _grouped(pairs: Iterable[tuple[str | None, Member]]) -> dict[str, tuple[Member, ...]]:
    groups: dict[str, list[Member]] = defaultdict(list)
    for key, member in pairs:
        if key is not None:
            groups[key].append(member)
    return {key: tuple(sorted(group, key=order)) for key, group in groups.items()}


def _row(member: Member) -> dict[str, object]:
    published = member.published
    return {
        "article_id": member.article_id,
        "story_id": member.story_id,
        "source_id": member.source_id,
        "version": member.version,
        "relation": member.relation,
        "duplicate_of": member.duplicate_of,
        "published": published.astimezone(UTC).replace(tzinfo=None) if published else None,
        "day": member.day,
        "language": member.language,
        "headline": _storable(member.headline),
        "word_count": member.word_count,
        "url_key": member.url_key,
        "text_key": member.text_key,
        "shingles": member.shingles.astype(_STORED).tobytes(),
        "facts": orjson.dumps(
            {"figures": sorted(member.facts.figures), "names": sorted(map(_printable, member.facts.names))}
        ).decode(),
    }


def _member(row: RowMapping, anchors: Sequence[int]) -> Member:
    published: datetime | None = row["published"]
    facts = orjson.loads(row["facts"] or "{}")
    return Member(
        article_id=row["article_id"],
        story_id=row["story_id"],
        source_id=row["source_id"],
        version=row["version"],
        relation=row["relation"],
        duplicate_of=row["duplicate_of"],
        published=published.replace(tzinfo=UTC) if published else None,
        day=row["day"],
        language=row["language"],
        headline=row["headline"],
        word_count=row["word_count"],
        url_key=row["url_key"],
        text_key=row["text_key"],
        shingles=_hashes(row["shingles"]),
        facts=Facts(frozenset(facts.get("figures", ())), frozenset(facts.get("names", ()))),
        anchors=np.array(sorted(anchors), np.uint32),
    )


def _hashes(blob: bytes | None) -> Hashes:
    return np.frombuffer(blob or b"", _STORED).astype(np.uint32)


def _storable(text: str | None) -> str | None:
    return _printable(text).replace("\0", "") if text is not None else None


def _printable(text: str) -> str:
    """Without lone surrogates, which no database takes."""
    return text.encode("utf-8", "replace").decode()


def _chunks(values: Iterable[T]) -> Iterator[list[T]]:
    left = iter(values)
    while chunk := list(islice(left, CHUNK)):
        yield chunk
