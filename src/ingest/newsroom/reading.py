"""Reading the table for a page: only the days that can have what is shown."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import select

from ingest.land.query import Hidden
from ingest.model import Article
from ingest.pipeline import Workspace
from ingest.read import Reader
from ingest.read.reader import Filters
from ingest.state.database import chunks, read
from ingest.state.tables import runs, versions

EVERYTHING: frozenset[Hidden] = frozenset({"embargoed", "withheld", "canceled", "expired"})
_WINDOWS = (timedelta(hours=2), timedelta(days=1), timedelta(days=4), timedelta(days=16), timedelta(days=64), None)
_SEARCHED = 3  # windows that a text is looked for in: every headline in them is read
SEARCHED_DAYS = 4
_KEEP_OPEN = timedelta(hours=1)  # the log that tells of a newer version is kept for longer
_ANSWERS = 32
_tables: WeakKeyDictionary[Workspace, _Kept] = WeakKeyDictionary()

T = TypeVar("T")


class Days(NamedTuple):
    """From a time on, and before another; None is no bound."""

    since: datetime | None
    until: datetime | None


@dataclass
class _Kept:
    reader: Reader
    answers: dict[Hashable, Any] = field(default_factory=dict)


def reader_of(ws: Workspace, now: datetime) -> Reader:
    """Of the newest version of the table. Kept until there is a newer one: what is known of its files stays true."""
    return _kept(ws, now).reader.at(now)


def remembered(ws: Workspace, now: datetime, asked: Hashable, work: Callable[[Reader], T]) -> T:
    """What `work` makes of the newest version of the table, from memory if it was asked before."""
    kept = _kept(ws, now)
    if asked not in kept.answers:
        if len(kept.answers) >= _ANSWERS:
            kept.answers.clear()
        kept.answers[asked] = work(kept.reader.at(now))
    answer: T = kept.answers[asked]
    return answer


def _kept(ws: Workspace, now: datetime) -> _Kept:
    kept = _tables.get(ws)
    if kept is None or not kept.reader.is_newest or abs(now - kept.reader.now) > _KEEP_OPEN:
        kept = _tables[ws] = _Kept(Reader(ws.store, now=now))
    return kept


def newest(
    reader: Reader, columns: Sequence[str], filters: Filters, limit: int, headline: str | None = None
) -> tuple[list[dict[str, Any]], bool]:
    """The rows that landed last, and whether there are more. Looks at the last hours first, then further back."""
    parts: list[pa.Table] = []
    until: datetime | None = None
    for window in _WINDOWS if headline is None else _WINDOWS[:_SEARCHED]:
        since = None if window is None else reader.now - window
        bounds = _since(filters, since)
        if until is not None:
            bounds["until"] = until
        parts.append(_with(reader.current(columns, **bounds).arrow(), headline))
        until = since
        if sum(part.num_rows for part in parts) > limit:
            break
    found = pa.concat_tables(parts).sort_by([("landed_at", "descending"), ("article_id", "ascending")])
    return found.slice(0, limit).to_pylist(), found.num_rows > limit


def landed_between(ws: Workspace, article_ids: Collection[str]) -> Days | None:
    """The days that their versions can have landed on, None if none has: the state knows each that did.

    Without bounds where it does not know the run.
    """
    with read(ws.engine) as conn:
        run_ids: set[str] = set()
        for ids in chunks(sorted(article_ids)):
            run_ids |= set(conn.scalars(select(versions.c.run_id).where(versions.c.article_id.in_(ids))))
        times = [
            tuple(row)
            for some in chunks(sorted(run_ids))
            for row in conn.execute(select(runs.c.started_at, runs.c.finished_at).where(runs.c.run_id.in_(some)))
        ]
    if not run_ids:
        return None
    if len(times) < len(run_ids):
        return Days(None, None)
    ends = [ended for _, ended in times]
    last = max(ended for ended in ends if ended) if all(ends) else None
    return Days(_midnight(min(began for began, _ in times)), last and _midnight(last) + timedelta(days=1))


def versions_of(reader: Reader, days: Days, wanted: Iterable[Filters]) -> Iterator[Article]:
    """All versions of articles, whatever their state."""
    for filters in wanted:
        bounds = _since(filters, days.since)
        if days.until is not None:
            bounds["until"] = days.until
        yield from reader.history(**bounds).articles()


def _midnight(when: datetime) -> datetime:
    return datetime.combine(when.date(), time(), UTC)


def _since(filters: Filters, since: datetime | None) -> Filters:
    """With what readers do not see: these pages are for those who run the pipeline."""
    bounds: Filters = {**filters, "include": EVERYTHING}
    return bounds if since is None else {**bounds, "since": since}


def _with(rows: pa.Table, headline: str | None) -> pa.Table:
    if headline is None:
        return rows
    return rows.filter(pc.fill_null(pc.match_substring(rows["headline"], headline, ignore_case=True), False))
