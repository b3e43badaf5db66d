"""Whether two articles are one story, and how they are related. Pure: candidates are data, looked up by the caller."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ingest.dedupe.index import Candidates, Member, order, within_gate
from ingest.dedupe.markers import plain_headline
from ingest.dedupe.signature import tokenize
from ingest.model import Evidence, Relation

LEAD = 40  # shingles; about the first two sentences


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where the lines are drawn, weighed in benchmarks/dedupe_pairs.py. Shares are of the shorter text."""

    short_words: int = 30  # under this, only equal texts with equal headlines, or equal URLs
    min_shared: int = 12  # shingles; about one sentence
    contained: float = 0.55  # enough without further signs
    contained_if_led: float = 0.45  # enough if one's lead is in the other, which holds for a round-up too
    contained_if_alike: float = 0.3  # enough if both open alike, or under one headline
    contained_if_same: float = 0.18  # enough if the lead and the headline are both shared: heavy rewriting
    lead: float = 0.5  # of a lead's shingles in the other text
    headline: float = 0.5
    follow_up_hours: float = 20.0  # a later text that opens anew and repeats an old lead is a follow-up
    part: float = 0.35  # a text shorter than this share of the other is a part of it: an excerpt or a quotation
    excerpt: float = 0.6  # an excerpt is shorter than this share of the original
    growth: float = 1.3  # an update is longer by this
    replaced: float = 0.5  # share of figures or names that were replaced by others: a template …
    replaced_slack: float = 1.5  # … if that is more than this times the share of text that differs, or …
    form_run: float = (
        12.0  # … shingles: if the shared text is in snippets shorter than this, as between a form's blanks
    )
    min_facts: int = 3
    equal_text: float = 0.6  # text this alike with other figures is an update, if it is no template
    same_day_hours: float = 24.0
    stub_words: int = 80  # equal texts shorter than this, of one source, need a likeness of headlines
    alien: float = 0.1  # two texts at one URL that share less are two items


THRESHOLDS = Thresholds()


@dataclass(frozen=True, slots=True)
class Score:
    """How two members agree, 0–1 unless named otherwise. `a` is the article, `b` the candidate."""

    shared: int  # shingles of the shorter that are in the longer
    run: float  # mean length of the stretches that the shorter has in common with the longer, in shingles
    a_in_b: float
    b_in_a: float
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


@dataclass(frozen=True, slots=True)
class Decision:
    relation: Relation
    story_id: str | None  # None: found a new story
    duplicate_of: str | None
    similarity: float | None
    evidence: Evidence
    matched: Member | None = None


def shared_mask(a: Member, b: Member) -> NDArray[np.bool_]:
    """Which of a's shingles b has."""
    if not len(b.shingles):
        return np.zeros(len(a.shingles), np.bool_)
    places = np.searchsorted(b.sorted_shingles, a.shingles)
    mask: NDArray[np.bool_] = b.sorted_shingles[np.minimum(places, len(b.shingles) - 1)] == a.shingles
    return mask


