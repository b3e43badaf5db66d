"""Quarantine: what could not be used, its bytes as text, and reading it again or letting it go."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import Lock

from ingest.errors import BadConfig, IngestError, NotStored
from ingest.model import Payload
from ingest.newsroom.articles import decoded
from ingest.pipeline import Workspace
from ingest.quarantine import Held, Settled, held, payload_of, settle
from ingest.quarantine.again import replay
from ingest.takedown.audit import Removal, record

DAYS, LISTED, SHOWN = 14, 200, 8_000
_replaying = Lock()  # each is a run of the whole pipeline in the web server: one is enough


@dataclass(frozen=True)
class List:
    lines: tuple[Held, ...]  # the newest first
    codes: tuple[tuple[str, int], ...]
    found: int
    since: date


@dataclass(frozen=True)
class One:
    held: Held
    payload: Payload | None
    text: str
    more: int  # characters that are not shown
    why_not: str | None = None


def listed(
    ws: Workspace, now: datetime, *, source: str | None = None, code: str | None = None, settled: bool = False
) -> List:
    """Of the last two weeks."""
    since = now.date() - timedelta(days=DAYS)
    here = [
        one for one in held(ws.store, since) if source in (None, one.source_id) and (settled or one.settled is None)
    ]
    codes = Counter(one.code for one in here)
    wanted = [one for one in reversed(here) if code in (None, one.code)]
    return List(tuple(wanted[:LISTED]), tuple(codes.most_common()), len(wanted), since)


def find(ws: Workspace, day: date, id_: str) -> Held:
    """By the day it is filed under, so that no other day is read. Raises NotStored."""
    for one in held(ws.store, day):
        if one.day != day.isoformat():
            break
        if one.id == id_:
            return one
    raise NotStored(id_, f"not in quarantine on {day}", "the list has what is there")


def one(ws: Workspace, day: date, id_: str) -> One:
    found = find(ws, day, id_)
    try:
        payload = payload_of(ws.store, found)
    except IngestError as e:
        return One(found, None, "", 0, str(e))
    text = decoded(payload)
    return One(found, payload, text[:SHOWN], max(0, len(text) - SHOWN))


def read_again(ws: Workspace, day: date, id_: str, now: datetime, by: str) -> str:
    """Land it as a run of its own if it is good now; what came of it, in words. Raises BadConfig while one is on."""
    found = find(ws, day, id_)
    if found.settled is not None:
        raise BadConfig(id_, f"it was {found.settled.how} before")
    if not _replaying.acquire(blocking=False):
        raise BadConfig(id_, "another is being read again", "wait for it")
    try:
        report, outcome = replay(ws, [found], now, by)
    finally:
        _replaying.release()
    wrong = outcome[found.id]
    return f"Still {wrong.code}: {wrong.detail[:300]}" if wrong else f"Good now: {report.landed} articles have landed."


def discard(ws: Workspace, day: date, id_: str, now: datetime, by: str, why: str) -> str:
    """Settle it, with the reason in the audit log. Raises BadConfig without a reason."""
    if not why.strip():
        raise BadConfig("the reason", "there is none", "it is kept in the audit log")
    found = find(ws, day, id_)
    if found.settled is not None:
        return f"It was {found.settled.how} before."
    reason = why.strip()[:500]
    record(ws.store, Removal(at=now, by=by, kind="discard", subject=f"{found.key}#{found.id}", reason=reason))
    settle(ws.store, [found], Settled(how="discarded", at=now, by=by, why=reason))
    return "Discarded. Its bytes stay in the raw archive, to their retention."
