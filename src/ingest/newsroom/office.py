"""The workspace of the pages: opened once, and again when the registry file has changed."""

from __future__ import annotations

from threading import Lock

from ingest.pipeline import Workspace
from ingest.settings import Settings

_Stamp = tuple[int, int, int]


class Office:
    """Gives every request the workspace as the registry file is now. Reading 5,000 sources takes too long for each."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = Lock()
        self._workspace: Workspace | None = None
        self._stamp: _Stamp | None = None

    def workspace(self) -> Workspace:
        with self._lock:
            stamp = self._file()
            if self._workspace is None or stamp != self._stamp:
                old, self._workspace = self._workspace, Workspace(self._settings)
                self._stamp = stamp
                if old is not None:
                    old.engine.dispose()  # connections in use stay open until they are given back
            return self._workspace

    def _file(self) -> _Stamp | None:
        try:
            stat = self._settings.sources.stat()
        except OSError:
            return None  # the page that needs it says so
        return stat.st_ino, stat.st_mtime_ns, stat.st_size
