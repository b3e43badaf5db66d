"""The package's own promises: names, limits, detection by content."""

import pytest

from ingest.errors import Malformed, UnknownFormat
from ingest.model import Payload
from ingest.parse import formats, parse

RSS = "<rss version='2.0'><channel>{}</channel></rss>"
ITEM = "<item><title>{}</title></item>"


def payload(text: str, **fields: str) -> Payload:
    return Payload(source_id="t", url="https://t.example/f", body=text.encode(), **fields)  # type: ignore[arg-type]


def test_every_format_has_names_of_its_own() -> None:
    names = [name for one in formats().values() for name in one.NAMES]
    assert len(names) == len(set(names))
    assert {"syndication", "jsonfeed", "sitemap"} <= set(names)


def test_no_more_items_than_asked_for() -> None:
    parsed = parse(payload(RSS.format("".join(ITEM.format(n) for n in range(8)))), max_items=3)
    assert [entry.headline for entry in parsed.entries] == ["0", "1", "2"]
    assert parsed.warnings == ("only the first 3 of 8 items were taken",)


def test_a_format_can_be_named() -> None:
    assert parse(payload(RSS.format(ITEM.format("x"))), "rss").entries[0].headline == "x"


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(UnknownFormat) as raised:
        parse(payload(RSS), "rsss")
    assert "syndication" in raised.value.hint


@pytest.mark.parametrize("name", ["rss", "jsonfeed", "sitemap"])
def test_a_wrong_name_is_malformed(name: str) -> None:
    with pytest.raises(Malformed):
        parse(payload("neither fish nor flesh"), name)


def test_the_content_type_decides_nothing() -> None:
    rss = RSS.format(ITEM.format("x"))
    assert parse(payload(rss, content_type="text/html")).entries
    assert parse(payload(rss, content_type="application/json")).entries


def test_a_page_without_a_feed_link_says_what_it_may_be() -> None:
    with pytest.raises(Malformed) as raised:
        parse(payload("<!doctype html><title>Log in</title><p>Please", content_type="application/rss+xml"))
    assert "Log in" in raised.value.why
    assert "log-in" in raised.value.hint
