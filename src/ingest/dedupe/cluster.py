"""A batch of articles into stories.

Articles are taken in the order of their publication, whatever order they came in, and each is compared with the
representatives of stories, never with copies: likeness does not chain. A story's id is a hash of the article that
founded it, so it does not depend on the rest of the batch.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ingest.dedupe.index import NO_ANCHORS, Index, Member, Overlay, order
from ingest.dedupe.markers import is_correction, is_update
from ingest.dedupe.passages import passages
from ingest.dedupe.score import Matcher, scores_of
from ingest.dedupe.signature import NO_TEXT, Signature, Text, sign, text_key, title_of, url_key
from ingest.dedupe.verify import MARKED, ROUND_UP, THRESHOLDS, Decision, decide, relation_of
from ingest.model import Article, Evidence, Relation

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DECIDED = ("story_id", "relation", "duplicate_of", "similarity", "evidence")
KILLED = "what it is a copy of was killed"


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
    text: Text
    decision: Decision | None = None


def story_id_of(article_id: str) -> str:
    """The id of the story that an article founds: 32 hex digits."""
    return hashlib.blake2b(f"story\n{article_id}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def outline(article: Article) -> Article:
    """The article without what `resolve` never looks at, which is most of its memory; so is the set of fields set."""
    left_out = {"blocks": (), "body_html": "", "removed": (), "links": ()}
    return Article.model_construct(_fields_set=set(), **article.__dict__ | left_out)


def told(article: Article, outlined: Article) -> Article:
    """The whole article with what was decided of its outline."""
    return article.model_copy(update={name: getattr(outlined, name) for name in _DECIDED})


def member_of(article: Article, signature: Signature, now: datetime) -> Member:
    """What is needed of an article to compare it, as if it founded a story."""
    published = article.published or article.fetched_at
    represents = signature.length >= THRESHOLDS.short_words
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
        title=title_of(article.headline),
        word_count=signature.length,
        url_key=url_key(article.url),
        text_key=text_key(signature, _short_title(article), _short_words(article)),
        represents=represents,
        text=signature.text,
        anchors=signature.anchors if represents else NO_ANCHORS,
    )


def resolve(articles: Iterable[Article], index: Index, *, now: datetime) -> Resolution:
    """Put every article into a story, founding stories where none fits. Reads the index, writes nothing.

    The outcome does not depend on the order of `articles`. Save `members` with the index once the batch has landed;
    resolving the same batch again then changes nothing. `now` dates members (for expiry) that were never fetched.
    """
    in_turn = placed(list(articles), now)
    overlay, matcher = Overlay(index, [p.member for p in in_turn]), Matcher()
    saved: dict[str, Member] = {}
    for p in _in_time(in_turn):
        found = overlay.candidates(p.member)
        p.decision = decide(p.member, found, matcher, says=_says(p.article))
        p.member = _settled(p, found.itself)
        if p.decision.evidence.rule != "seen" and (found.itself is None or found.itself.version < p.member.version):
            moved = [_moved(other, p.member) for other in p.decision.merged]
            for member in (p.member, *moved):
                overlay.add(member)
                saved[member.article_id] = member
            _follow(in_turn, saved, {old.story_id for old in p.decision.merged}, p.member.story_id)
    _choose_canonicals(in_turn, saved, matcher)
    for p in in_turn:
        p.article = _told(p, matcher)  # in its place: two of each would be much memory
    return Resolution(tuple(p.article for p in in_turn), tuple(saved.values()))


def _moved(part: Member, whole: Member) -> Member:
    """What stood for a story of its own, now in that of the whole that came after it."""
    return replace(part, story_id=whole.story_id, relation="copy", duplicate_of=whole.duplicate_of)


def _follow(in_turn: list[Placed], saved: dict[str, Member], aliases: set[str], story_id: str) -> None:
    """What this batch put into stories that are another's now goes there."""
    for p in in_turn if aliases else ():
        if p.decision is not None and p.member.story_id in aliases:
            p.member = replace(p.member, story_id=story_id)
    saved |= {id_: replace(m, story_id=story_id) for id_, m in saved.items() if m.story_id in aliases}


