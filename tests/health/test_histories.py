"""Sources as they come: what alarms, what does not, and that each alert begins once and ends once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.health.histories import ERROR, History, daytime, lateness, nothing, wobbly, workdays

HOURLY, SIX_HOURLY = timedelta(hours=1), timedelta(hours=6)


def test_a_steady_daily_source_never_alarms(history: History) -> None:
    history.days(70, wobbly(50))
    assert history.changes == []
    health = history.health
    assert (health.state, health.cause) == ("healthy", "answers, with what is usual for it")
    assert health.expected is not None
    assert 43 <= health.expected.median <= 57
    assert health.expected.low < health.new_today < health.expected.high
    assert health.rhythm_s == pytest.approx(86_400 / 50, rel=0.15)


def test_one_that_is_silent_since_yesterday_alarms_once_until_it_is_back(history: History) -> None:
    history.days(28, wobbly(50))
    history.run(0)
    assert (history.health.state, history.alerts) == ("quiet", ["silent"])
    assert history.health.cause == "nothing new for 24 h; 50 items were to be expected since Sunday"
    history.days(65, nothing)  # longer than its past is kept
    assert history.alerts == ["silent"]
    history.run(41)
    assert (history.health.state, history.alerts) == ("healthy", [])
    assert history.told == [("healthy", "quiet"), (None, "silent"), ("quiet", "healthy"), ("silent", None)]


def test_weekends_are_no_silence_and_a_silent_monday_is(history: History) -> None:
    history.days(35, workdays(40))
    assert history.changes == []
    history.run(0)
    assert history.alerts == ["silent"]


def test_hours_of_the_day_are_no_silence(history: History) -> None:
    history.every = timedelta(hours=3)
    history.days(21, daytime(15))
    assert history.changes == []
    history.days(2, nothing)
    assert history.alerts == ["silent"]
    assert history.changes[0].at.weekday() in (0, 1)


def test_a_wire_alarms_within_a_day(history: History) -> None:
    history.every = SIX_HOURLY
    history.days(28, wobbly(100))
    assert history.changes == []
    for _ in range(5):
        history.run(0)
    assert history.alerts == ["silent"]


def test_a_weekly_column_never_alarms_but_turns_quiet(history: History) -> None:
    history.days(56, lambda at: int(at.weekday() == 3))
    history.days(14, nothing)  # a holiday
    assert history.changes == []
    assert history.health.rhythm_s == 7 * 86_400
    history.days(40, nothing)
    assert (history.health.state, history.alerts) == ("quiet", [])
    assert history.told == [("healthy", "quiet")]


def test_a_bursty_source_may_pause(history: History) -> None:
    history.days(56, lambda at: (0, 0, 30, 2, 0, 11, 1, 25, 0, 4, 18)[at.toordinal() % 11])
    history.days(2, nothing)
    assert history.told == []


def test_nothing_alarms_before_there_is_a_past(history: History) -> None:
    history.run(300)  # what was in the feed
    history.days(10, wobbly(50))
    history.days(5, nothing)
    assert history.changes == []


def test_a_flood_alarms_that_day_and_names_changed_guids(history: History) -> None:
    history.days(28, wobbly(20))
    history.run(400, copies=390)
    assert history.alerts == ["flood"]
    cause = history.health.alerts[0].cause
    assert "400 items in a day" in cause
    assert cause.endswith("390 have the text of articles that were there: its guids may have changed")
    history.run(21)
    assert history.told == [(None, "flood"), ("flood", None)]
    assert history.health.expected is not None
    assert history.health.expected.median < 30


def test_a_flood_in_several_runs_of_a_day_is_one_alert(history: History) -> None:
    history.days(28, wobbly(20))
    history.every = HOURLY
    history.run(400)
    history.run(3)
    history.run(400)
    assert history.told == [(None, "flood")]


def test_a_busy_day_and_what_waited_in_an_outage_are_no_flood(history: History) -> None:
    history.days(28, wobbly(40))
    history.run(100)
    for _ in range(4):
        history.run(error=ERROR)
    history.run(230)
    assert not [change for change in history.changes if "flood" in (change.before, change.after)]


def test_one_failed_night_is_no_alert_two_are(history: History) -> None:
    history.days(20, wobbly(50))
    history.run(error=ERROR)
    assert history.changes == []
    history.run(error=ERROR)
    health = history.health
    assert (health.state, health.failures, health.last_error) == ("failing", 2, ERROR)
    assert health.cause == f"failed 2 times in a row: {ERROR}"
    history.days(20, nothing, error=ERROR)
    history.run(50)
    assert history.told == [("healthy", "failing"), (None, "failing"), ("failing", "healthy"), ("failing", None)]


def test_an_hourly_source_fails_after_three_runs(history: History) -> None:
    history.every = HOURLY
    history.run(5)
    history.run(error=ERROR)
    history.run(error=ERROR)
    assert history.health.state == "healthy"
    history.run(error=ERROR)
    assert history.health.state == "failing"


def test_one_that_never_answered_fails_at_once(history: History) -> None:
    history.run(error=ERROR)
    assert history.health.cause == f"failed, and never answered before: {ERROR}"
    assert history.told == [(None, "failing"), (None, "failing")]  # the state, and the alert


def test_moved_and_gone_say_so(history: History) -> None:
    history.run(3)
    history.feed = history.feed.model_copy(update={"moved_to": "https://new.example/rss", "moved_seen": 2})
    history.run(3)
    assert (history.health.state, history.health.cause) == (
        "moved",
        f"{history.feed.url} is now https://new.example/rss",
    )
    history.feed = history.feed.model_copy(update={"retired_at": history.now})
    history.run(error="gone")
    assert history.health.state == "gone"
    assert history.alerts == []
    assert history.health.next_due_at is None


def test_many_rejected_items_alarm_until_they_are_few(history: History) -> None:
    history.days(20, wobbly(50), rejected=1)
    assert history.changes == []
    history.days(3, wobbly(30), rejected=25)
    assert history.alerts == ["rejects"]
    history.days(2, wobbly(30), rejected=14)  # on the edge: still the same alert
    assert history.alerts == ["rejects"]
    history.days(3, wobbly(50), rejected=1)
    assert history.told == [(None, "rejects"), ("rejects", None)]
    assert history.health.unclean_share is not None
    assert 0.1 < history.health.unclean_share < 0.3


def test_items_that_come_much_later_than_usual_alarm(history: History) -> None:
    history.days(20, wobbly(50), lateness=lateness(3_000, 50))
    health = history.health
    assert health.late_median_s is not None
    assert health.late_p90_s is not None
    assert 1_800 < health.late_median_s < health.late_p90_s <= 3_600
    history.days(3, wobbly(50), lateness=lateness(60_000, 50))
    assert history.alerts == ["late"]
    history.days(4, wobbly(50), lateness=lateness(3_000, 50))
    assert history.told == [(None, "late"), ("late", None)]


def test_texts_much_shorter_than_usual_alarm_until_they_are_long_again(history: History) -> None:
    history.days(20, lambda _: 50, words=50 * 400)
    history.days(4, lambda _: 50, words=50 * 250)
    assert history.changes == []
    history.days(3, lambda _: 50, words=50 * 60)
    assert history.alerts == ["thin"]
    history.days(2, lambda _: 50, words=50 * 280)  # on the edge: still the same alert
    assert history.alerts == ["thin"]
    history.days(3, lambda _: 50, words=50 * 400)
    assert history.told == [(None, "thin"), ("thin", None)]


def test_a_source_of_short_items_is_never_thin(history: History) -> None:
    history.days(20, lambda _: 50, words=50 * 60)
    history.days(4, lambda _: 50, words=0)
    assert history.changes == []


def test_the_same_history_is_the_same_health(history: History) -> None:
    def live(one: History) -> str:
        one.days(30, wobbly(50))
        one.days(3, nothing)
        return one.health.model_dump_json() + repr(one.changes)

    first = live(history)
    other = History(history.engine.execution_options(), feed=history.feed.model_copy(update={"failures": 0}))
    from ingest.state.tables import metadata

    metadata.drop_all(other.engine)
    metadata.create_all(other.engine)
    assert live(other) == first
