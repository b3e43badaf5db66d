"""A whole deployment in which one thing breaks at a definite moment of a run, and what the run leaves all the same."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.stack import Stack
from tests.faults.newsstand import PLACES, SIZE, Gate, gate_at, left_of, newsstand, sources_of, subscribe
from tests.newsroom import Desk, Kiosk, desk
from tests.stack.deployment import deployed
from tests.undisturbed import Outcome

_DAG = "syndication"
_PATIENCE_S = 600.0


@dataclass
class Run:
    """A DAG run of one fault's titles. At its `gate` it is in the middle: a shard waits for its last page."""

    fault: str
    run_id: str
    gate: Gate
    broken: float = 0  # when


@dataclass(frozen=True)
class Scene:
    """`undisturbed` is what a run without faults leaves, by fault."""

    stack: Stack
    desk: Desk
    room: Kiosk
    registry: Path
    undisturbed: Mapping[str, Outcome]

    def begin(self, fault: str) -> Run:
        """A run, once one shard is staged and the other in its middle: what it has is neither archived nor staged."""
        gate = gate_at(self.room, f"/{fault}/coast/{PLACES[-1].lower()}")
        run_id = self.stack.trigger(_DAG, {"sources": sources_of(fault), "force": True})
        run = Run(fault, run_id, gate)
        self.until(lambda: gate.came.is_set() and self.host_of(run), f"the middle of the run for {fault}")
        run.broken = time.monotonic()
        return run

    def host_of(self, run: Run) -> str:
        """Where the shard is that waits at the gate, once the other is staged; "" before."""
        squares = self.squares_of(run, "ingest")
        left = [square for square in squares if square["state"] != "success"]
        is_alone = len(squares) == 2 and [square["state"] for square in left] == ["running"]
        return str(left[0]["hostname"]) if is_alone else ""

    def end(self, run: Run) -> dict[str, str]:
        """Wait until it is over; its squares. What has ended by itself is started again, as a supervisor does."""
        run.gate.opened.set()
        self.until(lambda: self.state(run) in ("success", "failed"), f"the end of the run for {run.fault}")
        return dict(self.stack.squares(_DAG, run.run_id))

    def lands_all_once(self, run: Run, skipped: tuple[str, ...] = ()) -> None:
        squares = self.end(run)
        assert squares == {name: "skipped" if name in skipped else "success" for name in squares}
        left = left_of(self.desk, run.fault)
        assert len(left[0]) == SIZE
        assert left == self.undisturbed[run.fault]
        tries = max(square["try_number"] for square in self.squares_of(run, "ingest"))
        articles, feeds, *_, members = map(len, left)
        print(
            f"{run.fault}: {articles} articles of {feeds} feeds, {members} in stories, none missing or twice; "
            f"{tries} tries of a shard; {time.monotonic() - run.broken:.0f} s from the fault to the end"
        )

    def state(self, run: Run) -> str:
        with suppress(OSError):  # the API is away, or its database
            return self.stack.run_state(_DAG, run.run_id)
        return "not known"

    def squares_of(self, run: Run, task_id: str) -> list[dict[str, Any]]:
        path = f"/api/v2/dags/{_DAG}/dagRuns/{run.run_id}/taskInstances?task_id={task_id}"
        found: list[dict[str, Any]] = self.stack.api("GET", path)["task_instances"]
        return found

    def until(self, is_so: Callable[[], object], what: str) -> None:
        end = time.monotonic() + _PATIENCE_S
        while not is_so():
            self.restart_what_ended()
            if time.monotonic() > end:
                raise TimeoutError(f"waited {_PATIENCE_S:.0f} s for {what}; logs: {self.stack.home / 'logs'}")
            time.sleep(0.3)

    def restart_what_ended(self) -> None:
        """As `restart: unless-stopped` of docker-compose.yml."""
        for service in self.stack.services.values():
            if service.pid and not service.running:
                service.kill()
                service.start()


@contextmanager
def scene(folder: Path, *faults: str) -> Iterator[Scene]:
    with newsstand(*faults) as room:
        registry = subscribe(folder, room, *faults)
        here = desk(folder)
        assert here.night().landed == SIZE * len(faults)
        undisturbed = {fault: left_of(here, fault) for fault in faults}
        with deployed(registry, INGEST_SHARDS="2", INGEST_STEP_CPU_S="3", **PATIENCE) as (stack, there):
            for dag_id in ("embargoes", "wires"):  # for the sake of the processor
                stack.trigger(dag_id)  # once it is known
                stack.api("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": True})
            try:
                yield Scene(stack, there, room, registry, undisturbed)
            finally:
                for gate in room.bodies.gates.values():  # type: ignore[attr-defined]
                    gate.opened.set()


# a message that the broker has lost is sent again by the scheduler after the first of these
PATIENCE = {
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "30",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "5",
}
