"""Embargoes that have ended, each told once: by the look that found it first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, select

from ingest.state.database import insert_into, to_db
from ingest.state.tables import releases


def save_releases(
    conn: Connection, run_id: str, ended: Iterable[tuple[str, int, datetime]], now: datetime
) -> list[str]:
    """Note articles (id, version, end) that were not told yet. Returns the ids that are this run's to tell: those, and
    the same again if it is called again."""
    rows = [
        {
            "article_id": article_id,
            "version": version,
            "run_id": run_id,
            "embargoed_until": to_db(end),
            "released_at": to_db(now),
        }
        for article_id, version, end in ended
    ]
    if rows:
        conn.execute(insert_into(conn, releases).on_conflict_do_nothing(), rows)
    ours = select(releases.c.article_id).where(releases.c.run_id == run_id)
    return sorted(conn.scalars(ours))


def forget_releases(conn: Connection, before: datetime) -> int:
    return conn.execute(delete(releases).where(releases.c.released_at < to_db(before))).rowcount
