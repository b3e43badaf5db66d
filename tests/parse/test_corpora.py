"""Real feeds, each with a comment that states what a parser must find; the wire files must at least not surprise us."""

import ast
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from ingest.errors import IngestError
from ingest.model import Entry, Parsed, Payload
from ingest.parse import parse
from tests.corpora import corpora

BASE = "http://127.0.0.1:8097/"
# What the expectation names → the field of ours that must equal it.
ENTRY: dict[str, Callable[[Entry], object]] = {
    "title": lambda entry: entry.headline,
    "title_detail.value": lambda entry: entry.headline,
    "id": lambda entry: entry.guid,
    "link": lambda entry: entry.url,
    "summary": lambda entry: entry.summary_html,
    "description": lambda entry: entry.summary_html,
    "summary_detail.value": lambda entry: entry.summary_html,
    "content.0.value": lambda entry: entry.html,
    "author": lambda entry: entry.byline,
    "author_detail.name": lambda entry: entry.byline,
    "publisher": lambda entry: entry.provider,
    "rights": lambda entry: entry.rights.notice,
    "source.title": lambda entry: entry.provider,
    "published_parsed": lambda entry: entry.published,
    "updated_parsed": lambda entry: entry.updated,
    "created_parsed": lambda entry: entry.published,
    "tags.1.term": lambda entry: entry.keywords[1],
    "content.0.type": lambda entry: "text/plain" if entry.html_is_text else "text/html",
    "summary_detail.type": lambda entry: "text/plain" if entry.html_is_text else "text/html",
    "title_detail.language": lambda entry: entry.language,
    "summary_detail.language": lambda entry: entry.language,
    "content.0.base": lambda entry: entry.base_url,
    "content.0.language": lambda entry: entry.language,
}
FEED: dict[str, Callable[[Parsed], object]] = {
    "title": lambda parsed: parsed.feed.title,
    "title_detail.value": lambda parsed: parsed.feed.title,
    "language": lambda parsed: (parsed.feed.language or "").lower(),
    "link": lambda parsed: parsed.feed.home_url,
    "links.0.href": lambda parsed: parsed.feed.home_url,
}
# feedparser cleans and resolves in markup, which is our next stage's work; and what we mean otherwise on purpose.
OTHERWISE = {
    "atom/entry_author_map_author.xml": "a byline is a name, not an address, where both are given apart",
    "atom/relative_uri_inherit_2.xml": "links inside a title are resolved by cleaning",
    "atom10/relative_uri.xml": "links inside a title are resolved by cleaning",
    "http/headers_content_location-relative.xml": "the header is not in the file",
    "namespace/rss2.0mathml.xml": "markup is cleaned later",
    "sgml/charref_uppercase_x.xml": "markup is cleaned later",
    "rss/item_author_map_author_detail_name.xml": "the byline stays as printed; the name is in authors",
    "lang/http_content_language_entry_title_inherit_2.xml": "the header is not in the file",
}
_CLAUSE = re.compile(r"(entries\[(\d)\]|feed)((?:\['?\w+'?\]|\.\w+)+)\s*==\s*(.+)", re.DOTALL)


def payload(path: Path) -> Payload:
    return Payload(source_id="corpora", url=BASE + "feed.xml", body=path.read_bytes())


def expectations(path: Path) -> list[tuple[str, int, object]]:
    """(name, item or -1 for the feed, value) of the comment's clauses that map to our schema and hold a literal."""
    found = re.search(rb"Expect:\s*(.*?)\n?-->", path.read_bytes(), re.DOTALL)
    clauses = re.split(r"\band\b", found[1].decode("latin-1")) if found else []
    result = []
    for clause in clauses:
        parts = _CLAUSE.match(clause.strip())
        if not parts:
            continue
        name = ".".join(re.findall(r"\w+", parts[3]))
        table: dict[str, object] = {**FEED} if parts[1] == "feed" else {**ENTRY}
        try:
            value = ast.literal_eval(parts[4].strip())
        except (SyntaxError, ValueError):
            continue
        if name in table:
            result.append((name, int(parts[2] or -1), value))
    return result


def as_time(value: object) -> object:
    return datetime(*value[:6], tzinfo=UTC) if isinstance(value, tuple) else value


def test_every_feed_gives_entries_or_an_error() -> None:
    paths = sorted(corpora("feeds").rglob("*.xml"))
    for path in paths:
        try:
            assert isinstance(parse(payload(path)), Parsed)
        except IngestError as e:
            assert "illformed" in str(path), f"{path}: {e}"
    assert len(paths) > 300


def test_feeds_hold_what_their_comment_says() -> None:
    root = corpora("feeds")
    wrong, checked = [], 0
    for path in sorted(root.rglob("*.xml")):
        place = str(path.relative_to(root / "wellformed")) if "wellformed" in str(path) else str(path)
        if place.startswith(("sanitize", "base")) or place in OTHERWISE:
            continue
        wanted = expectations(path)
        parsed = parse(payload(path)) if wanted else Parsed()
        for name, item, value in wanted:
            checked += 1
            got = FEED[name](parsed) if item < 0 else ENTRY[name](parsed.entries[item])
            if got != as_time(value):
                wrong.append(f"{place}: {name} is {got!r}, expected {value!r}")
    assert not wrong, "\n".join(wrong)
    assert checked >= 55


def test_encodings_without_declaration_are_guessed() -> None:
    for path in sorted(corpora("feeds", "illformed", "chardet").glob("*.xml")):
        text = parse(payload(path)).model_dump_json()
        assert not text.isascii(), path
        assert "\ufffd" not in text, path


def test_wire_files_give_entries_or_an_error() -> None:
    for path in sorted(corpora("wire").rglob("*.*")):
        if path.is_file():
            try:
                parse(payload(path))
            except IngestError as e:
                assert e.why, path
