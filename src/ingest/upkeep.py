"""What keeps store and state small: compaction, retention, expiry of the stories' index. Each a task of its own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from ingest.land import maintain
from ingest.land.maintain import Cleaned, Compacted
from ingest.model import Model
from ingest.pipeline import Workspace

_PIECES = timedelta(days=4)  # after this an add is not looked for its first take
_COMPACT_S = 1200.0
KEEP_NOTICES = timedelta(days=30)  # as long as the log of the table


class Upkeep(Model):
    """What one upkeep did."""

    files_compacted: int
    days_left: int
    files_deleted: int
    archives_deleted: int
    runs_unstaged: tuple[str, ...]
    index_expired: int


def keep_up(ws: Workspace, now: datetime) -> Upkeep:
    """All of it. Safe beside running writers and readers, and to do again. Raises NotStored before the first run."""
    compacted, cleaned = compact(ws), clean(ws, now)
    return Upkeep(**compacted.model_dump(), **cleaned.model_dump(), index_expired=forget(ws, now))


def compact(ws: Workspace) -> Compacted:
    """Fewer and larger files; no new day is begun after twenty minutes."""
    end = time.monotonic() + _COMPACT_S
    return maintain.compact(ws.store, goes_on=lambda: time.monotonic() < end)


def clean(ws: Workspace, now: datetime) -> Cleaned:
    """What is past its retention goes; takedowns that were killed are finished."""
    from ingest.notices.notice import forget_notices
    from ingest.state.database import read
    from ingest.state.runs import unfinished_runs
    from ingest.takedown.retention import finish, retain

    finish(ws, now)
    retain(ws, now)
    with read(ws.engine) as connection:
        landing = [run.run_id for run in unfinished_runs(connection) if run.status == "landing"]
    forget_notices(ws.store, now - KEEP_NOTICES)
    return maintain.clean(ws.store, now, keep_raw_days=ws.settings.keep_raw_days, unfinished=landing)


def forget(ws: Workspace, now: datetime) -> int:
    """What the state need not know any more. Returns how many members of stories have expired."""
    from ingest.clean.lines import AGE
    from ingest.health.landed import KEEP_DAYS, KEEP_EVENTS
    from ingest.state.database import write
    from ingest.state.health import forget_health
    from ingest.state.learned import forget_counts
    from ingest.state.pieces import forget_pieces
    from ingest.state.stories import KEEP_TEXTS, expire

    today = (now - datetime(1970, 1, 1, tzinfo=UTC)).days
    with write(ws.engine) as connection:
        forget_pieces(connection, now - _PIECES)
        forget_counts(connection, now - AGE)
        forget_health(connection, now.date() - KEEP_DAYS, now - KEEP_EVENTS)
        return expire(connection, today - ws.settings.index_days, today - KEEP_TEXTS)


def look_over(ws: Workspace, now: datetime) -> Iterator[str]:
    """How the table is to read, and what is wrong with what landed in the last week, a line each.

    Raises Damaged at its end if something was lost, damaged or doubled.
    """
    from ingest.errors import Damaged
    from ingest.verify import verify

    table = maintain.health(ws.store)
    size = f"{table.files:,} files, {table.bytes / 1e6:,.1f} MB"
    yield f"table version {table.version}: {size}, {table.small_files:,} of them small"
    if table.most_small > maintain.MANY_SMALL:
        yield f"{table.most_small:,} small files in one day, more than {maintain.MANY_SMALL}: is compaction late?"
    faults = 0
    for one in verify(ws.store, ws.engine, now, ws.settings.keep_raw_days, now - timedelta(days=8)):
        faults += one.verdict == "fault"
        yield one.line()
    if faults:
        raise Damaged(ws.store.url, f"{faults} faults, each in the log", "what to do is said there; ingest verify")
