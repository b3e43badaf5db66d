"""The canonical item of stories that a batch founds: others than the first may have the better claim."""

from collections.abc import Sequence
from dataclasses import replace

from ingest.dedupe.index import OWN, Member, order
from ingest.dedupe.placing import Placed, story_id_of
from ingest.dedupe.score import Matcher, scores_of
from ingest.dedupe.standing import declared_urls, is_declared
from ingest.dedupe.verify import MARKED, Decision, relation_of
from ingest.model import Evidence

AGENCYS = "the agency's own item is the canonical one"
DECLARED = "the item that others name as canonical is the canonical one"


def choose_canonicals(placed: Sequence[Placed], saved: dict[str, Member], matcher: Matcher) -> None:
    """In stories that this batch founded, put the agency's own item, or the declared one, in the founder's place."""
    stories: dict[str, list[Placed]] = {}
    for p in placed:
        stories.setdefault(p.member.story_id, []).append(p)
    for story_id, members in stories.items():
        if len(members) < 2:
            continue
        founder = next((p for p in members if p.rule == "new" and story_id_of(p.article.article_id) == story_id), None)
        if founder is not None and (found := _better(founder, members)):
            _crown(*found, founder, members, saved, matcher)


def _better(founder: Placed, members: Sequence[Placed]) -> tuple[Placed, str] | None:
    """Whose claim is better than the founder's, and why."""
    said = founder.article.provider  # one that names another agency is not this one's copy
    declared = declared_urls(p.member for p in members)
    if founder.member.standing == OWN:
        return None
    standing = [p for p in members if _may_stand(p)]
    own = [p for p in standing if p.member.standing == OWN and said in (None, p.article.provider)]
    if own:
        return min(own, key=lambda p: order(p.member)), AGENCYS
    if is_declared(founder.member, declared):
        return None
    named = [p for p in standing if is_declared(p.member, declared)]
    return (min(named, key=lambda p: order(p.member)), DECLARED) if named else None


def _may_stand(p: Placed) -> bool:
    return (
        p.decision is not None
        and p.decision.relation in ("copy", "update")
        and p.rule != "version"
        and not p.member.killed
    )


def _crown(
    chosen: Placed, why: str, founder: Placed, members: Sequence[Placed], saved: dict[str, Member], matcher: Matcher
) -> None:
    chosen_id, founder_id = chosen.article.article_id, founder.article.article_id
    for p in members:
        decision = p.decision
        if decision is None or founder_id not in {p.article.article_id, decision.duplicate_of}:
            continue
        if p.article.article_id == chosen_id:
            relation = decision.relation if p.rule == "version" else "canonical"
            p.decision = replace(decision, relation=relation, duplicate_of=None)
        else:
            p.decision = _beside(p, chosen, why, decision, matcher)
        p.member = replace(p.member, relation=p.decision.relation, duplicate_of=p.decision.duplicate_of)
        if saved.get(p.article.article_id, p.member).version == p.member.version:
            saved[p.article.article_id] = p.member


def _beside(p: Placed, chosen: Placed, why: str, decision: Decision, matcher: Matcher) -> Decision:
    """The decision of a member of the story, now seen from the one chosen as canonical."""
    duplicate_of = chosen.article.article_id
    if p.rule == "version" or (decision.evidence.note or "").startswith(MARKED):
        return replace(decision, duplicate_of=duplicate_of)
    canonical = replace(chosen.member, text=chosen.text)
    score = matcher.compare(replace(p.member, text=p.text), canonical)
    rule = "near-copy" if decision.evidence.rule == "new" else decision.evidence.rule
    return Decision(
        relation=relation_of(score),
        story_id=chosen.member.story_id,
        duplicate_of=duplicate_of,
        similarity=round(score.contained, 4),
        evidence=Evidence(rule=rule, scores=scores_of(score), note=why, related=decision.evidence.related),
        matched=canonical,
    )
