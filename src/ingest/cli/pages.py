"""`ingest extract`: one page, or a manifest of many over all cores."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import orjson

from ingest.cli.program import BadInputError, Failures, emit, json_line, read_file, tracked
from ingest.errors import IngestError
from ingest.model import Article, Source

_CHUNK = 8
_LINE = 'a line is {"id": 1, "path": "a.html", "url": "https://example.org/a"}'


@dataclass(frozen=True)
class Page:
    """One line of a manifest. `id` is whatever JSON stood there; `path` is resolved; `line` counts from 1."""

    line: int
    id: object
    path: str
    url: str


@dataclass(frozen=True)
class Outcome:
    """What became of a page: its line of output, and the error if it is one."""

    output: bytes
    error: IngestError | None = None


def extract_page(body: bytes, url: str, source: Source) -> Article:
    """Raises NoContent, Malformed, BadConfig."""
    from ingest.clean import clean
    from ingest.extract import extract
    from ingest.urls import canonical_url

    entry = extract(body, url, rules=source.rules, zone=source.zone)
    return clean(entry.model_copy(update={"url": canonical_url(entry.url or url) or url}), source)


def extract_manifest(manifest: Path, source: Source, jobs: int | None) -> None:
    """A line of output for each line of the manifest, in its order: the article, or its error."""
    from ingest.extract.many import spread

    lines = [line for line in enumerate(read_file(str(manifest)).splitlines(), start=1) if line[1].strip()]
    pages = [_page(number, line, manifest) for number, line in lines]
    processes = min(jobs or os.cpu_count() or 1, max(1, len(pages) // _CHUNK))
    failures = Failures()
    outcomes = spread(partial(_outcome, source=source), pages, _killed, processes)
    for outcome in tracked(outcomes, "extracting", len(pages)):
        emit(outcome.output)
        if outcome.error is not None:
            failures.add(outcome.error)
    failures.finish()


def _killed(page: Page | Outcome) -> Outcome:
    assert isinstance(page, Page)
    return _failed(page.id, BadInputError(page.path, "its process was killed", "too much memory? try it alone"))


def _outcome(page: Page | Outcome, source: Source) -> Outcome:
    if isinstance(page, Outcome):
        return page
    try:
        return Outcome(json_line(extract_page(read_file(page.path), page.url, source), id=page.id))
    except IngestError as e:
        return _failed(page.id, e, page.path)


def _page(number: int, line: bytes, manifest: Path) -> Page | Outcome:
    where = f"{manifest}:{number}"
    try:
        given = orjson.loads(line)
    except orjson.JSONDecodeError as e:
        return _failed(None, BadInputError(where, f"not JSON: {e}", _LINE))
    if not isinstance(given, dict):
        return _failed(None, BadInputError(where, "not a JSON object", _LINE))
    path, url = given.get("path"), given.get("url")
    if not isinstance(path, str) or not isinstance(url, str) or not path or not url:
        return _failed(given.get("id"), BadInputError(where, "needs a path and a url", _LINE))
    return Page(number, given.get("id"), str(manifest.parent / path), url)


def _failed(id_: object, error: IngestError, path: str = "") -> Outcome:
    told: Mapping[str, object] = {"id": id_, "error": {"code": error.code, "message": str(error), "path": path or None}}
    return Outcome(orjson.dumps(told), error)
