"""What the demo says it publishes: the same each time, enough of it, and no two events alike by accident."""

from collections import Counter
from datetime import UTC, date, datetime
from itertools import combinations

import pytest

from ingest.demo import expected_landed, truth
from ingest.demo.edition import edition
from ingest.demo.events import Event, events
from ingest.demo.outlets import OUTLETS
from ingest.demo.prose import LANGUAGES, lexicon
from ingest.demo.site import site

TODAY = date(2026, 11, 24)
BASE = "http://127.0.0.1:8099"


def test_same_arguments_same_bytes():
    first = {path: make().body for path, make in site(1, TODAY, 7, BASE).items()}
    for cached in (site, edition, events, lexicon):
        cached.cache_clear()
    assert {path: make().body for path, make in site(1, TODAY, 7, BASE).items()} == first


def test_another_seed_another_edition():
    assert {i.headline for i in truth(1, seed=8)} != {i.headline for i in truth(1, seed=7)}


@pytest.mark.parametrize("day", [1, 2])
def test_enough_items_from_enough_sources(day):
    assert len({source for source, _ in expected_landed(day)}) >= 20
    assert len(expected_landed(day)) >= 480
    assert len({item.language for item in truth(day)}) == len(LANGUAGES)
    assert sum(sum(len(text.split()) for text in item.body) >= 1500 for item in truth(day)) >= 4


@pytest.mark.parametrize("day", [1, 2])
def test_identities_and_pages_are_unique(day):
    items = truth(day)
    assert max(Counter((item.source_id, item.guid) for item in items).values()) == 1
    assert max(Counter(item.path for item in items).values()) == 1


def test_day_two_keeps_what_day_one_had():
    assert expected_landed(1) < expected_landed(2)
    assert {item.version for item in truth(1)} == {1}
    changes = Counter(item.change for item in truth(2))
    assert {"new", "same", "updated", "corrected", "killed", "touched", "gone"} == set(changes)


def test_only_what_changed_is_another_version():
    before = {(i.source_id, i.guid): i for i in truth(1)}
    for after in truth(2):
        item = before.get((after.source_id, after.guid))
        if item is None:
            assert after.change == "new"
            continue
        seen = (item.headline, item.body, item.pub_status) != (after.headline, after.body, after.pub_status)
        assert seen == (after.version == 2), after.guid


def test_nothing_is_from_the_future():
    midnight = datetime(2026, 11, 24, tzinfo=UTC)
    assert all((item.updated or item.published) <= midnight for item in truth(2, today=TODAY))


def test_no_slot_or_choice_is_left_in_any_text():
    for item in truth(2):
        for text in (item.headline, *item.body, *item.notes, *((item.photo.caption,) if item.photo else ())):
            assert not set(text) & set("{}[]|"), text


def test_copies_share_their_story_and_say_so():
    by_story = Counter(item.story for item in truth(1))
    for item in truth(1):
        if item.relation != "canonical":
            assert by_story[item.story] > 1, item.story


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_events_read_alike_but_templated_ones(language):
    """Templated ones may, yet not one has the names and numbers of another."""
    found = {event.key: (event, _grams(event)) for event in events(language, TODAY, 7)}
    for (one, mine), (other, theirs) in combinations(found.values(), 2):
        shared = len(mine & theirs) / min(len(mine), len(theirs))
        same_template = one.kind == other.kind and one.templated
        assert shared < (0.65 if same_template else 0.2), (one.key, other.key, shared)


def _grams(event: Event) -> set[tuple[str, ...]]:
    text = " ".join(block.text for block in event.blocks).lower()
    words, size = (list(text), 8) if event.language == "ja" else (text.split(), 4)
    return {tuple(words[at : at + size]) for at in range(len(words) - size + 1)}


def test_every_kind_of_source_is_there():
    formats = {outlet.format for outlet in OUTLETS}
    assert formats == {
        "atom1", "atom03", "rss2", "rss2-summary", "rss1", "rss091", "rss092", "json", "sitemap", "podcast",
    }  # fmt: skip
    assert {"none", "empty", "repeated"} <= {outlet.guid for outlet in OUTLETS}
    assert {"gzip", "br", "zstd"} <= {outlet.coding for outlet in OUTLETS}
