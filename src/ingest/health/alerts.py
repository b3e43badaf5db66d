"""When a source alarms. Each alert is a function from a case to its cause, None for no alarm.

An alert that is on ends by a lower limit than it begun by, so that a source on the edge is one alert and not ten.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from ingest.health.lateness import added, quantile_s
from ingest.health.model import AlertKind, Day
from ingest.health.spoken import items, share, span
from ingest.health.volume import WEEKS, Volume, volume_of
from ingest.model import FeedState

SILENT_DAYS = 14  # of history before silence means anything
SILENT_WEEKLY = 5.0  # new items a week; a source of fewer turns quiet, and never alarms
SILENT_LOG = -6.9  # one in a thousand
FLOOD_DAYS, FLOOD_TIMES, FLOOD_ITEMS = 7, 3, 50
FAILING_RUNS = 3
FAILING_AFTER = timedelta(hours=22)  # a nightly source: the second night
RECENT = timedelta(days=3)
ENOUGH_ITEMS, ENOUGH_USUAL = 20, 100
REJECTS_SHARE, LATE_S, TIMES_USUAL = 0.3, 6 * 3600, 3.0
THIN_SHARE, THIN_OVER, SHORT_WORDS = 0.5, 0.75, 80  # of the usual length; a source of short items has none to lose
_FULL_DAY_S = 86_400


@dataclass(frozen=True)
class Case:
    """A source as a run left it. `days` are in order, that of the run last; `on` are the alerts under way."""

    at: datetime
    days: Sequence[Day]
    feeds: Sequence[FeedState]
    first_run_at: datetime
    last_new_at: datetime | None
    on: Mapping[AlertKind, datetime]

    @property
    def today(self) -> Day:
        return self.days[-1]

    @cached_property
    def usual(self) -> Sequence[Day]:
        """The eight weeks to the last day that brought something: a source that is silent stays what it was."""
        if self.last_new_at is None:
            return ()
        end = self.last_new_at.date()
        return [d for d in self.days if end - WEEKS <= d.day <= end and d.day < self.today.day]

    @cached_property
    def volume(self) -> Volume:
        return volume_of(self.usual, self.first_run_at.date())

    @property
    def gap_s(self) -> float:
        """Since the last new item."""
        return (self.at - self.last_new_at).total_seconds() if self.last_new_at else 0.0

    def recent(self, span: timedelta) -> Sequence[Day]:
        return [d for d in self.days[-span.days :] if d.day > self.today.day - span]

    @cached_property
    def usual_before(self) -> Sequence[Day]:
        """Without the recent days, which are compared with it."""
        return [d for d in self.usual if d.day <= self.today.day - RECENT]


def silent(case: Case) -> str | None:
    """Nothing new for so long that chance explains it once in a thousand times. Ends with a new item, not before."""
    volume, last = case.volume, case.last_new_at
    if last is None or ("silent" in case.on and last <= case.on["silent"]):
        return "nothing new yet" if "silent" in case.on else None
    if volume.days < SILENT_DAYS or volume.weekly < SILENT_WEEKLY:
        return None
    whole = case.gap_s > max(_FULL_DAY_S, 1.1 * volume.gap_s)
    log_chance = expected = 0.0
    for day in case.days:
        asked = min(1.0, day.good_runs / volume.runs)
        if day.day <= last.date() or (day is case.today and asked < 1 and not whole):
            continue  # half a day tells nothing: many publish at certain hours only
        log_chance += asked * volume.log_empty(day.day)
        expected += asked * volume.by_weekday.get(day.day.weekday(), 0.0)
    if log_chance > SILENT_LOG:
        return None
    return f"nothing new for {span(case.gap_s)}; {items(expected)} were to be expected since {last:%A}"


def flood(case: Case) -> str | None:
    """Many times the most that a usual day brings. After an outage, several days may come at once."""
    volume, new = case.volume, case.today.new
    good = [d.day for d in case.days[:-1] if d.good_runs]
    if volume.days < FLOOD_DAYS or not good:
        return None
    days = (case.today.day - good[-1]).days
    expected = volume.expected(case.today.day)
    if new < FLOOD_ITEMS or new <= FLOOD_TIMES * days * volume.normal_max or (expected and new <= expected.high):
        return None
    told = f"{items(new)} in a day, where {volume.normal_max} are many"
    if 2 * case.today.copies > new:
        told += f"; {case.today.copies} have the text of articles that were there: its guids may have changed"
    return told


def failing(case: Case) -> str | None:
    """A feed that failed several times in a row, for about a day, or ever since it is known."""
    bad = [feed for feed in case.feeds if feed.retired_at is None and _is_failing(feed, case.at)]
    gone = [feed for feed in case.feeds if feed.retired_at is not None]
    if not bad and (not gone or len(gone) == len(case.feeds)):  # all gone is a state of its own
        return None
    worst = max(bad or gone, key=lambda feed: feed.failures)
    which = f"{len(bad) + len(gone)} of {len(case.feeds)} feeds: " if len(case.feeds) > 1 else ""
    times = f"failed {worst.failures} times in a row" if worst.failures > 1 else "failed"
    ever = "" if worst.last_success_at else ", and never answered before"
    return f"{which}{times}{ever}: {worst.last_error or 'no reason is known'}"


def rejects(case: Case) -> str | None:
    """Many of the last days' items could not be read or cleaned, many more than usual."""
    recent, was = case.recent(RECENT), "rejects" in case.on
    tried = sum(d.tried for d in recent)
    if not tried or (tried < ENOUGH_ITEMS and not was):
        return None
    usual = unclean_share(case.usual_before) or 0.0
    found = unclean_share(recent) or 0.0
    if found < max(REJECTS_SHARE, TIMES_USUAL * usual) / (2 if was else 1):
        return None
    return f"{share(found)} of {items(tried)} in three days could not be read or cleaned, usually {share(usual)}"


