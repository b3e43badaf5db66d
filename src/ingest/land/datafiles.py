"""The data files of one version of the table, and which row groups of them can hold what is asked.

Arrow's dataset decodes every column of a row group to filter one of them, and spends more on each file than its ids
take to read; so here the most selective column is read first, and the others only of row groups where it finds rows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from functools import partial, reduce
from typing import Any, NamedTuple, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.fs import DeltaStorageHandler
from pyarrow._parquet import ParquetReader  # `ParquetFile` spends as long again on names of columns
from pyarrow.fs import FileSystem, LocalFileSystem, PyFileSystem, SubTreeFileSystem

from ingest.land.columns import SCHEMA
from ingest.land.query import Condition
from ingest.land.runfile import PARTITION
from ingest.land.store import Store
from ingest.land.table import FOLDER

FILE, GROUP = "_file", "_group"
"""Columns of what is found: which of the files, and which row group of it."""

_OPEN = 64  # files that are kept open, of those not in use
_FINDERS, _READERS = 8, 2  # threads: finding reads few columns, reading holds whole row groups

T = TypeVar("T")
Item = TypeVar("Item")


class DataFiles:
    """Files never change, so what is known of one stays true; several threads may read at once."""

    def __init__(self, store: Store, table: DeltaTable) -> None:
        self.store, self.table = store, table
        self._files = _Files(store, table)
        actions = pa.table(table.get_add_actions(flatten=True))
        day = actions[f"partition.{PARTITION}"] if actions.num_rows else pa.chunked_array([], pa.date32())
        self._paths: list[str] = actions["path"].to_pylist()
        self._days: list[date] = day.to_pylist()
        self._actions = actions.append_column(f"min.{PARTITION}", day).append_column(f"max.{PARTITION}", day)

    def find(self, names: Sequence[str], conditions: Sequence[Condition]) -> Iterator[pa.Table]:
        """These columns, FILE and GROUP of the rows that meet the conditions, a table for each file with any."""
        found = _ahead(partial(self._found, names, conditions), self._possible(conditions), _FINDERS)
        return (table for table in found if table is not None)

    def read(
        self, names: Collection[str], conditions: Sequence[Condition], only: Mapping[int, Sequence[int]] | None
    ) -> Iterator[pa.RecordBatch]:
        """The rows, of only these row groups of each file, if they are given."""
        columns = {*names, *_columns(conditions)}
        for table in _ahead(partial(self._rows, columns, conditions), self._groups(conditions, only), _READERS):
            yield from table.to_batches()

    def _found(self, names: Sequence[str], conditions: Sequence[Condition], file: int) -> pa.Table | None:
        with self._opened(file) as data:
            groups = data.possible(conditions)
            if groups and len(conditions) > 1:
                seen = _met(data.read(groups, conditions[0].columns), conditions[:1])
                groups = pc.unique(seen[GROUP]).to_pylist()
            if not groups:
                return None
            rows = _met(data.read(groups, {*names, *_columns(conditions)}), conditions)
            place = pa.repeat(pa.scalar(file, pa.int32()), rows.num_rows)
            return rows.select([*names, GROUP]).append_column(FILE, place) if rows.num_rows else None

    def _groups(
        self, conditions: Sequence[Condition], only: Mapping[int, Sequence[int]] | None
    ) -> Iterator[tuple[int, int]]:
        groups: Iterable[tuple[int, Sequence[int]]] = (only or {}).items()
        if only is None:
            possible = self._possible(conditions)
            groups = zip(possible, _ahead(partial(self._may_have, conditions), possible, _FINDERS), strict=True)
        return ((file, group) for file, of_file in groups for group in of_file)

    def _may_have(self, conditions: Sequence[Condition], file: int) -> Sequence[int]:
        with self._opened(file) as data:
            return data.possible(conditions)

    def _rows(self, columns: Collection[str], conditions: Sequence[Condition], place: tuple[int, int]) -> pa.Table:
        file, group = place
        with self._opened(file) as data:
            return _met(data.read([group], columns, use_threads=True), conditions)

    def _possible(self, conditions: Iterable[Condition]) -> list[int]:
        """By the statistics in the table's log."""
        keep = pa.chunked_array([pa.repeat(True, self._actions.num_rows)])
        for one in conditions:
            name = one.columns[0]
            for bound, end, holds in ((one.low, "max", pc.greater_equal), (one.high, "min", pc.less_equal)):
                if bound is not None and f"{end}.{name}" in self._actions.schema.names:
                    values = self._actions[f"{end}.{name}"]
                    keep = pc.and_(keep, pc.fill_null(holds(values, pa.scalar(bound, values.type)), True))
        possible: list[int] = pc.indices_nonzero(keep).to_pylist()
        return possible

    @contextmanager
    def _opened(self, file: int) -> Iterator[_DataFile]:
        with self._files.taken(self._paths[file]) as opened:
            yield _DataFile(opened, self._days[file])


