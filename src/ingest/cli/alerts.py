"""`ingest alerts`: what is on, the check that cron runs outside Airflow, and a test of the channels."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from ingest.cli.program import Failures, emit, say, show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from ingest.alerts import Alert
    from ingest.alerts.channels import Sent
    from ingest.alerts.told import AlertRow
    from ingest.pipeline import Workspace

app = typer.Typer(no_args_is_help=True, help="What people are told of, and where it goes: INGEST_ALERTS.")


@app.callback()
def _group() -> None:
    """What people are told of, and where it goes: INGEST_ALERTS."""


@app.command("list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="An alert a line, as JSON.")] = False,
) -> None:
    """What is on now, the most urgent first. Tells nobody."""
    from ingest.alerts.check import on_now
    from ingest.model import to_json

    on = on_now(_workspace(), datetime.now(UTC))
    if as_json:
        for alert, _ in on:
            emit(to_json(alert))
    elif on:
        show(_table(on))
    if not on:
        say("no alert is on")


@app.command("check")
def check() -> None:
    """Tell what is new, as the DAGs do: for cron on another machine, in case nothing runs at all.

    Exits with 1 if an alert is on that cannot wait, told now or before, and if no channel could be told.
    """
    from ingest.alerts import check as alerts

    done = alerts.check(_workspace(), datetime.now(UTC))
    failures = _told(done.sent)
    for alert in done.on:
        say(f"{alert.about.severity}: {alert.about.title}{': ' if alert.subject else ''}{alert.subject}: {alert.what}")
    say(f"{len(done.on)} alerts are on, {done.told} were told now")
    failures.finish()
    if any(alert.about.severity == "critical" for alert in done.on):
        raise typer.Exit(1)


@app.command("test")
def test() -> None:
    """Send a test to each channel and say what became of it. Exits with 1 if one did not take it."""
    from ingest.alerts.check import try_channels
    from ingest.cli.program import BadInputError
    from ingest.settings import load_settings

    sent = try_channels(load_settings(), datetime.now(UTC))
    if not sent:
        raise BadInputError("INGEST_ALERTS", "names no channel", "see docs/alerts.md")
    failures = _told(sent)
    for one in sent:
        if one.error is None:
            say(f"{one.channel}: sent")
    failures.finish()


def _told(sent: "Sequence[Sent]") -> Failures:
    from ingest.errors import NotSent

    failures = Failures()
    for one in sent:
        if one.error is not None:
            failures.add(NotSent(one.channel, one.error))
    return failures


def _table(on: "Sequence[tuple[Alert, AlertRow | None]]") -> "Table":
    from rich.table import Table
    from rich.text import Text

    from ingest.views import shown

    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("since", "alert", "subject", "told"):
        table.add_column(name, no_wrap=True)
    table.add_column("what", ratio=1)
    for alert, row in on:
        told = f"{row.told_at:%m-%d %H:%M}" if row and row.told_at else ""
        style = "bold red" if alert.about.severity == "critical" else "yellow"
        cells = (f"{alert.since:%m-%d %H:%M}", Text(alert.kind, style), shown(alert.subject), told, shown(alert.what))
        table.add_row(*cells)
    return table


def _workspace() -> "Workspace":
    from ingest.pipeline import Workspace
    from ingest.settings import load_settings

    return Workspace(load_settings())
