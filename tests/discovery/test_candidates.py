"""Addresses on a page that may be feeds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.discovery import candidates, usual_places
from ingest.discovery.candidates import sitemaps

URL = "https://quay.example/news/"


def urls(html: str, url: str = URL) -> list[str]:
    return [one.url for one in candidates(html, url)]


@pytest.mark.parametrize(
    "kind",
    ["application/rss+xml", "application/atom+xml", "APPLICATION/FEED+JSON", "application/rss+xml; charset=utf-8"],
)
def test_a_page_declares_its_feeds(kind: str) -> None:
    (found,) = candidates(f'<link rel="Alternate home" type="{kind}" href="/rss" title=" Quay  News ">', URL)
    assert found == ("https://quay.example/rss", "declared", "Quay News")


def test_a_base_counts_and_fragments_do_not() -> None:
    html = '<base href="https://static.example/x/"><link rel=alternate type=application/rss+xml href="feed.xml#top">'
    assert urls(html) == ["https://static.example/x/feed.xml"]


def test_declared_ones_come_first_and_comments_last() -> None:
    link = '<link rel=alternate type=application/rss+xml title="{0}" href="/{1}">'
    html = f'<a href="/rss.xml">RSS</a>{link.format("Quay: comments", "comments/feed/")}{link.format("Quay", "feed/")}'
    assert urls(html) == [f"https://quay.example/{path}" for path in ("feed/", "comments/feed/", "rss.xml")]


@pytest.mark.parametrize(
    "href",
    [
        "/rss",
        "/feeds/world.xml",
        "/world/rss.xml",
        "/index.rdf",
        "/?feed=rss2",
        "/feed.json",
        "feed://quay.example/rss",
        "feed:https://quay.example/rss",
        "/news-sitemap.xml",
    ],
)
def test_a_link_may_look_like_a_feed(href: str) -> None:
    assert len(urls(f'<a href="{href}">here</a>')) == 1


@pytest.mark.parametrize(
    "href",
    [
        "/feedback",
        "/animal-feeding",
        "/2026/feeder-ships-return",
        "/atomic",
        "mailto:rss@quay.example",
        "https://feedly.com/i/subscription/feed/x",
        "javascript:rss()",
        "https://[rss",
        "/wp-json/",
    ],
)
def test_and_may_not(href: str) -> None:
    assert urls(f'<a href="{href}">here</a>') == []


@pytest.mark.parametrize(
    "tag",
    [
        '<link rel=alternate hreflang=de href="/de">',
        '<link rel=alternate type=application/json href="/wp-json/wp/v2/posts/1">',
        '<link rel=stylesheet type=text/xml href="/x">',
    ],
)
def test_other_alternates_are_no_feeds(tag: str) -> None:
    assert urls(tag) == []


def test_wordpress_has_places_of_its_own() -> None:
    plain = {one.url for one in usual_places("<p>", "https://quay.example/blog")}
    assert {"https://quay.example/rss.xml", "https://quay.example/blog/feed/"} <= plain
    of_wordpress = {one.url for one in usual_places('<img src="/wp-content/a.png">', "https://quay.example/")}
    assert "https://quay.example/feed/" in of_wordpress and len(of_wordpress) < len(plain)


def test_robots_txt_names_sitemaps_those_of_news_first() -> None:
    text = "User-agent: *\nDisallow:\nSITEMAP: /sitemap.xml\nSitemap: https://quay.example/news.xml\nSitemap:\n"
    assert [one.url for one in sitemaps(text, URL)] == [
        "https://quay.example/news.xml",
        "https://quay.example/sitemap.xml",
    ]


@given(
    st.text(alphabet=st.sampled_from("<>link a rel=alternate href type=application/rss+xml\"'/?#[]:\0é"), max_size=300)
)
def test_any_page_gives_addresses_or_none(html: str) -> None:
    assert all(url.startswith(("http://", "https://")) for url in urls(html))
