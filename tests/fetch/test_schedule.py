from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.fetch.schedule import freshness_s, http_date, is_due, retry_after, scheduled
from ingest.model import FeedInfo, FeedState, Source, Wishes
from tests.fetch.conftest import NOW, source

HOUR = 3600
STATE = FeedState(source_id="times", url="http://x.example/")


def hourly(**changes: object) -> Source:
    return source("http://x.example/", every_s=HOUR, **changes)


def wait_s(state: FeedState = STATE, outcome: str = "new", feed: FeedInfo | None = None, **kw: object) -> float:
    headers = kw.pop("headers", ())
    after = scheduled(hourly(**kw), state, outcome, NOW, feed=feed, headers=headers)  # type: ignore[arg-type]
    assert after.next_due_at
    return (after.next_due_at - NOW).total_seconds()


def test_the_interval_is_a_little_early_and_always_the_same() -> None:
    assert 0.85 * HOUR <= wait_s() <= 0.95 * HOUR
    assert wait_s() == wait_s()
    assert len({round(wait_s(id=f"s{n}")) for n in range(50)}) > 40


def test_a_daily_source_is_due_every_night() -> None:
    nightly = source("http://x.example/", every_s=86_400)
    finished = NOW + timedelta(minutes=50)
    for outcome in ("new", "not_modified", "failed"):
        due = scheduled(
            nightly,
            STATE.model_copy(update={"failures": 9}),
            outcome,  # type: ignore[arg-type]
            finished,
            feed=FeedInfo(ttl_s=86_400),
            headers=(("Cache-Control", "max-age=999999"),),
        ).next_due_at
        assert due
        assert due <= NOW + timedelta(days=1)


@pytest.mark.parametrize(("failures", "hours"), [(1, 1), (2, 2), (3, 4), (5, 16), (6, 24), (60, 24), (10**9, 24)])
def test_failures_back_off_to_daily(failures: int, hours: int) -> None:
    wait = wait_s(STATE.model_copy(update={"failures": failures}), "failed")
    assert 0.85 * hours * HOUR <= wait <= 0.95 * hours * HOUR


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ((("Cache-Control", "public, max-age=7200"),), 7200),
        ((("cache-control", "max-age=7200"), ("Age", "600")), 6600),
        ((("Cache-Control", "no-cache, max-age=7200"),), 0),
        ((("Cache-Control", "max-age=60"), ("Expires", "Sat, 14 Mar 2026 05:00:00 GMT")), 60),
        ((("Expires", "Sat, 14 Mar 2026 05:00:00 GMT"),), 3 * HOUR),
        ((("Expires", "Sat, 14 Mar 2026 05:00:00 GMT"), ("Date", "Sat, 14 Mar 2026 04:00:00 GMT")), HOUR),
        ((("Expires", "0"),), 0),
        ((("Expires", "Thu, 01 Jan 1970 00:00:00 GMT"),), 0),
        ((), 0),
    ],
)
def test_freshness(headers: tuple[tuple[str, str], ...], seconds: int) -> None:
    assert freshness_s(headers, NOW) == seconds
    assert wait_s(headers=headers) == max(wait_s(), seconds)


def test_what_the_feed_asks_for() -> None:
    assert wait_s(feed=FeedInfo(ttl_s=5 * HOUR)) == 5 * HOUR
    assert wait_s(feed=FeedInfo(ttl_s=10**9)) == 23 * HOUR
    # NOW is Saturday, 02:00, and due at 02:5x
    assert wait_s(feed=FeedInfo(skip_hours=(2, 3, 4))) == 3 * HOUR
    assert wait_s(feed=FeedInfo(skip_days=("Saturday",))) == 22 * HOUR
    assert wait_s(feed=FeedInfo(skip_hours=tuple(range(24)))) == wait_s()


def test_an_adaptive_source_is_asked_less_the_longer_it_is_quiet() -> None:
    def quiet(hours: float, **state: object) -> float:
        known = STATE.model_copy(update={"last_changed_at": NOW - timedelta(hours=hours), **state})
        return wait_s(known, "not_modified", adaptive=True)

    assert quiet(0) == quiet(3) == wait_s()
    assert quiet(3) < quiet(8) < quiet(40) < quiet(1000) <= 24 * HOUR


