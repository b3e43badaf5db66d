"""What could not be used: told with its bytes, read again, mended, discarded."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.errors import NotStored
from ingest.land.raw import read_raw
from ingest.quarantine import Held, Settled, find, held, payload_of, settle
from ingest.quarantine.again import MENDED, replay
from tests.newsroom import Desk, Kiosk, Story, desk, kiosk, registry

FERRY = Story("ferry", "Ferry returns", "The ferry came back to the harbour after a long night at sea.")
MARKET = Story("market", "Market opens", "Stalls were full of fish by nine, as each week in this town.", path="/market")
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture
def room() -> Iterator[Kiosk]:
    with kiosk() as found:
        yield found


def _broken(tmp_path: Path, room: Kiosk) -> tuple[Desk, bytes]:
    """A night on which the harbour's feed was no feed; what it should have been."""
    registry(tmp_path, harbour=room.feed("/harbour", FERRY))
    good = room.bodies["/harbour"]
    room.bodies["/harbour"] = b"\x1b[2J{ not a feed \xff"
    one = desk(tmp_path)
    assert one.night().landed == 0
    return one, good


def _one(desk: Desk) -> Held:
    (found,) = [one for one in held(desk.workspace.store) if one.settled is None]
    return found


def test_an_id_stays_and_its_beginning_will_do(tmp_path: Path, room: Kiosk) -> None:
    one, _ = _broken(tmp_path, room)
    store, there = one.workspace.store, _one(one)
    assert find(store, [there.id[:6]]) == [there]
    assert payload_of(store, there).body == b"\x1b[2J{ not a feed \xff"
    with pytest.raises(NotStored):
        find(store, ["nothing"])
    with pytest.raises(NotStored):
        find(store, [""])
    settle(store, [there], Settled(how="discarded", at=NOW, by="ann", why="a test of theirs"))
    settle(store, [there], Settled(how="discarded", at=NOW, by="bob", why="again"))
    (after,) = find(store, [there.id])
    assert after.settled is not None
    assert after.settled.by == "ann"


def test_what_is_still_bad_stays_in_quarantine(tmp_path: Path, room: Kiosk) -> None:
    one, _ = _broken(tmp_path, room)
    report, outcome = replay(one.workspace, [_one(one)], NOW, "ann")
    assert report.landed == 0
    assert [wrong and wrong.code for wrong in outcome.values()] == [_one(one).code]


def test_mended_bytes_land_as_a_run_of_its_own_and_are_archived(tmp_path: Path, room: Kiosk) -> None:
    one, good = _broken(tmp_path, room)
    there = _one(one)
    report, outcome = replay(one.workspace, [there], NOW, "ann", good)
    assert (report.landed, list(outcome.values())) == (1, [None])
    (article,) = one.articles()
    assert article.run_id == report.run_id
    assert article.raw is not None
    assert there.raw is not None
    archived = read_raw(one.workspace.store, article.raw)
    assert archived.body == good
    assert dict(archived.headers)[MENDED] == f"{there.raw.archive}@{there.raw.offset}"
    room.bodies["/harbour"] = good
    assert one.night(24).landed == 0  # it is known


def test_an_item_whose_page_has_a_story_now(tmp_path: Path, room: Kiosk) -> None:
    registry(tmp_path, harbour=room.feed("/harbour", FERRY, MARKET))
    room.bodies["/market"] = b"<!DOCTYPE html><title>Log in</title><p>Log in</p>"
    one = desk(tmp_path)
    assert one.night().landed == 1
    there = _one(one)
    room.page("/market", MARKET)
    report, outcome = replay(one.workspace, [there], NOW, "ann")
    assert (report.landed, list(outcome.values())) == (1, [None])
    assert one.pending("harbour") == []
    assert [h.settled and h.settled.why for h in held(one.workspace.store)] == [report.run_id]
    assert len(one.landed()) == 2


def test_what_was_replaced_since_is_left(tmp_path: Path, room: Kiosk) -> None:
    registry(tmp_path, harbour=room.feed("/harbour", FERRY, MARKET))
    room.bodies["/market"] = b"<!DOCTYPE html><title>Log in</title><p>Log in</p>"
    one = desk(tmp_path)
    one.night()
    there = _one(one)
    later = dataclasses.replace(FERRY, text="The ferry came back to the harbour after two nights at sea.")
    room.feed("/harbour", later)
    assert one.night(24).landed == 1
    room.page("/market", MARKET)
    report, _ = replay(one.workspace, [there], NOW, "ann")
    assert report.landed == 1
    assert {a.guid: a.version for a in one.articles(latest_only=True)} == {"ferry": 2, "market": 1}


def test_what_never_came_cannot_be_read_again(tmp_path: Path, room: Kiosk) -> None:
    registry(tmp_path, harbour=room.feed("/harbour", FERRY))
    room.statuses["/harbour"] = 500
    one = desk(tmp_path)
    one.night()
    with pytest.raises(NotStored, match="nothing came"):
        replay(one.workspace, [_one(one)], NOW, "ann")
