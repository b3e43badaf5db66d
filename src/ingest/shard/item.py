"""One item on its way through a shard. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ingest.dedupe.identity import entry_hash
from ingest.dedupe.takes import adopt_guids, join_takes, keys_of
from ingest.model import Entry, Payload, article_id_of
from ingest.state.models import PendingRow
from ingest.urls import canonical_url
from ingest.versions import in_order


@dataclass
class Item:
    """An entry with the payload it came in. `hash` is the entry's as sent.

    `article_id` is None for an item without guid and URL: only its cleaned content tells who it is. `pending` is set
    for an item whose page failed before.
    """

    entry: Entry
    payload: Payload
    hash: str
    article_id: str | None
    pending: PendingRow | None = None

    @property
    def provider_version(self) -> str | None:
        return self.entry.provider_version

    @property
    def updated(self) -> datetime | None:
        return self.entry.updated

    @property
    def address(self) -> str | None:
        return canonical_url(self.entry.url, self.entry.base_url)

    @property
    def place(self) -> str:
        return self.entry.url or self.entry.guid or f"an item without guid or URL of {self.payload.url}"


def item_id(source_id: str, entry: Entry) -> str | None:
    guid = entry.guid or canonical_url(entry.url, entry.base_url)
    return article_id_of(source_id, guid, entry.provider_version) if guid else None


def with_takes(source_id: str, items: list[Item], earlier: Sequence[Entry]) -> list[Item]:
    """The items with adds in their stories and replacements as versions of what they replace (see `dedupe.takes`).

    A story whose first take came before is an item again, with the bytes of its add.
    """
    entries = adopt_guids([item.entry for item in items], earlier)
    adopted = [_with_entry(source_id, item, entry) for item, entry in zip(items, entries, strict=True)]
    by_entry = {id(item.entry): item for item in adopted}
    by_key = {key: item for item in adopted for key in keys_of(item.entry)}
    joined = []
    for entry in join_takes(entries, earlier):
        if item := by_entry.get(id(entry)):
            joined.append(item)
            continue
        own = next((item for item in adopted if item.entry.guid == entry.guid), None)
        add = next(by_key[key] for key in keys_of(entry) if key in by_key)
        joined.append(_with_entry(source_id, own or add, entry))
    return joined


def _with_entry(source_id: str, item: Item, entry: Entry) -> Item:
    if entry is item.entry:
        return item
    return replace(item, entry=entry, hash=entry_hash(entry), article_id=item_id(source_id, entry))


def in_turn(items: Iterable[Item]) -> list[Item]:
    """One item a version: the versions that a wire sent since the last poll, oldest first.

    The same item in several feeds, without a version that its publisher counts, is one: the one updated last, else
    the first.
    """
    versions: dict[tuple[str, str | None], Item] = {}
    unknown = []
    for item in items:
        if item.article_id is None:
            unknown.append(item)
            continue
        key = item.article_id, item.entry.provider_version
        other = versions.setdefault(key, item)
        ours, theirs = item.entry.updated, other.entry.updated
        if ours and theirs and ours > theirs:
            versions[key] = item
    by_item: dict[str, list[Item]] = {}
    for (article_id, _), item in versions.items():
        by_item.setdefault(article_id, []).append(item)
    return [*(item for several in by_item.values() for item in in_order(several)), *unknown]
