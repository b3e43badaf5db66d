"""The articles table: Delta Lake in the store's folder `articles/`, partitioned by the day of landing.

Every version of every article is a row. One run is one commit. Writers never create the table: two that raced to do so
have doubled rows (see docs/operations.md); `create_table` is a step of the set-up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import stamina
from deltalake import CommitProperties, DeltaTable, Schema, Transaction, WriterProperties
from deltalake import Field as DeltaField
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from pydantic import Field

from ingest.errors import NotStored, StoreUnavailable
from ingest.land.columns import SCHEMA, STATISTICS, to_batches, to_row
from ingest.land.runfile import GROUP, PARTITION, Key, RunFile, added, keys_of, name_of
from ingest.land.store import Store, scratch
from ingest.model import Article, Model

FOLDER = "articles"
_CONFIGURATION: dict[str, str | None] = {
    "delta.enableChangeDataFeed": "true",
    "delta.dataSkippingStatsColumns": STATISTICS,
    "delta.checkpointInterval": "50",
    "delta.logRetentionDuration": "interval 30 days",
    "delta.deletedFileRetentionDuration": "interval 7 days",
}
TABLE_WRITER = WriterProperties(compression="ZSTD", compression_level=3, max_row_group_size=GROUP)
_RUN, _INSERTED, _COUNTS = "ingest.run_id", "ingest.inserted", "ingest.counts"


class CommitResult(Model):
    """`already`: this run was in the table before; the numbers are those of its commit."""

    table_version: int
    inserted: int
    already: bool = False


class Commit(Model):
    """One version of the table. `run_id` is None for maintenance and takedowns; `takedown` says why rows went."""

    version: int
    at: datetime
    operation: str
    run_id: str | None = None
    takedown: str | None = None
    inserted: int | None = None
    counts: dict[str, int] = Field(default_factory=dict)


def create_table(store: Store) -> int:
    """Create the table, or add the columns that a newer schema has. Again is fine. Returns the table's version.

    For the set-up only, by one process: not for tasks that run in parallel.
    """
    uri, options = store.delta_uri(FOLDER), store.storage_options
    with delta_errors(store):
        if not DeltaTable.is_deltatable(uri, options):
            if not options:
                Path(uri).mkdir(parents=True, exist_ok=True)
            schema = Schema.from_arrow(SCHEMA)
            table = DeltaTable.create(
                uri, schema, partition_by=PARTITION, configuration=_CONFIGURATION, storage_options=options or None
            )
            return table.version()
        table = DeltaTable(uri, storage_options=options or None)
        there = {field.name for field in table.schema().fields}
        new = [field for field in SCHEMA if field.name not in there]
        if new:
            table.alter.add_columns([DeltaField.from_arrow(field.with_nullable(True)) for field in new])
        return table.version()


def open_table(store: Store, version: int | None = None) -> DeltaTable:
    """One version of the table, the latest by default. Raises NotStored."""
    with delta_errors(store):
        return DeltaTable(store.delta_uri(FOLDER), version=version, storage_options=store.storage_options or None)


def table_version(store: Store) -> int:
    return open_table(store).version()


def commit_run(
    store: Store, run_id: str, articles: Iterable[Article], landed_at: datetime, counts: Mapping[str, int]
) -> CommitResult:
    """`commit_batches`, of articles."""
    return commit_batches(store, run_id, to_batches(map(to_row, articles), run_id, landed_at), landed_at, counts)


def commit_batches(
    store: Store, run_id: str, batches: Iterable[pa.RecordBatch], landed_at: datetime, counts: Mapping[str, int]
) -> CommitResult:
    """Land a run in one commit: the articles whose (article_id, version) is not in the table yet.

    Killed at any point and called again, nothing is lost or doubled; once the run is in, it is a no-op, and `batches`
    are not read. Without a new article there is no commit. They are read once into a local file, so memory holds a
    batch and the keys; `run_id` and `landed_at` go over what they say themselves. Raises NotStored without a table,
    StoreUnavailable if other writers win all the time.
    """
    with scratch() as folder:
        table = open_table(store)
        if done := _landed(table, run_id):
            return done
        run = RunFile(folder / "run.parquet", batches, run_id, landed_at)
        with delta_errors(store):
            for attempt in stamina.retry_context(on=CommitFailedError, attempts=12, timeout=300.0, wait_initial=0.05):
                with attempt:
                    first = attempt.num == 1  # what was committed since makes it fail, and the next one looks again
                    return _try_commit(store, table if first else open_table(store), run_id, run, counts)
    raise AssertionError("stamina returns or raises")


def has_run(store: Store, run_id: str) -> bool:
    """Whether a run's commit was made."""
    return open_table(store).transaction_version(run_id) is not None


