"""A watched folder: every new or changed file is a payload.

The url is `file:///dir`, `file:///dir/*.xml` or a plain path, with a glob or without. `FeedState.cursor` is the
ledger of what was taken: a file counts as changed when its size or time differs and its bytes do too. Files that are
still being written are left for later: hidden ones, `.tmp`, `.part`, and what changed within `limits.quiet_s`.
"""

import asyncio
import glob
import itertools
import os
import stat
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError

from ingest.errors import FetchFailed, IngestError, Refused, TooLarge
from ingest.fetch.decode import decompress
from ingest.fetch.http import HttpFetcher
from ingest.model import FeedState, Fetched, Payload, Reject, Source

MAX_BATCH_BYTES = 256_000_000  # one fetch; what is left comes with the next one
_UNFINISHED = (".tmp", ".part", ".filepart")
_GLOB = frozenset("*?[")


class Taken(BaseModel):
    """One line of the ledger: what a file was like when it was taken, or turned down."""

    model_config = ConfigDict(frozen=True)

    size: int
    mtime_ns: int
    sha256: str | None = None


class Ledger(BaseModel):
    model_config = ConfigDict(frozen=True)

    files: dict[str, Taken] = {}


class _Found(NamedTuple):
    mtime_ns: int
    name: str  # below the folder, in text that can be stored
    path: Path
    size: int


class FileChangedError(Exception):
    """A file that somebody writes to at this moment; it is left for the next look."""


class _Batch:
    """What one scan gathers. `after` becomes the ledger, so a file that is gone leaves it."""

    def __init__(self, before: Ledger, now: datetime) -> None:
        self.before, self.now = before.files, now
        self.after: dict[str, Taken] = {}
        self.payloads: list[Payload] = []
        self.rejects: list[Reject] = []
        self.received = self.size = 0

    def has_room(self, max_items: int) -> bool:
        return len(self.payloads) < max_items and self.size < MAX_BATCH_BYTES

    def keep(self, name: str) -> None:
        """Leave the ledger's line for this file as it was."""
        if name in self.before:
            self.after[name] = self.before[name]

    def is_known(self, found: _Found) -> bool:
        known = self.before.get(found.name)
        return known is not None and (known.size, known.mtime_ns) == (found.size, found.mtime_ns)

    def add(self, source: Source, path: Path, body: bytes) -> None:
        self.size += len(body)
        self.payloads.append(
            Payload(
                source_id=source.id,
                url=_text(path),
                body=body,
                fetched_at=self.now,
                zone=source.zone,
                language=source.language,
            )
        )


async def fetch(source: Source, url: str, state: FeedState, now: datetime, fetcher: HttpFetcher) -> Fetched:
    """The folder transport (see `transports`). `fetcher` is not used.

    A file that cannot be taken (too large, cut, a link out of the folder) is a reject and hides no other file.
    """
    try:
        return await asyncio.to_thread(scan, source, url, state, now)
    except IngestError as e:
        after = state.model_copy(update={"failures": state.failures + 1, "last_error": str(e)})
        return Fetched(source_id=source.id, url=url, outcome="failed", state=after, error_code=e.code, error=str(e))


def scan(source: Source, url: str, state: FeedState, now: datetime) -> Fetched:
    """One look at the folder. Raises FetchFailed if it is not there, Refused for a url that names no folder."""
    root, pattern = split_url(url)
    if not root.is_dir() or not os.access(root, os.R_OK | os.X_OK):
        raise FetchFailed(str(root), "no such folder, or not readable", "create it, or mount what it is on")
    batch = _Batch(_ledger(state), now)
    for found in _candidates(root, pattern):
        if batch.is_known(found) or not batch.has_room(source.limits.max_items) or _is_restless(found, source, now):
            batch.keep(found.name)
        else:
            _take(batch, source, root, found)
    changes: dict[str, object] = {
        "failures": 0,
        "last_error": None,
        "last_success_at": now,
        "cursor": Ledger(files=batch.after).model_dump_json(exclude_none=True),
    }
    if batch.payloads:
        changes["last_changed_at"] = now
    return Fetched(
        source_id=source.id,
        url=url,
        outcome="new" if batch.payloads else "not_modified",
        payloads=tuple(batch.payloads),
        rejects=tuple(batch.rejects),
        state=state.model_copy(update=changes),
        received_bytes=batch.received,
        body_bytes=batch.size,
    )


