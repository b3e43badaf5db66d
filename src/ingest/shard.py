"""One shard of a run: its sources fetched, archived, parsed, extracted and cleaned, up to what is staged.

Nothing here is final. The shard leaves articles in `staging/` and what the state should become in a `ShardResult`;
both count only once the run has landed, so a shard may be killed and run again at will.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import orjson
import structlog

from ingest.clean import clean
from ingest.dedupe.identity import assign_identity, entry_hash
from ingest.errors import FetchFailed, IngestError, NoContent
from ingest.extract import extract, merge, needs_page
from ingest.fetch import HttpFetcher, fetch_source, is_due, next_due
from ingest.land import raw, staging
from ingest.land.store import Store
from ingest.model import Article, Entry, FeedState, Fetched, Model, Parsed, Payload, RawRef, Source, article_id_of
from ingest.parse import parse
from ingest.report import Fault, SourceReport, StageReport
from ingest.settings import Settings
from ingest.state.models import ItemRow, PendingRow
from ingest.urls import canonical_url

log = structlog.get_logger()
T = TypeVar("T")

_RETRY_PAGE = (timedelta(hours=1), timedelta(hours=4), timedelta(days=1), timedelta(days=2), timedelta(days=4))
_FAULTS_A_SOURCE = 50  # named in the report; all of them are in quarantine
_PAGES_AT_ONCE = 8


class Quarantined(Model):
    """A line of quarantine/DATE/RUN-SHARD.jsonl: what could not be used, why, and where its bytes are."""

    source_id: str
    url: str | None
    code: str
    place: str
    detail: str
    raw: RawRef | None = None


class ShardResult(Model):
    """What the state becomes once the run has landed, and what the report says."""

    run_id: str
    shard: str
    started_at: datetime
    archive: str | None = None
    feeds: tuple[FeedState, ...] = ()
    items: tuple[ItemRow, ...] = ()
    pending: tuple[PendingRow, ...] = ()
    settled: tuple[str, ...] = ()  # article ids that are no longer pending
    sources: tuple[SourceReport, ...] = ()
    stages: tuple[StageReport, ...] = ()
    removed: dict[str, int] = {}


@dataclass(frozen=True)
class Known:
    """What the state has of some items: their latest versions, and content hash → version of all they ever had."""

    items: Mapping[str, ItemRow]
    contents: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Inputs:
    """What a shard is given: looked up by the caller, so that this module never asks the state itself."""

    sources: tuple[Source, ...]
    feeds: Mapping[tuple[str, str], FeedState]
    pending: Sequence[PendingRow]
    known: Callable[[Sequence[str]], Known]  # by article ids


@dataclass
class _Item:
    """An entry on its way, with the payload it came in."""

    entry: Entry
    payload: Payload
    hash: str
    article_id: str | None
    pending: PendingRow | None = None


@dataclass
class _Tally:
    """The counts of one source while it runs."""

    source: Source
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    failed_feeds: int = 0
    began: float = field(default_factory=time.monotonic)

    def fault(self, code: str, where: str, what: str) -> None:
        if len(self.faults) < _FAULTS_A_SOURCE:
            self.faults.append(Fault(code=code, where=where, what=what))

    def report(self, shard: str) -> SourceReport:
        c = self.counts
        names = SourceReport.model_fields.keys() & c.keys()
        return SourceReport(
            source_id=self.source.id,
            status=self._status(),
            shard=shard,
            elapsed_s=round(time.monotonic() - self.began, 3),
            faults=tuple(self.faults),
            **{name: c[name] for name in names},  # type: ignore[arg-type]
        )

    def _status(self) -> str:
        if self.counts["feeds"] and self.failed_feeds == self.counts["feeds"]:
            return "failed"
        if self.failed_feeds or self.counts["rejected"] or self.counts["pages_failed"]:
            return "partial"
        return "not_modified" if self.counts["not_modified"] == self.counts["feeds"] else "ok"


class Shard:
    """Runs once: `await Shard(…).run()`."""

    def __init__(
        self,
        name: str,
        run_id: str,
        inputs: Inputs,
        store: Store,
        settings: Settings,
        now: datetime,
        force: bool = False,
        progress: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.name, self.run_id, self.now, self.force = name, run_id, now, force
        self._inputs, self._store, self._settings, self._progress = inputs, store, settings, progress
        self._pending_by_id = {row.article_id: row for row in inputs.pending}
        self._feeds: list[FeedState] = []
        self._items: list[ItemRow] = []
        self._pending: list[PendingRow] = []
        self._settled: list[str] = []
        self._reports: list[SourceReport] = []
        self._quarantine: list[Quarantined] = []
        self._stages = _Stages()
        self._removed: Counter[str] = Counter()
        # parsing and cleaning take the processor: one thread for them keeps the time limits of fetches honest
        self._cpu = ThreadPoolExecutor(1, thread_name_prefix="clean")

    async def run(self) -> ShardResult:
        """Fetch to staging. Raises StoreUnavailable and other errors of our own ends; never for a source's sake."""
        with tempfile.TemporaryDirectory(prefix="ingest-") as folder, self._cpu:
            key = raw.archive_key(self._store, self.run_id, self.name, self.now.date())
            self._archive = raw.RawArchive(Path(folder) / "raw.warc.gz", key)
            with staging.ArticleWriter(Path(folder) / "articles.jsonl.zst") as self._out:
                await self._all_sources()
            self._archive.upload(self._store)
            self._out.upload(self._store, self.run_id, self.name)
            self._save_quarantine()
            result = self._result()
            staging.write_result(self._store, self.run_id, self.name, result)
        return result

    async def _all_sources(self) -> None:
        s = self._settings
        slots = asyncio.Semaphore(s.fetch_concurrency)
        async with HttpFetcher(s.agent, s.allow_nets, s.host_delay_s, s.fetch_concurrency) as self._fetcher:

            async def one(source: Source) -> None:
                async with slots:
                    await self._guarded(source)
                    self._progress(source.id)

            async with asyncio.TaskGroup() as group:
                for source in self._inputs.sources:
                    group.create_task(one(source))

    async def _guarded(self, source: Source) -> None:
        """A bug that one source brings to light is that source's failure; an error of our own ends is the shard's."""
        tally = _Tally(source)
        with structlog.contextvars.bound_contextvars(source=source.id):
            try:
                await self._source(source, tally)
            except IngestError:
                raise
            except Exception as e:
                log.exception("bug")
                tally.counts["feeds"] = tally.failed_feeds = 1
                self._bug(tally, source.id, e, None)
            report = tally.report(self.name)
            self._reports.append(report)
            log.info("source", status=report.status, entries=report.entries, new=report.new, updated=report.updated)

    async def _source(self, source: Source, tally: _Tally) -> None:
        items = await self._fetch(source, tally)
        items += self._waiting(source, {item.article_id for item in items})
        known = self._inputs.known([item.article_id for item in items if item.article_id])
        fresh = [item for item in items if self._is_fresh(item, known, tally)]
        for chunk in _chunks(fresh, _PAGES_AT_ONCE):
            await asyncio.gather(*(self._item(source, item, known, tally) for item in chunk))

    # ── fetch and parse ─────────────────────────────────────────────────────────────────────────────────────────

    async def _fetch(self, source: Source, tally: _Tally) -> list[_Item]:
        states = {url: state for (id_, url), state in self._inputs.feeds.items() if id_ == source.id}
        due = [url for url in source.urls if is_due(source, states.get(url), self.now, self.force)]
        with self._stages.time("fetch", count=len(due)):
            feeds = await fetch_source(source, states, self.now, self._fetcher, due)
        items: list[_Item] = []
        for fetched in feeds:
            tally.counts["feeds"] += 1
            tally.counts["received_bytes"] += fetched.received_bytes
            tally.counts["not_modified"] += fetched.outcome == "not_modified"
            if fetched.outcome == "failed":
                self._stages.failed["fetch"] += 1
                tally.failed_feeds += 1
                self._reject(tally, fetched.url, fetched.error_code or "", fetched.url, fetched.error or "", None)
            items += await self._read(source, fetched, tally)
        return _one_per_item(items)

    async def _read(self, source: Source, fetched: Fetched, tally: _Tally) -> list[_Item]:
        """Archive and parse what came, and note when to ask again."""
        items: list[_Item] = []
        broken: str | None = None
        feed = None
        for payload in fetched.payloads:
            kept = payload.model_copy(update={"raw": self._archive.append(payload)})
            try:
                parsed = await self._work("parse", _parse, kept, source)
            except IngestError as e:
                self._stages.failed["parse"] += 1
                broken = str(e)
                self._reject(tally, payload.url, e.code, e.subject, _what(e), kept.raw)
                continue
            feed = parsed.feed
            items += self._entries(source, kept, parsed, tally)
        state = _unread(fetched.state, broken) if broken and not items else fetched.state
        tally.failed_feeds += state is not fetched.state
        outcome = "failed" if state is not fetched.state else fetched.outcome
        due = next_due(source, state, outcome, self.now, feed=feed, headers=fetched.headers)
        self._feeds.append(state.model_copy(update={"next_due_at": due}))
        return items

    def _entries(self, source: Source, payload: Payload, parsed: Parsed, tally: _Tally) -> list[_Item]:
        tally.counts["entries"] += len(parsed.entries) + len(parsed.rejects)
        tally.counts["warnings"] += len(parsed.warnings)
        for warning in parsed.warnings:
            tally.fault("warning", payload.url, warning)
        for reject in parsed.rejects:
            tally.counts["rejected"] += 1
            self._reject(tally, payload.url, reject.code, reject.place, reject.detail or "", payload.raw)
        items = []
        for entry in assign_identity(parsed.entries):
            guid = entry.guid or canonical_url(entry.url, entry.base_url)
            items.append(_Item(entry, payload, entry_hash(entry), article_id_of(source.id, guid) if guid else None))
        return items

    def _waiting(self, source: Source, here: set[str | None]) -> list[_Item]:
        """Items whose page failed before and whose time has come; those in the feed again are there already."""
        waiting = []
        for row in self._inputs.pending:
            if row.source_id == source.id and row.article_id not in here and row.next_try_at <= self.now:
                payload = Payload(source_id=source.id, url=row.entry.url or "", body=b"", fetched_at=self.now)
                waiting.append(_Item(row.entry, payload, entry_hash(row.entry), row.article_id, row))
        return waiting

    # ── extract and clean ───────────────────────────────────────────────────────────────────────────────────────

    def _is_fresh(self, item: _Item, known: Known, tally: _Tally) -> bool:
        """Whether there is work to do: an entry as it was last time, or waiting for its page's next try, has none."""
        row = known.items.get(item.article_id or "")
        if item.pending is None:
            waits = self._pending_by_id.get(item.article_id or "")
            if waits and entry_hash(waits.entry) == item.hash:
                item.pending = waits
                if waits.next_try_at > self.now:
                    tally.counts["unchanged"] += 1
                    return False
        if row and row.entry_hash == item.hash and item.pending is None:
            tally.counts["unchanged"] += 1
            return False
        return True

    async def _item(self, source: Source, item: _Item, known: Known, tally: _Tally) -> None:
        """One item to a staged article. A bug in reading it is one rejected item, with its traceback in the log."""
        place = item.entry.url or item.entry.guid or "an item without guid or URL"
        try:
            entry, ref = item.entry, item.payload.raw
            if needs_page(entry, source):
                entry, ref = await self._with_page(source, entry, tally)
            article = await self._work("clean", _clean, entry, source, item.payload.fetched_at or self.now, ref)
        except IngestError as e:
            tally.counts["pages_failed" if isinstance(e, FetchFailed) else "rejected"] += 1
            what = f"{_what(e)}; {self._try_later(source, item, e)}"
            self._reject(tally, place, e.code, e.subject, what, item.payload.raw)
        except Exception as e:
            log.exception("bug", item=place)
            tally.counts["rejected"] += 1
            self._bug(tally, place, e, item.payload.raw)
        else:
            if item.pending:
                self._settled.append(item.pending.article_id)
            self._stage(source, item, article, known, tally)

    async def _with_page(self, source: Source, entry: Entry, tally: _Tally) -> tuple[Entry, RawRef]:
        url = canonical_url(entry.url, entry.base_url)
        if url is None:
            raise NoContent(entry.url or "an item", "neither a text nor an address to fetch it from", "see the feed")
        tally.counts["pages"] += 1
        with self._stages.time("fetch"):
            answer = await self._fetcher.get(entry.url or url, source.limits, fetch_time=self.now)
        payload = answer.payload(source)
        tally.counts["received_bytes"] += answer.received_bytes
        ref = self._archive.append(payload)
        page = await self._work("extract", _extract, payload, source)
        return merge(entry, page), ref

    def _try_later(self, source: Source, item: _Item, error: IngestError) -> str:
        """Keep an item whose page can't be read: the feed may answer 304 from now on and never name it again.

        Returns what to say of it. After the last try it is settled until its entry changes.
        """
        attempts = (item.pending.attempts if item.pending else 0) + 1
        if item.article_id is None:
            return "not tried again: without guid and URL it can't be told from others"
        if attempts > len(_RETRY_PAGE):
            self._settled.append(item.article_id)
            self._items.append(self._given_up(source, item))
            return "given up until the feed changes it"
        wait = _RETRY_PAGE[attempts - 1]
        self._pending.append(
            PendingRow(
                article_id=item.article_id,
                source_id=source.id,
                entry=item.entry,
                attempts=attempts,
                last_error=str(error),
                next_try_at=self.now + wait,
            )
        )
        return f"tried again in {wait}"

    def _given_up(self, source: Source, item: _Item) -> ItemRow:
        """Version 0: seen, but never landed."""
        assert item.article_id is not None
        guid = item.entry.guid or item.entry.url or ""
        return ItemRow(
            article_id=item.article_id,
            source_id=source.id,
            guid=guid,
            entry_hash=item.hash,
            content_hash="",
            version=0,
            first_seen_at=self.now,
            last_seen_at=self.now,
        )

    def _stage(self, source: Source, item: _Item, article: Article, known: Known, tally: _Tally) -> None:
        row = known.items.get(article.article_id)
        if row is None and item.article_id != article.article_id:  # identity came from the content
            known = self._inputs.known([article.article_id])
            row = known.items.get(article.article_id)
        version = next_version(article, row, known.contents.get(article.article_id, {}))
        seen = self.now if row is None else row.first_seen_at
        if version is None:
            assert row is not None
            tally.counts["unchanged"] += 1
            self._items.append(row.model_copy(update={"entry_hash": item.hash, "last_seen_at": self.now}))
            return
        tally.counts["new" if version == 1 else "updated"] += 1
        self._removed.update(removed.kind for removed in article.removed)
        self._out.write(article.model_copy(update={"version": version, "run_id": self.run_id}))
        self._items.append(
            ItemRow(
                article_id=article.article_id,
                source_id=source.id,
                guid=article.guid,
                entry_hash=item.hash,
                content_hash=article.content_hash,
                version=version,
                provider_version=article.provider_version,
                updated=article.updated,
                first_seen_at=seen,
                last_seen_at=self.now,
            )
        )

    # ── ends ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _work(self, stage: str, function: Callable[..., T], *args: object) -> T:
        def timed() -> T:
            with self._stages.time(stage):
                return function(*args)

        return await asyncio.get_running_loop().run_in_executor(self._cpu, timed)

    def _reject(self, tally: _Tally, url: str | None, code: str, place: str, detail: str, ref: RawRef | None) -> None:
        tally.fault(code, place, detail)
        self._quarantine.append(
            Quarantined(source_id=tally.source.id, url=url, code=code, place=place, detail=detail, raw=ref)
        )

    def _bug(self, tally: _Tally, place: str, error: Exception, ref: RawRef | None) -> None:
        what = f"{type(error).__name__}: {error} (a bug of this program: please report it with the archived bytes)"
        tally.fault("bug", place, what)
        detail = what + "\n" + "".join(traceback.format_exception(error))
        self._quarantine.append(
            Quarantined(source_id=tally.source.id, url=None, code="bug", place=place, detail=detail, raw=ref)
        )

    def _save_quarantine(self) -> None:
        key = f"quarantine/{self.now.date().isoformat()}/{self.run_id}-{self.name}.jsonl"
        if self._quarantine:
            self._store.put(key, b"".join(orjson.dumps(q.model_dump(mode="json")) + b"\n" for q in self._quarantine))

    def _result(self) -> ShardResult:
        return ShardResult(
            run_id=self.run_id,
            shard=self.name,
            started_at=self.now,
            archive=self._archive.key if self._archive.records else None,
            feeds=tuple(self._feeds),
            items=tuple(self._items),
            pending=tuple(self._pending),
            settled=tuple(self._settled),
            sources=tuple(sorted(self._reports, key=lambda r: r.source_id)),
            stages=self._stages.reports(),
            removed=dict(self._removed),
        )


