"""The rows of the state database that the pipeline reads and writes. Times are aware and UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from ingest.model import Entry, FeedState, Model


class ItemRow(Model):
    """The latest version of one item of one source."""

    article_id: str
    source_id: str
    guid: str
    entry_hash: str  # of the entry as sent, before any page is fetched
    content_hash: str
    version: int
    provider_version: str | None = None
    updated: datetime | None = None
    first_seen_at: datetime
    last_seen_at: datetime


class VersionRow(Model):
    """One content that an item has or had."""

    article_id: str
    content_hash: str
    version: int
    run_id: str


class PendingRow(Model):
    """An item whose page could not be fetched yet."""

    article_id: str
    source_id: str
    entry: Entry
    attempts: int
    last_error: str | None = None
    next_try_at: datetime


class PieceRow(Model):
    """A take or add, or what may be the first of several. `key` is what the pieces of its story share."""

    source_id: str
    key: str
    entry: Entry
    seen_at: datetime


class SubscriptionRow(Model):
    """One feed's subscription at its hub. `token` is the last part of its callback's address."""

    source_id: str
    url: str  # as in the registry
    hub: str = ""
    topic: str = ""
    token: str = Field(repr=False)
    state: Literal["asked", "active", "failed", "leaving", "gone"] = "failed"
    lease_until: datetime | None = None
    next_try_at: datetime
    last_push_at: datetime | None = None
    pushes: int = 0
    failures: int = 0
    last_error: str | None = None

    @classmethod
    def fresh(cls, source_id: str, url: str, token: str, now: datetime) -> SubscriptionRow:
        return cls(source_id=source_id, url=url, token=token, next_try_at=now)


class NoticeRow(Model):
    """How far one reader of notices has got: the store's folder, or a webhook by the hash of its address."""

    reader: str
    table_version: int
    failures: int = 0
    last_error: str | None = None
    last_try_at: datetime


class RunRow(Model):
    """One run. `report` is JSON, as the run's report writes it."""

    run_id: str
    started_at: datetime
    status: Literal["running", "landing", "landed"]
    finished_at: datetime | None = None
    table_version: int | None = None
    report: str | None = None


class RunOutcome(Model):
    """What a landed run leaves in the state, to be applied at once; see `runs.apply_run`.

    `settled` are the ids of pending items that are done with: fetched, or given up.
    """

    run_id: str
    finished_at: datetime
    table_version: int | None = None
    report: str | None = None
    feeds: tuple[FeedState, ...] = ()
    items: tuple[ItemRow, ...] = ()
    versions: tuple[VersionRow, ...] = ()
    pending: tuple[PendingRow, ...] = ()
    settled: tuple[str, ...] = ()
    pieces: tuple[PieceRow, ...] = ()
