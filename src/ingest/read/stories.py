"""One row a story: its canonical article, and how many have it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from ingest.land.columns import SCHEMA
from ingest.land.query import Query

Scan = Callable[[Query, Sequence[str]], Iterator[pa.RecordBatch]]
_FEW = 10_000
_TIME = SCHEMA.field("published").type
_MORE = pa.schema(
    [
        ("articles", pa.int64()),
        ("copies", pa.int64()),
        ("sources", pa.list_(pa.string())),
        ("first_at", _TIME),
        ("last_at", _TIME),
    ]
)
_MEMBER = ("story_id", "source_id", "relation", "duplicate_of", "published", "fetched_at")


def schema(names: Sequence[str]) -> pa.Schema:
    return pa.schema([*(SCHEMA.field(name).with_nullable(True) for name in names), *_MORE])


def read(scan: Scan, query: Query, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """The heads that the query finds, a batch at a time; what is told of a story is of all that may be seen of it."""
    asked = Query(public_at=query.public_at, include=query.include, story_id=query.story_id)
    if (ids := _few(scan, query)) is not None:
        asked = asked.model_copy(update={"story_ids": ids})
    members = _members(scan, asked)
    wanted = list(dict.fromkeys((*names, "story_id", "duplicate_of")))
    for batch in scan(query, wanted):
        heads = batch.filter(pc.and_(pc.is_null(batch["duplicate_of"]), pc.is_valid(batch["story_id"])))
        if heads.num_rows:
            more = members.take(pc.index_in(heads["story_id"], value_set=members["story_id"]))
            columns = [heads[name] for name in names] + [more[field.name].cast(field.type) for field in _MORE]
            yield pa.RecordBatch.from_arrays(columns, schema=schema(names))


def _few(scan: Scan, query: Query) -> tuple[str, ...] | None:
    """The stories that the query finds, unless they are many."""
    ids: set[str] = set()
    for batch in scan(query, ["story_id"]):
        ids.update(batch["story_id"].drop_null().to_pylist())
        if len(ids) > _FEW:
            return None
    return tuple(ids)


def _members(scan: Scan, query: Query) -> pa.RecordBatch:
    """By `story_id`: the columns that a story has more than its article."""
    batches = list(scan(query, _MEMBER))
    rows = pa.Table.from_batches(batches, pa.schema([SCHEMA.field(name).with_nullable(True) for name in _MEMBER]))
    at = pc.coalesce(rows["published"], rows["fetched_at"])
    is_copy = pc.is_in(rows["relation"], value_set=pa.array(["copy", "excerpt"])).cast(pa.int64())
    counted = rows.append_column("at", at).append_column("is_copy", is_copy).group_by("story_id")
    told = counted.aggregate(
        [("source_id", "count"), ("is_copy", "sum"), ("source_id", "distinct"), ("at", "min"), ("at", "max")]
    )
    names = ["story_id", *_MORE.names]
    order = ["story_id", "source_id_count", "is_copy_sum", "source_id_distinct", "at_min", "at_max"]
    table = told.select(order).rename_columns(names).combine_chunks()
    return pa.RecordBatch.from_arrays([table[name].combine_chunks() for name in names], names)
