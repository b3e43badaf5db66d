"""The health of sources: how they are, the days they had, and every change. Written by the run that lands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from ingest.health.model import Change, Day, Health
from ingest.state.database import chunks, from_row, to_db, to_row, upsert
from ingest.state.tables import source_days, source_events, source_health

_DAY = tuple(field.name for field in fields(Day))


def load_health(conn: Connection, source_ids: Iterable[str]) -> dict[str, Health]:
    """By source id; a source that no run asked is not in it."""
    found: dict[str, Health] = {}
    for ids in chunks(sorted(set(source_ids))):
        query = select(source_health.c.source_id, source_health.c.health).where(source_health.c.source_id.in_(ids))
        found |= {source_id: Health.model_validate_json(text) for source_id, text in conn.execute(query)}
    return found


def save_health(conn: Connection, several: Iterable[Health], run_id: str) -> None:
    rows = [
        one.model_dump(include={"source_id", "state", "since", "cause"})
        | {"run_id": run_id, "health": one.model_dump_json()}
        for one in several
    ]
    upsert(conn, source_health, rows)


def load_days(conn: Connection, source_ids: Iterable[str], since: date) -> dict[str, list[Day]]:
    """By source id, in order; a source without a day since then is not in it."""
    found: dict[str, list[Day]] = defaultdict(list)
    columns = [source_days.c[name] for name in _DAY]
    for ids in chunks(sorted(set(source_ids))):
        query = select(source_days.c.source_id, *columns).where(source_days.c.source_id.in_(ids))
        query = query.where(source_days.c.day >= since).order_by(source_days.c.source_id, source_days.c.day)
        for source_id, *values in conn.execute(query):
            found[source_id].append(_day(values))
    return dict(found)


def expected_items(conn: Connection, source_ids: Iterable[str], since: date) -> dict[str, float]:
    """New and updated items a run by source id, of the runs since then; a source without any is not in it."""
    counts = func.sum(source_days.c.new + source_days.c.updated), func.sum(source_days.c.runs)
    found: dict[str, float] = {}
    for ids in chunks(sorted(set(source_ids))):
        query = select(source_days.c.source_id, *counts).where(source_days.c.source_id.in_(ids))
        query = query.where(source_days.c.day >= since).group_by(source_days.c.source_id)
        found |= {id_: float(items) / runs for id_, items, runs in conn.execute(query) if runs}
    return found


def days_of(conn: Connection, day: date) -> list[tuple[str, Day, Health]]:
    """All sources that were asked on a day, in order of their ids, each with its health as it is now."""
    columns = [source_days.c[name] for name in _DAY]
    query = select(source_health.c.source_id, source_health.c.health, *columns).where(source_days.c.day == day)
    query = query.join(source_health, source_health.c.source_id == source_days.c.source_id)
    return [
        (source_id, _day(values), Health.model_validate_json(health))
        for source_id, health, *values in conn.execute(query.order_by(source_health.c.source_id))
    ]


def save_days(conn: Connection, days: Mapping[str, Sequence[Day]]) -> None:
    """Insert or replace."""
    upsert(conn, source_days, [_day_row(source_id, day) for source_id, several in days.items() for day in several])


def load_events(conn: Connection, source_ids: Sequence[str] = (), limit: int = 200) -> list[Change]:
    """The newest first; of all sources if none is named."""
    query = select(source_events).order_by(source_events.c.at.desc(), source_events.c.id.desc()).limit(limit)
    if source_ids:
        query = query.where(source_events.c.source_id.in_(source_ids))
    rows = (from_row(row) for row in conn.execute(query).mappings())
    return [Change.model_validate({name: row[name] for name in Change.model_fields}) for row in rows]


def save_events(conn: Connection, several: Iterable[Change]) -> None:
    """Append."""
    for chunk in chunks(several):
        conn.execute(insert(source_events), [to_row(one.model_dump()) for one in chunk])


def forget_health(conn: Connection, days_before: date, events_before: datetime) -> int:
    """Drop days and events that are older; how many days."""
    conn.execute(delete(source_events).where(source_events.c.at < to_db(events_before)))
    return conn.execute(delete(source_days).where(source_days.c.day < days_before)).rowcount


def _day(values: Sequence[Any]) -> Day:
    *counts, lateness = values  # in the order of its fields
    counts.append(tuple(map(int, lateness.split())))
    return Day(*counts)


def _day_row(source_id: str, day: Day) -> dict[str, Any]:
    return {"source_id": source_id} | asdict(day) | {"lateness": " ".join(map(str, day.lateness))}
