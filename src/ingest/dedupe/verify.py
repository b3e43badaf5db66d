"""Whether two articles are one story, and how they are related. Pure: candidates are data, looked up by the caller."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ingest.dedupe.index import Candidates, Member, order, within_gate
from ingest.dedupe.likeness import SNIPPET, likelihood, threshold
from ingest.dedupe.score import Mask, Matcher, Score, same_language, score_of, scores_of, stretches_of
from ingest.model import Evidence, Relation


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where the lines are drawn that `likeness` does not draw. Shares are of the shorter text."""

    short_words: int = 30  # under this, only equal texts with equal headlines, or equal URLs
    equal_words: int = 12  # equal texts from this on may have headlines that are merely alike
    min_shared: int = 12  # n-grams; about one sentence
    min_contained: float = 0.15  # less is not worth a score
    passage: int = 20  # n-grams in long stretches: what makes another story a related one
    contained: float = 0.55  # most of a text
    akin: float = 0.2  # of two headlines over one short text
    excerpt: float = 0.6  # an excerpt is shorter than this share of the original
    growth: float = 1.3  # an update is longer by this
    changed_slack: float = 1.5  # figures replaced by more than this times the share of text that differs: an update
    equal_text: float = 0.6  # text this alike with other figures is an update
    same_day_hours: float = 24.0
    stub_words: int = 80  # equal texts shorter than this, of one source, need a likeness of headlines
    alien: float = 0.1  # two texts at one URL that share less are two items
    merging: float = 0.9  # likelihood of the pairs that make one story of two
    round_up: int = 3  # stories that a text has something of, each of another passage: none of them is its own


THRESHOLDS = Thresholds()
ROUND_UP = "a round-up of several stories"
MARKED = "marked as"  # how the note of a decision begins that rests on the article's own word


@dataclass(frozen=True, slots=True)
class Decision:
    relation: Relation
    story_id: str | None  # None: found a new story
    duplicate_of: str | None
    similarity: float | None
    evidence: Evidence
    matched: Member | None = None
    score: Score | None = None  # of the article with what it matched
    merged: tuple[Member, ...] = ()  # what stands for other stories that turn out to be this one
    killed: bool = False  # it has the text of a killed item


@dataclass(frozen=True, slots=True)
class Pair:
    other: Member
    shared: Mask  # which of the member's n-grams it has
    score: Score
    judged: Score  # the same, from the view of the later of the two


def relation_of(score: Score, limits: Thresholds = THRESHOLDS) -> Relation:
    """What a is to b, given that they are one story and neither says that it corrects."""
    if score.growth < limits.excerpt and score.a_in_b >= score.b_in_a:
        return "excerpt"
    if score.growth >= limits.growth and score.hours is not None and score.hours > 0:
        return "update"
    # One unbroken passage with other figures around it is a copy with a promo line, say, not an update.
    broken, changed = score.stretches > 1, score.figures_replaced
    if broken and score.contained >= limits.equal_text and changed > limits.changed_slack * (1 - score.contained):
        return "update"
    return "copy"


def decide(
    member: Member,
    found: Candidates,
    matcher: Matcher,
    *,
    says: Relation | None = None,
    limits: Thresholds = THRESHOLDS,
) -> Decision:
    """Identity first, exact content, then near copies. `says`: what the article calls itself, if anything."""
    decision = (
        _by_identity(member, found, matcher)
        or _by_key(member, found, matcher, limits)
        or _by_likeness(member, found, matcher, limits)
    )
    is_told = says == "correction" or (says == "update" and decision.relation == "copy" and _is_near(decision))
    if says is None or not is_told or decision.evidence.rule in ("seen", "new"):
        return decision
    evidence = decision.evidence.model_copy(update={"note": f"{MARKED} {says}"})
    return replace(decision, relation=says, evidence=evidence)


def _is_near(decision: Decision) -> bool:
    """A near copy, of an earlier text. A verbatim copy of an update is a copy."""
    return decision.evidence.rule == "near-copy" and decision.evidence.scores.get("hours", 1) > 0


def _by_identity(member: Member, found: Candidates, matcher: Matcher) -> Decision | None:
    old = found.itself
    if old is None:
        return None
    if old.version == member.version:  # a run done again decides the same
        return Decision(old.relation, old.story_id, old.duplicate_of, None, Evidence(rule="seen"), old)
    similarity = matcher.compare(member, old).contained if len(member.text) and len(old.text) else None
    evidence = Evidence(rule="version", note=f"version {member.version} after {old.version}")
    return Decision("update", old.story_id, old.duplicate_of, similarity, evidence, old)


def _by_key(member: Member, found: Candidates, matcher: Matcher, limits: Thresholds) -> Decision | None:
    for other in found.same_text:
        score = matcher.compare(member, replace(other, text=member.text))
        if _text_fits(member, other, score, limits):
            # What is equal to an excerpt is one too: `duplicate_of` is the whole story.
            return _join(other, score, "same-text", 1.0, "excerpt" if other.relation == "excerpt" else "copy")
    for other in found.same_url:
        score = matcher.compare(member, other)
        if _url_fits(member, other, score, limits):
            return _join(other, score, "same-url", score.contained, "copy")
    return None


def _by_likeness(member: Member, found: Candidates, matcher: Matcher, limits: Thresholds) -> Decision:
    if member.word_count < limits.short_words or not found.near:
        return Decision("canonical", None, None, None, Evidence(rule="new"))
    comparable = [other for other in found.near if _comparable(member, other, limits)]
    within = [(other, matcher.shared(other.text, member.text)) for other in comparable]
    pairs = _pairs(member, within, matcher, limits)
    decision = _likeliest(member, pairs, limits)
    parts = {decision.story_id, *(part.story_id for part in decision.merged)}
    others = [(other.story_id, shared) for other, shared in within if other.story_id not in parts]
    related = tuple(dict.fromkeys(story_id for story_id, shared in others if _has_passage(shared, limits)))
    if not related:
        return decision
    return replace(decision, evidence=decision.evidence.model_copy(update={"related": related}))


