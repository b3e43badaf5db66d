"""A takedown, step by step. Killed anywhere and called again it goes on.

The tombstone comes first, so that nothing lands any more; then all that is found by the articles' own text (raw
archive, staging, reports, state); the rows of the table, which have that text, last.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import orjson
from sqlalchemy import Connection

from ingest.errors import NotStored
from ingest.land import erase
from ingest.land.local import LocalStore
from ingest.land.store import Store
from ingest.model import Article, Entry, Model
from ingest.pipeline import Workspace
from ingest.state.database import read, write
from ingest.state.runs import lock_landing
from ingest.state.stories import SqlIndex, ids_of
from ingest.state.takedowns import (
    compact,
    forget_articles,
    load_tombstones,
    mark_done,
    mend_texts,
    one_at_a_time,
    save_tombstone,
)
from ingest.takedown import audit
from ingest.takedown.listing import put_tombstone
from ingest.takedown.sweep import sweep
from ingest.takedown.tombstone import Key, Tombstone, keys_of, takedown_id_of
from ingest.takedown.traces import Traces

_BEFORE = timedelta(days=10)  # an item may have waited a week for its page before it landed
_ALWAYS = timedelta(days=3650)


class TakenDown(Model):
    """What a takedown removed, or would remove: numbers of this call, so that a second one says 0."""

    takedown_id: str
    articles: tuple[str, ...]
    rows: int = 0
    files: int = 0  # of older versions of the table
    changes: int = 0  # files of the change data feed
    records: int = 0  # of the raw archive
    objects: int = 0  # staging, quarantine, reports, exports


def take_down(ws: Workspace, target: str, reason: str, author: str, now: datetime) -> TakenDown:
    """Remove an article, or a story with all its articles, from everything. Waits for a run that is landing.

    Raises NotStored for an id that nothing has, StateError while another takedown is under way, StoreUnavailable.
    """
    with one_at_a_time(ws.engine):
        with write(ws.engine) as conn:
            lock_landing(conn)
            found, stone = _found(ws.store, conn, target, reason, author, now)
            save_tombstone(conn, stone)
            _tell(ws.store, stone)
        traces = Traces.of(found, stone.article_ids)
        since = _since(found, now)
        note = f"taken down: {stone.takedown_id}"
        records = erase.erase_raw(ws.store, since, traces.in_payload, note) if found else 0
        objects = sweep(ws.store, traces, since) if found else 0
        _clear_state(ws, traces)
        done = _clear_table(ws.store, stone, since)
        compact(ws.engine)
        with write(ws.engine) as conn:
            mark_done(conn, stone.takedown_id, now)
        put_tombstone(ws.store, stone.model_copy(update={"done_at": stone.done_at or now}))
        return done.model_copy(update={"records": records, "objects": objects})


def preview(ws: Workspace, target: str, now: datetime) -> TakenDown:
    """What would go, as far as it can be counted without going through it. Changes nothing."""
    with read(ws.engine) as conn:
        found, stone = _found(ws.store, conn, target, "", "", now)
    return TakenDown(takedown_id=stone.takedown_id, articles=stone.article_ids, rows=len(found))


def _found(
    store: Store, conn: Connection, target: str, reason: str, author: str, now: datetime
) -> tuple[list[Article], Tombstone]:
    """The rows that are still there, and the tombstone: a new one, or that of the first try."""
    takedown_id = takedown_id_of(target)
    before = next((one for one in load_tombstones(conn) if one.takedown_id == takedown_id), None)
    stories = ids_of(conn, target)
    members = {member.article_id for id_ in stories for member in SqlIndex(conn).by_story_id(id_)}
    known = {target, *members, *(before.article_ids if before else ())}
    found = _with_own_urls(store, list(erase.rows_of(store, known, stories)))
    articles = {article.article_id for article in found} | members
    if not articles and before is None:
        raise NotStored(target, "no article and no story has this id", "ingest articles lists them")
    keys = {key for article in found for key in keys_of(article)} | {Key("article", id_) for id_ in articles}
    if target not in articles:
        keys |= {Key("story", id_) for id_ in stories}
    if before is None:
        return found, Tombstone(
            takedown_id=takedown_id, target=target, reason=reason, author=author, at=now, keys=tuple(sorted(keys))
        )
    return found, before.model_copy(update={"keys": tuple(sorted(keys | set(before.keys)))})


def _with_own_urls(store: Store, found: list[Article]) -> list[Article]:
    """Without an address that others, which stay, have too: they would be refused with these."""
    urls = {article.url for article in found if article.url}
    shared = erase.shared_urls(store, urls, {article.article_id for article in found}) if urls else set()
    return [article.model_copy(update={"url": None}) if article.url in shared else article for article in found]


def _tell(store: Store, stone: Tombstone) -> None:
    """In the store, where it outlives the state database; and in the audit log."""
    put_tombstone(store, stone)
    audit.record(
        store,
        audit.Removal(
            at=stone.at,
            by=stone.author,
            kind="takedown",
            subject=stone.target,
            reason=stone.reason,
            ref=stone.takedown_id,
        ),
    )


def _clear_state(ws: Workspace, traces: Traces) -> None:
    def mended(text: str) -> str:
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError:
            return str(traces.without(text))
        new = traces.without(value)
        return text if new == value else orjson.dumps(new).decode()

    def is_theirs(source_id: str, entry: Entry) -> bool:
        return source_id in traces.source_ids and traces.in_entry(source_id, entry)

    with write(ws.engine) as conn:
        forget_articles(conn, traces.article_ids)
        if traces.phrases:
            mend_texts(conn, is_theirs, mended)


def _clear_table(store: Store, stone: Tombstone, since: datetime) -> TakenDown:
    rows = erase.delete_articles(store, stone.article_ids, stone.takedown_id)
    files = erase.drop_old_files(store, stone.article_ids, since)
    changes = erase.blank_changes(store, since, stone.article_ids)
    if isinstance(store, LocalStore):
        store.delete_partials(stone.at - timedelta(hours=1))  # half-written by killed writers
    return TakenDown(takedown_id=stone.takedown_id, articles=stone.article_ids, rows=rows, files=files, changes=changes)


def _since(found: Iterable[Article], now: datetime) -> datetime:
    """Nothing that was written before can hold them."""
    times = [article.fetched_at for article in found if article.fetched_at]
    return min(*times, now) - _BEFORE if times else now - _ALWAYS
