"""The shard at work: fetch → archive → parse → page → clean → staging, source by source."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from string import ascii_lowercase, digits
from typing import TypeVar

import structlog

from ingest.clean import clean
from ingest.clean.learned import NOTHING, Learned, LearnedRule, in_force
from ingest.clean.quality import hopeless
from ingest.dedupe.identity import assign_identity, entry_hash
from ingest.dedupe.takes import keys_of
from ingest.errors import Crashed, Disallowed, FetchFailed, Hopeless, IngestError, NoContent, Paused, StoreUnavailable
from ingest.extract import MAX_PAGES, extract, join_pages, merge, needs_page, next_page
from ingest.fetch import HttpFetcher, fetch_source, is_due, scheduled
from ingest.fetch.feedstate import after_unread
from ingest.fetch.fleet import each_source
from ingest.fetch.hosts import KnownHosts, is_paused
from ingest.isolation import Isolated, Limits
from ingest.land import raw, staging
from ingest.land.store import Store, scratch
from ingest.model import Article, Entry, FeedState, Fetched, Parsed, Payload, RawRef, Source
from ingest.parse import parse
from ingest.report import Stage
from ingest.settings import Settings
from ingest.shard.item import Item, in_turn, item_id, with_takes
from ingest.shard.older import Backfill, Walk
from ingest.shard.outbox import Outbox, ShardResult
from ingest.shard.tally import Tally
from ingest.state.models import ItemRow, PendingRow
from ingest.takedown.tombstone import NOTHING_REFUSED, Refusals, keys_of_item
from ingest.urls import canonical_url
from ingest.versions import latest_of, next_version

log = structlog.get_logger()
T = TypeVar("T")

_PAGES_AT_ONCE = 8
_DEATHS_A_SOURCE = 3  # then the rest of it waits: each may have cost a minute
_WAIT_S = 3600.0


@dataclass(frozen=True)
class Known:
    """What the state has of some items: their latest versions, and content hash → version of all they ever had."""

    items: Mapping[str, ItemRow]
    contents: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Inputs:
    """What a shard is given, looked up by the caller: this package never asks the state itself."""

    sources: Sequence[Source]
    feeds: Mapping[tuple[str, str], FeedState]
    pending: Sequence[PendingRow]
    known: Callable[[Sequence[str]], Known]  # by article ids
    pieces: Callable[[str, Collection[str]], Sequence[Entry]]  # takes that came before, by source id and their keys
    learned: Mapping[str, Sequence[LearnedRule]] = field(default_factory=dict)  # by source id
    hosts: KnownHosts = field(default_factory=KnownHosts)
    refusals: Refusals = NOTHING_REFUSED
    backfill: Backfill | None = None


class ShardRun:
    """Runs once: `await ShardRun(…).run()`. `force` asks feeds before they are due; `progress` gets source ids.

    `fetcher` knows what is new of hosts, also when the run fails.
    """

    def __init__(
        self,
        outbox: Outbox,
        inputs: Inputs,
        store: Store,
        settings: Settings,
        *,
        force: bool = False,
        progress: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._box, self._inputs, self._store, self._settings = outbox, inputs, store, settings
        self._force, self._progress, self._now = force, progress, outbox.now
        s = settings
        self.fetcher = HttpFetcher(s.agent, s.allow_nets, s.host_delay_s, s.fetch_concurrency, hosts=inputs.hosts)
        self._began = time.monotonic()
        self._pending = {row.article_id: row for row in inputs.pending}
        self._staged: dict[str, ItemRow] = {}  # the newest version of each item that this run has staged
        # parsing and cleaning take the processor: a thread that waits for them keeps the time limits of fetches honest
        self._cpu = ThreadPoolExecutor(1, thread_name_prefix="clean")
        language = "en" if all(source.language for source in inputs.sources) else None
        self._apart = Isolated(Limits(s.step_cpu_s, s.step_memory_mb), lambda: warmed_up(language))
        self._deaths: Counter[str] = Counter()  # by source id

    async def run(self) -> ShardResult:
        """Fetch to staging. Raises StoreUnavailable and other errors of our own ends; never for a source's sake."""
        box, store = self._box, self._store
        with scratch() as folder, self._processor():
            key = raw.archive_key(store, box.run_id, box.shard, self._now.date())
            self._archive = raw.RawArchive(folder / "raw.warc.gz", key)
            with staging.RowWriter(folder / "articles.jsonl.zst") as self._out:
                await self._all_sources()
            self._archive.upload(store)
            staging.delete_result(store, box.run_id, box.shard)
            self._out.upload(store, box.run_id, box.shard)
            box.save_quarantine(store)
            result = box.result(key if self._archive.records else None)
            staging.write_result(store, box.run_id, box.shard, result)
        return result

    @contextmanager
    def _processor(self) -> Iterator[None]:
        """What parses and cleans, up to its end: closed by the thread that uses it, when that is through."""
        with self._cpu:
            try:
                yield
            finally:
                self._cpu.submit(self._apart.close).result()

    async def _all_sources(self) -> None:
        s = self._settings

        async def one(source: Source) -> None:
            await self._guarded(source)
            self._progress(source.id)

        async with self.fetcher:
            await each_source(self._inputs.sources, one, s.fetch_concurrency, polite=s.host_delay_s > 0)

    async def _guarded(self, source: Source) -> None:
        """A bug that one source brings to light is that source's failure; an error of our own ends is the shard's."""
        tally = Tally(source)
        with structlog.contextvars.bound_contextvars(run=self._box.run_id, shard=self._box.shard, source=source.id):
            try:
                await self._source(source, tally)
            except IngestError:
                raise
            except Exception as e:
                log.exception("bug")
                tally.fail()
                self._box.bug(tally, source.id, e)
            report = tally.report(self._box.shard)
            self._box.report(report)
            log.info("source", status=report.status, entries=report.entries, new=report.new, updated=report.updated)

    async def _source(self, source: Source, tally: Tally) -> None:
        items = self._joined(source, await self._fetch(source, tally))
        items += self._waiting(source, {item.article_id for item in items})
        known = self._inputs.known([item.article_id for item in items if item.article_id])
        await self._items(source, [item for item in items if self._is_fresh(item, known, tally)], known, tally)

    # ── fetch and parse ─────────────────────────────────────────────────────────────────────────────────────────

    async def _fetch(self, source: Source, tally: Tally) -> list[Item]:
        states = {url: state for (id_, url), state in self._inputs.feeds.items() if id_ == source.id}
        if self._inputs.backfill:  # a 304 has no link to what was before
            states = {url: state.without_validators() for url, state in states.items()}
        due = [url for url in source.urls if self._is_due(source, url, states.get(url))]
        with self._box.stages.time("fetch", count=len(due)):
            feeds = await fetch_source(source, states, self._clock(), self.fetcher, due)
        items: list[Item] = []
        for fetched in feeds:
            tally.counts["feeds"] += 1
            tally.counts["received_bytes"] += fetched.received_bytes
            tally.counts["not_modified"] += fetched.outcome == "not_modified"
            if fetched.outcome == "paused":
                tally.fault("paused", fetched.url, fetched.error or "")
            if fetched.outcome == "failed":
                self._box.stages.failed["fetch"] += 1
                tally.failed_feeds += 1
                what = (fetched.error or "").removeprefix(f"{fetched.url}: ")
                self._box.refuse(tally, fetched.error_code or "fetch-failed", fetched.url, what)
            items += await self._read(source, fetched, tally)
        return in_turn(items)

    def _is_due(self, source: Source, url: str, state: FeedState | None) -> bool:
        paused = is_paused(self._inputs.hosts.pauses, url, state, self._now)
        return is_due(source, state, self._now, self._force) and not paused

    def _clock(self) -> datetime:
        """The run's time, and what has passed since: a publisher's `come back in` counts from the answer."""
        return self._now + timedelta(seconds=time.monotonic() - self._began)

    async def _read(self, source: Source, fetched: Fetched, tally: Tally) -> list[Item]:
        """Archive and parse what came, and note when to ask again."""
        items: list[Item] = []
        broken = feed = None
        tally.counts["rejected"] += len(fetched.rejects)
        for reject in fetched.rejects:  # files of a folder
            self._box.refuse(tally, reject.code, reject.place, reject.detail or "")
        for payload in fetched.payloads:
            try:
                parsed, found = await self._payload(source, payload, tally)
            except StoreUnavailable:  # our own end, not the source's
                raise
            except IngestError as e:
                broken = str(e)
                continue
            feed = parsed.feed
            items += [*found, *await self._older(source, payload.url, parsed, tally)]
        state, outcome = fetched.state, fetched.outcome
        if broken and not items:
            before = self._inputs.feeds.get((source.id, state.url))
            state, outcome = after_unread(state, before, broken), "failed"
            tally.failed_feeds += 1
        self._box.feed(scheduled(source, state, outcome, self._clock(), feed=feed, headers=fetched.headers))
        return items

    async def _payload(self, source: Source, payload: Payload, tally: Tally) -> tuple[Parsed, list[Item]]:
        """Archived, unless it comes from there, and parsed. Raises what parsing does, once it is told."""
        kept = payload if payload.raw else payload.model_copy(update={"raw": self._archive.append(payload)})
        try:
            parsed = await self._work("parse", source, payload.url, _parse, kept, source)
        except IngestError as e:
            self._box.stages.failed["parse"] += 1
            self._box.reject(tally, e, payload.url, kept.raw)
            raise
        found = self._entries(source, kept.model_copy(update={"body": b""}), parsed, tally)
        return parsed, self._without_refused(found, kept.raw, tally)

    def _without_refused(self, items: list[Item], ref: RawRef | None, tally: Tally) -> list[Item]:
        """The items that may land. With one that may not, what it came in is not kept either."""
        by_takedown = [(item, self._refused_by(item)) for item in items]
        for item, takedown_id in by_takedown:
            if takedown_id:
                self._box.taken_down(tally, keys_of_item(item.article_id, item.address), takedown_id)
                self._archive.drop(ref, f"taken down: {takedown_id}")
        return [item for item, takedown_id in by_takedown if not takedown_id]

    def _refused_by(self, item: Item) -> str | None:
        return self._inputs.refusals.of_item(item.article_id, item.address)

    async def _older(self, source: Source, url: str, parsed: Parsed, tally: Tally) -> list[Item]:
        """What is in the sitemaps of an index, and in a backfill also what the feed had before."""
        walk, items = Walk(url, parsed, self._inputs.backfill), list[Item]()
        while there := walk.next():
            (fetched,) = await fetch_source(source, {}, self._clock(), self.fetcher, [there])
            tally.counts["received_bytes"] += fetched.received_bytes
            if fetched.outcome != "new":
                tally.fault(fetched.error_code or "empty", there, fetched.error or "nothing came")
                continue
            for payload in fetched.payloads:
                try:
                    page, found = await self._payload(source, payload, tally)
                except StoreUnavailable:  # our own end, not the source's
                    raise
                except IngestError:
                    continue
                walk.arrive(there, page)
                items += [item for item in found if walk.wants(item.entry)]
        return items

    def _entries(self, source: Source, payload: Payload, parsed: Parsed, tally: Tally) -> list[Item]:
        tally.counts["entries"] += len(parsed.entries) + len(parsed.rejects)
        tally.counts["rejected"] += len(parsed.rejects)
        tally.counts["warnings"] += len(parsed.warnings)
        for warning in parsed.warnings:
            tally.fault("warning", payload.url, warning)
        for reject in parsed.rejects:
            self._box.refuse(tally, reject.code, f"{payload.url} {reject.place}", reject.detail or "", payload.raw)
        entries = assign_identity(parsed.entries)
        return [Item(entry, payload, entry_hash(entry), item_id(source.id, entry)) for entry in entries]

    def _joined(self, source: Source, items: list[Item]) -> list[Item]:
        """Adds in their stories; the pieces are remembered for those still to come."""
        keys = {key for item in items for key in keys_of(item.entry)}
        if not keys:
            return items
        for item in items:
            for key in keys_of(item.entry):
                self._box.piece(source, key, item.entry)
        return with_takes(source.id, items, self._inputs.pieces(source.id, keys))

    # ── which items need work ───────────────────────────────────────────────────────────────────────────────────

    def _waiting(self, source: Source, here: set[str | None]) -> list[Item]:
        """Items whose page failed before and whose time has come; those in the feed again are there already."""
        waiting = []
        for row in self._inputs.pending:
            if row.source_id == source.id and row.article_id not in here and row.next_try_at <= self._now:
                payload = Payload(source_id=source.id, url=row.entry.url or "", body=b"", fetched_at=self._now)
                waiting.append(Item(row.entry, payload, entry_hash(row.entry), row.article_id, row))
        return waiting

    def _is_fresh(self, item: Item, known: Known, tally: Tally) -> bool:
        """Whether there is work: none for an entry as it was last time, or whose page waits for its next try."""
        row = known.items.get(item.article_id or "")
        waits = self._pending.get(item.article_id or "")
        if waits and entry_hash(waits.entry) == item.hash:
            item.pending = waits
            fresh = waits.next_try_at <= self._now
        else:
            fresh = row is None or row.entry_hash != item.hash
        tally.counts["unchanged"] += not fresh
        return fresh

    # ── extract, clean, stage ───────────────────────────────────────────────────────────────────────────────────

    async def _items(self, source: Source, items: list[Item], known: Known, tally: Tally) -> None:
        for chunk in _chunks(items, _PAGES_AT_ONCE):
            await asyncio.gather(*(self._item(source, item, known, tally) for item in chunk))

    async def _item(self, source: Source, item: Item, known: Known, tally: Tally) -> None:
        """One item to a staged article. A bug in reading it is one rejected item, with its traceback in quarantine."""
        try:
            entry, ref = item.entry, item.payload.raw
            if needs_page(entry, source):
                entry, ref = await self._with_page(source, item, tally)
            learned, fetched_at = self._learned(source, item, known), item.payload.fetched_at or self._now
            article = Article.model_validate_json(
                await self._work("clean", source, item.place, _clean, entry, source, learned, fetched_at, ref)
            )
            if why := hopeless(article):
                raise Hopeless(item.place, f"no story is left of it: {why}", "look at its page; a rule may help")
        except StoreUnavailable:  # our own end, not the source's
            raise
        except IngestError as e:
            tally.counts["pages_failed" if isinstance(e, FetchFailed) else "rejected"] += 1
            log.info("rejected", code=e.code, article=item.article_id, item=item.place, why=e.why)
            self._box.reject(tally, e, item.place, item.payload.raw, self._box.try_later(source, item, e))
        except Exception as e:
            log.exception("bug", article=item.article_id, item=item.place)
            tally.counts["rejected"] += 1
            self._box.try_later(source, item, e)  # by then the bug may be mended
            self._box.bug(tally, item.place, e, item.payload.raw)
        else:
            if item.article_id in self._pending:
                self._box.settle(article.article_id)
            if takedown_id := self._inputs.refusals.of_article(article):
                self._box.taken_down(tally, keys_of_item(article.article_id, article.url), takedown_id)
                for one in (item.payload.raw, ref):
                    self._archive.drop(one, f"taken down: {takedown_id}")
            else:
                self._stage(source, item, article, known, tally)

    def _learned(self, source: Source, item: Item, known: Known) -> Learned:
        """Rules for the item. None if its content is its identity: a new rule would make another article of it."""
        rules = self._inputs.learned.get(source.id)
        if not rules or item.article_id is None:
            return NOTHING
        row = known.items.get(item.article_id)
        return in_force(rules, row.first_seen_at if row else self._now)

    async def _with_page(self, source: Source, item: Item, tally: Tally) -> tuple[Entry, RawRef | None]:
        """The entry with its page, and where that is. If robots.txt keeps us from it, what the feed says is all."""
        entry = item.entry
        url = canonical_url(entry.url, entry.base_url)
        if url is None:
            raise NoContent(entry.url or "an item", "neither a text nor an address to fetch it from", "see the feed")
        try:
            page, ref = await self._page(source, item, url, tally)
        except Disallowed as e:
            if not (entry.html or entry.summary_html):
                raise
            tally.counts["warnings"] += 1
            tally.fault(e.code, item.place, f"{e.why}; landed with the feed's own text")
            return entry, item.payload.raw
        return merge(entry, await self._with_rest(source, item, url, page, tally)), ref

    async def _with_rest(self, source: Source, item: Item, url: str, first: Entry, tally: Tally) -> Entry:
        """A story that goes on on further pages, whole; as far as it goes if one of them fails."""
        pages, seen = [first], {url}
        while (there := next_page(pages[-1])) and there not in seen and len(pages) < MAX_PAGES:
            seen.add(there)
            try:
                pages.append((await self._page(source, item, there, tally))[0])
            except StoreUnavailable:  # our own end, not the source's
                raise
            except IngestError as e:
                tally.fault(e.code, there, f"page {len(pages) + 1} of the story is missing: {e.why}")
                break
        return join_pages(pages)

    async def _page(self, source: Source, item: Item, url: str, tally: Tally) -> tuple[Entry, RawRef | None]:
        tally.counts["pages"] += 1
        payload = await self._asked(source, item, url, tally)
        return await self._work("extract", source, url, _extract, payload, source), payload.raw

    async def _asked(self, source: Source, item: Item, url: str, tally: Tally) -> Payload:
        """A page of the item, archived."""
        with self._box.stages.time("fetch"):
            answer = await self.fetcher.page(url, source, self._clock())
        tally.counts["received_bytes"] += answer.received_bytes
        payload = answer.payload(source).model_copy(update={"page_url": url})
        return payload.model_copy(update={"raw": self._archive.append(payload)})

    def _stage(self, source: Source, item: Item, article: Article, known: Known, tally: Tally) -> None:
        if item.article_id != article.article_id:  # only its content told who it is
            known = self._inputs.known([article.article_id])
        row = self._staged.get(article.article_id) or known.items.get(article.article_id)
        contents = known.contents.get(article.article_id, {})
        version = next_version(article, latest_of(row) if row else None, contents)
        if version is None:
            assert row is not None
            tally.counts["unchanged"] += 1
            self._box.unchanged(item, row)
            return
        tally.counts["new" if version == 1 else "updated"] += 1
        if version == 1:
            tally.came(article)
        self._out.write(article.model_copy(update={"version": version, "run_id": self._box.run_id}))
        self._staged[article.article_id] = self._box.landed(source, item, article, version, row)

    async def _work(self, stage: Stage, source: Source, place: str, function: Callable[..., T], *args: object) -> T:
        """A step of the pure part, apart. Raises what it does, Crashed if it takes its process down, and Paused for a
        source of which several have: what is left of it is tried with a later run.
        """

        def step() -> T:
            if self._deaths[source.id] >= _DEATHS_A_SOURCE:
                why = f"{_DEATHS_A_SOURCE} others of its source crashed or hung in this run"
                raise Paused(place, why, seconds=_WAIT_S)
            try:
                with self._box.stages.time(stage):
                    return self._apart.run(place, function, *args)
            except Crashed:
                self._deaths[source.id] += 1
                raise

        return await asyncio.get_running_loop().run_in_executor(self._cpu, step)


