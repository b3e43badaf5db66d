"""`ingest run`: the whole pipeline. `ingest fetch`: one fetch, explained."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ingest.cli.program import emit, known_ids, log_to_stderr, progress, say, show, web_address

if TYPE_CHECKING:
    from datetime import datetime

    from ingest.model import FeedState, Fetched, Parsed, Source
    from ingest.report import RunReport
    from ingest.settings import Settings


def run(
    all_: Annotated[
        bool, typer.Option("--all", help="Also what is not due; never against a Retry-After or a 410.")
    ] = False,
    source: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Only this; may be given several times.", autocompletion=known_ids),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON, not as a table.")] = False,
) -> None:
    """The whole pipeline once, without Airflow. For the sources that are due; ends with a table of what happened."""
    from ingest.pipeline import run_once
    from ingest.settings import load_settings

    log_to_stderr()
    with progress("running") as step:
        report = run_once(load_settings(), source or (), all_, step)
    tell_report(report, as_json)


def backfill(
    source_ids: Annotated[
        list[str], typer.Argument(metavar="ID", help="A source of the registry.", autocompletion=known_ids)
    ],
    since: Annotated[
        str | None, typer.Option(metavar="T", help="Nothing published before: 2026-03-01, 2026-03-01T06:00Z, 30d.")
    ] = None,
    pages: Annotated[int, typer.Option(min=1, max=10_000, help="Further pages or sitemaps of each feed.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON, not as a table.")] = False,
) -> None:
    """What feeds no longer show. Archived and next pages, WordPress's pages, sitemaps; with the rest of a run."""
    from datetime import UTC, datetime

    from ingest.cli.program import point_in_time
    from ingest.pipeline import run_once
    from ingest.settings import load_settings
    from ingest.shard import Backfill

    log_to_stderr()
    now = datetime.now(UTC)
    wanted = Backfill(pages=pages, since=point_in_time(since, now) if since else None)
    with progress("going back") as step:
        report = run_once(load_settings(), source_ids, True, step, now, wanted)
    tell_report(report, as_json)


def websub(
    listen: Annotated[str, typer.Option(metavar="HOST:PORT", help="Behind a web server that hubs reach.")] = (
        "127.0.0.1:8098"
    ),
) -> None:
    """Be told of changes by hubs. Subscribes the sources with options.websub, and runs those that are pushed."""
    import asyncio

    from ingest.errors import BadConfig
    from ingest.settings import load_settings
    from ingest.websub.service import Service

    log_to_stderr()
    settings = load_settings()
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit():
        raise typer.BadParameter(f"{listen!r} is not HOST:PORT", param_hint="--listen")
    if settings.websub_callback is None or settings.websub_key is None:
        raise BadConfig("INGEST_WEBSUB_CALLBACK, INGEST_WEBSUB_KEY", "not set", "see docs/sources.md, Pushed feeds")
    service = Service(settings, settings.websub_callback, settings.websub_key.get_secret_value())
    try:
        asyncio.run(service.serve(host.strip("[]"), int(port), lambda at: say(f"listening on port {at}")))
    except KeyboardInterrupt:
        say("ended")


def fetch(
    url: Annotated[str | None, typer.Argument(metavar="URL", help="A feed or page.")] = None,
    source: Annotated[
        str | None,
        typer.Option(
            metavar="ID", help="A source of the registry, asked as the next run would.", autocompletion=known_ids
        ),
    ] = None,
    save: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to put the payload, such as for ingest parse.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON a feed, without the payload.")] = False,
) -> None:
    """One fetch, explained. Status, validators, redirects, size, next due; nothing is remembered of it."""
    import asyncio
    from datetime import UTC, datetime

    from ingest.settings import load_settings

    if (url is None) == (source is None):
        raise typer.BadParameter("give a URL or a --source")
    settings, now = load_settings(), datetime.now(UTC)
    owner, states = _registered(settings, source) if source else (_single(url or ""), {})
    found = asyncio.run(_fetch(owner, states, settings, now))
    if save is not None:
        _save(found, save)
    for fetched in found:
        if as_json:
            emit(fetched.model_dump_json(exclude={"payloads": {"__all__": {"body"}}}).encode())
        else:
            parsed = _parsed(owner, fetched)
            for line in _explained(owner, fetched, parsed, states.get(fetched.url), now):
                emit(line.encode())
    if any(fetched.outcome == "failed" for fetched in found):
        raise typer.Exit(1)


