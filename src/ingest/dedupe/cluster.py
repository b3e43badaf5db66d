"""A batch of articles into stories.

Articles are taken in the order of their publication, whatever order they came in, and each is compared with the
representatives of stories, never with copies: likeness does not chain. A story's id is a hash of the article that
founded it, so it does not depend on the rest of the batch.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from ingest.dedupe.index import Index, Member, Overlay, order
from ingest.dedupe.markers import is_correction, is_update
from ingest.dedupe.score import compare, scores_of, shared_mask
from ingest.dedupe.signature import anchors_of, digest, passages, sign, text_key, url_key
from ingest.dedupe.verify import MARKED, THRESHOLDS, Decision, decide, relation_of
from ingest.model import Article, Evidence, Relation

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NONE = np.empty(0, np.uint32)
_DECIDED = ("story_id", "relation", "duplicate_of", "similarity", "evidence")
NEW_TEXT = 0.25  # an update with more new text than this becomes a representative: copies of it may come


@dataclass(frozen=True, slots=True)
class Resolution:
    """The articles, in the order given, each with its story; and the members to save once they have landed."""

    articles: tuple[Article, ...]
    members: tuple[Member, ...]


@dataclass(slots=True)
class Placed:
    """An article on its way through a batch."""

    place: int  # in the input
    article: Article
    member: Member
    decision: Decision | None = None


def story_id_of(article_id: str) -> str:
    """The id of the story that an article founds: 32 hex digits."""
    return digest(f"story\n{article_id}")


def outline(article: Article) -> Article:
    """The article without what `resolve` never looks at, which is most of its memory; so is the set of fields set."""
    left_out = {"blocks": (), "body_html": "", "removed": (), "links": ()}
    return Article.model_construct(_fields_set=set(), **article.__dict__ | left_out)


def told(article: Article, outlined: Article) -> Article:
    """The whole article with what was decided of its outline."""
    return article.model_copy(update={name: getattr(outlined, name) for name in _DECIDED})


def member_of(article: Article, now: datetime) -> Member:
    """What is needed of an article to compare it, as if it founded a story."""
    signature = sign(article.body_text)
    published = article.published or article.fetched_at
    return Member(
        article_id=article.article_id,
        story_id=story_id_of(article.article_id),
        source_id=article.source_id,
        version=article.version,
        relation="canonical",
        duplicate_of=None,
        published=_utc(published) if published else None,
        day=(_utc(article.fetched_at or now) - _EPOCH).days,
        language=article.language,
        headline=article.headline,
        word_count=signature.words,
        url_key=url_key(article.url),
        text_key=text_key(signature, _short_title(article), _short_words(article)),
        shingles=signature.shingles,
        facts=signature.facts,
        anchors=anchors_of(signature.shingles) if signature.words >= THRESHOLDS.short_words else _NONE,
    )


def resolve(articles: Iterable[Article], index: Index, *, now: datetime) -> Resolution:
    """Put every article into a story, founding stories where none fits. Reads the index, writes nothing.

    The outcome does not depend on the order of `articles`. Save `members` with the index once the batch has landed;
    resolving the same batch again then changes nothing. `now` dates members (for expiry) that were never fetched.
    """
    placed = [Placed(place, article, member_of(article, now)) for place, article in enumerate(articles)]
    overlay = Overlay(index, [p.member for p in placed])
    saved: dict[str, Member] = {}
    for p in _in_time(placed):
        found = overlay.candidates(p.member)
        p.decision = decide(p.member, found, says=_says(p.article))
        p.member = _settled(p, found.itself)
        if p.decision.evidence.rule != "seen" and (found.itself is None or found.itself.version < p.member.version):
            overlay.add(p.member)
            saved[p.member.article_id] = p.member
    _choose_canonicals(placed, saved)
    for p in placed:
        p.article = _told(p)  # in its place: two of each would be much memory
    return Resolution(tuple(p.article for p in placed), tuple(saved.values()))


def _in_time(placed: list[Placed]) -> list[Placed]:
    """In `order`, but no version before a lower one of its item, and later versions after other items of their time."""
    latest: dict[str, datetime] = {}
    keyed: list[tuple[tuple[object, ...], Placed]] = []
    for p in sorted(placed, key=lambda p: (p.article.article_id, p.article.version, p.article.content_hash)):
        id_, when = p.article.article_id, p.member.published or _EPOCH
        again = id_ in latest
        latest[id_] = max(when, latest.get(id_, when))
        keyed.append(((latest[id_], again, -p.member.word_count, id_, p.article.version, p.article.content_hash), p))
    return [p for _, p in sorted(keyed, key=lambda pair: pair[0])]


def _settled(p: Placed, old: Member | None) -> Member:
    """The member as it is saved, with what was decided."""
    decision = p.decision
    assert decision is not None
    if decision.evidence.rule == "seen" and old is not None:
        return old
    settled = replace(
        p.member,
        story_id=decision.story_id or p.member.story_id,
        relation=decision.relation,
        duplicate_of=decision.duplicate_of,
        anchors=p.member.anchors if _represents(p.member, decision) else _NONE,
    )
    if old is not None and p.article.pub_status == "canceled":  # it retracts the text; copies of it may still arrive
        return replace(
            old, version=max(old.version, settled.version), relation=settled.relation, duplicate_of=settled.duplicate_of
        )
    return settled


def _represents(member: Member, decision: Decision) -> bool:
    """Founders stand for their story, and so do texts that hold the founder's and much more, as copies may follow."""
    matched = decision.matched
    if matched is None or decision.story_id == story_id_of(member.article_id):
        return True
    if decision.evidence.rule == "version":
        return len(matched.anchors) > 0
    if matched.story_id != story_id_of(matched.article_id):  # not the founder: one step away from it is enough
        return False
    score = compare(member, matched)
    return score.growth >= THRESHOLDS.growth and score.b_in_a >= THRESHOLDS.contained


