"""What happened between two versions of the table: for readers who keep a copy, and the version that it is of.

All depends on the two versions alone, on no clock: whoever asks again is told the same. An embargo counts as over once
a commit is later than its time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from ingest.errors import NotStored
from ingest.land.columns import SCHEMA
from ingest.land.query import STATUSES, Query
from ingest.land.store import Store
from ingest.land.table import commits_after, delta_errors
from ingest.read import kills

Scan = Callable[[Query, Sequence[str]], Iterator[pa.RecordBatch]]
_NEEDED = ("article_id", "version", "pub_status")
_IDENTITY = ("article_id", "version", "source_id", "story_id")  # all that is known of what was taken down
_KINDS = {"canceled": "kill", "withheld": "withhold"}


@dataclass(frozen=True)
class Window:
    """After version `after`, up to the one that is open; `starts` and `ends` are the times of their commits."""

    store: Store
    table: DeltaTable
    after: int
    starts: datetime
    ends: datetime
    deletes: tuple[int, ...]  # versions that took articles out


def window(store: Store, table: DeltaTable, after: int) -> Window:
    """Raises NotStored if the log does not have both ends."""
    if after > table.version():
        why = f"the newest is {table.version()}"
        raise NotStored(f"version {after} of the table", why, "read what is current anew, and go on from its version")
    *commits, first = commits_after(store, table, after - 1)
    deletes = tuple(commit.version for commit in commits if commit.takedown)
    return Window(store, table, after, starts=first.at, ends=(commits or [first])[0].at, deletes=deletes)


def schema(names: Sequence[str]) -> pa.Schema:
    fields = (SCHEMA.field(name).with_nullable(True) for name in names)
    return pa.schema([pa.field("change", pa.string()), *fields])


def read(scan: Scan, query: Query, window: Window, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Each article once, as it is now: what is gone, what landed, what its embargo held back, copies of the killed."""
    if gone := _taken_down(window, names):
        yield gone
    told: set[str] = set()
    every = list(dict.fromkeys((*names, *_NEEDED)))
    for kind, part in _parts(query, window, scan):
        for batch in scan(part, every):
            new = batch.filter(pc.invert(pc.is_in(batch["article_id"], value_set=pa.array(told, pa.string()))))
            told.update(new["article_id"].to_pylist())
            changes = pa.array([kind or _kind(*row) for row in zip(*_lists(new), strict=True)], pa.string())
            yield pa.RecordBatch.from_arrays([changes, *(new[name] for name in names)], schema=schema(names))


def _parts(query: Query, window: Window, scan: Scan) -> Iterator[tuple[str | None, Query]]:
    landed = query.model_copy(update={"changes_since": window.after, "include": query.include | set(STATUSES)})
    yield None, landed
    if "embargoed" not in query.include:
        over = query.model_copy(update={"embargo_over_since": window.starts})
        # few or none: finding them first saves looking for the newest version of everything
        some = scan(
            over.model_copy(update={"latest_only": False, "include": query.include | set(STATUSES)}), ["article_id"]
        )
        if ids := tuple(sorted({id_ for batch in some for id_ in batch["article_id"].to_pylist()})):
            yield "release", over.model_copy(update={"article_ids": ids})
    asked = Query(pub_status="canceled", latest_only=False, changes_since=window.after)
    known = kills.known_kills(scan(asked, kills.NEEDED))
    copies = tuple(sorted({id_ for kill in known if kill.evidence for id_ in kill.evidence.copies}))
    if copies:
        yield "update", query.model_copy(update={"article_ids": copies})


def _kind(version: int, status: str) -> str:
    return _KINDS.get(status) or ("insert" if version == 1 else "update")


def _lists(batch: pa.RecordBatch) -> tuple[list[int], list[str]]:
    return batch["version"].to_pylist(), batch["pub_status"].to_pylist()


def _taken_down(window: Window, names: Sequence[str]) -> pa.RecordBatch | None:
    """From the change data feed, which keeps the ids of what a takedown deleted."""
    found: dict[str, dict[str, object]] = {}
    with delta_errors(window.store):
        for version in window.deletes:
            columns = [*_IDENTITY, "_change_type"]
            rows = pa.table(window.table.load_cdf(version, version, columns=columns).read_all()).to_pylist()
            for row in sorted(rows, key=lambda row: row["version"]):
                if row.pop("_change_type") == "delete":
                    found[row["article_id"]] = row | {"change": "takedown"}
    rows = [{name: row.get(name) for name in ("change", *names)} for row in found.values()]
    return pa.RecordBatch.from_pylist(rows, schema=schema(names)) if rows else None
