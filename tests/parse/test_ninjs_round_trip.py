"""An article goes out as ninjs 3.1, valid against the official schema, and comes back with every field that it had."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import partial
from html import escape as escaped
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.clean import clean
from ingest.errors import IngestError, NoContent
from ingest.model import (
    Article,
    Association,
    Contributor,
    Dateline,
    Entry,
    Image,
    Link,
    Payload,
    Rendition,
    Rights,
    Source,
    Subject,
    Take,
)
from ingest.ninjs import to_ninjs
from ingest.parse import parse
from ingest.parse.ninjsown import CARRIED
from tests.corpora import corpora
from tests.parse.cases import folders
from tests.test_views import schema

SOURCE = Source(id="quay", name="Quay Wire", urls=())
# What an article is about is all but these: how often and when it was stored, which story it is in, what cleaning did.
BOOKKEEPING = {
    "version", "fetched_at", "private_note", "removed", "story_id", "relation", "duplicate_of", "similarity",
    "evidence", "raw", "extraction", "warnings", "run_id", "schema_version",
}  # fmt: skip


def content(article: Article) -> dict[str, object]:
    return article.model_dump(mode="json", exclude=BOOKKEEPING)


def back(article: Article) -> Entry:
    """The entry that is read from the article's ninjs, by its content and from another address."""
    sent = orjson.dumps(to_ninjs(article))
    parsed = parse(Payload(source_id=SOURCE.id, url="https://elsewhere.example/feed.json", body=sent))
    assert (parsed.format, len(parsed.entries), parsed.rejects) == ("ninjs", 1, ())
    return parsed.entries[0]


escape = partial(escaped, quote=False)


# ── strategies ──────────────────────────────────────────────────────────────────────────────────────────────────


