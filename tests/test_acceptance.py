"""What lands, beside what the demo newsroom says is true: every field of every article of both days.

A field is right or it is listed here, with the reason. All floors are exact, so that a change for the better shows too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator
from itertools import combinations

import pytest

from ingest.demo import TruthItem, truth
from ingest.model import Article
from tests.newsroom import TODAY, demo_desk

Pair = tuple[TruthItem, Article]
FLOOR_ARTICLES = {1: 490, 2: 515}


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> dict[int, list[Pair]]:
    """By day: what the newsroom knows of each item that can land, and its latest version in the table."""
    days: dict[int, list[Pair]] = {}
    with demo_desk(tmp_path_factory.mktemp("acceptance"), faults=False) as (demo, desk):
        for day in (1, 2):
            demo.day = day
            desk.night(hours=24 * (day - 1))
            found = {(a.source_id, a.guid): a for a in desk.articles(latest_only=True)}
            items = [item for item in truth(day, today=TODAY, base_url=demo.base_url) if item.lands]
            assert {(item.source_id, item.guid) for item in items} == set(found)
            days[day] = [(item, found[item.source_id, item.guid]) for item in items]
    return days


@pytest.fixture(params=[1, 2])
def day(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def body(item: TruthItem, article: Article) -> tuple[object, object]:
    """Notes to readers ("CORRECTION: …") stay in the text, behind it."""
    notes = [note for note in item.notes if item.pub_status == "usable"]
    told = [(block.kind, block.text) for block in item.blocks] + [("paragraph", note) for note in notes]
    return told, [(block.kind, block.text) for block in article.blocks]


def ed_note(item: TruthItem, article: Article) -> tuple[object, object]:
    """Words to editors go to the field: the text of a kill."""
    return (" ".join(item.notes) or None) if item.pub_status != "usable" else None, article.ed_note


def images(item: TruthItem, article: Article) -> tuple[object, object]:
    photo = item.photo
    told = photo and (photo.url, photo.caption, photo.credit, photo.photographer, photo.agency, photo.distributors)
    seen = [(i.url, i.caption, i.credit, i.photographer, i.agency, i.distributors) for i in article.images]
    return [told] if told else [], seen


def image_sizes(item: TruthItem, article: Article) -> tuple[object, object]:
    """Sites that paste their pictures give no size."""
    photo, seen = item.photo, article.images[0] if article.images else None
    if photo is None or seen is None or seen.width is None:
        return None, None
    return (photo.width, photo.height), (seen.width, seen.height)


def image_alt(item: TruthItem, article: Article) -> tuple[object, object]:
    """Media RSS has no alternative text."""
    photo, seen = item.photo, article.images[0] if article.images else None
    return (None, None) if photo is None or seen is None or seen.alt is None else (photo.alt, seen.alt)


def rights(item: TruthItem, article: Article) -> tuple[object, object]:
    told = (item.rights_holder, item.rights_year, item.rights_notice, item.rights_distributor)
    seen = article.rights
    return told, (seen.holder, seen.year, seen.notice, seen.distributor)


def dateline(item: TruthItem, article: Article) -> tuple[object, object]:
    seen = article.dateline
    told = (item.dateline.strip(), item.place.casefold() if item.place else None) if item.dateline else None
    return told, seen and (seen.text, (seen.place or "").casefold())


def byline(item: TruthItem, article: Article) -> tuple[object, object]:
    """Feeds give the name alone, in a field of its own."""
    told = item.author if article.byline == item.author else item.byline
    return (told, (item.author,) if item.author else ()), (article.byline, article.authors)


def removed(item: TruthItem, article: Article) -> tuple[object, object]:
    wanted = {(extra.kind, extra.text) for extra in item.extras}
    return wanted, wanted & {(r.kind, r.text) for r in article.removed}


def kept_out(item: TruthItem, article: Article) -> tuple[object, object]:
    return [], [extra.text for extra in item.extras if extra.text in article.body_text]


def times(item: TruthItem, article: Article) -> tuple[object, object]:
    """RSS 0.91 and 0.92 date no item. A date that was touched and nothing else is no version, so nothing lands."""
    updated = None if item.change == "touched" else item.updated
    seen = None if article.updated == article.published or item.change == "touched" else article.updated
    return (item.published if item.dated else article.published, updated), (article.published, seen)


FIELDS: dict[str, Callable[[TruthItem, Article], tuple[object, object]]] = {
    "headline": lambda i, a: (i.headline, a.headline),
    "body": body,
    "ed_note": ed_note,
    "summary": lambda _, a: (None, a.summary),  # every teaser is the beginning of its text
    "images": images,
    "image_sizes": image_sizes,
    "image_alt": image_alt,
    "rights": rights,
    "dateline": dateline,
    "byline": byline,
    "provider": lambda i, a: (i.provider, a.provider),
    "language": lambda i, a: (i.language, a.language),
    "times": times,
    "type": lambda i, a: (i.type, a.type),
    "pub_status": lambda i, a: (i.pub_status, a.pub_status),
    "version": lambda i, a: (i.version, a.version),
    "relation": lambda i, a: (i.relation, a.relation),
    "removed": removed,
    "kept_out": kept_out,
}


def test_everything_that_can_land_has_landed(landed: dict[int, list[Pair]], day: int) -> None:
    assert len(landed[day]) == FLOOR_ARTICLES[day]


@pytest.mark.parametrize("name", FIELDS)
def test_field(landed: dict[int, list[Pair]], day: int, name: str) -> None:
    both = [(item, *FIELDS[name](item, article)) for item, article in landed[day]]
    wrong = [f"{i.source_id} {i.story}: expected {told!r}, is {seen!r}" for i, told, seen in both if told != seen]
    assert wrong == []


def test_sizes_and_alternative_texts_are_there_where_they_are_given(landed: dict[int, list[Pair]]) -> None:
    shown = [article.images[0] for item, article in landed[1] if item.photo]
    assert len(shown) == 318
    assert (sum(i.width is not None for i in shown), sum(i.alt is not None for i in shown)) == (239, 256)


def test_stories(landed: dict[int, list[Pair]], day: int) -> None:
    """Precision and recall of pairs are 1: no template's stories are one, no cut or retitled copy stands alone."""
    told = pairs((item.story, article.article_id) for item, article in landed[day])
    found = pairs((article.story_id, article.article_id) for _, article in landed[day])
    assert (len(told), found - told, told - found) == ({1: 462, 2: 496}[day], set(), set())


def test_one_article_of_a_story_is_the_canonical_one(landed: dict[int, list[Pair]], day: int) -> None:
    """Of every version: the others say by `duplicate_of` whose copy, excerpt or update they are."""
    heads = defaultdict(list)
    for _, article in landed[day]:
        heads[article.story_id].append(article.duplicate_of)
    assert {story: whose.count(None) for story, whose in heads.items() if whose.count(None) != 1} == {}


def pairs(members: Iterator[tuple[Hashable, str]]) -> set[tuple[str, str]]:
    stories = defaultdict(list)
    for story, article_id in members:
        stories[story].append(article_id)
    return {pair for ids in stories.values() for pair in combinations(sorted(ids), 2)}
