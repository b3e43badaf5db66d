"""Tasks killed at random moments: `python -m benchmarks crash`, or `python -m benchmarks.crash [KILLS [S3 KILLS]]`.

Two days of the demo newsroom, in four shards. Each task is a process, killed with SIGKILL at a random moment and run
again, as Airflow does; beside them run a maintenance, which is killed too, and a reader. Then everything that has
landed and all that is remembered is compared with what undisturbed days leave. On S3 a proxy makes 5 % of the requests
fail: refused, slowed down, or done without an answer.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TypeVar

import stamina
from tests.conftest import AWS, s3_process
from tests.faulty import faulty_server
from tests.newsroom import Desk, demo_desk, desk
from tests.undisturbed import FORKS, Outcome, outcome

from benchmarks import Figure
from benchmarks.crash_tasks import perform, shards
from ingest.demo import DemoServer
from ingest.errors import StoreUnavailable
from ingest.land import staging
from ingest.land.table import has_run
from ingest.settings import Settings

T = TypeVar("T")
FORKS.set_forkserver_preload(["tests.warm", "tests.conftest", "tests.faulty", "benchmarks.crash_tasks"])

_DAYS = (1, 2)
_KILLS = 3  # of one task, at most
_FAULTS = 12  # tries of one task that may fail without being killed
_SHARE = 0.05  # of the requests fail


@dataclass
class Tally:
    """What happened in all rounds."""

    kills: Counter[str] = field(default_factory=Counter)  # by where they hit
    failed: int = 0  # tries that failed without being killed
    rounds: int = 0
    equal: int = 0  # rounds that left what undisturbed days leave
    clean: int = 0  # rounds that left nothing staged
    seen: int = 0  # states of the table that readers saw
    whole: int = 0  # of these, with each run whole or not at all
    archives: int = 0  # that landed articles refer to
    there: int = 0  # of these, in the store

    @property
    def killed(self) -> int:
        return self.kills.total()


@dataclass
class Try:
    """A task's process, and when it is to be killed."""

    task: str
    process: BaseProcess
    began: float
    due: float

    def is_over(self) -> bool:
        if time.monotonic() > self.due:
            self.process.kill()
        return not self.process.is_alive()


@dataclass
class Newsroom:
    """What all rounds share. `seconds` are those of each kind of task when nobody kills it."""

    demo: DemoServer
    folder: Path
    dice: random.Random
    seconds: dict[str, float] = field(default_factory=dict)
    undisturbed: Outcome = field(default_factory=list)

    def settings(self, name: str, **changes: object) -> Settings:
        """Of a round before its first day."""
        shutil.rmtree(self.folder / "drop")  # it has the second day's file
        self.demo.day = 1
        folder = self.folder / name
        folder.mkdir()
        shutil.copy(self.folder / "sources.toml", folder)
        return desk(folder, **changes).settings


@dataclass
class Round:
    """Two days of the newsroom, from nothing."""

    room: Newsroom
    settings: Settings
    tally: Tally
    kills: int  # at most
    tries: int = 0

    @property
    def folder(self) -> Path:
        return self.settings.sources.parent

    def play(self) -> None:
        self.once(["setup"])
        reader = self.begin("read", "", 0)
        try:
            for day in _DAYS:
                self.room.demo.day = day
                self.run(f"day-{day}")
            if not reader.process.is_alive():
                raise AssertionError(f"the reader has failed: {self.log()}")
        finally:
            reader.process.kill()
            reader.process.join()

    def run(self, run_id: str) -> None:
        self.once(["plan"], run_id)
        self.once([f"ingest {n}" for n in range(len(shards(self.folder, run_id)))], run_id)
        self.once(["resolve"], run_id)
        self.once(["land"], run_id)

    def once(self, tasks: Sequence[str], run_id: str = "") -> None:
        """Tasks side by side, each tried until it succeeds. A maintenance runs beside them."""
        left = {task: self.room.dice.randint(0, _KILLS) for task in tasks}
        running = [self.begin(task, run_id, left[task]) for task in tasks]
        if run_id:
            running.append(self.begin("maintain", run_id, self.room.dice.randint(0, 1)))
        while any(one.task != "maintain" for one in running):
            time.sleep(0.002)
            for one in [one for one in running if one.is_over()]:
                running.remove(one)
                if not self.has_succeeded(one, run_id):
                    left[one.task] = left.get(one.task, 1) - 1
                    if left[one.task] < -_FAULTS:
                        raise AssertionError(f"{one.task} fails again and again: {self.log()}")
                    running.append(self.begin(one.task, run_id, left[one.task]))
        for maintenance in running:
            maintenance.process.join()
            self.has_succeeded(maintenance, run_id)

    def begin(self, task: str, run_id: str, kills: int) -> Try:
        self.tries += 1
        process = FORKS.Process(
            target=perform, args=(self.settings, self.folder, run_id, task, self.tries), daemon=True
        )
        process.start()
        now, span = time.monotonic(), self.room.seconds.get(_kind(task), 0)
        is_victim = kills > 0 and span > 0 and self.kills > 0
        return Try(task, process, now, now + self.room.dice.random() * span if is_victim else float("inf"))

    def has_succeeded(self, one: Try, run_id: str) -> bool:
        one.process.join()
        kind, code = _kind(one.task), one.process.exitcode
        if code == -signal.SIGKILL:
            self.kills -= 1
            self.tally.kills[f"{kind}, after its commit" if kind == "land" and self.has(run_id) else kind] += 1
        elif code:
            self.tally.failed += 1
        elif self.tally.killed == 0:
            self.room.seconds[kind] = max(self.room.seconds.get(kind, 0), time.monotonic() - one.began)
        return code == 0

    def has(self, run_id: str) -> bool:
        return _patiently(lambda: has_run(self.desk.workspace.store, run_id))

    @property
    def desk(self) -> Desk:
        return Desk(self.settings)

    def log(self) -> str:
        return (self.folder / "log").read_text()[-3000:]

    def examine(self) -> None:
        """Adds to the tally what the round has left."""
        store, tally = self.desk.workspace.store, self.tally
        tally.rounds += 1
        tally.equal += _patiently(lambda: outcome(self.desk)) == self.room.undisturbed
        tally.clean += not _patiently(lambda: list(store.list(staging.FOLDER)))
        articles = _patiently(self.desk.articles)
        rows_of = Counter(article.run_id for article in articles)
        for line in (self.folder / "seen").read_text().splitlines():
            tally.seen += 1
            tally.whole += all(rows_of[run_id] == rows for run_id, rows in json.loads(line).items())
        for archive in {article.raw.archive for article in articles if article.raw}:
            tally.archives += 1
            tally.there += _patiently(lambda archive=archive: store.exists(archive))


