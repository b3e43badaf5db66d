"""`ingest notices`: what readers are told of commits."""

from typing import Annotated

import typer

from ingest.cli.program import Failures, emit, say


def notices(
    since: Annotated[int, typer.Option(metavar="VERSION", help="Of commits after this version of the table.")] = -1,
    deliver: Annotated[bool, typer.Option("--deliver", help="First write and send what is missing.")] = False,
) -> None:
    """The notices of commits, one JSON a line. Exits with 1 if a webhook did not take one with --deliver."""
    from datetime import UTC, datetime

    from ingest.errors import FetchFailed
    from ingest.model import to_json
    from ingest.notices import load_notices
    from ingest.pipeline import Workspace, notify
    from ingest.settings import load_settings

    ws, failures = Workspace(load_settings()), Failures()
    if deliver:
        for one in notify(ws, datetime.now(UTC)):
            failures.add(FetchFailed(one.host, f"did not take the notice of version {one.table_version}: {one.why}"))
    found = 0
    for notice in load_notices(ws.store, since):
        emit(to_json(notice))
        found += 1
    if not found:
        say("no notices")
    failures.finish()