@cache
def warmed_up(language: str | None) -> None:
    """What cleaning loads and compiles late is there once in this process, for the workers of all its shards: without a
    `language` also what guesses one, a second of work.
    """
    letters = "".join(f"<p>{one} paragraph that begins with this.</p>" for one in ascii_lowercase + digits)
    clean(Entry(headline="A story", html=letters), Source(id="warm", name="Warm", urls=(), language=language))


def _parse(payload: Payload, source: Source) -> Parsed:
    return parse(payload, source.format, source.limits.max_items)


def _extract(payload: Payload, source: Source) -> Entry:
    return extract(payload.body, payload.url, content_type=payload.content_type, rules=source.rules, zone=source.zone)


def _clean(entry: Entry, source: Source, learned: Learned, fetched_at: datetime, ref: RawRef | None) -> str:
    """The article as JSON: half the cost of a pickle on the way back."""
    return clean(entry, source, learned=learned, fetched_at=fetched_at, raw=ref).model_dump_json()


def _chunks(items: list[Item], size: int) -> Iterator[list[Item]]:
    """At most `size` items that may be worked on at once: versions of one item come one after the other."""
    chunk: list[Item] = []
    for item in items:
        if len(chunk) == size or any(other.article_id == item.article_id for other in chunk if item.article_id):
            yield chunk
            chunk = []
        chunk.append(item)
    if chunk:
        yield chunk
