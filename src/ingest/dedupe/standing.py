"""Which item of a story is the canonical one: the agency's own, else the one that others declare, else the first."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlsplit

from ingest.dedupe.index import OWN, PLAIN, REFERS, Member, order
from ingest.model import Article


def standing_of(article: Article) -> int:
    """OWN: the source is the agency that made it. REFERS: a page that names another site's as the canonical one."""
    if is_agencys_own(article):
        return OWN
    return REFERS if _host(article.guid) not in (None, _host(article.url)) else PLAIN


def is_agencys_own(article: Article) -> bool:
    """True if the source is the agency that made the item: `provider` is in the source's id ("afp-wire" and "AFP")."""
    provider = _slug(article.provider or "")
    return bool(provider) and f"-{provider}-" in f"-{_slug(article.source_id)}-"


def elected(members: Sequence[Member]) -> Member:
    """The canonical one of a story's members. What was killed comes last, and an excerpt stands for nothing."""
    declared = declared_urls(members)

    def key(m: Member) -> tuple[bool, bool, bool, bool, tuple[bool, datetime | None, int, str]]:
        return m.killed, m.relation == "excerpt", m.standing != OWN, not is_declared(m, declared), order(m)

    return min(members, key=key)


def declared_urls(members: Iterable[Member]) -> frozenset[int | None]:
    """The pages that others of the story name as canonical."""
    return frozenset(m.url_key for m in members if m.standing == REFERS and m.url_key is not None)


def is_declared(member: Member, urls: frozenset[int | None]) -> bool:
    return member.standing != REFERS and member.url_key in urls


@lru_cache(maxsize=4096)
def _slug(text: str) -> str:
    return re.sub(r"\W+|_+", "-", text.casefold()).strip("-")


def _host(url: str | None) -> str | None:
    if url is None or not url.startswith(("http://", "https://")):
        return None
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.") or None
    except ValueError:  # a bracket that is no IPv6 address
        return None
