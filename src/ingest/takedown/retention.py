"""Retention: what is older than its source allows, or past its licence, goes; so does what takedowns left undone.

Nothing here is urgent, so old files of the table go with the usual vacuum, a week later, and no reader is disturbed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from ingest.errors import NotStored
from ingest.land import erase
from ingest.land.store import Store
from ingest.land.table import delta_errors, open_table
from ingest.model import Model, Payload, Source
from ingest.pipeline import Workspace
from ingest.state.database import read
from ingest.state.takedowns import load_tombstones, one_at_a_time
from ingest.takedown import audit
from ingest.takedown.take import take_down

_BY = "ingest maintain"
_APPLIED = "retention/applied.json"  # source id → how far its raw archive was gone through
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MARGIN = timedelta(days=2)  # between a fetch and the end of its run, and between clocks
_RACES = timedelta(days=8)  # a compaction that a takedown overtook may leave a file of its rows so long


class Retained(Model):
    """What was deleted: rows of the table, records of the raw archive."""

    rows: int
    records: int


def retain(ws: Workspace, now: datetime) -> Retained:
    """Apply every source's `retention` and every article's `expires`. Again is fine."""
    cutoffs = {s.id: now - timedelta(seconds=s.retention_s) for s in ws.registry.values() if s.retention_s}
    with one_at_a_time(ws.engine):
        records = _erase_raw(ws.store, cutoffs)
        conditions = list(_conditions(cutoffs, now))
        counts = _counted(ws.store, conditions)
        for removal in _removals(ws.registry.values(), cutoffs, counts, records, now):
            audit.record(ws.store, removal)
        if due := [one for one in conditions if counts[one[0]]]:
            rows = reduce(or_, (rows for _, rows, _ in due))
            predicate = " OR ".join(f"({predicate})" for _, _, predicate in due)
            erase.delete_where(ws.store, rows, predicate, "retention")
            erase.blank_changes(ws.store, _EPOCH)
    return Retained(rows=counts.total(), records=records.total())


def finish(ws: Workspace, now: datetime) -> None:
    """Takedowns that were killed go on; those of the last days look again for files that a race has left."""
    with read(ws.engine) as conn:
        stones = load_tombstones(conn)
    for stone in stones:
        if stone.done_at is None:
            take_down(ws, stone.target, stone.reason, stone.author, now)
        elif stone.done_at > now - _RACES:
            erase.drop_old_files(ws.store, stone.article_ids, stone.at - _MARGIN)


def _conditions(cutoffs: Mapping[str, datetime], now: datetime) -> Iterator[tuple[str, pc.Expression, str]]:
    """What each is called, and which rows, in Arrow's and in SQL's words."""
    time = pa.timestamp("us", tz="UTC")
    yield "expired", pc.field("expires") < pa.scalar(now, time), f"expires < '{_sql(now)}'"
    for source_id, cutoff in cutoffs.items():
        rows = (pc.field("source_id") == source_id) & (pc.field("landed_at") < pa.scalar(cutoff, time))
        yield source_id, rows, f"source_id = '{source_id}' AND landed_at < '{_sql(cutoff)}'"


def _sql(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _counted(store: Store, conditions: Iterable[tuple[str, pc.Expression, str]]) -> Counter[str]:
    with delta_errors(store):
        dataset = open_table(store).to_pyarrow_dataset()
        return Counter({subject: dataset.count_rows(filter=rows) for subject, rows, _ in conditions})


def _erase_raw(store: Store, cutoffs: Mapping[str, datetime]) -> Counter[str]:
    """Records by source. Archives are gone through once, from where the last time ended."""
    if not cutoffs:
        return Counter()
    erased: Counter[str] = Counter()

    def wants(payload: Payload) -> bool:
        cutoff = cutoffs.get(payload.source_id)
        is_old = cutoff is not None and payload.fetched_at is not None and payload.fetched_at < cutoff
        erased[payload.source_id] += is_old
        return is_old

    applied = _applied(store)
    since = min(applied.get(source_id, _EPOCH) for source_id in cutoffs) - _MARGIN
    erase.erase_raw(store, max(since, _EPOCH), wants, "past its retention", max(cutoffs.values()) + _MARGIN)
    store.put(_APPLIED, orjson.dumps({source_id: cutoff.isoformat() for source_id, cutoff in cutoffs.items()}))
    return +erased


def _applied(store: Store) -> dict[str, datetime]:
    with suppress(NotStored):
        return {id_: datetime.fromisoformat(at) for id_, at in orjson.loads(store.get(_APPLIED)).items()}
    return {}


def _removals(
    sources: Iterable[Source],
    cutoffs: Mapping[str, datetime],
    rows: Counter[str],
    records: Counter[str],
    now: datetime,
) -> Iterator[audit.Removal]:
    if rows["expired"]:
        yield audit.Removal(
            at=now, by=_BY, kind="retention", subject="expired", reason="licence", rows=rows["expired"], until=now
        )
    for source in sources:
        if source.retention_s and (rows[source.id] or records[source.id]):
            yield audit.Removal(
                at=now,
                by=_BY,
                kind="retention",
                subject=source.id,
                reason=f"retention of {source.retention_s // 86_400} days",
                rows=rows[source.id],
                records=records[source.id],
                until=cutoffs[source.id],
            )
