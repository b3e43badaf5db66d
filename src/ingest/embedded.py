"""Airflow on this machine alone: SQLite, LocalExecutor, 127.0.0.1. What `make run`, `make ui` and the tests start.

No root, no Docker, no network.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from ingest.services import Service, answers, free_port, stop_all

PROJECT = Path(__file__).resolve().parents[2]  # the checkout: dags/ and plugins/ lie beside src/
_NO_LOG_SERVER = "--skip-serve-logs"  # 160 MB for nothing: the API server reads the files
_DONE = ("success", "failed")
_TOLD = (*_DONE, "up_for_retry", "upstream_failed", "skipped")


class EmbeddedAirflow:
    """The Airflow processes of one AIRFLOW_HOME; a context manager that ends them all, whatever happens.

    `env` is added to the environment of every part (INGEST_* for the tasks). `services` has every part by its name.
    """

    def __init__(self, home: Path, env: Mapping[str, str], port: int | None = None, triggerer: bool = False) -> None:
        self.home, self.port = home.resolve(), port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = {**os.environ, **_airflow_env(self.home, self.port), **env}
        self.services: dict[str, Service] = {}
        self._token: str | None = None
        self._add("api-server", "api-server").is_ready = answers(f"{self.url}/api/v2/monitor/health")
        self._add("scheduler", "scheduler", _NO_LOG_SERVER)
        self._add("dag-processor", "dag-processor")
        if triggerer:
            self._add("triggerer", "triggerer", _NO_LOG_SERVER)

    def __enter__(self) -> Self:
        self.home.mkdir(parents=True, exist_ok=True)
        (self.home / "logs").mkdir(exist_ok=True)
        try:
            self._prepare()
            started = [service for service in self.services.values() if not service.running]
            for service in started:
                service.start()
            for service in started:
                service.wait(meanwhile=self._check_alive)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        stop_all(self.services.values())

    def login(self) -> tuple[str, str]:
        """User name and password of the embedded admin, as SimpleAuthManager wrote them."""
        file = self.home / "simple_auth_manager_passwords.json.generated"
        user, password = next(iter(json.loads(file.read_text()).items()))
        return user, password

    def trigger(self, dag_id: str, conf: Mapping[str, object] | None = None, timeout_s: float = 300) -> str:
        """Start a run once the DAG has been read; returns its run id."""
        end = time.monotonic() + timeout_s
        while True:
            try:
                body = {"logical_date": None, "conf": dict(conf or {})}
                return str(self.api("POST", f"/api/v2/dags/{dag_id}/dagRuns", body)["dag_run_id"])
            except urllib.error.HTTPError as e:
                if (e.code != 404 and e.code < 500) or time.monotonic() > end:  # not read yet; SQLite is locked
                    raise RuntimeError(f"{dag_id} can't be triggered: {e.code} {e.read().decode()[:500]}") from e
            self._check_alive()
            time.sleep(0.5)

    def wait(self, dag_id: str, run_id: str, timeout_s: float = 600, every_s: float = 0.5) -> Iterator[tuple[str, str]]:
        """Yields (task, state) as squares change, asked for every so often, to the end of the run. Raises TimeoutError.

        An API that does not answer for a while, or with an error of its own, is asked again.
        """
        seen: dict[str, str] = {}
        end = time.monotonic() + timeout_s
        state = "not known"
        while state not in _DONE:
            try:
                state = self.run_state(dag_id, run_id)
                squares = self.squares(dag_id, run_id)
            except OSError as e:
                if isinstance(e, urllib.error.HTTPError) and e.code < 500:
                    raise
                state, squares = "not known", []
            for name, square in squares:
                if seen.get(name) != square and square in _TOLD:
                    seen[name] = square
                    yield name, square
            if time.monotonic() > end:
                raise TimeoutError(
                    f"{dag_id} {run_id} is still {state} after {timeout_s:.0f} s; logs: {self.home / 'logs'}"
                )
            self._check_alive()
            time.sleep(every_s)

    def run_state(self, dag_id: str, run_id: str) -> str:
        return str(self.api("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")["state"])

    def squares(self, dag_id: str, run_id: str) -> list[tuple[str, str]]:
        """Every task instance of a run as (name, state); a mapped one is named by its shard."""
        listing = self.api("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances?limit=200")
        return [
            (
                f"{t['task_id']} {t['rendered_map_index'] or t['map_index']}" if t["map_index"] >= 0 else t["task_id"],
                t["state"] or "",
            )
            for t in listing["task_instances"]
        ]

    def api(self, method: str, path: str, body: object = None) -> Any:
        """One call of Airflow's REST API as admin; the parsed JSON. Raises urllib.error.HTTPError."""
        if self._token is None and path != "/auth/token":
            user, password = self.login()
            self._token = self.api("POST", "/auth/token", {"username": user, "password": password})["access_token"]
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)  # noqa: S310 - our own server
        with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
            return json.loads(answer.read() or b"null")

    def _prepare(self) -> None:
        """What has to be there before any part starts."""
        self._run(_airflow(), "db", "migrate")

    def _add(self, name: str, *words: str) -> Service:
        """One more part: `airflow` with these words."""
        log = self.home / "logs" / f"{name}.log"
        self.services[name] = Service(name, [_airflow(), *words], self.env, log)
        return self.services[name]

    def _run(self, *command: str) -> None:
        result = subprocess.run(  # noqa: S603
            command, env=self.env, capture_output=True, text=True, check=False
        )
        if result.returncode:
            words = " ".join((Path(command[0]).name, *command[1:]))
            raise RuntimeError(f"{words} failed:\n{result.stdout[-2000:]}\n{result.stderr[-2000:]}")

    def _check_alive(self) -> None:
        for service in self.services.values():
            service.check()


def _airflow() -> str:
    return str(Path(sys.executable).with_name("airflow"))


def _airflow_env(home: Path, port: int) -> dict[str, str]:
    """Small and quiet: one API worker, one DAG parser, four tasks at once. The secret ends with the processes."""
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "AIRFLOW_HOME": str(home),
        # seconds to wait for its lock: after the usual 5 a part would give up, and a busy machine makes it wait longer
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db?timeout=60",
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "ingest.airflow.executor.WarmLocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_urlsafe(32),
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "60",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "300",  # a file that has changed is read at once
        "MALLOC_ARENA_MAX": "2",  # threads of the API server would keep some each
        "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",  # tasks follow each other sooner, for 3 % of a CPU
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "AIRFLOW__LOGGING__LOG_SERVER_PORT": str(free_port()),
    }
