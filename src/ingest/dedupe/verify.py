"""Whether two articles are one story, and how they are related. Pure: candidates are data, looked up by the caller."""

from dataclasses import dataclass, replace

from ingest.dedupe.index import Candidates, Member, order, within_gate
from ingest.dedupe.score import Score, compare, same_language, scores_of
from ingest.model import Evidence, Relation


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where the lines are drawn, weighed in benchmarks/dedupe_pairs.py. Shares are of the shorter text."""

    short_words: int = 30  # under this, only equal texts with equal headlines, or equal URLs
    equal_words: int = 12  # equal texts from this on may have headlines that are merely alike
    min_shared: int = 12  # shingles; about one sentence
    contained: float = 0.55  # enough without further signs
    contained_at_once: float = 0.45  # enough within `follow_up_hours`
    contained_if_alike: float = 0.3  # enough if both open alike, or under one headline
    contained_if_same: float = 0.18  # enough if the lead and the headline are both shared: heavy rewriting
    lead: float = 0.5  # of a lead's shingles in the other text
    some_lead: float = 0.25  # under one headline; two round-ups have the same every day
    headline: float = 0.5
    akin: float = 0.2  # of two headlines over one short text
    follow_up_hours: float = 20.0  # a later text that opens anew and repeats an old lead is a follow-up
    part: float = 0.35  # a text shorter than this share of the other is a part of it: an excerpt or a quotation
    opening: int = 120  # shingles: an excerpt starts within these, a quotation or an item of a round-up anywhere
    excerpt: float = 0.6  # an excerpt is shorter than this share of the original
    growth: float = 1.3  # an update is longer by this
    replaced: float = 0.55  # share of figures or names that were replaced by others: a template …
    replaced_slack: float = 2.0  # … if that is more than this times the share of text that differs, or …
    form_run: float = 12.0  # … words: if the shared text is in snippets shorter than this, as between a form's blanks
    unbroken_run: float = 60.0  # words: no form goes on for so long without a blank …
    all_contained: float = 0.98  # … and none has so few
    nameless: float = 0.8  # without names to compare (a script without capitals), snippets of less are a form's
    min_facts: int = 3
    changed_slack: float = 1.5  # figures replaced by more than this times the share of text that differs: an update
    equal_text: float = 0.6  # text this alike with other figures is an update, if it is no template
    same_day_hours: float = 24.0
    stub_words: int = 80  # equal texts shorter than this, of one source, need a likeness of headlines
    alien: float = 0.1  # two texts at one URL that share less are two items


THRESHOLDS = Thresholds()
MARKED = "marked as"  # how the note of a decision begins that rests on the article's own word


@dataclass(frozen=True, slots=True)
class Decision:
    relation: Relation
    story_id: str | None  # None: found a new story
    duplicate_of: str | None
    similarity: float | None
    evidence: Evidence
    matched: Member | None = None


def is_template(score: Score, limits: Thresholds = THRESHOLDS) -> bool:
    """True if the facts differ more than the words around them: one form filled in twice.

    What a republisher cuts or adds takes its facts along, so in copies facts and words differ in like measure.
    """
    if score.run >= limits.unbroken_run or score.contained >= limits.all_contained:
        return False
    is_form = score.run < limits.form_run
    if is_form and not score.names and score.contained < limits.nameless:
        return True
    line = limits.replaced if is_form else max(limits.replaced, limits.replaced_slack * (1 - score.contained))
    names = score.names >= limits.min_facts and score.names_replaced > line
    figures = score.figures >= limits.min_facts and score.figures_replaced > line
    return names or (figures and not (_developing(score, limits) and not is_form))


def is_same_story(score: Score, limits: Thresholds = THRESHOLDS) -> bool:
    if score.shared < limits.min_shared or is_template(score, limits):
        return False
    alike = score.headline >= limits.headline
    if score.length < limits.part:
        return score.contained >= limits.contained and score.before <= limits.opening
    at_once = score.hours is None or abs(score.hours) < limits.follow_up_hours
    if score.contained >= (limits.contained_at_once if at_once else limits.contained):
        return True
    if _follow_up(score, limits):
        return False
    if alike and score.lead >= limits.lead:
        return score.contained >= limits.contained_if_same
    alike = alike and score.lead >= limits.some_lead
    return (alike or min(score.lead_a, score.lead_b) >= limits.lead) and score.contained >= limits.contained_if_alike


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
    member: Member, found: Candidates, *, says: Relation | None = None, limits: Thresholds = THRESHOLDS
) -> Decision:
    """Identity first, exact content, then near copies. `says`: what the article calls itself, if anything."""
    decision = _by_identity(member, found) or _by_key(member, found, limits) or _by_likeness(member, found, limits)
    if decision is None:
        return Decision("canonical", None, None, None, Evidence(rule="new"))
    is_told = says == "correction" or (says == "update" and decision.relation == "copy" and _is_near(decision))
    if says is None or not is_told or decision.evidence.rule == "seen":
        return decision
    evidence = decision.evidence.model_copy(update={"note": f"{MARKED} {says}"})
    return replace(decision, relation=says, evidence=evidence)


def _is_near(decision: Decision) -> bool:
    """A near copy, of an earlier text. A verbatim copy of an update is a copy."""
    return decision.evidence.rule == "near-copy" and decision.evidence.scores.get("hours", 1) > 0


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
                # What is equal to an excerpt is one too: `duplicate_of` is the whole story.
                relation: Relation = "excerpt" if rule == "same-text" and other.relation == "excerpt" else "copy"
                return _join(other, score, rule, similarity, relation)
    return None


def _by_likeness(member: Member, found: Candidates, limits: Thresholds) -> Decision | None:
    if member.word_count < limits.short_words:
        return None
    scored = [(compare(member, other), other) for other in found.near if _comparable(member, other, limits)]
    same = [(s, other) for s, other in scored if is_same_story(s, limits) and not _is_stub(member, other, s, limits)]
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


def _comparable(a: Member, b: Member, limits: Thresholds) -> bool:
    return b.word_count >= limits.short_words and same_language(a, b) and within_gate(a, b)


def _text_fits(a: Member, b: Member, score: Score, limits: Thresholds) -> bool:
    if a.word_count < limits.short_words:  # "No delays reported" is true on many days
        at_once = score.hours is None or abs(score.hours) <= limits.same_day_hours
        return at_once and same_language(a, b) and score.headline >= limits.akin
    return not _is_stub(a, b, score, limits)


def _is_stub(a: Member, b: Member, score: Score, limits: Thresholds) -> bool:
    """One source's paywall notice, in place of two stories: little text under two headlines."""
    titled = a.headline is not None and b.headline is not None and score.headline == 0
    return titled and a.source_id == b.source_id and min(a.word_count, b.word_count) < limits.stub_words


def _url_fits(a: Member, b: Member, score: Score, limits: Thresholds) -> bool:
    if not same_language(a, b):
        return False
    if min(a.word_count, b.word_count) >= limits.short_words:
        return score.contained >= limits.alien
    # Two short items of one source at one address: posts of a live page, unless they bear one headline.
    return a.source_id != b.source_id or score.headline == 1


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
