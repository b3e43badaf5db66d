"""Reading what has landed: by the file list of one version of the table, never by listing its folders.

`ingest.read` is what downstream teams use; this is what it and the pipeline read with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from ingest.land.columns import SCHEMA, from_arrow
from ingest.land.datafiles import FILE, GROUP, DataFiles
from ingest.land.query import Condition, Query, always, among, conditions, of_runs, replaces, replacing, since_day
from ingest.land.store import Store
from ingest.land.table import delta_errors, open_table, runs_after
from ingest.model import Article

__all__ = ["Query", "read_articles", "read_batches", "scan"]
_BATCH = 1000
_KEYS = ("article_id", "version", "pub_status")
_FEW = 100_000  # rows whose ids are kept in memory to look for their other versions

Groups = Mapping[int, Sequence[int]]


def read_articles(store: Store, query: Query = Query()) -> Iterator[Article]:  # noqa: B008 - frozen
    """Articles in no particular order, a batch in memory at a time. Raises NotStored, StoreUnavailable."""
    for batch in read_batches(store, query):
        yield from from_arrow(batch)


def read_batches(store: Store, query: Query, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """The same as Arrow, with the table's own columns (see `columns`); only the named ones, if given."""
    with delta_errors(store):
        files = DataFiles(store, open_table(store, query.at_version))
    return scan(files, query, columns)


def scan(files: DataFiles, query: Query, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """The same of a table that is open. A column that the table does not have yet is null."""
    names = list(columns or SCHEMA.names)
    with delta_errors(files.store):
        runs = None if query.changes_since is None else runs_after(files.store, files.table, query.changes_since)
        asked = conditions(query, runs)
        versions, groups = _versions(files, query, runs, asked)
        for rows in files.read({*names, *_KEYS}, asked, groups):
            kept = rows.filter(versions.wanted(rows, latest_only=query.latest_only)) if versions else rows
            for start in range(0, kept.num_rows, _BATCH):
                yield _in_order(kept.slice(start, _BATCH), names)


@dataclass(frozen=True)
class _Versions:
    """The newest version of each article that has several (few, unlike the table), and what was retracted."""

    ids: pa.Array
    newest: pa.Array
    retracted: pa.Array

    def wanted(self, rows: pa.RecordBatch | pa.Table, *, latest_only: bool) -> pa.Array:
        place = pc.index_in(rows["article_id"], value_set=self.ids)
        keep = pc.invert(pc.is_in(rows["article_id"], value_set=self.retracted))
        if latest_only:
            keep = pc.and_(keep, pc.fill_null(pc.greater_equal(rows["version"], self.newest.take(place)), True))
        return keep


def _versions(
    files: DataFiles, query: Query, runs: list[str] | None, asked: list[Condition]
) -> tuple[_Versions | None, Groups | None]:
    """What other versions decide, None if they do not; and the row groups with rows that are wanted, None for all.

    A later version lands later: `since` and `runs` bound where it can be.
    """
    if not query.latest_only and not query.hidden_statuses:
        named = (query.article_id, query.article_ids, query.story_id, query.story_ids)
        return None, _groups(_table(files.find(_KEYS, asked))) if any(named) else None
    bounds = [*since_day(query.since), *of_runs(runs), *replacing(query)]
    if query.article_id is not None or query.article_ids is not None:
        same = Query(source_id=query.source_id, article_id=query.article_id, article_ids=query.article_ids)
        mine = every = _table(files.find(_KEYS, [*always(same), *bounds]))
    else:
        bounds = [*always(Query(source_id=query.source_id)), replaces(), *bounds]
        few = _few(files.find(_KEYS, asked)) if any(one.is_bounded for one in asked) else None
        if few is None:
            return _newest(_table(files.find(_KEYS, bounds)), query), None
        mine = few
        every = _table(files.find(_KEYS, [among("article_id", few["article_id"].unique().to_pylist()), *bounds]))
    versions = _newest(every, query)
    return versions, _groups(mine.filter(versions.wanted(mine, latest_only=query.latest_only)))


def _newest(found: pa.Table, query: Query) -> _Versions:
    best = found.group_by("article_id").aggregate([("version", "max")]).combine_chunks()
    ids, newest = (_flat(best[name]) for name in ("article_id", "version_max"))
    is_last = pc.equal(found["version"], newest.take(pc.index_in(_flat(found["article_id"]), value_set=ids)))
    is_hidden = pc.is_in(found["pub_status"], value_set=pa.array(query.hidden_statuses, pa.string()))
    return _Versions(ids, newest, _flat(found.filter(pc.and_(is_last, is_hidden))["article_id"]))


def _few(tables: Iterable[pa.Table]) -> pa.Table | None:
    """All of them together, None if they are many."""
    found: list[pa.Table] = []
    for table in tables:
        found.append(table)
        if sum(part.num_rows for part in found) > _FEW:
            return None
    return _table(found)


def _table(tables: Iterable[pa.Table]) -> pa.Table:
    places = [pa.field(GROUP, pa.int32()), pa.field(FILE, pa.int32())]
    empty = pa.schema([*(SCHEMA.field(name).with_nullable(True) for name in _KEYS), *places]).empty_table()
    return pa.concat_tables([empty, *tables]).combine_chunks()


def _groups(found: pa.Table) -> dict[int, list[int]]:
    groups: dict[int, set[int]] = {}
    for file, group in zip(found[FILE].to_pylist(), found[GROUP].to_pylist(), strict=True):
        groups.setdefault(file, set()).add(group)
    return {file: sorted(of_file) for file, of_file in groups.items()}


def _flat(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _in_order(batch: pa.RecordBatch, names: Sequence[str]) -> pa.RecordBatch:
    there = set(batch.schema.names)
    fields = [SCHEMA.field(name) for name in names]
    columns = [batch[f.name].cast(f.type) if f.name in there else pa.nulls(len(batch), f.type) for f in fields]
    return pa.RecordBatch.from_arrays(columns, schema=pa.schema([f.with_nullable(True) for f in fields]))
