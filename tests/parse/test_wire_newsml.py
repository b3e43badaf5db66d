"""NewsML-G2 and NewsML 1 against what real files state, where the corpus is there."""

import json
import unicodedata
from collections.abc import Callable
from datetime import datetime

import pytest

from ingest.clean import clean
from ingest.model import Article, Entry, Parsed, Payload, Source
from ingest.parse import parse
from tests.corpora import corpora

FORMATS = {"g2", "newsml1"}


def stated() -> list[tuple[str, dict[str, object], str, object]]:
    path = corpora("wire", "expectations.json")
    cases = [case for case in json.loads(path.read_text()) if case["format"] in FORMATS]
    return [(case["file"], case, name, value) for case in cases for name, value in case["expect"].items()]


FACTS = stated()


def parsed_file(name: str) -> Parsed:
    body = corpora("wire", name).read_bytes()
    return parse(Payload(source_id="wire", url=f"file:///{name}", body=body))


def article_of(entry: Entry) -> Article:
    return clean(entry, Source(id="wire", name="A wire", urls=()))


@pytest.mark.parametrize("fact", FACTS, ids=[f"{file}:{name}" for file, _, name, _ in FACTS])
def test_what_the_file_states(fact: tuple[str, dict[str, object], str, object]) -> None:
    file, case, name, expected = fact
    parsed = parsed_file(file)
    if name == "n_items":
        assert len(parsed.entries) == expected
        return
    entry = parsed.entries[int(str(case["item"]))]
    CHECKS[name](entry, expected)


def _is(field: str) -> Callable[[Entry, object], None]:
    def check(entry: Entry, expected: object) -> None:
        said = getattr(entry, field)
        if isinstance(said, datetime):
            said = said.isoformat().replace("+00:00", "Z")
        assert str(said) == str(expected)

    return check


def _rights(field: str) -> Callable[[Entry, object], None]:
    def check(entry: Entry, expected: object) -> None:
        assert getattr(entry.rights, field) == expected

    return check


def _has(field: str) -> Callable[[Entry, object], None]:
    def check(entry: Entry, expected: object) -> None:
        said = getattr(entry, field) or ()
        values = said.split(", ") if isinstance(said, str) else [getattr(one, "code", None) or one for one in said]
        assert isinstance(expected, list)
        assert set(expected) <= set(values)

    return check


def _text(entry: Entry) -> str:
    return unicodedata.normalize("NFC", article_of(entry).body_text)


def _body_starts(entry: Entry, expected: object) -> None:
    article = article_of(entry)
    byline = next((one.text for one in article.removed if one.kind == "byline"), "")
    dateline = next((one.text for one in article.removed if one.kind == "dateline"), "")
    text = " ".join(article.body_text.split())
    # what cleaning lifts off into its own field still begins the visible text
    assert any(one.strip().startswith(str(expected)) for one in (text, byline, f"{dateline} {text}"))


def _word_count(entry: Entry, expected: object) -> None:
    assert isinstance(expected, int)
    assert abs(article_of(entry).word_count - expected) <= 0.12 * expected


def _contains(entry: Entry, expected: object) -> None:
    assert isinstance(expected, list)
    assert all(one in _text(entry) for one in expected)


def _lacks(entry: Entry, expected: object) -> None:
    assert isinstance(expected, list)
    article = article_of(entry)
    assert not any(one in f"{article.body_text} {article.ed_note} {article.summary}" for one in expected)


def _item_refs(entry: Entry, expected: object) -> None:
    assert [one.guid for one in entry.associations if one.rel == "member"] == expected


def _byline(entry: Entry, expected: object) -> None:
    assert (entry.byline or "").removeprefix("By ").split(",")[0] == expected


def _within(said: Callable[[Entry], str | None]) -> Callable[[Entry, object], None]:
    def check(entry: Entry, expected: object) -> None:
        assert str(expected) in " ".join((said(entry) or "").split())

    return check


CHECKS: dict[str, Callable[[Entry, object], None]] = {
    "guid": _is("guid"),
    "version": _is("provider_version"),
    "type": _is("type"),
    "version_created": _is("updated"),
    "first_created": _is("published"),
    "embargoed": _is("embargoed_until"),
    "pub_status": _is("pub_status"),
    "urgency": _is("urgency"),
    "priority": _is("priority"),
    "headline": _is("headline"),
    "slugline": _is("slugline"),
    "language": _is("language"),
    "provider": _is("provider"),
    "ed_note": _is("ed_note"),
    "ed_note_contains": _within(lambda entry: entry.ed_note),
    "byline": _byline,
    "credit": _rights("credit_line"),
    "copyright_holder": _rights("holder"),
    "copyright_notice": _rights("notice"),
    "usage_terms": _rights("usage_terms"),
    "usage_terms_contains": _within(lambda entry: entry.rights.usage_terms),
    "authors": _has("authors"),
    "subjects": _has("subjects"),
    "keywords": _has("keywords"),
    "genre": _has("genre"),
    "located": _within(lambda entry: " ".join(place.name or "" for place in entry.places)),
    "dateline_place": _within(lambda entry: entry.dateline.place if entry.dateline else None),
    "description_contains": _within(lambda entry: entry.summary_html),
    "rendition_count": lambda entry, expected: (
        None if sum(len(one.renditions) for one in entry.images) == expected else pytest.fail("renditions")
    ),
    "item_refs": _item_refs,
    "body_starts": _body_starts,
    "body_word_count": _word_count,
    "body_contains": _contains,
    "body_lacks": _lacks,
}
