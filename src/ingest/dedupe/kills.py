"""Kills and corrections concern the copies too: who has the text from what was killed, and what may take its place."""

from collections.abc import Iterable, Iterator, Sequence

from ingest.dedupe.index import OWN, Member
from ingest.dedupe.placing import Placed
from ingest.model import Article, Evidence, Relation

KILLED = "what it is a copy of was killed"


def target_of(p: Placed, members: Sequence[Member]) -> Member | None:
    """The member of its story that an article kills or corrects: itself, or an item of its source's or agency's."""
    decision = p.decision
    if decision is None or p.rule == "seen" or not (p.is_kill or decision.relation == "correction"):
        return None
    by_id = {member.article_id: member for member in members}
    if p.rule in ("version", "new"):
        return by_id.get(p.article.article_id)
    target = by_id.get(decision.duplicate_of or "")
    return target if target and (p.member.standing == OWN or p.member.source_id == target.source_id) else None


def concerned(target: Member, members: Sequence[Member]) -> list[Member]:
    """Who of a story has its text from `target`: what is a copy of it or of its copies; all, if an agency made it.

    Where the agency's own item is there, it is what the others have, and a paper that takes back its copy kills none.
    """
    others = [member for member in members if member.article_id != target.article_id]
    own = {member.article_id for member in others if member.standing == OWN and not member.killed}
    if target.standing == OWN:
        return [member for member in others if not {member.article_id, member.duplicate_of} & own]
    return [] if own else list(_from(target.article_id, others))


def _from(article_id: str, others: Sequence[Member]) -> Iterator[Member]:
    had, left = {article_id}, list(others)
    while found := [member for member in left if member.duplicate_of in had]:
        had |= {member.article_id for member in found}
        left = [member for member in left if member.article_id not in had]
        yield from found


def takes_its_place(p: Placed, killed: Member, says: Relation | None, members: Sequence[Member]) -> bool:
    """True of what is like a killed item and is the better text, not the killed one come back.

    That is what its maker sends as a correction or update; and where a paper took back a copy, the agency's own item
    and other copies of that.
    """
    is_own = p.member.standing == OWN
    if says is not None and (is_own or p.member.source_id == killed.source_id):
        return True
    own = [member.killed for member in members if member.standing == OWN]
    return not any(own) and (is_own or bool(own))


def taken_back(articles: Iterable[Article], kills: Iterable[Article]) -> Iterator[Article]:
    """What landed, as it would have landed after the kills that name it: no copy of a killed item heads a story.

    A version that its paper fetched after the kill has been decided with the kill known, and stays as it is.
    """
    by_copy = {id_: kill for kill in kills if kill.evidence for id_ in kill.evidence.copies}
    for article in articles:
        kill = by_copy.get(article.article_id)
        yield article if kill is None or _is_after(article, kill) else _killed(article, kill)


def _is_after(article: Article, kill: Article) -> bool:
    if article.pub_status == "canceled":
        return True
    return bool(article.fetched_at and kill.fetched_at and article.fetched_at > kill.fetched_at)


def _killed(article: Article, kill: Article) -> Article:
    evidence = (article.evidence or Evidence(rule="new")).model_copy(update={"note": KILLED})
    relation = "copy" if article.relation == "canonical" else article.relation
    changed = {"relation": relation, "duplicate_of": kill.article_id, "evidence": evidence}
    return article.model_copy(update=changed)