def few(values: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(values, max_size=3, unique=True).map(tuple)


# Decoding drops byte order marks and what is no character, wherever they stand.
any_text = st.text(st.characters(codec="utf-8", exclude_characters="\x00\ufeff\ufffe\uffff"), min_size=1, max_size=30)
any_line = any_text.map(lambda text: text.strip() or "x")
words = st.sampled_from(
    ["ferry", "harbour", "Æsir", "東京", "naïve", "«quoted»", "50%", "R&D", "O'Hara", "3½", "a<b", "{x}", "☂", "καλά"]
)
line = st.lists(words, min_size=1, max_size=7).map(" ".join)
sentence = line.map(lambda text: f"The {text} came back.")
name = st.sampled_from(["Ada Quay", "Bo Reed", "Çelik Ünal", "María-José Núñez"])
house = st.sampled_from(["Quay News", "Pier Pictures", "Wire & Co"])
time = st.datetimes(datetime(1950, 1, 1), datetime(2150, 1, 1)).map(lambda when: when.replace(tzinfo=UTC))
url = st.sampled_from(["https://quay.example/a", "https://quay.example/b?x=1&y=ü", "https://quay.example/c/d.jpg"])
subject = st.one_of(
    st.builds(Subject, scheme=st.sampled_from(["medtop", "subj", "quay", "http://cv.example/s/"]), code=words),
    st.builds(Subject, scheme=st.none() | line, code=st.none() | line, name=line),
)
block = st.one_of(
    sentence.map(lambda text: f"<p>{escape(text)} <a href='https://quay.example/in-text'>There</a> <b>it</b> is.</p>"),
    st.tuples(st.integers(2, 6), line).map(lambda one: f"<h{one[0]}>On {escape(one[1])}</h{one[0]}>"),
    sentence.map(lambda text: f"<blockquote><p>{escape(text)}</p></blockquote>"),
    st.lists(line, min_size=1, max_size=3).map(
        lambda all_: "<ul>" + "".join(f"<li>{escape(i)}" for i in all_) + "</ul>"
    ),
    st.lists(st.lists(line, min_size=2, max_size=2), min_size=1, max_size=3).map(
        lambda rows: (
            "<table>"
            + "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
            + "</table>"
        )
    ),
)
rendition = st.builds(
    Rendition,
    url=url, name=st.none() | line, mime=st.sampled_from([None, "image/jpeg"]),
    width=st.none() | st.integers(1, 9000), height=st.none() | st.integers(1, 9000),
)  # fmt: skip
picture = st.builds(
    Image,
    url=st.none() | url, caption=st.none() | sentence, alt=st.none() | line, credit=st.none() | line,
    photographer=st.none() | name, agency=st.none() | house, distributors=few(house),
    width=st.none() | st.integers(1, 9000), height=st.none() | st.integers(1, 9000), place=st.none() | line,
    taken=st.none() | st.dates(date(1950, 1, 1), date(2100, 1, 1)), renditions=few(rendition),
)  # fmt: skip
contributor = st.builds(Contributor, name=name, role=st.sampled_from([None, "writer", "desk"]))
association = st.builds(
    Association,
    rel=st.sampled_from(["member", "picture", "earlier-version", "replaces", "continues", "related", "as sent"]),
    guid=st.none() | url | line, url=st.none() | url, type=st.sampled_from([None, "text", "picture", "image/png", "x"]),
    headline=st.none() | line,
)  # fmt: skip


def fields(text: st.SearchStrategy[str]) -> dict[str, st.SearchStrategy[object]]:
    """What an item may say beside its body, its free text made of `text`."""
    one, some = st.none() | text, few(text)
    return {
        "guid": text, "provider_version": one, "url": st.none() | url,
        "type": st.sampled_from(["text", "picture", "video", "audio", "graphic", "composite"]),
        "pub_status": st.sampled_from(["usable", "withheld", "canceled"]),
        "headline": one, "subheadline": one, "slugline": one, "byline": st.none() | name,
        "authors": few(name),
        "dateline": st.none() | st.builds(Dateline, text=text, place=one, date=one),
        "language": st.sampled_from(["en", "de-AT", "zh-Hant"]),
        "published": st.none() | time, "updated": st.none() | time, "embargoed_until": st.none() | time,
        "expires": st.none() | time, "urgency": st.none() | st.integers(0, 12), "priority": one, "category": one,
        "genre": one, "keywords": some, "subjects": few(subject),
        "places": few(subject),
        "contributors": few(contributor),
        "info_sources": few(house), "ed_note": one, "private_note": one,
        "provider": st.none() | house, "provider_sequence": one,
        "instruction": st.sampled_from([None, "update", "correction", "kill", "add"]),
        "take": st.none() | st.builds(Take, key=text, number=st.integers(1, 40), is_add=st.booleans()),
        "associations": few(association), "images": few(picture),
        "rights": st.builds(
            Rights, holder=st.none() | house, year=st.none() | st.integers(1950, 2100), notice=one,
            distributor=st.none() | house, credit_line=one, usage_terms=one,
        ),
        "links": few(st.builds(Link, url=url, text=one)),
    }  # fmt: skip


odd_articles = st.builds(
    Article,
    article_id=st.just("a" * 32), source_id=st.just("quay"), content_hash=st.just("c" * 64),
    summary=st.none() | any_line,
    body_html=st.just("") | any_line.map(lambda text: f"<p>{escape(text)}</p>"), body_text=st.just("") | any_line,
    **fields(any_line),
)  # fmt: skip
entries = st.builds(
    Entry,
    summary_html=st.none() | sentence.map(escape),
    html=st.none() | st.lists(block, max_size=4, unique=True).map("\n".join),
    **fields(line),
)  # fmt: skip


# ── tests ───────────────────────────────────────────────────────────────────────────────────────────────────────


@settings(max_examples=60, deadline=None)
@given(odd_articles)
def test_whatever_an_article_holds_is_read_again(article: Article) -> None:
    read = back(article)
    for field in {name.partition(".")[0] for name in CARRIED} - {"html", "html_is_text", "summary_html", "links"}:
        assert getattr(read, field) == getattr(article, field), field
    assert (read.guid, read.provider_version, read.private_note) == (article.guid, article.provider_version, None)
    assert (read.html, read.html_is_text) == (article.body_html or None, False)
    assert read.summary_html == (escape(article.summary) if article.summary else None)
    assert read.warnings == ()


@settings(max_examples=60, deadline=None)
@given(entries)
def test_an_article_comes_back_as_it_went(entry: Entry) -> None:
    try:
        article = clean(entry, SOURCE)
    except NoContent:
        return
    schema("3.1").validate(json.loads(orjson.dumps(to_ninjs(article))))
    assert content(clean(back(article), SOURCE)) == content(article)


def articles_in(path: Path) -> Iterator[Article]:
    try:
        parsed = parse(Payload(source_id=SOURCE.id, url="https://quay.example/in", body=path.read_bytes()))
    except IngestError:
        return
    for entry in parsed.entries:
        with suppress(NoContent):
            yield clean(entry, SOURCE)


@pytest.mark.parametrize("folder", list(folders()), ids=lambda folder: folder.name)
def test_every_fixture_comes_back(folder: Path) -> None:
    for article in articles_in(next(folder.glob("input.*"))):
        assert content(clean(back(article), SOURCE)) == content(article)


def test_ninjs_files_come_back() -> None:
    found = 0
    for path in sorted(corpora("wire").rglob("*.json")):
        for article in articles_in(path):
            found += 1
            schema("3.1").validate(json.loads(orjson.dumps(to_ninjs(article))))
            assert content(clean(back(article), SOURCE)) == content(article), path.name
    assert found > 8


def test_nothing_but_our_own_items_carries_fields() -> None:
    theirs = {"uri": "urn:theirs:1", "headlines": [{"value": "Ferry"}], "pubStatus": "usable", "version": "3"}
    theirs["altIds"] = [{"role": "article:headline", "value": '"Boat"'}, {"role": "guid", "value": "else"}]
    (entry,) = parse(Payload(source_id="s", url="https://x.example/", body=orjson.dumps(theirs))).entries
    assert (entry.guid, entry.headline, entry.provider_version) == ("urn:theirs:1", "Ferry", "3")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("urgency", "99999999999999999999"), ("urgency", '"high"'), ("published", '"0001-01-01T00:00:00Z"'),
        ("headline", '""'), ("headline", "{"), ("images", '[{"url": "https://x.example/", "width": 1e99}]'),
        ("images", '[{"nope": 1}]'), ("type", '"secret"'), ("take", "[" * 100_000), ("rights.year", "-99999999999"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_not_taken(field: str, value: str) -> None:
    item = {"uri": "urn:x-article:1", "headlines": [{"value": "Ferry"}], "pubStatus": "usable", "type": "text"}
    item["altIds"] = [{"role": f"article:{field}", "value": value}]
    (entry,) = parse(Payload(source_id="s", url="https://x.example/", body=orjson.dumps(item))).entries
    assert entry.warnings == (f"altIds: article:{field} cannot be read",)
    assert (entry.headline, entry.urgency, entry.published, entry.images) == ("Ferry", None, None, ())
