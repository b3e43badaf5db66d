"""A source that lives through days and runs, counted and judged as landing does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from ingest.health import Change, Health
from ingest.health.landed import observe
from ingest.health.lateness import BOUNDS_S
from ingest.model import FeedState, Source
from ingest.report import RunReport, SourceReport
from ingest.state.database import read, write
from ingest.state.feeds import save_feed_states
from ingest.state.health import load_health

MONDAY = datetime(2026, 9, 7, 2, tzinfo=UTC)
URL = "https://harbour.example/rss"
ERROR = f"{URL}: HTTP status 500 (tried again later)"
NEVER = FeedState(source_id="harbour", url=URL)
HARBOUR = Source(id="harbour", name="Harbour", urls=(URL,))


@dataclass
class History:
    """`every` between two runs; `run` is one of them, `days` as many as the days have, with what each brings."""

    engine: Engine
    every: timedelta = timedelta(days=1)
    now: datetime = MONDAY
    feed: FeedState = NEVER
    changes: list[Change] = field(default_factory=list)

    def days(self, count: int, new: Callable[[datetime], int], **report: object) -> None:
        """`new` is asked before each run, with its time, for what that run finds."""
        for _ in range(count * round(timedelta(days=1) / self.every)):
            self.run(new(self.now), **report)

    def run(self, new: int = 0, *, error: str | None = None, copies: int = 0, **report: object) -> None:
        if error:
            changes: dict[str, object] = {"failures": self.feed.failures + 1, "last_error": error}
        else:
            changes = {"failures": 0, "last_error": None, "last_success_at": self.now}
        self.feed = self.feed.model_copy(update=changes)
        values: dict[str, object] = {"source_id": "harbour", "status": "failed" if error else "ok", "feeds": 1}
        one = SourceReport.model_validate(values | {"new": new, "entries": new, "feeds_failed": bool(error)} | report)
        self.land(one, {"harbour": copies})
        self.now += self.every

    def land(self, one: SourceReport, copies: dict[str, int] | None = None) -> None:
        report = RunReport(run_id=f"run-{self.now:%m-%d-%H}", started_at=self.now, sources=(one,))
        with write(self.engine) as conn:
            found = observe(conn, report, [self.feed], copies or {}, {"harbour": HARBOUR})
            save_feed_states(conn, [self.feed])
        self.changes += found

    @property
    def health(self) -> Health:
        with read(self.engine) as conn:
            return load_health(conn, ["harbour"])["harbour"]

    @property
    def alerts(self) -> list[str]:
        return [alert.kind for alert in self.health.alerts]

    @property
    def told(self) -> list[tuple[str | None, str | None]]:
        """All changes so far, as (before, after)."""
        return [(change.before, change.after) for change in self.changes]


def wobbly(usual: float) -> Callable[[datetime], int]:
    """About so many, up to a third more or less, the same for the same time."""
    return lambda at: round(usual * (1 + ((at.toordinal() * 4 + at.hour) % 11 - 5) / 15))


def workdays(usual: float) -> Callable[[datetime], int]:
    return lambda at: wobbly(usual)(at) if at.weekday() < 5 else 0


def daytime(usual: float) -> Callable[[datetime], int]:
    """By the run, from seven to six, on workdays."""
    return lambda at: workdays(usual)(at) if 7 <= at.hour <= 18 else 0


def nothing(at: datetime) -> int:
    return 0


def lateness(late_s: float, count: int) -> tuple[int, ...]:
    bucket = next(number for number, bound in enumerate(BOUNDS_S) if late_s <= bound)
    return tuple(count if number == bucket else 0 for number in range(len(BOUNDS_S)))
