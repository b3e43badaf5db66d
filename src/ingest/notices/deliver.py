"""Notices written and sent. What cannot be delivered waits for the next commit, and never fails a run."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from urllib.parse import urlsplit

import aiohttp
import structlog
from sqlalchemy import Engine

from ingest.errors import BadConfig, NotStored
from ingest.land.store import Store
from ingest.land.table import open_table
from ingest.model import Model
from ingest.notices.notice import Notice, body_of, key_of, last_written, load_notices, notices_after, sign
from ingest.state.database import read, write
from ingest.state.models import NoticeRow
from ingest.state.notices import load_positions, save_position

log = structlog.get_logger()

QUEUE = "store"  # the reader that the objects are for
MAX_AT_ONCE = 200  # notices that one webhook gets in one go
_TIMEOUT_S = 10.0


class Undelivered(Model):
    """A webhook that did not take a notice."""

    host: str  # the address may hold a secret
    table_version: int
    why: str


def notify(store: Store, engine: Engine, hooks: Sequence[str], key: str | None, now: datetime) -> list[Undelivered]:
    """Write the notices that are missing and send each webhook what it has not had. Again is fine.

    A first call on a table with a past tells of its last commit alone. Raises BadConfig for webhooks without a key.
    """
    if hooks and not key:
        raise BadConfig("INGEST_NOTICE_KEY", "not set", "a secret that webhooks check notices with")
    with read(engine) as conn:
        rows = load_positions(conn)
    last = _write_missing(store, engine, rows.get(QUEUE), now)
    failed = []
    for hook in hooks:
        reader = reader_of(hook)
        row = rows.get(reader) or NoticeRow(reader=reader, table_version=last - 1, last_try_at=now)
        if row.table_version < last and (one := _send(store, engine, hook, key or "", row, now)):
            failed.append(one)
    return failed


def hooks_of(named: str) -> list[str]:
    """Of what INGEST_NOTICE_HOOKS says."""
    return [hook.strip() for hook in named.split(",") if hook.strip()]


def reader_of(hook: str) -> str:
    """What a webhook is called in the state: its address may hold a secret."""
    return sha256(hook.encode()).hexdigest()


def _write_missing(store: Store, engine: Engine, row: NoticeRow | None, now: datetime) -> int:
    """The version up to which all is written."""
    with suppress(NotStored):
        table = open_table(store)
        newest = table.version()
        after = row.table_version if row else _last(store, newest)
        for notice in notices_after(store, table, after, now):
            store.put_new(key_of(notice.table_version), body_of(notice))
        with write(engine) as conn:
            save_position(conn, NoticeRow(reader=QUEUE, table_version=newest, last_try_at=now))
        return newest
    return 0


def _last(store: Store, newest: int) -> int:
    """For a state that was lost, or is new: go on from the last notice in the store."""
    written = last_written(store)
    return newest - 1 if written is None else written


def _send(store: Store, engine: Engine, hook: str, key: str, row: NoticeRow, now: datetime) -> Undelivered | None:
    waiting = [notice for notice, _ in zip(load_notices(store, row.table_version), range(MAX_AT_ONCE), strict=False)]
    taken, why = asyncio.run(_post_all(hook, key, waiting, now))
    if taken:
        row = row.model_copy(update={"table_version": taken[-1].table_version})
    failures = row.failures + 1 if why else 0
    row = row.model_copy(update={"failures": failures, "last_error": why, "last_try_at": now})
    with write(engine) as conn:
        save_position(conn, row)
    if why is None:
        return None
    host = urlsplit(hook).hostname or "?"
    log.warning("a webhook did not take its notice", host=host, error=why, failures=failures)
    return Undelivered(host=host, table_version=waiting[len(taken)].table_version, why=why)


async def _post_all(hook: str, key: str, notices: Sequence[Notice], now: datetime) -> tuple[list[Notice], str | None]:
    """Those that were taken, in order, and why the next one was not."""
    taken: list[Notice] = []
    async with _session() as session:
        for notice in notices:
            body = body_of(notice)
            if why := await _post(session, hook, body, signed(key, body, now)):
                return taken, why
            taken.append(notice)
    return taken, None


async def post(hook: str, body: bytes, headers: Mapping[str, str]) -> str | None:
    """One POST of JSON. Why it was not taken, None if it was; its address is not told. A redirect is not followed."""
    async with _session() as session:
        return await _post(session, hook, body, headers)


def signed(key: str, body: bytes, now: datetime) -> Mapping[str, str]:
    """The headers that a webhook checks a body with: see docs/notices.md."""
    timestamp = str(int(now.timestamp()))
    return {"X-Ingest-Timestamp": timestamp, "X-Ingest-Signature": sign(key, timestamp, body)}


def _session() -> aiohttp.ClientSession:
    timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
    headers = {"Content-Type": "application/json"}
    return aiohttp.ClientSession(timeout=timeout, headers=headers, cookie_jar=aiohttp.DummyCookieJar())


async def _post(session: aiohttp.ClientSession, hook: str, body: bytes, headers: Mapping[str, str]) -> str | None:
    try:
        async with session.post(hook, data=body, headers=headers, allow_redirects=False) as answer:
            return None if answer.status // 100 == 2 else f"HTTP status {answer.status}"
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as e:
        return type(e).__name__  # its text names the address
