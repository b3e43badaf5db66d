"""One item on its way through a shard. Pure."""

from collections.abc import Container, Iterable
from dataclasses import dataclass

from ingest.model import Article, Entry, Payload, article_id_of
from ingest.state.models import ItemRow, PendingRow
from ingest.urls import canonical_url


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
    def place(self) -> str:
        return self.entry.url or self.entry.guid or f"an item without guid or URL of {self.payload.url}"


def item_id(source_id: str, entry: Entry) -> str | None:
    guid = entry.guid or canonical_url(entry.url, entry.base_url)
    return article_id_of(source_id, guid) if guid else None


def next_version(article: Article, row: ItemRow | None, contents: Container[str]) -> int | None:
    """1 for a new item, one more for new content, None for nothing new.

    Content that the item had before (`contents` are the hashes) is an old copy from some cache, unless its publisher
    dates it later than ours.
    """
    if row is None:
        return 1
    if article.content_hash == row.content_hash:
        return None
    newer = article.updated and row.updated and article.updated > row.updated
    return row.version + 1 if article.content_hash not in contents or newer else None


def one_per_item(items: Iterable[Item]) -> list[Item]:
    """The same item in several feeds of a source is one item: the one updated last, else the first."""
    chosen: dict[str, Item] = {}
    unknown = []
    for item in items:
        if item.article_id is None:
            unknown.append(item)
            continue
        other = chosen.setdefault(item.article_id, item)
        ours, theirs = item.entry.updated, other.entry.updated
        if ours and theirs and ours > theirs:
            chosen[item.article_id] = item
    return [*chosen.values(), *unknown]
