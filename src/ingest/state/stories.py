"""The deduplication index in the state database, on SQLite and PostgreSQL.

`story_members` has a row for each article. Representatives of stories have a text and anchors besides, in tables of the
week they were seen, which are dropped whole: nothing that comes later can be a near copy of them.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    RowMapping,
    any_,
    bindparam,
    delete,
    func,
    insert,
    inspect,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from ingest.dedupe.index import MAX_POSTINGS, Member, best, order
from ingest.dedupe.signature import NO_TEXT, unpacked
from ingest.dedupe.standing import elected
from ingest.state.bulk import execute_rows
from ingest.state.database import chunks, upsert
from ingest.state.tables import story_aliases, story_anchors, story_links, story_members, story_texts

Numbers = NDArray[np.int64]

CHUNK = 2_000  # rows a statement; both databases take more, but plans and memory do not gain
WEEK = 7
KEEP_TEXTS = 14  # days: the gate, and as long for what comes late
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_US = timedelta(microseconds=1)
_WEEKLY = re.compile(r"story_anchors_(\d+)")


@dataclass(frozen=True, slots=True)
class Standing:
    """A story as the index has it. Of one that has expired there is nothing but the id."""

    story_id: str
    aliases: tuple[str, ...] = ()  # ids that articles of it landed with
    canonical: str | None = None  # article_id
    killed: frozenset[str] = frozenset()  # article_ids, copies of what was killed included
    related: tuple[str, ...] = ()  # stories with passages of it, or of which it has some

    @property
    def ids(self) -> tuple[str, ...]:
        """All that articles of it may have landed with."""
        return (self.story_id, *self.aliases)


class SqlIndex:
    """`dedupe.Index` over the tables. Reads only, within the connection's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def by_article_ids(self, ids: Collection[str]) -> dict[str, Member]:
        chunked = [story_members.c.article_id.in_(chunk) for chunk in chunks(sorted(ids), CHUNK)]
        return {member.article_id: member for wanted in chunked for _, member in self._members(wanted)}

    def by_url_keys(self, keys: Collection[int]) -> dict[int, tuple[Member, ...]]:
        found = self._members(self.among(story_members.c.url_key, keys))
        return _grouped((member.url_key, member) for _, member in found)

    def by_text_keys(self, keys: Collection[int]) -> dict[int, tuple[Member, ...]]:
        found = self._members(self.among(story_members.c.text_key, keys))
        return _grouped((member.text_key, member) for _, member in found)

    def by_story_id(self, story_id: str) -> tuple[Member, ...]:
        return tuple(sorted((m for _, m in self._members(story_members.c.story_id == story_id)), key=order))

    def by_anchors(self, queries: Sequence[Member]) -> dict[str, tuple[Member, ...]]:
        postings = self._postings(queries)
        shared = {query.article_id: _shared(query, postings) for query in queries}
        ids = {id_ for counts in shared.values() for id_ in counts}
        members = dict(self._members(self.among(story_members.c.id, ids))) if ids else {}
        found = {
            query.article_id: best(
                query, [(members[i], n) for i, n in shared[query.article_id].items() if i in members]
            )
            for query in queries
        }
        return {article_id: candidates for article_id, candidates in found.items() if candidates}

    def _postings(self, queries: Sequence[Member]) -> Mapping[int, Sequence[int]]:
        """Which representatives have an anchor. One that more than MAX_POSTINGS of a week have is left out."""
        anchors = np.unique(np.concatenate([query.anchors for query in queries])).tolist() if queries else []
        if not anchors:
            return {}
        oldest = min(query.day for query in queries) - KEEP_TEXTS
        postings: dict[int, list[int]] = defaultdict(list)
        for week in _weeks(self._connection):
            if week < oldest // WEEK:  # may be dropped at any time
                continue
            table = story_anchors(week)
            gathered = func.array_agg if self._is_postgres() else func.json_group_array
            found = select(table.c.anchor, gathered(table.c.member)).where(self.among(table.c.anchor, anchors))
            few = found.group_by(table.c.anchor).having(func.count() <= MAX_POSTINGS)
            for anchor, members in self._connection.execute(few):
                postings[anchor] += members if self._is_postgres() else orjson.loads(members)
        return postings

    def _members(self, wanted: ColumnElement[bool]) -> list[tuple[int, Member]]:
        rows = self._connection.execute(select(story_members).where(wanted)).mappings().all()
        texts = self._texts(rows)
        return [(row["id"], _member(row, texts.get(row["id"], b""))) for row in rows]

    def _texts(self, rows: Sequence[RowMapping]) -> Mapping[int, bytes]:
        by_week: dict[int, list[int]] = defaultdict(list)
        for row in rows:
            if row["represents"]:
                by_week[row["day"] // WEEK].append(row["id"])
        texts: dict[int, bytes] = {}
        for week in by_week.keys() & set(_weeks(self._connection)) if by_week else ():
            table = story_texts(week)
            found = select(table.c.member, table.c.text).where(self.among(table.c.member, by_week[week]))
            texts.update(self._connection.execute(found).all())
        return texts

    def among(self, column: ColumnElement[Any], values: Collection[int]) -> ColumnElement[bool]:
        """One parameter for however many values."""
        ordered = sorted(values)
        if self._is_postgres():
            return column == any_(literal(ordered, ARRAY(BigInteger)))
        value = func.json_each(orjson.dumps(ordered).decode()).table_valued("value")
        return column.in_(select(value.c.value))

    def _is_postgres(self) -> bool:
        return self._connection.dialect.name == "postgresql"


class Saved(NamedTuple):
    """A member as the tables keep it: the columns of `story_members` but for its id, then what lies beside."""

    article_id: str
    story_id: str
    source_id: str
    version: int
    relation: str
    duplicate_of: str | None
    published_us: int | None
    day: int
    language: str | None
    title: bytes | None
    word_count: int
    url_key: int | None
    text_key: int | None
    represents: bool
    killed: bool
    standing: int
    related: Sequence[str] = ()
    text: bytes = b""  # as `Text.packed` has it; of representatives alone
    anchors: Sequence[int] = ()


_COLUMNS = Saved._fields[:-3]


def saved(member: Member) -> Saved:
    return Saved(
        article_id=member.article_id,
        story_id=member.story_id,
        source_id=member.source_id,
        version=member.version,
        relation=member.relation,
        duplicate_of=member.duplicate_of,
        published_us=(member.published - _EPOCH) // _US if member.published else None,
        day=member.day,
        language=member.language,
        title=np.array(sorted(member.title), "<u2").tobytes() or None,
        word_count=member.word_count,
        url_key=member.url_key,
        text_key=member.text_key,
        represents=member.represents,
        killed=member.killed,
        standing=member.standing,
        related=member.related,
        text=member.text.packed() if member.represents else b"",
        anchors=member.anchors.tolist() if member.represents else (),
    )


def save_members(connection: Connection, members: Iterable[Member]) -> None:
    """`save_rows`, of members."""
    save_rows(connection, map(saved, members))


def save_rows(connection: Connection, rows: Iterable[Saved]) -> None:
    """Write members; a row of the same article is replaced. Saving the same members again changes nothing.

    One at a time: under `lock_landing`. A story whose founder is saved under another story goes over into that whole.
    """
    weeks = set(_weeks(connection))
    for several in chunks(rows, CHUNK):
        chunk = {row.article_id: row for row in several}
        found = select(story_members.c.article_id, story_members.c.story_id, story_members.c.version)
        there = connection.execute(found.where(story_members.c.article_id.in_(chunk)))
        old = {row.article_id: row for row in there}
        same = [i for i, row in old.items() if _has_text_of(chunk[i], row.version)]
        _update(connection, [chunk[i] for i in same])
        connection.execute(delete(story_members).where(story_members.c.article_id.in_(old.keys() - same)))
        _insert(connection, [row for i, row in chunk.items() if i not in same], weeks)
        _merge(connection, {row.story_id: chunk[i] for i, row in old.items() if row.story_id != chunk[i].story_id})
        links = {(m.story_id, related): m.day for m in chunk.values() for related in m.related}
        upsert(connection, story_links, [{"story_id": a, "related": b, "day": day} for (a, b), day in links.items()])


def _has_text_of(row: Saved, version: int) -> bool:
    """True if what is stored of the text of this version is the row's too."""
    return row.version == version or (row.represents and not row.anchors)


def _update(connection: Connection, rows: Sequence[Saved]) -> None:
    """`day` stays: it tells the week that has the text."""
    values: dict[str, Any] = {name: bindparam(name) for name in _COLUMNS if name not in ("article_id", "day")}
    statement = update(story_members).where(story_members.c.article_id == bindparam("key")).values(values)
    if rows:
        plain = [dict(zip(_COLUMNS, row, strict=False)) for row in rows]
        connection.execute(statement, [{"key": row["article_id"]} | {n: row[n] for n in values} for row in plain])


def _insert(connection: Connection, rows: Sequence[Saved], weeks: set[int]) -> None:
    if rows:
        execute_rows(connection, insert(story_members), _COLUMNS, [row[: len(_COLUMNS)] for row in rows])
        _save_texts(connection, [row for row in rows if row.represents], weeks)


def _merge(connection: Connection, moved: Mapping[str, Saved]) -> None:
    for alias, member in moved.items():
        for column in (story_members.c.story_id, story_aliases.c.story_id):
            moving = update(column.table).where(column == alias)
            connection.execute(moving.values(story_id=member.story_id))
    aliases = [{"alias": alias, "story_id": m.story_id, "day": m.day} for alias, m in moved.items()]
    upsert(connection, story_aliases, aliases)


def story_of(connection: Connection, story_id: str) -> str:
    """The story that a story is in now: itself, unless it was found to be one with an older one."""
    wanted = select(story_aliases.c.story_id).where(story_aliases.c.alias == story_id)
    return connection.scalar(wanted) or story_id


def ids_of(connection: Connection, story_id: str) -> list[str]:
    """All ids that articles of a story may have landed with: its own first, then those it has taken over."""
    now = story_of(connection, story_id)
    return [now, *sorted(connection.scalars(select(story_aliases.c.alias).where(story_aliases.c.story_id == now)))]


def standing_of(connection: Connection, story_id: str) -> Standing:
    """How a story stands now, whatever its articles said when they landed."""
    ids = ids_of(connection, story_id)
    members = SqlIndex(connection).by_story_id(ids[0])
    links = select(story_links.c.story_id, story_links.c.related)
    either = story_links.c.story_id.in_(ids) | story_links.c.related.in_(ids)
    linked = {one for row in connection.execute(links.where(either)) for one in row}
    return Standing(
        story_id=ids[0],
        aliases=tuple(ids[1:]),
        canonical=elected(members).article_id if members else None,
        killed=frozenset(member.article_id for member in members if member.killed),
        related=tuple(sorted(_now(connection, linked - set(ids)))),
    )


def killed_of(connection: Connection, article_ids: Iterable[str]) -> set[str]:
    """Those that are killed, copies of what was killed included."""
    found: set[str] = set()
    for ids in chunks(sorted(set(article_ids))):
        wanted = story_members.c.article_id.in_(ids) & story_members.c.killed
        found |= set(connection.scalars(select(story_members.c.article_id).where(wanted)))
    return found


def _now(connection: Connection, ids: Collection[str]) -> set[str]:
    """`story_of` of several."""
    aliases = select(story_aliases.c.alias, story_aliases.c.story_id)
    owners: dict[str, str] = {}
    for some in chunks(sorted(ids), CHUNK):
        owners |= dict(row.tuple() for row in connection.execute(aliases.where(story_aliases.c.alias.in_(some))))
    return {owners.get(one, one) for one in ids}


def _save_texts(connection: Connection, rows: Sequence[Saved], weeks: set[int]) -> None:
    by_week: dict[int, list[Saved]] = defaultdict(list)
    for row in rows:
        by_week[row.day // WEEK].append(row)
    found = select(story_members.c.article_id, story_members.c.id)
    for week, some in by_week.items():
        if week not in weeks:
            story_texts(week).create(connection, checkfirst=True)
            story_anchors(week).create(connection, checkfirst=True)
            weeks.add(week)
        ids = dict(connection.execute(found.where(story_members.c.article_id.in_([m.article_id for m in some]))).all())
        texts = [(ids[row.article_id], row.text) for row in some]
        execute_rows(connection, insert(story_texts(week)), ("member", "text"), texts)
        members = np.repeat([ids[row.article_id] for row in some], [len(row.anchors) for row in some])
        anchors = np.fromiter(chain.from_iterable(row.anchors for row in some), np.int64, len(members))
        _save_anchors(connection, week, anchors, members)


def _save_anchors(connection: Connection, week: int, anchors: Numbers, members: Numbers) -> None:
    """Pairs of anchor and member. Few have the same anchor but for boilerplate, which is kept out: one more than
    MAX_POSTINGS tells that there are too many."""
    order = np.lexsort((members, anchors))
    anchors, members = anchors[order], members[order]
    different, first, count = np.unique(anchors, return_index=True, return_counts=True)
    kept = np.arange(len(anchors)) + np.repeat(_counted(connection, week, different) - first, count) <= MAX_POSTINGS
    rows = zip(anchors[kept].tolist(), members[kept].tolist(), strict=True)
    execute_rows(connection, insert(story_anchors(week)), ("anchor", "member"), rows)


def _counted(connection: Connection, week: int, anchors: Numbers) -> Numbers:
    """How many have each of the sorted anchors."""
    column, counts = story_anchors(week).c.anchor, np.zeros(len(anchors), np.int64)
    found = select(column, func.count()).where(SqlIndex(connection).among(column, anchors.tolist())).group_by(column)
    there: dict[int, int] = dict(connection.execute(found).all())
    counts[np.searchsorted(anchors, np.array(list(there), np.int64))] = list(there.values())
    return counts


def expire(connection: Connection, before_day: int, texts_before_day: int | None = None) -> int:
    """Forget members seen before a day (in days since 1970) and return how many: no copy can join them any more.

    What near copies are found by goes by whole weeks, before `texts_before_day`.
    """
    for week in _weeks(connection):
        if (week + 1) * WEEK <= max(before_day, texts_before_day or before_day):
            story_anchors(week).drop(connection)
            story_texts(week).drop(connection)
    for table in (story_aliases, story_links):
        connection.execute(delete(table).where(table.c.day < before_day))
    return connection.execute(delete(story_members).where(story_members.c.day < before_day)).rowcount


def _weeks(connection: Connection) -> Iterator[int]:
    names = inspect(connection).get_table_names()
    return (int(match[1]) for name in sorted(names) if (match := _WEEKLY.fullmatch(name)))


def _shared(query: Member, postings: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """How many anchors representatives share with the query, where that is more than one."""
    found = [postings[anchor] for anchor in query.anchors.tolist() if anchor in postings]
    if len(found) < 2:
        return {}
    return {id_: count for id_, count in Counter(id_ for ids in found for id_ in ids).items() if count > 1}


def _grouped(pairs: Iterable[tuple[int | None, Member]]) -> dict[int, tuple[Member, ...]]:
    groups: dict[int, list[Member]] = defaultdict(list)
    for key, member in pairs:
        if key is not None:
            groups[key].append(member)
    return {key: tuple(sorted(group, key=order)) for key, group in groups.items()}


def _member(row: RowMapping, packed: bytes) -> Member:
    published_us: int | None = row["published_us"]
    return Member(
        article_id=row["article_id"],
        story_id=row["story_id"],
        source_id=row["source_id"],
        version=row["version"],
        relation=row["relation"],
        duplicate_of=row["duplicate_of"],
        published=_EPOCH + published_us * _US if published_us is not None else None,
        day=row["day"],
        language=row["language"],
        title=frozenset(np.frombuffer(row["title"] or b"", "<u2").tolist()),
        word_count=row["word_count"],
        url_key=row["url_key"],
        text_key=row["text_key"],
        represents=row["represents"],
        killed=row["killed"],
        standing=row["standing"],
        text=unpacked(packed) if packed else NO_TEXT,
    )
