"""A lost state database, made again from the store: the next night is as if nothing had been lost."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Table, select

from ingest.errors import StateError
from ingest.pipeline import complete_killed, ingest_shard, land, plan, resolve
from ingest.rebuild import Rebuilt, rebuild
from ingest.state.database import read
from ingest.state.tables import (
    items,
    learned_rules,
    line_counts,
    runs,
    story_aliases,
    story_links,
    story_members,
    versions,
)
from tests.newsroom import FEW, NIGHT, Desk, demo_desk, desk

_LATER = NIGHT + timedelta(hours=30)
_NOT_KEPT = {"entry_hash", "last_seen_at", "id", "day", "report", "finished_at"}


def _rows(one: Desk, table: Table) -> list[str]:
    columns = [column for column in table.columns if column.name not in _NOT_KEPT]
    with read(one.workspace.engine) as conn:
        return sorted(repr(row) for row in conn.execute(select(*columns)))


def _rebuild(one: Desk) -> Rebuilt:
    ws = one.workspace
    ws.set_up()
    return rebuild(ws.store, ws.engine, _LATER, 10_000)


def _without_state(folder: Path, to: Path) -> Desk:
    shutil.copytree(folder, to)
    shutil.rmtree(to / "state")
    return desk(to)


def test_a_night_after_a_rebuild_is_as_if_nothing_was_lost(tmp_path: Path) -> None:
    with demo_desk(tmp_path / "one", faults=False) as (demo, one):
        one.night()
        one.night(1)
        other = _without_state(tmp_path / "one", tmp_path / "other")
        with pytest.raises(StateError, match="knows none"):
            other.night(2)
        found = _rebuild(other)
        assert (found.runs, found.articles, found.reports_missing) == (2, len(one.articles()), 0)
        for table in (items, versions, runs, story_members, story_aliases, story_links, learned_rules, line_counts):
            assert _rows(other, table) == _rows(one, table), table.name
        assert _rebuild(other).runs == 0
        assert other.night(3).landed == 0  # each feed was asked for all it has

        demo.day = 2
        assert one.night(24).landed == other.night(24).landed > 0
    assert _landed(other) == _landed(one)
    for table in (items, versions, story_members, story_aliases, story_links):
        assert _rows(other, table) == _rows(one, table), table.name


def _landed(one: Desk) -> list[str]:
    own = dict.fromkeys(("run_id", "fetched_at", "raw"))
    return sorted(article.model_copy(update=own).model_dump_json() for article in one.articles())


def test_an_older_copy_of_the_state_gets_what_it_lacks(tmp_path: Path) -> None:
    with demo_desk(tmp_path / "one", faults=False) as (demo, one):
        one.night(0, FEW)
        shutil.copytree(tmp_path / "one" / "state", tmp_path / "copy")
        demo.day = 2
        one.night(24, FEW)
        whole = [_rows(one, table) for table in (items, versions, runs, story_members, learned_rules)]
        shutil.rmtree(tmp_path / "one" / "state")
        shutil.copytree(tmp_path / "copy", tmp_path / "one" / "state")
        found = _rebuild(one)
    assert (found.runs, found.known_before) == (1, 1)
    assert [_rows(one, table) for table in (items, versions, runs, story_members, learned_rules)] == whole


def test_a_run_killed_while_it_landed_is_left_to_the_next_run(tmp_path: Path) -> None:
    with demo_desk(tmp_path / "one", faults=False) as (_, one):
        one.workspace.set_up()
        ws = one.workspace
        for shard in plan(ws, "killed", NIGHT, FEW, True):
            ingest_shard(ws, shard, NIGHT)
        resolve(ws, "killed", NIGHT)
        shutil.copytree(tmp_path / "one" / "store" / "staging", tmp_path / "staging")
        land(ws, "killed", (), NIGHT)
        whole = _rows(one, items)
        shutil.copytree(tmp_path / "staging", tmp_path / "one" / "store" / "staging", dirs_exist_ok=True)
        (tmp_path / "one" / "store" / "runs" / "killed.json").unlink()
        shutil.rmtree(tmp_path / "one" / "state")
        assert _rebuild(one).unfinished == ("killed",)
        assert complete_killed(one.workspace, NIGHT) == ["killed"]
    assert _rows(one, items) == whole
