"""What a run did, per source and per stage: counted while it runs, landed as runs/RUN.json, shown to people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from ingest.health import Change, report_lines
from ingest.model import Model

SourceStatus = Literal["ok", "not_modified", "partial", "failed"]
Stage = Literal["fetch", "parse", "extract", "clean", "resolve", "land"]


class Fault(Model):
    """One thing that went wrong: a `code` for machines, where it was, and what to do."""

    code: str
    where: str
    what: str


class SourceReport(Model):
    """One source in one run. Counts are of items; `landed` is what became a new row of the table.

    `partial` means that something of the source failed (a feed of several, a page, an item) and the rest is good.
    """

    source_id: str
    status: SourceStatus
    shard: str = ""
    feeds: int = 0
    feeds_failed: int = 0
    not_modified: int = 0
    received_bytes: int = 0
    entries: int = 0
    unchanged: int = 0
    new: int = 0
    updated: int = 0
    rejected: int = 0
    taken_down: int = 0  # came again, and must not land: see docs/governance.md
    pages: int = 0
    pages_failed: int = 0
    warnings: int = 0
    words: int = 0  # of new items, at most `health.model.MAX_WORDS` of one
    lateness: tuple[int, ...] = ()  # of new items, a histogram: see health.lateness
    elapsed_s: float = 0.0
    faults: tuple[Fault, ...] = ()

    @property
    def staged(self) -> int:
        return self.new + self.updated


class StageReport(Model):
    """One stage of a run, all shards together. `seconds` is the work done, not the time that passed."""

    stage: Stage
    count: int = 0
    failed: int = 0
    seconds: float = 0.0


class RunReport(Model):
    run_id: str
    started_at: datetime
    finished_at: datetime | None = None
    planned: tuple[str, ...] = ()  # source ids
    missing_shards: tuple[str, ...] = ()  # planned, but without a result: their sources stay due
    sources: tuple[SourceReport, ...] = ()
    stages: tuple[StageReport, ...] = ()
    relations: dict[str, int] = Field(default_factory=dict)  # canonical, copy … → articles
    removed: dict[str, int] = Field(default_factory=dict)  # promo, rights … → blocks taken out
    landed: int = 0
    taken_down: int = 0  # items that must not land, of all sources
    stories: int = 0  # stories that began in this run
    table_version: int | None = None
    registry_problems: tuple[str, ...] = ()
    health: tuple[Change, ...] = ()  # what the run changed of its sources' health

    @property
    def failed(self) -> tuple[SourceReport, ...]:
        return tuple(s for s in self.sources if s.status == "failed")

    @property
    def failed_ratio(self) -> float:
        """Share of the planned sources that gave nothing, those of lost shards included."""
        reported = {s.source_id for s in self.sources}
        lost = sum(1 for source_id in self.planned if source_id not in reported)
        return (len(self.failed) + lost) / len(self.planned) if self.planned else 0.0

    def lines(self) -> Iterator[str]:
        """The report for a log: a line a source that did something, each fault below it, the totals last."""
        for s in self.sources:
            yield (
                f"{s.source_id}: {s.status}, {s.entries} items ({s.new} new, {s.updated} updated, "
                f"{s.unchanged} unchanged, {s.rejected} rejected), {s.pages} pages ({s.pages_failed} failed)"
            )
            for fault in s.faults:
                yield f"    {fault.code}: {fault.where}: {fault.what}"
        if self.taken_down:
            yield f"{self.taken_down} items were taken down before, and have not landed"
        for line in report_lines(self.health):
            yield f"health: {line}"
        for problem in self.registry_problems:
            yield f"registry: {problem}"
        for shard in self.missing_shards:
            yield f"{shard}: no result; its sources stay due"
        yield ", ".join(f"{name} {count}" for name, count in self.counts().items())

    def counts(self) -> dict[str, int]:
        """Small enough for an Airflow XCom or an asset event."""
        return {
            "sources": len(self.planned),
            "failed": len(self.failed),
            "not_modified": sum(s.status == "not_modified" for s in self.sources),
            "entries": sum(s.entries for s in self.sources),
            "landed": self.landed,
            "stories": self.stories,
            "rejected": sum(s.rejected for s in self.sources),
        }


def add_up(stages: Sequence[StageReport]) -> tuple[StageReport, ...]:
    """The shards' stages, one each, in the order of the way."""
    totals: dict[str, StageReport] = {}
    for one in stages:
        so_far = totals.get(one.stage, StageReport(stage=one.stage))
        totals[one.stage] = StageReport(
            stage=one.stage,
            count=so_far.count + one.count,
            failed=so_far.failed + one.failed,
            seconds=round(so_far.seconds + one.seconds, 3),
        )
    return tuple(totals.values())


def add_counts(counts: Sequence[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return dict(total.most_common())
