"""Runs that are killed with SIGKILL at any moment, and run again: nothing is lost, nothing is doubled."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ingest.demo import DemoServer
from ingest.land import staging
from ingest.land.table import open_table
from ingest.state.database import read
from ingest.state.runs import unfinished_runs
from tests.conftest import AWS
from tests.faulty import faulty_server
from tests.newsroom import FEW, Desk, demo_desk, desk
from tests.undisturbed import FORKS, Outcome, outcome

pytestmark = [pytest.mark.slow]

# moments as shares of a run's time: one at random in each fourteenth of it
_DICE = random.Random(20261124)
SHARES = _DICE.sample([(n + _DICE.random()) / 14 for n in range(14)], 14)


def _night(folder: str, minutes: int, changes: dict[str, object]) -> None:
    tempfile.tempdir = folder  # what a killed run leaves there goes with the test
    os.environ |= AWS  # the process this is a fork of may be older than the test
    desk(Path(folder), **changes).night(minutes / 60, FEW)


@dataclass
class Victim:
    """A desk whose runs are killed. Each run is a minute after the one before."""

    folder: Path
    minutes: int = 0
    changes: dict[str, object] = field(default_factory=dict)  # of the settings
    exit_code: int | None = None  # of the last run

    @property
    def desk(self) -> Desk:
        return desk(self.folder, **self.changes)

    def run(self, is_due: Callable[[], bool] = lambda: False) -> float:
        """One run in a process of its own, killed when `is_due`. Returns the seconds it lived."""
        self.minutes += 1
        child = FORKS.Process(target=_night, args=(str(self.folder), self.minutes, self.changes))
        began = time.monotonic()
        child.start()
        while child.is_alive() and not is_due():
            time.sleep(0.002)
        child.kill()
        child.join()
        self.exit_code = child.exitcode
        return time.monotonic() - began

    def killed_after(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        self.run(lambda: time.monotonic() > end)

    def there(self, pattern: str) -> Callable[[], bool]:
        return lambda: any((self.folder / "store").glob(pattern))

    def outcome(self) -> Outcome:
        return outcome(self.desk)

    def unfinished(self) -> dict[str, str]:
        with read(self.desk.workspace.engine) as conn:
            return {run.run_id: run.status for run in unfinished_runs(conn)}


@dataclass(frozen=True)
class Newsroom:
    """The demo, how long its first day takes, and what two undisturbed days leave."""

    demo: DemoServer
    folder: Path
    seconds: float = 0
    outcomes: tuple[Outcome, ...] = ()

    def victim(self, folder: Path) -> Victim:
        """Before its first day, as is the newsroom."""
        shutil.rmtree(self.folder / "drop")  # it has the second day's file
        self.demo.day = 1
        folder.mkdir(exist_ok=True)
        shutil.copy(self.folder / "sources.toml", folder)
        return Victim(folder)

    def is_as_undisturbed(self, victim: Victim, day: int) -> None:
        victim.run()
        before = victim.outcome()
        assert before == self.outcomes[day - 1]
        victim.run()
        assert victim.outcome() == before
        [table] = [open_table(victim.desk.workspace.store)]
        committed = [run_id for run_id in victim.unfinished() if table.transaction_version(run_id) is not None]
        assert committed == []


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    folder = tmp_path_factory.mktemp("undisturbed")
    with demo_desk(folder, faults=False) as (demo, _):
        file = folder / "sources.toml"
        file.write_text(file.read_text().replace("total_s = 20.0", "max_items = 12"))  # enough, and quicker
        found = Newsroom(demo, folder)
        found.victim(folder / "warm").run()  # starts the process that is forked
        victim = found.victim(folder / "day")
        seconds = victim.run()
        first = victim.outcome()
        assert {key[0] for key in victim.desk.landed()} == set(FEW)
        assert all(first)  # something waits for its page, too
        demo.day = 2
        victim.run()
        yield Newsroom(demo, folder, seconds, (first, victim.outcome()))


@pytest.mark.parametrize("share", SHARES[:6], ids="{:.0%}".format)
def test_killed_at_any_moment(newsroom: Newsroom, tmp_path: Path, share: float) -> None:
    victim = newsroom.victim(tmp_path)
    victim.killed_after(share * newsroom.seconds)
    newsroom.is_as_undisturbed(victim, 1)


def test_killed_again_and_again_over_two_days(newsroom: Newsroom, tmp_path: Path) -> None:
    victim = newsroom.victim(tmp_path)
    for share in SHARES[6:10]:
        victim.killed_after(share * newsroom.seconds)
    newsroom.is_as_undisturbed(victim, 1)
    newsroom.demo.day = 2
    for share in SHARES[10:]:
        victim.killed_after(share * newsroom.seconds * 0.5)  # a day with less news
    newsroom.is_as_undisturbed(victim, 2)


@pytest.mark.parametrize(
    "trace",
    [
        pytest.param("raw/*/*.warc.gz", id="archived"),
        pytest.param("staging/*/shard*.result.json.zst", id="a shard staged"),
        pytest.param("staging/*/resolved.result.json.zst", id="resolved"),
        pytest.param("articles/landed_day=*/*.parquet", id="writing"),
        pytest.param("articles/_delta_log/*1.json", id="committed"),
    ],
)
def test_killed_as_soon_as_a_trace_is_there(newsroom: Newsroom, tmp_path: Path, trace: str) -> None:
    victim = newsroom.victim(tmp_path)
    victim.run(victim.there(trace))
    newsroom.is_as_undisturbed(victim, 1)


def test_killed_between_commit_and_state(newsroom: Newsroom, tmp_path: Path) -> None:
    """The report is written between the two."""
    for attempt in range(5):  # until one is killed in time
        victim = newsroom.victim(tmp_path / str(attempt))
        victim.run(victim.there("runs/*.json"))
        if unfinished := victim.unfinished():
            break
    [(run_id, status)] = unfinished.items()
    assert (status, open_table(victim.desk.workspace.store).transaction_version(run_id)) == ("landing", 1)
    assert [bool(part) for part in victim.outcome()] == [True, False, False, False, False, False]
    assert staging.runs(victim.desk.workspace.store) == [run_id]

    victim.minutes += 1
    report = victim.desk.night(victim.minutes / 60, FEW)  # completes the other run, then does its own
    assert (report.landed, {s.status for s in report.sources}) == (0, {"not_modified"})
    assert [(run.status, run.run_id) for run in victim.desk.runs()][-1] == ("landed", run_id)
    assert staging.runs(victim.desk.workspace.store) == []
    newsroom.is_as_undisturbed(victim, 1)


@pytest.mark.services
def test_killed_on_s3_while_requests_fail(
    newsroom: Newsroom, tmp_path: Path, ministack: str, new_bucket: Callable[[str], str]
) -> None:
    victim = newsroom.victim(tmp_path)
    bucket = new_bucket(ministack)
    with faulty_server(ministack, share=0.05, seed=8) as server:
        victim.changes = {"store": f"s3://{bucket}/store", "s3_endpoint": server.url}
        for share in SHARES[:3]:
            victim.killed_after(share * newsroom.seconds)
        for _ in range(12):  # the server's faults may outlast the patience of a request
            victim.run()
            if victim.exit_code == 0:
                break
    victim.changes |= {"s3_endpoint": ministack}
    assert server.faults.total() > 0
    assert victim.outcome() == newsroom.outcomes[0]
    landed = {run.run_id for run in victim.desk.runs() if run.status == "landed"}  # the others' is for the upkeep
    assert landed and not landed & set(staging.runs(victim.desk.workspace.store))
