"""What a notice says, where it lies, and how it is signed."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable
from pydantic import Field

from ingest.errors import NotStored
from ingest.land.columns import SCHEMA
from ingest.land.runfile import PARTITION
from ingest.land.store import Store
from ingest.land.table import Commit, commits_after, delta_errors
from ingest.model import Model, to_json

FOLDER = "notices"
MAX_KILLED = 1_000  # ids named in one notice


class Notice(Model):
    """One commit of the table. `kind`: landed, takedown, or gap where the log no longer says what happened.

    `killed` are articles that their sources took back with this commit: remove them wherever they are shown.
    """

    table_version: int
    kind: Literal["landed", "takedown", "gap"]
    at: datetime
    store: str
    run_id: str | None = None
    landed: int = 0
    killed: tuple[str, ...] = ()
    counts: dict[str, int] = Field(default_factory=dict)


def key_of(version: int) -> str:
    return f"{FOLDER}/{version:020d}.json"


def notices_after(store: Store, table: DeltaTable, version: int, now: datetime) -> list[Notice]:
    """Of an open table's commits after `version`, oldest first. Maintenance only moves rows. Raises NotStored."""
    if table.version() <= version:
        return []
    try:
        commits = commits_after(store, table, version)
    except NotStored:
        return [Notice(table_version=table.version(), kind="gap", at=now, store=store.url)]
    told = [commit for commit in reversed(commits) if commit.run_id or commit.takedown]
    with delta_errors(store):
        killed = _killed(table, told)
    return [_notice(store, commit, killed) for commit in told]


def load_notices(store: Store, after: int = -1) -> Iterator[Notice]:
    """Those that lie in the store, oldest first."""
    for stored in store.list(FOLDER):
        if stored.key > key_of(after):
            yield Notice.model_validate_json(store.get(stored.key))


def last_written(store: Store) -> int | None:
    """The newest version that has a notice in the store."""
    keys = [stored.key for stored in store.list(FOLDER)]
    return int(keys[-1].rpartition("/")[2].removesuffix(".json")) if keys else None


def forget_notices(store: Store, before: datetime) -> int:
    """Delete those from before then; returns how many."""
    old = [stored.key for stored in store.list(FOLDER) if stored.modified_at < before]
    for key in old:
        store.delete(key)
    return len(old)


def sign(key: str, timestamp: str, body: bytes) -> str:
    """The X-Ingest-Signature of a notice: `sha256=` and the HMAC of the timestamp, a dot, and the body."""
    return f"sha256={hmac.new(key.encode(), timestamp.encode() + b'.' + body, 'sha256').hexdigest()}"


def body_of(notice: Notice) -> bytes:
    return to_json(notice)


def _notice(store: Store, commit: Commit, killed: dict[str, list[str]]) -> Notice:
    return Notice(
        table_version=commit.version,
        kind="takedown" if commit.takedown else "landed",
        at=commit.at,
        store=store.url,
        run_id=commit.run_id,
        landed=commit.inserted or 0,
        killed=tuple(killed.get(commit.run_id or "", ())),
        counts=commit.counts,
    )


def _killed(table: DeltaTable, commits: Sequence[Commit]) -> dict[str, list[str]]:
    """By run. Reads the files of their days alone; a run's day is its landing's, at most the day before its commit."""
    found: dict[str, list[str]] = {}
    run_ids = sorted({commit.run_id for commit in commits if commit.run_id})
    if not run_ids:
        return found
    first = min(commit.at for commit in commits).date() - timedelta(days=1)
    wanted = (pc.field(PARTITION) >= pa.scalar(first, SCHEMA.field(PARTITION).type)) & (
        (pc.field("pub_status") == "canceled") & pc.field("run_id").isin(run_ids)
    )
    for batch in table.to_pyarrow_dataset().to_batches(columns=["article_id", "run_id"], filter=wanted):
        for row in batch.to_pylist():
            some = found.setdefault(row["run_id"], [])
            if len(some) < MAX_KILLED:
                some.append(row["article_id"])
    return found
