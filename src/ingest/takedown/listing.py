"""Takedowns as consumers and people read them; and back into a state that was lost."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from ingest.land.erase import NOTE
from ingest.land.store import Store
from ingest.land.table import open_table
from ingest.model import to_json
from ingest.state.takedowns import load_tombstones, mark_done, save_tombstone
from ingest.takedown.tombstone import FOLDER, Tombstone


def stored_tombstones(store: Store) -> Iterator[Tombstone]:
    """All takedowns, as the store has them, oldest first. Needs no state: readers have none."""
    found = [Tombstone.model_validate_json(store.get(stored.key)) for stored in store.list(FOLDER)]
    yield from sorted(found, key=lambda stone: (stone.at, stone.takedown_id))


def takedowns_after(store: Store, version: int) -> list[Tombstone]:
    """The takedowns whose rows went after a version of the table: what those who have that version are to delete."""
    table = open_table(store)
    commits = table.history(max(table.version() - version, 0) or 1)
    ids = {commit.get(NOTE) for commit in commits if commit["version"] > version}
    return [stone for stone in stored_tombstones(store) if stone.takedown_id in ids]


def put_tombstone(store: Store, stone: Tombstone) -> None:
    store.put(f"{FOLDER}/{stone.takedown_id}.json", to_json(stone))


def reconcile(store: Store, conn: Connection) -> None:
    """Bring into the state what the store knows: the state may be new, or from a backup."""
    known = {stone.takedown_id: stone for stone in load_tombstones(conn)}
    for stone in stored_tombstones(store):
        there = known.get(stone.takedown_id)
        if there is None or not set(stone.keys) <= set(there.keys):
            save_tombstone(conn, stone)
            if stone.done_at:
                mark_done(conn, stone.takedown_id, stone.done_at)
