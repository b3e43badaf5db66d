"""Wires read again: versions, adds and kills of several polls."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from ingest.replay import Wanted
from ingest.replay.program import replay_once
from ingest.state.database import write
from ingest.state.pieces import forget_pieces
from tests.newsroom import NIGHT, Desk
from tests.replay.test_replay import LATER, differences
from tests.test_wires import anpa, wire_desk

RULE = '\n[[sources.wire.rules]]\npattern = "Nobody on board.*"\nkind = "promo"\nreason = "for the test"\n'


def ferry(folder: Path, *, kill: bool) -> tuple[Desk, list[str]]:
    """A story, an add an hour later, and its kill. With the ids of the runs that took them."""
    one = wire_desk(folder)
    drop = folder / "drop"
    (drop / "1").write_bytes(anpa(1, "Ferry", "Ferry returns", "The ferry came back to the harbour at dawn.", 1))
    runs = [one.night().run_id]
    (drop / "2").write_bytes(anpa(2, "Ferry, 1st Add", "", "Nobody on board was hurt, its owners said.", 9))
    runs.append(one.night(hours=1).run_id)
    if kill:
        (drop / "3").write_bytes(anpa(3, "Ferry, KILL", "KILL", "Kill the story slugged Ferry. It is not true.", 20))
        runs.append(one.night(hours=2).run_id)
    with (folder / "sources.toml").open("a", encoding="utf-8") as file:
        file.write(RULE)
    return one, runs


def test_an_add_is_read_again_with_its_first_take(tmp_path: Path) -> None:
    one, (first, second) = ferry(tmp_path, kill=False)
    assert differences(one, Wanted(run_id=first)) == []
    [change] = differences(one, Wanted(run_id=second))
    assert (change.version, change.new) == (2, "The ferry came back to the harbour at dawn.")
    assert differences(one, Wanted(since=NIGHT)) == [change]


def test_an_add_whose_first_take_is_no_longer_known_is_left(tmp_path: Path) -> None:
    one, (_, second) = ferry(tmp_path, kill=False)
    with write(one.workspace.engine) as conn:
        forget_pieces(conn, LATER)
    assert differences(one, Wanted(run_id=second)) == []
    assert len(differences(one, Wanted(since=NIGHT))) == 1


def test_what_is_killed_stays_killed(tmp_path: Path) -> None:
    one, runs = ferry(tmp_path, kill=True)
    for run in runs:
        assert replay_once(one.settings, Wanted(run_id=run), now=LATER)[1].landed == 0
    assert replay_once(one.settings, Wanted(since=NIGHT), now=LATER + timedelta(hours=1))[1].landed == 0
    [article] = one.articles(latest_only=True)
    assert (article.version, article.pub_status) == (3, "canceled")
