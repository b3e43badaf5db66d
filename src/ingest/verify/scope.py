"""One version of the table and all that belongs to it in the store, and what is found about them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from ingest.land import raw
from ingest.land.columns import SCHEMA
from ingest.land.store import Store
from ingest.land.table import delta_errors
from ingest.model import Model, RawRef
from ingest.takedown import tombstone
from ingest.takedown.audit import removals
from ingest.takedown.tombstone import Tombstone
from ingest.verify.landed import LandedRun, runs_in

_BATCH = 1_000


class Finding(Model):
    """A `fault` means that something was lost, damaged or doubled; `care` is what is only to be tidied up."""

    check: str
    verdict: Literal["fault", "care"]
    where: str
    what: str
    todo: str

    def line(self) -> str:
        return f"{self.verdict} {self.check}: {self.where}: {self.what} → {self.todo}"


def fault(check: str, where: str, what: str, todo: str) -> Finding:
    return Finding(check=check, verdict="fault", where=where, what=what, todo=todo)


def care(check: str, where: str, what: str, todo: str) -> Finding:
    return Finding(check=check, verdict="care", where=where, what=what, todo=todo)


@dataclass(frozen=True)
class Scope:
    """`since` is the time of landing: what is looked at row by row."""

    store: Store
    table: DeltaTable
    now: datetime
    keep_raw_days: int
    since: datetime | None = None

    @property
    def whole(self) -> Scope:
        return replace(self, since=None)

    @cached_property
    def runs(self) -> dict[str, LandedRun]:
        return runs_in(self.store, self.table)

    @cached_property
    def archives(self) -> dict[str, int]:
        """Key → size."""
        return {stored.key: stored.size_bytes for stored in self.store.list(raw.FOLDER)}

    @cached_property
    def refs(self) -> dict[str, set[RawRef]]:
        """The records that articles refer to, by archive."""
        by_archive: dict[str, set[RawRef]] = defaultdict(set)
        for batch in self.rows("raw"):
            for ref in batch.column("raw").to_pylist():
                if ref is not None:
                    by_archive[ref["archive"]].add(RawRef.model_validate(ref))
        return dict(sorted(by_archive.items()))

    @cached_property
    def last_removal(self) -> datetime:
        """When rows were last taken down or dropped for good."""
        times = [one.at for one in removals(self.store) if one.kind in ("takedown", "retention")]
        return max(times, default=datetime.min.replace(tzinfo=UTC))

    @cached_property
    def taken_down(self) -> set[str]:
        """Ids of articles."""
        stones = (self.store.get(stored.key) for stored in self.store.list(tombstone.FOLDER))
        return {id_ for stone in stones for id_ in Tombstone.model_validate_json(stone).article_ids}

    def rows(self, *columns: str) -> Iterator[pa.RecordBatch]:
        with delta_errors(self.store):
            dataset = self.table.to_pyarrow_dataset()
            yield from dataset.scanner(
                columns=list(columns), filter=self._landed_since(), batch_size=_BATCH
            ).to_batches()

    def is_past(self, archive: str) -> bool:
        """Whether an archive is past its retention."""
        try:
            day = date.fromisoformat(archive.split("/")[1])
        except (IndexError, ValueError):
            return False
        return day < (self.now - timedelta(days=self.keep_raw_days)).date()

    def _landed_since(self) -> pc.Expression | None:
        if self.since is None:
            return None
        day = pc.field("landed_day") >= pa.scalar(self.since.date(), pa.date32())
        return day & (pc.field("landed_at") >= pa.scalar(self.since, SCHEMA.field("landed_at").type))
