"""`ingest quarantine`: what could not be used. Look at it, read it again, mend it, or discard it."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ingest.cli.program import BadInputError, emit, known_ids, log_to_stderr, say, show, who

if TYPE_CHECKING:
    from rich.table import Table

    from ingest.model import Payload
    from ingest.quarantine import Held

app = typer.Typer(no_args_is_help=True, help="What could not be used: look, read again, mend, discard.")
_Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="As listed; the beginning will do.")]


@app.command("list")
def list_(
    source: Annotated[
        str | None, typer.Option(metavar="ID", help="Only of this source.", autocompletion=known_ids)
    ] = None,
    code: Annotated[str | None, typer.Option(metavar="C", help="Only these: malformed, no-content, bug …")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="T", help="Only of runs of that day or later: 2026-03-01, 7d.")
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Also what was read again or discarded.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON a line.")] = False,
) -> None:
    """What is in quarantine, oldest first."""
    from datetime import UTC, datetime

    from ingest.cli.program import point_in_time
    from ingest.pipeline import Workspace
    from ingest.quarantine import held
    from ingest.settings import load_settings

    first = point_in_time(since, datetime.now(UTC)).date() if since else None
    found = [
        one
        for one in held(Workspace(load_settings()).store, first)
        if source in (None, one.source_id) and code in (None, one.code) and (all_ or one.settled is None)
    ]
    if as_json:
        for one in found:
            emit(_json(one))
    elif found:
        show(_table(found))
    if not found:
        say(
            "nothing is in quarantine" if all_ else "nothing is in quarantine that is not settled; --all shows the rest"
        )


@app.command("show")
def show_one(
    id_: Annotated[str, typer.Argument(metavar="ID", help="As listed; the beginning will do.")],
    size: Annotated[int, typer.Option("--bytes", min=0, help="How many of its bytes to show.")] = 2_000,
    save: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to put all of its bytes, such as to mend them.")
    ] = None,
) -> None:
    """Why, where, and the bytes, safely escaped."""
    from ingest.errors import NotStored
    from ingest.pipeline import Workspace
    from ingest.quarantine import find, payload_of
    from ingest.settings import load_settings

    store = Workspace(load_settings()).store
    (one,) = find(store, [id_])
    for line in _about(one):
        emit(_safe(line).encode())
    try:
        payload = payload_of(store, one)
    except NotStored as e:
        say(str(e))
        return
    for line in _of_payload(payload, size):
        emit(line.encode())
    if save is not None:
        try:
            save.write_bytes(payload.body)
        except OSError as e:
            raise BadInputError(str(save), e.strerror or "cannot be written", "check the path") from e
        say(f"saved; once it is mended: ingest quarantine replay {one.id} --file {save}")


@app.command("replay")
def replay(
    ids: _Ids,
    file: Annotated[Path | None, typer.Option(metavar="FIXED", help="Read this in place of the bytes of one.")] = None,
) -> None:
    """Read again with today's code, from the bytes that came, and land it as a run of its own."""
    from datetime import UTC, datetime

    from ingest.pipeline import Workspace
    from ingest.quarantine import find
    from ingest.quarantine.again import replay as again
    from ingest.settings import load_settings
    from ingest.views import report_table

    log_to_stderr()
    if file is not None and len(ids) != 1:
        raise typer.BadParameter("--file mends one", param_hint="ID")
    ws = Workspace(load_settings())
    several, mended = find(ws.store, ids), _read(file) if file else None
    report, outcome = again(ws, several, datetime.now(UTC), who(), mended)
    show(report_table(report))
    for id_, wrong in outcome.items():
        emit(_safe(f"{id_}: {f'still {wrong.code}: {wrong.detail}' if wrong else 'good'}").encode())
    if any(outcome.values()):
        raise typer.Exit(1)


@app.command("discard")
def discard(
    ids: _Ids,
    reason: Annotated[str, typer.Option(metavar="WHY", help="Kept with it, and in the audit log.")],
) -> None:
    """Settle what is not worth more work. Its bytes stay in the raw archive, to their retention."""
    from datetime import UTC, datetime

    from ingest.pipeline import Workspace
    from ingest.quarantine import Settled, find, settle
    from ingest.settings import load_settings
    from ingest.takedown.audit import Removal, record

    store, now, by = Workspace(load_settings()).store, datetime.now(UTC), who()
    several = [one for one in find(store, ids) if one.settled is None]
    for one in several:
        record(store, Removal(at=now, by=by, kind="discard", subject=f"{one.key}#{one.id}", reason=reason))
    settle(store, several, Settled(how="discarded", at=now, by=by, why=reason))
    say(f"{len(several)} discarded")


def _table(found: "list[Held]") -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for name in ("id", "day", "source", "code", "where", "what"):
        table.add_column(name, no_wrap=name != "what", overflow="ellipsis", max_width=60 if name == "where" else None)
    for one in found:
        note = f"({one.settled.how}) " if one.settled else ""
        what = note + one.detail.strip().splitlines()[-1] if one.detail.strip() else note
        table.add_row(
            *(Text(_safe(text)) for text in (one.id, one.day, one.source_id, one.code, one.place, what[:300]))
        )
    return table


def _about(one: "Held") -> Iterator[str]:
    yield f"id       {one.id}"
    yield f"source   {one.source_id}"
    yield f"run      {one.run_shard}, {one.day}"
    yield f"code     {one.code}"
    yield f"where    {one.place}"
    for number, line in enumerate(one.detail.splitlines() or [""]):
        yield f"{'' if number else 'why':<8} {line}"
    if one.raw:
        yield f"bytes    {one.raw.archive}@{one.raw.offset}+{one.raw.length}"
    if one.settled:
        yield f"settled  {one.settled.how} by {one.settled.by} on {one.settled.at:%Y-%m-%d %H:%M}: {one.settled.why}"


def _of_payload(payload: "Payload", size: int) -> Iterator[str]:
    when = f"{payload.fetched_at:%Y-%m-%d %H:%M:%S} UTC" if payload.fetched_at else "at an unknown time"
    yield _safe(f"from     {payload.url}, {when}")
    if payload.status is not None:
        yield f"status   {payload.status}"
    for name, value in payload.headers:
        yield _safe(f"header   {name}: {value}")
    yield f"body     {len(payload.body):,} bytes" + (f", the first {size:,}:" if len(payload.body) > size else ":")
    yield from (_safe(line) for line in payload.body[:size].decode("utf-8", "backslashreplace").split("\n"))


def _safe(text: str) -> str:
    """Nothing in it that a terminal would obey, or that would turn its direction."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def _json(one: "Held") -> bytes:
    import orjson

    return orjson.dumps({"id": one.id, "day": one.day, "run": one.run_shard, **one.model_dump(mode="json")})


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as e:
        raise BadInputError(str(file), e.strerror or "cannot be read", "check the path") from e
