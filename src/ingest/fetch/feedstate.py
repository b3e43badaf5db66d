"""What one fetch does to a feed's state: validators, moves, failures, pauses, retirement. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from ingest.errors import HttpError, IngestError, Paused
from ingest.fetch.client import Response, Trail
from ingest.fetch.schedule import retry_after
from ingest.fetch.secrets import MASK
from ingest.model import FeedState, Hop

_PERMANENT = (301, 308)
MOVED_AFTER = 2  # answers at the same new address before it is remembered: one may be a captive portal or a slip
BELIEVED = timedelta(days=7)  # servers exist that answer 304 for ever, whatever is new
_LOST_AFTER = 3  # failures at a remembered address before the registry's own is asked again
_MAX_VALIDATOR = 2_000


class Memory(BaseModel):
    """HTTP's part of `FeedState.cursor`.

    `validated_url` is where the validators came from: "v1" of another address means something else; `validated_at`
    when. `moving_to` is the address that `moved_seen` counts. `next_url` is where a sequence of pages goes on.
    """

    model_config = ConfigDict(frozen=True)

    validated_url: str | None = None
    validated_at: datetime | None = None
    moving_to: str | None = None
    next_url: str | None = None


def memory(state: FeedState) -> Memory:
    if state.cursor is None:
        return Memory(validated_url=state.url)
    try:
        return Memory.model_validate_json(state.cursor)
    except ValidationError:
        return Memory()  # another version's memory: one unconditional request renews it


def start_url(state: FeedState) -> str:
    return state.moved_to or state.url


def conditional_headers(state: FeedState, now: datetime) -> dict[str, str]:
    """If-None-Match and If-Modified-Since, both from the same 200 (RFC 9110 13.1); none if that is too long ago."""
    validated_at = memory(state).validated_at
    if validated_at and now - validated_at >= BELIEVED:
        return {}
    pairs = (("If-None-Match", state.etag), ("If-Modified-Since", state.last_modified))
    return {name: value for name, value in pairs if value}


def after_answer(
    state: FeedState, response: Response, now: datetime
) -> tuple[Literal["new", "not_modified"], FeedState]:
    """The outcome and the state after a 200 or 304. A 200 with the bytes of last time is not modified either."""
    known = memory(state)
    moved = _after_move(state, known, response.hops)
    changes: dict[str, object] = {
        "failures": 0,
        "last_error": None,
        "last_status": response.status,
        "last_success_at": now,
        "not_before": None,
        "moved_to": moved.moved_to,
        "moved_seen": moved.moved_seen,
    }
    validated, outcome = (known.validated_url, known.validated_at or now), "not_modified"
    if response.status == 304:
        changes["last_modified"] = _date_after_304(state, response)
    else:
        digest = sha256(response.body).hexdigest()
        changes |= {
            "etag": _validator(response.header("etag")),
            "last_modified": _validator(response.header("last-modified")),
            "body_sha256": digest,
        }
        validated = response.url, now
        if digest != state.body_sha256:
            outcome = "new"
            changes |= {"last_changed_at": now, "rhythm_s": _rhythm_s(state, now)}
    url, at = validated
    changes["cursor"] = Memory(validated_url=url, validated_at=at, moving_to=moved.moving_to).model_dump_json()
    return ("new" if outcome == "new" else "not_modified"), state.model_copy(update=changes)


def _date_after_304(state: FeedState, response: Response) -> str | None:
    """A 304 renews the date of the version that its ETag names (RFC 9111 4.3.4); one of another version, nothing."""
    is_ours = state.etag is not None and response.header("etag") == state.etag
    return (_validator(response.header("last-modified")) if is_ours else None) or state.last_modified


def after_failure(state: FeedState, error: IngestError, text: str, trail: Trail, now: datetime) -> FeedState:
    """The state after a failure. Validators stay: the same bytes may still be there tomorrow."""
    if isinstance(error, Paused):  # nothing was asked, so nothing failed
        return state.model_copy(update={"not_before": now + timedelta(seconds=error.seconds)})
    status = trail.hops[-1].status if trail.hops else None
    changes: dict[str, object] = {"failures": state.failures + 1, "last_status": status, "last_error": text}
    final = isinstance(error, HttpError)
    if final and status in (429, 503):
        changes["not_before"] = retry_after(trail.headers, trail.now())
    if state.moved_to and ((final and status in (404, 410)) or state.failures + 1 >= _LOST_AFTER):
        changes |= {"moved_to": None, "moved_seen": 0}
    elif final and status == 410 and all(hop.status in _PERMANENT for hop in trail.hops[:-1]):
        changes["retired_at"] = now
    return state.model_copy(update=changes)


def after_unread(state: FeedState, before: FeedState | None, why: str) -> FeedState:
    """`state`, after an answer of 200 that nobody can read, such as an error page: it renews no validator.

    Those from before still stand for the last good answer. Without any, the next request is unconditional: a 304
    would hide that the feed was never read.
    """
    last = before or FeedState(source_id=state.source_id, url=state.url)
    good = memory(last)
    kept = {"validated_url": good.validated_url, "validated_at": good.validated_at}
    names = ("etag", "last_modified", "body_sha256", "last_changed_at", "last_success_at", "rhythm_s")
    return state.model_copy(
        update={name: getattr(last, name) for name in names}
        | {"cursor": memory(state).model_copy(update=kept).model_dump_json(exclude_none=True)}
        | {"failures": last.failures + 1, "last_error": why}
    )


def _rhythm_s(state: FeedState, now: datetime) -> float | None:
    """The time between two changes, each new one counting for a third."""
    if state.last_changed_at is None:
        return None
    gap_s = max(0.0, (now - state.last_changed_at).total_seconds())
    return gap_s if state.rhythm_s is None else (2 * state.rhythm_s + gap_s) / 3


class _Move(BaseModel):
    moved_to: str | None
    moved_seen: int
    moving_to: str | None


def _after_move(state: FeedState, known: Memory, hops: Sequence[Hop]) -> _Move:
    target = _permanent_target(hops)
    if target is None:
        seen = state.moved_seen if state.moved_to else 0
        return _Move(moved_to=state.moved_to, moved_seen=seen, moving_to=None)
    seen = state.moved_seen + 1 if known.moving_to == target else 1
    return _Move(moved_to=target if seen >= MOVED_AFTER else state.moved_to, moved_seen=seen, moving_to=target)


def _permanent_target(hops: Sequence[Hop]) -> str | None:
    """Where the unbroken chain of permanent redirects from the start leads; never from https to http."""
    target = None
    for hop, after in pairwise(hops):
        downgrade = hop.url.startswith("https:") and after.url.startswith("http:")
        if hop.status not in _PERMANENT or downgrade or MASK in after.url:
            break
        target = after.url
    return target


def on_page(state: FeedState, before: FeedState, next_url: str | None) -> FeedState:
    """`state` as it is for a sequence of pages: a page that moves moves no feed, and one that is gone retires none."""
    kept = memory(before)
    cursor = memory(state).model_copy(update={"moving_to": kept.moving_to, "next_url": next_url})
    held = {name: getattr(before, name) for name in ("moved_to", "moved_seen", "retired_at")}
    return state.model_copy(update={**held, "cursor": cursor.model_dump_json(exclude_none=True)})


def _validator(value: str | None) -> str | None:
    """A validator that can be sent back as it came, else None."""
    return value if value and len(value) <= _MAX_VALIDATOR and value.isascii() and value.isprintable() else None
