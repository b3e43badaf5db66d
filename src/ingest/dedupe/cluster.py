"""A batch of articles into stories.

Articles are taken in the order of their publication, whatever order they came in, and each is compared with the
representatives of stories, never with copies: likeness does not chain. A story's id is a hash of the article that
founded it, so it does not depend on the rest of the batch.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from ingest.dedupe.canonical import choose_canonicals
from ingest.dedupe.index import NO_ANCHORS, Index, Member, Overlay
from ingest.dedupe.kills import KILLED, concerned, takes_its_place, target_of
from ingest.dedupe.markers import is_correction, is_update
from ingest.dedupe.passages import passages
from ingest.dedupe.placing import Placed, in_time, placed, story_id_of
from ingest.dedupe.score import Matcher
from ingest.dedupe.signature import NO_TEXT
from ingest.dedupe.standing import elected
from ingest.dedupe.verify import ROUND_UP, THRESHOLDS, Decision, decide
from ingest.model import Article, Relation

_DECIDED = ("story_id", "relation", "duplicate_of", "similarity", "evidence")


@dataclass(frozen=True, slots=True)
class Resolution:
    """The articles, in the order given, each with its story; and the members to save once they have landed."""

    articles: tuple[Article, ...]
    members: tuple[Member, ...]


def outline(article: Article) -> Article:
    """The article without what `resolve` never looks at, which is most of its memory; so is the set of fields set."""
    left_out = {"blocks": (), "body_html": "", "removed": (), "links": ()}
    return Article.model_construct(_fields_set=set(), **article.__dict__ | left_out)


def told(article: Article, outlined: Article) -> Article:
    """The whole article with what was decided of its outline."""
    return article.model_copy(update={name: getattr(outlined, name) for name in _DECIDED})


def resolve(articles: Iterable[Article], index: Index, *, now: datetime) -> Resolution:
    """Put every article into a story, founding stories where none fits. Reads the index, writes nothing.

    The outcome does not depend on the order of `articles`. Save `members` with the index once the batch has landed;
    resolving the same batch again then changes nothing. `now` dates members (for expiry) that were never fetched.
    """
    in_turn = placed(list(articles), now)
    overlay, matcher = Overlay(index, [p.member for p in in_turn]), Matcher()
    saved: dict[str, Member] = {}
    for p in in_time(in_turn):
        found, says = overlay.candidates(p.member), _says(p.article)
        p.decision = decide(p.member, found, matcher, says=says)
        p.decision = _past_the_killed(p, p.decision, says, overlay)
        p.member = _settled(p, p.decision, found.itself)
        if p.rule != "seen" and (found.itself is None or found.itself.version < p.member.version):
            _keep([p.member, *(_moved(other, p.member) for other in p.decision.merged)], overlay, saved)
            _follow(in_turn, saved, {old.story_id for old in p.decision.merged}, p.member.story_id)
            _pass_on(p, p.decision, in_turn, overlay, saved)
    choose_canonicals(in_turn, saved, matcher)
    for p in in_turn:
        p.article = _told(p, matcher)  # in its place: two of each would be much memory
    return Resolution(tuple(p.article for p in in_turn), tuple(saved.values()))


def _keep(members: Iterable[Member], overlay: Overlay, saved: dict[str, Member]) -> None:
    for member in members:
        overlay.add(member)
        saved[member.article_id] = member


def _past_the_killed(p: Placed, decision: Decision, says: Relation | None, overlay: Overlay) -> Decision:
    """What is like a killed item is killed as well, unless it is to take its place."""
    killed = decision.matched
    if killed is None or not killed.killed or p.is_kill or p.rule == "seen":
        return decision
    if p.rule == "version":
        return replace(decision, killed=p.member.text_key == killed.text_key)
    members = overlay.in_story(killed.story_id)
    if not takes_its_place(p, killed, says, members):
        return replace(decision, killed=True)
    heads = [member for member in members if not member.killed and member.duplicate_of is None]
    if heads:
        return replace(decision, duplicate_of=elected(heads).article_id)
    relation: Relation = decision.relation if decision.relation in ("update", "correction") else "canonical"
    return replace(decision, duplicate_of=None, relation=relation)


def _pass_on(p: Placed, decision: Decision, in_turn: list[Placed], overlay: Overlay, saved: dict[str, Member]) -> None:
    """A kill or a correction names the copies of what it is about; a kill kills them."""
    if not (p.is_kill or decision.relation == "correction"):
        return
    members = overlay.in_story(p.member.story_id)
    target = target_of(p, members)
    if target is None:
        return
    copies = [member for member in concerned(target, members) if member.article_id != p.article.article_id]
    named = tuple(sorted(member.article_id for member in copies))
    p.decision = replace(decision, evidence=decision.evidence.model_copy(update={"copies": named}))
    if p.is_kill:
        _keep((replace(member, killed=True) for member in (target, *copies)), overlay, saved)
        for other in in_turn:
            if other.decision is not None and other.article.article_id in {target.article_id, *named}:
                other.member = replace(other.member, killed=True)


def _moved(part: Member, whole: Member) -> Member:
    """What stood for a story of its own, now in that of the whole that came after it."""
    return replace(part, story_id=whole.story_id, relation="copy", duplicate_of=whole.duplicate_of)


def _follow(in_turn: list[Placed], saved: dict[str, Member], aliases: set[str], story_id: str) -> None:
    """What this batch put into stories that are another's now goes there."""
    if not aliases:
        return
    for p in in_turn:
        if p.decision is not None and p.member.story_id in aliases:
            p.member = replace(p.member, story_id=story_id)
    saved |= {id_: replace(m, story_id=story_id) for id_, m in saved.items() if m.story_id in aliases}


