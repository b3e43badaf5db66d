"""What a page says of itself, from whole pages in small."""

from datetime import UTC, datetime

import pytest
from selectolax.lexbor import LexborHTMLParser

from ingest.errors import NoContent
from ingest.extract import extract
from ingest.extract.metadata import Metadata, read_metadata

URL = "https://echo.example/2024/03/05/tower-reopens"
STORY = "<p>" + "The harbour council voted on Tuesday to reopen the old lighthouse to its visitors. " * 9 + "</p>"


def read(body: str, head: str = "", url: str = URL) -> Metadata:
    return read_metadata(LexborHTMLParser(f"<html lang=en><head>{head}</head><body>{body}</body></html>"), url, "UTC")


def jsonld(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


def test_the_article_of_this_page_wins_and_its_twin_fills_the_gaps() -> None:
    head = jsonld(
        '{"@graph":[{"@type":"NewsArticle","headline":"Other","url":"https://echo.example/other","author":"Tom Reyes"},'
        f'{{"@type":"NewsArticle","headline":"Tower reopens","url":"{URL}","isAccessibleForFree":"False"}}]}}'
    ) + jsonld('{"@type":"Article","headline":"Tower reopens","author":[{"@type":"Person","name":"Nell Ashby"}]}')
    found = read("<h1>Tower reopens</h1>", head)
    assert (found.entry.headline, found.entry.authors) == ("Tower reopens", ("Nell Ashby",))
    assert found.entry.warnings == ("paywalled",)


def test_type_without_its_at_sign() -> None:
    found = read(
        "", jsonld('{"type":"Article","headline":"Tower reopens","datePublished":"Tue, 05 Mar 2024 10:30:00 +0100"}')
    )
    assert found.entry.published == datetime(2024, 3, 5, 9, 30, tzinfo=UTC)


def test_organisations_are_no_authors_but_providers() -> None:
    head = jsonld('{"@type":"NewsArticle","headline":"A","author":{"@type":"Organization","name":"Reuters"}}')
    found = read("<div class=byline>By Nell Ashby</div>", head)
    assert (found.entry.authors, found.entry.provider) == (("Nell Ashby",), "Reuters")


def test_a_desk_has_a_byline_and_no_author() -> None:
    found = read("<p class=byline>Echo News Desk</p>").entry
    assert (found.byline, found.authors) == ("Echo News Desk", ())


def test_section_from_breadcrumbs() -> None:
    items = '{"name":"Home"},{"item":{"name":"Harbour"}},{"name":"Tower reopens"}'
    crumbs = f'{{"@type":"BreadcrumbList","itemListElement":[{items}]}}'
    assert read("<h1>Tower reopens</h1>", jsonld(crumbs)).entry.genre == "Harbour"


@pytest.mark.parametrize(
    ("body", "head", "expected"),
    [
        ("<h1><span>Town</span><span> Tower reopens after storm</span></h1>",
         "<meta property=og:title content='Tower reopens after storm'>", "Tower reopens after storm"),
        ("<h1><span>Port</span><span>: </span><span>Tower reopens</span></h1>",
         "<meta property=og:title content='Port: Tower reopens'>", "Port: Tower reopens"),
        ("<h1><span>T</span>ower reopens</h1>", "<meta property=og:title content='Tower reopens'>", "Tower reopens"),
        ("<h1>TOWER REOPENS</h1>", "<title>Tower reopens - Echo</title>", "Tower reopens"),
        ("<h1>Log In</h1>", "<title>Tower reopens after nine years - Echo</title>", "Tower reopens after nine years"),
        ("<h1>The tower of Port Ellery reopens after nine long years of repair</h1>",
         "<meta property=og:title content='The tower of Port Ellery reopens …'>",
         "The tower of Port Ellery reopens after nine long years of repair"),
    ],
)  # fmt: skip
def test_headline_as_readers_see_it(body: str, head: str, expected: str) -> None:
    assert read(body, f"<meta property=og:site_name content=Echo>{head}").entry.headline == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<h1>Tower reopens</h1><p>Published: 5 March 2024, 10:30 | Updated: 6 March 2024, 11:00</p>", (5, 10)),
        ("<h1>Tower reopens</h1><p>Customer review 4 March 2024, 9:00</p>", (5, 0)),
        ("<h1>Tower reopens</h1><p>Updated: 6 March 2024, 11:00</p>", (5, 0)),  # then the address has the day
        ("<h1>Tower reopens<small>5 March 2024 10:30</small></h1>", (5, 10)),
        ("<div class=post-date>March 5, 2024 10:30</div><h1>Tower reopens</h1>", (5, 10)),
        ("<h1>Tower reopens</h1><aside><time datetime='2024-03-01T08:00'>x</time></aside>", (5, 0)),
    ],
)
def test_published_as_readers_see_it(body: str, expected: tuple[int, int]) -> None:
    published = read(body).entry.published
    assert published is not None
    assert (published.day, published.hour) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<h1>Tower reopens</h1><p>Von <b>Ilka Brandis</b></p>", ("Ilka Brandis",)),
        ("<a rel=author>Nell Ashby</a> <a rel=author>Tom Reyes</a>", ("Nell Ashby", "Tom Reyes")),
        ("<div class=author-box>Read more here</div>", ()),
        ("<aside class=x><article><span class=author>Tom Reyes</span></article></aside>", ()),
        ("<h1>Tower</h1><div><h3><a href=/b>Pier</a></h3><span class=author>Tom Reyes</span></div>", ()),
        ("<h1>Tower</h1><figure><span class=author>Tom Reyes</span></figure>", ()),
        (f"<h1>Tower</h1>{STORY}<figure><figcaption>The tower. (Tom Reyes)</figcaption></figure>", ()),
        (f"<h1>Tower</h1>{STORY}<p>(Tom Reyes)</p>", ("Tom Reyes",)),
        (f"<h1>Tower</h1>{STORY}<p>The tower. (Tom Reyes/Echo)</p>", ()),
        ("<div itemprop=review><b itemprop=author>Tom Reyes</b></div>", ()),
        ("<article><h1>Tower</h1><footer class=entry-meta><a rel=author>Andrea</a></footer></article>", ("Andrea",)),
        (
            f"<h1>Tower</h1>{STORY}<div class=author-bio><h3>Nell Ashby</h3>Has been here for years.</div>",
            ("Nell Ashby",),
        ),
        (f"<h1>Tower</h1>{STORY}<div class=author-bio><h3>Get The News</h3>Every day.</div>", ()),
        ("<h1>Tower</h1><p class=story-author>By pierkatze</p>", ("pierkatze",)),
        ("<h1>Tower</h1><p class=story-author>pierkatze</p>", ()),
        ("<h1>Tower</h1><p class=byline>By Nell Ashby Echo</p>", ("Nell Ashby",)),
    ],
)
def test_authors_as_readers_see_them(body: str, expected: tuple[str, ...]) -> None:
    assert read(body).entry.authors == expected


