"""Runs: the list, and one run's way from what was in the feeds to what landed, beside the seven before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from statistics import median
from typing import Any

import orjson
from sqlalchemy import Connection, select

from ingest.errors import NotStored
from ingest.pipeline import Workspace, slug
from ingest.report import RunReport, SourceReport
from ingest.state.database import from_row, read, to_db
from ingest.state.models import RunRow
from ingest.state.runs import find_run
from ingest.state.tables import runs as table

LISTED, COMPARED, SOURCES_SHOWN = 20, 7, 200
_KINDS = ("wires", "quarantine", "replay")
_PREFIXES = {"syndication": "", "read_again": "quarantine-"}  # of the ids of runs, by DAG; else the DAG's own id
_HEADS = select(table.c.run_id, table.c.started_at, table.c.status, table.c.finished_at, table.c.table_version)
_TURN = {"failed": 0, "partial": 1, "ok": 2, "not_modified": 3}


@dataclass(frozen=True)
class Counts:
    """Of one report. `entries` are items in feeds, `fresh` those new or changed, `staged` those read and cleaned."""

    sources: int
    failed: int
    entries: int
    fresh: int
    staged: int
    landed: int
    stories: int

    @property
    def way(self) -> tuple[int, int, int, int]:
        return self.entries, self.fresh, self.staged, self.landed


@dataclass(frozen=True)
class Listed:
    """A run as a line of the list. The counts are None until it has landed."""

    run_id: str
    status: str
    started_at: datetime
    took_s: float | None
    counts: Counts | None


@dataclass(frozen=True)
class Step:
    """A stage of the way: how many items came so far, what the ones before it lost, and how many usually come."""

    name: str
    count: int
    lost: tuple[tuple[str, int], ...] = ()
    usual: float | None = None


@dataclass(frozen=True)
class Run:
    row: RunRow
    report: RunReport | None
    steps: tuple[Step, ...]
    compared: tuple[str, ...]  # run ids
    sources: tuple[SourceReport, ...]
    more_sources: int
    faults: tuple[tuple[str, int], ...]  # code, how often; the most first

    @property
    def dag(self) -> tuple[str, str]:
        """The DAG that may have made it, and the run's id as it makes it from that of its DAG run."""
        id_ = self.row.run_id
        prefixes = {prefix: dag_id for dag_id, prefix in _PREFIXES.items()}
        prefix = "" if kind_of(id_) == "night" else f"{kind_of(id_)}-"
        return prefixes.get(prefix, prefix.rstrip("-")), id_.removeprefix(prefix)


def listed(ws: Workspace) -> list[Listed]:
    with read(ws.engine) as conn:
        rows = conn.execute(_HEADS.order_by(table.c.started_at.desc(), table.c.run_id).limit(LISTED)).mappings()
        heads = [RunRow.model_validate(from_row(row)) for row in rows]
    return [_listed(ws, head) for head in heads]


def run(ws: Workspace, run_id: str, *, everything: bool = False, shard: str | None = None) -> Run:
    """Raises NotStored for one that was never started. `everything`: also sources of which there is nothing to tell.

    Of a `shard` all its sources, and no others.
    """
    with read(ws.engine) as conn:
        row = find_run(conn, run_id)
        if row is None:
            raise NotStored(run_id, "no such run", "the list of runs has the last ones")
        before = _before(conn, row)
    counted = [counts for one in before if (counts := _counts(ws, one))]
    if row.report is None:
        return Run(row, None, (), (), (), 0, ())
    report = RunReport.model_validate_json(row.report)
    here = [s for s in report.sources if shard in (None, s.shard)]
    told = [s for s in here if everything or shard or s.faults or s.staged or s.status in ("failed", "partial")]
    told.sort(key=lambda s: (_TURN[s.status], -s.staged, s.source_id))
    return Run(
        row=row,
        report=report,
        steps=_steps(report, counted),
        compared=tuple(before),
        sources=tuple(told[:SOURCES_SHOWN]),
        more_sources=len(here) - len(told[:SOURCES_SHOWN]),
        faults=_faults(report),
    )


