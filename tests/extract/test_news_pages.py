"""Headline, time and authors of pages as news sites of some sixty countries write them."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from ingest.extract.metadata import read_metadata

PAGES = tomllib.loads((Path(__file__).parents[1] / "fixtures/extract/news_pages.toml").read_text("utf-8"))["page"]


@pytest.mark.parametrize("page", PAGES, ids=[page["name"] for page in PAGES])
def test_news_page(page: dict[str, Any]) -> None:
    doc = LexborHTMLParser(f'<!doctype html><html lang="{page["lang"]}">{page["html"]}</html>')
    entry = read_metadata(doc, page["url"], "UTC").entry
    assert entry.headline == page["headline"]
    assert {name.casefold() for name in entry.authors} == {name.casefold() for name in page["authors"]}
    assert entry.published == datetime.fromisoformat(page["published"]).replace(tzinfo=UTC)