def _likeliest(member: Member, pairs: Sequence[Pair], limits: Thresholds) -> Decision:
    likely = [(likelihood(pair.judged), pair) for pair in pairs]
    same = [
        (p, pair) for p, pair in likely if p >= threshold() and not _is_stub(member, pair.other, pair.score, limits)
    ]
    if _is_round_up(pairs, limits):
        return Decision("canonical", None, None, None, Evidence(rule="new", note=ROUND_UP))
    if not same:
        return Decision("canonical", None, None, None, Evidence(rule="new"))
    p, pair = min(same, key=lambda one: _nearest(one[1]))
    decision = _join(pair.other, pair.score, "near-copy", pair.score.contained, relation_of(pair.score, limits))
    decision.evidence.scores["likelihood"] = round(p, 3)
    return _merging(member, decision, [pair for p, pair in same if p >= limits.merging], limits)


def _nearest(pair: Pair) -> tuple[float, float, tuple[object, ...]]:
    """Sort key: what holds most of the other, from its lead on. What has two of these whole is the round-up of them."""
    return -pair.score.contained - pair.score.lead, -pair.score.b_in_a, order(pair.other)


def _has_passage(shared: Mask, limits: Thresholds) -> bool:
    """True of an excerpt, a quotation, a round-up's part; not of a form, of which no stretch is long."""
    count = int(np.count_nonzero(shared))
    return count >= limits.passage and count >= SNIPPET * stretches_of(shared)


def _merging(member: Member, decision: Decision, same: Sequence[Pair], limits: Thresholds) -> Decision:
    """A text that comes late, after copies of its parts that share nothing, makes one story of theirs."""
    parts = [
        pair.other
        for pair in same
        if pair.score.hours is not None and pair.score.hours <= 0 and pair.score.b_in_a >= limits.contained
    ]
    parts = sorted(parts, key=order)
    if len({part.story_id for part in parts}) < 2 or decision.matched not in parts:
        return decision
    oldest = parts[0]
    merged = tuple(part for part in parts if part.story_id != oldest.story_id)
    return replace(decision, story_id=oldest.story_id, duplicate_of=oldest.stands_for, merged=merged)


def _pairs(member: Member, within: Sequence[tuple[Member, Mask]], matcher: Matcher, limits: Thresholds) -> list[Pair]:
    """Those that share enough to be worth a score. Most do not, and that is seen at once."""
    return [
        _pair(member, other, matcher.shared(member.text, other.text), in_member)
        for other, in_member in within
        if np.count_nonzero(in_member)
        >= max(limits.min_shared, limits.min_contained * min(len(member.text), len(other.text)))
    ]


def _pair(member: Member, other: Member, in_other: Mask, in_member: Mask) -> Pair:
    score = score_of(member, other, in_other, in_member)
    is_earlier = score.hours is not None and score.hours < 0
    judged = score_of(other, member, in_member, in_other) if is_earlier else score
    return Pair(other, in_other, score, judged)


def _join(other: Member, score: Score, rule: str, similarity: float, relation: Relation) -> Decision:
    return Decision(
        relation=relation,
        story_id=other.story_id,
        duplicate_of=other.stands_for,
        similarity=round(similarity, 4),
        evidence=Evidence(rule=rule, scores=scores_of(score)),
        matched=other,
        score=score,
    )


def _comparable(a: Member, b: Member, limits: Thresholds) -> bool:
    return b.word_count >= limits.short_words and same_language(a, b) and within_gate(a, b)


def _text_fits(a: Member, b: Member, score: Score, limits: Thresholds) -> bool:
    if a.word_count < limits.short_words:  # "No delays reported" is true on many days
        at_once = score.hours is None or abs(score.hours) <= limits.same_day_hours
        return at_once and same_language(a, b) and score.headline >= limits.akin
    return not _is_stub(a, b, score, limits)


def _is_stub(a: Member, b: Member, score: Score, limits: Thresholds) -> bool:
    """One source's paywall notice, in place of two stories: little text under two headlines."""
    titled = bool(a.title and b.title) and score.headline == 0
    return titled and a.source_id == b.source_id and min(a.word_count, b.word_count) < limits.stub_words


def _url_fits(a: Member, b: Member, score: Score, limits: Thresholds) -> bool:
    if not same_language(a, b):
        return False
    if min(a.word_count, b.word_count) >= limits.short_words:
        return score.contained >= limits.alien
    # Two short items of one source at one address: posts of a live page, unless they bear one headline.
    return a.source_id != b.source_id or score.headline == 1


def _is_round_up(pairs: Sequence[Pair], limits: Thresholds) -> bool:
    """True if the article has something of several stories, each elsewhere in it, and most of it is of none."""
    if len({pair.other.story_id for pair in pairs}) < limits.round_up:
        return False
    told: dict[str, Mask] = {}
    for pair in sorted(pairs, key=lambda pair: -pair.score.a_in_b):
        if pair.score.a_in_b >= limits.contained:
            return False
        rest = pair.shared & ~np.logical_or.reduce([*told.values(), np.zeros_like(pair.shared)])
        if pair.other.story_id not in told and np.count_nonzero(rest) >= limits.min_shared:
            told[pair.other.story_id] = pair.shared
    return len(told) >= limits.round_up
