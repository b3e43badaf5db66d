"""From a source's days and feeds to its state, with the cause in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.health.alerts import ALERTS, SILENT_DAYS, Case, unclean_share
from ingest.health.lateness import added, quantile_s
from ingest.health.model import Alert, Day, Health, State
from ingest.health.spoken import span
from ingest.model import FeedState

_WEEK = timedelta(days=7)
_QUIET_TIMES = 3  # of the longest usual time between two items
_QUIET_S = _WEEK.total_seconds()


@dataclass(frozen=True)
class Seen:
    """What a run that began `at` left of one source. `days` include that of the run; `before` is from the last run."""

    source_id: str
    at: datetime
    days: Sequence[Day]
    feeds: Sequence[FeedState]
    before: Health | None = None
    found_new: bool = False


def assess(seen: Seen) -> Health:
    """The source's health after the run. Of the same history always the same."""
    before, at = seen.before, max(seen.at, seen.before.at) if seen.before else seen.at
    days = sorted((d for d in seen.days if d.day <= at.date()), key=lambda d: d.day)
    case = Case(
        at=at,
        days=days or [Day(at.date())],
        feeds=seen.feeds,
        first_run_at=before.first_run_at if before else at,
        last_new_at=at if seen.found_new else before.last_new_at if before else None,
        on={alert.kind: alert.since for alert in before.alerts} if before else {},
    )
    alerts = _alerts(case, before)
    state, cause = _state(case, alerts)
    week = case.recent(_WEEK)
    lateness = added(d.lateness for d in week if d.day != case.first_run_at.date())
    worst = max(seen.feeds, key=lambda feed: feed.failures, default=None)
    return Health(
        source_id=seen.source_id,
        state=state,
        since=before.since if before and before.state == state else at,
        cause=cause,
        alerts=alerts,
        at=at,
        first_run_at=case.first_run_at,
        last_success_at=max((f.last_success_at for f in seen.feeds if f.last_success_at), default=None),
        last_new_at=case.last_new_at,
        failures=worst.failures if worst else 0,
        last_error=worst.last_error if worst else None,
        next_due_at=min((f.next_due_at for f in seen.feeds if f.next_due_at and not f.retired_at), default=None),
        rhythm_s=case.volume.rhythm_s,
        new_today=case.today.new,
        expected=case.volume.expected(case.today.day),
        unclean_share=unclean_share(week),
        late_median_s=quantile_s(lateness, 0.5),
        late_p90_s=quantile_s(lateness, 0.9),
    )


def pause(before: Health, at: datetime) -> Health:
    """A source that the registry has disabled: nothing of it alarms any more."""
    return before.model_copy(
        update={"state": "paused", "since": at, "cause": "disabled in the registry", "alerts": (), "next_due_at": None}
    )


def _alerts(case: Case, before: Health | None) -> tuple[Alert, ...]:
    was = {alert.kind: alert for alert in before.alerts} if before else {}
    found = ((kind, cause) for kind, look in ALERTS.items() if (cause := look(case)) is not None)
    return tuple(was.get(kind) or Alert(kind=kind, since=case.at, cause=cause) for kind, cause in found)


def _state(case: Case, alerts: Sequence[Alert]) -> tuple[State, str]:
    """The first that is so: a person who mends it finds the next one below."""
    causes = {alert.kind: alert.cause for alert in alerts}
    retired = [feed.retired_at for feed in case.feeds if feed.retired_at]
    if retired and len(retired) == len(case.feeds):
        return "gone", f"its publisher retired it (410), {max(retired):%Y-%m-%d}"
    if failing := ALERTS["failing"](case):
        return "failing", failing
    if moved := [f"{feed.url} is now {feed.moved_to}" for feed in case.feeds if feed.moved_to]:
        return "moved", "; ".join(moved)
    if quiet := causes.get("silent") or _quiet(case):
        return "quiet", quiet
    if case.volume.days < SILENT_DAYS:
        return "healthy", f"answers; what is usual is known after {SILENT_DAYS} days"
    return "healthy", "answers, with what is usual for it"


def _quiet(case: Case) -> str | None:
    """Longer without a new item than it ever is, for sources of any volume."""
    if case.last_new_at is None:
        for_s = (case.at - case.first_run_at).total_seconds()
        return f"not one item in {span(for_s)}" if for_s >= _QUIET_S else None
    usual = case.volume.gap_s
    if case.volume.days < SILENT_DAYS or not usual or case.gap_s < max(_QUIET_S, _QUIET_TIMES * usual):
        return None
    return f"nothing new for {span(case.gap_s)}, usually every {span(usual)} at the latest"
