"""Whole checks: a newsroom that lands, a state of both kinds, a webhook for notices and one for alerts."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.alerts import Alert
from ingest.alerts.check import check, on_now
from ingest.alerts.told import SETTLE
from ingest.health.model import Alert as SourceAlert
from ingest.land.table import commit_run
from ingest.state.database import write
from ingest.state.health import load_health, save_health
from tests.hook import Hook, hook
from tests.newsroom import Desk, Story, desk, kiosk, registry

KEY = "0123456789abcdef"
FERRY = Story("ferry", "The ferry is back", "After a long night at sea the ferry came back to the harbour.")
FAILED = Alert(kind="run-failed", subject="syndication", what="a task", since=datetime(2026, 11, 24, tzinfo=UTC))


class Ops(Hook):
    """The webhook that alerts go to."""

    @property
    def told(self) -> list[tuple[list[str], int]]:
        """Of each message: the kinds that begun, and how many are over."""
        letters = (json.loads(body) for _, body in self.got)
        return [([line["kind"] for line in one["begun"]], len(one["over"])) for one in letters]


@contextmanager
def landed(folder: Path, state: str, **settings: object) -> Iterator[tuple[Ops, Desk, datetime]]:
    """A desk with one run in its table, its alerts' webhook, and the time after."""
    with hook() as there, kiosk() as shop:
        there.__class__ = Ops
        assert isinstance(there, Ops)
        registry(folder, paper=shop.feed("/rss", FERRY))
        here = desk(folder, state=state, alerts=there.url, notice_key=KEY, **settings)
        here.night()
        yield there, here, datetime.now(UTC)


def alarm(here: Desk, *kinds: str) -> None:
    """As a run would leave it."""
    with write(here.workspace.engine) as conn:
        health = load_health(conn, ["paper"])["paper"]
        on = [SourceAlert.model_validate({"kind": kind, "since": health.at, "cause": "as it is"}) for kind in kinds]
        save_health(conn, [health.model_copy(update={"alerts": tuple(on)})], "run")


def test_what_begins_and_ends_is_told_once_in_one_message(tmp_path: Path, state_url: str) -> None:
    with landed(tmp_path, state_url) as (ops, here, now):
        assert check(here.workspace, now).on == []
        alarm(here, "silent", "late")
        for minute in range(3):
            check(here.workspace, now + timedelta(minutes=minute))
        assert ops.told == [(["source-late", "source-silent"], 0)]
        assert [(alert.kind, row is not None) for alert, row in on_now(here.workspace, now)] == [
            ("source-late", True),
            ("source-silent", True),
        ]
        alarm(here)
        check(here.workspace, now + SETTLE)
        check(here.workspace, now + 2 * SETTLE)
        check(here.workspace, now + 3 * SETTLE)
        assert ops.told[1:] == [([], 2)]


def test_a_red_run_is_on_until_its_dag_ends_well(tmp_path: Path, state_url: str) -> None:
    with landed(tmp_path, state_url) as (ops, here, now):
        check(here.workspace, now, [FAILED])
        check(here.workspace, now + timedelta(minutes=1), [FAILED])
        check(here.workspace, now + timedelta(minutes=2), well="wires")
        assert [alert.kind for alert, _ in on_now(here.workspace, now)] == ["run-failed"]
        check(here.workspace, now + timedelta(minutes=3), well="syndication")
        check(here.workspace, now + timedelta(minutes=4) + SETTLE)
        assert ops.told == [(["run-failed"], 0), ([], 1)]


def test_a_channel_that_is_down_is_tried_again_and_fails_nothing(tmp_path: Path) -> None:
    with landed(tmp_path, f"sqlite:///{tmp_path}/state.db") as (ops, here, now):
        ops.status = 500
        assert [one.error for one in check(here.workspace, now, [FAILED]).sent] != [None]
        check(here.workspace, now + timedelta(minutes=1))
        ops.status = 200
        check(here.workspace, now + timedelta(minutes=6))
        check(here.workspace, now + timedelta(minutes=12))
        assert ops.told == [(["run-failed"], 0)] * 2  # the first was answered with 500