def run_of_dag(ws: Workspace, dag_id: str, dag_run_id: str) -> str | None:
    """The newest run that a DAG run made: a cleared one makes another, with a number. None if it made none."""
    name = _PREFIXES.get(dag_id, f"{dag_id}-") + slug(dag_run_id)
    with read(ws.engine) as conn:
        found = select(table.c.run_id).where(
            (table.c.run_id == name) | table.c.run_id.startswith(f"{name}.", autoescape=True)
        )
        newest: str | None = conn.scalar(found.order_by(table.c.started_at.desc()).limit(1))
        return newest


def kind_of(run_id: str) -> str:
    """Nights are compared with nights, and polls of the wires with such."""
    return next((kind for kind in _KINDS if run_id.startswith(f"{kind}-")), "night")


def _before(conn: Connection, row: RunRow) -> list[str]:
    kind = kind_of(row.run_id)
    same = [table.c.run_id.startswith(f"{kind}-")]
    if kind == "night":
        same = [~table.c.run_id.startswith(f"{other}-") for other in _KINDS]
    query = select(table.c.run_id).where(table.c.status == "landed", table.c.started_at < to_db(row.started_at), *same)
    return list(conn.scalars(query.order_by(table.c.started_at.desc()).limit(COMPARED)))


def _listed(ws: Workspace, head: RunRow) -> Listed:
    took = (head.finished_at - head.started_at).total_seconds() if head.finished_at else None
    counts = _counts(ws, head.run_id) if head.status == "landed" else None
    return Listed(head.run_id, head.status, head.started_at, took, counts)


@lru_cache(maxsize=512)
def _counts(ws: Workspace, run_id: str) -> Counts | None:
    """Kept, since what has landed stays: 20 reports of 5,000 sources take too long to count for every look."""
    with read(ws.engine) as conn:
        report = conn.scalar(select(table.c.report).where(table.c.run_id == run_id))
    return None if report is None else _counted(orjson.loads(report))


def _counted(plain: dict[str, Any]) -> Counts:
    entries, staged = _sum(plain, "entries"), _sum(plain, "new") + _sum(plain, "updated")
    return Counts(
        sources=len(plain["planned"]),
        failed=sum(source["status"] == "failed" for source in plain["sources"]),
        entries=entries,
        fresh=max(staged, entries - _sum(plain, "unchanged")),
        staged=staged,
        landed=plain["landed"],
        stories=plain["stories"],
    )


def _sum(plain: dict[str, Any], name: str) -> int:
    return sum(source.get(name, 0) for source in plain["sources"])


def _steps(report: RunReport, before: Sequence[Counts]) -> tuple[Step, ...]:
    plain = report.model_dump(mode="json", include={"planned", "sources", "landed", "stories"})
    counts = _counted(plain)
    usual = [median(values) for values in zip(*(one.way for one in before), strict=True)] or [None] * 4
    lost = {
        "rejected": _sum(plain, "rejected"),
        "pages not to be had": _sum(plain, "pages_failed"),
        "taken down before": report.taken_down,
    }
    lost["twice in the feeds, or not newer"] = counts.fresh - counts.staged - sum(lost.values())
    named = tuple((name, number) for name, number in lost.items() if number > 0)
    return (
        Step("In the feeds", counts.entries, (), usual[0]),
        Step("New or changed", counts.fresh, (("there already", counts.entries - counts.fresh),), usual[1]),
        Step("Read and cleaned", counts.staged, named, usual[2]),
        Step("Landed", counts.landed, (("landed already", counts.staged - counts.landed),), usual[3]),
    )


def _faults(report: RunReport) -> tuple[tuple[str, int], ...]:
    codes = [fault.code for source in report.sources for fault in source.faults]
    return tuple(sorted(((code, codes.count(code)) for code in set(codes)), key=lambda pair: (-pair[1], pair[0])))
