"""`ingest setup`, `demo`, `doctor`, `maintain`, `version`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from ingest.cli.program import BadInputError, emit, progress, say


def setup() -> None:
    """Create or upgrade the state database and the table. Before the first run and after an upgrade; again is fine."""
    from ingest.pipeline import Workspace
    from ingest.settings import load_settings

    settings = load_settings()
    Workspace(settings).set_up()
    say(f"ready: the table in {settings.store}, and the state database")


def demo(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any that is free.")] = 8099,
    day: Annotated[int, typer.Option(min=1, max=2, help="2: the newsroom one day later.")] = 1,
    folder: Annotated[Path, typer.Option(help="Where its wire files and its sources.toml go.")] = Path("data/demo"),
    faults: Annotated[bool, typer.Option(help="With the sources that give nothing but trouble.")] = True,
) -> None:
    """Serve the demo newsroom on 127.0.0.1. Until Ctrl-C; it also writes the sources.toml to ingest it with."""
    import threading

    from ingest.demo.registry import write_sources
    from ingest.demo.server import start_demo

    registry, wires = folder.absolute() / "sources.toml", folder.absolute() / "folder"
    try:
        with start_demo(day, port=port, folder=wires) as server:
            write_sources(registry, server.base_url, wires, faults=faults)
            say(f"The demo newsroom is on {server.base_url}, day {day}; Ctrl-C ends it. In another terminal:")
            say(f"  INGEST_SOURCES={registry} INGEST_ALLOW_NETS=127.0.0.0/8 INGEST_HOST_DELAY_S=0 ingest run")
            threading.Event().wait()
    except KeyboardInterrupt:
        say("ended")
    except OSError as e:
        raise BadInputError(f"127.0.0.1:{port}", e.strerror or str(e), "--port 0 takes one that is free") from e


def doctor(
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 for what is unsafe, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON a line.")] = False,
) -> None:
    """Check the set-up. What is right, what is not, what is unsafe, and what to do."""
    from dataclasses import asdict

    from ingest.cli.checkup import examine

    marks = {
        "good": typer.style("✓", fg="green"),
        "later": typer.style("–", fg="yellow"),
        "unsafe": typer.style("!", fg="red", bold=True),
        "bad": typer.style("✗", fg="red"),
    }
    failing, failed = {"bad", "unsafe"} if strict else {"bad"}, False
    for finding in examine():
        failed = failed or finding.verdict in failing
        if as_json:
            emit(json.dumps(asdict(finding), ensure_ascii=False).encode())
            continue
        todo = f" → {finding.todo}" if finding.todo else ""
        typer.echo(f"{marks[finding.verdict]} {finding.what}: {finding.detail}{todo}")
    if failed:
        raise typer.Exit(1)


def maintain() -> None:
    """Upkeep of store and state. Compaction, retention of raw and staging, expiry of the stories' index."""
    from datetime import UTC, datetime

    from ingest.model import to_json
    from ingest.pipeline import Workspace
    from ingest.settings import load_settings
    from ingest.upkeep import keep_up

    with progress("upkeep") as step:
        step("")
        result = keep_up(Workspace(load_settings()), datetime.now(UTC))
    emit(to_json(result))


def version() -> None:
    """This program's version, and Python's."""
    import platform
    from importlib.metadata import version as installed

    emit(f"ingest {installed('syndication-ingest')}, Python {platform.python_version()}".encode())
