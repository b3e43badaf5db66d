"""What the store says of the runs that landed: rows of the table, and reports under runs/."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePosixPath
from typing import NamedTuple

from deltalake import DeltaTable
from pydantic import ValidationError

from ingest.land.store import Store
from ingest.land.table import delta_errors, history, open_table
from ingest.report import RunReport

REPORTS = "runs"


class LandedRun(NamedTuple):
    """A run as the table has it: how many rows, and since when."""

    run_id: str
    landed_at: datetime
    rows: int


def runs_in(store: Store, table: DeltaTable) -> dict[str, LandedRun]:
    """The runs whose rows a version of the table has, by id."""
    with delta_errors(store):
        rows = table.to_pyarrow_dataset().to_table(["run_id", "landed_at"])
    found = rows.group_by("run_id").aggregate([("landed_at", "min"), ("landed_at", "count")]).to_pylist()
    return {row["run_id"]: LandedRun(row["run_id"], row["landed_at_min"], row["landed_at_count"]) for row in found}


def reports(store: Store) -> Iterator[tuple[str, RunReport | None]]:
    """Each run id of runs/ with its report; None for one that cannot be read."""
    for stored in store.list(REPORTS):
        path = PurePosixPath(stored.key)
        if path.suffix == ".json" and path.parent.name == REPORTS:
            try:
                yield path.stem, RunReport.model_validate_json(store.get(stored.key))
            except ValidationError:
                yield path.stem, None


def in_turn(store: Store) -> tuple[list[LandedRun], dict[str, RunReport]]:
    """The runs that have rows, in the order in which they landed, and all the reports, by run id."""
    told = {run_id: report for run_id, report in reports(store) if report is not None}
    versions = {run_id: report.table_version or 0 for run_id, report in told.items()}
    versions |= {commit.run_id: commit.version for commit in history(store) if commit.run_id}
    found = runs_in(store, open_table(store)).values()
    return sorted(found, key=lambda run: (versions.get(run.run_id, 0), run.landed_at)), told
