"""What a shard that was at work when its article was taken down has still left: found when its run lands."""

from __future__ import annotations

from ingest.land import raw
from ingest.land.store import Store
from ingest.model import Payload
from ingest.shard import ShardResult
from ingest.shard.item import item_id
from ingest.takedown.tombstone import Refusals
from ingest.takedown.traces import entries_of
from ingest.urls import canonical_url


def without_refused(shard: ShardResult, refusals: Refusals) -> ShardResult:
    """A shard's result without what would bring the text, or the item, back into the state."""
    if not refusals:
        return shard
    return shard.model_copy(
        update={
            "items": tuple(one for one in shard.items if not refusals.of_item(one.article_id, None)),
            "pending": tuple(one for one in shard.pending if not refusals.of_item(one.article_id, one.entry.url)),
            "pieces": tuple(
                one
                for one in shard.pieces
                if not refusals.of_item(item_id(one.source_id, one.entry), canonical_url(one.entry.url))
            ),
        }
    )


def erase_refused(store: Store, run_id: str, refusals: Refusals) -> int:
    """Erase the records of a run's archives that a refused item came in; how many."""
    payloads = (one for key in raw.archives(store, run_id=run_id) for one in raw.iter_raw(store, key))
    refs = (one.raw for one in payloads if isinstance(one, Payload) and one.raw and _holds(one, refusals))
    return raw.erase(store, refs, "taken down")


def _holds(payload: Payload, refusals: Refusals) -> bool:
    if any(refusals.of_item(None, url) for url in (payload.url, payload.page_url)):
        return True
    items = ((item_id(payload.source_id, entry), entry) for entry in entries_of(payload))
    return any(refusals.of_item(id_, canonical_url(entry.url, entry.base_url)) for id_, entry in items)
