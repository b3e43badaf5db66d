"""A store with faults, for tests of what happens when the store fails half way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from ingest.errors import StoreUnavailable
from ingest.land.store import Body, Store, Stored


class FaultyStore:
    """Another store, whose nth calls of a method fail: `faults={"put_new": {1}}` fails the first put_new.

    `after=True` fails after the work is done, as when the answer gets lost on the way.
    """

    def __init__(self, inner: Store, faults: dict[str, set[int]], *, after: bool = False) -> None:
        self.inner, self.faults, self.after = inner, faults, after
        self.calls: dict[str, int] = {}

    @property
    def url(self) -> str:
        return self.inner.url

    @property
    def storage_options(self) -> dict[str, str]:
        return self.inner.storage_options

    def put(self, key: str, body: Body) -> None:
        fails = self._fails("put", key)
        self.inner.put(key, body)
        self._raise_if(fails, key)

    def put_new(self, key: str, body: Body) -> None:
        fails = self._fails("put_new", key)
        self.inner.put_new(key, body)
        self._raise_if(fails, key)

    def get(self, key: str) -> bytes:
        self._raise_if(self._fails("get", key), key)
        return self.inner.get(key)

    def get_range(self, key: str, offset: int, length: int) -> bytes:
        self._raise_if(self._fails("get_range", key), key)
        return self.inner.get_range(key, offset, length)

    def open(self, key: str) -> IO[bytes]:
        self._raise_if(self._fails("open", key), key)
        return self.inner.open(key)

    def exists(self, key: str) -> bool:
        self._raise_if(self._fails("exists", key), key)
        return self.inner.exists(key)

    def list(self, prefix: str) -> Iterator[Stored]:
        self._raise_if(self._fails("list", prefix), prefix)
        return self.inner.list(prefix)

    def delete(self, key: str) -> None:
        fails = self._fails("delete", key)
        self.inner.delete(key)
        self._raise_if(fails, key)

    def delete_prefix(self, prefix: str) -> int:
        fails = self._fails("delete_prefix", prefix)
        count = self.inner.delete_prefix(prefix)
        self._raise_if(fails, prefix)
        return count

    def delta_uri(self, key: str) -> str:
        return self.inner.delta_uri(key)

    def _fails(self, method: str, key: str) -> bool:
        self.calls[method] = self.calls.get(method, 0) + 1
        fails = self.calls[method] in self.faults.get(method, ())
        self._raise_if(fails and not self.after, key)
        return fails

    def _raise_if(self, fails: bool, key: str) -> None:
        if fails:
            raise StoreUnavailable(key, "a fault made for the test")
