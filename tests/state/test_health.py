"""The health of sources in the state database, on SQLite and PostgreSQL."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine

from ingest.health import Change, Day
from ingest.health.landed import counted
from ingest.report import SourceReport
from ingest.state.database import read, write
from ingest.state.health import days_of, forget_health, load_days, load_events, load_health, save_days, save_events
from tests.health.histories import ERROR, HARBOUR, History, nothing, wobbly

NOW = datetime(2026, 11, 24, 2, 0, 0, 123456, tzinfo=UTC)
DAY = Day(NOW.date(), runs=3, feeds=3, entries=9, new=4, gap_s=7200, lateness=(0, 3, 1))


def test_a_history_is_kept_and_judged(engine: Engine) -> None:
    history = History(engine)
    history.days(20, wobbly(50))
    history.days(2, nothing)
    history.run(error=ERROR)
    with read(engine) as conn:
        events = load_events(conn, ["harbour"])
        days = load_days(conn, ["harbour", "other"], date(2026, 9, 20))
        [(source_id, today, health)] = days_of(conn, history.now.date() - timedelta(days=1))
    assert events == history.changes[::-1]
    assert [(one.before, one.after) for one in events] == [(None, "silent"), ("healthy", "quiet")]
    assert (source_id, health) == ("harbour", history.health)
    assert days == {"harbour": days["harbour"]}
    assert [day.day.day for day in days["harbour"]] == list(range(20, 30))
    assert today == days["harbour"][-1] == Day(date(2026, 9, 29), runs=1, failed_runs=1, feeds=1, feeds_failed=1)


def test_days_and_events_come_back_and_are_forgotten(engine: Engine) -> None:
    change = Change(source_id="harbour", at=NOW, run_id="run", kind="alert", after="flood", cause="a flood\0")
    old = Day(date(2026, 9, 1))
    with write(engine) as conn:
        save_days(conn, {"harbour": [DAY, old], "quay": [old]})
        save_events(conn, [change, change.model_copy(update={"at": NOW - timedelta(days=1)})])
    with read(engine) as conn:
        assert load_days(conn, ["harbour"], date(2026, 1, 1)) == {"harbour": [old, DAY]}
        assert [one.at for one in load_events(conn)] == [NOW, NOW - timedelta(days=1)]
        assert load_events(conn, ["quay"]) == []
        assert load_health(conn, ["harbour"]) == {}
    with write(engine) as conn:
        assert forget_health(conn, date(2026, 9, 2), NOW) == 2
    with read(engine) as conn:
        assert load_days(conn, ["harbour", "quay"], date(2026, 1, 1)) == {"harbour": [DAY]}
        assert [one.cause for one in load_events(conn)] == ["a flood\ufffd"]


def test_a_disabled_source_is_paused_and_back_when_it_is_asked_again(engine: Engine) -> None:
    from ingest.health.landed import observe
    from ingest.report import RunReport

    history = History(engine)
    history.run(error=ERROR)
    off = HARBOUR.model_copy(update={"enabled": False})
    with write(engine) as conn:
        for hour in (1, 2):
            observe(conn, RunReport(run_id=str(hour), started_at=history.now), (), {}, {"harbour": off})
    assert (history.health.state, history.alerts) == ("paused", [])
    history.run(3)
    with read(engine) as conn:
        told = [(one.run_id, one.before, one.after) for one in load_events(conn)]
    assert told == [
        ("run-09-08-02", "paused", "healthy"),
        ("1", "failing", None),
        ("1", "failing", "paused"),
        ("run-09-07-02", None, "failing"),
        ("run-09-07-02", None, "failing"),
    ]


def test_a_day_counts_what_its_runs_were() -> None:
    report = SourceReport(source_id="harbour", status="failed", feeds=2, feeds_failed=2, rejected=1, lateness=(1,))
    day = counted(DAY, report, 0, 60)
    assert (day.runs, day.failed_runs, day.feeds, day.feeds_failed, day.rejected) == (4, 1, 5, 2, 1)
    assert (day.gap_s, day.lateness) == (7200, (1, 3, 1))
    waiting = SourceReport(source_id="harbour", status="ok", new=1)  # a page that waited; no feed was asked
    assert (counted(DAY, waiting, 1, 0).runs, counted(DAY, waiting, 1, 0).copies) == (3, 1)
