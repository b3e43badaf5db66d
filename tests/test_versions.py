"""Which version of an item a content is."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.model import Article
from ingest.versions import Latest, in_order, latest_of, next_version, version_number

NOON, LATER = datetime(2026, 11, 24, 12, tzinfo=UTC), datetime(2026, 11, 24, 13, tzinfo=UTC)


def article(content: str, provider_version: str | None = None, updated: datetime | None = None) -> Article:
    return Article(
        article_id="a",
        source_id="s",
        guid="g",
        content_hash=content,
        provider_version=provider_version,
        updated=updated,
    )


def latest(content: str, provider_version: str | None = None, updated: datetime | None = None) -> Latest:
    return Latest(3, content, provider_version, updated)


def test_a_new_item_is_version_1() -> None:
    assert next_version(article("x"), None, ()) == 1


@pytest.mark.parametrize(
    ("new", "old", "version"),
    [
        (article("x"), latest("x"), None),  # the same
        (article("y"), latest("x"), 4),
        (article("w"), latest("x"), None),  # had before, and no date says that it is newer
        (article("w", updated=LATER), latest("x", updated=NOON), 4),  # back to what it was, on purpose
        (article("y", updated=NOON), latest("x", updated=LATER), None),  # came late
        (article("y", "9"), latest("x", "10"), None),  # versions are numbers
        (article("y", "10"), latest("x", "9"), 4),
        (article("y", "2", NOON), latest("x", "1", LATER), 4),  # their count goes before their dates
        (article("y", "1", LATER), latest("x", "1", NOON), 4),  # the same count, sent again with other bytes
    ],
)
def test_next_version(new: Article, old: Latest, version: int | None) -> None:
    assert next_version(new, old, {"w", "x"}) == version


def test_versions_are_numbers() -> None:
    assert version_number("1.10") > version_number("1.9")
    assert version_number("1542761538") > version_number("99")
    assert version_number("draft") == version_number(None) == ()


@given(st.permutations(["1", "2", "9", "10", "11"]))
def test_versions_that_came_in_any_order_are_put_in_theirs(order: list[str]) -> None:
    assert [a.provider_version for a in in_order([article(v, v) for v in order])] == ["1", "2", "9", "10", "11"]


def test_what_cannot_be_told_apart_stays_as_it_came() -> None:
    assert [a.content_hash for a in in_order([article("b"), article("a"), article("c")])] == ["b", "a", "c"]


def test_latest_of_an_article_is_its_place() -> None:
    assert latest_of(article("x", "2", NOON)) == Latest(1, "x", "2", NOON)
