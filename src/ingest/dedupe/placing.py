"""The articles of a batch as they are compared, and in which turn."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from ingest.dedupe.index import NO_ANCHORS, Member
from ingest.dedupe.signature import Signature, Text, sign, text_key, title_of, url_key
from ingest.dedupe.standing import standing_of
from ingest.dedupe.verify import THRESHOLDS, Decision
from ingest.model import Article

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Placed:
    """An article on its way through a batch."""

    place: int  # in the input
    article: Article
    member: Member
    text: Text
    decision: Decision | None = None

    @property
    def rule(self) -> str:
        return self.decision.evidence.rule if self.decision else ""

    @property
    def is_kill(self) -> bool:
        return self.article.pub_status == "canceled"


def story_id_of(article_id: str) -> str:
    """The id of the story that an article founds: 32 hex digits."""
    return hashlib.blake2b(f"story\n{article_id}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def placed(articles: list[Article], now: datetime) -> list[Placed]:
    """Each article with what is compared of it, undecided."""
    signatures = sign([article.body_text for article in articles])
    members = [member_of(article, signature, now) for article, signature in zip(articles, signatures, strict=True)]
    return [Placed(i, a, member, member.text) for i, (a, member) in enumerate(zip(articles, members, strict=True))]


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
        standing=standing_of(article),
        text=signature.text,
        anchors=signature.anchors if represents else NO_ANCHORS,
    )


def in_time(placed: list[Placed]) -> list[Placed]:
    """In `order`, but no version before a lower one of its item, and later versions after other items of their time."""
    latest: dict[str, datetime] = {}
    keyed: list[tuple[tuple[object, ...], Placed]] = []
    for p in sorted(placed, key=lambda p: (p.article.article_id, p.article.version, p.article.content_hash)):
        id_, when = p.article.article_id, p.member.published or _EPOCH
        again = id_ in latest
        latest[id_] = max(when, latest.get(id_, when))
        keyed.append(((latest[id_], again, -p.member.word_count, id_, p.article.version, p.article.content_hash), p))
    return [p for _, p in sorted(keyed, key=lambda pair: pair[0])]


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