def late(case: Case) -> str | None:
    """Items come hours later than they used to, on days when the source was there: an outage explains itself."""
    recent, was = case.recent(RECENT), "late" in case.on
    now = added(d.lateness for d in recent)
    if not (sum(now) >= ENOUGH_ITEMS or (was and any(now))):
        return None
    usual = added(d.lateness for d in case.usual_before if d.day != case.first_run_at.date())
    if sum(usual) < ENOUGH_USUAL or len(recent) < RECENT.days or any(d.failed_runs for d in recent):
        return None
    found, before = quantile_s(now, 0.5) or 0.0, quantile_s(usual, 0.5) or 0.0
    if found < max(LATE_S, TIMES_USUAL * before) / (2 if was else 1):
        return None
    return f"half of the items come over {span(found)} after they were published, usually {span(before)}"


def thin(case: Case) -> str | None:
    """Texts are much shorter than they used to be: a paywall, a consent page, or a layout not understood any more."""
    recent, was = case.recent(RECENT), "thin" in case.on
    counted = [d for d in case.usual_before if d.words]  # days from before words were counted have none
    new, usual_new = sum(d.new for d in recent), sum(d.new for d in counted)
    if usual_new < ENOUGH_USUAL or not new or (new < ENOUGH_ITEMS and not was):
        return None
    found, usual = sum(d.words for d in recent) / new, sum(d.words for d in counted) / usual_new
    if usual < SHORT_WORDS or found >= usual * (THIN_OVER if was else THIN_SHARE):
        return None
    return f"{found:.0f} words an item in three days, usually {usual:.0f}"


ALERTS: Mapping[AlertKind, Callable[[Case], str | None]] = {
    "silent": silent,
    "flood": flood,
    "failing": failing,
    "rejects": rejects,
    "late": late,
    "thin": thin,
}


def unclean_share(days: Sequence[Day]) -> float | None:
    tried = sum(d.tried for d in days)
    return sum(d.unclean for d in days) / tried if tried else None


def _is_failing(feed: FeedState, at: datetime) -> bool:
    if not feed.failures or feed.last_success_at is None:
        return feed.failures > 0
    return feed.failures >= FAILING_RUNS or (feed.failures > 1 and at - feed.last_success_at >= FAILING_AFTER)
