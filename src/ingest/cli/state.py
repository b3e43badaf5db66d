"""`ingest state`: the database of what is remembered between runs."""

import typer

from ingest.cli.program import emit, progress, say

app = typer.Typer(no_args_is_help=True, help="What is remembered between runs.")


@app.callback()
def _group() -> None:
    """What is remembered between runs."""


@app.command("rebuild")
def rebuild() -> None:
    """Make a lost state database again, from the store. An older copy gets what it lacks; again changes nothing."""
    from datetime import UTC, datetime

    from ingest.model import to_json
    from ingest.pipeline import Workspace
    from ingest.rebuild import LOST
    from ingest.rebuild import rebuild as made_again
    from ingest.settings import load_settings

    settings = load_settings()
    ws = Workspace(settings)
    ws.set_up()
    with progress("rebuilding") as step:
        done = made_again(ws.store, ws.engine, datetime.now(UTC), settings.index_days, step)
    emit(to_json(done))
    if not done.runs:
        say("the state knew every run of the store already")
        return
    say("What no store has is lost:")
    for one in LOST:
        say(f"  {one}")
