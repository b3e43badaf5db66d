"""Reading what has landed: by the file list of one version of the table, never by listing its folders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from ingest.land.columns import SCHEMA, from_arrow
from ingest.land.store import Store
from ingest.land.table import delta_errors, open_table, runs_after
from ingest.model import Article, Model

_BATCH = 1000


class Query(Model):
    """Which articles. All conditions must hold; `since` is the time of landing.

    `changes_since` is a version of the table: what was landed after it. `at_version` reads an older version of the
    table; without it, the latest. `latest_only` leaves out the versions of an article that a later one replaced,
    `public_at` what is under embargo at that time.
    """

    since: datetime | None = None
    source_id: str | None = None
    story_id: str | None = None
    article_id: str | None = None
    run_id: str | None = None
    pub_status: str | None = None
    changes_since: int | None = None
    at_version: int | None = None
    latest_only: bool = True
    public_at: datetime | None = None


def read_articles(store: Store, query: Query = Query()) -> Iterator[Article]:  # noqa: B008 - frozen
    """Articles in no particular order, a batch in memory at a time. Raises NotStored, StoreUnavailable."""
    for batch in read_batches(store, query):
        yield from from_arrow(batch)


def read_batches(store: Store, query: Query, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """The same as Arrow, with the table's own columns (see `columns`); only the named ones, if given."""
    table = open_table(store, query.at_version)
    names = list(columns or SCHEMA.names)
    keys = ["article_id", "version"] if query.latest_only else []
    extra = [name for name in keys if name not in names]
    with delta_errors(store):
        dataset = table.to_pyarrow_dataset()
        newest = _newest(dataset, query) if query.latest_only else {}
        scan = dataset.scanner(
            columns=names + extra,
            filter=_filter(table, query),
            batch_size=_BATCH,
            fragment_readahead=2,
            batch_readahead=4,
        )
        for batch in scan.to_batches():
            kept = batch.filter(_is_latest(batch, newest)) if newest else batch
            if kept.num_rows:
                yield kept.drop_columns(extra) if extra else kept


def _filter(table: DeltaTable, query: Query) -> pc.Expression | None:
    conditions = [
        pc.field(name) == value
        for name in ("source_id", "story_id", "article_id", "run_id", "pub_status")
        if (value := getattr(query, name)) is not None
    ]
    if query.since is not None:
        # the day is the partition: it saves opening the files of older days
        conditions.append(pc.field("landed_day") >= pa.scalar(query.since.date(), pa.date32()))
        conditions.append(pc.field("landed_at") >= pa.scalar(query.since, SCHEMA.field("landed_at").type))
    if query.changes_since is not None:
        conditions.append(pc.field("run_id").isin(pa.array(runs_after(table, query.changes_since), pa.string())))
    if query.public_at is not None:
        until = pc.field("embargoed_until")
        conditions.append(until.is_null() | (until <= pa.scalar(query.public_at, SCHEMA.field("embargoed_until").type)))
    both = None
    for condition in conditions:
        both = condition if both is None else both & condition
    return both


def _newest(dataset: pa.dataset.Dataset, query: Query) -> dict[str, int]:
    """The newest version of each article that has more than the first. Small, unlike the table."""
    condition = pc.field("version") > 1
    if query.source_id is not None:
        condition &= pc.field("source_id") == query.source_id
    if query.article_id is not None:
        condition &= pc.field("article_id") == query.article_id
    newest: dict[str, int] = {}
    for batch in dataset.scanner(columns=["article_id", "version"], filter=condition).to_batches():
        for article_id, version in zip(batch["article_id"].to_pylist(), batch["version"].to_pylist(), strict=True):
            newest[article_id] = max(version, newest.get(article_id, 0))
    return newest


def _is_latest(batch: pa.RecordBatch, newest: dict[str, int]) -> pa.Array:
    pairs = zip(batch["article_id"].to_pylist(), batch["version"].to_pylist(), strict=True)
    return pa.array([version >= newest.get(article_id, 0) for article_id, version in pairs], pa.bool_())
