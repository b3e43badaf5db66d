"""What is known of hosts: pauses they asked for, and their robots.txt.

Saved when a shard ends and not when its run lands: a pause was promised to the publisher, whatever becomes of the run.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from ingest.model import HostPause, RobotsFile
from ingest.state.database import from_row, to_db, upsert
from ingest.state.tables import hosts, robots

_KEEP_ROBOTS = timedelta(days=60)  # since it was last asked for; longer than one may be out of reach


def load_pauses(conn: Connection, now: datetime) -> dict[str, HostPause]:
    """By host; those that are not over."""
    rows = conn.execute(select(hosts).where(hosts.c.not_before > to_db(now))).mappings()
    return {row["host"]: HostPause.model_validate(from_row(row)) for row in rows}


def save_pauses(conn: Connection, pauses: Iterable[HostPause], now: datetime) -> None:
    """Insert or replace, and drop those that are over."""
    conn.execute(delete(hosts).where(hosts.c.not_before <= to_db(now)))
    upsert(conn, hosts, [pause.model_dump() for pause in pauses])


def find_robots(conn: Connection, origin: str) -> RobotsFile | None:
    row = conn.execute(select(robots).where(robots.c.origin == origin)).mappings().one_or_none()
    return RobotsFile.model_validate(from_row(row)) if row else None


def save_robots(conn: Connection, files: Iterable[RobotsFile], now: datetime) -> None:
    """Insert or replace, and drop those that nobody asked for in a long time."""
    conn.execute(delete(robots).where(robots.c.asked_at < to_db(now - _KEEP_ROBOTS)))
    upsert(conn, robots, [file.model_dump() for file in files])
