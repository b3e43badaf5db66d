"""Reading what has landed: `ingest articles` and `ingest story`."""

import csv
import io
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ingest.cli.program import emit, json_line, known_ids, point_in_time, say, show

if TYPE_CHECKING:
    from ingest.land.store import Store
    from ingest.model import Article
    from ingest.state.stories import Standing

_TABLE_ROWS = 50


class Form(StrEnum):
    TABLE = "table"
    JSONL = "jsonl"
    NINJS = "ninjs"
    CSV = "csv"


class Hidden(StrEnum):
    EMBARGOED = "embargoed"
    WITHHELD = "withheld"
    CANCELED = "canceled"
    EXPIRED = "expired"


def articles(
    since: Annotated[
        str | None, typer.Option(metavar="T", help="Landed since: 2026-03-01, 2026-03-01T06:00Z, 90m, 24h, 7d.")
    ] = None,
    source: Annotated[str | None, typer.Option(metavar="ID", help="Of this source.", autocompletion=known_ids)] = None,
    story_id: Annotated[str | None, typer.Option("--story", metavar="ID", help="Of this story.")] = None,
    changes_since: Annotated[
        int | None, typer.Option(metavar="VERSION", min=0, help="Landed after this version of the table.")
    ] = None,
    form: Annotated[
        Form | None, typer.Option("--as", help="table is what a terminal gets, jsonl all else.", show_default=False)
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help=f"At most so many, the newest; {_TABLE_ROWS} for a table.")
    ] = None,
    all_versions: Annotated[bool, typer.Option("--all-versions", help="Not only each article's latest.")] = False,
    include: Annotated[
        list[Hidden] | None, typer.Option(help="Also what readers are not to see; several times for several kinds.")
    ] = None,
) -> None:
    """Articles that have landed. Copies of what was killed since say so."""
    from ingest.read import Filters, Reader

    form = form or (Form.TABLE if sys.stdout.isatty() else Form.JSONL)
    limit = limit or (_TABLE_ROWS if form == Form.TABLE else None)
    now = datetime.now(UTC)
    landed_since = point_in_time(since, now) if since else None
    reader = Reader(_store(), now=now)  # one version for all that is told
    view = reader.history if all_versions else reader.current
    also = {Hidden.WITHHELD, Hidden.CANCELED} if changes_since is not None else set()  # whoever follows has to know
    filters: Filters = {"include": [kind.value for kind in {*(include or ()), *also}]}
    if landed_since:
        filters["since"] = landed_since
    if source:
        filters["source"] = source
    if changes_since is not None:
        filters["after"] = changes_since
    asked: list[Filters] = [{**filters, "story": id_} for id_ in _standing(story_id).ids] if story_id else [filters]
    found = (article for one in asked for article in view(**one).articles())
    _write(_newest(found, limit) if limit else found, form)
    say(f"table version {reader.version}; what lands later: ingest articles --changes-since {reader.version}")


def story(
    id_: Annotated[str, typer.Argument(metavar="ID", help="A story's id, or that of an article in it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Its articles, one JSON a line.")] = False,
) -> None:
    """A story. Its canonical item, copies, versions, and why each is in it."""
    from ingest.errors import NotStored
    from ingest.land.read import Query, read_articles
    from ingest.land.table import open_table

    store = _store()
    open_table(store)  # where nothing has landed there is no more to say
    standing = _standing(id_)
    versions = _versions_of(store, standing)
    if not versions:
        itself = next(read_articles(store, Query(article_id=id_)), None)
        if itself is None:
            raise NotStored(id_, "no story and no article has this id", "ingest articles lists them")
        standing = _standing(itself.story_id or id_)
        versions = _versions_of(store, standing) or [itself]
    if as_json:
        for article in sorted(versions, key=lambda a: (a.article_id, a.version)):
            emit(json_line(article))
        return
    from ingest.story_view import story_view

    show(
        story_view(
            standing.story_id,
            versions,
            canonical=standing.canonical,
            killed=standing.killed,
            related=standing.related,
            aliases=standing.aliases,
        )
    )


def _standing(story_id: str) -> "Standing":
    """How a story stands by the index; by its articles alone where there is no state database."""
    from ingest.errors import StateError
    from ingest.settings import load_settings
    from ingest.state.database import open_state, read
    from ingest.state.stories import Standing, standing_of

    try:
        with read(open_state(load_settings().state)) as connection:
            return standing_of(connection, story_id)
    except StateError as e:
        say(f"only what the articles say when they landed: {e}")
        return Standing(story_id)


def _versions_of(store: "Store", standing: "Standing") -> "list[Article]":
    from ingest.land.read import Query, read_articles

    return [a for id_ in standing.ids for a in read_articles(store, Query(story_id=id_, latest_only=False))]


def _store() -> "Store":
    from ingest.land.store import open_store
    from ingest.settings import load_settings

    settings = load_settings()
    return open_store(settings.store, settings.s3_endpoint)


def _newest(found: "Iterable[Article]", limit: int) -> "list[Article]":
    import heapq

    never = datetime.min.replace(tzinfo=UTC)
    return heapq.nlargest(limit, found, key=lambda a: (a.published or a.fetched_at or never, a.article_id, a.version))


def _write(found: "Iterable[Article]", form: Form) -> None:
    from ingest.views import article_table

    if form == Form.TABLE:
        show(article_table(found))
        return
    for line in _csv_lines(found) if form == Form.CSV else _json_lines(found, form):
        emit(line)


def _json_lines(found: "Iterable[Article]", form: Form) -> Iterator[bytes]:
    import orjson

    from ingest.ninjs import to_ninjs

    for article in found:
        yield orjson.dumps(to_ninjs(article)) if form == Form.NINJS else json_line(article)


def _csv_lines(found: "Iterable[Article]") -> Iterator[bytes]:
    """RFC 4180, but for the line ends, which are the terminal's."""
    from ingest.views import CSV_COLUMNS, csv_row

    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="")
    for row in _rows(list(CSV_COLUMNS), (csv_row(article) for article in found)):
        writer.writerow(row)
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()


def _rows(head: list[str], body: Iterable[list[str]]) -> Iterator[list[str]]:
    yield head
    yield from body
