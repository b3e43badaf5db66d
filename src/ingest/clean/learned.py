"""Boilerplate that one source repeats, as learned from its stories: the rules, and taking out what they name.

How a rule is learned is in `lines`.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from ingest.clean.boilerplate import without_orphans
from ingest.clean.pieces import Piece, lines_of
from ingest.model import Model, Removed, RemovedKind

MAX_CHARS = 500
_RULE = "learned: "
_FIGURES = re.compile(r"\d+")


class LearnedRule(Model):
    """A line that `stories` of the last `window` stories of a source had, the first of them landed on `counted_since`.

    An article is cleaned, in all its versions, with the rules that were in force when it was first seen: a rule that
    comes or expires later makes no new version of it. A rule that a person has undone takes nothing out of any.
    """

    source_id: str
    rule_id: str
    kind: RemovedKind
    text: str  # as printed
    stories: int
    window: int
    counted_since: date
    learned_at: datetime
    seen_at: datetime  # when a story that has it landed last
    expired_at: datetime | None = None
    undone: bool = False

    @property
    def name(self) -> str:
        """What is written beside each line that it takes out."""
        return f"{_RULE}{self.stories} of {self.window} stories since {self.counted_since} ({self.rule_id})"

    @property
    def state(self) -> str:
        return "undone" if self.undone else "expired" if self.expired_at else "active"


Learned = Mapping[str, LearnedRule]  # by `plain_line` of what they take out
NOTHING: Learned = {}


def in_force(rules: Iterable[LearnedRule], first_seen: datetime) -> Learned:
    """The rules for an article that was first seen at this time."""
    return {
        plain_line(rule.text): rule
        for rule in rules
        if not rule.undone and rule.learned_at <= first_seen and (not rule.expired_at or first_seen < rule.expired_at)
    }


def plain_line(text: str) -> str:
    """A line without regard to case and white space."""
    return " ".join(text.casefold().split())


def line_id(text: str) -> str:
    """The same for lines that differ in case, white space or figures only. 12 hex digits."""
    folded = _FIGURES.sub("0", plain_line(text))
    return hashlib.blake2b(folded.encode("utf-8", "replace"), digest_size=6).hexdigest()


def is_learned(removed: Removed) -> bool:
    return removed.rule.startswith(_RULE)


def take_learned(pieces: Sequence[Piece], learned: Learned) -> tuple[tuple[Piece, ...], tuple[Removed, ...]]:
    """The pieces that stay, and the lines that go.

    If more than half of the text would go, nothing does: then the line is what there is to tell.
    """
    if not learned:
        return tuple(pieces), ()
    kept: list[Piece] = []
    removed: list[Removed] = []
    for piece in _split(pieces, learned):
        rule = _rule_of(piece, learned)
        if rule:
            removed.append(Removed(kind=rule.kind, text=piece.text, rule=rule.name))
        else:
            kept.append(piece)
    left = sum(len(piece.text) for piece in kept if piece.kind != "image")
    if sum(len(item.text) for item in removed) > left:
        return tuple(pieces), ()
    return without_orphans(kept, removed)


def _rule_of(piece: Piece, learned: Learned) -> LearnedRule | None:
    if piece.kind not in ("paragraph", "list"):
        return None
    text = piece.text
    return learned.get(plain_line(text)) if len(text) <= MAX_CHARS else None


def _split(pieces: Sequence[Piece], learned: Learned) -> list[Piece]:
    """Paragraphs of lines, one of which is to go, as a piece a line."""
    out: list[Piece] = []
    for piece in pieces:
        text = piece.text if piece.prose else ""
        if "\n" in text and any(plain_line(line) in learned for line in text.split("\n")):
            out.extend(lines_of(piece))
        else:
            out.append(piece)
    return out
