"""Two runs under way at once, as the wires' and the nightly one are: landed one after the other, as if run so."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.errors import NotStored, StateError
from ingest.pipeline import Shard, ingest_shard, land, plan, resolve
from ingest.report import RunReport
from tests.newsroom import NIGHT, Desk, Kiosk, Story, desk, kiosk, registry

FERRY = Story("ferry", "Ferry returns", "The ferry came back to the harbour after a long night at sea.")


def _up_to_resolve(desk: Desk, run_id: str, hours: float = 0) -> list[Shard]:
    ws, now = desk.workspace, NIGHT + timedelta(hours=hours)
    ws.set_up()
    shards = plan(ws, run_id, now, force=True)
    for shard in shards:
        ingest_shard(ws, shard, now)
    resolve(ws, run_id, now)
    return shards


def _land(desk: Desk, run_id: str, shards: list[Shard], hours: float = 0) -> RunReport:
    return land(desk.workspace, run_id, shards, NIGHT + timedelta(hours=hours))


def _newsroom(folder: Path, room: Kiosk) -> Desk:
    registry(folder, harbour=room.feed("/harbour", FERRY))
    return desk(folder)


def test_what_both_found_lands_once(tmp_path: Path) -> None:
    with kiosk() as room:
        one = _newsroom(tmp_path, room)
        first, second = _up_to_resolve(one, "first"), _up_to_resolve(one, "second")
        assert _land(one, "first", first).landed == 1
        report = _land(one, "second", second, hours=1)
    assert (report.landed, report.stories) == (0, 0)
    assert [(a.version, a.run_id) for a in one.articles()] == [(1, "first")]


def test_what_changed_between_the_two_is_the_next_version(tmp_path: Path) -> None:
    changed = Story("ferry", "Ferry returns", "The ferry came back to the harbour after two nights at sea.")
    with kiosk() as room:
        one = _newsroom(tmp_path, room)
        first = _up_to_resolve(one, "first")
        room.feed("/harbour", changed)
        second = _up_to_resolve(one, "second")
        _land(one, "first", first)
        assert _land(one, "second", second, hours=1).landed == 1
        assert one.night(hours=2).landed == 0
    articles = sorted(one.articles(), key=lambda a: a.version)
    assert [(a.version, a.run_id) for a in articles] == [(1, "first"), (2, "second")]
    assert len({a.story_id for a in articles}) == 1


def test_copies_that_two_runs_found_are_one_story(tmp_path: Path) -> None:
    copy = Story("copy", FERRY.headline, FERRY.text)
    with kiosk() as room:
        one = _newsroom(tmp_path, room)
        first = _up_to_resolve(one, "first")
        registry(tmp_path, valley=room.feed("/valley", copy))
        second = _up_to_resolve(one, "second")
        _land(one, "first", first)
        assert _land(one, "second", second, hours=1).stories == 0
    assert sorted((a.source_id, a.relation) for a in one.articles()) == [("harbour", "canonical"), ("valley", "copy")]
    assert len({a.story_id for a in one.articles()}) == 1


def test_a_shard_that_turns_up_after_resolve_is_not_landed_half(tmp_path: Path) -> None:
    with kiosk() as room:
        other = Story("market", "Market opens", "Stalls were full of fish by nine, as each week in this town.")
        registry(tmp_path, harbour=room.feed("/harbour", FERRY), market=room.feed("/market", other))
        both = desk(tmp_path, shards=2)
        ws = both.workspace
        ws.set_up()
        early, late = plan(ws, "run", NIGHT, force=True)
        ingest_shard(ws, early, NIGHT)
        resolve(ws, "run", NIGHT)
        ingest_shard(ws, late, NIGHT)
        report = _land(both, "run", [early, late])
        assert report.landed == 1
        assert report.missing_shards == (late.name,)
        assert both.night(hours=1).landed == 1  # its source was still due
    assert len(both.landed()) == 2


def test_a_run_that_was_never_planned_or_resolved_does_not_land(tmp_path: Path) -> None:
    with kiosk() as room:
        one = _newsroom(tmp_path, room)
        one.workspace.set_up()
        with pytest.raises(StateError, match="no such run"):
            _land(one, "unknown", [])
        plan(one.workspace, "planned", NIGHT)
        with pytest.raises(NotStored):
            _land(one, "planned", [])


def _wire_item(number: int, **more: object) -> bytes:
    text = f"<p>{FERRY.text} Take {number}.</p>"
    item = {
        "uri": "urn:ferry",
        "version": str(number),
        "type": "text",
        "headline": f"Ferry {number}",
        "body_html": text,
    }
    return json.dumps(
        {"versioncreated": f"2026-11-23T0{number}:00:00Z", "pubstatus": "usable", **item, **more}
    ).encode()


def test_versions_sent_between_two_polls_all_land_in_their_order(tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    for number in (3, 1, 2):
        (drop / f"{9 - number}.json").write_bytes(_wire_item(number))  # the newest file is the oldest version
    registry(tmp_path, desk=f"file://{drop}")
    one = desk(tmp_path)
    assert one.night().landed == 3
    (drop / "late.json").write_bytes(_wire_item(2, headline="Ferry 2, sent again late"))
    assert one.night(hours=1).landed == 0
    (drop / "kill.json").write_bytes(_wire_item(4, pubstatus="canceled"))
    assert one.night(hours=2).landed == 1
    found = sorted(one.articles(), key=lambda a: a.version)
    assert [(a.version, a.headline, a.pub_status) for a in found] == [
        (1, "Ferry 1", "usable"),
        (2, "Ferry 2", "usable"),
        (3, "Ferry 3", "usable"),
        (4, "Ferry 4", "canceled"),
    ]
    assert len({a.story_id for a in found}) == 1