def test_a_kill_that_a_webhook_does_not_take_is_told_after_it_was_tried_again(tmp_path: Path) -> None:
    with hook() as cms, landed(tmp_path, f"sqlite:///{tmp_path}/state.db", notice_hooks=cms.url) as (ops, here, now):
        cms.status = 502
        (ferry,) = here.articles()
        kill = ferry.model_copy(update={"version": 2, "pub_status": "canceled"})
        commit_run(here.workspace.store, "wires-1", [kill], now, {})
        from ingest.pipeline import notify

        notify(here.workspace, now)
        tries = len(cms.got)
        check(here.workspace, now + timedelta(minutes=10))
        assert ops.told == []
        assert len(cms.got) == tries + 1
        check(here.workspace, now + timedelta(minutes=16))
        assert ops.told == [(["kill-undelivered"], 0)]
        (line,) = json.loads(ops.got[0][1])["begun"]
        assert ferry.article_id in line["what"]
        assert "502" in line["what"]
        assert "s3cret" not in ops.got[0][1].decode()
        cms.status = 200
        assert check(here.workspace, now + timedelta(minutes=17)).on == []


def test_a_night_without_a_landing_is_told(tmp_path: Path) -> None:
    with landed(tmp_path, f"sqlite:///{tmp_path}/state.db") as (ops, here, now):
        check(here.workspace, now + timedelta(hours=25))
        assert ops.told == []
        check(here.workspace, now + timedelta(hours=27))
        assert ops.told == [(["nothing-landed"], 0)]


def test_sources_that_gave_nothing_when_last_asked_are_counted(tmp_path: Path) -> None:
    with landed(tmp_path, f"sqlite:///{tmp_path}/state.db") as (ops, here, _):
        (tmp_path / "sources.toml").write_text((tmp_path / "sources.toml").read_text().replace("/rss", "/gone"))
        here.night(24)
        check(here.workspace, datetime.now(UTC))
        assert ops.told == [(["failure-share", "source-failing"], 0)]


def test_a_store_that_is_away_is_told(tmp_path: Path) -> None:
    with landed(tmp_path, f"sqlite:///{tmp_path}/state.db") as (ops, here, now):
        shutil.move(tmp_path / "store", tmp_path / "unmounted")
        check(here.workspace, now)
        check(here.workspace, now + timedelta(minutes=1))
        assert ops.told == [(["store-unreachable"], 0)]


def test_a_state_that_is_away_is_told_once_and_that_it_is_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with landed(tmp_path, f"sqlite:///{tmp_path}/state/state.db") as (ops, here, now):
        shutil.move(tmp_path / "state", tmp_path / "away")
        for minute in (0, 5, 10):
            done = check(here.workspace, now + timedelta(minutes=minute), [FAILED])
            assert [alert.kind for alert in done.on] == ["state-unreachable", "run-failed"]
        assert ops.told == [(["run-failed", "state-unreachable"], 0)]
        shutil.rmtree(tmp_path / "state")  # an empty one was made in its place
        shutil.move(tmp_path / "away", tmp_path / "state")
        check(here.workspace, now + timedelta(minutes=15))
        check(here.workspace, now + timedelta(minutes=20))
        assert ops.told[1:] == [([], 1)]


def test_without_a_channel_nothing_is_sent_and_nothing_fails(tmp_path: Path) -> None:
    with landed(tmp_path, f"sqlite:///{tmp_path}/state.db") as (ops, here, now):
        alarm(here, "silent")
        done = check(desk(tmp_path, state=f"sqlite:///{tmp_path}/state.db").workspace, now)
        assert (done.sent, done.told, ops.told) == ([], 1, [])