def figures(quick: bool) -> Iterator[Figure]:
    """On the local store; S3 needs a server, and has `main`."""
    yield from measured(1 if quick else 200)


def measured(kills: int, s3_kills: int = 0) -> Iterator[Figure]:
    dice = random.Random(20261124)
    with tempfile.TemporaryDirectory(prefix="crash-") as scratch:
        folder = Path(scratch)
        os.environ.update(AWS)  # before the first fork
        with demo_desk(folder, faults=False) as (demo, _):
            file = folder / "sources.toml"
            file.write_text(file.read_text().replace("total_s = 20.0", "max_items = 12"))  # enough, and quicker
            room = Newsroom(demo, folder, dice)
            first = Round(room, room.settings("undisturbed"), Tally(), 0)
            first.play()
            room.undisturbed = outcome(first.desk)
            yield from _told("local", _until_killed(room, kills))
            if s3_kills:
                with s3_process("ministack", folder / "s3.log") as endpoint, faulty_server(endpoint, _SHARE) as server:
                    bucket = _bucket(endpoint)
                    yield from _told("S3", _until_killed(room, s3_kills, bucket, server.url))
                    yield Figure("S3: requests made to fail", server.faults.total(), f"of {server.requests.total():,}")


def _until_killed(room: Newsroom, kills: int, bucket: str | None = None, endpoint: str | None = None) -> Tally:
    tally = Tally()
    for number in count():
        name = f"{'s3' if bucket else 'local'}-{number}"
        place = {"store": f"s3://{bucket}/{name}", "s3_endpoint": endpoint} if bucket else {}
        one = Round(room, room.settings(name, **place), tally, kills - tally.killed)
        one.play()
        one.examine()
        if tally.killed >= kills:
            return tally
    raise AssertionError("count does not end")


def _told(store: str, tally: Tally) -> Iterator[Figure]:
    yield Figure(f"{store}: kills", tally.killed, "")
    for place, number in sorted(tally.kills.items()):
        yield Figure(f"{store}: kills of {place}", number, "")
    if tally.failed:
        yield Figure(f"{store}: tries that failed unkilled", tally.failed, "")
    yield Figure(f"{store}: rounds as if undisturbed", tally.equal, "", f"{tally.rounds}")
    yield Figure(f"{store}: rounds with nothing left staged", tally.clean, "", f"{tally.rounds}")
    yield Figure(f"{store}: tables seen, whole runs only", tally.whole, "", f"{tally.seen}")
    yield Figure(f"{store}: raw archives of articles there", tally.there, "", f"{tally.archives}")


def _kind(task: str) -> str:
    return task.rstrip(" 0123456789")


def _patiently(work: Callable[[], T]) -> T:
    """Again where the server is made to fail."""
    for attempt in stamina.retry_context(on=(StoreUnavailable, OSError), attempts=20, timeout=120, wait_initial=0.01):
        with attempt:
            return work()
    raise AssertionError("stamina returns or raises")


def _bucket(endpoint: str) -> str:
    import boto3

    boto3.client("s3", endpoint_url=endpoint).create_bucket(Bucket="crash")
    return "crash"


def main() -> None:
    kills, s3_kills = [*map(int, sys.argv[1:]), 200, 50][:2] if len(sys.argv) < 3 else map(int, sys.argv[1:3])
    for figure in measured(kills, s3_kills):
        print(f"{figure.what:46} {figure.value:8,.0f} {figure.unit} {figure.target}".rstrip(), flush=True)


if __name__ == "__main__":
    main()
