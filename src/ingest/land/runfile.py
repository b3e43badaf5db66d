"""A run's articles as one Parquet file, and what the table's log says of it.

deltalake's own writer holds a whole run in memory, some 45 kB an article; here it is one row group, however large the
run. Readers skip row groups, so rows stay in the order that they come in, one source after the other. What is canceled
or withheld is in row groups of its own: most questions have to look for it.
Spec: Delta transaction log protocol, "Add File" and "Per-file Statistics".
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake.transaction import AddAction

from ingest.land.columns import BATCH, SCHEMA, STATISTICS, landed
from ingest.land.query import STATUSES

PARTITION = "landed_day"
_IN_FILE = pa.schema([field for field in SCHEMA if field.name != PARTITION])  # the folder's name says the day
GROUP = 4000  # rows of a row group: fewer make the footer of each file longer to read than the ids in it
_GROUP_SIZE = 32_000_000  # bytes in memory, which end a group of long articles sooner
_IDS = ("article_id", "story_id")
_ALL_DIFFERENT = ("guid", "url", "headline", "summary", "body_text", "body_html", "content_hash")

Key = tuple[str, int]  # article_id, version

pa.set_memory_pool(pa.system_memory_pool())  # Arrow's own keeps what it once had: 14 MB in use, 57 MB held


class _Range(NamedTuple):
    low: Any
    high: Any
    nulls: int


class RunFile:
    """Articles in a local file, each (article_id, version) once, in the order they come. `keys` are theirs."""

    def __init__(self, path: Path, batches: Iterable[pa.RecordBatch], run_id: str, landed_at: datetime) -> None:
        self.path, self.day = path, landed_at.date()
        self.keys: set[Key] = set()
        with _writer(path) as out:
            new = (landed(self._new(batch), run_id, landed_at) for batch in batches)
            for group in _groups(batch.drop_columns([PARTITION]) for batch in new):
                out.write_table(group)

    def without(self, there: set[Key]) -> Path:
        """The file's path, or that of a copy without the rows that are `there`."""
        if not there:
            return self.path
        copy = self.path.with_suffix(".rest")
        with pq.ParquetFile(self.path) as whole, _writer(copy) as out:
            for group in map(whole.read_row_group, range(whole.num_row_groups)):
                out.write_table(group.filter(pa.array([key not in there for key in keys_of(group)], pa.bool_())))
        return copy

    def _new(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        places = {key: place for place, key in reversed(list(enumerate(keys_of(batch))))}  # the first of each
        new = sorted(place for key, place in places.items() if key not in self.keys)
        self.keys |= places.keys()
        return batch if len(new) == batch.num_rows else batch.take(pa.array(new, pa.int64()))


def _groups(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    usable, retracted = _Group(), _Group()
    for batch in batches:
        is_retracted = pc.is_in(batch["pub_status"], value_set=pa.array(STATUSES))
        for group, belongs in ((usable, pc.invert(is_retracted)), (retracted, is_retracted)):
            if group.is_full:
                yield group.take()
            group.add(batch.filter(belongs))
    yield from (group.take() for group in (usable, retracted) if group.rows)


class _Group:
    def __init__(self) -> None:
        self.rows = self.size = 0
        self._batches: list[pa.RecordBatch] = []

    @property
    def is_full(self) -> bool:
        return self.rows > GROUP - BATCH or self.size > _GROUP_SIZE

    def add(self, batch: pa.RecordBatch) -> None:
        if batch.num_rows:
            self._batches.append(batch)
            self.rows, self.size = self.rows + batch.num_rows, self.size + batch.nbytes

    def take(self) -> pa.Table:
        table = pa.Table.from_batches(self._batches)
        self.rows = self.size = 0
        self._batches = []
        return table


def keys_of(batch: pa.RecordBatch | pa.Table) -> Iterator[Key]:
    return zip(batch.column("article_id").to_pylist(), batch.column("version").to_pylist(), strict=True)


def name_of(day: date) -> str:
    """A path in the table's folder that nobody else will use: two tries of a run are two files, one of them landed."""
    return f"{PARTITION}={day.isoformat()}/part-{uuid4()}.zstd.parquet"


def added(path: Path, name: str, day: date) -> AddAction:
    """The log's entry for a file that has been put to `name`."""
    return AddAction(
        path=name,
        size=path.stat().st_size,
        partition_values={PARTITION: day.isoformat()},
        modification_time=int(time.time() * 1000),
        data_change=True,
        stats=_statistics(pq.read_metadata(path)),
    )


def _writer(path: Path) -> pq.ParquetWriter:
    """Ids are as they are, since look-ups read them all and random digits do not shrink; text has no dictionary."""
    leaves = _leaves()
    return pq.ParquetWriter(
        path,
        _IN_FILE,
        compression={name: "none" if name in _IDS else "zstd" for name in leaves},
        compression_level={name: 3 for name in leaves if name not in _IDS},
        use_dictionary=[name for name in leaves if name not in (*_IDS, *_ALL_DIFFERENT)],
        write_statistics=STATISTICS.split(","),
    )


@cache
def _leaves() -> list[str]:
    """Columns as Parquet counts them: a struct's fields are columns."""
    out = pa.BufferOutputStream()
    pq.write_metadata(_IN_FILE, out)
    schema = pq.read_metadata(pa.BufferReader(out.getvalue())).schema
    return [schema.column(i).path for i in range(len(schema.names))]


def _statistics(metadata: pq.FileMetaData) -> str:
    """JSON: rows, and minimum, maximum and number of nulls of each column that is to have them."""
    places = {metadata.schema.column(i).path: i for i in range(metadata.num_columns)}
    ranges = {name: _range(metadata, places[name]) for name in STATISTICS.split(",")}
    known = {name: found for name, found in ranges.items() if found is not None}
    return orjson.dumps(
        {
            "numRecords": metadata.num_rows,
            "minValues": {name: _told(found.low) for name, found in known.items() if found.low is not None},
            "maxValues": {name: _told(found.high) for name, found in known.items() if found.high is not None},
            "nullCount": {name: found.nulls for name, found in known.items()},
        }
    ).decode()


def _range(metadata: pq.FileMetaData, column: int) -> _Range | None:
    """Of all row groups together; None if one of them does not say, as with very long strings."""
    groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    stats = [group.column(column).statistics for group in groups]
    if any(s is None or not (s.has_min_max or s.null_count == g.num_rows) for s, g in zip(stats, groups, strict=True)):
        return None
    lows, highs = [s.min for s in stats if s.has_min_max], [s.max for s in stats if s.has_min_max]
    return _Range(min(lows, default=None), max(highs, default=None), sum(s.null_count for s in stats))


def _told(value: object) -> object:
    return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if isinstance(value, datetime) else value
