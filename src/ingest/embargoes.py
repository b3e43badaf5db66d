"""Embargoes: what has landed and waits for its time, and what may be shown since the last look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from ingest.land.columns import SCHEMA
from ingest.land.store import Store
from ingest.land.table import delta_errors, open_table
from ingest.model import Model
from ingest.pipeline import Workspace
from ingest.state.database import write
from ingest.state.releases import forget_releases, save_releases

LOOK_BACK = timedelta(days=7)  # an embargo that ended before is no news, should nobody have looked for so long
_KEPT = timedelta(days=30)  # longer than LOOK_BACK, or they would be told of again
_TIME = SCHEMA.field("embargoed_until").type
_COLUMNS = ("article_id", "version", "source_id", "headline", "embargoed_until", "landed_at", "pub_status")


class Embargo(Model):
    """An article's newest version that landed before its embargo's end."""

    article_id: str
    version: int
    source_id: str
    headline: str | None
    embargoed_until: datetime


def ending(store: Store, after: datetime, until: datetime | None = None) -> list[Embargo]:
    """Those that end in this time, `until` included, by their end. What was withheld or killed meanwhile is none."""
    table = open_table(store)
    with delta_errors(store):
        found = [Embargo.model_validate(row) for row in _rows(table, after, until)]
        newest = _newest(table, {one.article_id for one in found})
    current = [one for one in found if newest[one.article_id] == one.version]
    return sorted(current, key=lambda one: (one.embargoed_until, one.article_id))


def release(ws: Workspace, run_id: str, now: datetime) -> list[str]:
    """Ids of articles whose embargo has ended by now and that were not told of before; called again by the same run,
    the same ones, so that a look that died may tell again.

    What lands after its embargo's end is told of by its landing.
    """
    ended = [(one.article_id, one.version, one.embargoed_until) for one in ending(ws.store, now - LOOK_BACK, now)]
    with write(ws.engine) as conn:
        forget_releases(conn, now - _KEPT)
        return save_releases(conn, run_id, ended, now)


def _rows(table: DeltaTable, after: datetime, until: datetime | None) -> Iterator[Mapping[str, object]]:
    end = pc.field("embargoed_until")
    wanted = (end > pa.scalar(after, _TIME)) & (pc.field("landed_at") < end) & (pc.field("pub_status") == "usable")
    if until is not None:
        wanted &= end <= pa.scalar(until, _TIME)
    for batch in table.to_pyarrow_dataset().scanner(columns=list(_COLUMNS), filter=wanted).to_batches():
        yield from batch.drop_columns(["landed_at", "pub_status"]).to_pylist()


def _newest(table: DeltaTable, article_ids: set[str]) -> dict[str, int]:
    wanted = pc.field("article_id").isin(pa.array(sorted(article_ids), pa.string()))
    newest: dict[str, int] = {}
    for batch in table.to_pyarrow_dataset().scanner(columns=["article_id", "version"], filter=wanted).to_batches():
        for row in batch.to_pylist():
            newest[row["article_id"]] = max(row["version"], newest.get(row["article_id"], 0))
    return newest
