"""Takedowns and the keys by which shards and landings refuse what was taken down."""

from __future__ import annotations

import fcntl
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, Table, delete, func, inspect, select, text, update

from ingest.errors import StateError
from ingest.model import Entry
from ingest.state.database import chunks, from_row, insert_into, state_errors, to_db, to_row
from ingest.state.tables import (
    feeds,
    items,
    learned_rules,
    pending,
    pieces,
    runs,
    source_events,
    source_health,
    story_aliases,
    story_anchors,
    story_links,
    story_members,
    story_texts,
    takedown_keys,
    takedowns,
    versions,
)
from ingest.takedown.tombstone import Key, Refusals, Tombstone

_TAKEDOWN = 0x74616B65  # "take", for PostgreSQL's advisory lock
_TEXTS = (runs.c.report, source_health.c.cause, source_health.c.health, source_events.c.cause, feeds.c.last_error)
_WEEKLY = {"story_anchors": story_anchors, "story_texts": story_texts}


def save_tombstone(conn: Connection, tombstone: Tombstone) -> None:
    """Insert it, or its further keys; what is there stays: who came first, when and why."""
    plain = tombstone.model_dump(exclude={"keys"})
    conn.execute(insert_into(conn, takedowns).on_conflict_do_nothing(), to_row(plain))
    add_keys(conn, ((key, tombstone.takedown_id) for key in tombstone.keys))


def add_keys(conn: Connection, several: Iterable[tuple[Key, str]]) -> None:
    statement = insert_into(conn, takedown_keys).on_conflict_do_nothing()
    rows = sorted({(kind, key, takedown_id) for (kind, key), takedown_id in several})
    for chunk in chunks(rows):
        conn.execute(statement, [dict(zip(("kind", "key", "takedown_id"), row, strict=True)) for row in chunk])


def mark_done(conn: Connection, takedown_id: str, at: datetime) -> None:
    here = takedowns.c.takedown_id == takedown_id
    conn.execute(update(takedowns).where(here, takedowns.c.done_at.is_(None)).values(done_at=to_db(at)))


def load_tombstones(conn: Connection) -> list[Tombstone]:
    """All, oldest first."""
    keys: dict[str, list[Key]] = defaultdict(list)
    for row in conn.execute(select(takedown_keys).order_by(takedown_keys.c.kind, takedown_keys.c.key)):
        keys[row.takedown_id].append(Key(row.kind, row.key))
    rows = conn.execute(select(takedowns).order_by(takedowns.c.at, takedowns.c.takedown_id)).mappings()
    return [Tombstone.model_validate(from_row(row) | {"keys": keys[row["takedown_id"]]}) for row in rows]


def load_refusals(conn: Connection) -> Refusals:
    return Refusals({Key(row.kind, row.key): row.takedown_id for row in conn.execute(select(takedown_keys))})


def takedowns_made(conn: Connection) -> int:
    """How many: what was put into stories before another came is to be put again, without it."""
    return conn.scalar(select(func.count()).select_from(takedowns)) or 0


def forget_articles(conn: Connection, article_ids: Collection[str]) -> None:
    """Drop all that is known of these articles: versions, what waits for its page, their place in their stories.

    A story that has no member left goes with its links and former ids.
    """
    for ids in chunks(sorted(article_ids)):
        for table in (items, versions, pending):
            conn.execute(delete(table).where(table.c.article_id.in_(ids)))
        here = story_members.c.article_id.in_(ids)
        rows = conn.execute(select(story_members.c.id, story_members.c.story_id).where(here)).all()
        for table in _weekly(conn):
            conn.execute(delete(table).where(table.c.member.in_([row.id for row in rows])))
        conn.execute(delete(story_members).where(here))
        _forget_stories(conn, {row.story_id for row in rows})


def mend_texts(conn: Connection, is_theirs: Callable[[str, Entry], bool], mended: Callable[[str], str]) -> None:
    """Go through what else holds words of articles: pieces, reports of runs, causes and errors, learned lines."""
    for row in conn.execute(select(pieces)).mappings().all():
        if is_theirs(row["source_id"], Entry.model_validate_json(row["entry"])):
            conn.execute(delete(pieces).where(*(pieces.c[name] == row[name] for name in ("source_id", "key", "guid"))))
    for column in _TEXTS:
        keys = list(column.table.primary_key)
        for *key, old in conn.execute(select(*keys, column).where(column.is_not(None))).all():
            if (new := mended(old)) != old:
                where = (one == value for one, value in zip(keys, key, strict=True))
                conn.execute(update(column.table).where(*where).values({column.name: new}))
    for rule in conn.execute(select(learned_rules)).mappings().all():
        if mended(rule["text"]) != rule["text"]:
            here = (learned_rules.c.source_id == rule["source_id"], learned_rules.c.rule_id == rule["rule_id"])
            conn.execute(delete(learned_rules).where(*here))


def compact(engine: Engine) -> None:
    """Give up the pages that deleted rows were in, and the write-ahead log. Waits for other writers.

    Raises StateError while a reader keeps SQLite's log from being cut off: do it again.
    """
    if engine.dialect.name == "postgresql":
        with state_errors(engine), engine.execution_options(isolation_level="AUTOCOMMIT").connect() as conn:
            for name in inspect(conn).get_table_names():
                conn.exec_driver_sql(f'VACUUM FULL "{name}"')
        return
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        busy, *_ = cursor.fetchone() or (0,)
        cursor.close()
    finally:
        raw.close()
    if busy:
        raise StateError(str(engine.url), "its log is being read and holds old pages", "do the takedown again")


@contextmanager
def one_at_a_time(engine: Engine) -> Iterator[None]:
    """Two takedowns that rewrote one archive would undo each other. Raises StateError while there is another."""
    if engine.dialect.name == "postgresql":
        with state_errors(engine), engine.connect() as conn:
            if not conn.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _TAKEDOWN}):
                raise StateError("takedown", "another is under way", "wait for it")
            try:
                yield
            finally:
                conn.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _TAKEDOWN})
        return
    with Path(f"{engine.url.database}.takedown").open("wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as e:
            raise StateError("takedown", "another is under way", "wait for it") from e
        yield  # closing the file, or being killed, gives it back


def _forget_stories(conn: Connection, story_ids: Collection[str]) -> None:
    left = set(conn.scalars(select(story_members.c.story_id).where(story_members.c.story_id.in_(story_ids))))
    gone = sorted(set(story_ids) - left)
    for column in (story_aliases.c.story_id, story_links.c.story_id, story_links.c.related):
        conn.execute(delete(column.table).where(column.in_(gone)))


def _weekly(conn: Connection) -> Iterator[Table]:
    for name in inspect(conn).get_table_names():
        kind, _, week = name.rpartition("_")
        if kind in _WEEKLY:
            yield _WEEKLY[kind](int(week))
