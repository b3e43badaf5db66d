"""Parts of a deployment that are killed in the middle of a run: all of it lands, once, and nobody has to act."""

from __future__ import annotations

import shutil
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from ingest.errors import StateError
from ingest.pipeline import run_once
from ingest.state import database
from tests.faults.newsstand import SIZE, sources_of
from tests.faults.scene import Scene, scene

pytestmark = [pytest.mark.airflow, pytest.mark.slow, pytest.mark.timeout(1500)]

FAULTS = ("worker", "scheduler", "postgres", "broker", "lost", "store", "beside", "poison", "upgrade")
_OUTAGE_S = 60.0
_NEWER = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"


def upgrade():
    op.create_table("corrections", sa.Column("id", sa.Integer(), primary_key=True))
    op.add_column("items", sa.Column("colour", sa.Text(), nullable=True))
    op.add_column("feeds", sa.Column("weight", sa.Integer(), nullable=False, server_default="1"))
    op.create_index("ix_items_colour", "items", ["colour"])
"""


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with scene(tmp_path_factory.mktemp("faults"), *FAULTS) as found:
        yield found


def test_a_worker_killed_in_mid_shard_is_tried_again_by_another(there: Scene) -> None:
    run = there.begin("worker")
    worker = there.stack.services[there.host_of(run)]
    worker.kill()
    there.lands_all_once(run)
    assert max(square["try_number"] for square in there.squares_of(run, "ingest")) == 2
    worker.start()
    worker.wait()


def test_a_scheduler_killed_in_mid_run_goes_on_where_it_was(there: Scene) -> None:
    run, scheduler = there.begin("scheduler"), there.stack.services["scheduler"]
    scheduler.kill()
    run.gate.opened.set()  # the shard ends with nobody there to see it
    there.until(lambda: there.squares_of(run, "resolve")[0]["state"] is None, "a run without a scheduler")
    scheduler.start()
    there.lands_all_once(run)
    assert {square["try_number"] for square in there.squares_of(run, "ingest")} == {1}


def test_postgres_killed_in_mid_run(there: Scene) -> None:
    """It has Airflow's metadata and the state both."""
    run, postgres = there.begin("postgres"), there.stack.services["postgres"]
    postgres.kill()
    run.gate.opened.set()  # the shard asks the state what it knows, and nobody answers
    time.sleep(5)
    postgres.start()
    postgres.wait()
    there.lands_all_once(run)


def test_a_broker_killed_with_a_task_queued(there: Scene) -> None:
    _broker_killed(there, "broker", loses=False)


def test_a_broker_that_lost_what_was_queued(there: Scene) -> None:
    _broker_killed(there, "lost", loses=True)


def _broker_killed(there: Scene, fault: str, *, loses: bool) -> None:
    """While no worker takes what is queued."""
    run, broker = there.begin(fault), there.stack.services["valkey"]
    for worker in there.stack.workers:
        worker.kill(signal.SIGSTOP)
    other = there.stack.trigger("replay", {"run_id": "nothing"})  # its first task fails as soon as it runs
    there.until(lambda: dict(there.stack.squares("replay", other))["plan"] == "queued", "a task queued")
    broker.kill()
    if loses:
        shutil.rmtree(there.stack.home / "valkey" / "appendonlydir")
    broker.start()
    broker.wait()
    for worker in there.stack.workers:
        worker.kill(signal.SIGCONT)
    there.lands_all_once(run)
    there.until(lambda: dict(there.stack.squares("replay", other))["plan"] == "failed", "the task that was queued")


def test_the_store_down_for_a_minute_in_mid_run(there: Scene) -> None:
    run, store = there.begin("store"), there.stack.services["s3"]
    store.kill()
    run.gate.opened.set()  # the shard is done, and cannot put it anywhere
    time.sleep(_OUTAGE_S)
    store.start()
    store.wait()
    there.lands_all_once(run)


def test_a_run_by_hand_beside_a_dag_run(there: Scene) -> None:
    """Both have the same sources; the one that began later lands first."""
    run = there.begin("beside")
    by_hand = run_once(there.desk.settings, sources_of("beside"), force=True)
    assert by_hand.landed == SIZE
    there.lands_all_once(run, skipped=("land",))  # pink: it brought nothing new
    assert {a.run_id for a in there.desk.articles() if a.source_id.startswith("beside-")} == {by_hand.run_id}


def test_a_source_that_takes_its_process_down_is_quarantined_and_the_rest_lands(there: Scene) -> None:
    with there.registry.open("a") as out:
        out.write("[[sources.poison-valley.rules]]\npattern = '(.*.*)*§'\nreason = \"a mistake\"\n")
    run = there.begin("poison")
    squares = there.end(run)
    assert set(squares.values()) == {"success"}, squares
    landed = Counter(source_id for source_id, _ in there.desk.landed() if source_id.startswith("poison-"))
    assert landed == {"poison-harbour": 10, "poison-market": 10, "poison-coast": 10}
    store = there.desk.workspace.store
    lines = [line for stored in store.list("quarantine") for line in store.get(stored.key).splitlines()]
    turned_down = Counter(line["code"] for line in map(orjson.loads, lines) if line["source_id"] == "poison-valley")
    assert turned_down == {"hung": 3, "paused": 7}
    assert len(there.desk.pending("poison-valley")) == 10
    print(f"poison: {landed.total()} of {SIZE} landed, {dict(turned_down)} in quarantine, 10 wait for another try")


def test_an_upgrade_of_the_state_with_a_run_in_flight(
    there: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tasks are of the version before; once they are done, that version is told to go."""
    run = there.begin("upgrade")
    newer = tmp_path / "migrations"
    shutil.copytree(database._MIGRATIONS, newer)
    head = max(path.name[:4] for path in newer.glob("versions/0*.py"))
    (newer / "versions" / "9999_newer.py").write_text(_NEWER.format(head=head))
    with monkeypatch.context() as newer_version:
        newer_version.setattr(database, "_MIGRATIONS", newer)
        there.desk.workspace.set_up()
    there.lands_all_once(run)
    with pytest.raises(StateError, match="written by a newer version"):
        there.desk.workspace.set_up()