@pytest.mark.parametrize(("rhythm_s", "seconds"), [(60, 900), (HOUR, HOUR / 2), (6 * HOUR, 3 * HOUR), (10**7, 86_400)])
def test_an_adaptive_source_is_asked_twice_in_its_rhythm_within_bounds(rhythm_s: float, seconds: float) -> None:
    state = STATE.model_copy(update={"last_changed_at": NOW, "rhythm_s": rhythm_s})
    assert 0.85 * seconds <= wait_s(state, adaptive=True) <= 0.95 * seconds
    assert wait_s(state) == wait_s()  # what a person set is not learned away


def test_a_304_says_nothing_so_the_wishes_of_the_last_answer_hold() -> None:
    feed = FeedInfo(ttl_s=5 * HOUR, skip_hours=(9,), skip_days=("Sunday", "Someday"))
    full = scheduled(hourly(), STATE, "new", NOW, feed=feed, headers=(("Cache-Control", "max-age=7200"),))
    assert full.wishes == Wishes(fresh_s=7200, ttl_s=5 * HOUR, skip_hours=(9,), skip_days=("Sunday",))
    mute = scheduled(hourly(), full, "not_modified", NOW)
    assert (mute.wishes, mute.next_due_at) == (full.wishes, full.next_due_at)
    failed = scheduled(hourly(), full, "failed", NOW, headers=(("Cache-Control", "max-age=1"),))
    assert failed.wishes == full.wishes
    renewed = scheduled(hourly(), full, "not_modified", NOW, headers=(("Cache-Control", "max-age=60"),))
    assert renewed.wishes == full.wishes.model_copy(update={"fresh_s": 60})
    assert scheduled(hourly(), full, "new", NOW, feed=FeedInfo()).wishes == Wishes()


def test_a_date_counts_by_the_clock_of_the_server() -> None:
    """Whose clock is an hour slow: ten minutes are meant."""
    slow = (("Date", "Sat, 14 Mar 2026 01:00:00 GMT"), ("Retry-After", "Sat, 14 Mar 2026 01:10:00 GMT"))
    assert retry_after(slow, NOW) == NOW + timedelta(minutes=10)


def test_a_retry_after_holds() -> None:
    later = NOW + timedelta(days=3)
    assert scheduled(hourly(), STATE.model_copy(update={"not_before": later}), "failed", NOW).next_due_at == later
    paused = STATE.model_copy(update={"not_before": NOW + timedelta(seconds=40), "failures": 9})
    assert scheduled(hourly(), paused, "paused", NOW).next_due_at == paused.not_before


def test_due() -> None:
    past, future = NOW - timedelta(1), NOW + timedelta(1)

    def due(force: bool = False, enabled: bool = True, **state: object) -> bool:
        return is_due(hourly(enabled=enabled), STATE.model_copy(update=state), NOW, force)

    assert is_due(hourly(), None, NOW)
    assert due()
    assert due(next_due_at=past)
    assert due(next_due_at=NOW)
    assert not due(next_due_at=future)
    assert due(force=True, next_due_at=future)
    assert due(not_before=past)
    assert not due(force=True, not_before=future)
    assert not due(force=True, retired_at=past)
    assert not due(force=True, enabled=False)


@settings(max_examples=100)
@given(
    st.text(max_size=60)
    | st.binary(max_size=60).map(lambda b: b.decode("latin-1"))
    | st.from_regex(r"\A\w{3}, \d+ \w{3} \d+ [\d:]+ [-+\w]+\Z")
)
def test_any_header_is_a_time_or_none(value: str) -> None:
    assert (http_date(value) or NOW).tzinfo is UTC
    when = retry_after((("Retry-After", value), ("Date", value)), NOW)
    assert when is None or NOW < when <= NOW + timedelta(days=7)
    when = retry_after((("Retry-After", value),), NOW)
    assert when is None or NOW < when <= NOW + timedelta(days=7)
    assert freshness_s((("Cache-Control", value), ("Expires", value), ("Age", value), ("Date", value)), NOW) >= 0


def test_hostile_headers_are_read_fast() -> None:
    for piece in ("max-age", "max-age =", "max-age=" + " " * 50, "9", " ", "Sat, "):
        headers = (("Cache-Control", piece * 100_000), ("Age", piece * 100_000), ("Expires", piece * 100_000))
        assert freshness_s(headers, datetime(2026, 1, 1, tzinfo=UTC)) >= 0
