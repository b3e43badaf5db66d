"""In a real Airflow: links to the newsroom, another team's DAG, takedowns that a person approves, reading again."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from ingest.embedded import PROJECT, EmbeddedAirflow
from ingest.quarantine import held
from ingest.takedown.audit import removals
from tests.newsroom import Desk, demo_desk

pytestmark = [pytest.mark.airflow, pytest.mark.slow, pytest.mark.timeout(900)]

SOURCES = ["nlp-dienst", "tagesbote", "fault-html"]


@dataclass(frozen=True)
class Office:
    airflow: EmbeddedAirflow
    desk: Desk
    index: Path
    night: str  # the DAG run that brought SOURCES

    def run(self, dag_id: str, **conf: object) -> tuple[str, dict[str, str]]:
        run_id = self.airflow.trigger(dag_id, conf)
        return run_id, dict(self.airflow.wait(dag_id, run_id))

    def links(self, task_id: str, map_index: int = -1) -> dict[str, str]:
        path = f"/api/v2/dags/syndication/dagRuns/{quote(self.night)}/taskInstances/{task_id}/links"
        links: dict[str, str] = self.airflow.api("GET", f"{path}?map_index={map_index}")["extra_links"]
        return links


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("idiom")
    dags, index = folder / "dags", folder / "index.db"
    shutil.copytree(PROJECT / "dags", dags, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "docs" / "examples" / "search_index.py", dags)
    with demo_desk(folder, shards=2) as (_, desk):
        desk.workspace.set_up()
        names = ("sources", "store", "state", "allow_nets", "host_delay_s", "shards")
        env = {f"INGEST_{name.upper()}": str(getattr(desk.settings, name)) for name in names}
        env |= {"AIRFLOW__CORE__DAGS_FOLDER": str(dags), "SEARCH_INDEX": str(index)}
        with EmbeddedAirflow(folder / "airflow", env) as airflow:
            _read_by_airflow(airflow, "search_index")  # before there is something to follow
            night = airflow.trigger("syndication", {"sources": SOURCES})
            dict(airflow.wait("syndication", night))
            yield Office(airflow, desk, index, night)


def _read_by_airflow(airflow: EmbeddedAirflow, dag_id: str) -> None:
    _until(lambda: dag_id in [dag["dag_id"] for dag in airflow.api("GET", "/api/v2/dags?limit=100")["dags"]])


def _until(holds: object, timeout_s: float = 120) -> None:
    end = time.monotonic() + timeout_s
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.5)


def test_each_task_links_to_its_page(office: Office) -> None:
    page = f"{office.airflow.url}/plugin/newsroom/newsroom/dag-run?dag_id=syndication&run_id={quote(office.night)}"
    assert [office.links(task_id) for task_id in ("plan", "land", "report")] == [{"Newsroom": page}] * 3
    assert office.links("ingest", 1) == {"Newsroom": f"{page}&map_index=1"}


def test_another_teams_dag_follows_what_lands(office: Office) -> None:
    """Its runs are Airflow's: one event of the night woke it."""
    runs = "/api/v2/dags/search_index/dagRuns"
    _until(lambda: [run["state"] for run in office.airflow.api("GET", runs)["dag_runs"]] == ["success"])
    heads = {a.article_id for a in office.desk.articles(latest_only=True) if a.duplicate_of is None}
    assert len(heads) > 10
    assert _indexed(office.index) == heads


def _indexed(index: Path) -> set[str]:
    with sqlite3.connect(index) as news:
        return {id_ for (id_,) in news.execute("SELECT article_id FROM news")}


@pytest.mark.parametrize("answer", ["Reject", "Approve"])
def test_a_takedown_waits_for_a_person(office: Office, answer: str) -> None:
    target = min(a.article_id for a in office.desk.articles())
    airflow, before = office.airflow, office.desk.articles()
    run_id = airflow.trigger("takedown", {"ids": [target], "reason": "a court's order"})
    task = f"/api/v2/dags/takedown/dagRuns/{quote(run_id)}/taskInstances/approve/-1"
    _until(lambda: airflow.run_state("takedown", run_id) == "failed" or _is_asked(airflow, run_id))
    asked = airflow.api("GET", f"{task}/hitlDetails")
    assert target in asked["body"]
    assert not any(a.headline in asked["body"] for a in before if a.headline)
    assert office.desk.articles() == before
    squares = _answer(airflow, run_id, f"{task}/hitlDetails", answer)
    there = {a.article_id for a in office.desk.articles()}
    if answer == "Reject":
        assert (squares["remove"], target in there) == ("skipped", True)
    else:
        assert (squares["remove"], target in there) == ("success", False)
        [told] = list(removals(office.desk.workspace.store))
        assert (told.subject, told.reason, told.by) == (target, "a court's order", "admin, approved by admin")


def _answer(airflow: EmbeddedAirflow, run_id: str, question: str, answer: str) -> dict[str, str]:
    """Answers as a person would until the run has ended: Airflow loses one of the first second, and asks again."""

    def has_ended() -> bool:
        if _is_asked(airflow, run_id):
            time.sleep(3)
            airflow.api("PATCH", question, {"chosen_options": [answer]})
        return airflow.run_state("takedown", run_id) in ("success", "failed")

    _until(has_ended)
    return dict(airflow.squares("takedown", run_id))


def _is_asked(airflow: EmbeddedAirflow, run_id: str) -> bool:
    return ("approve", "awaiting_input") in airflow.squares("takedown", run_id)


def test_a_takedown_of_nothing_is_red_at_once(office: Office) -> None:
    run_id, squares = office.run("takedown", ids=["0123456789abcdef"], reason="a typo")
    assert (squares["look"], office.airflow.run_state("takedown", run_id)) == ("failed", "failed")


def test_what_is_still_bad_stays_in_quarantine(office: Office) -> None:
    [one] = [one for one in held(office.desk.workspace.store) if one.source_id == "fault-html"]
    run_id, squares = office.run("read_again", ids=[one.id])
    assert (squares, office.airflow.run_state("read_again", run_id)) == ({"read": "failed"}, "failed")
    assert [again.settled for again in held(office.desk.workspace.store) if again.id == one.id] == [None]


def test_a_backfill_needs_its_sources_named(office: Office) -> None:
    _, squares = office.run("syndication", since="2026-01-01T00:00:00Z")
    assert squares["plan"] == "failed"
    run_id, squares = office.run("syndication", sources=["tagesbote"], since="2026-01-01T00:00:00Z")
    assert (squares["report"], office.airflow.run_state("syndication", run_id)) == ("success", "success")
