"""Sources: the list with how they are, one source with its days, and what may be changed of it in the registry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import select

from ingest.clean.learned import LearnedRule
from ingest.errors import BadConfig
from ingest.health import Change
from ingest.health.changes import todo_for
from ingest.health.model import Day, Health
from ingest.health.table import Row, last_days
from ingest.health.volume import volume_of
from ingest.model import FeedState, Source
from ingest.newsroom.charts import Bar
from ingest.pipeline import Workspace, health_of
from ingest.sources.edit import Rule, add_rule, digest, drop_rule, retire, rules_of, set_enabled
from ingest.state.database import read
from ingest.state.feeds import load_feed_states
from ingest.state.health import load_events
from ingest.state.items import load_pending
from ingest.state.learned import load_rules
from ingest.state.tables import source_health
from ingest.takedown.audit import Removal, record

PAGE, DAYS, EVENTS = 50, 56, 20
NEVER = "never asked"
RETIRED = "retired"  # not in the list unless they are asked for
STATES = ("failing", "gone", "moved", "quiet", "healthy", "paused", NEVER, RETIRED)  # the worst first


@dataclass(frozen=True)
class Line:
    source: Source
    state: str
    health: Health | None
    spark: tuple[int | None, ...]


@dataclass(frozen=True)
class List:
    lines: tuple[Line, ...]
    states: tuple[tuple[str, int], ...]
    found: int
    page: int
    pages: int
    problems: tuple[str, ...]  # of the registry file


@dataclass(frozen=True)
class One:
    source: Source
    state: str
    health: Health | None
    todo: str | None
    bars: tuple[Bar, ...]
    feeds: tuple[FeedState, ...]
    events: tuple[Change, ...]
    rules: tuple[LearnedRule, ...]
    pending: int
    written: tuple[Rule, ...]  # in its own table of the registry file
    seen: str  # a digest of those


def listed(ws: Workspace, now: datetime, *, state: str | None = None, text: str | None = None, page: int = 1) -> List:
    """A page of the registry's sources, the worst first. Only what the page shows is read in full."""
    states = _states(ws)
    named = {
        id_: state_
        for id_, state_ in states.items()
        if (state_ == state if state else state_ != RETIRED) and (text is None or _has(ws.registry[id_], text))
    }
    ids = sorted(named, key=lambda id_: (STATES.index(named[id_]), id_))
    pages = max(1, -(-len(ids) // PAGE))
    page = min(max(1, page), pages)
    shown = ids[(page - 1) * PAGE : page * PAGE]
    rows = health_of(ws, shown, now) if shown else []
    counts = Counter(states.values())
    return List(
        lines=tuple(_line(ws, row, now) for row in rows),
        states=tuple((name, counts[name]) for name in STATES if counts[name]),
        found=len(ids),
        page=page,
        pages=pages,
        problems=tuple(str(error) for error in ws.registry.errors),
    )


def one(ws: Workspace, source_id: str, now: datetime) -> One:
    """Raises BadConfig for one that the registry does not have."""
    source = ws.registry.get_source(source_id)
    (row,) = health_of(ws, [source_id], now)
    with read(ws.engine) as conn:
        feeds = load_feed_states(conn, [source_id])
        events = load_events(conn, [source_id], EVENTS)
        rules = load_rules(conn, [source_id]).get(source_id, ())
        pending = load_pending(conn, [source_id])
    state = _state(source, row.health)
    written = _written(ws).get(source_id, [])
    return One(
        source=source,
        state=state,
        health=row.health,
        todo=todo_for(state, source_id),
        bars=bars(row, now),
        feeds=tuple(feeds.values()),
        events=tuple(events),
        rules=tuple(reversed(rules)),
        pending=len(pending),
        written=tuple(written),
        seen=digest(written),
    )


def bars(row: Row, now: datetime) -> tuple[Bar, ...]:
    """The last eight weeks, each day with what its weekday usually brings."""
    if row.health is None or not row.days:
        return ()
    volume = volume_of(row.days, row.health.first_run_at.date())
    by_day = {day.day: day for day in row.days}
    wanted = (now.date() - timedelta(days=back) for back in range(DAYS - 1, -1, -1))
    found = []
    for date in wanted:
        day, expected = by_day.get(date), volume.expected(date)
        found.append(
            Bar(
                day=date,
                new=day.new if day and day.good_runs else None,
                failed=bool(day and day.failed_runs),
                low=expected.low if expected else None,
                high=expected.high if expected else None,
            )
        )
    return tuple(found)


def switch(ws: Workspace, source_id: str, *, on: bool) -> bool:
    """Pause or enable in the registry file; False if it stood so. Raises BadConfig if it cannot be written."""
    if source_id not in ws.registry and source_id not in {p.source_id for p in ws.registry.problems}:
        raise BadConfig(source_id, "no such source", "the list of sources has them")
    return set_enabled(ws.settings.sources, source_id, on)


def retired(ws: Workspace, source_id: str, now: datetime, by: str, why: str) -> bool:
    """Write it down in the registry file and the audit log; False if it stood so. Raises BadConfig as `switch` does."""
    changed = retire(ws.settings.sources, source_id, why[:500])
    if changed:
        record(ws.store, Removal(at=now, by=by, kind="retire", subject=source_id, reason=why.strip()[:500]))
    return changed


def with_rule(ws: Workspace, source_id: str, rule: Rule, seen: str, now: datetime, by: str) -> None:
    """One more in the registry file. Raises BadConfig for one that is none, and if others were changed meanwhile."""
    add_rule(ws.settings.sources, source_id, rule, seen)
    record(ws.store, Removal(at=now, by=by, kind="rule", subject=source_id, reason=f"added: {_told(rule)}"))


def without_rule(ws: Workspace, source_id: str, number: int, seen: str, now: datetime, by: str) -> None:
    """The same, one less; counted from 0."""
    gone = drop_rule(ws.settings.sources, source_id, number, seen)
    record(ws.store, Removal(at=now, by=by, kind="rule", subject=source_id, reason=f"taken out: {_told(gone)}"))


def _told(rule: Rule) -> str:
    return ", ".join(f"{key} {value}" for key, value in rule.items())


@lru_cache(maxsize=2)
def _written(ws: Workspace) -> dict[str, list[Rule]]:
    """Of every source: the office has another workspace once the file has changed."""
    return rules_of(ws.settings.sources)


def _states(ws: Workspace) -> dict[str, str]:
    with read(ws.engine) as conn:
        rows = conn.execute(select(source_health.c.source_id, source_health.c.state))
        known = {id_: state for id_, state in rows}  # noqa: C416 - dict() would not be typed
    return {id_: _off(source) or known.get(id_, NEVER) for id_, source in ws.registry.sources.items()}


def _state(source: Source, health: Health | None) -> str:
    return _off(source) or (health.state if health else NEVER)


def _off(source: Source) -> str | None:
    return RETIRED if source.retired else None if source.enabled else "paused"


def _has(source: Source, text: str) -> bool:
    wanted = text.casefold()
    return any(wanted in one.casefold() for one in (source.id, source.name, *source.urls, *source.tags))


def _line(ws: Workspace, row: Row, now: datetime) -> Line:
    source = ws.registry[row.source_id]
    return Line(source, _state(source, row.health), row.health, _spark(row.days, now))


def _spark(days: Sequence[Day], now: datetime) -> tuple[int | None, ...]:
    return tuple(last_days(days, now.date()))
