"""DAG files: they parse without network and database, import nothing heavy, and are built as they say."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ingest.settings import Settings

PROJECT = Path(__file__).resolve().parents[2]
FILES = sorted(path.stem for path in (PROJECT / "dags").glob("*.py"))
HEAVY = {
    "aiohttp", "alembic", "boto3", "bs4", "deltalake", "feedparser", "lxml", "nh3", "numpy", "polars", "psycopg",
    "py3langid", "pyarrow", "selectolax", "trafilatura",
}  # fmt: skip
_ROW = re.compile(r"^\| `(INGEST_[A-Z0-9_]+)` \| (.+?) \|", re.MULTILINE)

_CHILD = """
import importlib, json, socket, sqlite3, sys

def refuse(*args, **named):
    raise AssertionError(f"a DAG file must not reach out: {args}")

socket.socket.connect = socket.getaddrinfo = sqlite3.connect = refuse
import airflow.sdk

airflow.sdk.Asset, airflow.sdk.dag, airflow.sdk.task  # loaded when they are first asked for
sys.path.insert(0, sys.argv[1])
found = {}
for name in sys.argv[2:]:
    before = set(sys.modules)
    module = importlib.import_module(name)
    imported = sorted({m.partition(".")[0] for m in set(sys.modules) - before})
    dag = getattr(module, name)()  # by convention the DAG is called as its file
    found[name] = {
        "imported": imported, "dag_id": dag.dag_id, "max_active_runs": dag.max_active_runs, "catchup": dag.catchup,
        "doc_md": dag.doc_md, "tags": sorted(dag.tags), "params": {k: p.value for k, p in dag.params.items()},
        "tasks": {
            t.task_id: {
                "trigger_rule": str(getattr(t.trigger_rule, "value", t.trigger_rule)), "retries": t.retries,
                "outlets": [o.name for o in t.outlets], "upstream": sorted(t.upstream_task_ids), "mapped": t.is_mapped,
            } for t in dag.tasks
        },
    }
print(json.dumps(found, default=repr))  # a parameter that must be given has no value
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What each file imports and holds, told by a process that has no network and no database."""
    home = tmp_path_factory.mktemp("airflow")
    env = {
        "PATH": "/usr/bin:/bin", "HOME": str(home), "AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    }  # fmt: skip
    command = [sys.executable, "-c", _CHILD, str(PROJECT / "dags"), *FILES]
    done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=home, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert not list(home.glob("*.db"))
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]


@pytest.fixture(params=FILES)
def file(request: pytest.FixtureRequest, files: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return files[request.param]


class TestImport:
    def test_a_dag_file_imports_nothing_heavy(self, file: dict[str, Any]) -> None:
        assert HEAVY & set(file["imported"]) == set()

    def test_a_dag_runs_once_at_a_time_and_makes_up_for_nothing(self, file: dict[str, Any]) -> None:
        assert (file["max_active_runs"], file["catchup"]) == (1, False)
        assert "ingest" in file["tags"]

    def test_the_documentation_names_every_task(self, file: dict[str, Any]) -> None:
        words = set(re.findall(r"[`*]+(\w+)[`*]+", file["doc_md"]))
        assert set(file["tasks"]) <= words
        assert set(file["params"]) <= words
        assert "You were woken?" in file["doc_md"]

    def test_some_last_task_can_make_the_run_red(self, file: dict[str, Any]) -> None:
        """A leaf that runs whatever happened hides what failed before it, unless it judges; and then at once."""
        tasks = file["tasks"]
        [last] = set(tasks) - {name for task in tasks.values() for name in task["upstream"]}
        if tasks[last]["trigger_rule"] == "all_done":
            assert tasks[last]["retries"] == 0

    def test_the_nightly_dag(self, files: dict[str, dict[str, Any]]) -> None:
        night = files["syndication"]
        assert night["params"] == {"sources": [], "force": False, "since": None, "pages": 50}
        assert {name: task["upstream"] for name, task in night["tasks"].items()} == {
            "plan": [],
            "ingest": ["plan"],
            "resolve": ["ingest", "plan"],
            "land": ["plan", "resolve"],
            "report": ["land", "plan"],
        }
        assert {name: task["trigger_rule"] for name, task in night["tasks"].items()} == {
            "plan": "all_success",
            "ingest": "all_success",
            "resolve": "all_done",  # a lost shard doesn't hold back the others
            "land": "all_success",
            "report": "all_done",
        }
        assert [name for name, task in night["tasks"].items() if task["mapped"]] == ["ingest"]
        assert {name: task["outlets"] for name, task in night["tasks"].items() if task["outlets"]} == {
            "land": ["landed_articles"]
        }
        assert all(task["retries"] == 2 for name, task in night["tasks"].items() if name != "report")


def test_every_setting_is_documented_with_its_default() -> None:
    told = dict(_ROW.findall((PROJECT / "docs" / "operations.md").read_text("utf-8")))
    real = {f"INGEST_{name.upper()}": field.default for name, field in Settings.model_fields.items()}
    assert list(told) == list(real)
    for name, default in real.items():
        assert told[name].strip("`") == ("–" if default in (None, "") else str(default)), name
