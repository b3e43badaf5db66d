"""Late retries, clocks that jump or differ, answers that get lost: everything lands once all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest

from ingest.dealing import Shard
from ingest.land import staging
from ingest.land.store import open_store
from ingest.land.table import commit_run, create_table, history, open_table
from ingest.pipeline import ingest_shard, land, plan, resolve
from ingest.report import RunReport
from tests.faulty import faulty_server
from tests.land.articles import LANDED, article
from tests.newsroom import NIGHT, Desk, Kiosk, Story, desk, kiosk, registry

FERRY = Story("ferry", "Ferry returns", "The ferry came back to the harbour after a long night at sea.")
LATER = Story("ferry", "Ferry returns", "The ferry came back to the harbour after two nights at sea.")
MARKET = Story("market", "Market opens", "Stalls were full of fish by nine, as each week in this town.")


@pytest.fixture
def room() -> Iterator[Kiosk]:
    with kiosk() as found:
        yield found


@pytest.fixture
def here(tmp_path: Path, room: Kiosk) -> Desk:
    registry(tmp_path, harbour=room.feed("/harbour", FERRY))
    found = desk(tmp_path)
    found.workspace.set_up()
    return found


def _planned(here: Desk, run_id: str, hours: float) -> list[Shard]:
    return plan(here.workspace, run_id, NIGHT + timedelta(hours=hours), force=True)


def _landed(here: Desk, run_id: str, shards: list[Shard], hours: float) -> RunReport:
    now = NIGHT + timedelta(hours=hours)
    for shard in shards:
        ingest_shard(here.workspace, shard, now)
    resolve(here.workspace, run_id, now)
    return land(here.workspace, run_id, shards, now)


def _versions(here: Desk) -> list[tuple[str, int, str | None]]:
    return sorted((a.guid, a.version, a.run_id) for a in here.articles())


def test_an_old_run_s_shard_tried_again_after_newer_runs_adds_nothing(here: Desk, room: Kiosk) -> None:
    old = _planned(here, "old", 0)
    for shard in old:
        ingest_shard(here.workspace, shard, NIGHT)
    room.feed("/harbour", LATER, MARKET)
    assert _landed(here, "new", _planned(here, "new", 1), 1).landed == 2
    # from the staging of then, and from a new fetch by a retry of now
    resolve(here.workspace, "old", NIGHT + timedelta(hours=2))
    assert _landed(here, "old", old, 2).landed == 0
    assert _versions(here) == [("ferry", 1, "new"), ("market", 1, "new")]
    assert staging.runs(here.workspace.store) == []


def test_a_landed_run_s_tasks_tried_again_change_nothing(here: Desk, room: Kiosk) -> None:
    shards = _planned(here, "run", 0)
    first = _landed(here, "run", shards, 0)
    room.feed("/harbour", LATER)
    version = open_table(here.workspace.store).version()
    assert _landed(here, "run", shards, 3) == first
    assert open_table(here.workspace.store).version() == version
    assert staging.runs(here.workspace.store) == []  # also what the late shard staged
    assert _landed(here, "next", _planned(here, "next", 4), 4).landed == 1  # what is new since is the next run's


def test_a_clock_set_back_between_runs_loses_and_doubles_nothing(here: Desk, room: Kiosk) -> None:
    assert _landed(here, "ahead", _planned(here, "ahead", 72), 72).landed == 1
    room.feed("/harbour", LATER, MARKET)
    assert _landed(here, "back", _planned(here, "back", 0), 0).landed == 2
    assert _landed(here, "back-2", _planned(here, "back-2", 1), 1).landed == 0
    assert _versions(here) == [("ferry", 1, "ahead"), ("ferry", 2, "back"), ("market", 1, "back")]
    assert len({a.story_id for a in here.articles() if a.guid == "ferry"}) == 1


@pytest.mark.parametrize("hours", [-30, 30], ids="{:+} h".format)
def test_workers_whose_clocks_differ_land_once(here: Desk, hours: float) -> None:
    shards = _planned(here, "run", 0)
    for shard in shards:
        ingest_shard(here.workspace, shard, NIGHT + timedelta(hours=hours))
    resolve(here.workspace, "run", NIGHT - timedelta(hours=hours))
    assert land(here.workspace, "run", shards, NIGHT).landed == 1
    assert _landed(here, "next", _planned(here, "next", 24), 24).landed == 0
    assert _versions(here) == [("ferry", 1, "run")]


def _commit_twice(url: str, endpoint: str) -> None:
    store = open_store(url, endpoint)
    first, again = (commit_run(store, "run", [article(n) for n in range(3)], LANDED, {}) for _ in range(2))
    assert (first.table_version, first.inserted) == (again.table_version, again.inserted) == (1, 3)


@pytest.mark.services
def test_a_commit_whose_answer_got_lost_is_counted_once(ministack: str, new_bucket: Callable[[str], str]) -> None:
    url = f"s3://{new_bucket(ministack)}/place"
    store = open_store(url, ministack)
    create_table(store)
    with faulty_server(ministack, share=0) as server:
        server.lose = "_delta_log/00000000000000000001.json"
        # in another process: deltalake holds the interpreter while it lists, and the proxy could not answer
        child = get_context("spawn").Process(target=_commit_twice, args=(url, server.url))
        child.start()
        child.join()
    assert child.exitcode == 0
    assert server.faults["lost"] == 1
    assert [commit.run_id for commit in history(store)] == ["run", None]
    assert open_table(store).to_pyarrow_dataset().count_rows() == 3


def test_a_shard_staged_again_after_it_was_resolved_is_resolved_again(here: Desk, room: Kiosk) -> None:
    """By a worker that was taken for dead: what it fetched is newer than what the run's own try had."""
    shards = _planned(here, "run", 0)
    for shard in shards:
        ingest_shard(here.workspace, shard, NIGHT)
    resolve(here.workspace, "run", NIGHT)
    room.feed("/harbour", LATER, MARKET)
    for shard in shards:
        ingest_shard(here.workspace, shard, NIGHT)
    assert land(here.workspace, "run", shards, NIGHT).landed == 2
    assert _landed(here, "next", _planned(here, "next", 1), 1).landed == 0
    assert sorted((a.guid, a.version, "two nights" in a.body_text) for a in here.articles()) == [
        ("ferry", 1, True),
        ("market", 1, False),
    ]
