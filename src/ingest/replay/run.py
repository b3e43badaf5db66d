"""A shard of a replay: as a shard of a run, with the archive in place of the network."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from ingest.dedupe.takes import keys_of
from ingest.errors import IngestError, NoContent
from ingest.extract import needs_page
from ingest.land import staging
from ingest.land.store import Store, scratch
from ingest.model import Article, Entry, Payload, RawRef, Source
from ingest.replay.archive import Archive
from ingest.replay.differences import Tell, differences
from ingest.settings import Settings
from ingest.shard import Inputs, Known, ShardResult, ShardRun
from ingest.shard.item import Item, in_turn, with_takes
from ingest.shard.outbox import Outbox
from ingest.shard.tally import Tally
from ingest.state.models import ItemRow
from ingest.urls import canonical_url
from ingest.versions import in_order

REPROCESSED = "reprocessed: read again from the archive with the rules of a later day"


@dataclass(frozen=True)
class Standing:
    """How the articles of a source stand, looked up by the caller: as they last landed, and which are killed."""

    landed: Mapping[str, Article]
    killed: Collection[str]


class ReplayOutbox(Outbox):
    """Of what a shard leaves, the articles alone: a replay has seen no feed, and asks for no page again."""

    def feed(self, state: object) -> None:
        """What was known of the feed stays."""

    def piece(self, source: Source, key: str, entry: Entry) -> None:
        """Of a day that is over."""

    def try_later(self, source: Source, item: Item, error: Exception) -> str:
        return "left as it is"

    def landed(self, source: Source, item: Item, article: Article, version: int, row: ItemRow | None) -> ItemRow:
        """What the feed said last of a known item stays known, so that the next run finds it unchanged."""
        known = super().landed(source, item, article, version, row)
        if row is None:
            return known
        seen = {name: getattr(row, name) for name in ("entry_hash", "last_seen_at")}
        self._items[-1] = kept = known.model_copy(update=seen)
        return kept

    def result(self, archive: str | None) -> ShardResult:
        return super().result(archive).model_copy(update={"is_replay": True})


class ReplayRun(ShardRun):
    """Runs once: `run()` stages what comes out otherwise than it has landed, `dry_run()` only tells it.

    `standing` gets a source's id and the ids of its articles that are asked for.
    """

    def __init__(
        self,
        outbox: ReplayOutbox,
        inputs: Inputs,
        store: Store,
        settings: Settings,
        archive: Archive,
        standing: Callable[[str, Collection[str]], Standing],
        tell: Tell,
        progress: Callable[[str], None] = lambda _: None,
    ) -> None:
        super().__init__(outbox, inputs, store, settings, progress=progress)
        self._bytes, self._standing, self._tell = archive, standing, tell
        self._landed: Mapping[str, Article] = {}  # of the source at work: one after the other

    async def dry_run(self) -> ShardResult:
        with (
            scratch() as folder,
            self._processor(),
            staging.RowWriter(folder / "articles.jsonl.zst") as self._out,
        ):
            await self._all_sources()
        return self._box.result(None)

    async def _all_sources(self) -> None:
        for source in self._inputs.sources:
            await self._guarded(source)
            self._progress(source.id)

    async def _source(self, source: Source, tally: Tally) -> None:
        items = await self._brought(source, tally)
        known = self._inputs.known(list(items))
        standing = self._standing(source.id, items.keys())
        self._landed, left = standing.landed, Counter[str]()
        current = []
        for article_id, several in items.items():
            item = self._whole(source, several)
            row, landed = known.items.get(article_id), standing.landed.get(article_id)
            if why := _left(item, row, landed, is_killed=article_id in standing.killed):
                left[why] += 1
            elif item:
                current.append(item)
        tally.counts["unchanged"] += left.total()
        if left:
            what = ", ".join(f"{count} {why}" for why, count in sorted(left.items()))
            tally.fault("left", source.id, f"left as they are: {what}")
        await self._items(source, current, known, tally)

    # ── what runs brought ───────────────────────────────────────────────────────────────────────────────────────

    async def _brought(self, source: Source, tally: Tally) -> dict[str, list[Item]]:
        """By article id, oldest first: each item with what it became. Without those that only their content tells."""
        found: dict[str, list[Item]] = defaultdict(list)
        wire: list[list[Item]] = []  # by run: what may be a piece of a story
        nameless = 0

        def add(item: Item) -> None:
            several = found[item.article_id or ""]
            if not several or several[-1].hash != item.hash:
                several.append(item)

        for _, payloads in groupby(self._bytes.feeds(source.id), key=_archive_of):
            items = await self._run_of(source, payloads, tally)
            wire.append([item for item in items if keys_of(item.entry)])
            nameless += sum(item.article_id is None for item in items)
            for item in items:
                if item.article_id and not keys_of(item.entry):
                    add(item)
        for item in self._joined_again(source, wire):
            add(item)
        if nameless:
            tally.fault("left", source.id, f"{nameless} items without guid and URL cannot be told from others")
        return {id_: in_order(sorted(several, key=_fetched_at)) for id_, several in found.items()}

    async def _run_of(self, source: Source, payloads: Iterable[Payload], tally: Tally) -> list[Item]:
        """The items of one run, as it had them before it joined takes."""
        items: list[Item] = []
        for payload in payloads:
            tally.counts["feeds"] += 1
            today = payload.model_copy(update={"zone": source.zone, "language": source.language})
            try:
                items += (await self._payload(source, today, tally))[1]
            except IngestError:
                tally.failed_feeds += 1
        return in_turn(items)

    def _joined_again(self, source: Source, wire: Sequence[Sequence[Item]]) -> Iterator[Item]:
        """Adds in their stories, run by run, so that each has what had come by then. An add alone is no article."""
        keys = {key for run in wire for item in run for key in keys_of(item.entry)}
        brought = {_piece(item.entry) for run in wire for item in run}
        before = [one for one in self._inputs.pieces(source.id, keys) if _piece(one) not in brought] if keys else []
        for run in wire:
            for item in with_takes(source.id, list(run), before):
                if item.article_id and not (item.entry.take and item.entry.take.is_add):
                    yield item
            before += [item.entry for item in run]

    def _whole(self, source: Source, several: Sequence[Item]) -> Item | None:
        """The last version of an item of which all is there: in many runs a feed named it, and its page was asked
        for in one."""
        return next((item for item in reversed(several) if self._has_page(source, item)), None)

    def _has_page(self, source: Source, item: Item) -> bool:
        return (
            not needs_page(item.entry, source) or self._page_of(source, item) is not None or self._landed_without(item)
        )

    def _page_of(self, source: Source, item: Item) -> RawRef | None:
        url = canonical_url(item.entry.url, item.entry.base_url)
        return self._bytes.page_since(source.id, url, item.payload.fetched_at)

    def _landed_without(self, item: Item) -> bool:
        """Whether it landed with the feed's own text, since robots.txt kept us from its page."""
        landed = self._landed.get(item.article_id or "")
        return landed is not None and landed.raw is not None and landed.raw == item.payload.raw

    # ── extract, stage ──────────────────────────────────────────────────────────────────────────────────────────

    async def _with_page(self, source: Source, item: Item, tally: Tally) -> tuple[Entry, RawRef | None]:
        if self._page_of(source, item) is None and self._landed_without(item):
            return item.entry, item.payload.raw
        return await super()._with_page(source, item, tally)

    async def _asked(self, source: Source, item: Item, url: str, tally: Tally) -> Payload:
        ref = self._bytes.page_since(source.id, url, item.payload.fetched_at)
        if ref is None:
            raise NoContent(url, "the page is not in the archive", "replay the run that fetched it too")
        return self._bytes.read(ref)

    def _stage(self, source: Source, item: Item, article: Article, known: Known, tally: Tally) -> None:
        old = self._landed.get(article.article_id)
        changes = list(differences(old, article))
        if not changes:
            tally.counts["unchanged"] += 1
            return
        for change in changes:
            self._tell(change)
        tally.counts["updated" if old else "new"] += 1
        new = _renewed(article, old).model_copy(update={"run_id": self._box.run_id})
        self._out.write(new)
        row = known.items.get(article.article_id)
        self._staged[article.article_id] = self._box.landed(source, item, new, new.version, row)


