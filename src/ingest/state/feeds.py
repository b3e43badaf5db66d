"""Feed state: validators, failures, next due. Read before a run, written once it has landed."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from ingest.model import FeedState
from ingest.state.database import chunks, from_row, upsert
from ingest.state.tables import feeds


def load_feed_states(conn: Connection, source_ids: Iterable[str]) -> dict[tuple[str, str], FeedState]:
    """By source id and URL; a feed that was never fetched is not in it."""
    found = {}
    for ids in chunks(sorted(set(source_ids))):
        for row in conn.execute(select(feeds).where(feeds.c.source_id.in_(ids))).mappings():
            found[row["source_id"], row["url"]] = FeedState.model_validate(from_row(row))
    return found


def save_feed_states(conn: Connection, states: Iterable[FeedState]) -> None:
    """The last one wins if a feed is there twice."""
    last = {(state.source_id, state.url): state.model_dump() for state in states}
    upsert(conn, feeds, list(last.values()))
