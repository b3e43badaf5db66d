"""Takes and adds of the last days: an add may come hours after what it continues."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, select

from ingest.model import Entry
from ingest.state.database import chunks, to_db, upsert
from ingest.state.models import PieceRow
from ingest.state.tables import pieces


def earlier_pieces(conn: Connection, source_id: str, keys: Iterable[str]) -> list[Entry]:
    """The pieces that a source sent under these keys, the oldest first."""
    found: dict[str, tuple[datetime, str]] = {}  # a piece stands under several keys
    for some in chunks(sorted({_hash(key) for key in keys})):
        wanted = (pieces.c.source_id == source_id) & pieces.c.key.in_(some)
        for row in conn.execute(select(pieces.c.guid, pieces.c.seen_at, pieces.c.entry).where(wanted)):
            found[row.guid] = (row.seen_at, row.entry)
    return [Entry.model_validate_json(entry) for _, entry in sorted(found.values())]


def save_pieces(conn: Connection, rows: Iterable[PieceRow]) -> None:
    values = {
        (row.source_id, _hash(row.key), _hash(row.entry.guid or "")): {
            "source_id": row.source_id,
            "key": _hash(row.key),
            "guid": _hash(row.entry.guid or ""),
            "entry": row.entry.model_dump_json(),
            "seen_at": row.seen_at,
        }
        for row in rows
    }
    upsert(conn, pieces, list(values.values()))


def forget_pieces(conn: Connection, before: datetime) -> int:
    """Drop what came before a time; how many."""
    return conn.execute(delete(pieces).where(pieces.c.seen_at < to_db(before))).rowcount


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
