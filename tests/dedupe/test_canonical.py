"""Which article of a story is the canonical one, in one batch and in several."""

import itertools

import pytest

from ingest.dedupe import MemoryIndex, resolve, story_id_of
from ingest.dedupe.standing import elected, standing_of
from ingest.model import Article

from .texts import NOW, article, prose

BODY = prose(1, 8)
WIRE = {"source_id": "quay-wire", "provider": "Quay"}
DECLARING = {"url": "https://harbour.example/ferry", "guid": "https://valley.example/copied/ferry"}
DECLARED = {"url": "https://harbour.example/ferry", "guid": "https://harbour.example/ferry"}


def landed(index: MemoryIndex, *articles: Article) -> dict[str, Article]:
    resolution = resolve(articles, index, now=NOW)
    index.save(resolution.members)
    return {a.article_id: a for a in resolution.articles}


def heads(articles: dict[str, Article]) -> list[str]:
    return [id_ for id_, a in articles.items() if a.duplicate_of is None and a.pub_status == "usable"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_agency_s_own_then_the_declared_then_the_earliest(order: tuple[int, ...]) -> None:
    copy, declared = article("a", BODY, 0, **DECLARING), article("b", BODY[:7], 1, **DECLARED)
    wire = article("c", BODY[:6], 2, **WIRE)
    for several, best in (([copy, declared, wire], "c"), ([copy, declared], "b"), ([copy], "a")):
        shuffled = [several[i] for i in order if i < len(several)]
        index = MemoryIndex()
        found = landed(index, *shuffled)
        assert heads(found) == [best]
        assert {a.story_id for a in found.values()} == {story_id_of("a")}
        assert elected(index.by_story_id(story_id_of("a"))).article_id == best


def test_of_equal_claims_the_earliest_then_the_longest() -> None:
    found = landed(MemoryIndex(), article("a", BODY[:6], 1), article("b", BODY, 1), article("c", BODY, 3))
    assert heads(found) == ["b"]


def test_a_page_that_another_site_s_pages_do_not_name_is_declared_by_none() -> None:
    index = MemoryIndex()
    found = landed(index, article("a", BODY, 0, **DECLARING), article("b", BODY[:7], 1, url="https://hill.example/f"))
    assert heads(found) == ["a"]


def test_the_agency_s_item_after_its_copies_landed() -> None:
    """The table keeps one head a story, the one that landed first; who is asked now names the agency's."""
    index = MemoryIndex()
    first = landed(index, article("a", BODY, 0), article("b", BODY[:7], 1))
    second = landed(index, article("c", BODY, 2, **WIRE))
    assert heads(first | second) == ["a"]
    assert elected(index.by_story_id(story_id_of("a"))).article_id == "c"


def test_a_guid_on_a_broken_host_says_nothing() -> None:
    for guid in ("http://[broken", "http://", "urn:x", "https://www.harbour.example/?p=1"):
        one = article("a", BODY, guid=guid, url="https://harbour.example/ferry")
        assert standing_of(one) == standing_of(article("a", BODY))
