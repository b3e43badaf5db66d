"""Alerts in a real Airflow: a run that is late and then red is told of once each, a second one not again."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from ingest.embedded import EmbeddedAirflow
from ingest.pipeline import Workspace
from tests.hook import Hook, hook
from tests.newsroom import desk, registry

SLOW_S = 20.0  # the deadline is 3.6 s


def test_a_late_and_red_run_is_told_once_each(tmp_path: Path) -> None:
    with hook() as ops, hook() as slack, slow() as url:
        registry(tmp_path, paper=url)
        here = desk(tmp_path)
        Workspace(here.settings).set_up()
        env = {
            **{f"INGEST_{name}": str(getattr(here.settings, name.lower())) for name in ("SOURCES", "STORE", "STATE")},
            "INGEST_ALLOW_NETS": "127.0.0.0/8",
            "INGEST_DEADLINE_H": "0.001",
            "INGEST_ALERTS": f"{ops.url},slack:airflow:newsroom_ops",
            "INGEST_NOTICE_KEY": "0123456789abcdef",
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",  # wires would be red, too
        }
        with EmbeddedAirflow(tmp_path / "airflow", env, triggerer=True) as airflow:
            connection = {"connection_id": "newsroom_ops", "conn_type": "slackwebhook", "password": slack.url}
            airflow.api("POST", "/api/v2/connections", connection)
            for _ in range(2):
                run_id = airflow.trigger("syndication", {"force": True}, timeout_s=120)
                airflow.api("PATCH", "/api/v2/dags/syndication", {"is_paused": False})
                ended = dict(airflow.wait("syndication", run_id))
                assert ended["report"] == "failed"
                assert ended["land"] == "skipped"  # its only source did not answer
                until(lambda: {"run-late", "run-failed"} <= told(ops).keys())
            until(lambda: callbacks_done(airflow))
            assert told(ops) == {"run-late": 1, "run-failed": 1, "failure-share": 1, "source-failing": 1}
            # a task, the DAG processor and the triggerer have told: each of them may read the connection
            until(lambda: len(slack.taken) == len(ops.taken))
            (failed,) = (line for line in lines(ops) if line["kind"] == "run-failed")
            assert failed["page"].startswith(f"{airflow.url}/dags/syndication/runs/")


def lines(ops: Hook) -> list[dict[str, str]]:
    return [line for _, body in list(ops.got) for line in json.loads(body)["begun"]]


def told(ops: Hook) -> Counter[str]:
    return Counter(line["kind"] for line in lines(ops))


def callbacks_done(airflow: EmbeddedAirflow) -> bool:
    """The second run's failure has been handled, too: by then a second message would have come."""
    log = "".join(path.read_text("utf-8", "replace") for path in (airflow.home / "logs").rglob("*.log"))
    return log.count("Executing on_failure dag callback") >= 2


def until(condition: object, timeout_s: float = 120) -> None:
    assert callable(condition)
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.5)


@contextmanager
def slow() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            time.sleep(SLOW_S if self.path == "/rss" else 0)
            self.send_error(500)

        def log_message(self, format: str, *args: object) -> None:
            """Not on the tests' own standard error."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/rss"
        server.shutdown()
