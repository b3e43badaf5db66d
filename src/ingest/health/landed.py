"""What a run that lands tells of its sources: their days counted on, their health renewed, and what changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta

import orjson
import structlog
from sqlalchemy import Connection

from ingest.health.assess import Seen, assess, pause
from ingest.health.changes import changes
from ingest.health.lateness import added
from ingest.health.model import Change, Day, Health
from ingest.land.store import Store
from ingest.model import FeedState, Source
from ingest.report import RunReport, SourceReport
from ingest.state.database import chunks
from ingest.state.feeds import load_feed_states
from ingest.state.health import days_of, load_days, load_health, save_days, save_events, save_health

log = structlog.get_logger()

KEEP_DAYS = timedelta(days=70)
KEEP_EVENTS = timedelta(days=400)
_SUMMED = ("feeds", "feeds_failed", "entries", "new", "updated", "rejected", "pages_failed", "words")


def observe(
    conn: Connection,
    report: RunReport,
    feeds: Iterable[FeedState],
    copies: Mapping[str, int],
    registry: Mapping[str, Source],
) -> tuple[Change, ...]:
    """Count a run, once: its caller sees to that by its transaction. Returns what changed.

    `feeds` are the states that the run leaves, `copies` new articles by source that have the text of another. An empty
    registry pauses nothing.
    """
    after = {(feed.source_id, feed.url): feed for feed in feeds}
    changed: list[Change] = []
    for several in chunks(report.sources):
        changed += _observe(conn, report, several, after, copies, registry)
    changed += _pause(conn, report, registry)
    save_events(conn, changed)
    for one in changed:
        log.info("health", source=one.source_id, before=one.before, after=one.after, cause=one.cause)
    return tuple(changed)


def write_day(conn: Connection, store: Store, at: datetime) -> None:
    """health/DAY.jsonl: a line a source that was asked on the day, as of now. Written anew; the same again if repeated.

    Only while the day lasts does the state in it move on.
    """
    lines = [orjson.dumps(_line(day, health)) for _, day, health in days_of(conn, at.date())]
    if lines:
        store.put(f"health/{at.date().isoformat()}.jsonl", b"\n".join([*lines, b""]))


def counted(day: Day, report: SourceReport, copies: int, gap_s: int) -> Day:
    """The day with one more run of the source in it."""
    asked = report.feeds > 0
    sums = {name: getattr(day, name) + getattr(report, name) for name in _SUMMED}
    return replace(
        day,
        **sums,
        runs=day.runs + asked,
        failed_runs=day.failed_runs + (asked and report.status == "failed"),
        copies=day.copies + copies,
        gap_s=max(day.gap_s, gap_s),
        lateness=added((day.lateness, report.lateness)),
    )


def _observe(
    conn: Connection,
    report: RunReport,
    several: Sequence[SourceReport],
    after: Mapping[tuple[str, str], FeedState],
    copies: Mapping[str, int],
    registry: Mapping[str, Source],
) -> list[Change]:
    at, ids = report.started_at, [one.source_id for one in several]
    known, days = load_health(conn, ids), load_days(conn, ids, at.date() - KEEP_DAYS)
    feeds = _by_source({**load_feed_states(conn, ids), **after})
    renewed: list[Health] = []
    today: dict[str, list[Day]] = {}
    changed: list[Change] = []
    for one in several:
        id_, before = one.source_id, known.get(one.source_id)
        past = {day.day: day for day in days.get(id_, ())}
        day = counted(past.get(at.date(), Day(at.date())), one, copies.get(id_, 0), _gap_s(before, one, at))
        today[id_] = [day]
        past[day.day] = day
        seen = Seen(id_, at, list(past.values()), _current(feeds.get(id_, ()), registry.get(id_)), before, one.new > 0)
        health = assess(seen)
        renewed.append(health)
        changed += changes(before, health, report.run_id)
    save_days(conn, today)
    save_health(conn, renewed, report.run_id)
    return changed


def _pause(conn: Connection, report: RunReport, registry: Mapping[str, Source]) -> list[Change]:
    known = load_health(conn, [source.id for source in registry.values() if not source.enabled])
    running = {id_: one for id_, one in known.items() if one.state != "paused"}
    paused = {id_: pause(one, report.started_at) for id_, one in running.items()}
    save_health(conn, paused.values(), report.run_id)
    return [change for id_, one in paused.items() for change in changes(running[id_], one, report.run_id)]


def _by_source(feeds: Mapping[tuple[str, str], FeedState]) -> Mapping[str, Sequence[FeedState]]:
    found: dict[str, list[FeedState]] = defaultdict(list)
    for (source_id, _), feed in feeds.items():
        found[source_id].append(feed)
    return found


def _current(feeds: Sequence[FeedState], source: Source | None) -> Sequence[FeedState]:
    """Without addresses that the registry no longer has."""
    return [feed for feed in feeds if source is None or feed.url in source.urls]


def _gap_s(before: Health | None, report: SourceReport, at: datetime) -> int:
    if not report.new or before is None or before.last_new_at is None:
        return 0
    return max(0, int((at - before.last_new_at).total_seconds()))


def _line(day: Day, health: Health) -> dict[str, object]:
    return {"source_id": health.source_id} | asdict(day) | health.model_dump(mode="json", exclude={"source_id"})
