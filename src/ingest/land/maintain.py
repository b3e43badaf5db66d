"""Upkeep of the store: fewer and larger files, retention, takedowns. Safe beside writers and readers.

A reader that opened a version keeps its files for `keep_files_h`; only a takedown deletes sooner, as it must.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
import stamina
from deltalake import CommitProperties
from deltalake.exceptions import CommitFailedError

from ingest.land import raw, staging
from ingest.land.local import LocalStore
from ingest.land.store import Store, part_name
from ingest.land.table import TABLE_WRITER, delta_errors, open_table
from ingest.model import Model, RawRef

_DATED = (raw.FOLDER, "quarantine")  # folders with a folder a day
_TARGET_SIZE = 128_000_000
_TAKEDOWN = "ingest.takedown"


class Maintained(Model):
    """What upkeep did."""

    files_compacted: int
    files_deleted: int
    archives_deleted: int
    runs_unstaged: tuple[str, ...]


class TakenDown(Model):
    """What a takedown removed: rows of the table, records of the raw archive."""

    rows: int
    records: int


def maintain(
    store: Store,
    now: datetime,
    *,
    keep_raw_days: int,
    keep_files_h: int = 168,
    keep_staging_days: int = 7,
    unfinished: Collection[str] = (),
) -> Maintained:
    """Compact the table, checkpoint it, and delete what is past its retention.

    `unfinished` are runs whose staging is kept however old it is, since they can still be landed.
    """
    compacted = _compact(store)
    deleted = _vacuum(store, keep_files_h)
    oldest = (now - timedelta(days=keep_raw_days)).date()
    archives = sum(_delete_before(store, folder, oldest) for folder in _DATED)
    stale = _stale_runs(store, now - timedelta(days=keep_staging_days), unfinished)
    for run_id in stale:
        staging.delete(store, run_id)
    if isinstance(store, LocalStore):
        store.delete_partials(now - timedelta(days=1))
    return Maintained(
        files_compacted=compacted, files_deleted=deleted, archives_deleted=archives, runs_unstaged=tuple(stale)
    )


def take_down(store: Store, article_ids: Iterable[str], reason: str) -> TakenDown:
    """Remove every version of these articles from the table, its older versions and the raw archive. Again is fine.

    A raw record is a whole payload, so other items of the same feed answer go with it; they stay in the table.
    Rows are deleted last: until then their `raw` tells where the bytes are.
    """
    ids = sorted(set(article_ids))
    if not ids:
        return TakenDown(rows=0, records=0)
    records = raw.erase(store, _raw_refs(store, ids), reason)
    with delta_errors(store):
        for attempt in stamina.retry_context(on=CommitFailedError, attempts=12, timeout=300.0, wait_initial=0.05):
            with attempt:
                rows = _delete_rows(store, ids, reason)
        # tombstoned files only (not full), so files that a running commit has just written are left alone
        open_table(store).vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)
    store.delete_prefix("articles/_change_data")  # the change feed's copy of the deleted rows
    return TakenDown(rows=rows, records=records)


def _compact(store: Store) -> int:
    table = open_table(store)
    with delta_errors(store):
        try:
            done = table.optimize.compact(target_size=_TARGET_SIZE, writer_properties=TABLE_WRITER)
        except CommitFailedError:
            return 0  # somebody else compacted or took down; the next upkeep sees to it
        table.create_checkpoint()
        table.cleanup_metadata()
    return int(done["numFilesRemoved"])


def _vacuum(store: Store, keep_files_h: int) -> int:
    with delta_errors(store):
        # full: also what failed commits left behind, once it is older than any commit can run
        return len(open_table(store).vacuum(retention_hours=keep_files_h, dry_run=False, full=True))


def _delete_before(store: Store, folder: str, oldest: date) -> int:
    days = ((stored.key, _day_of(stored.key)) for stored in store.list(folder))
    old = [key for key, day in days if day is not None and day < oldest]
    for key in old:
        store.delete(key)
    return len(old)


def _day_of(key: str) -> date | None:
    try:
        return date.fromisoformat(key.split("/")[1])
    except ValueError:
        return None


def _stale_runs(store: Store, before: datetime, unfinished: Collection[str]) -> list[str]:
    newest: dict[str, datetime] = {}
    for stored in store.list(staging.FOLDER):
        run_id = part_name(stored.key.split("/")[1])
        newest[run_id] = max(stored.modified_at, newest.get(run_id, datetime.min.replace(tzinfo=UTC)))
    return sorted(run_id for run_id, at in newest.items() if at < before and run_id not in unfinished)


def _raw_refs(store: Store, ids: Sequence[str]) -> Iterator[RawRef]:
    with delta_errors(store):
        rows = (
            open_table(store).to_pyarrow_dataset().to_table(["raw"], filter=pc.field("article_id").isin(pa.array(ids)))
        )
    for ref in rows["raw"].to_pylist():
        if ref is not None:
            yield RawRef.model_validate(ref)


def _delete_rows(store: Store, ids: Sequence[str], reason: str) -> int:
    quoted = ", ".join("'" + article_id.replace("'", "''") + "'" for article_id in ids)
    note = CommitProperties({_TAKEDOWN: reason})
    return int(
        open_table(store)
        .delete(f"article_id IN ({quoted})", TABLE_WRITER, commit_properties=note)
        .get("num_deleted_rows", 0)
    )
