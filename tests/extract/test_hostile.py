"""Whatever comes in, an Entry or an IngestError goes out, and soon."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import IngestError, Malformed, NoContent
from ingest.extract import extract, merge
from ingest.extract.decode import decode
from ingest.extract.jsonld import loads
from ingest.extract.page import Page
from ingest.model import Entry

URL = "https://echo.example/a"
STORY = "<p>" + "The harbour council voted on Tuesday to reopen the old lighthouse to its visitors. " * 12 + "</p>"
BITS = st.sampled_from([
    "<html>", "<body>", "<article>", "</div>", "<div>", "<p>", "<a href='x'>", "<table><tr><td>", "</table>",
    "<ul><li>", "<br><br>", "<figure><img src='a.jpg'>", "<!--", "-->", "<![CDATA[", "&#0;", "&amp;", "\x00", "\ufffe",
    "<script type='application/ld+json'>", '{"@type":"Article","author":[{"@id":1}],"datePublished":', "</script>",
    "<meta property='og:title' content='A | B'>", "<meta name=author content='By X'>", "<title>", "<svg>", "\ud7ff",
    "<blockquote>", "<h1>Head</h1>", STORY, "<pre>", "<noscript>", "<template>", "<time datetime='2024-13-45'>",
])  # fmt: skip


def outcome(page: bytes, content_type: str | None = None) -> Entry | IngestError:
    try:
        return extract(page, URL, content_type=content_type)
    except IngestError as e:
        return e


@given(
    st.binary(max_size=400),
    st.sampled_from([None, "text/html; charset=utf-16", "text/html; charset=base64", "text/html;charset=hz"]),
)
@settings(max_examples=60, deadline=None)
def test_any_bytes(page: bytes, content_type: str | None) -> None:
    outcome(page, content_type)


@given(st.lists(BITS, max_size=25).map("".join))
@settings(max_examples=80, deadline=None)
def test_any_mark_up(page: str) -> None:
    found = outcome(page.encode("utf-8", "surrogatepass"))
    if isinstance(found, Entry):
        assert found == outcome(page.encode("utf-8", "surrogatepass"))
        assert Entry.model_validate_json(found.model_dump_json()) == found


@given(st.text(alphabet='{}[]":,\\/*\n<!->abc1', max_size=80))
@settings(max_examples=200, deadline=None)
def test_any_json(text: str) -> None:
    loads(text)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "page",
    [
        pytest.param("<html><body>" + "<div>" * 50_000 + STORY, id="50,000 nested divs"),
        pytest.param("<html><body><p>" + "word " * 1_000_000, id="5 MB on one line"),
        pytest.param("<html><body>" + "<b><i>" * 30_000 + STORY, id="formatting never closed"),
        pytest.param("<html><body>" + STORY + "<" * 1_000_000, id="a million <"),
        pytest.param(
            '<html><script type="application/ld+json">' + "[" * 500_000 + "</script>" + STORY, id="deep JSON-LD"
        ),
        pytest.param(
            '<html><script type="application/ld+json">{"a":' + '"\\"' * 500_000 + "</script>" + STORY, id="open strings"
        ),
        pytest.param(
            '<html><script type="application/ld+json">{"@type":"Article","x":['
            + '{"a":1},' * 300_000
            + "]}</script>"
            + STORY,
            id="long JSON-LD",
        ),
        pytest.param("<html><title>" + " - | : " * 100_000 + "</title>" + STORY, id="separators"),
        pytest.param("<html><body>" + "<p>a<a href=x>b</a></p>" * 60_000, id="60,000 paragraphs"),
        pytest.param("<html>" + "<meta name=author content='" + "by , " * 200_000 + "'>" + STORY, id="byline"),
        pytest.param("<div " + " ".join(f"a{n}=1" for n in range(100_000)) + ">" + STORY, id="100,000 attributes"),
        pytest.param("<div class='" + "share " * 200_000 + "'>" + STORY, id="200,000 classes"),
        pytest.param('<div a"b>x' * 50_000 + STORY, id="quotes in names"),
        pytest.param("<p title='<!--'>x" * 100_000 + STORY, id="comments that are none"),
        pytest.param("<p>" + "<br>" * 500_000 + STORY, id="line breaks"),
        pytest.param("<p>" + "<a href=x>" * 20_000 + STORY, id="links never closed"),
        pytest.param("<ul>" + "<li><table><tr><td>7" * 5_000 + STORY, id="lists in tables in lists"),
        pytest.param("<div class=comments>" * 3_000 + "</div>" * 2_999 + "<h1>x</h1>" + STORY, id="side shows nested"),
    ],
)
def test_hostile_pages_end(page: str) -> None:
    outcome(page.encode())


def test_a_story_under_deep_nesting_is_found() -> None:
    entry = extract(("<html><body>" + "<div>" * 5_000 + STORY).encode(), URL)
    assert "harbour council" in (entry.html or "")
    assert "nested-too-deep" in entry.warnings


def test_too_big_and_binary_are_malformed() -> None:
    for page, kind in (
        (b"<p>" + b"x" * 10_000_001, None),
        (b"%PDF-1.7 <p>", None),
        (b"{}", "application/json"),
        (b"hello", None),
    ):
        with pytest.raises(Malformed):
            extract(page, URL, content_type=kind)
    with pytest.raises(NoContent):
        extract(b"  ", URL)


@pytest.mark.parametrize(
    ("encoding", "label"),
    [("utf-8", "iso-8859-1"), ("cp1252", "utf-8"), ("utf-16", None), ("utf-8-sig", "cp1252"), ("koi8-r", "koi8-r")],
)
def test_labels_are_not_believed(encoding: str, label: str | None) -> None:
    text = "Дом у моря " * 20 if encoding == "koi8-r" else "<p>Crème brûlée à l’été, garçon !</p>" * 5
    page = f"<html><body>{text}</body></html>"
    kind = f"text/html; charset={label}" if label else None
    assert decode(page.encode(encoding), URL, kind).text == page


def test_merge_trusts_each_where_it_is_best() -> None:
    feed = Entry(
        guid="g1",
        url="https://echo.example/a?utm_source=rss",
        headline="From the feed",
        html="<p>Teaser</p>",
        keywords=("a",),
    )
    page = Entry(
        url=URL, headline="From the page", html=STORY, is_full=True, authors=("Nell Ashby",), keywords=("a", "b")
    )
    both = merge(feed, page)
    assert (both.guid, both.url, both.headline) == ("g1", URL, "From the feed")
    assert (both.html, both.is_full, both.authors, both.keywords) == (STORY, True, ("Nell Ashby",), ("a", "b"))
    assert merge(feed, Entry()).html == "<p>Teaser</p>"


@pytest.mark.parametrize(
    "name", ["og:type", "og:image", "og:title", "article:author", "article:content_tier", "author"]
)
def test_an_empty_meta_says_nothing(name: str) -> None:
    page = f"<meta property='{name}' content=''><meta name='{name}' content=' '><article>{STORY}</article>"
    assert isinstance(outcome(page.encode()), Entry)


def test_paragraphs_within_thousands_of_boxes_cost_one_look_at_each_box(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = 0
    above = Page.above

    def counted(self: Page, element: int) -> Iterator[int]:
        nonlocal steps
        for one in above(self, element):
            steps += 1
            yield one

    monkeypatch.setattr(Page, "above", counted)
    told = "what the council said about the lighthouse, its keeper and the long storm of that winter"
    page = f"<article>{STORY}{''.join(f'<div><p>Paragraph {n} of {told}.</p>' for n in range(1_000))}"
    assert isinstance(outcome(page.encode()), Entry)
    assert steps < 20_000  # one look at each box around each paragraph would be half a million
