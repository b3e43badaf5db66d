"""`ingest sources discover`: the feeds of a site."""

from typing import TYPE_CHECKING, Annotated

import typer

from ingest.cli.program import emit, say, show, web_address

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ingest.discovery import Found
    from ingest.model import Source
    from ingest.settings import Settings


def discover(
    url: Annotated[str, typer.Argument(metavar="URL", help="Any page of the site, or a feed.")],
    add: Annotated[bool, typer.Option("--add", help="Add the first one to the registry.")] = False,
    name: Annotated[str | None, typer.Option(help="With --add: what people call it; the feed's title else.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON a feed.")] = False,
) -> None:
    """Find the feeds of a site. The best first; asks what its pages name, then the usual places."""
    import asyncio

    from ingest.model import to_json
    from ingest.settings import load_settings

    settings = load_settings()
    start = web_address(url if "://" in url else f"https://{url}")
    found = asyncio.run(_search(settings, start))
    for one in found if as_json else ():
        emit(to_json(one))
    if found and not as_json:
        show(_table(found))
    if not found:
        say(f"{url}: no feed is named on this page, in robots.txt, or where feeds usually are")
        raise typer.Exit(1)
    if add:
        _add(settings, found[0], name)


async def _search(settings: "Settings", url: str) -> "list[Found]":
    from datetime import UTC, datetime

    from ingest.discovery import discover as search
    from ingest.fetch import HttpFetcher
    from ingest.model import Limits

    limits = Limits(total_s=30.0)
    async with HttpFetcher(settings.agent, settings.allow_nets, settings.host_delay_s) as fetcher:
        return await search(url, fetcher, limits, datetime.now(UTC))


def _table(found: "list[Found]") -> "RenderableType":
    from rich.table import Table

    from ingest.views import shown

    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("title", "format", "items", "newest", "text", "found", "url"):
        table.add_column(column, overflow="fold")
    for one in found:
        kind = f"{one.format}, comments" if one.comments else one.format
        newest = f"{one.newest:%Y-%m-%d %H:%M}" if one.newest else ""
        text = "full" if one.full_text else "on its pages"
        plain = (one.title, kind, str(one.items), newest, text, one.how, one.url)
        table.add_row(*map(shown, plain))
    return table


def _add(settings: "Settings", best: "Found", name: str | None) -> None:
    from ingest.sources import load_sources
    from ingest.sources.edit import add_sources, new_id

    path = settings.sources
    known = dict(load_sources(path)) if path.exists() else {}
    if there := _owner(known, best.url):
        say(f"{path}: {best.url} is there already, as {there}")
        return
    title = name or best.title or ""
    source_id = new_id(title, best.url, known)
    for error in add_sources(path, {source_id: {"name": title or source_id, "url": best.url}}):
        raise error
    say(f"{path}: added {source_id}. See what it gives: ingest fetch --source {source_id}")


def _owner(known: "dict[str, Source]", url: str) -> str | None:
    return next((id_ for id_, source in known.items() if url in source.urls), None)
