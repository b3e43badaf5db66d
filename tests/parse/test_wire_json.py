"""ninjs, mail, WordPress exports and agencies' own XML against what real files state, where the corpus is there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.model import Article, Entry
from tests.corpora import corpora
from tests.parse.wire import CHECKS, Check, facts, norm, read

FORMATS = ("ninjs1", "ninjs2", "ninjs3", "rfc822", "rss", "ritzau")


def _same(field: str) -> Check:
    def check(entry: Entry, article: Article, value: object) -> tuple[object, bool]:
        found = getattr(article, field)
        return found, str(found) == str(value)

    return check


def _time(field: str) -> Check:
    def check(entry: Entry, article: Article, value: object) -> tuple[object, bool]:
        found = getattr(article, field)
        return found, found is not None and f"{found:%Y-%m-%dT%H:%M:%SZ}" == value

    return check


def _holds(field: str, part: str) -> Check:
    """Every value that is stated, in order; the file may state more than the expectation lists."""

    def check(entry: Entry, article: Article, value: object) -> tuple[object, bool]:
        found = [getattr(one, part) if part else one for one in getattr(article, field)]
        assert isinstance(value, list)
        return found, [one for one in found if one in value] == value

    return check


def _captions(entry: Entry, article: Article, value: object) -> tuple[object, bool]:
    found = [norm(one.caption) for one in article.images]
    assert isinstance(value, list)
    return found, [one[: len(norm(v))] for one, v in zip(found, value, strict=False)] == [norm(v) for v in value]


def _start(entry: Entry, article: Article, value: object) -> tuple[object, bool]:
    """What cleaning lifts off into a field of its own (byline, dateline) begins the visible text."""
    said = {kind: " ".join(one.text for one in article.removed if one.kind == kind) for kind in ("byline", "dateline")}
    text = article.body_text
    found = [norm(f"{first} {text}") for first in (said["byline"], said["dateline"], " ".join(said.values()), "")]
    return found, any(one.startswith(norm(value)) for one in found)


ALL: dict[str, Check] = CHECKS | {
    "version": _same("provider_version"),
    "type": _same("type"),
    "language": _same("language"),
    "priority": _same("priority"),
    "first_created": _time("published"),
    "published": _time("published"),
    "version_created": _time("updated"),
    "subjects": _holds("subjects", "code"),
    "subject_names": _holds("subjects", "name"),
    "places": _holds("places", "name"),
    "keywords": _holds("keywords", ""),
    "image_captions": _captions,
    "association_count": lambda entry, article, value: (entry.associations, len(entry.associations) == value),
    "rendition_count": lambda entry, article, value: (
        [len(one.renditions) for one in article.images],
        sum(len(one.renditions) for one in article.images) == value,
    ),
    "copyright_notice_contains": lambda entry, article, value: (
        article.rights.notice,
        str(value) in (article.rights.notice or ""),
    ),
    "description_contains": lambda entry, article, value: (entry.summary_html, norm(value) in norm(entry.summary_html)),
    "located": lambda entry, article, value: (
        article.dateline,
        article.dateline is not None and article.dateline.place == value,
    ),
    "source": lambda entry, article, value: (entry.provider, value in (entry.provider, *entry.info_sources)),
    "source_contains": lambda entry, article, value: (entry.provider, str(value) in (entry.provider or "")),
    "guid_contains": lambda entry, article, value: (article.guid, str(value) in article.guid),
    "headline_nonempty": lambda entry, article, value: (article.headline, bool(article.headline)),
    "url": _same("url"),
    "body_starts": _start,
}


def cases() -> Iterator[tuple[str, int, dict[str, object]]]:
    root = corpora("wire")
    for format in FORMATS:
        yield from facts(root, format)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "name" in metafunc.fixturenames:
        stated = [(file, item, name, value) for file, item, expect in cases() for name, value in expect.items()]
        metafunc.parametrize(("file", "item", "name", "value"), stated, ids=[f"{one[0]}:{one[2]}" for one in stated])


def test_says_what_the_file_states(file: str, item: int, name: str, value: object) -> None:
    entry, article, count = read(Path(corpora("wire", file)), item)
    found, ok = (count, count == value) if name == "n_items" else ALL[name](entry, article, value)
    assert ok, f"expected {value!r}, found {found!r}"


def test_every_example_of_the_standard_is_one_item_without_warnings() -> None:
    for path in sorted(corpora("wire", "ninjs-examples").glob("*.json")):
        entry, _, count = read(path, 0)
        assert (count, entry.warnings) == (1, ()), path
