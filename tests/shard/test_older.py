"""The way from a feed to what it had before."""

from datetime import UTC, datetime, timedelta

import pytest

from ingest.model import Entry, FeedInfo, Parsed
from ingest.shard import Backfill
from ingest.shard.older import MAX_SITEMAPS, Walk, older_page

URL = "https://quay.example/feed/"
NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


def page(*guids: str, days: int = 0, **feed: object) -> Parsed:
    entries = tuple(Entry(guid=guid, published=NOON - timedelta(days=days)) for guid in guids)
    return Parsed(entries=entries, feed=FeedInfo.model_validate(feed))


@pytest.mark.parametrize(
    ("feed", "there"),
    [
        (
            {"archive_url": "https://quay.example/2026-02", "next_url": "https://quay.example/2"},
            "https://quay.example/2026-02",
        ),
        ({"next_url": "https://quay.example/2"}, "https://quay.example/2"),
        ({"generator": "https://wordpress.org/?v=6.4"}, f"{URL}?paged=2"),
        ({"generator": "Something else"}, None),
    ],
)
def test_the_archive_is_before_the_next_page_is_before_a_guess(feed: dict[str, str], there: str | None) -> None:
    assert older_page(URL, page("a", **feed)) == there


@pytest.mark.parametrize(
    ("url", "there"),
    [
        (f"{URL}?paged=2", f"{URL}?paged=3"),
        (f"{URL}?a=&paged=9", f"{URL}?a=&paged=10"),
        (f"{URL}?paged=x", f"{URL}?paged=2"),
    ],
)
def test_wordpress_counts_its_pages(url: str, there: str) -> None:
    assert older_page(url, page("a", generator="WordPress")) == there


def walk_all(walk: Walk, pages: dict[str, Parsed]) -> list[str]:
    asked = []
    while there := walk.next():
        asked.append(there)
        walk.arrive(there, pages[there])
    return asked


def test_a_walk_ends_with_the_pages_it_may_ask() -> None:
    pages = {f"https://q.example/{n}": page(str(n), next_url=f"https://q.example/{n + 1}") for n in range(100)}
    walk = Walk("https://q.example/0", pages["https://q.example/0"], Backfill(pages=7))
    assert walk_all(walk, pages) == [f"https://q.example/{n}" for n in range(1, 8)]


def test_a_walk_ends_where_all_is_older_than_wanted() -> None:
    pages = {
        f"https://q.example/{n}": page(str(n), days=10 * n, next_url=f"https://q.example/{n + 1}") for n in range(9)
    }
    walk = Walk("https://q.example/0", pages["https://q.example/0"], Backfill(since=NOON - timedelta(days=25)))
    assert walk_all(walk, pages) == [f"https://q.example/{n}" for n in (1, 2, 3)]
    assert [walk.wants(pages[f"https://q.example/{n}"].entries[0]) for n in (2, 3)] == [True, False]
    assert walk.wants(Entry(guid="undated"))


def test_a_server_that_gives_the_same_page_for_ever_is_left() -> None:
    same = page("a", "b", generator="WordPress")
    walk = Walk(URL, same, Backfill())
    assert walk_all(walk, {f"{URL}?paged=2": same}) == [f"{URL}?paged=2"]


def test_pages_that_lead_in_a_circle_are_asked_once() -> None:
    one, two = page("1", next_url="https://q.example/2"), page("2", next_url=URL)
    assert walk_all(Walk(URL, one, Backfill()), {"https://q.example/2": two}) == ["https://q.example/2"]


def test_of_an_index_the_first_sitemaps_are_read_each_night_and_all_in_a_backfill() -> None:
    there = [f"https://quay.example/s{n}.xml.gz" for n in range(9)]
    index, pages = page(sitemaps=tuple(there)), {url: page(url) for url in there}
    assert walk_all(Walk(URL, index, None), pages) == there[:MAX_SITEMAPS]
    assert walk_all(Walk(URL, index, Backfill()), pages) == there


def test_a_night_reads_no_older_pages() -> None:
    assert Walk(URL, page("a", next_url="https://quay.example/2"), None).next() is None
