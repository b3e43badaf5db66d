"""A note on this machine that people know of a state database that does not answer: it cannot be asked itself.

A file of no content, by the database's hash, in a folder that only this user can write; its time is when it was told.
Each machine tells for itself, and again after six hours.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

AGAIN = timedelta(hours=6)


def note(state: str, now: datetime) -> bool:
    """Whether it is to be told now. A folder that is not ours is no place for notes: then it is told each time."""
    path = _path(state)
    if path is None:
        return True
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        if now - _time(path) < AGAIN:
            return False
    except OSError:  # a full disk
        return True
    with suppress(OSError):
        os.utime(path, (now.timestamp(), now.timestamp()))
    return True


def forget(state: str) -> datetime | None:
    """When it was told last, if it was; from now on it is not known."""
    path = _path(state)
    if path is None:
        return None
    try:
        since = _time(path)
        path.unlink()  # of two that come here at once, one
    except OSError:
        return None
    return since


def _path(state: str) -> Path | None:
    folder = Path(tempfile.gettempdir()) / f"ingest-alerts-{os.getuid()}"
    with suppress(OSError):
        folder.mkdir(0o700, exist_ok=True)
    try:
        there = folder.lstat()
    except OSError:
        return None
    ours = there.st_uid == os.getuid() and not folder.is_symlink() and not there.st_mode & 0o022
    return folder / sha256(state.encode()).hexdigest()[:32] if ours else None


def _time(path: Path) -> datetime:
    return datetime.fromtimestamp(path.lstat().st_mtime, UTC)
