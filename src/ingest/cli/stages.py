"""One stage at a time, on files: parse, extract, clean, dedupe. JSON Lines out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ingest.cli.program import Failures, emit, json_line, progress, read_file, say, shown_name, tracked
from ingest.errors import IngestError

if TYPE_CHECKING:
    from ingest.model import Reject, Source

Files = Annotated[list[str], typer.Argument(metavar="FILE", help="Payloads, gzipped or not; - is standard input.")]
Url = Annotated[str | None, typer.Option(metavar="U", help="Where it came from; relative links start there.")]
SourceId = Annotated[
    str | None, typer.Option(metavar="ID", help="Read as this source's: its rules, zone, language and rights.")
]


def parse(
    files: Files,
    format: Annotated[str, typer.Option(metavar="F", help="The format's name, if it cannot be seen.")] = "auto",
    url: Url = None,
    source: SourceId = None,
) -> None:
    """Payloads to Articles: one JSON a line, each with its `file`."""
    failures = Failures()
    owner = owner_of(source)
    _check_format(format)
    for file in tracked(files, "parsing", len(files)):
        try:
            _parse_file(file, format, url, owner, failures)
        except IngestError as e:
            failures.add(e, shown_name(file))
    failures.finish()


def extract(
    file: Annotated[str | None, typer.Argument(metavar="FILE", help="A page, gzipped or not.")] = None,
    url: Annotated[str | None, typer.Option(metavar="U", help="The page's address.")] = None,
    manifest: Annotated[
        Path | None, typer.Option(metavar="M.jsonl", help='Lines of {"id", "path", "url"}; paths start at its folder.')
    ] = None,
    source: SourceId = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes for a manifest; all cores if not given.")] = None,
) -> None:
    """Web pages to Articles."""
    from ingest.cli import pages

    if (file is None) == (manifest is None):
        raise typer.BadParameter("give a FILE with --url, or a --manifest")
    if manifest is not None:
        pages.extract_manifest(manifest, owner_of(source), jobs)
    elif url is None:
        raise typer.BadParameter("a page needs its --url: relative links and the site's own names are read with it")
    else:
        emit(json_line(pages.extract_page(read_file(file or "-"), url, owner_of(source))))


def clean(
    file: Annotated[str, typer.Argument(metavar="FILE", help="HTML or text; - is standard input.")],
    url: Url = None,
    text: Annotated[
        bool | None, typer.Option("--text/--html", help="What it is; seen from its tags if not given.")
    ] = None,
) -> None:
    """An HTML or text fragment, cleaned: one JSON."""
    from ingest.clean import clean_fragment
    from ingest.model import Payload
    from ingest.parse.decode import decode

    name = url or shown_name(file)
    # a fragment declares no charset: what is not UTF-8 is most likely this, as for a browser
    latin = "text/html; charset=windows-1252"
    decoded = decode(Payload(source_id="fragment", url=name, body=read_file(file), content_type=latin))
    emit(json_line(clean_fragment(decoded.text, url=url, is_text=text)))


def dedupe(
    file: Annotated[str, typer.Argument(metavar="ARTICLES.jsonl", help="Articles, whole or partial, one a line.")],
    state: Annotated[
        str | None, typer.Option(metavar="URL", help="Compare with the stories of this state database too.")
    ] = None,
) -> None:
    """Which articles are one story. A line of decision for each article, in the order of the input."""
    from datetime import UTC, datetime

    from ingest.dedupe import MemoryIndex, article_lines, decision_line, resolve
    from ingest.model import Article

    failures, articles = Failures(), []
    for line in article_lines(read_file(file).splitlines()):
        if isinstance(line, Article):
            articles.append(line)
        else:
            failures.add(line, shown_name(file))
    with progress(f"comparing {len(articles):,} articles", None) as step:
        step("")
        now = datetime.now(UTC)
        if state is None:
            resolution = resolve(articles, MemoryIndex(), now=now)
        else:
            from ingest.state.database import open_state, read
            from ingest.state.stories import SqlIndex

            with read(open_state(state)) as connection:
                resolution = resolve(articles, SqlIndex(connection), now=now)
    for article in resolution.articles:
        emit(decision_line(article))
    failures.finish()


def _parse_file(file: str, format: str, url: str | None, owner: "Source", failures: Failures) -> None:
    from ingest.clean import clean as clean_entry
    from ingest.dedupe.identity import assign_identity
    from ingest.dedupe.takes import adopt_guids, join_takes
    from ingest.model import Payload
    from ingest.parse import parse as parse_payload

    name = shown_name(file)
    payload = Payload(
        source_id=owner.id, url=url or name, body=read_file(file), zone=owner.zone, language=owner.language
    )
    parsed = parse_payload(payload, owner.format if format == "auto" else format, owner.limits.max_items)
    for warning in parsed.warnings:
        say(f"warning: {name}: {warning}")
    for reject in parsed.rejects:
        failures.add(RejectedError(name, reject))
    if not parsed.entries and not parsed.rejects:
        say(f"{name}: read as {parsed.format}; there are no items in it")
    for entry in join_takes(adopt_guids(assign_identity(parsed.entries))):
        try:
            emit(json_line(clean_entry(entry, owner), file=name))
        except IngestError as e:
            failures.add(e, name)


class RejectedError(IngestError):
    """One item of a file that the parser turned down."""

    def __init__(self, file: str, reject: "Reject") -> None:
        super().__init__(file, f"rejected at {reject.place}" + (f": {reject.detail}" if reject.detail else ""))
        self.code = reject.code


def owner_of(source_id: str | None) -> "Source":
    """The registered source, or one that knows nothing for a file that is nobody's."""
    from ingest.model import Source

    if source_id is None:
        return Source(id="file", name="A file", urls=())
    from ingest.settings import load_settings
    from ingest.sources import load_sources

    return load_sources(load_settings().sources).get_source(source_id)


def _check_format(name: str) -> None:
    from ingest.parse import formats

    known = ["auto", *sorted(one for format in formats().values() for one in format.NAMES)]
    if name not in known:
        raise typer.BadParameter(f"{name!r} is none of {', '.join(known)}", param_hint="--format")
