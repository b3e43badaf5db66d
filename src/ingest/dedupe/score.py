"""How two members agree: measures only, no judgement. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.dedupe.index import Member
from ingest.dedupe.signature import CODES, LEAD, NO_TEXT, Text

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Score:
    """How two members agree, 0–1 unless named otherwise. `a` is the article, `b` the candidate."""

    shared: int  # n-grams of the shorter that are in the longer
    stretches: int  # in which the shorter has them
    run: float  # their mean length; in words, where these are shorter than n-grams: in scripts without spaces
    a_in_b: float
    b_in_a: float
    before: int  # n-grams of a before what it shares
    before_share: float  # the same, of all n-grams of a
    lead_a: float  # share of a's first sentences that b has, anywhere
    lead_b: float
    headline: float
    length: float  # words of the shorter by words of the longer
    figures: int  # of the member that has fewer
    figures_replaced: float  # share of them for which the other has another
    names: int
    names_replaced: float
    growth: float  # words of a by words of b
    hours: float | None  # between them; positive if a is later

    @property
    def contained(self) -> float:
        return max(self.a_in_b, self.b_in_a)

    @property
    def lead(self) -> float:
        return max(self.lead_a, self.lead_b)


class Matcher:
    """Looks n-grams of one text up in another. The table stays, as filling it costs more than reading."""

    def __init__(self) -> None:
        self._table = np.zeros(CODES, np.bool_)
        self._of = NO_TEXT

    def shared(self, text: Text, of: Text) -> Mask:
        """Which of a text's n-grams another has."""
        if of is not self._of:
            self._table[self._of.grams] = False
            self._table[of.grams] = True
            self._of = of
        return self._table.take(text.grams)

    def compare(self, a: Member, b: Member) -> Score:
        in_b = self.shared(a.text, b.text)
        return score_of(a, b, in_b, self.shared(b.text, a.text))


def score_of(a: Member, b: Member, in_b: Mask, in_a: Mask) -> Score:
    """Of two members and which n-grams of each are in the other."""
    of_a, of_b = int(np.count_nonzero(in_b)), int(np.count_nonzero(in_a))
    short, shorter, shared = (a, in_b, of_a) if len(in_b) <= len(in_a) else (b, in_a, of_b)
    figures, figures_replaced = _replaced(a.text.facts.figures, b.text.facts.figures)
    names, names_replaced = _replaced(a.text.facts.names, b.text.facts.names)
    stretches = stretches_of(shorter)
    before = _before(in_b)
    return Score(
        shared=shared,
        stretches=stretches,
        run=shared / max(stretches, 1) * min(short.word_count / max(len(shorter), 1), 1.0),
        before=before,
        before_share=before / max(len(in_b), 1),
        a_in_b=of_a / max(len(in_b), 1),
        b_in_a=of_b / max(len(in_a), 1),
        lead_a=_share(in_b[:LEAD]),
        lead_b=_share(in_a[:LEAD]),
        headline=headline_likeness(a.title, b.title),
        length=min(a.word_count, b.word_count) / max(a.word_count, b.word_count, 1),
        figures=figures,
        figures_replaced=figures_replaced,
        names=names,
        names_replaced=names_replaced,
        growth=a.word_count / max(b.word_count, 1),
        hours=(a.published - b.published).total_seconds() / 3600 if a.published and b.published else None,
    )


def scores_of(score: Score) -> dict[str, float]:
    names = ("a_in_b", "b_in_a", "lead_a", "lead_b", "headline", "figures_replaced", "names_replaced", "run")
    scores = {name: round(float(getattr(score, name)), 3) for name in names}
    return scores if score.hours is None else scores | {"hours": round(score.hours, 1)}


def same_language(a: Member, b: Member) -> bool:
    """False only if both say what they are in, and it differs (region and script aside)."""
    return not a.language or not b.language or _primary(a.language) == _primary(b.language)


def _primary(tag: str) -> str:
    return tag.replace("_", "-").partition("-")[0].casefold()


def _replaced(a: frozenset[int], b: frozenset[int]) -> tuple[int, float]:
    """Of the smaller set: its size, and the share for which the other set has something else."""
    fewer = min(len(a), len(b))
    return fewer, (fewer - len(a & b)) / fewer if fewer else 0.0


def stretches_of(mask: Mask) -> int:
    flags = mask.tobytes()  # on texts of this length much faster than numpy
    return flags.count(b"\0\1") + flags.startswith(b"\1")


def _before(mask: Mask) -> int:
    """How much comes before the shared text; a tenth of that may be stock phrases and does not count."""
    (places,) = mask.nonzero()
    return int(places[len(places) // 10]) if len(places) else len(mask)


def _share(mask: Mask) -> float:
    return int(np.count_nonzero(mask)) / len(mask) if len(mask) else 0.0


def headline_likeness(a: frozenset[int], b: frozenset[int]) -> float:
    """Share of the words that two headlines have in common, of the mean of both; 0 if one is missing."""
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0
