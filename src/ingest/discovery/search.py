"""Ask the candidates of a site and tell which are feeds."""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from urllib.parse import urljoin

from pydantic import Field

from ingest.discovery.candidates import Candidate, How, candidates, sitemaps, usual_places
from ingest.errors import IngestError
from ingest.fetch import HttpFetcher, Response
from ingest.model import Limits, Model, Parsed, Payload
from ingest.parse import parse

MAX_ASKED = 24  # addresses of one site, the page and its robots.txt apart
_ENOUGH = 3  # feeds found in what a page says end the search in the usual places
_FEW_WORDS = 80  # an item of fewer is a teaser


class Found(Model):
    """A feed that answers, and what is in it now."""

    url: str
    how: How
    title: str | None = None
    format: str
    items: int
    newest: datetime | None = None
    full_text: bool = False  # most items hold a whole story
    hub: bool = False  # it names a WebSub hub
    comments: bool = False
    content: str = Field("", exclude=True, repr=False)  # what its items are


async def discover(url: str, fetcher: HttpFetcher, limits: Limits, now: datetime) -> list[Found]:
    """The feeds of the site that `url` is a page of, the best first; `url` alone if it is a feed itself.

    The order: not of comments, declared before linked before guessed, news sitemaps last. Raises as `HttpFetcher.get`
    does if `url` gives no answer; a candidate that gives none is no feed.
    """
    answer = await fetcher.get(url, limits, fetch_time=now)
    if own := _found(Candidate(url, "itself"), answer):
        return [own]
    html = answer.body.decode("utf-8", "replace")
    asked: set[str] = set()
    found = await _asked(candidates(html, answer.url), asked, fetcher, limits, now)
    if sum(not one.comments for one in found) < _ENOUGH:
        found += await _asked(await _of_robots(answer.url, fetcher, limits, now), asked, fetcher, limits, now)
    if not any(not one.comments and one.how != "robots.txt" for one in found):
        found += await _asked(usual_places(html, answer.url), asked, fetcher, limits, now)
    return sorted(_once(found), key=lambda one: (one.comments, "sitemap" in one.format, one.items == 0))


async def _asked(
    places: Iterable[Candidate], asked: set[str], fetcher: HttpFetcher, limits: Limits, now: datetime
) -> list[Found]:
    wanted = [one for one in places if one.url not in asked][: MAX_ASKED - len(asked)]
    asked |= {one.url for one in wanted}

    async def one(candidate: Candidate) -> Found | None:
        try:
            return _found(candidate, await fetcher.get(candidate.url, limits, fetch_time=now))
        except IngestError:
            return None

    return [found for found in await asyncio.gather(*map(one, wanted)) if found]


async def _of_robots(url: str, fetcher: HttpFetcher, limits: Limits, now: datetime) -> list[Candidate]:
    place = urljoin(url, "/robots.txt")
    try:
        answer = await fetcher.get(place, limits, fetch_time=now)
    except IngestError:
        return []
    return sitemaps(answer.body[: limits.max_bytes].decode("utf-8", "replace"), answer.url)


def _found(candidate: Candidate, answer: Response) -> Found | None:
    """What the answer holds, None if it is no feed. After redirects its address is the last one."""
    kind = answer.header("content-type")
    payload = Payload(source_id="discovery", url=answer.url, body=answer.body, content_type=kind)
    try:
        parsed = parse(payload)
    except IngestError:
        return None
    ids = [entry.guid or entry.url or entry.headline or "" for entry in parsed.entries]
    dates = [entry.updated or entry.published for entry in parsed.entries]
    return Found(
        url=answer.url,
        how=candidate.how,
        title=parsed.feed.title or candidate.title,
        format=parsed.format,
        items=len(parsed.entries) or len(parsed.feed.sitemaps),
        newest=max((when for when in dates if when and when <= answer.fetched_at), default=None),
        full_text=_has_texts(parsed),
        hub=parsed.feed.hub_url is not None,
        comments=candidate.is_comments,
        content=sha256("\n".join(ids or [answer.url]).encode()).hexdigest(),
    )


def _has_texts(parsed: Parsed) -> bool:
    long = sum(len((entry.html or "").split()) >= _FEW_WORDS for entry in parsed.entries)
    return long * 2 > len(parsed.entries)


def _once(found: Iterable[Found]) -> list[Found]:
    """Feeds of the same items are one, the first."""
    first: dict[str, Found] = {}
    for one in found:
        first.setdefault(one.content, one)
    return list(first.values())