@pytest.mark.parametrize(
    ("url", "who", "expected"),
    [
        ("https://nellashby.example/2024/03/05/tower", "Nell Ashby", ("Nell Ashby",)),
        ("https://harbourtimes.example/2024/03/05/tower", "Harbour Times", ()),
        ("https://pierkatze.wordpress.com/2024/03/05/tower", "pierkatze", ("pierkatze",)),
        ("https://pierkatze.example/2024/03/05/tower", "pierkatze", ()),
    ],
)
def test_the_name_of_a_site_is_an_author_only_if_it_is_a_persons(url: str, who: str, expected: tuple[str, ...]) -> None:
    assert read(f"<h1>Tower</h1><p class=author>{who}</p>", url=url).entry.authors == expected


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        (f"{URL}/2", [("next", f"{URL}/2")]),
        (f"{URL}?page=2", [("next", f"{URL}?page=2")]),
        (f"{URL}-2.html", [("next", f"{URL}-2.html")]),
        ("https://echo.example/2024/03/05/another-story", []),  # the next story
    ],
)
def test_next_page(link: str, expected: list[tuple[str, str]]) -> None:
    found = read("", f"<link rel=next href='{link}'>".replace("<link", "<a")).entry
    assert [(other.rel, other.url) for other in found.associations] == expected


def test_amp_version() -> None:
    found = read("", "<link rel=amphtml href='/amp/tower'>").entry
    assert [(other.rel, other.url) for other in found.associations] == [("amphtml", "https://echo.example/amp/tower")]


@pytest.mark.parametrize(
    ("kind", "path", "why"),
    [
        ("LiveBlogPosting", "a", "a live blog"),
        ("ImageGallery", "a", "a gallery"),
        ("VideoObject", "a", "a video page"),
        ("NewsArticle", "videos/a", "a video page"),
    ],
)
def test_what_is_no_story(kind: str, path: str, why: str) -> None:
    text = (
        STORY
        if kind == "LiveBlogPosting"
        else "<p>" + "The lighthouse from the sea on a clear day in May. " * 4 + "</p>"
    )
    page = jsonld(f'{{"@type":"{kind}","headline":"Tower"}}') + f"<h1>Tower</h1><article>{text}</article>"
    with pytest.raises(NoContent, match=why):
        extract(f"<html><body>{page}</body></html>".encode(), f"https://echo.example/{path}")


def test_a_story_with_a_video_is_a_story() -> None:
    page = jsonld('{"@type":"VideoObject","name":"Tower"}') + f"<h1>Tower</h1><article>{STORY}</article>"
    assert extract(f"<html><body>{page}</body></html>".encode(), "https://echo.example/videos/a").html
