"""Deleting for good: rows with every file that ever held them, and records of the raw archive. Again is fine.

A reader that has an older version open gets an error for a file that is gone, never wrong rows; the newest version is
whole at any moment.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import stamina
from deltalake import CommitProperties, write_deltalake
from deltalake.exceptions import CommitFailedError

from ingest.land import raw
from ingest.land.columns import SCHEMA, from_arrow
from ingest.land.runfile import PARTITION
from ingest.land.store import Store, Stored
from ingest.land.table import FOLDER, TABLE_WRITER, delta_errors, open_table
from ingest.model import Article, Payload, RawRef

CHANGES = f"{FOLDER}/_change_data"
NOTE = "ingest.takedown"
"""In the metadata of the commit that deletes: the takedown's id, or "retention"."""

# of a deleted row the change feed still tells who it was
_TOLD = ("article_id", "version", "source_id", "story_id", "content_hash", "run_id", "landed_at", "_change_type")
_BLANKED = "ingest.blanked"


def rows_of(store: Store, article_ids: Collection[str] = (), story_ids: Collection[str] = ()) -> Iterator[Article]:
    """Every version of these articles, and of all that landed in these stories."""
    wanted = _among("article_id", article_ids) | _among("story_id", story_ids)
    with delta_errors(store):
        for batch in open_table(store).to_pyarrow_dataset().scanner(SCHEMA.names, filter=wanted).to_batches():
            yield from from_arrow(batch)


def shared_urls(store: Store, urls: Collection[str], article_ids: Collection[str]) -> set[str]:
    """Those of the addresses that articles besides these have landed with: of a front page, not of a story."""
    wanted = _among("url", urls) & ~_among("article_id", article_ids)
    with delta_errors(store):
        return set(open_table(store).to_pyarrow_dataset().to_table(["url"], filter=wanted)["url"].to_pylist())


def delete_articles(store: Store, article_ids: Collection[str], note: str) -> int:
    """One commit that deletes every version of these articles; how many rows. None and no commit if there are none."""
    quoted = ", ".join("'" + one.replace("'", "''") + "'" for one in sorted(article_ids))
    return delete_where(store, _among("article_id", article_ids), f"article_id IN ({quoted})", note)


def delete_where(store: Store, rows: pc.Expression, predicate: str, note: str) -> int:
    """One commit that deletes the rows of a condition, in Arrow's and in SQL's words; how many.

    By writing nothing over them: the files that `DeltaTable.delete` leaves (deltalake 1.6) have views of strings, on
    which Arrow cannot filter, and the next run could not land.
    """
    with delta_errors(store):
        for attempt in stamina.retry_context(on=CommitFailedError, attempts=12, timeout=300.0, wait_initial=0.05):
            with attempt:
                table = open_table(store)
                if count := table.to_pyarrow_dataset().count_rows(filter=rows):
                    write_deltalake(
                        table,
                        SCHEMA.empty_table(),
                        mode="overwrite",
                        predicate=predicate,
                        writer_properties=TABLE_WRITER,
                        commit_properties=CommitProperties({NOTE: note}),
                    )
                return int(count)
    raise AssertionError("stamina returns or raises")


def drop_old_files(store: Store, article_ids: Collection[str], since: datetime) -> int:
    """Delete the files, written since then, that older versions of the table had these articles in; how many.

    Those of killed writers too. No other file: readers of older versions without these articles go on undisturbed.
    """
    with delta_errors(store):
        current = set(pa.table(open_table(store).get_add_actions())["path"].to_pylist())
    wanted, dropped = pa.array(sorted(article_ids), pa.string()), 0
    for stored in _parquet(store, f"{FOLDER}/", since):
        if stored.key.removeprefix(f"{FOLDER}/").startswith("_") or stored.key.removeprefix(f"{FOLDER}/") in current:
            continue
        with store.open(stored.key) as file:
            ids = pq.read_table(file, columns=["article_id"], partitioning=None)["article_id"].cast(pa.string())
        if pc.any(pc.is_in(ids, wanted)).as_py():
            store.delete(stored.key)
            dropped += 1
    return dropped