def placed(articles: list[Article], now: datetime) -> list[Placed]:
    """Each article with what is compared of it, undecided."""
    signatures = sign([article.body_text for article in articles])
    members = [member_of(article, signature, now) for article, signature in zip(articles, signatures, strict=True)]
    return [Placed(i, a, member, member.text) for i, (a, member) in enumerate(zip(articles, members, strict=True))]


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
    )
    if not _represents(p.member, decision):
        settled = replace(settled, represents=False, text=NO_TEXT, anchors=NO_ANCHORS)
    if old is not None and p.article.pub_status == "canceled":  # it retracts the text; copies of it may still arrive
        version = max(old.version, settled.version)
        return replace(old, version=version, relation=settled.relation, duplicate_of=settled.duplicate_of, killed=True)
    return replace(settled, killed=p.article.pub_status == "canceled")


def _represents(member: Member, decision: Decision) -> bool:
    """Founders stand for their story, and so do texts that hold the founder's and much more, as copies may follow."""
    matched = decision.matched
    if not member.represents or decision.evidence.rule == "same-text" or decision.evidence.note == ROUND_UP:
        return False
    if matched is None or decision.story_id == story_id_of(member.article_id):
        return True
    if decision.evidence.rule == "version":
        return matched.represents
    if matched.story_id != story_id_of(matched.article_id):  # not the founder: one step away from it is enough
        return False
    score = decision.score
    return score is not None and score.growth >= THRESHOLDS.growth and score.b_in_a >= THRESHOLDS.contained


def _choose_canonicals(placed: list[Placed], saved: dict[str, Member], matcher: Matcher) -> None:
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
            _crown(min(own, key=lambda p: order(p.member)), founder, members, saved, matcher)


def _says(article: Article) -> Relation | None:
    return "correction" if is_correction(article) else "update" if is_update(article) else None


def _rank(p: Placed) -> Decision | None:
    return p.decision if p.decision is not None and p.decision.relation in ("copy", "update") else None


def _rule(p: Placed) -> str:
    return p.decision.evidence.rule if p.decision else ""


def _crown(chosen: Placed, founder: Placed, members: list[Placed], saved: dict[str, Member], matcher: Matcher) -> None:
    chosen_id, founder_id = chosen.article.article_id, founder.article.article_id
    for p in members:
        decision = p.decision
        if decision is None or founder_id not in {p.article.article_id, decision.duplicate_of}:
            continue
        if p.article.article_id == chosen_id:
            relation = decision.relation if _rule(p) == "version" else "canonical"
            p.decision = replace(decision, relation=relation, duplicate_of=None)
        else:
            p.decision = _beside(p, chosen, decision, matcher)
        p.member = replace(p.member, relation=p.decision.relation, duplicate_of=p.decision.duplicate_of)
        if saved.get(p.article.article_id, p.member).version == p.member.version:
            saved[p.article.article_id] = p.member


def _beside(p: Placed, chosen: Placed, decision: Decision, matcher: Matcher) -> Decision:
    """The decision of a member of the story, now seen from the one chosen as canonical."""
    duplicate_of = chosen.article.article_id
    if _rule(p) == "version" or (decision.evidence.note or "").startswith(MARKED):
        return replace(decision, duplicate_of=duplicate_of)
    canonical = replace(chosen.member, text=chosen.text)
    score = matcher.compare(replace(p.member, text=p.text), canonical)
    rule = "near-copy" if decision.evidence.rule == "new" else decision.evidence.rule
    return Decision(
        relation=relation_of(score),
        story_id=chosen.member.story_id,
        duplicate_of=duplicate_of,
        similarity=round(score.contained, 4),
        evidence=Evidence(rule=rule, scores=scores_of(score), note="the agency's own item is the canonical one"),
        matched=canonical,
    )


def is_agencys_own(article: Article) -> bool:
    """True if the source is the agency that made the item: `provider` is in the source's id ("afp-wire" and "AFP")."""
    provider = _slug(article.provider)
    return bool(provider) and f"-{provider}-" in f"-{_slug(article.source_id)}-"


def _slug(text: str | None) -> str:
    return re.sub(r"\W+|_+", "-", (text or "").casefold()).strip("-")


def _told(p: Placed, matcher: Matcher) -> Article:
    decision, evidence = p.decision, p.decision.evidence if p.decision else None
    assert decision is not None and evidence is not None
    compared = evidence.rule in ("near-copy", "same-url", "version") and p.article.pub_status != "canceled"
    if decision.matched is not None and compared:
        shared = matcher.shared(p.text, decision.matched.text)
        evidence = evidence.model_copy(update={"passages": passages(p.article.body_text, shared, p.text.n)})
    if decision.matched is not None and decision.matched.killed and p.article.pub_status != "canceled":
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
