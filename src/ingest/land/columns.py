"""Articles as Arrow columns and back: the schema of the table. Pure.

Three columns are the table's own: `landed_at`, `landed_day` (the partition) and, in `blocks`, spans. The text is kept
once: a block has `start` and `length` in characters of `body_text`, and `text` only if it is not found there. In SQL a
block's text is `substring(body_text, start + 1, length)`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

import orjson
import pyarrow as pa

from ingest.model import Article, to_json

_STR, _STRS, _INT, _TIME = pa.string(), pa.list_(pa.string()), pa.int32(), pa.timestamp("us", tz="UTC")


def _struct(**fields: pa.DataType) -> pa.DataType:
    return pa.struct(list(fields.items()))


_TYPES: dict[str, pa.DataType] = {
    "article_id": _STR,
    "version": _INT,
    "source_id": _STR,
    "provider": _STR,
    "guid": _STR,
    "provider_version": _STR,
    "url": _STR,
    "type": _STR,
    "pub_status": _STR,
    "headline": _STR,
    "subheadline": _STR,
    "slugline": _STR,
    "summary": _STR,
    "byline": _STR,
    "authors": _STRS,
    "dateline": _struct(text=_STR, place=_STR, date=_STR),
    "language": _STR,
    "published": _TIME,
    "updated": _TIME,
    "embargoed_until": _TIME,
    "fetched_at": _TIME,
    "urgency": _INT,
    "genre": _STR,
    "keywords": _STRS,
    "subjects": pa.list_(_struct(scheme=_STR, code=_STR, name=_STR)),
    "ed_note": _STR,
    "contributors": pa.list_(_struct(name=_STR, role=_STR)),
    "info_sources": _STRS,
    "places": pa.list_(_struct(scheme=_STR, code=_STR, name=_STR)),
    "category": _STR,
    "priority": _STR,
    "provider_sequence": _STR,
    "instruction": _STR,
    "expires": _TIME,
    "take": _struct(key=_STR, number=_INT, is_add=pa.bool_(), is_last=pa.bool_()),
    "associations": pa.list_(_struct(rel=_STR, guid=_STR, url=_STR, type=_STR, headline=_STR)),
    "private_note": _STR,
    "blocks": pa.list_(
        _struct(kind=_STR, start=_INT, length=_INT, text=_STR, level=_INT, items=_STRS, rows=pa.list_(_STRS))
    ),
    "body_text": _STR,
    "body_html": _STR,
    "word_count": _INT,
    "images": pa.list_(
        _struct(
            url=_STR,
            caption=_STR,
            alt=_STR,
            credit=_STR,
            photographer=_STR,
            agency=_STR,
            distributors=_STRS,
            width=_INT,
            height=_INT,
            place=_STR,
            taken=pa.date32(),
            renditions=pa.list_(_struct(url=_STR, name=_STR, mime=_STR, width=_INT, height=_INT)),
        )
    ),
    "rights": _struct(holder=_STR, year=_INT, notice=_STR, distributor=_STR, credit_line=_STR, usage_terms=_STR),
    "removed": pa.list_(_struct(kind=_STR, text=_STR, rule=_STR)),
    "links": pa.list_(_struct(url=_STR, text=_STR)),
    "story_id": _STR,
    "relation": _STR,
    "duplicate_of": _STR,
    "similarity": pa.float64(),
    "evidence": _STR,  # JSON: its scores have no fixed names
    "content_hash": _STR,
    "raw": _struct(archive=_STR, offset=pa.int64(), length=pa.int64(), sha256=_STR),
    "extraction": _struct(method=_STR, version=_STR, quality=pa.float64()),
    "warnings": _STRS,
    "run_id": _STR,
    "schema_version": _INT,
    "landed_at": _TIME,
    "landed_day": pa.date32(),
}
BATCH = 500  # rows
_AT_ONCE = 100  # rows
_OWN = ("landed_at", "landed_day")
_REQUIRED = frozenset({"article_id", "version", "source_id", "guid", "content_hash", "landed_at", "landed_day"})

SCHEMA = pa.schema([pa.field(name, kind, nullable=name not in _REQUIRED) for name, kind in _TYPES.items()])
FINGERPRINT = hashlib.sha256(str(SCHEMA).encode()).hexdigest()

STATISTICS = (
    "article_id,version,source_id,pub_status,language,published,updated,embargoed_until,fetched_at,story_id,relation,"
    "duplicate_of,content_hash,run_id,landed_at"
)
"""Columns with minima and maxima in the log. None has text in it: the log outlives a takedown."""


Row = dict[str, Any]
"""An article as its JSON has it, times and dates as text. Landing reads what it has staged itself as rows: to check and
build an `Article` would take three times as long."""


def to_row(article: Article) -> Row:
    row: Row = orjson.loads(to_json(article))
    return row


def to_arrow(rows: Sequence[Row], run_id: str, landed_at: datetime) -> pa.RecordBatch:
    """`run_id` is that of the commit, whatever the articles say: readers find a commit's rows by it."""
    same = {"run_id": run_id, "landed_at": landed_at, "landed_day": landed_at.date()}
    arrays = [
        pa.array([same[field.name]] * len(rows), field.type)
        if field.name in same
        else _column(field.name, field.type, rows)
        for field in SCHEMA
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def to_batches(rows: Iterable[Row], run_id: str, landed_at: datetime) -> Iterator[pa.RecordBatch]:
    """Batches of BATCH rows, made a few rows at a time: as dictionaries they take several times the memory."""
    rest = iter(rows)
    while some := list(_small_batches(islice(rest, BATCH), run_id, landed_at)):
        yield from pa.Table.from_batches(some).combine_chunks().to_batches()


def _small_batches(rows: Iterator[Row], run_id: str, landed_at: datetime) -> Iterator[pa.RecordBatch]:
    while batch := list(islice(rows, _AT_ONCE)):
        yield to_arrow(batch, run_id, landed_at)


def landed(batch: pa.RecordBatch, run_id: str, landed_at: datetime) -> pa.RecordBatch:
    """The same rows, landed by another run or at another time."""
    for name, value in {"run_id": run_id, "landed_at": landed_at, "landed_day": landed_at.date()}.items():
        field = SCHEMA.field(name)
        column = pa.array([value] * batch.num_rows, field.type)
        batch = batch.set_column(batch.schema.get_field_index(name), field, column)
    return batch


def from_arrow(batch: pa.RecordBatch) -> Iterator[Article]:
    """The articles of a batch. A column that is null, as in rows older than the column, is the field's default."""
    for values in batch.drop_columns([name for name in _OWN if name in batch.schema.names]).to_pylist():
        row = {name: value for name, value in values.items() if value is not None}
        row["blocks"] = [_with_text(block, row["body_text"]) for block in row.get("blocks", ())]
        if "evidence" in row:
            row["evidence"] = orjson.loads(row["evidence"])
        for name in _TIMES:
            if name in row:
                row[name] = row[name].replace(tzinfo=UTC)  # pyarrow's zone object is another for each value
        yield Article.model_validate(row)


_TIMES = [name for name, kind in _TYPES.items() if kind == _TIME and name not in _OWN]


def _column(name: str, kind: pa.DataType, rows: Sequence[Row]) -> pa.Array:
    if name in _CONVERT:
        convert = _CONVERT[name]
        return pa.array([convert(row) for row in rows], kind)
    values = [row.get(name) for row in rows]
    return pa.array(values, _STR).cast(_TIME) if kind == _TIME else pa.array(values, kind)


def _spans(row: Row) -> list[Row]:
    at, spans, body = 0, [], row["body_text"]
    for block in row["blocks"]:
        text = block["text"]
        # the first block, or after the blank line that joins two; never a search, so long bodies stay linear
        start = at if body.startswith(text, at) else at + 2 if body.startswith(text, at + 2) else None
        if start is None:
            spans.append(block)
        else:
            at = start + len(text)
            spans.append(block | {"start": start, "length": len(text), "text": None})
    return spans


def _with_text(span: dict[str, Any], body_text: str) -> dict[str, Any]:
    start, length = span.pop("start"), span.pop("length")
    return span if start is None else span | {"text": body_text[start : start + length]}


def _evidence(row: Row) -> str | None:
    return None if row.get("evidence") is None else orjson.dumps(row["evidence"]).decode()


def _images(row: Row) -> list[Row]:
    return [image | {"taken": image["taken"] and date.fromisoformat(image["taken"])} for image in row["images"]]


_CONVERT: dict[str, Callable[[Row], object]] = {"blocks": _spans, "images": _images, "evidence": _evidence}