def _archive_of(payload: Payload) -> str:
    return payload.raw.archive if payload.raw else ""


def _fetched_at(item: Item) -> datetime:
    return item.payload.fetched_at or datetime.min.replace(tzinfo=UTC)


def _piece(entry: Entry) -> tuple[str | None, str | None]:
    return entry.guid, entry.provider_version


def _left(item: Item | None, row: ItemRow | None, landed: Article | None, *, is_killed: bool) -> str | None:
    """Why an article stays as it is; None if its bytes are to be read again."""
    if is_killed or (landed and landed.pub_status == "canceled"):
        return "killed"
    if item is None:
        return "without their page in these archives"
    if row and row.version and landed is None:
        return "no longer in the table"
    if landed and _after(landed.fetched_at, item.payload.fetched_at):
        return "landed later from other bytes"
    return None


def _after(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and other is not None and one > other


def _renewed(article: Article, old: Article | None) -> Article:
    """The next version of what has landed, in its place among the others: it is not its publisher's update."""
    if old is None:
        return article
    kept = ("story_id", "relation", "duplicate_of", "similarity", "evidence")
    return article.model_copy(
        update={name: getattr(old, name) for name in kept}
        | {"version": old.version + 1, "warnings": (*article.warnings, REPROCESSED)}
    )
