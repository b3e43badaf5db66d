"""Airflow on this machine alone: SQLite, LocalExecutor, 127.0.0.1. What `make run`, `make ui` and the tests start.

No root, no Docker, no network.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]  # the checkout: dags/ and plugins/ lie beside src/
_PARTS = ("api-server", "scheduler", "dag-processor")
_DONE = ("success", "failed")


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port: int = s.getsockname()[1]
        return port


class EmbeddedAirflow:
    """The Airflow processes of one AIRFLOW_HOME; a context manager that ends them all, whatever happens.

    `env` is added to the environment of every part (INGEST_* for the tasks).
    """

    def __init__(self, home: Path, env: Mapping[str, str], port: int | None = None, triggerer: bool = False) -> None:
        self.home, self.port = home.resolve(), port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._parts = (*_PARTS, "triggerer") if triggerer else _PARTS
        self._processes: list[tuple[str, subprocess.Popen[bytes]]] = []
        self._token: str | None = None
        self.env = {**os.environ, **_airflow_env(self.home, self.port), **env}

    def __enter__(self) -> EmbeddedAirflow:
        self.home.mkdir(parents=True, exist_ok=True)
        (self.home / "logs").mkdir(exist_ok=True)
        try:
            self._run("db", "migrate")
            for part in self._parts:
                self._start(part)
            self._wait_until_up()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop every process group: `airflow` leaves children alive when only the parent is killed."""
        for sig, grace_s, is_there in ((signal.SIGTERM, 8.0, _runs), (signal.SIGKILL, 1.0, _has_group)):
            for _, process in self._processes:
                _signal_group(process, sig)
            end = time.monotonic() + grace_s
            while time.monotonic() < end and any(is_there(p) for _, p in self._processes):
                time.sleep(0.1)
        self._processes.clear()

    def login(self) -> tuple[str, str]:
        """User name and password of the embedded admin, as SimpleAuthManager wrote them."""
        file = self.home / "simple_auth_manager_passwords.json.generated"
        user, password = next(iter(json.loads(file.read_text()).items()))
        return user, password

    def trigger(self, dag_id: str, conf: Mapping[str, object] | None = None, timeout_s: float = 60) -> str:
        """Start a run once the DAG has been read; returns its run id."""
        end = time.monotonic() + timeout_s
        while True:
            try:
                body = {"logical_date": None, "conf": dict(conf or {})}
                return str(self.api("POST", f"/api/v2/dags/{dag_id}/dagRuns", body)["dag_run_id"])
            except urllib.error.HTTPError as e:
                if e.code != 404 or time.monotonic() > end:
                    raise RuntimeError(f"{dag_id} can't be triggered: {e.code} {e.read().decode()[:500]}") from e
            self._check_alive()
            time.sleep(0.5)

    def wait(self, dag_id: str, run_id: str, timeout_s: float = 600) -> Iterator[tuple[str, str]]:
        """Yields (task, state) as squares change; ends when the run has ended. Raises TimeoutError."""
        seen: dict[str, str] = {}
        end = time.monotonic() + timeout_s
        while True:
            state = self.run_state(dag_id, run_id)
            for name, square in self.squares(dag_id, run_id):
                if seen.get(name) != square and square in (
                    "success",
                    "failed",
                    "up_for_retry",
                    "upstream_failed",
                    "skipped",
                ):
                    seen[name] = square
                    yield name, square
            if state in _DONE:
                return
            if time.monotonic() > end:
                raise TimeoutError(
                    f"{dag_id} {run_id} is still {state} after {timeout_s:.0f} s; logs: {self.home / 'logs'}"
                )
            self._check_alive()
            time.sleep(0.5)

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
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.loads(answer.read() or b"null")

    def _run(self, *words: str) -> None:
        result = subprocess.run(  # noqa: S603
            [_airflow(), *words], env=self.env, capture_output=True, text=True, check=False
        )
        if result.returncode:
            raise RuntimeError(f"airflow {' '.join(words)} failed:\n{result.stdout[-2000:]}\n{result.stderr[-2000:]}")

    def _start(self, part: str) -> None:
        with (self.home / "logs" / f"{part}.log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603
                [_airflow(), part],
                env=self.env,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._processes.append((part, process))

    def _wait_until_up(self, timeout_s: float = 90) -> None:
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            self._check_alive()
            try:
                with urllib.request.urlopen(f"{self.url}/api/v2/monitor/health", timeout=5) as answer:  # noqa: S310
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.3)
        raise TimeoutError(f"the Airflow API server did not come up in {timeout_s:.0f} s; see {self.home / 'logs'}")

    def _check_alive(self) -> None:
        for part, process in self._processes:
            if process.poll() is not None:
                log = self.home / "logs" / f"{part}.log"
                tail = log.read_text(errors="replace")[-2000:]
                raise RuntimeError(f"airflow {part} ended with {process.returncode}; {log} ends:\n{tail}")


def _airflow() -> str:
    return str(Path(sys.executable).with_name("airflow"))


def _airflow_env(home: Path, port: int) -> dict[str, str]:
    """Small and quiet: one API worker, one DAG parser, four tasks at once. The secret ends with the processes."""
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
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
        "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "AIRFLOW__LOGGING__LOG_SERVER_PORT": str(free_port()),
    }


def _runs(process: subprocess.Popen[bytes]) -> bool:
    return process.poll() is None


def _has_group(process: subprocess.Popen[bytes]) -> bool:
    return _runs(process) or _signal_group(process, 0)


def _signal_group(process: subprocess.Popen[bytes], sig: int) -> bool:
    """To the whole group, even when its leader is gone: workers outlive it. Whether anybody was there."""
    try:
        os.killpg(process.pid, sig)
    except ProcessLookupError:
        return False
    return True
