"""Items of a source: who they are, and one of each version, oldest first."""

from datetime import UTC, datetime

from ingest.model import Entry, Payload, article_id_of
from ingest.shard.item import Item, in_turn, item_id

PAYLOAD = Payload(source_id="times", url="https://times.example/rss", body=b"")
NOON, LATER = datetime(2026, 11, 24, 12, tzinfo=UTC), datetime(2026, 11, 24, 13, tzinfo=UTC)


def item(headline: str, guid: str | None = "g", **entry: object) -> Item:
    found = Entry.model_validate({"guid": guid, "headline": headline} | entry)
    return Item(found, PAYLOAD, headline, article_id_of("times", guid) if guid else None)


def headlines(*items: Item) -> list[str | None]:
    return [one.entry.headline for one in in_turn(items)]


def test_the_same_item_of_two_feeds_is_the_one_updated_last_in_the_place_of_the_first() -> None:
    first, other, last = item("old", updated=NOON), item("other", "h"), item("new", updated=LATER)
    assert headlines(first, other, last) == ["new", "other"]
    assert headlines(last, other, first) == ["new", "other"]


def test_without_dates_the_first_stays() -> None:
    assert headlines(item("front"), item("section")) == ["front"]
    assert headlines(item("dated", updated=NOON), item("undated")) == ["dated"]


def test_versions_that_their_publisher_counts_are_kept_and_put_in_order() -> None:
    versions = [item(number, provider_version=number) for number in ("3", "1", "10", "2", "1")]
    assert headlines(*versions) == ["1", "2", "3", "10"]


def test_items_that_only_their_content_tells_apart_all_stay_and_come_last() -> None:
    assert headlines(item("a", None), item("b", None), item("c")) == ["c", "a", "b"]


def test_an_item_is_its_guid_else_its_canonical_url() -> None:
    by_url = article_id_of("times", "https://times.example/a")
    assert item_id("times", Entry(guid="g", url="https://times.example/a")) == article_id_of("times", "g")
    assert item_id("times", Entry(url="https://times.example/a?utm_source=feed")) == by_url
    assert item_id("times", Entry(url="/a", base_url="https://times.example/rss")) == by_url
    assert item_id("times", Entry(headline="Ferry")) is None
    assert item_id("post", Entry(guid="g")) != item_id("times", Entry(guid="g"))


def test_its_place_is_what_a_person_finds_it_by() -> None:
    assert item("x", url="https://times.example/a").place == "https://times.example/a"
    assert item("x").place == "g"
    assert item("x", None).place == "an item without guid or URL of https://times.example/rss"