def _settled(p: Placed, decision: Decision, old: Member | None) -> Member:
    """The member as it is saved, with what was decided."""
    if decision.evidence.rule == "seen" and old is not None:
        return old
    if old is not None and p.is_kill:  # it retracts the text; copies of it may still arrive
        version, relation = max(old.version, p.member.version), decision.relation
        return replace(old, version=version, relation=relation, duplicate_of=decision.duplicate_of, killed=True)
    represents = _represents(p.member, decision)
    return replace(
        p.member,
        story_id=decision.story_id or p.member.story_id,
        relation=decision.relation,
        duplicate_of=decision.duplicate_of,
        killed=decision.killed or p.is_kill,
        related=decision.evidence.related,
        represents=represents,
        text=p.member.text if represents else NO_TEXT,
        anchors=p.member.anchors if represents else NO_ANCHORS,
    )


def _represents(member: Member, decision: Decision) -> bool:
    """Founders stand for their story, and so do texts that hold the founder's and much more, as copies may follow."""
    matched, rule = decision.matched, decision.evidence.rule
    if not member.represents or decision.evidence.note == ROUND_UP:
        return False
    if matched is None or decision.story_id == story_id_of(member.article_id):
        return True
    if rule == "version":
        return matched.represents
    if decision.duplicate_of is None:  # in the place of what was killed
        return True
    if rule == "same-text":
        return False
    if matched.story_id != story_id_of(matched.article_id):  # not the founder: one step away from it is enough
        return False
    score = decision.score
    return score is not None and score.growth >= THRESHOLDS.growth and score.b_in_a >= THRESHOLDS.contained


def _says(article: Article) -> Relation | None:
    return "correction" if is_correction(article) else "update" if is_update(article) else None


def _told(p: Placed, matcher: Matcher) -> Article:
    decision, evidence = p.decision, p.decision.evidence if p.decision else None
    assert decision is not None and evidence is not None
    compared = evidence.rule in ("near-copy", "same-url", "version") and not p.is_kill
    if decision.matched is not None and compared:
        shared = matcher.shared(p.text, decision.matched.text)
        evidence = evidence.model_copy(update={"passages": passages(p.article.body_text, shared, p.text.n)})
    if p.member.killed and not p.is_kill:
        evidence = evidence.model_copy(update={"note": KILLED})
    return p.article.model_copy(
        update={
            "story_id": p.member.story_id,
            "relation": decision.relation,
            "duplicate_of": decision.duplicate_of,
            "similarity": decision.similarity,
            "evidence": evidence,
        }
    )
