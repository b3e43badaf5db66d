"""`ingest replay` and `ingest embargoes`, as a person calls them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ingest.cli import app
from tests.newsroom import Desk, Kiosk, kiosk
from tests.replay.test_replay import add_rule, newest, pages_and_feed
from tests.test_embargoes import END, send
from tests.test_wires import wire_desk


@pytest.fixture
def stall() -> Iterator[Kiosk]:
    with kiosk() as found:
        yield found


def call(one: Desk, *args: str) -> Result:
    names = ("sources", "store", "state", "allow_nets")
    env = {f"INGEST_{name.upper()}": str(getattr(one.settings, name)) for name in names}
    return CliRunner().invoke(app, list(args), env=env)


def test_a_dry_run_and_then_the_replay(tmp_path: Path, stall: Kiosk) -> None:
    one = pages_and_feed(tmp_path, stall)
    run = one.night().run_id
    add_rule(tmp_path, "fed", 'pattern = ".*point 2 .*"', 'kind = "promo"', 'reason = "a line of each story"')
    table = call(one, "replay", "--run", run, "--dry-run")
    assert (table.exit_code, "body_text" in table.stdout, "2 articles, 1 changed" in table.stderr) == (0, True, True)
    lines = call(one, "replay", "--since", "2026-11-23", "--dry-run", "--json")
    [difference] = map(json.loads, lines.stdout.splitlines())
    assert (difference["field"], difference["version"]) == ("body_text", 1)
    assert newest(one)["b"].version == 1
    report = call(one, "replay", "--run", run, "--source", "fed", "--json")
    assert json.loads(report.stdout)["landed"] == 1
    assert newest(one)["b"].version == 2


def test_it_wants_a_run_or_a_time(tmp_path: Path, stall: Kiosk) -> None:
    one = pages_and_feed(tmp_path, stall)
    one.workspace.set_up()
    assert call(one, "replay").exit_code == 2
    assert call(one, "replay", "--run", "a", "--since", "7d").exit_code == 2
    nothing = call(one, "replay", "--run", "run-of-nobody", "--dry-run")
    assert (nothing.exit_code, "raw archive" in nothing.stderr) == (1, True)


def test_what_waits_under_embargo(tmp_path: Path) -> None:
    one = wire_desk(tmp_path)
    one.workspace.set_up()
    assert "nothing is under embargo" in call(one, "embargoes").stderr
    send(tmp_path, "budget", END)
    one.night()
    assert "budget" in call(one, "embargoes").stdout
    [line] = call(one, "embargoes", "--json").stdout.splitlines()
    assert json.loads(line)["embargoed_until"] == "2099-11-24T09:00:00Z"
