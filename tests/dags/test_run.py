"""The DAGs in a real Airflow (scheduler, API server, DAG processor, local executor): demo newsroom, and a wire."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ingest.demo import expected_landed
from ingest.embedded import EmbeddedAirflow
from tests.newsroom import TODAY, Desk, demo_desk, processes_of
from tests.test_wires import anpa

pytestmark = [pytest.mark.airflow, pytest.mark.slow, pytest.mark.timeout(600)]

GOOD = ["nlp-dienst", "quayside-podcast", "tagesbote", "wire-drop"]
BAD = ["fault-404", "fault-html"]


@dataclass(frozen=True)
class Run:
    state: str
    squares: Mapping[str, str]
    events: list[dict[str, Any]]  # the extras of the asset events it made


@dataclass(frozen=True)
class Night:
    """One Airflow, from its start to its end: the runs in it, and what it leaves."""

    desk: Desk
    runs: Mapping[str, Run]
    expected: set[tuple[str, str]]
    polls: list[tuple[str, str]]  # start and end of every poll of the wires
    left_over: list[str]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    folder = tmp_path_factory.mktemp("night")
    home = folder / "airflow"
    with demo_desk(folder, shards=2) as (demo, desk):
        drop = _wire(folder)
        desk.workspace.set_up()
        names = ("sources", "store", "state", "allow_nets", "host_delay_s", "shards")
        env = {f"INGEST_{name.upper()}": str(getattr(desk.settings, name)) for name in names}
        with EmbeddedAirflow(home, env) as airflow:
            runs = {
                "good": _run(airflow, sources=GOOD + BAD),
                "again": _run(airflow, sources=GOOD),
                "bad": _run(airflow, sources=BAD, force=True),
                "unknown": _run(airflow, sources=["nobody"]),
                "wire": _poll(
                    airflow, drop / "1", anpa(1, "Ferry", "Ferry returns", "The ferry came back at dawn.", 1)
                ),
                "kill": _poll(airflow, drop / "2", anpa(2, "Ferry, KILL", "KILL", "Kill the story slugged Ferry.", 9)),
            }
            runs["quiet"] = _together(airflow, 3)
            runs |= _replays(airflow, desk)
            polls = _polls(airflow)
        expected = {key for key in expected_landed(today=TODAY, base_url=demo.base_url) if key[0] in GOOD}
    yield Night(desk, runs, expected, polls, processes_of(home))


def _wire(folder: Path) -> Path:
    drop = folder / "wire"
    drop.mkdir()
    with (folder / "sources.toml").open("a", encoding="utf-8") as registry:
        registry.write(f'\n[sources.ferry-wire]\nurl = "file://{drop}"\nwire = true\nevery = "1s"\n')
    return drop


def _replays(airflow: EmbeddedAirflow, desk: Desk) -> dict[str, Run]:
    """The good night read again under a new rule: what would change, and then changed."""
    with desk.settings.sources.open("a", encoding="utf-8") as file:
        file.write('\n[sources.tagesbote.rights]\nusage_terms = "not for archives"\n')
    first = min((run for run in desk.runs() if not run.run_id.startswith("wires-")), key=lambda run: run.started_at)
    conf = {"run_id": first.run_id, "sources": ["tagesbote"]}
    return {
        "replay of nothing": _run(airflow, "replay"),
        "dry replay": _run(airflow, "replay", **conf),
        "replay": _run(airflow, "replay", **conf, dry_run=False),
    }


def _poll(airflow: EmbeddedAirflow, file: Path, message: bytes) -> Run:
    file.write_bytes(message)
    return _run(airflow, "wires")


def _together(airflow: EmbeddedAirflow, times: int) -> Run:
    """So many polls asked for at once; the last of them."""
    run_ids = [airflow.trigger("wires") for _ in range(times)]
    squares = [dict(airflow.wait("wires", run_id)) for run_id in run_ids]
    return Run(airflow.run_state("wires", run_ids[-1]), squares[-1], [])


def _polls(airflow: EmbeddedAirflow) -> list[tuple[str, str]]:
    listing = airflow.api("GET", "/api/v2/dags/wires/dagRuns/~/taskInstances?limit=100")["task_instances"]
    return sorted((poll["start_date"], poll["end_date"]) for poll in listing if poll["start_date"] and poll["end_date"])


def _run(airflow: EmbeddedAirflow, dag_id: str = "syndication", **conf: object) -> Run:
    before = {event["id"] for event in _events(airflow)}
    run_id = airflow.trigger(dag_id, conf)
    squares = dict(airflow.wait(dag_id, run_id))
    events = [event["extra"] for event in _events(airflow) if event["id"] not in before]
    return Run(airflow.run_state(dag_id, run_id), squares, events)


def _events(airflow: EmbeddedAirflow) -> list[dict[str, Any]]:
    return airflow.api("GET", "/api/v2/assets/events?limit=100")["asset_events"]  # type: ignore[no-any-return]


def test_a_night_with_faults_is_green_and_lands_what_is_good(night: Night) -> None:
    run = night.runs["good"]
    shards = {name for name in run.squares if name.startswith("ingest ")}
    assert shards == {"ingest shard01", "ingest shard02"}
    assert run.squares == dict.fromkeys(["plan", *shards, "resolve", "land", "report"], "success")
    assert run.state == "success"
    landed = night.desk.landed()
    assert Counter({key: n for key, n in landed.items() if key[0] != "ferry-wire"}) == Counter(night.expected)


def test_the_commit_is_an_asset_event_with_its_counts(night: Night) -> None:
    [counts] = night.runs["good"].events
    assert counts["landed"] == len(night.expected)
    assert (counts["sources"], counts["failed"], counts["rejected"]) == (6, 2, 0)
    [first] = [run for run in night.desk.runs() if run.run_id == counts["run_id"]]
    assert (first.status, first.table_version) == ("landed", counts["table_version"])


def test_a_night_with_nothing_due_is_green(night: Night) -> None:
    run = night.runs["again"]
    assert (run.state, run.squares["ingest"], run.squares["report"]) == ("success", "skipped", "success")
    assert all(event["landed"] == 0 for event in run.events)


def test_too_many_failures_are_red_in_report_after_landing(night: Night) -> None:
    run = night.runs["bad"]
    others = {name: state for name, state in run.squares.items() if state != "success"}
    assert (run.state, others) == ("failed", {"land": "skipped", "report": "failed"})  # nothing of it was good
    landed = next(run for run in night.desk.runs() if not run.run_id.startswith(("wires-", "replay-")))
    assert landed.status == "landed"
    report = night.desk.workspace.store.get(f"runs/{landed.run_id}.json").decode()
    assert all(source_id in report for source_id in BAD)
    assert night.desk.feed_states("fault-404")[0].failures == 2


def test_a_run_that_cannot_be_planned_is_red_at_once(night: Night) -> None:
    run = night.runs["unknown"]
    assert (run.state, run.squares["plan"], run.squares["report"]) == ("failed", "failed", "failed")
    assert "up_for_retry" not in run.squares.values()


def test_a_story_and_its_kill_are_downstream_when_their_polls_end(night: Night) -> None:
    """Airflow may poll on its own in between, so what counts is what landed, not which run of the two took it."""
    assert [sum(event["landed"] for event in night.runs[name].events) for name in ("wire", "kill")] == [1, 1]
    found = [a for a in night.desk.articles() if a.source_id == "ferry-wire"]
    assert [(a.version, a.pub_status) for a in sorted(found, key=lambda a: a.version)] == [
        (1, "usable"),
        (2, "canceled"),
    ]
    assert {night.runs[name].state for name in ("wire", "kill")} == {"success"}


def test_a_poll_with_nothing_new_is_skipped_and_wakes_nobody(night: Night) -> None:
    assert (night.runs["quiet"].state, night.runs["quiet"].squares) == ("success", {"poll": "skipped"})


def test_a_dry_replay_lands_nothing_and_a_replay_the_next_versions(night: Night) -> None:
    dry, real = night.runs["dry replay"], night.runs["replay"]
    assert (dry.state, dry.squares["resolve"], dry.squares["land"], dry.events) == ("success", "skipped", "skipped", [])
    assert set(real.squares.values()) == {"success"}
    renewed = [a for a in night.desk.articles() if (a.run_id or "").startswith("replay-")]
    assert {(a.source_id, a.version, a.rights.usage_terms) for a in renewed} == {("tagesbote", 2, "not for archives")}
    assert [event["landed"] for event in real.events] == [len(renewed)]


def test_a_replay_of_nothing_is_red_at_once(night: Night) -> None:
    run = night.runs["replay of nothing"]
    assert (run.state, run.squares["plan"]) == ("failed", "failed")


def test_polls_never_overlap(night: Night) -> None:
    assert len(night.polls) >= 5
    assert all(before[1] <= after[0] for before, after in pairwise(night.polls))


def test_no_process_is_left(night: Night) -> None:
    assert night.left_over == []
