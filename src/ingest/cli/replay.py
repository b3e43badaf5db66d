"""`ingest replay`: again from the raw archive, with today's rules. `ingest embargoes`: what waits for its time."""

from typing import TYPE_CHECKING, Annotated

import typer

from ingest.cli.program import emit, known_ids, log_to_stderr, point_in_time, progress, say, show

if TYPE_CHECKING:
    from datetime import datetime

    from rich.table import Table

    from ingest.embargoes import Embargo
    from ingest.replay import Difference, Tell, Wanted


def replay(
    run: Annotated[str | None, typer.Option(metavar="ID", help="What this run brought.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="T", help="What was fetched since: 2026-03-01, 2026-03-01T06:00Z, 7d.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="T", help="And before.")] = None,
    source: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Only of this source; may be given several times.", autocompletion=known_ids),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would differ; nothing lands.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="A dry run: a difference a line. Else the report as JSON.")
    ] = False,
) -> None:
    """Again from the raw archive with today's rules. Nothing is fetched; what differs is a new version."""
    from datetime import UTC, datetime

    from ingest.model import to_json
    from ingest.replay import Wanted

    if (run is None) == (since is None):
        raise typer.BadParameter("give a --run or a --since")
    if until and run:
        raise typer.BadParameter("--until goes with --since")
    log_to_stderr()
    now = datetime.now(UTC)
    first, last = (point_in_time(text, now) if text else None for text in (since, until))
    wanted = Wanted(run_id=run, since=first, until=last, sources=tuple(source or ()))
    if dry_run:
        _dry(wanted, now, (lambda one: emit(to_json(one))) if as_json else None)
    else:
        _replay(wanted, now, as_json)


def embargoes(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON an article.")] = False,
) -> None:
    """What has landed under embargo, and when readers may see it."""
    from datetime import UTC, datetime

    from ingest.embargoes import ending
    from ingest.model import to_json
    from ingest.pipeline import Workspace
    from ingest.settings import load_settings

    waiting = ending(Workspace(load_settings()).store, datetime.now(UTC))
    if as_json:
        for one in waiting:
            emit(to_json(one))
    elif waiting:
        show(_embargo_table(waiting))
    else:
        say("nothing is under embargo")


def _embargo_table(waiting: "list[Embargo]") -> "Table":
    from rich.table import Table

    from ingest.views import iso, shown

    table = Table("shown from", "source", "article", "headline", title="Under embargo")
    for one in waiting:
        table.add_row(iso(one.embargoed_until), one.source_id, one.article_id, shown(one.headline or ""))
    return table


def _dry(wanted: "Wanted", now: "datetime", tell: "Tell | None") -> None:
    from ingest.pipeline import Workspace
    from ingest.replay.program import Summary, plan, replay_shard
    from ingest.replay.views import read_again, summary_table
    from ingest.settings import load_settings

    ws, summary = Workspace(load_settings()), Summary()

    def add(one: "Difference") -> None:
        summary.add(one)
        if tell:
            tell(one)

    planned = plan(ws, "dry-run", wanted, now, dry_run=True)
    _tell_gone(planned.gone)
    with progress("reading again") as step:
        results = [replay_shard(ws, s, wanted, now, add, dry_run=True, progress=step) for s in planned.shards]
    reports = [report for result in results for report in result.sources]
    if not tell:
        show(summary_table(summary))
    for line in read_again(summary, reports):
        say(line)


def _replay(wanted: "Wanted", now: "datetime", as_json: bool) -> None:
    from ingest.cli.run import tell_report
    from ingest.replay.program import replay_once
    from ingest.settings import load_settings

    with progress("reading again") as step:
        gone, report = replay_once(load_settings(), wanted, step, now)
    _tell_gone(gone)
    tell_report(report, as_json)


def _tell_gone(gone: tuple[str, ...]) -> None:
    if gone:
        say(f"no longer in the registry, so not read again: {', '.join(gone)}")
