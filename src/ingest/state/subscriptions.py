"""WebSub subscriptions: what was asked of which hub, until when it holds."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, delete, select

from ingest.state.database import from_row, upsert
from ingest.state.models import SubscriptionRow
from ingest.state.tables import subscriptions


def load_subscriptions(conn: Connection) -> list[SubscriptionRow]:
    rows = conn.execute(select(subscriptions).order_by(subscriptions.c.source_id, subscriptions.c.url)).mappings()
    return [SubscriptionRow.model_validate(from_row(row)) for row in rows]


def find_subscription(conn: Connection, token: str) -> SubscriptionRow | None:
    row = conn.execute(select(subscriptions).where(subscriptions.c.token == token)).mappings().one_or_none()
    return SubscriptionRow.model_validate(from_row(row)) if row else None


def save_subscriptions(conn: Connection, rows: Iterable[SubscriptionRow]) -> None:
    """Insert or replace; those that are gone are deleted."""
    rows = list(rows)
    gone = [row.token for row in rows if row.state == "gone"]
    conn.execute(delete(subscriptions).where(subscriptions.c.token.in_(gone)))
    upsert(conn, subscriptions, [row.model_dump() for row in rows if row.state != "gone"])
