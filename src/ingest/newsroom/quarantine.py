"""Quarantine: what could not be used, its bytes as text, mending and reading it again, or letting it go."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import Lock

from ingest.errors import BadConfig, IngestError, NotStored
from ingest.model import Payload
from ingest.newsroom.articles import decoded, encoding_of
from ingest.newsroom.pages import plain
from ingest.pipeline import Workspace
from ingest.quarantine import Held, Settled, held, payload_of, settle
from ingest.quarantine.again import replay
from ingest.takedown.audit import Removal, record

DAYS, LISTED, SHOWN = 14, 200, 8_000
EDITED, MENDED = 200_000, 20_000_000  # characters in a page; bytes that are taken
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
    whole: str | None = None  # all of it, where it can be changed in a page and be the same bytes but for that
    encoding: str = "utf-8"


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
    text, encoding = decoded(payload), encoding_of(payload)
    return One(
        found, payload, text[:SHOWN], max(0, len(text) - SHOWN), None, _editable(payload.body, encoding), encoding
    )


def bytes_of(ws: Workspace, day: date, id_: str) -> bytes:
    """As they came. Raises NotStored, Malformed."""
    return payload_of(ws.store, find(ws, day, id_)).body


def mended(ws: Workspace, day: date, id_: str, text: str) -> bytes:
    """The bytes that a changed text stands for: in the encoding and with the line ends of those that came."""
    payload = payload_of(ws.store, find(ws, day, id_))
    lines = text.replace("\r\n", "\n")
    try:
        return (lines.replace("\n", "\r\n") if b"\r\n" in payload.body else lines).encode(encoding_of(payload))
    except UnicodeEncodeError as e:
        raise BadConfig(id_, f"{e.object[e.start]!r} is not in {e.encoding}", "write it as a reference: &#…;") from e


def _editable(body: bytes, encoding: str) -> str | None:
    """None for what a text field would change by itself: unseen characters, mixed line ends, too much."""
    try:
        text = body.decode(encoding)
    except ValueError:
        return None
    lines = text.replace("\r\n", "\n")
    same = (lines.replace("\n", "\r\n") if "\r\n" in text else lines).encode(encoding) == body
    return lines if same and plain(lines) == lines and len(lines) <= EDITED and not lines.startswith("\n") else None


def read_mended(ws: Workspace, day: date, id_: str, now: datetime, by: str, instead: bytes) -> str:
    """Land it as a run of its own if `instead`, its bytes mended, are good; what came of it, in words.

    Those that came stay in the archive. Raises BadConfig while another is on. What is not mended the DAG `read_again`
    reads; these bytes a DAG run cannot be given.
    """
    if not 0 < len(instead) <= MENDED:
        raise BadConfig("the mended bytes", f"are {len(instead):,}", f"between 1 and {MENDED:,} are taken")
    found = find(ws, day, id_)
    if found.settled is not None:
        raise BadConfig(id_, f"it was {found.settled.how} before")
    if not _replaying.acquire(blocking=False):
        raise BadConfig(id_, "another is being read again", "wait for it")
    try:
        report, outcome = replay(ws, [found], now, by, instead)
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
