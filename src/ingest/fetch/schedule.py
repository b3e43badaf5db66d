"""When to ask a feed again. Pure: the clock is an argument and the jitter a hash of the source's id."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Literal

from ingest.model import FeedInfo, FeedState, Source, Wishes

Outcome = Literal["new", "not_modified", "failed", "paused"]
Headers = Iterable[tuple[str, str]]

DAY_S = 86_400
MIN_ADAPTIVE_S = 900  # however fast the rhythm is
# An hour less than a day: or a nightly run finds last night's answer fresh for some more minutes, and skips a night.
MAX_FRESH_S = DAY_S - 3_600
MAX_RETRY_AFTER_S = 7 * DAY_S  # a slip of the keyboard must not silence a source for years
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MAX_AGE = re.compile(r"\bmax-age\s{0,9}=\s{0,9}\"?([0-9]{1,10})", re.IGNORECASE)
_SECONDS = re.compile(r"\s{0,9}([0-9]{1,10})\s{0,9}")


def is_due(source: Source, state: FeedState | None, now: datetime, force: bool = False) -> bool:
    """Whether to ask now. `force` (`--all`) skips the schedule, never a Retry-After, a 410 or `enabled = false`."""
    if not source.enabled:
        return False
    if state is None:
        return True
    if state.retired_at is not None or (state.not_before is not None and now < state.not_before):
        return False
    return force or state.next_due_at is None or now >= state.next_due_at


def scheduled(
    source: Source,
    state: FeedState,
    outcome: Outcome,
    now: datetime,
    *,
    feed: FeedInfo | None = None,
    headers: Headers = (),
) -> FeedState:
    """`state`, as it is after a fetch, with what the feed wishes and the time of the next one.

    After a failure the interval doubles up to a day and stays there: nothing is ever given up but what is gone (410).
    Else it is `every_s`, for an adaptive source learned from its rhythm, but not before what the feed (`ttl`,
    `skipHours`, `skipDays`, sy:updatePeriod) and the `headers` (`max-age`, `Expires`) ask for, which counts up to 23
    hours. A Retry-After in `state` always holds.
    """
    if outcome == "paused":
        return state.model_copy(update={"next_due_at": state.not_before})
    wishes = state.wishes if outcome == "failed" else _wishes(state.wishes, feed, list(headers), now)
    name = f"{source.id} {state.url}"
    if outcome == "failed":
        due = now + timedelta(seconds=_jittered(name, _backoff_s(source.every_s, state.failures)))
    else:
        wait_s = _jittered(name, _adaptive_s(source, state, now) if source.adaptive else source.every_s)
        fresh_s = max(wishes.fresh_s, wishes.ttl_s) if wishes else 0.0
        due = now + timedelta(seconds=max(wait_s, min(fresh_s, MAX_FRESH_S)))
        due = _past_skipped(due, wishes) if wishes else due
    due = max(due, state.not_before) if state.not_before else due
    return state.model_copy(update={"next_due_at": due, "wishes": wishes})


def _wishes(before: Wishes | None, feed: FeedInfo | None, headers: list[tuple[str, str]], now: datetime) -> Wishes:
    """What was wished before, where this answer says nothing of it: a 304 has no feed, and often no headers."""
    wishes = before or Wishes()
    if feed:
        days = tuple(day for day in feed.skip_days if day.lower() in _DAYS)
        wishes = Wishes(
            fresh_s=wishes.fresh_s, ttl_s=min(feed.ttl_s or 0, DAY_S), skip_hours=feed.skip_hours, skip_days=days
        )
    if feed or _named(headers).keys() & {"cache-control", "expires"}:
        wishes = wishes.model_copy(update={"fresh_s": min(freshness_s(headers, now), DAY_S)})
    return wishes


def retry_after(headers: Headers, now: datetime) -> datetime | None:
    """The time a Retry-After header means (RFC 9110 10.2.3), at most a week ahead; None if there is none.

    Seconds, or a date by the clock of the server, which its Date header tells.
    """
    named = _named(headers)
    value = named.get("retry-after", "")
    if seconds := _SECONDS.fullmatch(value):
        wait_s = float(seconds[1])
    elif date := http_date(value):
        wait_s = (date - (http_date(named.get("date")) or now)).total_seconds()
    else:
        return None
    return now + timedelta(seconds=min(wait_s, MAX_RETRY_AFTER_S)) if wait_s > 0 else None


def freshness_s(headers: Sequence[tuple[str, str]], now: datetime) -> float:
    """How long an answer says it stays fresh (RFC 9111 4.2.1), 0 if it does not say or asks not to be stored."""
    named = _named(headers)
    control = ",".join(value for name, value in headers if name.lower() == "cache-control").lower()
    if "no-store" in control or "no-cache" in control:
        return 0.0
    if max_age := _MAX_AGE.search(control):
        age = _SECONDS.fullmatch(named.get("age", ""))
        return max(0.0, float(max_age[1]) - (float(age[1]) if age else 0.0))
    expires = http_date(named.get("expires"))
    sent = http_date(named.get("date")) or now
    return max(0.0, (expires - sent).total_seconds()) if expires else 0.0


def _named(headers: Headers) -> dict[str, str]:
    return {name.lower(): value for name, value in headers}


def http_date(value: str | None) -> datetime | None:
    """An HTTP date as UTC, None for what is not one (`Expires: 0` is common)."""
    if not value or len(value) > 100:
        return None
    try:
        when = parsedate_to_datetime(value)
        return when.replace(tzinfo=when.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):  # the last two: the library's own slips on odd input
        return None


def _backoff_s(every_s: int, failures: int) -> float:
    return max(every_s, min(every_s * 2.0 ** min(max(failures - 1, 0), 20), DAY_S))


def _adaptive_s(source: Source, state: FeedState, now: datetime) -> float:
    """Twice in the time between two changes, and more seldom the longer nothing changes."""
    quiet_s = (now - state.last_changed_at).total_seconds() if state.last_changed_at else 0.0
    usual_s = source.every_s if state.rhythm_s is None else max(state.rhythm_s / 2, MIN_ADAPTIVE_S)
    return min(max(usual_s, quiet_s / 4), max(DAY_S, source.every_s))


def _jittered(name: str, wait_s: float) -> float:
    """5 to 15% earlier, always the same for one feed, so that feeds of equal interval spread out.

    Earlier, never later: a source of `every = "24h"` must be due when the next nightly run starts.
    """
    share = int.from_bytes(sha256(name.encode("utf-8", "replace")).digest()[:4], "big") / 2**32
    return wait_s * (0.95 - 0.1 * share)


def _past_skipped(due: datetime, wishes: Wishes) -> datetime:
    """The first hour from `due` on that is not skipped (hours are UTC, RSS 2.0), looking a week ahead."""
    days = {day.lower() for day in wishes.skip_days}
    for hours in range(7 * 24):
        start = due if not hours else (due + timedelta(hours=hours)).replace(minute=0, second=0, microsecond=0)
        if start.hour not in wishes.skip_hours and start.strftime("%A").lower() not in days:
            return start
    return due  # everything is skipped: that is a mistake, not a wish
