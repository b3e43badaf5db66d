"""docs/reading.md, followed from its first line to its last on a small table."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ingest.cli import app
from ingest.land.store import open_store
from ingest.land.table import create_table
from ingest.model import Rights
from tests.read.test_reader import kill, land, one

PAGE = (Path(__file__).parents[2] / "docs" / "reading.md").read_text("utf-8")
PYTHON = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = re.findall(r"^\$ (ingest .*)$", PAGE, re.MULTILINE)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("INGEST_STORE", "data/store")
    monkeypatch.setenv("INGEST_STATE", f"sqlite:///{tmp_path}/state.db")
    store = open_store("data/store", None)
    create_table(store)
    land(store, one("ferry", language="en"), one("market", rights=Rights(usage_terms="CC BY 4.0")))
    kill(store)
    return tmp_path


def test_the_python(place: Path) -> None:
    names: dict[str, object] = {}
    for block in PYTHON:
        exec(block, names)
    assert names["free"].num_rows == 1  # type: ignore[attr-defined]
    assert names["killed"].arrow().num_rows == 1  # type: ignore[attr-defined]
    assert names["kept"] == 4


def test_the_commands(place: Path) -> None:
    for command in COMMANDS:
        result = CliRunner().invoke(app, shlex.split(command)[1:])
        assert result.exit_code == 0, (command, result.output)
        assert result.stdout, command


def test_all_of_the_page_was_found() -> None:
    assert (len(PYTHON), len(COMMANDS)) == (PAGE.count("```python"), PAGE.count("$ ingest"))
    assert len(PYTHON) >= 8
