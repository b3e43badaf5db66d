"""Feeds and pages over HTTP. Feeds are asked conditionally and never raise; pages raise, since a page is one item.

Conditional requests: RFC 9110 section 13. Redirects, credentials and limits: see `client`.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from types import TracebackType
from typing import Self

from aiohttp.abc import AbstractResolver
from yarl import URL

from ingest.errors import FetchFailed, IngestError
from ingest.fetch.client import Ask, Client, Response, Trail
from ingest.fetch.feedstate import after_answer, after_failure, conditional_headers, memory, start_url
from ingest.fetch.guard import Guard
from ingest.fetch.politeness import HostGate
from ingest.fetch.secrets import Access, Secrets, resolve_secret
from ingest.model import FeedState, Fetched, Limits, Source

_ACCEPT_FEED = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, application/xml;q=0.9, "
    "text/xml;q=0.9, application/json;q=0.8, text/html;q=0.5, */*;q=0.3"
)
_ACCEPT_PAGE = "text/html, application/xhtml+xml, */*;q=0.5"


class HttpFetcher:
    """One HTTP session of one run, as an async context manager.

    `allow_nets` are private networks that may be asked (CIDRs, comma-separated). `host_delay_s` is the pause between
    two requests to one host, `concurrency` the requests under way at once. `resolver` replaces the system's DNS.
    """

    def __init__(
        self,
        agent: str,
        allow_nets: str = "",
        host_delay_s: float = 1.0,
        concurrency: int = 16,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._client = Client(agent, Guard(allow_nets), HostGate(host_delay_s, concurrency), resolver)

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    async def fetch(
        self, source: Source, url: str, state: FeedState, now: datetime, *, secrets: Secrets = resolve_secret
    ) -> Fetched:
        """Ask one feed of `source`. Whatever the network does, or a credential lacks, comes back as `failed`.

        The state in the answer is `state` after this fetch, `next_due_at` excepted (see `schedule`, which wants to
        know what the feed says of itself).
        """
        clock = asyncio.get_running_loop()
        began = clock.time()
        trail = Trail(now)
        access = Access()
        try:
            access = Access.of(source.credential, url, secrets)
            response = await self._client.get(start_url(state), _feed_ask(state, access), source.limits, trail)
            fetched = _arrived(source, state, response, now)
        except IngestError as e:
            text = access.redact(str(e))
            after = after_failure(state, e, text, trail, now)
            fetched = Fetched(
                source_id=source.id, url=url, outcome="failed", state=after, error_code=e.code, error=text
            )
        return fetched.model_copy(
            update={
                "hops": tuple(trail.hops),
                "headers": trail.headers,
                "received_bytes": trail.received_bytes,
                "elapsed_s": clock.time() - began,
            }
        )

    async def get(
        self, url: str, limits: Limits, *, headers: Mapping[str, str] | None = None, fetch_time: datetime
    ) -> Response:
        """One page. Raises FetchFailed, HttpError (its `status`), Gone, Refused, TooLarge or TooSlow."""
        ask = Ask({"Accept": _ACCEPT_PAGE, **(headers or {})})
        return await self._client.get(url, ask, limits, Trail(fetch_time))


async def fetch(source: Source, url: str, state: FeedState, now: datetime, fetcher: HttpFetcher) -> Fetched:
    """The HTTP transport (see `transports`)."""
    return await fetcher.fetch(source, url, state, now)


def _feed_ask(state: FeedState, access: Access) -> Ask:
    return Ask({"Accept": _ACCEPT_FEED}, access, _normal(memory(state).validated_url), conditional_headers(state))


def _normal(url: str | None) -> str | None:
    """As `Guard.check_url` writes it, so that the two compare."""
    try:
        return str(URL(url).with_fragment(None)) if url else None
    except ValueError:
        return None


def _arrived(source: Source, state: FeedState, response: Response, now: datetime) -> Fetched:
    if response.status != 304 and not response.body:
        raise FetchFailed(response.url, "an empty answer", "tried again later")
    outcome, after = after_answer(state, response, now)
    return Fetched(
        source_id=source.id,
        url=state.url,
        outcome=outcome,
        payloads=(response.payload(source),) if outcome == "new" else (),
        state=after,
        body_bytes=len(response.body),
    )
