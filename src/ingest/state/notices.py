"""How far notices of commits have got: those in the store, and each webhook's."""

from __future__ import annotations

from sqlalchemy import Connection, select

from ingest.state.database import from_row, upsert
from ingest.state.models import NoticeRow
from ingest.state.tables import notices


def load_positions(conn: Connection) -> dict[str, NoticeRow]:
    """By reader."""
    rows = conn.execute(select(notices)).mappings()
    return {row["reader"]: NoticeRow.model_validate(from_row(row)) for row in rows}


def save_position(conn: Connection, row: NoticeRow) -> None:
    upsert(conn, notices, [row.model_dump()])
