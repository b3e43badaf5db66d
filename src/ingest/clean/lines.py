"""Counting the lines of a source's stories, to learn which are no part of them. Pure: counts in, rules out.

A line is a paragraph, a line of one, or a whole list. What makes one boilerplate is that it stands, word for word, in
many different stories of a source; docs/decisions/0009-learned-boilerplate.md says what else it takes, and why.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import NamedTuple, Protocol, Self

from ingest.clean.learned import MAX_CHARS, LearnedRule, is_learned, line_id
from ingest.clean.normalise import word_count
from ingest.clean.voice import voice
from ingest.model import Removed

WINDOW = 200  # stories
MAX_LINES = 2_000  # remembered of one source
AGE = timedelta(days=90)  # of a story
_START, _END = 2, 4  # lines of a story that are its edges
_MAX_STORY = 200  # lines
_LONG, _MAX_INSIDE = 60, 250  # characters
_MIN_WORDS, _MIN_BYTES = 4, 20  # bytes, since a Chinese character is about a word
_OPENS = tuple('“”"„«‚‘「『')  # somebody's words
_LEADS_ON = (":", "：", "?", "？", "؟", "…", ",", "،")  # to what comes below
_FIGURES = re.compile(r"\d+")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Piece(Protocol):
    """What is needed of a block."""

    @property
    def kind(self) -> str: ...
    @property
    def text(self) -> str: ...


class Line(NamedTuple):
    id: str
    text: str
    edge: bool  # at the start or end of the story
    figures: tuple[str, ...]

    @classmethod
    def of(cls, text: str, *, edge: bool) -> Self:
        return cls(line_id(text), text, edge, tuple(_FIGURES.findall(text)))


class Bar(NamedTuple):
    stories: int
    share: float


_OWN_EDGE, _OWN_ANYWHERE, _ANY_EDGE = Bar(5, 0.2), Bar(10, 0.3), Bar(8, 0.5)


@dataclass
class Seen:
    """Where one line stood: `stories` are numbers in `Counts`, of which `edges` had it at an edge.

    `figures` are the line's own, None once two stories had different ones: then they are news, not boilerplate.
    """

    figures: tuple[str, ...] | None
    stories: list[int] = field(default_factory=list)
    edges: list[int] = field(default_factory=list)


@dataclass
class Counts:
    """The lines of the last stories of one source. `stories` are (story id, day it landed), numbered from `first`."""

    first: int = 0
    stories: list[tuple[str, int]] = field(default_factory=list)
    lines: dict[str, Seen] = field(default_factory=dict)  # by `line_id`

    def __post_init__(self) -> None:
        self._ids = {story_id for story_id, _ in self.stories}

    def add(self, story_id: str, lines: Iterable[Line], now: datetime) -> bool:
        """Count a story's lines; False, and nothing counted, if one of its story was counted already."""
        if story_id in self._ids:
            return False
        number = self.first + len(self.stories)
        self.stories.append((story_id, (now - _EPOCH).days))
        self._ids.add(story_id)
        for line in lines:
            seen = self.lines.get(line.id)
            if seen is None:
                seen = self.lines[line.id] = Seen(line.figures)
            if seen.figures != line.figures:
                seen.figures = None
            if number not in seen.stories[-1:]:
                seen.stories.append(number)
                if line.edge:
                    seen.edges.append(number)
        return True

    def forget(self, now: datetime) -> None:
        """Drop the stories that are out of the window, and lines without a story; of too many the rarest and oldest."""
        oldest = (now - AGE - _EPOCH).days
        while self.stories and (len(self.stories) > WINDOW or self.stories[0][1] < oldest):
            self._ids.discard(self.stories.pop(0)[0])
            self.first += 1
        for seen in self.lines.values():
            if seen.stories[0] < self.first:
                seen.stories = [number for number in seen.stories if number >= self.first]
                seen.edges = [number for number in seen.edges if number >= self.first]
        kept = [(id_, seen) for id_, seen in self.lines.items() if seen.stories]
        if len(kept) > MAX_LINES:
            kept.sort(key=lambda pair: (len(pair[1].stories), pair[1].stories[-1]), reverse=True)
        self.lines = dict(kept[:MAX_LINES])

    @property
    def since(self) -> datetime:
        """The day of the first story in the window."""
        return _EPOCH + timedelta(days=self.stories[0][1])


