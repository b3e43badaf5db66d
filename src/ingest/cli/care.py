"""`ingest verify`: is what has landed whole?"""

from collections import Counter
from typing import Annotated

import typer

from ingest.cli.program import emit, progress, say


def verify(
    since: Annotated[
        str | None, typer.Option(metavar="T", help="Only what landed since: 2026-03-01, 2026-03-01T06:00Z, 7d.")
    ] = None,
    deep: Annotated[
        bool, typer.Option("--deep", help="Read every byte: raw records and texts, to their hashes.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="A finding a line.")] = False,
) -> None:
    """Is what has landed whole? The table against reports, raw archives and the state; exit 1 for a fault."""
    from datetime import UTC, datetime

    from ingest import verify as checks
    from ingest.cli.program import point_in_time
    from ingest.model import to_json
    from ingest.pipeline import Workspace
    from ingest.settings import load_settings

    settings, now = load_settings(), datetime.now(UTC)
    ws, found = Workspace(settings), Counter[str]()
    after = point_in_time(since, now) if since else None
    with progress("verifying") as step:
        for one in checks.verify(ws.store, ws.engine, now, settings.keep_raw_days, after, reads_all=deep):
            step(one.where)
            found[one.verdict] += 1
            emit(to_json(one) if as_json else one.line().encode())
    say(f"{found['fault']} faults, {found['care']} to tidy up" if found else "all is whole")
    if found["fault"]:
        raise typer.Exit(1)
