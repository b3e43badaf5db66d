"""One day of 5,000 articles by the nightly DAG on two executors, and without Airflow: `python -m benchmarks.executors`.

LocalExecutor with SQLite and a directory (`make run`), and Celery with two workers, PostgreSQL and S3 (`make stack`).
Beside each, the same shards by as many processes as there are task slots, with the same kind of store and state: what
the DAG run takes longer is the overhead of the scheduler. All have to land the same table.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from tests.newsroom import Desk
from tests.undisturbed import Outcome, outcome

from benchmarks import Figure, family_cpu_s
from benchmarks.newsroom import write_papers
from ingest import pipeline
from ingest.embedded import EmbeddedAirflow
from ingest.settings import load_settings
from ingest.stack import Stack

_SLOTS = 4  # shards and tasks at once: AIRFLOW__CORE__PARALLELISM, and two workers of two
_TARGET = "under 20"
_PLAIN = (sys.executable, "-m", "benchmarks.executors", "--plain")


def figures(quick: bool) -> Iterator[Figure]:
    yield from measured(200 if quick else 5_000)


def measured(articles: int) -> Iterator[Figure]:
    with TemporaryDirectory(prefix="executors-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        registry = write_papers(folder / "papers", articles)
        tables = []
        env = {
            "INGEST_SOURCES": str(registry),
            "INGEST_SHARDS": str(_SLOTS),
            "PYTHONPATH": str(_without_pandas(folder)),
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
        }
        for executor, deployment in (("LocalExecutor", _local), ("Celery", _celery)):
            with deployment(folder / executor, env) as (airflow, aside):
                _seconds(airflow, "embargoes")  # the first task of all waits for the API server's own imports
                before = _cpu_s(airflow)
                dag_s = _seconds(airflow, "syndication", {"force": True})
                dag_cpu_s = _cpu_s(airflow) - before
                plain = {**airflow.env, **aside}
                plain_s, plain_cpu_s = _by_processes(plain)
                tables += [_landed(airflow.env), _landed(plain)]
            yield Figure(f"{executor}: the DAG run", dag_s, "s")
            yield Figure(f"{executor}: the same without Airflow", plain_s, "s")
            yield Figure(f"{executor}: overhead", 100 * (dag_s - plain_s) / dag_s, "%", _TARGET)
            yield Figure(f"{executor}: CPU of Airflow during the run", dag_cpu_s, "s")
            yield Figure(f"{executor}: CPU of the same without", plain_cpu_s, "s")
    if len(tables[0][0]) != articles or any(table != tables[0] for table in tables):
        raise AssertionError(f"not the same tables: {[len(table[0]) for table in tables]} articles")
    yield Figure("articles, the same in all four tables", len(tables[0][0]), "")


def _without_pandas(folder: Path) -> Path:
    """For PYTHONPATH. Only tests need it, but pyarrow loads it where it is: half a second of a task."""
    place = folder / "without"
    place.mkdir()
    (place / "pandas.py").write_text("raise ImportError\n")
    return place


@contextmanager
def _local(folder: Path, env: Mapping[str, str]) -> Iterator[tuple[EmbeddedAirflow, dict[str, str]]]:
    """The deployment, and what to set for a second store and state of the same kind."""
    folder.mkdir()
    places = {"INGEST_STORE": f"{folder}/store", "INGEST_STATE": f"sqlite:///{folder}/state.db"}
    _set_up({**os.environ, **env, **places})
    with EmbeddedAirflow(folder / "airflow", {**env, **places}) as airflow:
        yield airflow, {"INGEST_STORE": f"{folder}/plain", "INGEST_STATE": f"sqlite:///{folder}/plain.db"}


@contextmanager
def _celery(folder: Path, env: Mapping[str, str]) -> Iterator[tuple[EmbeddedAirflow, dict[str, str]]]:
    with Stack(folder, env) as stack:
        _make_database(stack.env["INGEST_STATE"], "plain")
        state = stack.env["INGEST_STATE"].rpartition("/")[0] + "/plain"
        yield stack, {"INGEST_STORE": stack.env["INGEST_STORE"] + "-plain", "INGEST_STATE": state}


def _make_database(url: str, name: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]


def _seconds(airflow: EmbeddedAirflow, dag_id: str, conf: Mapping[str, object] | None = None) -> float:
    """From the request to the end of a green run, as Airflow notes them."""
    run_id = airflow.trigger(dag_id, conf)
    airflow.api("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": False})  # only this one: others run every minute
    squares = dict(airflow.wait(dag_id, run_id, timeout_s=3600, every_s=5))  # answering us is no part of the run
    airflow.api("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": True})
    run = airflow.api("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")
    if run["state"] != "success":
        told = [log.read_text()[-3000:] for log in airflow.home.glob(f"logs/dag_id={dag_id}/**/*.log")]
        raise AssertionError(f"{dag_id} should be green: {squares}", *told)
    return (datetime.fromisoformat(run["end_date"]) - datetime.fromisoformat(run["queued_at"])).total_seconds()


def _cpu_s(airflow: EmbeddedAirflow) -> float:
    """CPU seconds of Airflow's own parts and of their tasks until now, without the servers."""
    parts = [one for name, one in airflow.services.items() if name not in getattr(airflow, "servers", {})]
    leaders = [psutil.Process(part.pid) for part in parts]
    return sum(sum(p.cpu_times()[:4]) for leader in leaders for p in (leader, *leader.children(recursive=True)))


def _by_processes(env: Mapping[str, str]) -> tuple[float, float]:
    """Seconds and CPU seconds of `plain_night` in a process of its own."""
    _set_up(env)
    told = subprocess.run([*_PLAIN], env=env, capture_output=True, text=True, check=True).stdout
    seconds, cpu_s = map(float, told.split()[-2:])
    return seconds, cpu_s


def plain_night() -> tuple[float, float]:
    """What the DAG's tasks do, in one process and, for the shards, in as many as there are slots: all forks of one
    that has imported everything, as Airflow's are. Seconds and CPU seconds from there on.
    """
    import_module("ingest.airflow.preload")
    before = family_cpu_s()
    with ProcessPoolExecutor(_SLOTS, get_context("fork")) as pool:
        pool.submit(int).result()  # forks them all, before this process has a database open
        began = time.monotonic()
        shards = pipeline.plan_night("plain", [], force=True)
        list(pool.map(pipeline.ingest_night, shards))
    pipeline.resolve_night(shards)
    pipeline.land_night(shards)
    pipeline.judge_night(shards)
    return time.monotonic() - began, family_cpu_s() - before


def _set_up(env: Mapping[str, str]) -> None:
    subprocess.run([Path(sys.executable).with_name("ingest"), "setup"], env=env, capture_output=True, check=True)


def _landed(env: Mapping[str, str]) -> Outcome:
    before = dict(os.environ)
    os.environ |= {name: value for name, value in env.items() if name.startswith(("INGEST_", "AWS_"))}
    try:
        return outcome(Desk(load_settings()))
    finally:
        os.environ.clear()
        os.environ |= before


def main() -> None:
    if sys.argv[1:] == ["--plain"]:
        print(*plain_night())
        return
    for figure in measured(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000):
        print(f"{figure.what:<50} {figure.value:>10,.4g} {figure.unit} {figure.target}".rstrip(), flush=True)
    print(f"{'load of the machine, 1 and 15 minutes':<50} {os.getloadavg()[0]:>10.1f} {os.getloadavg()[2]:.1f}")


if __name__ == "__main__":
    main()