class _DataFile(NamedTuple):
    opened: _Open
    day: date

    def possible(self, conditions: Sequence[Condition]) -> list[int]:
        """Row groups, by their statistics."""
        metadata, places = self.opened.reader.metadata, self.opened.places
        bounded = [one for one in conditions if one.is_bounded and one.columns[0] != PARTITION]
        if not all(one.columns[0] in places for one in bounded):
            return []  # older than the column
        groups = map(metadata.row_group, range(metadata.num_row_groups))
        return [
            number
            for number, group in enumerate(groups)
            if all(_may_hold(group, places[one.columns[0]][0], one) for one in bounded)
        ]

    def read(self, groups: Sequence[int], names: Collection[str], *, use_threads: bool = False) -> pa.Table:
        """The columns with our types, null if the file has them not; and GROUP."""
        reader, places = self.opened.reader, self.opened.places
        wanted = sorted(place for name in names for place in places.get(name, ()))
        rows = reader.read_row_groups(list(groups), column_indices=wanted, use_threads=use_threads)
        counts = [reader.metadata.row_group(group).num_rows for group in groups]
        columns = {name: self._column(rows, name, sum(counts)) for name in names}
        of_group = [pa.repeat(pa.scalar(group, pa.int32()), count) for group, count in zip(groups, counts, strict=True)]
        return pa.table(columns | {GROUP: pa.chunked_array(of_group, pa.int32())})

    def _column(self, rows: pa.Table, name: str, count: int) -> pa.ChunkedArray | pa.Array:
        kind = SCHEMA.field(name).type
        if name == PARTITION:
            return pa.repeat(pa.scalar(self.day, kind), count)
        if name not in self.opened.places:
            return pa.nulls(count, kind)
        # Delta's own writer may leave views of strings, which Arrow cannot filter
        return rows[name] if rows[name].type == kind else rows[name].cast(kind)


class _Open(NamedTuple):
    path: str
    reader: ParquetReader
    places: Mapping[str, Sequence[int]]  # of each of our columns, in Parquet's own


class _Files:
    """Open files, each lent to one thread at a time."""

    def __init__(self, store: Store, table: DeltaTable) -> None:
        self._system, self._is_remote = _file_system(store, table), bool(store.storage_options)
        self._idle: deque[_Open] = deque(maxlen=_OPEN)
        self._places: list[tuple[pq.ParquetSchema, dict[str, list[int]]]] = []  # most files have the same schema

    @contextmanager
    def taken(self, path: str) -> Iterator[_Open]:
        opened = self._taken(path) or self._open(path)
        yield opened
        self._idle.append(opened)

    def _taken(self, path: str) -> _Open | None:
        for opened in list(self._idle):
            if opened.path == path:
                with suppress(ValueError):  # another thread was faster
                    self._idle.remove(opened)
                    return opened
        return None

    def _open(self, path: str) -> _Open:
        reader = ParquetReader()
        reader.open(self._system.open_input_file(path), pre_buffer=self._is_remote)
        return _Open(path, reader, self._places_of(reader.metadata.schema))

    def _places_of(self, schema: pq.ParquetSchema) -> dict[str, list[int]]:
        for known, places in self._places:
            if known.equals(schema):
                return places
        places = {}
        for place in range(len(schema)):
            places.setdefault(schema.column(place).path.split(".")[0], []).append(place)
        self._places.append((schema, places))
        return places


def _file_system(store: Store, table: DeltaTable) -> FileSystem:
    if not store.storage_options:
        return SubTreeFileSystem(store.delta_uri(FOLDER), LocalFileSystem())
    sizes = pa.table(table.get_add_actions())
    known = dict(zip(sizes["path"].to_pylist(), sizes["size_bytes"].to_pylist(), strict=True))
    return PyFileSystem(DeltaStorageHandler(store.delta_uri(FOLDER), store.storage_options, known))


def _ahead(work: Callable[[Item], T], items: Iterable[Item], threads: int) -> Iterator[T]:
    """The results in order, a few ahead of whoever takes them."""
    waiting: deque[Future[T]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _columns(conditions: Iterable[Condition]) -> set[str]:
    return {name for one in conditions for name in one.columns}


def _met(rows: pa.Table, conditions: Sequence[Condition]) -> pa.Table:
    if not conditions:
        return rows
    return rows.filter(reduce(pc.and_, (one.met(rows) for one in conditions)))


def _may_hold(group: pq.RowGroupMetaData, place: int, condition: Condition) -> bool:
    known = group.column(place).statistics
    if known is None:
        return True
    if not known.has_min_max:
        return bool(not known.has_null_count or known.null_count < group.num_rows)
    return condition.may_hold(_in_utc(known.min), _in_utc(known.max))


def _in_utc(value: Any) -> Any:
    return value.replace(tzinfo=value.tzinfo or UTC) if isinstance(value, datetime) else value
