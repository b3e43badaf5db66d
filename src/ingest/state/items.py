"""What is known of every item: its latest version, every content it had, and the items that wait for their page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from operator import attrgetter

from sqlalchemy import Connection, delete, select

from ingest.model import Entry
from ingest.state.bulk import execute_rows
from ingest.state.database import chunks, from_row, insert_into, to_column, upsert
from ingest.state.models import ItemRow, PendingRow, VersionRow
from ingest.state.tables import items, pending, versions

_CHUNK = 5_000  # rows saved at once


def known_items(conn: Connection, article_ids: Iterable[str]) -> dict[str, ItemRow]:
    """By article id; new items are not in it."""
    found = {}
    for ids in chunks(sorted(set(article_ids))):
        for row in conn.execute(select(items).where(items.c.article_id.in_(ids))).mappings():
            found[row["article_id"]] = ItemRow.model_validate(from_row(row))
    return found


def known_versions(conn: Connection, article_ids: Iterable[str]) -> dict[str, dict[str, int]]:
    """By article id: content hash → version, of all the contents the item ever had."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for ids in chunks(sorted(set(article_ids))):
        for row in conn.execute(select(versions).where(versions.c.article_id.in_(ids))):
            found[row.article_id][row.content_hash] = row.version
    return dict(found)


def save_items(conn: Connection, rows: Iterable[ItemRow]) -> None:
    """Insert or replace. An older version never replaces a newer one, and an item stays first seen when it was."""
    newest: dict[str, ItemRow] = {}
    for row in rows:
        if row.article_id not in newest or row.version >= newest[row.article_id].version:
            newest[row.article_id] = row
    insert = insert_into(conn, items)
    kept = ("article_id", "first_seen_at")
    statement = insert.on_conflict_do_update(
        index_elements=["article_id"],
        set_={column.name: insert.excluded[column.name] for column in items.columns if column.name not in kept},
        where=insert.excluded.version >= items.c.version,
    )
    names = tuple(ItemRow.model_fields)
    values = attrgetter(*names)
    ordered = (tuple(map(to_column, values(newest[article_id]))) for article_id in sorted(newest))
    for chunk in chunks(ordered, _CHUNK):
        execute_rows(conn, statement, names, chunk)


def save_versions(conn: Connection, rows: Iterable[VersionRow]) -> None:
    """Contents that are known already keep their version and run."""
    ordered = sorted({(row.article_id, row.content_hash): row for row in rows}.items())
    statement = insert_into(conn, versions).on_conflict_do_nothing()
    names = tuple(VersionRow.model_fields)
    values = attrgetter(*names)
    for chunk in chunks((values(row) for _, row in ordered), _CHUNK):
        execute_rows(conn, statement, names, chunk)


def load_pending(conn: Connection, source_ids: Iterable[str]) -> list[PendingRow]:
    """All pending items of these sources, the longest waiting first; which of them are due is the caller's to say."""
    found: list[PendingRow] = []
    for ids in chunks(sorted(set(source_ids))):
        rows = conn.execute(select(pending).where(pending.c.source_id.in_(ids))).mappings()
        found += [
            PendingRow.model_validate(from_row(row) | {"entry": Entry.model_validate_json(row["entry"])})
            for row in rows
        ]
    return sorted(found, key=lambda row: row.next_try_at)


def save_pending(conn: Connection, rows: Iterable[PendingRow]) -> None:
    upsert(conn, pending, [row.model_dump() | {"entry": row.entry.model_dump_json()} for row in rows])


def delete_pending(conn: Connection, article_ids: Iterable[str]) -> None:
    for ids in chunks(sorted(set(article_ids))):
        conn.execute(delete(pending).where(pending.c.article_id.in_(ids)))