def _choose_canonicals(placed: list[Placed], saved: dict[str, Member]) -> None:
    """In stories that this batch founded, make the agency's own item the canonical one if a copy came earlier."""
    stories: dict[str, list[Placed]] = {}
    for p in placed:
        stories.setdefault(p.member.story_id, []).append(p)
    for story_id, members in stories.items():
        founder = next(
            (p for p in members if story_id_of(p.article.article_id) == story_id and _rule(p) == "new"), None
        )
        if founder is None or is_agencys_own(founder.article):
            continue
        said = founder.article.provider  # one that names another agency is not this one's copy
        own = [
            p
            for p in members
            if is_agencys_own(p.article)
            and _rule(p) != "version"
            and _rank(p) is not None
            and said in (None, p.article.provider)
        ]
        if own:
            _crown(min(own, key=lambda p: order(p.member)), founder, members, saved)


def _says(article: Article) -> Relation | None:
    return "correction" if is_correction(article) else "update" if is_update(article) else None


def _rank(p: Placed) -> Decision | None:
    return p.decision if p.decision is not None and p.decision.relation in ("copy", "update") else None


def _rule(p: Placed) -> str:
    return p.decision.evidence.rule if p.decision else ""


def _crown(chosen: Placed, founder: Placed, members: list[Placed], saved: dict[str, Member]) -> None:
    chosen_id, founder_id = chosen.article.article_id, founder.article.article_id
    for p in members:
        decision = p.decision
        if decision is None or founder_id not in {p.article.article_id, decision.duplicate_of}:
            continue
        if p.article.article_id == chosen_id:
            relation = decision.relation if _rule(p) == "version" else "canonical"
            p.decision = replace(decision, relation=relation, duplicate_of=None)
        else:
            p.decision = _beside(p, chosen, decision)
        p.member = replace(p.member, relation=p.decision.relation, duplicate_of=p.decision.duplicate_of)
        if saved.get(p.article.article_id, p.member).version == p.member.version:
            saved[p.article.article_id] = p.member


def _beside(p: Placed, chosen: Placed, decision: Decision) -> Decision:
    """The decision of a member of the story, now seen from the one chosen as canonical."""
    duplicate_of = chosen.article.article_id
    if _rule(p) == "version" or (decision.evidence.note or "").startswith(MARKED):
        return replace(decision, duplicate_of=duplicate_of)
    score = compare(p.member, chosen.member)
    rule = "near-copy" if decision.evidence.rule == "new" else decision.evidence.rule
    return Decision(
        relation=relation_of(score),
        story_id=chosen.member.story_id,
        duplicate_of=duplicate_of,
        similarity=round(score.contained, 4),
        evidence=Evidence(rule=rule, scores=scores_of(score), note="the agency's own item is the canonical one"),
        matched=chosen.member,
    )


def is_agencys_own(article: Article) -> bool:
    """True if the source is the agency that made the item: `provider` is in the source's id ("afp-wire" and "AFP")."""
    provider = _slug(article.provider)
    return bool(provider) and f"-{provider}-" in f"-{_slug(article.source_id)}-"


def _slug(text: str | None) -> str:
    return re.sub(r"\W+|_+", "-", (text or "").casefold()).strip("-")


def _told(p: Placed) -> Article:
    decision, evidence = p.decision, p.decision.evidence if p.decision else None
    assert decision is not None and evidence is not None
    compared = evidence.rule in ("near-copy", "same-url", "version") and p.article.pub_status != "canceled"
    if decision.matched is not None and compared:
        shared = shared_mask(p.member, decision.matched)
        evidence = evidence.model_copy(update={"passages": passages(p.article.body_text, shared)})
    return p.article.model_copy(
        update={
            "story_id": p.member.story_id,
            "relation": decision.relation,
            "duplicate_of": decision.duplicate_of,
            "similarity": decision.similarity,
            "evidence": evidence,
        }
    )


def _short_title(article: Article) -> str | None:
    """The headline, and for pictures their addresses: two pictures under one headline are two items."""
    urls = [image.url for image in article.images if image.url] if article.type != "text" else []
    return " ".join([article.headline or "", *urls]) or None


def _short_words(article: Article) -> int:
    """Up to here the headline is part of the key. Pictures of one event often have one caption."""
    return THRESHOLDS.equal_words if article.type == "text" else THRESHOLDS.short_words


def _utc(when: datetime) -> datetime:
    """Times without a zone are UTC."""
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