def lines_of_story(blocks: Sequence[Piece], removed: Sequence[Removed]) -> Iterator[Line]:
    """The lines of one article that can be boilerplate, those that a learned rule took out among them."""
    texts = list(chain.from_iterable(map(_texts, blocks)))
    last = len(texts) - _END
    for number, (text, whole) in enumerate(texts):
        edge = number < _START or number >= last
        if whole and (edge or _may_stand_inside(text, number)) and _could_be(text):
            yield Line.of(text, edge=edge)
    for item in removed:
        if is_learned(item):
            yield Line.of(item.text, edge=True)


def learn(
    source_id: str, counts: Counts, printed: Iterable[Line], rules: Sequence[LearnedRule], now: datetime
) -> list[LearnedRule]:
    """The rules that are new or no longer as they were, once `printed`, the lines of this run, are in `counts`."""
    known = {rule.rule_id: rule for rule in rules}
    here = {line.id: line.text for line in printed}
    renewed = ((old, _renewed(old, counts, old.rule_id in here, now)) for old in rules)
    changed = {rule.rule_id: rule for old, rule in renewed if rule != old}
    for id_, text in here.items():
        seen, old = counts.lines.get(id_), known.get(id_)
        if seen and (old is None or old.expired_at) and _is_boilerplate(text, seen, len(counts.stories)):
            changed[id_] = LearnedRule(
                source_id=source_id,
                rule_id=id_,
                kind=voice(text) or "other",
                text=text,
                stories=len(seen.stories),
                window=len(counts.stories),
                counted_since=counts.since.date(),
                learned_at=now,
                seen_at=now,
                undone=old is not None and old.undone,
            )
    return list(changed.values())


def _renewed(rule: LearnedRule, counts: Counts, here: bool, now: datetime) -> LearnedRule:
    seen = counts.lines.get(rule.rule_id)
    gone = seen is None or seen.figures is None
    return rule.model_copy(
        update={
            "seen_at": now if here else rule.seen_at,
            "expired_at": rule.expired_at or (now if gone else None),
        }
    )


def _is_boilerplate(text: str, seen: Seen, window: int) -> bool:
    stories = len(seen.stories)
    if seen.figures is None or stories < _OWN_EDGE.stories:
        return False
    at_edge = len(seen.edges) >= 0.8 * stories
    own = voice(text) is not None
    if not (own or at_edge):
        return False
    bar = (_OWN_EDGE if at_edge else _OWN_ANYWHERE) if own else _ANY_EDGE
    return stories >= bar.stories and stories >= bar.share * window


def _texts(block: Piece) -> Iterator[tuple[str, bool]]:
    """The lines of a block, and whether they may be boilerplate."""
    if block.kind == "paragraph":
        yield from ((line, True) for line in block.text.split("\n") if line.strip())
    else:
        yield block.text, block.kind == "list"


def _could_be(text: str) -> bool:
    """Long enough to say something by itself, and neither a quote, a question nor what leads on to the next block."""
    text = text.strip()
    if len(text) > MAX_CHARS or text.startswith(_OPENS) or text.endswith(_LEADS_ON):
        return False
    return len(text) >= _LONG or (len(text.encode("utf-8", "replace")) >= _MIN_BYTES and word_count(text) >= _MIN_WORDS)


def _may_stand_inside(text: str, number: int) -> bool:
    return len(text) <= _MAX_INSIDE and number < _MAX_STORY and voice(text) is not None
