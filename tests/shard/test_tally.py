"""Counts of a source and of the stages."""

import pytest

from ingest.model import Source
from ingest.shard.tally import Stages, Tally

SOURCE = Source(id="times", name="Times", urls=("https://times.example/rss",))


@pytest.mark.parametrize(
    ("counts", "failed_feeds", "status"),
    [
        ({"feeds": 2, "not_modified": 1}, 0, "ok"),
        ({"feeds": 2, "not_modified": 2}, 0, "not_modified"),
        ({"feeds": 2, "not_modified": 1}, 1, "partial"),
        ({"feeds": 2}, 2, "failed"),
        ({"feeds": 1, "rejected": 1}, 0, "partial"),
        ({"feeds": 1, "not_modified": 1, "pages_failed": 1}, 0, "partial"),
        ({}, 0, "ok"),  # only pages that waited were due
        ({"pages_failed": 1}, 0, "partial"),
    ],
)
def test_status(counts: dict[str, int], failed_feeds: int, status: str) -> None:
    tally = Tally(SOURCE, failed_feeds=failed_feeds)
    tally.counts.update(counts)
    assert tally.report("shard01").status == status


def test_a_bug_makes_a_source_failed_whatever_was_counted() -> None:
    tally = Tally(SOURCE)
    tally.counts.update({"feeds": 3, "entries": 9})
    tally.fail()
    report = tally.report("shard01")
    assert (report.status, report.entries, report.shard) == ("failed", 9, "shard01")


def test_a_thousand_faults_do_not_fill_the_report() -> None:
    tally = Tally(SOURCE)
    for number in range(1000):
        tally.fault("no-content", f"https://times.example/{number}", "a page without a story")
    faults = tally.report("shard01").faults
    assert len(faults) == 50
    assert faults[0].where == "https://times.example/0"


def test_stages_count_what_failed_too() -> None:
    stages = Stages()
    with pytest.raises(ZeroDivisionError), stages.time("parse"):
        raise ZeroDivisionError
    with stages.time("fetch", count=3):
        pass
    found = {report.stage: report.count for report in stages.reports()}
    assert found == {"fetch": 3, "parse": 1, "extract": 0, "clean": 0, "resolve": 0, "land": 0}
