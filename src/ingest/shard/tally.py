"""What is counted while a shard runs: per source, and per stage."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import get_args

from ingest.health.lateness import BOUNDS_S, bucket_of
from ingest.health.model import MAX_WORDS
from ingest.model import Article, Source
from ingest.report import Fault, SourceReport, SourceStatus, Stage, StageReport

_FAULTS_A_SOURCE = 50  # named in the report; all of them are in quarantine
_STAGES: tuple[Stage, ...] = get_args(Stage)


@dataclass
class Tally:
    """The counts of one source, by the names of `SourceReport`'s fields."""

    source: Source
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    failed_feeds: int = 0
    lateness: Counter[int] = field(default_factory=Counter)  # by bucket
    began: float = field(default_factory=time.monotonic)

    def fault(self, code: str, where: str, what: str) -> None:
        if len(self.faults) < _FAULTS_A_SOURCE:
            self.faults.append(Fault(code=code, where=where, what=what))

    def came(self, article: Article) -> None:
        """A new item, for how late and how long those of the source are."""
        self.counts["words"] += min(article.word_count, MAX_WORDS)
        bucket = bucket_of(article.published, article.fetched_at) if article.fetched_at else None
        if bucket is not None:
            self.lateness[bucket] += 1

    def fail(self) -> None:
        """The source as a whole gave nothing."""
        self.counts["feeds"] = self.failed_feeds = 1

    def report(self, shard: str) -> SourceReport:
        return SourceReport(
            source_id=self.source.id,
            status=self._status(),
            shard=shard,
            elapsed_s=round(time.monotonic() - self.began, 3),
            faults=tuple(self.faults),
            feeds_failed=self.failed_feeds,
            lateness=tuple(self.lateness[n] for n in range(len(BOUNDS_S))) if self.lateness else (),
            **self.counts,
        )

    def _status(self) -> SourceStatus:
        feeds = self.counts["feeds"]
        if feeds and self.failed_feeds == feeds:
            return "failed"
        if self.failed_feeds or self.counts["rejected"] or self.counts["pages_failed"]:
            return "partial"
        return "not_modified" if feeds and self.counts["not_modified"] == feeds else "ok"


class Stages:
    """Counts and seconds of work by stage."""

    def __init__(self) -> None:
        self.counts: Counter[Stage] = Counter()
        self.failed: Counter[Stage] = Counter()
        self.seconds: dict[Stage, float] = dict.fromkeys(_STAGES, 0.0)

    @contextmanager
    def time(self, stage: Stage, count: int = 1) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self.counts[stage] += count
            self.seconds[stage] += time.perf_counter() - began

    def reports(self) -> tuple[StageReport, ...]:
        return tuple(
            StageReport(stage=s, count=self.counts[s], failed=self.failed[s], seconds=round(self.seconds[s], 3))
            for s in _STAGES
        )
