"""The raw archive: what came over the wire, kept so that everything after the fetch can be replayed."""

from __future__ import annotations

import hashlib
import io
import itertools
import shutil
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import IO

from ingest.errors import Malformed
from ingest.land import warc
from ingest.land.store import CHUNK, Store, key_part, on_local_disk, scratch
from ingest.model import Payload, RawRef

FOLDER = "raw"


def archive_key(store: Store, run_id: str, shard: str, day: date) -> str:
    """A name for a shard's archive that is still free: `raw/DATE/RUN-SHARD.warc.gz`.

    A retried shard fetches again and gets other bytes, hence `RUN-SHARD.2.warc.gz`; what the first try uploaded stays.
    Ask before appending, since the name goes into each RawRef.
    """
    # without "-" in the shard, the run's id can be read back from the name
    stem = f"{FOLDER}/{day.isoformat()}/{key_part(run_id)}-{key_part(shard).replace('-', '%2D')}"
    names = itertools.chain([f"{stem}.warc.gz"], (f"{stem}.{n}.warc.gz" for n in itertools.count(2)))
    return next(name for name in names if not store.exists(name))


class RawArchive:
    """One shard's archive, built in a local file and then uploaded whole."""

    def __init__(self, path: Path, key: str) -> None:
        self.path, self.key = path, key
        self.records = 0
        self._file: IO[bytes] = path.open("wb")

    @on_local_disk()
    def append(self, payload: Payload) -> RawRef:
        record = warc.encode(payload)
        offset = self._file.tell()
        self._file.write(record.member)
        self.records += 1
        return RawRef(archive=self.key, offset=offset, length=len(record.member), sha256=record.sha256)

    @on_local_disk()
    def drop(self, ref: RawRef | None, note: str) -> None:
        """Put a tombstone over a record, if it is one of this archive: it must not be kept."""
        if ref is not None and ref.archive == self.key:
            self._file.seek(ref.offset)
            self._file.write(warc.tombstone(ref.length, note))
            self._file.seek(0, io.SEEK_END)

    def upload(self, store: Store) -> str:
        """The archive's key. Raises Conflict if another try of this shard has taken the name since: run it again."""
        self.close()
        if self.records:
            store.put_new(self.key, self.path)
        return self.key

    @on_local_disk()
    def close(self) -> None:
        self._file.close()


def read_raw(store: Store, ref: RawRef) -> Payload:
    """One payload, from its own bytes of the archive. Raises NotStored, or Malformed if they are not what was kept."""
    place = f"{ref.archive}@{ref.offset}"
    payload = warc.decode(store.get_range(ref.archive, ref.offset, ref.length), place)
    if hashlib.sha256(payload.body).hexdigest() != ref.sha256:
        raise Malformed(place, "the body is not the one that was archived", "the archive was changed or damaged")
    return payload.model_copy(update={"raw": ref})


def iter_raw(store: Store, key: str) -> Iterator[Payload | Malformed]:
    """Every payload of an archive in order, each with its `raw`. A damaged or taken-down record comes as an error."""
    with store.open(key) as file:
        for offset, member in _members(file):
            try:
                payload = warc.decode(member, f"{key}@{offset}")
            except Malformed as e:
                yield e
                continue
            digest = hashlib.sha256(payload.body).hexdigest()
            ref = RawRef(archive=key, offset=offset, length=len(member), sha256=digest)
            yield payload.model_copy(update={"raw": ref})


def archives(store: Store, *, day: date | None = None, run_id: str | None = None) -> Iterator[str]:
    """Keys of archives, of one day or one run if given, oldest day first."""
    folder = f"{FOLDER}/{day.isoformat()}" if day else FOLDER
    for stored in store.list(folder):
        run = stored.key.rsplit("/", 1)[-1].rpartition("-")[0]
        if run_id is None or run == key_part(run_id):
            yield stored.key


def erase(store: Store, refs: Iterable[RawRef], reason: str) -> int:
    """Take records down for good: each is overwritten by a tombstone of the same length. Returns how many.

    Again is fine, and so is an archive that is past its retention. Where the bucket itself keeps old versions of
    objects, those have to be deleted there.
    """
    by_archive: dict[str, set[RawRef]] = defaultdict(set)
    for ref in refs:
        by_archive[ref.archive].add(ref)
    return sum(_erase(store, key, there, reason) for key, there in sorted(by_archive.items()) if store.exists(key))


def _erase(store: Store, key: str, refs: set[RawRef], reason: str) -> int:
    with scratch() as folder:
        copy = folder / "archive"
        with store.open(key) as source, copy.open("wb") as out:
            shutil.copyfileobj(source, out, CHUNK)
            for ref in refs:
                out.seek(ref.offset)
                out.write(warc.tombstone(ref.length, reason))
        store.put(key, copy)
    return len(refs)


def _members(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Offset and bytes of each gzip member; a broken one ends the walk, as nothing tells where the next begins."""
    offset, pending = 0, b""
    while pending or (pending := file.read(CHUNK)):
        member, rest, done = _one_member(file, pending)
        yield offset, member
        if not done:
            return
        offset, pending = offset + len(member), rest


def _one_member(file: IO[bytes], start: bytes) -> tuple[bytes, bytes, bool]:
    unpacker, parts, chunk = zlib.decompressobj(31), [], start
    while chunk:
        parts.append(chunk)
        try:
            data = chunk
            while data and not unpacker.eof:  # bounded: the text is thrown away, only the end is looked for
                unpacker.decompress(data, CHUNK)
                data = unpacker.unconsumed_tail
        except zlib.error:
            return b"".join(parts), b"", False
        if unpacker.eof:
            rest = unpacker.unused_data
            whole = b"".join(parts)
            return whole[: len(whole) - len(rest)], rest, True
        chunk = file.read(CHUNK)
    return b"".join(parts), b"", False
