"""The health of sources as people read it in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ingest.health.changes import todo_for
from ingest.health.model import Change, Day, Health
from ingest.health.spoken import share, span, spark
from ingest.views import shown

STYLES = {
    "healthy": "green",
    "quiet": "yellow",
    "moved": "yellow",
    "failing": "bold red",
    "gone": "bold red",
    "paused": "dim",
}
SPARK_DAYS = 14
_LEFT = ("source", "state", "since", "last success", "last new", "rhythm", f"{SPARK_DAYS} days")
_RIGHT = ("today", "expected", "unclean", "late", "worst tenth", "failures", "next due")


@dataclass(frozen=True)
class Row:
    """One source of the registry; `health` is None for one that no run has asked. `days` are its last ones."""

    source_id: str
    health: Health | None
    days: Sequence[Day] = ()


def health_table(rows: Sequence[Row], now: datetime) -> RenderableType:
    """A line a source, then why the ones that are not well are not."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in _LEFT:
        table.add_column(name, no_wrap=True)
    for name in _RIGHT:
        table.add_column(name, no_wrap=True, justify="right")
    for row in rows:
        table.add_row(shown(row.source_id), *_cells(row, now))
    return Group(table, *_causes(rows))


def events_table(events: Iterable[Change]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("at", "source", "what", "run"):
        table.add_column(name, no_wrap=True)
    table.add_column("cause", ratio=1)
    for one in events:
        word = f"{one.before or 'new'} → {one.after}"
        if one.kind == "alert":
            word = f"alert {one.after}" if one.after else f"alert over: {one.before}"
        style = STYLES.get(one.after or "", "bold red" if one.after else "green")
        at = Text(f"{one.at:%Y-%m-%d %H:%M}")
        table.add_row(at, shown(one.source_id), Text(word, style), shown(one.run_id), shown(one.cause))
    return table


def last_days(days: Sequence[Day], until: date) -> list[int | None]:
    """New items of the last days, the oldest first; None for a day on which nothing was asked."""
    by_day = {day.day: day for day in days}
    wanted = (by_day.get(until - timedelta(days=back)) for back in range(SPARK_DAYS - 1, -1, -1))
    return [day.new if day and day.good_runs else None for day in wanted]


def _cells(row: Row, now: datetime) -> Iterator[Text | str]:
    h = row.health
    if h is None:
        yield Text("never asked", "dim")
        return
    yield Text(h.state, STYLES[h.state])
    yield f"{h.since:%Y-%m-%d}"
    yield _ago(h.last_success_at, now)
    yield _ago(h.last_new_at, now)
    yield span(h.rhythm_s) if h.rhythm_s else ""
    yield spark(last_days(row.days, now.date()))
    yield str(h.new_today) if h.at.date() == now.date() else ""
    yield f"{h.expected.median:.0f} ({h.expected.low:.0f}–{h.expected.high:.0f})" if h.expected else ""
    yield share(h.unclean_share) if h.unclean_share is not None else ""
    yield span(h.late_median_s) if h.late_median_s is not None else ""
    yield span(h.late_p90_s) if h.late_p90_s is not None else ""
    yield str(h.failures) if h.failures else ""
    yield f"{h.next_due_at:%m-%d %H:%M}" if h.next_due_at else ""


def _causes(rows: Sequence[Row]) -> Iterator[Text]:
    yield Text()
    for row in rows:
        if (h := row.health) is None or (h.state == "healthy" and not h.alerts):
            continue
        yield Text.assemble(shown(row.source_id, "bold"), " ", (h.state, STYLES[h.state]), " ", shown(h.cause))
        told = {h.state, "silent" if h.state == "quiet" else h.state}
        for alert in (alert for alert in h.alerts if alert.kind not in told):
            since = f" since {alert.since:%Y-%m-%d %H:%M}: "
            yield Text.assemble("  alert ", (alert.kind, "bold red"), since, shown(alert.cause))
        if todo := todo_for(h.state, row.source_id):
            yield Text.assemble("  → ", shown(todo))


def _ago(when: datetime | None, now: datetime) -> str:
    return f"{span(max(0.0, (now - when).total_seconds()))} ago" if when else "never"