def history(store: Store, limit: int | None = None) -> list[Commit]:
    """The table's commits, newest first, as far back as its log is kept."""
    return _history(open_table(store), limit)


def run_of_commit(store: Store, version: int) -> str | None:
    """The run that made a version; None for maintenance, and for versions older than the log."""
    table = open_table(store)
    commits = _history(table, max(table.version() - version + 1, 1))
    return next((commit.run_id for commit in commits if commit.version == version), None)


def runs_after(store: Store, table: DeltaTable, version: int) -> list[str]:
    """The runs that were landed after a version. Raises NotStored if the log does not reach back to it."""
    return [commit.run_id for commit in commits_after(store, table, version) if commit.run_id]


def commits_after(store: Store, table: DeltaTable, version: int) -> list[Commit]:
    """From the version that is open back to the one after `version`. Raises NotStored if the log does not reach it.

    Read from the log itself: `history` of a table that is not the newest tells the newest commits by wrong numbers.
    """
    return [_logged(store, one) for one in range(table.version(), version, -1)]


def _logged(store: Store, version: int) -> Commit:
    try:
        actions = store.get(f"{FOLDER}/_delta_log/{version:020d}.json").splitlines()
    except NotStored as e:
        hint = "read what is current anew, and go on from its version"
        raise NotStored(f"version {version} of the table", "the log no longer reaches back to it", hint) from e
    found = (orjson.loads(action).get("commitInfo") for action in actions)
    return _commit(next(info for info in found if info) | {"version": version})


def _try_commit(store: Store, table: DeltaTable, run_id: str, run: RunFile, counts: Mapping[str, int]) -> CommitResult:
    if done := _landed(table, run_id):
        return done
    there = _keys_in(table, run.keys)
    inserted, version = len(run.keys) - len(there), table.version()
    if inserted:
        note = {_RUN: run_id, _INSERTED: inserted, _COUNTS: dict(counts)}
        # no retries in there: they would not look again for rows that the winner has inserted
        commit = CommitProperties(note, max_commit_retries=0, app_transactions=[Transaction(run_id, 1)])
        path, name = run.without(there), name_of(run.day)
        store.put_new(f"{FOLDER}/{name}", path)
        table.create_write_transaction(
            [added(path, name, run.day)], "append", table.schema(), PARTITION, commit_properties=commit
        )
        version += 1  # without retries it is the next one or none
    return CommitResult(table_version=version, inserted=inserted)


def _landed(table: DeltaTable, run_id: str) -> CommitResult | None:
    if table.transaction_version(run_id) is None:
        return None
    for limit in (100, None):
        for commit in _history(table, limit):
            if commit.run_id == run_id:
                return CommitResult(table_version=commit.version, inserted=commit.inserted or 0, already=True)
    return CommitResult(table_version=table.version(), inserted=0, already=True)  # older than the log


def _keys_in(table: DeltaTable, keys: set[Key]) -> set[Key]:
    """Those of the keys that the table has."""
    if not keys:
        return set()
    ids = pa.array({article_id for article_id, _ in keys}, pa.string())
    scan = table.to_pyarrow_dataset().scanner(
        columns=["article_id", "version"], filter=pc.field("article_id").isin(ids)
    )
    return {key for batch in scan.to_batches() for key in keys_of(batch) if key in keys}


def _history(table: DeltaTable, limit: int | None) -> list[Commit]:
    return [_commit(raw) for raw in table.history(limit)]


def _commit(raw: dict[str, Any]) -> Commit:
    return Commit(
        version=raw["version"],
        at=datetime.fromtimestamp(raw["timestamp"] / 1000, UTC),
        operation=raw["operation"],
        run_id=raw.get(_RUN),
        takedown=raw.get("ingest.takedown"),
        inserted=raw.get(_INSERTED),
        counts=raw.get(_COUNTS) or {},
    )


@contextmanager
def delta_errors(store: Store) -> Iterator[None]:
    """deltalake's errors as ours. A lost race passes, its caller tries again."""
    try:
        yield
    except TableNotFoundError as e:
        raise NotStored(f"{store.url}/{FOLDER}", "there is no articles table", "the set-up creates it") from e
    except CommitFailedError:
        raise
    except (OSError, DeltaError) as e:
        why = " ".join(str(e).split())[:300]  # of several lines; the cause, such as a full disk, is on the last
        raise StoreUnavailable(f"{store.url}/{FOLDER}", why) from e
