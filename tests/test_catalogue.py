"""A day's stories as static pages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import feedparser
import pytest
from lxml import html
from typer.testing import CliRunner

from ingest.catalogue import pages
from ingest.cli import app
from tests.newsroom import demo_desk

DAY = date(2026, 3, 14)
EVIL = '"><script>alert(1)</script>\x00\x0b'


def row(**changes: Any) -> dict[str, Any]:
    made = {
        "article_id": "a", "story_id": "s", "headline": "The ferry is back", "summary": None, "byline": None,
        "url": "https://quay.example/1?a=1&b=2", "source_id": "quay", "provider": "Quay News", "language": "en",
        "published": datetime(2026, 3, 14, 9, tzinfo=UTC), "updated": None, "articles": 3, "sources": ["quay", "sound"],
        "fetched_at": datetime(2026, 3, 14, 10, tzinfo=UTC), "rights": {"notice": "© 2026 Quay News"},
    }  # fmt: skip
    return made | changes


def test_both_pages_say_the_same() -> None:
    made = pages([row(), row(article_id="b", story_id="t", headline=None, published=None, articles=1)], DAY)
    feed = feedparser.parse(made["2026-03-14.atom"])
    assert not feed.bozo
    assert [entry.title for entry in feed.entries] == ["The ferry is back", "(no headline)"]
    assert (feed.entries[0].link, feed.entries[0].rights) == ("https://quay.example/1?a=1&b=2", "© 2026 Quay News")
    page = html.fromstring(made["2026-03-14.html"].decode())
    assert [item.findtext("a") for item in page.iter("li")] == ["The ferry is back", "(no headline)"]
    assert "and 2 more in 2 sources" in page.text_content()


def test_what_publishers_wrote_stays_text() -> None:
    names = ("headline", "summary", "byline", "provider", "language", "story_id", "source_id")
    made = pages([row(**dict.fromkeys(names, EVIL), url="javascript:alert(1)", rights={"notice": EVIL})], DAY)
    feed = feedparser.parse(made["2026-03-14.atom"], sanitize_html=False)
    assert not feed.bozo and feed.entries[0].title.startswith('"><script>')
    page = html.fromstring(made["2026-03-14.html"].decode())
    assert not list(page.iter("script")) and not page.xpath("//a[contains(@href,'javascript')]")


def test_a_day_without_stories_is_a_page_too() -> None:
    made = pages([], DAY)
    assert not feedparser.parse(made["2026-03-14.atom"]).bozo
    assert b"0 stories" in made["2026-03-14.html"]


def test_the_command_writes_the_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with demo_desk(tmp_path, faults=False) as (_, here):
        report = here.night(source_ids=["mpa-wire", "valley-post"])
    monkeypatch.setenv("INGEST_STORE", here.settings.store)
    done = CliRunner().invoke(app, ["catalogue", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    (atom,) = (tmp_path / "out").glob("*.atom")
    assert 0 < len(feedparser.parse(atom.read_bytes()).entries) <= report.stories
