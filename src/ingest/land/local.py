"""The store in a local directory."""

from __future__ import annotations

import io
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from ingest.errors import BadConfig, Conflict, NotStored, StoreUnavailable
from ingest.land.store import CHUNK, Body, Stored, safe_key, safe_prefix, same_bytes

_PARTIAL = ".partial"  # files being written; a kill leaves them here, where no reader looks


class LocalStore:
    """Files are written aside, synced, then renamed or linked into place: whole or absent, also after a power cut."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()

    @property
    def url(self) -> str:
        return str(self.root)

    def put(self, key: str, body: Body) -> None:
        with self._written(key, body) as (partial, target):
            partial.replace(target)

    def put_new(self, key: str, body: Body) -> None:
        with self._written(key, body) as (partial, target):
            try:
                os.link(partial, target)  # unlike a rename, fails if the target is there
            except FileExistsError:
                with target.open("rb") as there, partial.open("rb") as ours:
                    if not same_bytes(there, ours):
                        raise Conflict(key, "an object with other bytes is there") from None

    def get(self, key: str) -> bytes:
        with self.open(key) as file:
            return file.read()

    def get_range(self, key: str, offset: int, length: int) -> bytes:
        with self.open(key) as file:
            file.seek(offset)
            return file.read(length)

    def open(self, key: str) -> IO[bytes]:
        with _os_errors(key):
            return self._path(key).open("rb")

    def exists(self, key: str) -> bool:
        return self._path(key).is_file()

    def list(self, prefix: str) -> Iterator[Stored]:
        folder = self.root / safe_prefix(prefix)
        for path in sorted(folder.rglob("*")):
            key = path.relative_to(self.root).as_posix()
            with suppress(FileNotFoundError):  # deleted meanwhile by somebody else
                stat = path.stat()
                if path.is_file() and not key.startswith(_PARTIAL):
                    modified = datetime.fromtimestamp(stat.st_mtime, UTC)
                    yield Stored(key=key, size_bytes=stat.st_size, modified_at=modified)

    def delete(self, key: str) -> None:
        with _os_errors(key):
            self._path(key).unlink(missing_ok=True)

    def delete_prefix(self, prefix: str) -> int:
        folder = safe_prefix(prefix)
        if not folder:
            raise BadConfig(self.url, "refusing to delete the whole store")
        count = sum(1 for _ in self.list(folder))
        with _os_errors(folder):
            shutil.rmtree(self.root / folder, ignore_errors=True)
        return count

    def delete_partials(self, before: datetime) -> None:
        """Delete what killed writers left half written, older than `before`."""
        for path in (self.root / _PARTIAL).glob("*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before.timestamp():
                    path.unlink()

    def delta_uri(self, key: str) -> str:
        return str(self._path(key))

    @property
    def storage_options(self) -> dict[str, str]:
        return {}

    def _path(self, key: str) -> Path:
        return self.root / safe_key(key)

    @contextmanager
    def _written(self, key: str, body: Body) -> Iterator[tuple[Path, Path]]:
        """The body in a synced file beside the store's objects, and the path it is to have."""
        target = self._path(key)
        partial = self.root / _PARTIAL / uuid.uuid4().hex
        with _os_errors(key):
            partial.parent.mkdir(parents=True, exist_ok=True)
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                _copy(body, partial)
                yield partial, target
                _sync_folder(target.parent)
            finally:
                partial.unlink(missing_ok=True)


def _copy(body: Body, path: Path) -> None:
    with path.open("wb") as out, body.open("rb") if isinstance(body, Path) else io.BytesIO(body) as source:
        shutil.copyfileobj(source, out, CHUNK)
        out.flush()
        os.fsync(out.fileno())


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


@contextmanager
def _os_errors(key: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as e:
        raise NotStored(key, "not in the store") from e
    except (PermissionError, IsADirectoryError, NotADirectoryError) as e:
        raise BadConfig(str(e.filename), e.strerror or "not usable", "check the store's folder and its owner") from e
    except OSError as e:
        raise StoreUnavailable(key, e.strerror or str(e), "is the disk full?") from e
