"""`ingest notices`: what readers are told of commits. `ingest catalogue`: a day as static pages."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ingest.cli.program import BadInputError, Failures, emit, say


def notices(
    since: Annotated[int, typer.Option(metavar="VERSION", help="Of commits after this version of the table.")] = -1,
    deliver: Annotated[bool, typer.Option("--deliver", help="First write and send what is missing.")] = False,
) -> None:
    """The notices of commits, one JSON a line. Exits with 1 if a webhook did not take one with --deliver."""
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


def catalogue(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the pages go; made if it is not there.")],
    day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="UTC; today if not given.")] = None,
) -> None:
    """A day's stories as static pages. DAY.html and DAY.atom, of what readers may see."""
    from ingest.catalogue import pages, stories_of
    from ingest.read import open_reader
    from ingest.settings import load_settings

    settings = load_settings()
    wanted = (day or datetime.now(UTC)).date()
    rows = stories_of(open_reader(settings.store, s3_endpoint=settings.s3_endpoint), wanted)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, body in pages(rows, wanted).items():
            (folder / name).write_bytes(body)
    except OSError as e:
        raise BadInputError(str(folder), e.strerror or "cannot be written", "check the path") from e
    say(f"{folder}: {len(rows)} stories of {wanted}")
