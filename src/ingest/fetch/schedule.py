"""When to ask a feed again. Pure: the clock is an argument and the jitter a hash of the source's id."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Literal

from ingest.model import FeedInfo, FeedState, Source

Outcome = Literal["new", "not_modified", "failed"]
Headers = Iterable[tuple[str, str]]

DAY_S = 86_400
# An hour less than a day: or a nightly run finds last night's answer fresh for some more minutes, and skips a night.
MAX_FRESH_S = DAY_S - 3_600
MAX_RETRY_AFTER_S = 7 * DAY_S  # a slip of the keyboard must not silence a source for years
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


def next_due(
    source: Source,
    state: FeedState,
    outcome: Outcome,
    now: datetime,
    *,
    feed: FeedInfo | None = None,
    headers: Headers = (),
) -> datetime:
    """The time of the next fetch, given `state` as it is after this one.

    After a failure the interval doubles up to a day and stays there. Else it is `every_s`, for an adaptive source
    longer the longer nothing changed, but not before what the feed (`ttl`, `skipHours`, `skipDays`) and the answer's
    `headers` (`max-age`, `Expires`) ask for, which counts up to 23 hours. A Retry-After in `state` always holds.
    """
    if outcome == "failed":
        due = now + timedelta(seconds=_jittered(source.id, _backoff_s(source.every_s, state.failures)))
    else:
        wait_s = _jittered(source.id, _adaptive_s(source, state, now) if source.adaptive else source.every_s)
        fresh_s = max(freshness_s(headers, now), (feed and feed.ttl_s) or 0)
        due = now + timedelta(seconds=max(wait_s, min(fresh_s, MAX_FRESH_S)))
        due = _past_skipped(due, feed) if feed else due
    return max(due, state.not_before) if state.not_before else due


def retry_after(value: str | None, now: datetime) -> datetime | None:
    """The time a Retry-After header means (RFC 9110 10.2.3: seconds or a date), at most a week ahead; None if none."""
    if not value:
        return None
    seconds = _SECONDS.fullmatch(value)
    when = now + timedelta(seconds=int(seconds[1])) if seconds else http_date(value)
    return None if when is None or when <= now else min(when, now + timedelta(seconds=MAX_RETRY_AFTER_S))


def freshness_s(headers: Headers, now: datetime) -> float:
    """How long an answer says it stays fresh (RFC 9111 4.2.1), 0 if it does not say or asks not to be stored."""
    named = {name.lower(): value for name, value in headers}
    control = named.get("cache-control", "").lower()
    if "no-store" in control or "no-cache" in control:
        return 0.0
    if max_age := _MAX_AGE.search(control):
        age = _SECONDS.fullmatch(named.get("age", ""))
        return max(0.0, float(max_age[1]) - (float(age[1]) if age else 0.0))
    expires = http_date(named.get("expires"))
    sent = http_date(named.get("date")) or now
    return max(0.0, (expires - sent).total_seconds()) if expires else 0.0


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
    quiet_s = (now - state.last_changed_at).total_seconds() if state.last_changed_at else 0.0
    return max(source.every_s, min(quiet_s / 4, DAY_S))


def _jittered(source_id: str, wait_s: float) -> float:
    """5 to 15% earlier, always the same for one source, so that sources of equal interval spread out.

    Earlier, never later: a source of `every = "24h"` must be due when the next nightly run starts.
    """
    share = int.from_bytes(sha256(source_id.encode()).digest()[:4], "big") / 2**32
    return wait_s * (0.95 - 0.1 * share)


def _past_skipped(due: datetime, feed: FeedInfo) -> datetime:
    """The first hour from `due` on that is not skipped (hours are UTC, RSS 2.0), looking a week ahead."""
    days = {day.lower() for day in feed.skip_days}
    for hours in range(7 * 24):
        start = due if not hours else (due + timedelta(hours=hours)).replace(minute=0, second=0, microsecond=0)
        if start.hour not in feed.skip_hours and start.strftime("%A").lower() not in days:
            return start
    return due  # everything is skipped: that is a mistake, not a wish
