"""What is known of a source's health. Times are aware and UTC, days are UTC days of the runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from ingest.model import Model

State = Literal["healthy", "quiet", "failing", "moved", "gone", "paused"]
AlertKind = Literal["silent", "flood", "failing", "rejects", "late", "thin"]
MAX_WORDS = 2_000  # counted of one item: a long read does not hide many that were cut off


@dataclass(frozen=True, slots=True)
class Day:
    """One source on one day, all its runs together. Counts are of items but for `runs`, `failed_runs`, feeds and
    `words`, those of new items.

    `gap_s` is the longest time between two runs that found new items, of those that ended on this day.
    `lateness` is a histogram of fetched_at − published of new items, see `ingest.health.lateness`.
    """

    day: date
    runs: int = 0  # in which a feed of it was asked
    failed_runs: int = 0  # in which no feed of it could be read
    feeds: int = 0
    feeds_failed: int = 0
    entries: int = 0
    new: int = 0
    updated: int = 0
    rejected: int = 0  # could not be read or cleaned
    pages_failed: int = 0
    copies: int = 0  # new, with the text of an article that was there
    gap_s: int = 0
    words: int = 0
    lateness: tuple[int, ...] = ()

    @property
    def good_runs(self) -> int:
        return self.runs - self.failed_runs

    @property
    def tried(self) -> int:
        """Items that were to be cleaned."""
        return self.new + self.updated + self.unclean

    @property
    def unclean(self) -> int:
        return self.rejected + self.pages_failed


class Expected(Model):
    """New items that a day of this weekday usually brings: the median, and the bounds of what is no surprise."""

    median: float
    low: float
    high: float


class Alert(Model):
    """Under way since then; it ends when what caused it does."""

    kind: AlertKind
    since: datetime
    cause: str


class Health(Model):
    """A source as its last run left it (`at`). What is not known yet is None."""

    source_id: str
    state: State
    since: datetime
    cause: str
    alerts: tuple[Alert, ...] = ()
    at: datetime
    first_run_at: datetime
    last_success_at: datetime | None = None
    last_new_at: datetime | None = None
    failures: int = 0  # in a row, of the feed that has most
    last_error: str | None = None
    next_due_at: datetime | None = None
    rhythm_s: float | None = None  # usual time between two new items
    new_today: int = 0
    expected: Expected | None = None  # for the day of `at`
    unclean_share: float | None = None  # of the items to be cleaned in the last week
    late_median_s: float | None = None  # last week
    late_p90_s: float | None = None


class Change(Model):
    """A state that became another (`before` → `after`), or an alert that began or ended."""

    source_id: str
    at: datetime
    run_id: str
    kind: Literal["state", "alert"]
    before: str | None = None  # the state; None for an alert that begins
    after: str | None = None  # the state; None for an alert that ends
    cause: str