def tell_report(report: "RunReport", as_json: bool) -> None:
    from ingest.model import to_json
    from ingest.views import report_table

    if as_json:
        emit(to_json(report))
    elif report.planned:
        show(report_table(report))
    if not report.planned:
        say("nothing is due; --all asks before the time")
    if _is_faulty(report):
        raise typer.Exit(1)


def _is_faulty(report: "RunReport") -> bool:
    faulty = any(s.status in ("failed", "partial") for s in report.sources)
    return faulty or bool(report.missing_shards or report.registry_problems)


def _single(url: str) -> "Source":
    from ingest.model import Source

    return Source(id="url", name="A URL", urls=(web_address(url),))


def _registered(settings: "Settings", source_id: str) -> "tuple[Source, dict[str, FeedState]]":
    from ingest.errors import StateError
    from ingest.sources import load_sources
    from ingest.state.database import open_state, read
    from ingest.state.feeds import load_feed_states

    source = load_sources(settings.sources).get_source(source_id)
    try:
        with read(open_state(settings.state)) as connection:
            states = load_feed_states(connection, [source_id])
    except StateError as e:
        say(f"no state, so this is asked like the first time: {e}")
        return source, {}
    return source, {url: state for (_, url), state in states.items()}


async def _fetch(
    source: "Source", states: "dict[str, FeedState]", settings: "Settings", now: "datetime"
) -> "list[Fetched]":
    from ingest.fetch import HttpFetcher, fetch_source

    async with HttpFetcher(settings.agent, settings.allow_nets, settings.host_delay_s) as fetcher:
        return await fetch_source(source, states, now, fetcher)


def _save(found: "list[Fetched]", file: Path) -> None:
    from ingest.cli.program import BadInputError

    payloads = [payload for fetched in found for payload in fetched.payloads]
    if len(payloads) != 1:
        say(f"{len(payloads)} payloads came, so nothing was saved")
        return
    try:
        file.write_bytes(payloads[0].body)
    except OSError as e:
        raise BadInputError(str(file), e.strerror or "cannot be written", "check the path") from e


def _parsed(source: "Source", fetched: "Fetched") -> "Parsed | None":
    from ingest.errors import IngestError
    from ingest.parse import parse

    if len(fetched.payloads) != 1:
        return None
    try:
        return parse(fetched.payloads[0], source.format)
    except IngestError as e:
        say(f"it does not parse: {e}")
        return None


def _explained(
    source: "Source", fetched: "Fetched", parsed: "Parsed | None", before: "FeedState | None", now: "datetime"
) -> Iterator[str]:
    from ingest.fetch.schedule import scheduled

    state = fetched.state
    yield f"{fetched.url}"
    for hop in fetched.hops:
        yield f"  {hop.status}  {hop.url}" + (f"  → {hop.location}" if hop.location else "")
    yield f"  outcome        {fetched.outcome.replace('_', ' ')}"
    if fetched.error:
        yield f"  error          {fetched.error} [{fetched.error_code}]"
    conditional = before and (before.etag or before.last_modified)
    yield f"  asked          {'with the last validators' if conditional else 'unconditionally'}"
    yield f"  validators     ETag {state.etag or '-'}, Last-Modified {state.last_modified or '-'}"
    if state.moved_to:
        yield f"  moved to       {state.moved_to} (seen {state.moved_seen} times)"
    yield f"  size           {fetched.received_bytes:,} bytes sent, {fetched.body_bytes:,} unpacked"
    yield f"  took           {fetched.elapsed_s:.2f} s"
    for payload in fetched.payloads[:20]:
        kind = payload.content_type or "no content type"
        yield f"  payload        {kind}, {len(payload.body):,} bytes, {payload.url}"
    if parsed is not None:
        title = f", “{parsed.feed.title}”" if parsed.feed.title else ""
        yield f"  format         {parsed.format}{title}: {len(parsed.entries)} items, {len(parsed.rejects)} rejected"
    if state.retired_at:
        yield "  next due       never: it is gone (410)"
    else:
        feed = parsed.feed if parsed else None
        due = scheduled(source, state, fetched.outcome, now, feed=feed, headers=fetched.headers).next_due_at or now
        yield f"  next due       {due:%Y-%m-%d %H:%M} UTC" + (" (Retry-After)" if state.not_before else "")
