"""Articles, stories and runs as people and other programs read them."""

import json
from datetime import UTC, date, datetime
from functools import cache
from io import StringIO

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console, RenderableType

from ingest.model import Article, Dateline, Evidence, Image, Link, Removed, Rights, Source, Subject
from ingest.ninjs import to_ninjs
from ingest.report import Fault, RunReport, SourceReport, StageReport
from ingest.story_view import story_view
from ingest.views import CSV_COLUMNS, article_table, csv_row, report_table, sources_table
from tests.corpora import corpora

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
FULL = Article(
    article_id="a" * 32,
    version=2,
    source_id="harbour-times",
    provider="Quay News",
    guid="tag:harbour.example,2026:7",
    provider_version="2",
    url="https://harbour.example/ferry?id=7",
    headline="Ferry returns to harbour",
    subheadline="After a night at sea",
    slugline="FERRY",
    summary="It came back.",
    byline="By Ada Quay and Bo Reed",
    authors=("Ada Quay", "Bo Reed"),
    dateline=Dateline(text="PORT NAME, March 14 (QN) —", place="Port Name", date="March 14"),
    language="en",
    published=NOON,
    updated=NOON.replace(hour=13),
    embargoed_until=NOON,
    urgency=3,
    genre="News",
    keywords=("ferry",),
    subjects=(
        Subject(scheme="medtop", code="20000002", name="arts"),
        Subject(scheme="http://cv.example/s/", code="7"),
        Subject(name="plain"),
        Subject(code="04005004", name="coded"),
    ),
    ed_note="Adds the captain.",
    body_text="The ferry came back.\n\nNobody was hurt.",
    body_html="<p>The ferry came back.</p><p>Nobody was hurt.</p>",
    word_count=7,
    images=(
        Image(
            url="https://harbour.example/fähre 1.jpg", caption="The ferry", alt="A ship", credit="Cy Lens/QN/Wire",
            photographer="Cy Lens", agency="QN", distributors=("Wire",), width=800, height=600, place="Port Name",
            taken=date(2026, 3, 14),
        ),
        Image(caption="No address"),
    ),
    rights=Rights(holder="Harbour Press", year=2026, notice="© 2026", distributor="Wire Co", usage_terms="web only"),
    removed=(Removed(kind="promo", text="Join our channel!", rule="channel"),),
    links=(Link(url="https://harbour.example/"),),
    story_id="b" * 32,
    relation="canonical",
    content_hash="c" * 64,
)  # fmt: skip
BARE = Article(article_id="d" * 32, source_id="s", guid="g", content_hash="e" * 64)
COPY = FULL.model_copy(
    update={
        "article_id": "f" * 32,
        "source_id": "valley",
        "relation": "copy",
        "duplicate_of": FULL.article_id,
        "similarity": 0.97,
        "evidence": Evidence(rule="near-copy", scores={"a_in_b": 0.97}, passages=("The ferry came back.",)),
    }
)


def printed(view: RenderableType) -> str:
    out = StringIO()
    Console(file=out, width=160, color_system=None).print(view)
    return out.getvalue()


@cache
def schema(version: str) -> jsonschema.Draft202012Validator:
    path = corpora("schemas", f"ninjs-schema_{version}.json")
    return jsonschema.Draft202012Validator(json.loads(path.read_text()), format_checker=jsonschema.FormatChecker())


@pytest.mark.parametrize("article", [FULL, BARE, COPY])
def test_ninjs_is_valid(article: Article) -> None:
    schema("3.1").validate(json.loads(json.dumps(to_ninjs(article))))


@settings(max_examples=40, deadline=None)
@given(
    url=st.text(max_size=30), subject=st.builds(Subject, scheme=st.text(max_size=9), code=st.text(max_size=9)),
    urgency=st.integers(-1, 12), image=st.builds(Image, url=st.text(max_size=20), width=st.integers(0, 9)),
)  # fmt: skip
def test_ninjs_of_odd_values_is_valid(url: str, subject: Subject, urgency: int, image: Image) -> None:
    odd = BARE.model_copy(update={"url": url, "subjects": (subject,), "urgency": urgency, "images": (image,)})
    schema("3.1").validate(to_ninjs(odd))


