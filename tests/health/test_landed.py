"""Health through the whole pipeline: counted once a run, told in its report, in the store, and on the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest

from ingest.cli.registry import State
from ingest.health import model
from ingest.pipeline import alerts, land
from ingest.state.database import read
from ingest.state.health import load_days
from ingest.upkeep import keep_up
from tests.cli.conftest import Run, ingest  # noqa: F401
from tests.newsroom import NIGHT, TODAY, Desk, Kiosk, Story, demo_desk, desk, kiosk, registry

FERRY = Story("ferry", "Ferry returns", "The ferry came back to the harbour after a long night at sea.")


SOURCES = ("tagesbote", "mpa-wire", "quayside-podcast", "fault-404", "fault-410", "fault-moved")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Some of the demo newsroom, with faults, read on two nights."""
    with demo_desk(tmp_path_factory.mktemp("demo")) as (_, one):
        one.night(source_ids=SOURCES)
        one.night(24, source_ids=SOURCES)
        yield one


@pytest.fixture
def on_demo(demo: Desk, ingest: Run, monkeypatch: pytest.MonkeyPatch) -> Run:  # noqa: F811
    for name in ("sources", "store", "state", "allow_nets"):
        monkeypatch.setenv(f"INGEST_{name.upper()}", str(getattr(demo.settings, name)))
    return ingest


def test_the_states_of_the_command_line_are_those_there_are() -> None:
    assert [state.value for state in State] == list(get_args(model.State))


def test_all_sources_are_shown_and_the_ill_ones_explained(on_demo: Run) -> None:
    shown = on_demo("sources", "health")
    assert shown.code == 1
    assert "fault-410 gone its publisher retired it (410), 2026-11-24" in shown.out
    assert "→ ingest sources disable fault-410" in shown.out
    assert "fault-moved moved http://" in shown.out
    assert shown.out.count("healthy") == 3
    assert shown.out.count("never asked") > 20
    well = on_demo("sources", "health", "tagesbote", "mpa-wire")
    assert well.code == 0
    assert len(well.out.splitlines()) == 4  # a header, two sources, an empty line


def test_as_json_by_state_and_by_id(on_demo: Run) -> None:
    rows = on_demo("sources", "health", "--json").rows
    assert {row["state"] for row in rows} == {"healthy", "failing", "moved", "gone", None}
    failing = on_demo("sources", "health", "--json", "--state", "failing")
    assert {row["state"] for row in failing.rows} == {"failing"}
    assert on_demo("sources", "health", "--state", "quiet").code == 0
    [row] = on_demo("sources", "health", "fault-404", "--json").rows
    assert (row["failures"], row["last_success_at"]) == (2, None)
    assert "HTTP status 404" in str(row["last_error"])
    assert "no-such" in on_demo("sources", "health", "no-such").err


def test_events(on_demo: Run) -> None:
    assert "new → gone" in on_demo("sources", "health", "--events").out
    rows = on_demo("sources", "health", "fault-moved", "--events", "--json").rows
    assert [(row["before"], row["after"]) for row in rows] == [("healthy", "moved")]


def test_doctor_names_sources_that_are_ill(on_demo: Run) -> None:
    told = on_demo("doctor")
    assert told.code == 0
    assert "fault-" in next(line for line in told.out.splitlines() if "health:" in line)


def test_the_day_lands_as_a_file(demo: Desk) -> None:
    store = demo.workspace.store
    still_asked = set(SOURCES) - {"fault-410"}
    for day, ids, new in ((TODAY, set(SOURCES), True), (TODAY + timedelta(days=1), still_asked, False)):
        rows = [json.loads(line) for line in store.get(f"health/{day}.jsonl").splitlines()]
        assert [row["source_id"] for row in rows] == sorted(ids)
        assert {row["day"] for row in rows} == {day.isoformat()}
        assert any(row["new"] for row in rows) == new


def _kiosk_desk(folder: Path, room: Kiosk) -> Desk:
    registry(folder, harbour=room.feed("/harbour", FERRY))
    return desk(folder)


def test_a_run_that_lands_twice_counts_once(tmp_path: Path) -> None:
    with kiosk() as room:
        one = _kiosk_desk(tmp_path, room)
        report = one.night()
    assert land(one.workspace, report.run_id, (), NIGHT + timedelta(hours=1)) == report
    with read(one.workspace.engine) as conn:
        [day] = load_days(conn, ["harbour"], TODAY)["harbour"]
    assert (day.runs, day.new, day.feeds, sum(day.lateness)) == (1, 1, 1, 1)


def test_what_changes_is_in_the_report_and_its_lines(tmp_path: Path) -> None:
    with kiosk() as room:
        one = _kiosk_desk(tmp_path, room)
        assert one.night().health == ()
        room.statuses["/harbour"] = 500
        one.night(24)
        report = one.night(48)
        told = next(line for line in report.lines() if line.startswith("health:"))
        assert told.startswith("health: harbour is failing, was healthy: failed 2 times in a row: http://")
        assert told.endswith("→ ingest fetch --source harbour shows why")
        [state, alert] = alerts(report)
        assert (state["kind"], state["before"], state["after"]) == ("state", "healthy", "failing")
        assert (alert["kind"], alert["after"], alert["run_id"]) == ("alert", "failing", report.run_id)
        text = (tmp_path / "sources.toml").read_text()
        (tmp_path / "sources.toml").write_text(
            f'{text}enabled = false\n[sources.quay]\nurl = "{room.feed("/quay", FERRY)}"\n'
        )
        assert [(c.before, c.after) for c in one.night(72).health] == [("failing", "paused"), ("failing", None)]


def test_changed_guids_are_seen_as_copies(tmp_path: Path) -> None:
    def stories(edition: str) -> list[Story]:
        words = ("ferry", "market", "bridge", "school", "harvest")
        return [
            Story(f"{word}-{edition}", f"A {word} opens", f"The {word} of this town is {len(word)} years old.")
            for word in words
        ]

    with kiosk() as room:
        one = _kiosk_desk(tmp_path, room)
        room.feed("/harbour", *stories("a"))
        one.night()
        room.feed("/harbour", *stories("b"))
        one.night(24)
    with read(one.workspace.engine) as conn:
        _, second = load_days(conn, ["harbour"], TODAY)["harbour"]
    assert (second.new, second.copies) == (5, 5)


def test_upkeep_forgets_old_days(tmp_path: Path) -> None:
    with kiosk() as room:
        one = _kiosk_desk(tmp_path, room)
        one.night()
    keep_up(one.workspace, NIGHT + timedelta(days=69))
    with read(one.workspace.engine) as conn:
        assert load_days(conn, ["harbour"], TODAY)
    keep_up(one.workspace, NIGHT + timedelta(days=71))
    with read(one.workspace.engine) as conn:
        assert load_days(conn, ["harbour"], TODAY) == {}