def compare(a: Member, b: Member) -> Score:
    in_b, in_a = shared_mask(a, b), shared_mask(b, a)
    shorter = in_b if len(in_b) <= len(in_a) else in_a
    figures, figures_replaced = _replaced(a.facts.figures, b.facts.figures)
    names, names_replaced = _replaced(a.facts.names, b.facts.names)
    return Score(
        shared=(shared := int(np.count_nonzero(shorter))),
        run=shared / max(_stretches(shorter), 1),
        a_in_b=_share(in_b),
        b_in_a=_share(in_a),
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


def is_template(score: Score, limits: Thresholds = THRESHOLDS) -> bool:
    """True if the facts differ more than the words around them: one form filled in twice.

    What a republisher cuts or adds takes its facts along, so in copies facts and words differ in like measure.
    """
    is_form = score.run < limits.form_run
    line = limits.replaced if is_form else max(limits.replaced, limits.replaced_slack * (1 - score.contained))
    names = score.names >= limits.min_facts and score.names_replaced > line
    figures = score.figures >= limits.min_facts and score.figures_replaced > line
    return names or (figures and not (_developing(score, limits) and not is_form))


def is_same_story(score: Score, limits: Thresholds = THRESHOLDS) -> bool:
    if score.shared < limits.min_shared or is_template(score, limits):
        return False
    alike = score.headline >= limits.headline
    if score.length < limits.part:
        # A quotation, or an item in a round-up, is anywhere in the longer text; an excerpt is its opening.
        opening = score.lead_b if score.growth < 1 else score.lead_a
        return score.contained >= limits.contained and (opening >= limits.lead or (alike and score.lead >= limits.lead))
    if score.contained >= limits.contained:
        return True
    led = score.lead >= limits.lead and not _follow_up(score, limits)
    if led and alike:
        return score.contained >= limits.contained_if_same
    if min(score.lead_a, score.lead_b) >= limits.lead or (alike and score.lead > 0):
        return score.contained >= limits.contained_if_alike
    return led and score.contained >= limits.contained_if_led


def relation_of(score: Score, limits: Thresholds = THRESHOLDS) -> Relation:
    """What a is to b, given that they are one story and neither says that it corrects."""
    if score.growth < limits.excerpt and score.a_in_b >= score.b_in_a:
        return "excerpt"
    if score.growth >= limits.growth and score.hours is not None and score.hours > 0:
        return "update"
    changed = max(score.figures_replaced if score.figures else 0.0, score.names_replaced if score.names else 0.0)
    if score.contained >= limits.equal_text and changed > limits.replaced_slack * (1 - score.contained):
        return "update"
    return "copy"


def decide(member: Member, found: Candidates, *, corrects: bool = False, limits: Thresholds = THRESHOLDS) -> Decision:
    """Identity first, exact content, then near copies. `corrects`: the article says that it is a correction."""
    decision = _by_identity(member, found) or _by_key(member, found, limits) or _by_likeness(member, found, limits)
    if decision is None:
        return Decision("canonical", None, None, None, Evidence(rule="new"))
    if not corrects or decision.evidence.rule == "seen":
        return decision
    note = "marked as a correction"
    return Decision(
        "correction",
        decision.story_id,
        decision.duplicate_of,
        decision.similarity,
        decision.evidence.model_copy(update={"note": note}),
        decision.matched,
    )


def _by_identity(member: Member, found: Candidates) -> Decision | None:
    old = found.itself
    if old is None:
        return None
    if old.version == member.version:  # a run done again decides the same
        return Decision(old.relation, old.story_id, old.duplicate_of, None, Evidence(rule="seen"), old)
    similarity = compare(member, old).contained if len(member.shingles) and len(old.shingles) else None
    evidence = Evidence(rule="version", note=f"version {member.version} after {old.version}")
    return Decision("update", old.story_id, old.duplicate_of, similarity, evidence, old)


def _by_key(member: Member, found: Candidates, limits: Thresholds) -> Decision | None:
    for rule, candidates, fits in (("same-text", found.same_text, _text_fits), ("same-url", found.same_url, _url_fits)):
        for other in candidates:
            score = compare(member, other)
            if fits(member, other, score, limits):
                similarity = 1.0 if rule == "same-text" else score.contained
                return _join(other, score, rule, similarity, "copy")
    return None


def _by_likeness(member: Member, found: Candidates, limits: Thresholds) -> Decision | None:
    if member.word_count < limits.short_words:
        return None
    scored = [(compare(member, other), other) for other in found.near if _comparable(member, other, limits)]
    same = [(score, other) for score, other in scored if is_same_story(score, limits)]
    if not same or _is_round_up(same, limits):
        return None
    score, other = min(same, key=lambda pair: (-pair[0].contained - pair[0].lead, order(pair[1])))
    return _join(other, score, "near-copy", score.contained, relation_of(score, limits))


def _join(other: Member, score: Score, rule: str, similarity: float, relation: Relation) -> Decision:
    return Decision(
        relation=relation,
        story_id=other.story_id,
        duplicate_of=other.stands_for,
        similarity=round(similarity, 4),
        evidence=Evidence(rule=rule, scores=scores_of(score)),
        matched=other,
    )


def scores_of(score: Score) -> dict[str, float]:
    names = ("a_in_b", "b_in_a", "lead_a", "lead_b", "headline", "figures_replaced", "names_replaced", "run")
    scores = {name: round(float(getattr(score, name)), 3) for name in names}
    return scores if score.hours is None else scores | {"hours": round(score.hours, 1)}


def _comparable(a: Member, b: Member, limits: Thresholds) -> bool:
    return b.word_count >= limits.short_words and same_language(a, b) and within_gate(a, b)


def same_language(a: Member, b: Member) -> bool:
    """False only if both say what they are in, and it differs (region and script aside)."""
    return not a.language or not b.language or _primary(a.language) == _primary(b.language)


def _primary(tag: str) -> str:
    return tag.replace("_", "-").partition("-")[0].casefold()


def _text_fits(a: Member, b: Member, score: Score, limits: Thresholds) -> bool:
    if a.word_count < limits.short_words:  # "No delays reported" is true on many days
        return same_language(a, b) and (score.hours is None or abs(score.hours) <= limits.same_day_hours)
    # One source's paywall notice stands in place of many stories.
    return a.source_id != b.source_id or a.word_count >= limits.stub_words or score.headline > 0


def _url_fits(a: Member, b: Member, score: Score, limits: Thresholds) -> bool:
    if not same_language(a, b):
        return False
    if min(a.word_count, b.word_count) >= limits.short_words:
        return score.contained >= limits.alien
    # Two short items of one source at one address: posts of a live page, unless they bear one headline.
    return a.source_id != b.source_id or score.headline >= limits.headline


def _developing(score: Score, limits: Thresholds) -> bool:
    """New figures for the same event: the same day, names and headline, in a text that is otherwise the same."""
    return (
        score.names >= limits.min_facts
        and score.names_replaced <= 1 - score.contained
        and score.headline >= limits.headline
        and score.hours is not None
        and abs(score.hours) <= limits.same_day_hours / 2
    )


def _follow_up(score: Score, limits: Thresholds) -> bool:
    if score.hours is None or abs(score.hours) < limits.follow_up_hours:
        return False
    return (score.lead_a if score.hours > 0 else score.lead_b) < limits.lead


def _is_round_up(same: list[tuple[Score, Member]], limits: Thresholds) -> bool:
    """True if the article holds the texts of several stories, none of which is most of it."""
    inside = {other.story_id for score, other in same if score.growth > 1 and score.a_in_b < limits.contained}
    return len(inside) > 1 and len(inside) == len({other.story_id for _, other in same})


def _replaced(a: frozenset[str], b: frozenset[str]) -> tuple[int, float]:
    """Of the smaller set: its size, and the share for which the other set has something else."""
    fewer = min(len(a), len(b))
    return fewer, min(len(a - b), len(b - a)) / fewer if fewer else 0.0


def _stretches(mask: NDArray[np.bool_]) -> int:
    return int(np.count_nonzero(mask[1:] & ~mask[:-1])) + int(mask[0]) if len(mask) else 0


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
