"""All that a shard leaves: what the state becomes once the run has landed, what was turned down, and the counts."""

import traceback
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from math import ceil

import orjson
from pydantic import Field

from ingest.errors import Disallowed, IngestError, Paused
from ingest.land.store import Store
from ingest.model import Article, Entry, FeedState, Model, RawRef, Source
from ingest.report import SourceReport, StageReport
from ingest.shard.item import Item
from ingest.shard.tally import Stages, Tally
from ingest.state.models import ItemRow, PendingRow, PieceRow
from ingest.takedown.tombstone import Key

RETRY_PAGE = (timedelta(hours=1), timedelta(hours=4), timedelta(days=1), timedelta(days=2), timedelta(days=4))


class Quarantined(Model):
    """A line of quarantine/DATE/RUN-SHARD.jsonl: what could not be used, why, and where its bytes are."""

    source_id: str
    code: str
    place: str
    detail: str
    raw: RawRef | None = None


class ShardResult(Model):
    """What the state becomes once the run has landed, and what the report says.

    `settled` are ids of items that are no longer pending. asyncio prints its main task, and with it this result, when
    it puts its signal handler back: what is long stays out of that.
    """

    run_id: str
    shard: str
    started_at: datetime
    archive: str | None = None
    feeds: tuple[FeedState, ...] = Field((), repr=False)
    items: tuple[ItemRow, ...] = Field((), repr=False)
    pending: tuple[PendingRow, ...] = Field((), repr=False)
    settled: tuple[str, ...] = ()
    pieces: tuple[PieceRow, ...] = ()
    sources: tuple[SourceReport, ...] = ()
    stages: tuple[StageReport, ...] = ()
    removed: dict[str, int] = Field(default_factory=dict)
    refused: tuple[tuple[Key, str], ...] = ()  # what was taken down came as this too: a key, and the takedown's id
    is_replay: bool = False  # of what runs brought before: nothing that counts for a source's health


class Outbox:
    """Filled while the shard runs; nothing in it counts before the run has landed."""

    def __init__(self, run_id: str, shard: str, now: datetime) -> None:
        self.run_id, self.shard, self.now = run_id, shard, now
        self.stages = Stages()
        self._feeds: list[FeedState] = []
        self._items: list[ItemRow] = []
        self._pending: list[PendingRow] = []
        self._settled: list[str] = []
        self._pieces: list[PieceRow] = []
        self._refused: list[tuple[Key, str]] = []
        self._reports: list[SourceReport] = []
        self._quarantine: list[Quarantined] = []
        self._removed: Counter[str] = Counter()

    def feed(self, state: FeedState) -> None:
        self._feeds.append(state)

    def report(self, report: SourceReport) -> None:
        self._reports.append(report)

    def piece(self, source: Source, key: str, entry: Entry) -> None:
        self._pieces.append(PieceRow(source_id=source.id, key=key, entry=entry, seen_at=self.now))

    def settle(self, article_id: str) -> None:
        self._settled.append(article_id)

    def taken_down(self, tally: Tally, keys: Iterable[Key], takedown_id: str) -> None:
        """Came again, and must not land: counted and known by its ids; nothing of its text is kept."""
        tally.counts["taken_down"] += 1
        self._refused += [(key, takedown_id) for key in keys]

    def reject(self, tally: Tally, error: IngestError, place: str, ref: RawRef | None, note: str = "") -> None:
        """Turned down, with the reason: in the report and in quarantine."""
        what = str(error).removeprefix(f"{place}: ")
        self.refuse(tally, error.code, place, f"{what}; {note}" if note else what, ref)

    def refuse(self, tally: Tally, code: str, place: str, what: str, ref: RawRef | None = None) -> None:
        tally.fault(code, place, what)
        self._keep(tally, code, place, what, ref)

    def bug(self, tally: Tally, place: str, error: Exception, ref: RawRef | None = None) -> None:
        """Our own fault: the traceback goes into quarantine, the night goes on."""
        what = f"{type(error).__name__}: {error} (a bug of this program: please report it with the archived bytes)"
        tally.fault("bug", place, what)
        self._keep(tally, "bug", place, "".join(traceback.format_exception(error)), ref)

    def landed(self, source: Source, item: Item, article: Article, version: int, row: ItemRow | None) -> ItemRow:
        """Note, and return, what will be known of an item once its article is in the table."""
        self._removed.update(removed.kind for removed in article.removed)
        known = ItemRow(
            article_id=article.article_id,
            source_id=source.id,
            guid=article.guid,
            entry_hash=item.hash,
            content_hash=article.content_hash,
            version=version,
            provider_version=article.provider_version,
            updated=article.updated,
            first_seen_at=row.first_seen_at if row else self.now,
            last_seen_at=self.now,
        )
        self._items.append(known)
        return known

    def unchanged(self, item: Item, row: ItemRow) -> None:
        """The entry was touched, its content is what it was."""
        self._items.append(row.model_copy(update={"entry_hash": item.hash, "last_seen_at": self.now}))

    def try_later(self, source: Source, item: Item, error: Exception) -> str:
        """Keep an item whose page can't be read: the feed may answer 304 from now on and never name it again.

        Returns what to say of it. After the last try it is settled until its entry changes; so is one that robots.txt
        keeps from us, at once. While its host is left alone no try counts.
        """
        tried = item.pending.attempts if item.pending else 0
        attempts = tried if isinstance(error, Paused) else tried + 1
        if item.article_id is None:
            return "not tried again: without guid and URL it can't be told from others"
        if attempts > len(RETRY_PAGE) or isinstance(error, Disallowed):
            self.settle(item.article_id)
            self._items.append(_given_up(source, item, item.article_id, self.now))
            return "given up until its feed changes it"
        wait = timedelta(seconds=ceil(error.seconds)) if isinstance(error, Paused) else RETRY_PAGE[attempts - 1]
        row = PendingRow(
            article_id=item.article_id,
            source_id=source.id,
            entry=item.entry,
            attempts=attempts,
            last_error=str(error),
            next_try_at=self.now + wait,
        )
        self._pending.append(row)
        return f"tried again in {wait}"

    def result(self, archive: str | None) -> ShardResult:
        return ShardResult(
            run_id=self.run_id,
            shard=self.shard,
            started_at=self.now,
            archive=archive,
            feeds=tuple(self._feeds),
            items=tuple(self._items),
            pending=tuple(self._pending),
            settled=tuple(self._settled),
            pieces=tuple(self._pieces),
            refused=tuple(self._refused),
            sources=tuple(sorted(self._reports, key=lambda report: report.source_id)),
            stages=self.stages.reports(),
            removed=dict(self._removed),
        )

    def save_quarantine(self, store: Store) -> None:
        key = f"quarantine/{self.now.date().isoformat()}/{self.run_id}-{self.shard}.jsonl"
        if self._quarantine:
            lines = (orjson.dumps(one.model_dump(mode="json")) for one in self._quarantine)
            store.put(key, b"\n".join([*lines, b""]))

    def _keep(self, tally: Tally, code: str, place: str, detail: str, ref: RawRef | None) -> None:
        one = Quarantined(source_id=tally.source.id, code=code, place=place, detail=detail, raw=ref)
        self._quarantine.append(one)


def _given_up(source: Source, item: Item, article_id: str, now: datetime) -> ItemRow:
    """Version 0: seen, but never landed."""
    return ItemRow(
        article_id=article_id,
        source_id=source.id,
        guid=item.entry.guid or item.entry.url or "",
        entry_hash=item.hash,
        content_hash="",
        version=0,
        first_seen_at=now,
        last_seen_at=now,
    )
