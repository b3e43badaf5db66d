"""A small newsroom for runs that are disturbed: the same every time, so that what is left of a run can be compared.

Each fault has titles of its own, which no other fault's stories resemble: one deployment serves many faults, and what
is left of each is that of an undisturbed run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from tests.newsroom import Desk, Kiosk, Story, kiosk
from tests.paragraphs import paragraphs
from tests.undisturbed import Outcome, outcome

TITLES = ("harbour", "market", "valley", "coast")
PLACES = ("Aldmoor", "Brackley", "Corrin", "Dunmere", "Eastfell", "Farrow", "Glenhope", "Harwick", "Iverly", "Jarrow")
SIZE = len(TITLES) * len(PLACES)
_HELD_S = 600.0


@dataclass
class Gate:
    """The first who comes here waits until it is opened."""

    came: Event = field(default_factory=Event)
    opened: Event = field(default_factory=Event)

    def pass_through(self) -> None:
        if not self.came.is_set():
            self.came.set()
            self.opened.wait(_HELD_S)


class Shelf(dict[str, bytes]):
    """What paths answer; some only once their gate is open."""

    def __init__(self) -> None:
        self.gates: dict[str, Gate] = {}

    def get(self, path: str, default: bytes = b"") -> bytes:  # type: ignore[override]
        if gate := self.gates.get(path):
            gate.pass_through()
        return super().get(path, default)


@dataclass(frozen=True)
class Told(Story):
    """`text` is what its paragraphs are made from: no other has them."""

    @property
    def paragraphs(self) -> Sequence[str]:
        return paragraphs(self.text, 6)


@contextmanager
def newsstand(*faults: str) -> Iterator[Kiosk]:
    """Of each fault four titles of ten stories: the first half told by all; those of `coast` are on pages."""
    with kiosk() as room:
        room.bodies = Shelf()
        for fault in faults:
            for title in TITLES:
                stories = [_story(fault, title, place) for place in PLACES]
                room.feed(f"/{fault}/{title}", *stories)
                for story in stories:
                    if story.path:
                        room.page(story.path, story)
        yield room


def gate_at(room: Kiosk, path: str) -> Gate:
    assert isinstance(room.bodies, Shelf)
    return room.bodies.gates.setdefault(path, Gate())


def sources_of(fault: str) -> list[str]:
    return [f"{fault}-{title}" for title in TITLES]


def subscribe(folder: Path, room: Kiosk, *faults: str) -> Path:
    """A registry of all their titles, patient with what is held."""
    folder.mkdir(exist_ok=True)
    patient = f"[defaults]\nlimits = {{ total_s = {_HELD_S}, silence_s = {_HELD_S} }}\n"
    ids = [id_ for fault in faults for id_ in sources_of(fault)]
    tables = [f'[sources.{id_}]\nurl = "{room.base_url}/{id_.replace("-", "/")}"\n' for id_ in ids]
    (folder / "sources.toml").write_text("\n".join([patient, *tables]), "utf-8")
    return folder / "sources.toml"


def left_of(desk: Desk, fault: str) -> Outcome:
    """What runs left of a fault's titles in table and state; fails if a key is there twice."""
    articles = [a for a in desk.articles() if a.source_id.startswith(f"{fault}-")]
    keys = Counter((a.article_id, a.version) for a in articles)
    assert [key for key, count in keys.items() if count > 1] == []
    names = {f"{fault}-", *(a.article_id for a in articles)}
    return [[row for row in rows if any(name in row for name in names)] for rows in outcome(desk)]


def _story(fault: str, title: str, place: str) -> Told:
    teller = "all" if place < "F" else title
    path = f"/{fault}/{title}/{place.lower()}" if title == "coast" else None
    headline = " ".join(paragraphs(f"{fault} {place} {teller} headline", 1, 6))
    return Told(f"{fault}-{title}-{place.lower()}", headline, f"{fault} {place} {teller}", path=path)
