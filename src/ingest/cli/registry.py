"""`ingest sources`: the registry."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ingest.cli.discover import discover
from ingest.cli.program import Failures, emit, known_ids, read_file, say, show, tell, who

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The registry of sources; OPML in and out.")
State = StrEnum("State", ["healthy", "quiet", "failing", "moved", "gone", "paused"])
SourceId = Annotated[str, typer.Argument(metavar="ID", autocompletion=known_ids)]


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="One JSON a line.")] = False) -> None:
    """The sources of the registry."""
    from ingest.model import to_json
    from ingest.sources import load_sources

    registry = load_sources(_path())
    if as_json:
        for source in registry.values():
            emit(to_json(source))
    else:
        from ingest.views import sources_table

        show(sources_table(registry.values()))
    failures = Failures()
    for error in registry.errors:
        failures.add(error)
    failures.finish()


@app.command()
def check() -> None:
    """Tell all that is wrong with the file. Each with its line; exits with 1 if there is an error."""
    from ingest.sources import load_sources

    registry = load_sources(_path())
    for p in registry.problems:
        about = f"[sources.{p.source_id}] " if p.source_id else ""
        hint = f" ({p.hint})" if p.hint else ""
        emit(f"{registry.path}:{p.line}: {p.severity}: {about}{p.message}{hint}".encode())
    warnings = len(registry.problems) - len(registry.errors)
    say(f"{len(registry)} good sources, {len(registry.errors)} errors, {warnings} warnings")
    if registry.errors:
        raise typer.Exit(1)


@app.command()
def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="A feed, or a folder of wire files.")],
    id_: Annotated[str | None, typer.Option("--id", help="Made from the name if not given.")] = None,
    name: Annotated[str | None, typer.Option(help="What people call it.")] = None,
    every: Annotated[str | None, typer.Option(help="15m, 1h, 1d or adaptive.")] = None,
    format: Annotated[str | None, typer.Option(help="The format's name, if it cannot be seen.")] = None,
    language: Annotated[str | None, typer.Option(help="BCP 47, for items that do not say.")] = None,
    provider: Annotated[str | None, typer.Option(help="The agency that made it.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="May be given several times.")] = None,
) -> None:
    """Add a source to the end of the file."""
    from ingest.sources import load_sources
    from ingest.sources.edit import add_sources, new_id
    from ingest.sources.patch import Setting

    path = _path()
    taken = set(load_sources(path)) if path.exists() else set()
    source_id = id_ or new_id(name or "", url, taken)
    table: dict[str, Setting] = {"name": name or source_id, "url": url}
    if "://" not in url:
        table |= {"transport": "folder", "url": str(Path(url).absolute())}
    given = {"every": every, "format": format, "language": language, "provider": provider}
    table |= {key: value for key, value in given.items() if value is not None}
    if tag:
        table["tags"] = tuple(tag)
    for error in add_sources(path, {source_id: table}):
        raise error
    say(f"{path}: added {source_id}. See what it gives: ingest fetch --source {source_id}")


app.command()(discover)


@app.command("import")
def import_(file: Annotated[str, typer.Argument(metavar="OPML", help="A list of feeds; - is standard input.")]) -> None:
    """Add the feeds of an OPML list. Those that are there already are left alone; folders become tags."""
    from ingest.opml import new_sources, read_opml
    from ingest.sources import load_sources
    from ingest.sources.edit import add_sources

    path = _path()
    known = dict(load_sources(path)) if path.exists() else {}
    outlines = read_opml(read_file(file), file)
    new = new_sources(outlines, known)
    refused = add_sources(path, new)
    for error in refused:
        tell(error)
    feeds = sum(len(table["url"]) if isinstance(table["url"], tuple) else 1 for table in new.values())
    doubled = len(outlines) - feeds
    say(f"{path}: {len(new) - len(refused)} sources added, {doubled} feeds were there, {len(refused)} refused")
    if refused:
        raise typer.Exit(1)


@app.command()
def export() -> None:
    """Write the registry as OPML 2.0. Folders of wire files are no feeds and are left out."""
    from datetime import UTC, datetime

    from ingest.model import Transport
    from ingest.opml import to_opml
    from ingest.sources import load_sources

    registry = load_sources(_path())
    left = sum(source.transport != Transport.HTTP for source in registry.values())
    sys.stdout.buffer.write(to_opml(registry.values(), datetime.now(UTC)))
    if left:
        say(f"{left} sources are no feeds and were left out")


@app.command()
def rules(
    source_id: SourceId,
    undo: Annotated[str | None, typer.Option(metavar="RULE", help="Take nothing out by it any more.")] = None,
    redo: Annotated[str | None, typer.Option(metavar="RULE", help="Let it take out again.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON a line.")] = False,
) -> None:
    """The lines that a source repeats. Learned from its stories and taken out, with the counts that justify it."""
    import orjson

    from ingest.pipeline import Workspace
    from ingest.settings import load_settings
    from ingest.state.database import read, write
    from ingest.state.learned import load_rules, undo_rule
    from ingest.views import rules_table

    if undo and redo:
        raise typer.BadParameter("give --undo or --redo, not both")
    ws = Workspace(load_settings())
    ws.registry.get_source(source_id)
    if rule_id := undo or redo:
        with write(ws.engine) as conn:
            changed = undo_rule(conn, source_id, rule_id, undone=rule_id == undo)
        say(f"{source_id}: rule {rule_id} is now {changed.state}")
    with read(ws.engine) as conn:
        found = load_rules(conn, [source_id]).get(source_id, ())
    if as_json:
        for rule in found:
            emit(orjson.dumps(rule.model_dump(mode="json") | {"state": rule.state}))
    elif found:
        show(rules_table(found))
    else:
        say(f"{source_id}: nothing is learned yet")


@app.command()
def health(
    source_ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="All if none is given.", autocompletion=known_ids)
    ] = None,
    state: Annotated[State | None, typer.Option(help="Only the sources that are so.")] = None,
    events: Annotated[bool, typer.Option("--events", help="What changed and when, the newest first.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON a line.")] = False,
) -> None:
    """How the sources are doing. Exits with 1 if one of those shown is failing or gone; see docs/health.md."""
    from datetime import UTC, datetime

    import orjson

    from ingest.health.table import events_table, health_table, last_days
    from ingest.model import to_json
    from ingest.pipeline import Workspace, health_of
    from ingest.settings import load_settings
    from ingest.state.database import read
    from ingest.state.health import load_events

    ws, now = Workspace(load_settings()), datetime.now(UTC)
    rows = [row for row in health_of(ws, source_ids or (), now) if state in (None, row.health and row.health.state)]
    if events:
        with read(ws.engine) as conn:
            found = load_events(conn, [row.source_id for row in rows] if source_ids or state else ())
        for one in found if as_json else ():
            emit(to_json(one))
        if not as_json:
            show(events_table(found))
    elif as_json:
        for row in rows:
            plain = row.health.model_dump(mode="json") if row.health else {"source_id": row.source_id, "state": None}
            emit(orjson.dumps(plain | {"days": last_days(row.days, now.date())}))
    else:
        show(health_table(rows, now))
    if any(row.health and row.health.state in ("failing", "gone") for row in rows):
        raise typer.Exit(1)


@app.command()
def enable(source_id: SourceId) -> None:
    """Fetch a source again."""
    _set(source_id, True)


@app.command()
def disable(source_id: SourceId) -> None:
    """Do not fetch a source until it is enabled; what it gave stays."""
    _set(source_id, False)


@app.command()
def retire(
    source_id: SourceId, reason: Annotated[str, typer.Option(help="Why; it is kept in the registry and the audit log.")]
) -> None:
    """Ask a source no more, for good; what it gave stays. `enable` takes it back."""
    from datetime import UTC, datetime

    from ingest.pipeline import Workspace
    from ingest.settings import load_settings
    from ingest.sources.edit import retire as write
    from ingest.takedown.audit import Removal, record

    path = _path()
    changed = write(path, source_id, reason)
    if changed:
        act = Removal(at=datetime.now(UTC), by=who(), kind="retire", subject=source_id, reason=reason.strip())
        record(Workspace(load_settings()).store, act)
    say(f"{path}: {source_id} {'is now' if changed else 'was already'} retired")


def _set(source_id: str, enabled: bool) -> None:
    from ingest.sources.edit import set_enabled

    path = _path()
    word = "enabled" if enabled else "disabled"
    changed = set_enabled(path, source_id, enabled)
    say(f"{path}: {source_id} {'is now' if changed else 'was already'} {word}")


def _path() -> Path:
    from ingest.settings import load_settings

    return load_settings().sources
