"""Alerts that are on, and whether people were told of them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, delete, select, text

from ingest.alerts.model import Alert
from ingest.alerts.told import AlertRow, Key
from ingest.state.database import from_row, upsert
from ingest.state.tables import alerts

_ALERTS = 0x616C657274  # "alert", for PostgreSQL's advisory lock


def lock_alerts(conn: Connection) -> None:
    """Wait until no other check compares, to the end of this transaction. On SQLite every writer waits anyway."""
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ALERTS})


def load_alerts(conn: Connection) -> dict[Key, AlertRow]:
    columns = select(*(alerts.c[name] for name in AlertRow.model_fields))
    found = (from_row(row) for row in conn.execute(columns).mappings())
    rows = (AlertRow.model_validate(row | {"alert": Alert.model_validate_json(row["alert"])}) for row in found)
    return {row.key: row for row in rows}


def save_alerts(conn: Connection, rows: Iterable[AlertRow]) -> None:
    """Insert or replace."""
    upsert(conn, alerts, [_plain(row) for row in rows])


def forget_alerts(conn: Connection, keys: Iterable[Key]) -> None:
    for kind, subject in sorted(keys):
        conn.execute(delete(alerts).where(alerts.c.kind == kind, alerts.c.subject == subject))


def _plain(row: AlertRow) -> dict[str, object]:
    kind, subject = row.key
    return row.model_dump() | {"kind": kind, "subject": subject, "alert": row.alert.model_dump_json()}
