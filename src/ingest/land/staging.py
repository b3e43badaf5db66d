"""What tasks hand to the next: articles and the like as JSON Lines, and outcomes. Deleted after the commit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Self, TypeVar

import orjson
import pyarrow as pa
import zstandard
from pydantic import ValidationError

from ingest.errors import Malformed
from ingest.land.store import Store, key_part, on_local_disk, part_name, scratch
from ingest.model import Model, to_json

FOLDER = "staging"
_ROWS, _RESULT = ".jsonl.zst", ".result.json.zst"
COLUMNS = ".arrow"  # what is made of the rows, and can be made again
_MAX_LINE = 64_000_000  # bytes of one row's JSON
_MAX_RESULT = 512_000_000

M = TypeVar("M", bound=Model)


class RowWriter:
    """Rows into a local file, one at a time; `upload` puts it into the store when the writer is closed."""

    def __init__(self, path: Path) -> None:
        self._path, self.count = path, 0
        self._open = ExitStack()

    @on_local_disk()
    def __enter__(self) -> Self:
        file = self._open.enter_context(self._path.open("wb"))
        self._out = self._open.enter_context(zstandard.ZstdCompressor(level=3).stream_writer(file))
        return self

    @on_local_disk()
    def __exit__(self, *_: object) -> None:
        self._open.close()

    def write(self, row: Model) -> None:
        self._write(to_json(row))

    def write_plain(self, row: Any) -> None:
        """Lists and dictionaries of what JSON has."""
        self._write(orjson.dumps(row))

    @on_local_disk()
    def _write(self, line: bytes) -> None:
        self._out.write(line + b"\n")
        self.count += 1

    def upload(self, store: Store, run_id: str, shard: str) -> None:
        """A retried shard overwrites its own file."""
        store.put(_key(run_id, shard, _ROWS), self._path)


def write_rows(store: Store, run_id: str, shard: str, rows: Iterable[Model]) -> int:
    """Stream rows into the store and return how many."""
    with scratch() as folder:
        with RowWriter(folder / "rows") as out:
            for row in rows:
                out.write(row)
        out.upload(store, run_id, shard)
    return out.count


def write_batches(store: Store, run_id: str, shard: str, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> None:
    """Columns as an Arrow file, a batch in memory at a time."""
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with scratch() as folder:
        path = folder / "columns"
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, schema, options=options) as out:
            for batch in batches:
                out.write_batch(batch)
        store.put(_key(run_id, shard, COLUMNS), path)


def read_batches(store: Store, run_id: str, shard: str) -> Iterator[pa.RecordBatch]:
    """The same again. Raises NotStored, Malformed."""
    key = _key(run_id, shard, COLUMNS)
    with store.open(key) as file:
        try:
            reader = pa.ipc.open_file(file)
            for number in range(reader.num_record_batches):
                yield reader.get_batch(number)
        except (pa.ArrowException, OSError) as e:
            raise Malformed(key, f"not a whole Arrow file: {e}") from e


def read_rows(store: Store, run_id: str, shard: str, model: type[M]) -> Iterator[M]:
    """A shard's rows, one in memory at a time. Raises NotStored, or Malformed with the line that is no `model`."""
    key = _key(run_id, shard, _ROWS)
    with store.open(key) as file:
        yield from _rows(file, key, model)


def read_plain(store: Store, run_id: str, shard: str) -> Iterator[Any]:
    """The same rows as JSON has them, unchecked but for being JSON. Raises NotStored, Malformed."""
    key = _key(run_id, shard, _ROWS)
    with store.open(key) as file:
        for number, line in enumerate(_lines(_inflated(file, key), key), start=1):
            try:
                row = orjson.loads(line)
            except orjson.JSONDecodeError as e:
                raise Malformed(f"{key}:{number}", f"not JSON: {e}") from e
            yield row


def read_file(path: Path, model: type[M]) -> Iterator[M]:
    """What a RowWriter has written, one in memory at a time."""
    with path.open("rb") as file:
        yield from _rows(file, path.name, model)


def write_result(store: Store, run_id: str, shard: str, result: Model) -> str:
    """Written last: a shard with a result is complete. Returns the key."""
    key = _key(run_id, shard, _RESULT)
    store.put(key, zstandard.ZstdCompressor(level=3).compress(to_json(result)))
    return key


def delete_result(store: Store, run_id: str, shard: str) -> None:
    """What is staged of the shard is not complete any more: another try is about to write its rows."""
    store.delete(_key(run_id, shard, _RESULT))


def read_result(store: Store, run_id: str, shard: str, model: type[M]) -> M:
    """Raises NotStored, or Malformed if it is not a `model`."""
    key = _key(run_id, shard, _RESULT)
    try:
        plain = zstandard.ZstdDecompressor().decompress(store.get(key), max_output_size=_MAX_RESULT)
        return model.model_validate_json(plain)
    except (zstandard.ZstdError, ValidationError) as e:
        raise Malformed(key, f"not a shard's result: {e}") from e


def shards(store: Store, run_id: str) -> list[str]:
    """The shards of a run that are complete, sorted."""
    names = (stored.key.rsplit("/", 1)[-1] for stored in store.list(f"{FOLDER}/{key_part(run_id)}"))
    return sorted(part_name(name.removesuffix(_RESULT)) for name in names if name.endswith(_RESULT))


def runs(store: Store) -> list[str]:
    """Ids of the runs that still have something staged, sorted."""
    return sorted({part_name(stored.key.split("/")[1]) for stored in store.list(FOLDER)})


def delete(store: Store, run_id: str) -> int:
    """Delete what a run staged; returns how many objects."""
    return store.delete_prefix(f"{FOLDER}/{key_part(run_id)}")


def _key(run_id: str, shard: str, suffix: str) -> str:
    return f"{FOLDER}/{key_part(run_id)}/{key_part(shard)}{suffix}"


def _rows(file: IO[bytes], name: str, model: type[M]) -> Iterator[M]:
    for number, line in enumerate(_lines(_inflated(file, name), name), start=1):
        try:
            row = model.model_validate_json(line)
        except ValidationError as e:
            raise Malformed(f"{name}:{number}", f"not an {model.__name__}: {e.errors()[0]['msg']}") from e
        yield row


def _inflated(file: IO[bytes], key: str) -> Iterator[bytes]:
    unpacker = zstandard.ZstdDecompressor().decompressobj()
    try:
        while chunk := file.read(1 << 16):
            yield unpacker.decompress(chunk)
    except zstandard.ZstdError as e:
        raise Malformed(key, f"not a zstd file: {e}") from e
    if not unpacker.eof:  # without this a file that is cut off would be a shorter shard
        raise Malformed(key, "the file is cut off")


def _lines(parts: Iterable[bytes], key: str) -> Iterator[bytes]:
    rest = BytesIO()
    for chunk in parts:
        *whole, last = chunk.split(b"\n")
        for line in whole:
            rest.write(line)
            yield rest.getvalue()
            rest = BytesIO()
        if rest.tell() + len(last) > _MAX_LINE:
            raise Malformed(key, f"a line of more than {_MAX_LINE:,} bytes")
        rest.write(last)
    if rest.tell():
        raise Malformed(key, "the last line is cut off")