def blank_changes(store: Store, since: datetime, article_ids: Collection[str] = ()) -> int:
    """Take all but ids out of deleted rows in the change data feed, written since then; of how many files.

    Out of all rows of these articles too, such as what they were before an update.
    A file keeps its length, which the table's log tells its readers: so the feed goes on saying what was deleted.
    """
    wanted, blanked = pa.array(sorted(article_ids), pa.string()), 0
    for stored in _parquet(store, CHANGES, since):
        with store.open(stored.key) as file, pq.ParquetFile(file) as whole:
            if _BLANKED.encode() in (whole.metadata.metadata or {}):
                continue
            rows = _plain(whole.read())
        theirs = pc.or_(pc.is_in(rows["article_id"], wanted), pc.equal(rows["_change_type"], "delete"))
        if pc.any(theirs).as_py():
            store.put(stored.key, _blanked(rows, theirs, stored.size_bytes))
            blanked += 1
    return blanked


def erase_raw(
    store: Store, since: datetime, wants: Callable[[Payload], bool], note: str, until: datetime | None = None
) -> int:
    """Put a tombstone over each record, archived since then, that is wanted; how many. Every other keeps its place."""
    return raw.erase(store, _records(store, since, wants, until), note)


def _records(
    store: Store, since: datetime, wants: Callable[[Payload], bool], until: datetime | None
) -> Iterator[RawRef]:
    for stored in store.list(raw.FOLDER):
        if stored.modified_at >= since and (until is None or stored.modified_at <= until):
            for payload in raw.iter_raw(store, stored.key):
                if isinstance(payload, Payload) and payload.raw and wants(payload):
                    yield payload.raw


def _among(name: str, values: Iterable[str]) -> pc.Expression:
    return pc.field(name).isin(pa.array(sorted(set(values)), pa.string()))


def _parquet(store: Store, folder: str, since: datetime) -> Iterator[Stored]:
    return (s for s in store.list(folder) if s.key.endswith(".parquet") and s.modified_at >= since)


def _plain(rows: pa.Table) -> pa.Table:
    """With our types: Delta's own writer has views of strings, which Arrow cannot filter."""
    types = {field.name: field.type for field in SCHEMA}
    return rows.cast(pa.schema([pa.field(f.name, types.get(f.name, pa.string())) for f in rows.schema]))


def _blanked(rows: pa.Table, theirs: pa.ChunkedArray, size: int) -> bytes:
    """A file of exactly `size` bytes. Rows of others keep what they have where that fits, as it nearly always does."""
    blank = _without_text(rows.filter(theirs))
    others = rows.filter(pc.invert(theirs))
    for kept in (others, _without_text(others)):
        if found := _of_size(pa.concat_tables([kept, blank]), size):
            return found
    raise ValueError(f"{size} bytes are too few for a file of {rows.num_rows} rows")


def _without_text(rows: pa.Table) -> pa.Table:
    for at, field in enumerate(rows.schema):
        if field.name == "guid":  # must not be null
            rows = rows.set_column(at, field, rows["article_id"].cast(field.type))
        elif field.name not in (*_TOLD, PARTITION):
            rows = rows.set_column(at, field.with_nullable(True), pa.nulls(rows.num_rows, field.type))
    return rows


def _of_size(rows: pa.Table, size: int) -> bytes | None:
    """Padded in the footer's metadata. A length takes more bytes as it grows, so a few tries; None if nothing fits."""
    for extra in range(4):
        padding = 0
        for _ in range(4):
            found = _written(rows, padding, extra)
            if len(found) == size:
                return found
            padding += size - len(found)
            if padding < 0:
                return None
    return None


def _written(rows: pa.Table, padding: int, extra: int) -> bytes:
    out = io.BytesIO()
    with pq.ParquetWriter(
        out, rows.schema, compression="zstd", compression_level=9, write_statistics=False, store_schema=False
    ) as writer:
        writer.write_table(rows)
        writer.add_key_value_metadata({_BLANKED: "-" * extra, "ingest.padding": " " * padding})
    return out.getvalue()
