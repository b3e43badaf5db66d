"""Whether what has landed is whole: the table against reports, raw archives, the state and itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import chain

from sqlalchemy import Engine

from ingest.land.store import Store
from ingest.land.table import open_table
from ingest.verify import check, deep
from ingest.verify.scope import Finding, Scope

__all__ = ["Finding", "verify"]


def verify(
    store: Store,
    engine: Engine,
    now: datetime,
    keep_raw_days: int,
    since: datetime | None = None,
    *,
    reads_all: bool = False,
) -> Iterator[Finding]:
    """Every finding, check by check. `since` is when articles landed, for what is looked at one by one.

    `reads_all` reads the raw records and the texts too. Where a data file is
    missing or cut off, nothing else is looked at. Writes nothing. Raises NotStored without a table,
    StoreUnavailable, StateError.
    """
    scope = Scope(store, open_table(store), now, keep_raw_days, since)
    lost = list(check.files(scope))
    yield from lost
    if lost:  # the rest reads them
        return
    yield from chain(check.keys(scope), check.told(scope), check.archived(scope), check.left_over(scope))
    yield from check.known(scope, engine)
    if reads_all:
        yield from chain(deep.records(scope), deep.contents(scope))