def split_url(url: str) -> tuple[Path, str]:
    """The folder, links in its own path followed, and the glob below it (`*` if none). One file is a glob too."""
    path = Path(url)
    if url.startswith("file:"):
        parts = urlsplit(url.replace("?", "%3F").replace("#", "%23"))
        if parts.netloc not in ("", "localhost"):
            raise Refused(url, f"a folder on another machine, {parts.netloc}", "mount it, and write file:///path")
        path = Path(unquote(parts.path))
    fixed = list(itertools.takewhile(lambda part: not _GLOB & set(part), path.parts))
    pattern = path.parts[len(fixed) :]
    if ".." in pattern:
        raise Refused(url, "`..` in a glob", "begin at the folder above")
    root = Path(*fixed).resolve()
    if not pattern and root.is_file():
        return root.parent, glob.escape(root.name)
    return root, "/".join(pattern) or "*"


def _ledger(state: FeedState) -> Ledger:
    try:
        return Ledger.model_validate_json(state.cursor) if state.cursor else Ledger()
    except ValidationError:
        return Ledger()  # everything is taken again; what has landed already changes nothing


def _is_restless(found: _Found, source: Source, now: datetime) -> bool:
    """Whether somebody may still be writing: no bytes yet, or changed a moment ago."""
    quiet_s = source.limits.quiet_s
    return not found.size or (quiet_s > 0 and found.mtime_ns / 1e9 > now.timestamp() - quiet_s)


def _candidates(root: Path, pattern: str) -> list[_Found]:
    """Files that match, oldest first."""
    try:
        paths = list(root.glob(pattern))
    except ValueError as e:
        raise Refused(f"{root}/{pattern}", str(e), "`**` stands alone between two slashes") from e
    found = []
    for path in paths:
        below = path.relative_to(root)
        if any(part.startswith(".") for part in below.parts) or path.name.lower().endswith(_UNFINISHED):
            continue
        try:
            there = path.stat()
        except OSError:
            continue  # taken away since the listing, or a link to nothing
        if not stat.S_ISDIR(there.st_mode):
            found.append(_Found(there.st_mtime_ns, _text(below), path, there.st_size))
    return sorted(found)


def _take(batch: _Batch, source: Source, root: Path, found: _Found) -> None:
    """Read one new or changed file into the batch, as a payload or a reject."""
    name, limits = found.name, source.limits
    taken = Taken(size=found.size, mtime_ns=found.mtime_ns)
    try:
        sent = _read(root, found.path, limits.max_bytes)
        batch.received += len(sent)
        taken = taken.model_copy(update={"sha256": sha256(sent).hexdigest()})
        known = batch.before.get(name)
        if known is None or known.sha256 != taken.sha256:
            body = decompress(sent, "", name, limits.max_decompressed_bytes)
            batch.add(source, found.path, body)
    except FileChangedError:
        batch.keep(name)
        return
    except OSError as e:  # not in the ledger: it is tried again, and told again, until someone mends it
        batch.rejects.append(Reject(code="unreadable", place=name, detail=e.strerror or type(e).__name__))
        return
    except IngestError as e:
        batch.rejects.append(Reject(code=e.code, place=name, detail=f"{e.why} ({e.hint})" if e.hint else e.why))
    batch.after[name] = taken


def _read(root: Path, path: Path, limit: int) -> bytes:
    """The whole file. Raises Refused for what is no file in `root`, TooLarge, FileChangedError, OSError."""
    real = path.resolve(strict=True)
    if not real.is_relative_to(root):
        raise Refused(str(path), "a link out of the folder", "copy the file into the folder")
    # The flags: no link slipped in since, and no wait for a writer if it is a pipe.
    with os.fdopen(os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        before = os.fstat(file.fileno())
        if not stat.S_ISREG(before.st_mode):
            raise Refused(str(path), "not a regular file", "move it out of the folder")
        if before.st_size > limit:
            raise TooLarge(str(path), f"{before.st_size} bytes, at most {limit} are taken", "raise max_bytes")
        body = file.read(limit + 1)
        after = os.fstat(file.fileno())
    if len(body) != before.st_size or after.st_mtime_ns != before.st_mtime_ns:
        raise FileChangedError(str(path))
    return body


def _text(path: Path) -> str:
    """A file name may be any bytes; what is not UTF-8 is written as escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
