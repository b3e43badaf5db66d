"""`ingest takedown`, `takedowns`, `audit`: removing for good, and who did."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from ingest.cli.program import emit, progress, say, show, who

if TYPE_CHECKING:
    from ingest.pipeline import Workspace

Json = Annotated[bool, typer.Option("--json", help="One JSON a line.")]


def takedown(
    target: Annotated[str, typer.Argument(metavar="ID", help="An article's id, or a story's with all its articles.")],
    reason: Annotated[str, typer.Option(metavar="R", help="Why. It is kept, and shown: no text of the article.")],
    by: Annotated[str | None, typer.Option(metavar="WHO", help="Who; the user of the system if not given.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only what would go.")] = False,
) -> None:
    """Remove an article or a story from everything. Table, older versions, raw archive, staging, state; for good."""
    from datetime import UTC, datetime

    from ingest.model import to_json
    from ingest.takedown.take import preview, take_down

    if not reason.strip():
        raise typer.BadParameter("say why", param_hint="--reason")
    ws, now = _workspace(), datetime.now(UTC)
    if dry_run:
        emit(to_json(preview(ws, target, now)))
        return
    with progress("taking down") as step:
        step("")
        done = take_down(ws, target, reason.strip(), by or who(), now)
    emit(to_json(done))
    say(f"{len(done.articles)} articles are gone and will be refused; `ingest takedowns --scan TEXT` looks for a text")


def takedowns(
    as_json: Json = False,
    changes_since: Annotated[
        int | None, typer.Option(metavar="VERSION", min=0, help="Made after this version of the table.")
    ] = None,
    scan: Annotated[
        list[str] | None, typer.Option(metavar="TEXT", help="Look for a text in every byte that is kept; 1 if it is.")
    ] = None,
) -> None:
    """What was taken down, by whom and why."""
    from ingest.model import to_json
    from ingest.takedown.listing import stored_tombstones, takedowns_after
    from ingest.takedown.scan import places_of

    ws = _workspace()
    if scan:
        found = list(places_of(ws.store, ws.engine, scan))
        for place in found:
            emit(place.encode())
        say(f"found in {len(found)} places" if found else "found nowhere")
        raise typer.Exit(1 if found else 0)
    stones = list(stored_tombstones(ws.store)) if changes_since is None else takedowns_after(ws.store, changes_since)
    if as_json:
        for stone in stones:
            emit(to_json(stone))
        return
    rows = [
        (
            f"{s.at:%Y-%m-%d %H:%M}",
            s.target,
            str(len(s.article_ids)),
            s.author,
            s.reason,
            "" if s.done_at else "not done",
        )
        for s in stones
    ]
    _table(("when", "id", "articles", "by", "why", ""), rows)


def audit(as_json: Json = False) -> None:
    """Who removed what, when and why: takedowns, retention, discards of quarantine."""
    from ingest.model import to_json
    from ingest.takedown.audit import removals

    found = list(removals(_workspace().store))
    if as_json:
        for one in found:
            emit(to_json(one))
        return
    rows = [(f"{one.at:%Y-%m-%d %H:%M}", one.kind, one.subject, one.by, one.reason) for one in found]
    _table(("when", "what", "of", "by", "why"), rows)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(*head, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    show(table)


def _workspace() -> "Workspace":
    from ingest.pipeline import Workspace
    from ingest.settings import load_settings

    return Workspace(load_settings())