def next_version(article: Article, row: ItemRow | None, contents: Iterable[str]) -> int | None:
    """1 for a new item, one more for new content, None for nothing new.

    Content that the item had before is an old copy from some cache, unless its publisher dates it later than ours.
    """
    if row is None:
        return 1
    if article.content_hash == row.content_hash:
        return None
    newer = article.updated and row.updated and article.updated > row.updated
    return row.version + 1 if article.content_hash not in contents or newer else None


def _one_per_item(items: list[_Item]) -> list[_Item]:
    """The same item in several feeds of a source is one item: the one updated last, else the first."""
    chosen: dict[str, _Item] = {}
    rest = []
    for item in items:
        if item.article_id is None:
            rest.append(item)
            continue
        other = chosen.setdefault(item.article_id, item)
        if other is not item and item.entry.updated and other.entry.updated and item.entry.updated > other.entry.updated:
            chosen[item.article_id] = item
    return [*chosen.values(), *rest]


def _parse(payload: Payload, source: Source) -> Parsed:
    return parse(payload, source.format, source.limits.max_items)


def _extract(payload: Payload, source: Source) -> Entry:
    return extract(payload.body, payload.url, content_type=payload.content_type, rules=source.rules, zone=source.zone)


def _clean(entry: Entry, source: Source, fetched_at: datetime, ref: RawRef | None) -> Article:
    return clean(entry, source, fetched_at=fetched_at, raw=ref)


def _unread(state: FeedState, why: str) -> FeedState:
    """Without validators: a 304 next time would hide that nobody could read what they stand for."""
    forgotten = {"etag": None, "last_modified": None, "body_sha256": None}
    return state.model_copy(update={**forgotten, "failures": state.failures + 1, "last_error": why})


def _what(error: IngestError) -> str:
    return f"{error.why} ({error.hint})" if error.hint else error.why


def _chunks(items: list[_Item], size: int) -> Iterator[list[_Item]]:
    return (items[start : start + size] for start in range(0, len(items), size))


class _Stages:
    """Counts and seconds by stage."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.seconds: Counter[str] = Counter()

    @contextmanager
    def time(self, stage: str, count: int = 1) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self.counts[stage] += count
            self.seconds[stage] += time.perf_counter() - began

    def reports(self) -> tuple[StageReport, ...]:
        return tuple(
            StageReport(stage=s, count=self.counts[s], failed=self.failed[s], seconds=round(self.seconds[s], 3))  # type: ignore[arg-type]
            for s in ("fetch", "parse", "extract", "clean")
        )
