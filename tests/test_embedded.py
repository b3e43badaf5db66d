"""Starting and ending Airflow's processes, with a small program in its place. The real one: tests/dags/test_run.py."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from ingest import embedded
from ingest.embedded import EmbeddedAirflow
from tests.newsroom import processes_of

_AIRFLOW = """
import json, os, signal, subprocess, sys, time
from http.server import BaseHTTPRequestHandler, HTTPServer

part, fault = sys.argv[1], os.environ.get("FAULT")

class Api(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"path": self.path}).encode())

if part == "db":
    sys.exit("no database here" if fault == "db" else 0)
if part == "scheduler":  # its workers outlive it, and don't listen
    stubborn = "import signal as s, time; s.signal(s.SIGTERM, s.SIG_IGN); print('up', flush=True); time.sleep(99)"
    worker = subprocess.Popen([sys.executable, "-c", stubborn], stdout=subprocess.PIPE)
    worker.stdout.readline()
if part == "dag-processor" and fault == "dags":
    sys.exit("no DAGs here")
if part == "api-server" and fault != "dags":
    HTTPServer(("127.0.0.1", int(os.environ["AIRFLOW__API__PORT"])), Api).serve_forever()
time.sleep(99)
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An AIRFLOW_HOME for the small program."""
    program = tmp_path / "airflow"
    program.write_text(f"#!{sys.executable}\n{_AIRFLOW}")
    program.chmod(0o755)
    monkeypatch.setattr(embedded, "_airflow", lambda: str(program))
    return tmp_path / "home"


def test_every_process_ends_the_stubborn_too(home: Path) -> None:
    with EmbeddedAirflow(home, {"INGEST_STORE": "here"}, triggerer=True) as airflow:
        while len(running := processes_of(home)) < 5:  # not all are up as soon as the API answers
            time.sleep(0.1)
        assert len(running) == 5  # four parts, and the scheduler's worker
        assert (airflow.env["INGEST_STORE"], airflow.env["AIRFLOW_HOME"]) == ("here", str(home))
    assert processes_of(home) == []


def test_whatever_happens(home: Path) -> None:
    with pytest.raises(ZeroDivisionError), EmbeddedAirflow(home, {}):
        raise ZeroDivisionError
    assert processes_of(home) == []


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("db", r"airflow db migrate failed:\s+no database here"),
        ("dags", r"(?s)dag-processor ended with 1; .*no DAGs here"),
    ],
)
def test_what_cannot_start_says_why(home: Path, fault: str, told: str) -> None:
    with pytest.raises(RuntimeError, match=told), EmbeddedAirflow(home, {"FAULT": fault}):
        pass
    assert processes_of(home) == []


def test_two_airflows_have_their_own_ports_and_secrets(home: Path) -> None:
    one, other = EmbeddedAirflow(home, {}), EmbeddedAirflow(home, {})
    for name in ("AIRFLOW__API__PORT", "AIRFLOW__API_AUTH__JWT_SECRET", "AIRFLOW__LOGGING__LOG_SERVER_PORT"):
        assert one.env[name] != other.env[name]
    assert one.env["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"].startswith(one.url)
