"""The store's other objects: staging, quarantine, reports, exports. JSON loses what is taken down, other texts go."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO, cast

import orjson
import zstandard

from ingest.errors import NotStored
from ingest.land import raw, staging
from ingest.land.store import Store, scratch
from ingest.land.table import FOLDER as TABLE
from ingest.takedown import audit, tombstone
from ingest.takedown.traces import Traces

_KEPT = tuple(f"{folder}/" for folder in (TABLE, raw.FOLDER, audit.FOLDER, tombstone.FOLDER))
_TEXTS = (".html", ".xml", ".atom", ".txt", ".csv", ".md", ".ndjson")


def sweep(store: Store, traces: Traces, since: datetime) -> int:
    """Go through what was written since then; how many objects were changed or deleted."""
    changed = 0
    for stored in store.list(""):
        if stored.modified_at >= since and not stored.key.startswith(_KEPT):
            with suppress(NotStored):  # a run that has landed meanwhile drops its staging
                changed += _sweep_one(store, stored.key, traces)
    return changed


def _sweep_one(store: Store, key: str, traces: Traces) -> bool:
    if key.endswith(staging.COLUMNS):  # a run that was resolved before a takedown is resolved again when it lands
        store.delete(key)
        return True
    plain = key.removesuffix(".zst").removesuffix(".gz")
    if plain.endswith(".jsonl"):
        return _rewrite(store, key, lambda lines: _rows(lines, traces))
    if plain.endswith(".json"):
        return _rewrite(store, key, lambda lines: _document(lines, traces))
    if plain.endswith(_TEXTS) and traces.in_text(_whole(store, key)):
        store.delete(key)  # an export; it is made again without
        return True
    return False


def _rewrite(store: Store, key: str, mend: Callable[[Iterator[bytes]], Iterator[tuple[bytes, bool]]]) -> bool:
    changed = False
    with scratch() as folder:
        copy = folder / "copy"
        with store.open(key) as file, _writer(key, copy) as out:
            for line, is_new in mend(_lines(key, file)):
                changed = changed or is_new
                out.write(line)
        if changed:
            store.put(key, copy)
    return changed


def _rows(lines: Iterator[bytes], traces: Traces) -> Iterator[tuple[bytes, bool]]:
    """Each line that stays, and whether it or the one before it is not as it was."""
    for line in lines:
        value = _json(line)
        mended = traces.without([value])
        for one in mended:
            yield (line, False) if one == value else (orjson.dumps(one) + b"\n", True)
        if not mended:
            yield b"", True


def _document(lines: Iterator[bytes], traces: Traces) -> Iterator[tuple[bytes, bool]]:
    whole = b"".join(lines)
    value = _json(whole)
    mended = traces.without(value)
    yield (whole, False) if mended == value else (orjson.dumps(mended), True)


def _json(text: bytes) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:  # a file that is cut off is a text
        return text.decode("utf-8", "replace")


def _lines(key: str, file: IO[bytes]) -> Iterator[bytes]:
    if key.endswith(".zst"):
        file = cast(IO[bytes], zstandard.ZstdDecompressor().stream_reader(file))
    elif key.endswith(".gz"):
        file = cast(IO[bytes], gzip.GzipFile(fileobj=file))
    rest = b""
    with suppress(zstandard.ZstdError, zlib.error, EOFError, gzip.BadGzipFile):  # as far as it can be read
        while chunk := file.read(1 << 20):
            *whole, rest = (rest + chunk).split(b"\n")
            yield from (line + b"\n" for line in whole)
    if rest:
        yield rest


def _writer(key: str, path: Path) -> IO[bytes]:
    opened = zstandard.open if key.endswith(".zst") else gzip.open if key.endswith(".gz") else open
    return cast(IO[bytes], opened(path, "wb"))


def _whole(store: Store, key: str) -> str:
    with store.open(key) as file:
        return b"".join(_lines(key, file)).decode("utf-8", "replace")