def test_ninjs_keeps_what_there_is() -> None:
    item = to_ninjs(FULL)
    assert item["uri"] == f"urn:x-article:{'a' * 32}"
    assert (item["version"], item["versionCreated"], item["embargoedUntil"]) == (
        "2",
        "2026-03-14T13:00:00Z",
        "2026-03-14T12:00:00Z",
    )
    assert item["subjects"] == [
        {"name": "arts", "uri": "medtop:20000002"},
        {"uri": "http://cv.example/s/7"},
        {"name": "plain"},
        {"name": "coded", "literal": "04005004"},
        {"name": "ferry", "rel": "keyword"},
    ]
    assert item["infoSources"] == [
        {"name": "Quay News", "role": "provider"},
        {"name": "Wire Co", "role": "distributor"},
    ]
    picture, without = item["associations"]  # type: ignore[misc]
    assert picture["renditions"][0]["href"] == "https://harbour.example/f%C3%A4hre%201.jpg"
    assert picture["by"] == "Cy Lens"
    assert "renditions" not in without
    assert to_ninjs(BARE).keys() == {
        "uri", "standard", "type", "representationType", "version", "pubStatus", "altIds"
    }  # fmt: skip


def test_csv() -> None:
    row = dict(zip(CSV_COLUMNS, csv_row(FULL), strict=True))
    assert row["authors"] == "Ada Quay; Bo Reed"
    assert row["published"] == "2026-03-14T12:00:00Z"
    assert row["rights_holder"] == "Harbour Press"
    formula = FULL.model_copy(update={"headline": '=HYPERLINK("https://x.example")', "similarity": -0.5})
    row = dict(zip(CSV_COLUMNS, csv_row(formula), strict=True))
    assert row["headline"].startswith("'=")
    assert row["similarity"] == "-0.5"


def test_no_headline_steers_the_terminal() -> None:
    nasty = FULL.model_copy(
        update={"headline": "\x1b[2J[bold]x[/bold]\x07\u202e", "body_text": "a\x1b]0;t\x07\nb", "relation": None}
    )
    for view in (article_table([nasty]), story_view("s", [nasty])):
        text = printed(view)
        assert "\x1b" not in text
        assert "\x07" not in text
        assert "[bold]x[/bold]" in text


def test_story_tells_why_each_is_in_it() -> None:
    first = FULL.model_copy(update={"version": 1, "headline": "Ferry lost"})
    text = printed(story_view("b" * 32, [COPY, first, FULL]))
    assert text.index("Ferry returns to harbour") < text.index("copy 97% alike")
    for told in ("2 articles, 3 versions", "removed: promo (channel): Join our channel!",
                 "Ferry lost", "why: its text is much the same, 97% of its text is in it", "“The ferry came back.”",
                 "Nobody was hurt.", "distributed by Wire Co"):  # fmt: skip
        assert told in text
    assert "(no text)" in printed(story_view("x", [BARE]))


def test_report() -> None:
    report = RunReport(
        run_id="run-1",
        started_at=NOON,
        finished_at=NOON.replace(second=4),
        planned=("a", "b", "c"),
        missing_shards=("shard-02",),
        sources=(
            SourceReport(source_id="a", status="ok", entries=3, new=2, unchanged=1, received_bytes=12_345),
            SourceReport(
                source_id="b",
                status="failed",
                faults=(
                    Fault(code="too-large", where="https://b.example/[x]", what="over 1 MB"),
                    *(Fault(code="gone", where=f"page {i}", what=f"page {i}: 410") for i in range(9)),
                ),
            ),
        ),
        stages=(StageReport(stage="fetch", count=2, failed=1, seconds=0.5),),
        relations={"canonical": 1, "copy": 1},
        removed={"promo": 4},
        landed=2,
        stories=1,
        table_version=7,
        registry_problems=("sources.toml:3: [sources.x] has no url",),
    )
    text = printed(report_table(report))
    for told in ("12.3", "1 canonical, 1 copy", "4 promo", "b: too-large: https://b.example/[x]: over 1 MB",
                 "shard-02: no result", "sources.toml:3", "2 articles landed from 3 sources",
                 "table version 7, 4.0 s"):  # fmt: skip
        assert told in text
    assert text.count("b: gone: page") == 3
    assert "b: gone: and 6 more" in text
    assert "0 articles landed" in printed(report_table(RunReport(run_id="r", started_at=NOON)))


def test_sources() -> None:
    source = Source(id="a", name="A [b]", urls=("https://a.example/",), adaptive=True, tags=("t",))
    assert "A [b]" in printed(sources_table([source]))
