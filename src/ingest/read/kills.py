"""What landed before a kill says nothing of it: batches of rows, as they would have landed afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from ingest.dedupe import taken_back
from ingest.model import Article

NEEDED = ("article_id", "version", "pub_status", "fetched_at", "relation", "duplicate_of", "evidence")
_CHANGED = ("relation", "duplicate_of", "evidence")
_REST = {"source_id": "", "guid": "", "content_hash": ""}


def known_kills(batches: Iterable[pa.RecordBatch]) -> list[Article]:
    """The kills that name copies, of rows with the columns that are NEEDED; their other fields are not filled."""
    return [kill for batch in batches for kill in map(_article, batch.to_pylist()) if _names_copies(kill)]


def told(batches: Iterable[pa.RecordBatch], kills: list[Article]) -> Iterator[pa.RecordBatch]:
    """The batches, with what `dedupe.taken_back` says of the copies of what was killed."""
    named = pa.array({id_ for kill in kills if kill.evidence for id_ in kill.evidence.copies}, pa.string())
    for batch in batches:
        is_named = pc.is_in(batch["article_id"], value_set=named) if len(named) else None
        yield batch if is_named is None or not is_named.true_count else _with(batch, _changes(batch, is_named, kills))


def _changes(batch: pa.RecordBatch, is_named: pa.BooleanArray, kills: list[Article]) -> Mapping[int, Article]:
    places = pc.indices_nonzero(is_named)
    rows = batch.select([name for name in NEEDED if name in batch.schema.names]).take(places).to_pylist()
    return dict(zip(places.to_pylist(), taken_back(map(_article, rows), kills), strict=True))


def _with(batch: pa.RecordBatch, changes: Mapping[int, Article]) -> pa.RecordBatch:
    for name in _CHANGED:
        values = batch[name].to_pylist()
        for place, article in changes.items():
            values[place] = _stored(getattr(article, name))
        at = batch.schema.get_field_index(name)
        batch = batch.set_column(at, batch.schema.field(at), pa.array(values, batch.schema.field(at).type))
    return batch


def _stored(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else value.model_dump_json()


def _article(row: dict[str, Any]) -> Article:
    evidence = row["evidence"]
    return Article.model_validate(_REST | row | {"evidence": evidence and orjson.loads(evidence)})


def _names_copies(kill: Article) -> bool:
    return bool(kill.evidence and kill.evidence.copies)
