"""The object store: a directory or an S3 bucket behind one small interface.

Keys are relative paths with `/` between parts. What a store promises: a reader sees an object whole or not at all, and
of two racing `put_new` of one key exactly one wins. The articles table relies on the same conditional put, so `probe`
refuses stores that only pretend to have it.
"""

from __future__ import annotations

import errno
import re
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Protocol
from urllib.parse import quote, unquote, urlsplit

from ingest.errors import BadConfig, Conflict, StoreUnavailable
from ingest.model import Model

Body = bytes | Path
"""What can be put: bytes, or the path of a local file that is streamed."""

CHUNK = 1 << 20
_FULL = (errno.ENOSPC, errno.EDQUOT)
_UNSAFE = re.compile(r"(^|/)(\.{0,2})(/|$)|[\x00-\x1f\x7f\\]")


class Stored(Model):
    """One object of a listing."""

    key: str
    size_bytes: int
    modified_at: datetime


class Store(Protocol):
    """All methods raise StoreUnavailable when a retry may help, and BadConfig for a key that leaves the store."""

    @property
    def url(self) -> str:
        """What people call this store; also what `open_store` takes."""

    def put(self, key: str, body: Body) -> None:
        """Write an object, over what is there."""

    def put_new(self, key: str, body: Body) -> None:
        """Write an object that must not be there. The same bytes are fine; other bytes raise Conflict."""

    def get(self, key: str) -> bytes:
        """Raises NotStored."""

    def get_range(self, key: str, offset: int, length: int) -> bytes:
        """At most `length` bytes from `offset`; fewer at the end of the object. Raises NotStored."""

    def open(self, key: str) -> IO[bytes]:
        """A local file to read from, for objects too big for memory; the caller closes it. Raises NotStored."""

    def exists(self, key: str) -> bool: ...

    def list(self, prefix: str) -> Iterator[Stored]:
        """Every object below the folder `prefix` ("" for all), in the order of their keys."""

    def delete(self, key: str) -> None:
        """Nothing happens if it is not there."""

    def delete_prefix(self, prefix: str) -> int:
        """Delete every object below the folder `prefix`; returns how many. An empty prefix is refused."""

    def delta_uri(self, key: str) -> str:
        """The folder `key` as `deltalake` names it."""

    @property
    def storage_options(self) -> dict[str, str]:
        """Options for `deltalake`. Resolved at each call, so a role's credentials are never stale."""


def safe_key(key: str) -> str:
    """The key itself. Raises BadConfig for what would leave the store: absolute, "..", control characters."""
    if not key or len(key.encode()) > 1024 or _UNSAFE.search(key):
        raise BadConfig(repr(key), "not a key of the store", "relative, at most 1,024 bytes, no empty, . or .. parts")
    return key


def safe_prefix(prefix: str) -> str:
    """A folder's key ending in "/", or "" for the whole store."""
    return f"{safe_key(prefix.strip('/'))}/" if prefix.strip("/") else ""


def key_part(name: str) -> str:
    """A name from outside (an Airflow run id, a shard) as one part of a key; `part_name` is the reverse."""
    part = quote(name, safe="-_.:+=@,")
    part = part.replace(".", "%2E", 1) if part.startswith(".") else part
    return safe_key(part)


def part_name(part: str) -> str:
    return unquote(part)


def open_store(url: str, s3_endpoint: str | None) -> Store:
    """The store at a directory, `file:///…` or `s3://bucket/prefix`. Does not talk to it yet; see `probe`."""
    parts = urlsplit(url)
    if parts.scheme == "s3":
        from ingest.land.s3 import connect

        return connect(url, s3_endpoint)
    if parts.scheme == "file":
        if parts.netloc not in ("", "localhost"):
            raise BadConfig(url, "a file URL with a host", "file:///path has three slashes")
        url = unquote(parts.path)
    elif "://" in url:
        raise BadConfig(url, f"no store for {parts.scheme}://", "use a directory, file:///… or s3://bucket/prefix")
    from ingest.land.local import LocalStore

    return LocalStore(Path(url))


def probe(store: Store) -> None:
    """Check that the store can be written and keeps the promise of `put_new`.

    Raises BadConfig for a store that overwrites silently: two tasks could then both believe that they committed.
    """
    key = f"probe/{uuid.uuid4().hex}"
    try:
        store.put_new(key, b"first")
        with suppress(Conflict):
            store.put_new(key, b"second")
            raise BadConfig(
                store.url,
                "the store ignores If-None-Match and overwrites objects",
                "commits would not be safe; use a store with conditional writes (AWS S3, MinIO, a local directory)",
            )
    finally:
        store.delete(key)


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for files on their way into or out of the store; gone at the end. Raises as `on_local_disk` does."""
    with on_local_disk(), tempfile.TemporaryDirectory(prefix="ingest-") as folder:
        yield Path(folder)


@contextmanager
def on_local_disk() -> Iterator[None]:
    """A full disk as StoreUnavailable: it is the run's trouble, never a bug of the source that was being written."""
    try:
        yield
    except OSError as e:
        if e.errno not in _FULL:
            raise
        hint = "temporary files need as much space as a shard's articles and archive; TMPDIR says where they are"
        raise StoreUnavailable("temporary files", "No space left on device", hint) from e


def spool() -> IO[bytes]:
    """A file for an object's bytes that goes away when it is closed."""
    return tempfile.TemporaryFile(prefix="ingest-")


def same_bytes(left: IO[bytes], right: IO[bytes]) -> bool:
    while True:
        a, b = left.read(CHUNK), right.read(CHUNK)
        if a != b or not a:
            return a == b
