"""A night on the deployment of docker-compose.yml, from wheels, and the same night on one machine's LocalExecutor."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingest.demo import expected_landed
from ingest.embedded import EmbeddedAirflow
from tests.newsroom import TODAY, Key, desk, processes_of
from tests.stack.deployment import demo_deployed
from tests.undisturbed import Outcome, outcome

pytestmark = [pytest.mark.airflow, pytest.mark.slow, pytest.mark.timeout(1800)]


@dataclass(frozen=True)
class Nights:
    """The demo's first day on both, and what the deployment leaves when it ends."""

    landed: Counter[Key]
    expected: Counter[Key]
    workers: Mapping[str, set[str]]  # task → where it ran
    celery: Outcome
    local: Outcome
    left_over: list[str]


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    folder = tmp_path_factory.mktemp("nights")
    with demo_deployed(folder) as (demo, stack, there):
        workers = _night(stack)
        landed, celery = there.landed(), outcome(there)
        expected = Counter(expected_landed(today=TODAY, base_url=demo.base_url))
        stack.stop()
        left_over = _processes(stack.home)
        local = _on_one_machine(folder)
    yield Nights(landed, expected, workers, celery, local, left_over)


def _night(airflow: EmbeddedAirflow) -> Mapping[str, set[str]]:
    """One green run of everything; which worker did what."""
    run_id = airflow.trigger("syndication", {"force": True})
    squares = dict(airflow.wait("syndication", run_id, timeout_s=800))
    assert airflow.run_state("syndication", run_id) == "success", squares
    workers = defaultdict(set)
    for square in airflow.api("GET", f"/api/v2/dags/syndication/dagRuns/{run_id}/taskInstances")["task_instances"]:
        workers[square["task_id"]].add(square["hostname"])
    return workers


def _on_one_machine(folder: Path) -> Outcome:
    """The same day of the same newsroom with SQLite, LocalExecutor and a directory as the store."""
    here = desk(folder)
    here.workspace.set_up()
    names = ("sources", "store", "state", "allow_nets", "host_delay_s")
    env = {f"INGEST_{name.upper()}": str(getattr(here.settings, name)) for name in names}
    with EmbeddedAirflow(folder / "airflow", env) as airflow:
        _night(airflow)
    return outcome(here)


def _processes(home: Path) -> list[str]:
    """Airflow's by their environment, the servers by their arguments."""
    named = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    return [*processes_of(home), *(words.decode() for words in named if str(home).encode() in words)]


def test_all_that_is_expected_lands_once(nights: Nights) -> None:
    assert nights.landed == nights.expected
    assert len(nights.expected) > 400


def test_both_workers_share_the_shards(nights: Nights) -> None:
    assert nights.workers["ingest"] == {"worker-1", "worker-2"}
    assert {host for hosts in nights.workers.values() for host in hosts} == {"worker-1", "worker-2"}


def test_the_executor_makes_no_difference(nights: Nights) -> None:
    """Every column of every article, its text and its story, but for run ids, times and places in the archive."""
    assert len(nights.celery[0]) > 400
    assert nights.celery == nights.local


def test_no_process_is_left(nights: Nights) -> None:
    assert nights.left_over == []
