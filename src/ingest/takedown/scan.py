"""The proof: looking for a text in every byte of the store and of the state database, also of what is packed."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard
from sqlalchemy import Engine, inspect, select, table, text

from ingest.land.local import LocalStore
from ingest.land.store import CHUNK, Store
from ingest.state.database import read


def places_of(store: Store, engine: Engine, texts: Sequence[str]) -> Iterator[str]:
    """Keys of objects, and places of the state database, that have one of the texts as it is written here."""
    needles = [text.encode() for text in texts]
    for key, content in _objects(store):
        if _found(content, needles) or any(_found(plain, needles) for plain in _unpacked(content)):
            yield key
    yield from _in_state(engine, needles)


def _objects(store: Store) -> Iterator[tuple[str, bytes]]:
    """All, with what killed writers left half written."""
    if isinstance(store, LocalStore):
        for path in sorted(store.root.rglob("*")):
            with suppress(FileNotFoundError):
                if path.is_file():
                    yield path.relative_to(store.root).as_posix(), path.read_bytes()
        return
    for stored in store.list(""):
        yield stored.key, store.get(stored.key)


def _unpacked(content: bytes) -> Iterator[bytes]:
    if content[:4] == b"PAR1":
        yield from _columns(content)
    with suppress(zstandard.ZstdError):
        if content[:4] == b"\x28\xb5\x2f\xfd":
            yield zstandard.ZstdDecompressor().stream_reader(io.BytesIO(content), read_across_frames=True).read()
    if content[:2] == b"\x1f\x8b":
        yield from _members(content)


def _members(content: bytes) -> Iterator[bytes]:
    """Of gzip files put one after the other, such as the records of a raw archive; each as far as it can be read."""
    with gzip.GzipFile(fileobj=io.BytesIO(content)) as file, suppress(EOFError, zlib.error, gzip.BadGzipFile):
        before = b""
        while chunk := file.read(CHUNK):
            yield before + chunk
            before = chunk[-1000:]  # a text may go over the edge


def _columns(content: bytes) -> Iterator[bytes]:
    with suppress(pa.ArrowException), pq.ParquetFile(io.BytesIO(content)) as file:
        for batch in file.iter_batches(1000):
            for row in batch.to_pylist():
                yield repr(row).encode()
                yield from (value.encode() for value in row.values() if isinstance(value, str))


def _in_state(engine: Engine, needles: Sequence[bytes]) -> Iterator[str]:
    """SQLite's own files, free pages and log included; of PostgreSQL what its tables say."""
    if engine.dialect.name == "sqlite":
        for suffix in ("", "-wal", "-journal"):
            path = Path(f"{engine.url.database}{suffix}")
            if path.is_file() and _found(path.read_bytes(), needles):
                yield path.name
    with read(engine) as conn:
        for name in inspect(conn).get_table_names():
            rows = conn.execute(select(text("*")).select_from(table(name)))
            if any(_found(repr(tuple(row)).encode(), needles) or _in_cells(row, needles) for row in rows):
                yield f"table {name}"


def _in_cells(row: Sequence[object], needles: Sequence[bytes]) -> bool:
    blobs = (bytes(cell) for cell in row if isinstance(cell, bytes | memoryview))
    return any(_found(plain, needles) for blob in blobs for plain in (blob, *_unpacked(blob)))


def _found(content: bytes, needles: Sequence[bytes]) -> bool:
    return any(needle in content for needle in needles)
