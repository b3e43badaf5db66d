"""How two members agree: measures only, no judgement. Pure."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ingest.dedupe.index import Member
from ingest.dedupe.markers import plain_headline
from ingest.dedupe.signature import LEAD, tokenize


@dataclass(frozen=True, slots=True)
class Score:
    """How two members agree, 0–1 unless named otherwise. `a` is the article, `b` the candidate."""

    shared: int  # shingles of the shorter that are in the longer
    stretches: int  # in which the shorter has them
    run: float  # their mean length; in words, where these are shorter than shingles: in scripts without spaces
    a_in_b: float
    b_in_a: float
    before: int  # shingles of the longer text before what it shares
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


def shared_mask(a: Member, b: Member) -> NDArray[np.bool_]:
    """Which of a's shingles b has."""
    if not len(b.shingles):
        return np.zeros(len(a.shingles), np.bool_)
    places = b.sorted_shingles.searchsorted(a.shingles)
    mask: NDArray[np.bool_] = b.sorted_shingles.take(places, mode="clip") == a.shingles
    return mask


def compare(a: Member, b: Member) -> Score:
    in_b, in_a = shared_mask(a, b), shared_mask(b, a)
    of_a, of_b = int(np.count_nonzero(in_b)), int(np.count_nonzero(in_a))
    shorter, longer, shared = (in_b, in_a, of_a) if len(in_b) <= len(in_a) else (in_a, in_b, of_b)
    figures, figures_replaced = _replaced(a.facts.figures, b.facts.figures)
    names, names_replaced = _replaced(a.facts.names, b.facts.names)
    short = a if shorter is in_b else b
    stretches = _stretches(shorter)
    return Score(
        shared=shared,
        stretches=stretches,
        run=shared / max(stretches, 1) * min(short.word_count / max(len(short.shingles), 1), 1.0),
        before=_before(longer),
        a_in_b=of_a / max(len(in_b), 1),
        b_in_a=of_b / max(len(in_a), 1),
        lead_a=_share(in_b[:LEAD]),
        lead_b=_share(in_a[:LEAD]),
        headline=headline_likeness(a.headline, b.headline),
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


def _replaced(a: frozenset[str], b: frozenset[str]) -> tuple[int, float]:
    """Of the smaller set: its size, and the share for which the other set has something else."""
    fewer = min(len(a), len(b))
    return fewer, min(len(a - b), len(b - a)) / fewer if fewer else 0.0


def _stretches(mask: NDArray[np.bool_]) -> int:
    return int(np.count_nonzero(mask[1:] & ~mask[:-1])) + int(mask[0]) if len(mask) else 0


def _before(mask: NDArray[np.bool_]) -> int:
    """How much comes before the shared text; a tenth of that may be stock phrases and does not count."""
    places = np.flatnonzero(mask)
    return int(places[len(places) // 10]) if len(places) else len(mask)


def _share(mask: NDArray[np.bool_]) -> float:
    return int(np.count_nonzero(mask)) / len(mask) if len(mask) else 0.0


def headline_likeness(a: str | None, b: str | None) -> float:
    """Share of the words that two headlines have in common, of the mean of both; 0 if one is missing."""
    one, two = _telling(a), _telling(b)
    return 2 * len(one & two) / (len(one) + len(two)) if one and two else 0.0


@lru_cache(maxsize=20_000)
def _telling(headline: str | None) -> frozenset[str]:
    words = [word.casefold() for word in tokenize(plain_headline(headline or "")).tokens]
    return frozenset([w for w in words if len(w) > 3 or w.isdigit()]) or frozenset(words)
