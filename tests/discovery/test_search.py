"""Discovery on a site that a real server answers for."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ingest.cli import app
from ingest.discovery import Found, discover
from ingest.errors import HttpError
from ingest.fetch import HttpFetcher
from ingest.model import Limits
from ingest.sources import load_sources
from tests.newsroom import Kiosk, Story, kiosk

NOW = datetime(2026, 11, 24, tzinfo=UTC)
FERRY = Story("ferry", "The ferry is back", "After a long night at sea the ferry came back to the harbour.")


def find(shop: Kiosk, path: str = "/") -> list[Found]:
    async def search() -> list[Found]:
        async with HttpFetcher("test", "127.0.0.0/8", 0) as fetcher:
            return await discover(shop.base_url + path, fetcher, Limits(total_s=5), NOW)

    return asyncio.run(search())


def page(*tags: str) -> bytes:
    return f"<!DOCTYPE html><title>Quay</title>{''.join(tags)}<p>Welcome".encode()


def declared(path: str, title: str = "") -> str:
    return f'<link rel="alternate" type="application/rss+xml" href="{path}" title="{title}">'


def test_a_declared_feed_is_found_and_described() -> None:
    with kiosk() as shop:
        shop.feed("/rss", FERRY)
        shop.bodies["/"] = page(declared("/rss"), declared("/missing"))
        (found,) = find(shop)
    assert (found.url, found.how, found.title) == (f"{shop.base_url}/rss", "declared", "Kiosk")
    assert (found.format, found.items, found.full_text, found.newest and found.newest.day) == ("rss20", 1, True, 23)


def test_a_feed_is_itself() -> None:
    with kiosk() as shop:
        shop.feed("/rss", FERRY)
        assert [one.how for one in find(shop, "/rss")] == ["itself"]


def test_the_usual_places_are_asked_last_and_one_feed_at_two_addresses_is_one() -> None:
    with kiosk() as shop:
        shop.feed("/rss.xml", FERRY)
        shop.feed("/feed.xml", FERRY)
        shop.bodies["/"] = page()
        assert [(one.how, one.url) for one in find(shop)] == [("usual place", f"{shop.base_url}/rss.xml")]


def test_comments_come_last_and_a_sitemap_from_robots_txt_after_the_feeds() -> None:
    with kiosk() as shop:
        shop.feed("/c", Story("comment", "Re: ferry", "I saw it too."))
        shop.feed("/rss", FERRY)
        shop.bodies["/"] = page(declared("/c", "Comments"), declared("/rss"))
        shop.bodies["/robots.txt"] = f"Sitemap: {shop.base_url}/s.xml".encode()
        shop.bodies["/s.xml"] = (
            b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>http://a.example/</loc></url></urlset>'
        )
        assert [one.url.rpartition("/")[2] for one in find(shop)] == ["rss", "s.xml", "c"]


def test_a_site_without_any_is_asked_within_bounds() -> None:
    with kiosk() as shop:
        shop.bodies["/"] = page(*(f'<a href="/rss/{n}">feed</a>' for n in range(500)))
        assert find(shop) == []
    assert sum(shop.requests.values()) < 30


def test_a_site_that_does_not_answer_is_told() -> None:
    with kiosk() as shop, pytest.raises(HttpError):
        find(shop, "/nothing")


def test_the_command_adds_the_best_one_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    registry = tmp_path / "sources.toml"
    for name, value in (("SOURCES", registry), ("ALLOW_NETS", "127.0.0.0/8"), ("HOST_DELAY_S", 0)):
        monkeypatch.setenv(f"INGEST_{name}", str(value))
    with kiosk() as shop:
        feed = shop.feed("/rss", FERRY)
        shop.bodies["/"] = page(declared("/rss"))
        told = [CliRunner().invoke(app, ["sources", "discover", shop.base_url, "--add"]) for _ in range(2)]
        empty = CliRunner().invoke(app, ["sources", "discover", f"{shop.base_url}/rss/none", "--json"])
    assert [one.exit_code for one in told] == [0, 0]
    assert {id_: source.urls for id_, source in load_sources(registry).items()} == {"kiosk": (feed,)}
    assert empty.exit_code == 1
