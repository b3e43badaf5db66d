"""Machines whose clocks differ by an hour or a day work on one run, and one of them does the upkeep meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.land import staging
from ingest.land.local import LocalStore
from ingest.pipeline import ingest_shard, land, plan, resolve
from ingest.upkeep import keep_up
from tests.faults.newsstand import SIZE, left_of, sources_of, subscribe
from tests.newsroom import NIGHT, Kiosk, desk
from tests.undisturbed import Outcome

FAULT = "clocks"


@pytest.fixture(scope="module")
def undisturbed(room: Kiosk, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    folder = tmp_path_factory.mktemp("undisturbed")
    subscribe(folder, room, FAULT)
    one = desk(folder)
    assert one.night().landed == SIZE
    return left_of(one, FAULT)


@pytest.mark.parametrize("hours", [-24, -1, 1, 24], ids="{:+} h".format)
def test_a_second_worker_whose_clock_differs(room: Kiosk, undisturbed: Outcome, tmp_path: Path, hours: int) -> None:
    """It has every other shard, resolves, lands, and does the upkeep; the next run is planned by the right clock."""
    subscribe(tmp_path, room, FAULT)
    one, there = desk(tmp_path), NIGHT + timedelta(hours=hours)
    one.workspace.set_up()
    shards = plan(one.workspace, "run", NIGHT)
    for number, shard in enumerate(shards):
        ingest_shard(one.workspace, shard, there if number % 2 else NIGHT)
    keep_up(one.workspace, there)
    resolve(one.workspace, "run", there)
    keep_up(one.workspace, there)
    assert land(one.workspace, "run", shards, there).landed == SIZE
    assert left_of(one, FAULT) == undisturbed
    # what was fetched by a clock that is ahead is asked again that much later, and no longer
    late = timedelta(hours=max(hours, 0)) + timedelta(hours=2)
    assert {id_ for shard in plan(one.workspace, "next", NIGHT + late) for id_ in shard.source_ids} == {
        *sources_of(FAULT)
    }
    assert one.night(hours=48, force=False).landed == 0
    assert left_of(one, FAULT) == undisturbed
    assert staging.runs(one.workspace.store) == []


def test_the_upkeep_of_a_clock_that_is_a_day_ahead_leaves_what_is_being_written(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").touch()
    one = desk(tmp_path)
    one.workspace.set_up()
    store = LocalStore(tmp_path / "store")
    with store._written("raw/2026-11-24/run-shard01.warc.gz", b"bytes") as (partial, target):
        keep_up(one.workspace, datetime.now(UTC) + timedelta(days=1, minutes=5))
        partial.replace(target)
    assert store.get("raw/2026-11-24/run-shard01.warc.gz") == b"bytes"
