"""What runs brought, as the raw archive has it: the feeds and files of each source in turn, and pages by address."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path

from ingest.errors import Malformed, NotStored
from ingest.land import raw
from ingest.land.local import LocalStore
from ingest.land.store import CHUNK, Store
from ingest.model import Model, Payload, RawRef
from ingest.urls import canonical_url

_NEVER = datetime.min.replace(tzinfo=UTC)
_PAGE_STARTS = (b"<!doctype html", b"<html")


class Wanted(Model):
    """Which runs: one by its id, or what was fetched in a time. Empty `sources` are all."""

    run_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    sources: tuple[str, ...] = ()

    def has(self, payload: Payload) -> bool:
        when = payload.fetched_at or _NEVER
        in_time = (self.since is None or when >= self.since) and (self.until is None or when < self.until)
        return in_time and (not self.sources or payload.source_id in self.sources)


def archives_of(store: Store, wanted: Wanted) -> list[str]:
    """Keys, oldest day first. Raises NotStored if there is none.

    A shard's archive is of the day on which its run began, so one of the day before `since` may have what is wanted.
    """
    first = wanted.since.date().toordinal() - 1 if wanted.since else 0
    last = wanted.until.date().toordinal() if wanted.until else datetime.max.toordinal()
    keys = [key for key in raw.archives(store, run_id=wanted.run_id) if first <= _day(key) <= last]
    if not keys:
        what = f"run {wanted.run_id}" if wanted.run_id else f"what was fetched since {wanted.since:%Y-%m-%d %H:%M}"
        raise NotStored(what, "nothing of it is in the raw archive", "INGEST_KEEP_RAW_DAYS says how long that is kept")
    return keys


def sources_in(store: Store, wanted: Wanted) -> set[str]:
    """Ids of the sources of which there is something. Reads all of the archives."""
    payloads = (payload for key in archives_of(store, wanted) for payload in raw.iter_raw(store, key))
    return {one.source_id for one in payloads if not isinstance(one, Malformed) and wanted.has(one)}


class Archive:
    """An index of what is wanted of some sources; bodies are read one at a time.

    From a remote store whole archives are copied to `folder` first: one request each, and not one a record.
    `damaged` are records that cannot be read, or were taken down.
    """

    def __init__(self, store: Store, wanted: Wanted, source_ids: Collection[str], folder: Path) -> None:
        self._store: Store = store
        self._feeds: dict[str, list[tuple[datetime, RawRef]]] = defaultdict(list)
        self._pages: dict[tuple[str, str | None], list[tuple[datetime, RawRef]]] = defaultdict(list)
        self.damaged: list[Malformed] = []
        keys = archives_of(store, wanted)
        if not isinstance(store, LocalStore):
            self._store = _copied(store, keys, folder)
        for key in keys:
            for payload in raw.iter_raw(self._store, key):
                if isinstance(payload, Malformed):
                    self.damaged.append(payload)
                elif payload.source_id in source_ids and wanted.has(payload):
                    self._add(payload)
        for records in (*self._feeds.values(), *self._pages.values()):
            records.sort(key=lambda record: record[0])

    def feeds(self, source_id: str) -> Iterator[Payload]:
        """What was fetched of a source but pages, in that order."""
        for _, ref in self._feeds.get(source_id, ()):
            yield raw.read_raw(self._store, ref)

    def page_since(self, source_id: str, url: str | None, when: datetime | None) -> RawRef | None:
        """Where the page is as it was first fetched from then on: after the feed that it belongs to."""
        records = self._pages.get((source_id, canonical_url(url)), ())
        return next((ref for fetched_at, ref in records if fetched_at >= (when or _NEVER)), None)

    def read(self, ref: RawRef) -> Payload:
        return raw.read_raw(self._store, ref)

    def _add(self, payload: Payload) -> None:
        assert payload.raw is not None
        record = payload.fetched_at or _NEVER, payload.raw
        if _is_page(payload):
            for url in dict.fromkeys((canonical_url(payload.page_url), canonical_url(payload.url))):
                self._pages[payload.source_id, url].append(record)
        else:
            self._feeds[payload.source_id].append(record)


def _is_page(payload: Payload) -> bool:
    """Records of before `page_url` was kept do not say it: an answer that is HTML is no feed that could be read."""
    if payload.page_url is not None:
        return True
    return payload.status is not None and payload.body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(
        _PAGE_STARTS
    )


def _copied(store: Store, keys: Collection[str], folder: Path) -> LocalStore:
    for key in keys:
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        with store.open(key) as source, path.open("wb") as out:
            shutil.copyfileobj(source, out, CHUNK)
    return LocalStore(folder)


def _day(key: str) -> int:
    """Of `raw/DATE/…`; 0 for what is named otherwise."""
    try:
        return datetime.fromisoformat(key.split("/")[1]).toordinal()
    except (IndexError, ValueError):
        return 0
