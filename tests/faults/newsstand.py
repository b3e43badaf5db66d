"""A small newsroom for runs that are disturbed: quick, and the same every time, so that what is left can be compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.newsroom import Desk, Kiosk, Story, kiosk, registry
from tests.undisturbed import Outcome, outcome

TITLES = ("harbour", "market", "valley", "coast")
PLACES = ("Aldmoor", "Brackley", "Corrin", "Dunmere", "Eastfell", "Farrow", "Glenhope", "Harwick", "Iverly", "Jarrow")
SIZE = len(TITLES) * len(PLACES)


@contextmanager
def newsstand() -> Iterator[Kiosk]:
    """Four titles of ten stories each; `coast` has teasers only, so its stories are pages. Some are told twice."""
    with kiosk() as room:
        for number, title in enumerate(TITLES):
            stories = [_story(number, title, place) for place in PLACES]
            room.feed(f"/{title}", *stories)
            for story in stories:
                if story.path:
                    room.page(story.path, story)
        yield room


def subscribe(folder: Path, room: Kiosk) -> None:
    """A registry of all its titles."""
    folder.mkdir(exist_ok=True)
    registry(folder, **{title: f"{room.base_url}/{title}" for title in TITLES})


def left_by(desk: Desk) -> Outcome:
    """What its runs left, once it is sure that no key is there twice."""
    keys = Counter((a.article_id, a.version) for a in desk.articles())
    assert [key for key, count in keys.items() if count > 1] == []
    return outcome(desk)


def _story(number: int, title: str, place: str) -> Story:
    told = title if place < "F" else "agency"  # the later half is the same in all four
    text = f"The {told} of {place} opens a bridge of {len(place) * 7} metres after {len(told)} years of building."
    path = f"/{title}/{place.lower()}" if title == "coast" else None
    return Story(f"{title}-{place.lower()}", f"{place} opens its bridge", text, path=path)
