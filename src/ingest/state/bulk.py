"""Many rows in one statement, straight to the driver: SQLAlchemy would spend as long again as the database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Insert
from sqlalchemy.sql.compiler import SQLCompiler

Row = Sequence[Any]


def execute_rows(conn: Connection, statement: Insert, names: Sequence[str], rows: Iterable[Row]) -> None:
    """Run an INSERT once a row. `names` are the columns that it sets, in the order of a row's values."""
    compiled = statement.compile(dialect=conn.dialect, column_keys=list(names))
    assert isinstance(compiled, SQLCompiler)
    types = (compiled.binds[name].type.dialect_impl(conn.dialect) for name in names)
    processors = [type_.bind_processor(conn.dialect) for type_ in types]
    values: Iterable[Any] = _processed(rows, [(place, do) for place, do in enumerate(processors) if do])
    if compiled.positiontup is None:
        values = (dict(zip(names, row, strict=True)) for row in values)
    elif compiled.positiontup != list(names):
        values = map(itemgetter(*(names.index(name) for name in compiled.positiontup)), values)
    if bound := list(values):
        conn.exec_driver_sql(str(compiled), bound)


def _processed(rows: Iterable[Row], processors: Sequence[tuple[int, Callable[[Any], Any]]]) -> Iterable[Row]:
    if not processors:
        return rows
    return (_processed_one(row, processors) for row in rows)


def _processed_one(row: Row, processors: Sequence[tuple[int, Callable[[Any], Any]]]) -> Row:
    values = list(row)
    for place, process in processors:
        values[place] = process(values[place])
    return tuple(values)
