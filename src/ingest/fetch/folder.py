"""A watched folder: every new or changed file is a payload.

The url is `file:///dir`, `file:///dir/*.xml` or a plain path, with a glob or without. `FeedState.cursor` is the
ledger of what was taken: a file counts as changed when its size or time differs and its bytes do too. Files that are
still being written are left for later: hidden ones, `.tmp`, `.part`, and what changed within `limits.quiet_s` (0 s
if not set). Nothing is moved or deleted: only a run that landed may do that, and the ledger needs no right to write.
"""

import asyncio
import glob
import itertools
import os
import stat
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ingest.errors import FetchFailed, IngestError, Refused, TooLarge
from ingest.fetch.http import HttpFetcher
from ingest.fetch.ledger import Batch, FileChangedError, Found, failed, is_unfinished, shown
from ingest.model import FeedState, Fetched, Reject, Source

_GLOB = frozenset("*?[")


async def fetch(source: Source, url: str, state: FeedState, now: datetime, fetcher: HttpFetcher) -> Fetched:
    """The folder transport (see `transports`). `fetcher` is not used.

    A file that cannot be taken (too large, cut, a link out of the folder) is a reject and hides no other file.
    """
    try:
        return await asyncio.to_thread(scan, source, url, state, now)
    except IngestError as e:
        return failed(state, e)


def scan(source: Source, url: str, state: FeedState, now: datetime) -> Fetched:
    """One look at the folder. Raises FetchFailed if it is not there, Refused for a url that names no folder."""
    root, pattern = split_url(url)
    if not root.is_dir() or not os.access(root, os.R_OK | os.X_OK):
        raise FetchFailed(str(root), "no such folder, or not readable", "create it, or mount what it is on")
    batch = Batch(source, state, now)
    for found, path in batch.wanted(_candidates(root, pattern), lambda found: _is_restless(found, source, now)):
        _take(batch, root, found, path)
    return batch.fetched()


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


def _is_restless(found: Found, source: Source, now: datetime) -> bool:
    """Whether somebody may still be writing: no bytes yet, or changed a moment ago."""
    quiet_s = source.limits.quiet_s or 0
    return not found.size or (quiet_s > 0 and found.when > now.timestamp() - quiet_s)


def _candidates(root: Path, pattern: str) -> list[tuple[Found, Path]]:
    """Files that match."""
    try:
        paths = list(root.glob(pattern))
    except ValueError as e:
        raise Refused(f"{root}/{pattern}", str(e), "`**` stands alone between two slashes") from e
    found = []
    for path in paths:
        below = path.relative_to(root)
        if any(part.startswith(".") for part in below.parts) or is_unfinished(path.name):
            continue
        try:
            there = path.stat()
        except OSError:
            continue  # taken away since the listing, or a link to nothing
        if not stat.S_ISDIR(there.st_mode):
            name = shown(os.fsencode(below))
            found.append((Found(there.st_mtime_ns / 1e9, name, there.st_size, str(there.st_mtime_ns)), path))
    return found


def _take(batch: Batch, root: Path, found: Found, path: Path) -> None:
    """Read one new or changed file into the batch, as a payload or a reject."""
    try:
        sent = _read(root, path, batch.source.limits.max_bytes)
    except FileChangedError:
        return
    except OSError as e:  # not in the ledger: it is tried again, and told again, until someone mends it
        batch.rejects.append(Reject(code="unreadable", place=found.name, detail=e.strerror or type(e).__name__))
    except IngestError as e:
        batch.refuse(found, e)
    else:
        batch.take(found, shown(os.fsencode(path)), sent)


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
