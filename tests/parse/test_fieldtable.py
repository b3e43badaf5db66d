"""The tables of what is read from where say what the parsers do: held against all that the fixtures yield."""

import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from ingest.errors import IngestError
from ingest.model import Article, Entry, Parsed, Payload
from ingest.parse import formats, parse
from ingest.parse.detect import Format
from ingest.parse.fieldtable import also_of, fields_of
from tests.parse.cases import folders

RENAMED = {"summary_html": "summary", "html": "blocks"}
# Of an entry, not of an article; and what is no content.
NO_FIELDS = {name for name in Entry.model_fields if RENAMED.get(name, name) not in Article.model_fields}
NO_FIELDS |= {"extraction", "removed", "warnings", "rights"}  # rights are told apart


@cache
def yielded() -> dict[str, list[tuple[Path, Parsed]]]:
    """What each format's fixtures give. Their source says nothing of its own, so that all is the payload's."""
    found: dict[str, list[tuple[Path, Parsed]]] = defaultdict(list)
    for folder in folders():
        body = next(folder.glob("input.*")).read_bytes()
        try:
            parsed = parse(Payload(source_id="s", url="https://feeds.example/in", body=body))
        except IngestError:
            continue
        found[parsed.format if parsed.format in formats() else "syndication"].append((folder, parsed))
    return found


def filled(entry: Entry) -> set[str]:
    rights = {f"rights.{name}" for name, value in entry.rights if value}
    fields = {name for name, field in Entry.model_fields.items() if getattr(entry, name) != field.default}
    return {RENAMED.get(name, name) for name in fields - NO_FIELDS} | rights


def stated(reader: Format) -> set[str]:
    return set(fields_of(reader)) | set(also_of(reader)[1])


@pytest.mark.parametrize("name", list(formats()))
def test_every_field_that_is_read_is_in_the_table(name: str) -> None:
    for folder, parsed in yielded()[name]:
        for entry in parsed.entries:
            assert filled(entry) <= stated(formats()[name]), folder.name


@pytest.mark.parametrize("name", list(formats()))
def test_every_field_in_the_table_is_read_in_some_fixture(name: str) -> None:
    seen = {field for _, parsed in yielded()[name] for entry in parsed.entries for field in filled(entry)}
    assert not stated(formats()[name]) - seen


@pytest.mark.parametrize("name", list(formats()))
def test_every_reject_is_in_the_table(name: str) -> None:
    reader = formats()[name]
    known = getattr(reader, "REJECTS", {})
    met = {reject.code for _, parsed in yielded()[name] for reject in parsed.rejects}
    written = set(re.findall(r'Reject\(code="([a-z-]+)"', Path(str(reader.__file__)).read_text()))  # type: ignore[attr-defined]
    assert met | written <= set(known)
