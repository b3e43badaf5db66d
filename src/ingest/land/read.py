"""Reading what has landed: by the file list of one version of the table, never by listing its folders.

`ingest.read` is what downstream teams use; this is what it and the pipeline read with.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable
from pyarrow.dataset import Dataset

from ingest.land.columns import SCHEMA, from_arrow
from ingest.land.query import Query, all_of, always, condition, of_runs, replacing, since_day
from ingest.land.store import Store
from ingest.land.table import delta_errors, open_table, runs_after
from ingest.model import Article

__all__ = ["Query", "read_articles", "read_batches", "scan"]
_BATCH = 1000
_KEYS = ("article_id", "version")


def read_articles(store: Store, query: Query = Query()) -> Iterator[Article]:  # noqa: B008 - frozen
    """Articles in no particular order, a batch in memory at a time. Raises NotStored, StoreUnavailable."""
    for batch in read_batches(store, query):
        yield from from_arrow(batch)


def read_batches(store: Store, query: Query, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """The same as Arrow, with the table's own columns (see `columns`); only the named ones, if given."""
    return scan(store, open_table(store, query.at_version), query, columns)


def scan(
    store: Store, table: DeltaTable, query: Query, columns: Sequence[str] | None = None
) -> Iterator[pa.RecordBatch]:
    """The same of a table that is open. A column that the table does not have yet is null."""
    names = list(columns or SCHEMA.names)
    with delta_errors(store):
        dataset = table.to_pyarrow_dataset()
        runs = None if query.changes_since is None else runs_after(store, table, query.changes_since)
        versions = _versions(dataset, query, runs)
        where = [] if (given := condition(query, runs)) is None else [given]
        if versions and versions.days is not None:
            where.append(pc.field("landed_day").isin(versions.days))
        batches = dataset.scanner(
            columns=[name for name in {*names, *_KEYS} if name in dataset.schema.names],
            filter=all_of(*where),
            batch_size=_BATCH,
            fragment_readahead=2,
            batch_readahead=4,
        ).to_batches()
        for batch in batches:
            kept = batch.filter(versions.wanted(batch, latest_only=query.latest_only)) if versions else batch
            if kept.num_rows:
                yield _in_order(kept, names)


@dataclass(frozen=True)
class _Versions:
    """The newest version of each article that has more than the first (few, unlike the table), and what was retracted.

    `days` are those with a version of the articles that are asked for by id; None if they are not.
    """

    ids: pa.Array
    newest: pa.Array
    retracted: pa.Array
    days: pa.Array | None

    def wanted(self, batch: pa.RecordBatch, *, latest_only: bool) -> pa.Array:
        place = pc.index_in(batch["article_id"], value_set=self.ids)
        keep = pc.invert(pc.is_in(batch["article_id"], value_set=self.retracted))
        if latest_only:
            keep = pc.and_(keep, pc.fill_null(pc.greater_equal(batch["version"], self.newest.take(place)), True))
        return keep


def _versions(dataset: Dataset, query: Query, runs: list[str] | None) -> _Versions | None:
    """None if nothing depends on other versions. A later version lands later: `since` and `runs` bound where."""
    if not query.latest_only and not query.hidden_statuses:
        return None
    is_few = query.article_id is not None or query.article_ids is not None
    same = Query(source_id=query.source_id, article_id=query.article_id, article_ids=query.article_ids)
    where = [*since_day(query.since), *of_runs(runs), *replacing(query), *always(same)]
    where += [] if is_few else [pc.field("version") > 1]
    found = dataset.to_table([*_KEYS, "pub_status", "landed_day"], filter=all_of(*where)).combine_chunks()
    best = found.group_by("article_id").aggregate([("version", "max")]).combine_chunks()
    ids, newest = (_flat(best[name]) for name in ("article_id", "version_max"))
    is_last = pc.equal(found["version"], newest.take(pc.index_in(_flat(found["article_id"]), value_set=ids)))
    is_hidden = pc.is_in(found["pub_status"], value_set=pa.array(query.hidden_statuses, pa.string()))
    retracted = _flat(found.filter(pc.and_(is_last, is_hidden))["article_id"])
    return _Versions(ids, newest, retracted, _flat(found["landed_day"].unique()) if is_few else None)


def _flat(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _in_order(batch: pa.RecordBatch, names: Sequence[str]) -> pa.RecordBatch:
    there = set(batch.schema.names)
    fields = [SCHEMA.field(name) for name in names]
    columns = [batch[f.name].cast(f.type) if f.name in there else pa.nulls(len(batch), f.type) for f in fields]
    return pa.RecordBatch.from_arrays(columns, schema=pa.schema([f.with_nullable(True) for f in fields]))
