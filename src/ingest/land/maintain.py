"""Upkeep of the store: fewer and larger files, retention, what killed runs left. Safe beside writers and readers.

Each step is bounded, so that it fits its task, and goes on next time where it ended: what is done needs nothing any
more. A reader that opened a version keeps its files for KEEP_FILES_H; only a takedown deletes sooner, as it must.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice

import pyarrow as pa
import stamina
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError

from ingest.land import raw, staging
from ingest.land.local import LocalStore
from ingest.land.runfile import PARTITION
from ingest.land.store import Store, part_name
from ingest.land.table import TABLE_WRITER, delta_errors, open_table
from ingest.model import Model

KEEP_FILES_H = 168  # hours; longer than any reader reads and any writer writes
SMALL = 64_000_000  # bytes; a day's files are put together until they are larger
MANY_SMALL = 100  # of a day; more slow readers down
_TARGET_SIZE = 128_000_000
_DATED = (raw.FOLDER, "quarantine")  # folders with a folder a day
_STAGED_DAYS = 7


class Compacted(Model):
    """`days_left` are those that were out of bounds this time, or that somebody else wrote to all the while."""

    files_compacted: int = 0
    days_left: int = 0


class Cleaned(Model):
    files_deleted: int = 0
    archives_deleted: int = 0
    runs_unstaged: tuple[str, ...] = ()


class TableHealth(Model):
    """How a table is to read. `most_small` is the largest number of small files of one day."""

    version: int
    files: int
    bytes: int
    small_files: int
    most_small: int


def compact(store: Store, *, max_bytes: int = 20_000_000_000, goes_on: Callable[[], bool] = lambda: True) -> Compacted:
    """Put the small files of each day together, newest day first, a commit a day.

    Stops before a day that would read more than `max_bytes` in all, and once `goes_on` says no.
    """
    files = left = 0
    for day, size in _days_to_compact(open_table(store)):
        if size > max_bytes or not goes_on():
            left += 1
            continue
        done = _compact_day(store, day)
        max_bytes, files, left = max_bytes - size, files + (done or 0), left + (done is None)
    return Compacted(files_compacted=files, days_left=left)


def clean(
    store: Store,
    now: datetime,
    *,
    keep_raw_days: int,
    keep_files_h: int = KEEP_FILES_H,
    unfinished: Collection[str] = (),
    at_most: int = 50_000,
) -> Cleaned:
    """Delete what is past its retention: files of older versions, raw archives and quarantine, staging of killed runs.

    `unfinished` are runs whose staging is kept however old it is, since they can still be landed. Of archives not more
    than `at_most` are deleted at once.
    """
    deleted = _vacuum(store, keep_files_h)
    oldest = (now - timedelta(days=keep_raw_days)).date()
    old = list(islice((key for folder in _DATED for key in _before(store, folder, oldest)), at_most))
    for key in old:
        store.delete(key)
    stale = _stale_runs(store, now - timedelta(days=_STAGED_DAYS), unfinished)
    for run_id in stale:
        staging.delete(store, run_id)
    if isinstance(store, LocalStore):
        store.delete_partials(now - timedelta(days=_STAGED_DAYS))  # clocks differ: one that is written now must stay
    return Cleaned(files_deleted=deleted, archives_deleted=len(old), runs_unstaged=tuple(stale))


def health(store: Store) -> TableHealth:
    """From the log alone."""
    table = open_table(store)
    sizes = list(_sizes(table))
    small = Counter(day for day, size in sizes if size < SMALL)
    return TableHealth(
        version=table.version(),
        files=len(sizes),
        bytes=sum(size for _, size in sizes),
        small_files=small.total(),
        most_small=max(small.values(), default=0),
    )


def _days_to_compact(table: DeltaTable) -> list[tuple[str, int]]:
    """Days with several files below the target size, and the bytes of these, newest first."""
    below: dict[str, list[int]] = {}
    for day, size in _sizes(table):
        if size < _TARGET_SIZE:
            below.setdefault(day, []).append(size)
    return [(day, sum(sizes)) for day, sizes in sorted(below.items(), reverse=True) if len(sizes) > 1 and _fit(sizes)]


def _fit(sizes: list[int]) -> bool:
    """Whether any two become one file."""
    smallest, second = sorted(sizes)[:2]
    return smallest + second <= _TARGET_SIZE


def _compact_day(store: Store, day: str) -> int | None:
    """How many files became fewer; None if other writers won all the time. Appends are no conflict, deletes are."""
    try:
        for attempt in stamina.retry_context(on=CommitFailedError, attempts=4, timeout=120.0, wait_initial=0.2):
            with attempt, delta_errors(store):
                done = open_table(store).optimize.compact(
                    partition_filters=[(PARTITION, "=", day)], target_size=_TARGET_SIZE, writer_properties=TABLE_WRITER
                )
                return int(done["numFilesRemoved"])
    except CommitFailedError:
        return None
    raise AssertionError("stamina returns or raises")


def _sizes(table: DeltaTable) -> Iterator[tuple[str, int]]:
    """Day and bytes of each data file."""
    actions = pa.table(table.get_add_actions(flatten=True))
    days = actions[f"partition.{PARTITION}"].to_pylist() if actions.num_rows else []
    for day, size in zip(days, actions["size_bytes"].to_pylist(), strict=True):
        yield day.isoformat() if isinstance(day, date) else str(day), size


def _vacuum(store: Store, keep_files_h: int) -> int:
    with delta_errors(store):
        table = open_table(store)
        table.create_checkpoint()
        table.cleanup_metadata()  # of the log, what no version that can be read needs
        # full: also what failed commits left behind, once it is older than any commit can run
        return len(table.vacuum(retention_hours=keep_files_h, dry_run=False, full=True))


def _before(store: Store, folder: str, oldest: date) -> Iterator[str]:
    for stored in store.list(folder):
        day = _day_of(stored.key)
        if day is not None and day < oldest:
            yield stored.key


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
