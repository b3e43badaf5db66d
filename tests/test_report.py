"""What a run's report says and counts."""

from datetime import UTC, datetime

from ingest.model import to_json
from ingest.report import Fault, RunReport, SourceReport, StageReport, add_counts, add_up

NIGHT = datetime(2026, 11, 24, 2, tzinfo=UTC)
FAULT = Fault(code="http-error", where="https://times.example/rss", what="HTTP status 500 (tried again later)")


def report(**changes: object) -> RunReport:
    sources = (
        SourceReport(source_id="herald", status="ok", feeds=1, entries=5, new=2, updated=1, unchanged=2, pages=3),
        SourceReport(source_id="post", status="not_modified", feeds=1, not_modified=1),
        SourceReport(source_id="times", status="failed", feeds=1, rejected=1, faults=(FAULT,)),
    )
    values: dict[str, object] = {
        "run_id": "run",
        "started_at": NIGHT,
        "planned": ("herald", "lost", "post", "times"),
        "missing_shards": ("shard02",),
        "sources": sources,
        "landed": 3,
        "stories": 2,
        "registry_problems": ("sources.toml:7: no url",),
    }
    return RunReport.model_validate(values | changes)


def test_lines_name_every_source_fault_problem_and_lost_shard() -> None:
    assert list(report().lines()) == [
        "herald: ok, 5 items (2 new, 1 updated, 2 unchanged, 0 rejected), 3 pages (0 failed)",
        "post: not_modified, 0 items (0 new, 0 updated, 0 unchanged, 0 rejected), 0 pages (0 failed)",
        "times: failed, 0 items (0 new, 0 updated, 0 unchanged, 1 rejected), 0 pages (0 failed)",
        "    http-error: https://times.example/rss: HTTP status 500 (tried again later)",
        "registry: sources.toml:7: no url",
        "shard02: no result; its sources stay due",
        "sources 4, failed 1, not_modified 1, entries 5, landed 3, stories 2, rejected 1",
    ]


def test_sources_of_lost_shards_count_as_failed() -> None:
    assert report().failed_ratio == 0.5
    assert report(planned=("herald", "post")).failed_ratio == 0.5
    assert report(planned=(), sources=()).failed_ratio == 0.0


def test_a_report_is_the_same_after_its_json() -> None:
    assert RunReport.model_validate_json(to_json(report())) == report()


def test_stages_of_all_shards_add_up_in_their_order() -> None:
    one, two = StageReport(stage="fetch", count=2, failed=1, seconds=0.1), StageReport(stage="parse", count=1)
    assert add_up([one, two, one]) == (StageReport(stage="fetch", count=4, failed=2, seconds=0.2), two)
    assert add_up([]) == ()


def test_counts_add_up_the_most_first() -> None:
    total = add_counts([{"promo": 1, "rights": 2}, {"promo": 4}])
    assert list(total.items()) == [("promo", 5), ("rights", 2)]
