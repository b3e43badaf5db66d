"""Every command says what it does, with examples that its parser takes; and the shell completes sources."""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer

from ingest.cli import app
from ingest.cli.examples import EXAMPLES

PROGRAM = Path(sys.executable).with_name("ingest")
ROOT = typer.main.get_command(app)


def commands(command: click.Command, *path: str) -> Iterator[tuple[str, click.Command]]:
    if not hasattr(command, "commands"):
        yield " ".join(path), command
    for name, child in getattr(command, "commands", {}).items():
        yield from commands(child, *path, name)


COMMANDS = dict(commands(ROOT))


def test_every_command_has_examples_and_no_other() -> None:
    assert set(EXAMPLES) == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_help(name: str) -> None:
    command = COMMANDS[name]
    assert command.help and command.help.split("\n")[0].rstrip().endswith((".", "`.")), command.help
    shown = command.get_help(click.Context(command, info_name=name))
    assert "Exit codes: 0 done" in shown
    for line, what in EXAMPLES[name]:
        assert f"ingest {line}\n" in shown
        assert what in shown


@pytest.mark.parametrize("line", [line for lines in EXAMPLES.values() for line, _ in lines])
def test_an_example_is_accepted(line: str) -> None:
    """Parsed to the last word by the real parser; nothing is run."""
    words = shlex.split(line.split(" > ", maxsplit=1)[0])
    command: click.Command = ROOT
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    command.make_context("ingest", words)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("sources en", ["enable"]),
        ("sources disable ", ["harbour-herald", "mpa-wire"]),
        ("run --source mp", ["mpa-wire"]),
        ("articles --source har", ["harbour-herald"]),
        ("fetch --source x", []),
    ],
)
def test_the_shell_completes_commands_and_sources(tmp_path: Path, typed: str, offered: list[str]) -> None:
    """As bash asks, in a process of its own, at each tab."""
    registry = tmp_path / "sources.toml"
    tables = [f'[sources.{id_}]\nurl = "https://{id_}.example/"\n' for id_ in ("harbour-herald", "mpa-wire")]
    registry.write_text("".join(tables))
    line = f"ingest {typed}"
    asked = {"_INGEST_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    env = {**os.environ, "INGEST_SOURCES": str(registry), **asked}
    done = subprocess.run([PROGRAM], env=env, capture_output=True, text=True, check=False, timeout=120)
    assert done.stdout.split() == offered, done.stderr


def test_no_registry_no_offer(tmp_path: Path) -> None:
    asked = {"_INGEST_COMPLETE": "complete_bash", "COMP_WORDS": "ingest run --source ", "COMP_CWORD": "3"}
    env = {**os.environ, "INGEST_SOURCES": str(tmp_path / "none.toml"), **asked}
    done = subprocess.run([PROGRAM], env=env, capture_output=True, text=True, check=False, timeout=120)
    assert (done.stdout.strip(), done.stderr) == ("", "")
