"""Feeds and pages over HTTP. Feeds are asked conditionally and never raise; pages raise, since a page is one item.

Conditional requests: RFC 9110 section 13. Redirects, credentials and limits: see `client`; feeds in several answers:
see `walk`.
"""

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Literal, Self

from aiohttp.abc import AbstractResolver
from yarl import URL

from ingest.errors import HttpError, IngestError, Paused
from ingest.fetch import robots
from ingest.fetch.client import Ask, Client, Response, Trail
from ingest.fetch.feedstate import after_failure, conditional_headers, memory, on_page, start_url
from ingest.fetch.guard import Guard
from ingest.fetch.hosts import KnownHosts
from ingest.fetch.oauth import Tokens
from ingest.fetch.politeness import HostGate
from ingest.fetch.robots import Robots
from ingest.fetch.secrets import Access, Secrets, resolve_secret
from ingest.fetch.walk import resumed_at, walk
from ingest.model import FeedState, Fetched, HostPause, Limits, RobotsFile, Source

_ACCEPT_FEED = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, application/xml;q=0.9, "
    "text/xml;q=0.9, application/json;q=0.8, text/html;q=0.5, */*;q=0.3"
)
_ACCEPT_PAGE = "text/html, application/xhtml+xml, */*;q=0.5"


class HttpFetcher:
    """One HTTP session of one run, as an async context manager.

    `allow_nets` are private networks that may be asked (CIDRs, comma-separated). `host_delay_s` is the pause between
    two requests to one host, `concurrency` the requests under way at once. `resolver` replaces the system's DNS.
    `hosts` is what was known of hosts before; `pauses` and `robots_files` are what to save of them after.
    """

    def __init__(
        self,
        agent: str,
        allow_nets: str = "",
        host_delay_s: float = 1.0,
        concurrency: int = 16,
        resolver: AbstractResolver | None = None,
        hosts: KnownHosts | None = None,
    ) -> None:
        self._hosts = hosts or KnownHosts()
        self._gate = HostGate(host_delay_s, concurrency)
        self._client = Client(agent, Guard(allow_nets), self._gate, resolver)
        self._tokens = Tokens(self._client)
        self._robots = Robots(agent, self._gate, self._robots_txt, self._hosts.find_robots)

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        for pause, seconds in self._hosts.still_paused():
            self._gate.silence(pause.host, seconds, pause.because)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    @property
    def pauses(self) -> list[HostPause]:
        return list(self._client.pauses.values())

    @property
    def robots_files(self) -> list[RobotsFile]:
        return list(self._robots.changed.values())

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
        self._robots.recall(start_url(state))
        try:
            access = Access.of(source.credential, url, secrets)

            async def get(page: str, limits: Limits) -> Response:
                return await self._authorised(page, _feed_ask(state, access, now), limits, trail)

            fetched = await walk(source, state, access, now, get)
        except IngestError as e:
            text = self._tokens.held(access).redact(str(e))
            after = _failed(source, state, e, text, trail, now)
            outcome: Literal["failed", "paused"] = "paused" if isinstance(e, Paused) else "failed"
            fetched = Fetched(source_id=source.id, url=url, outcome=outcome, state=after, error_code=e.code, error=text)
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
        """What a person asked for. Raises FetchFailed, HttpError (its `status`), Gone, Refused, TooLarge or TooSlow."""
        ask = Ask({"Accept": _ACCEPT_PAGE, **(headers or {})})
        return await self._client.get(url, ask, limits, Trail(fetch_time))

    async def post(self, url: str, form: Mapping[str, str], limits: Limits, now: datetime) -> Response:
        """Send a form, once and to this address alone. Raises as `get` does."""
        return await self._client.post(url, Ask({"Accept": "*/*"}, form=form), limits, Trail(now))

    async def page(self, url: str, source: Source, now: datetime) -> Response:
        """The page of an item of `source`, if the site's robots.txt lets us, at each hop. Raises Disallowed, and as
        `get` does."""

        async def permit(hop: str) -> None:
            await self._robots.check(hop, trail.now())

        trail = Trail(now)
        ask = Ask({"Accept": _ACCEPT_PAGE}, permit=permit if source.options.robots else None)
        return await self._client.get(url, ask, source.limits, trail)

    async def token(self, access: Access, limits: Limits, now: datetime) -> Access:
        """For transports other than HTTP: `access` with a token, for an `oauth` credential; else as it is.

        Raises as `Tokens.grant` does.
        """
        return await self._tokens.grant(access, limits, now)

    def reach(self, host: str, port: int) -> AbstractAsyncContextManager[list[str]]:
        """For transports other than HTTP: this host's turn, and its addresses that may be connected to.

        Raises Refused if there are none but private ones, FetchFailed if the name is not known.
        """
        return self._client.reach(host, port)

    async def _robots_txt(self, url: str, now: datetime) -> Response:
        ask = Ask({"Accept": "text/plain, */*;q=0.5", "Accept-Encoding": "identity"}, cut=True)
        return await self._client.get(url, ask, robots.LIMITS, Trail(now))

    async def _authorised(self, url: str, ask: Ask, limits: Limits, trail: Trail) -> Response:
        """A GET with an OAuth token if that is the credential; a token that is turned down is renewed once."""
        access = await self._tokens.grant(ask.access, limits, trail.asked_at)
        try:
            return await self._client.get(url, replace(ask, access=access), limits, trail)
        except HttpError as e:
            if e.status != 401 or not access.token:
                raise
        access = await self._tokens.grant(access, limits, trail.asked_at, renew=True)
        return await self._client.get(url, replace(ask, access=access), limits, trail)


async def fetch(source: Source, url: str, state: FeedState, now: datetime, fetcher: HttpFetcher) -> Fetched:
    """The HTTP transport (see `transports`)."""
    return await fetcher.fetch(source, url, state, now)


def _feed_ask(state: FeedState, access: Access, now: datetime) -> Ask:
    return Ask({"Accept": _ACCEPT_FEED}, access, _normal(memory(state).validated_url), conditional_headers(state, now))


def _normal(url: str | None) -> str | None:
    """As `Guard.check_url` writes it, so that the two compare."""
    try:
        return str(URL(url).with_fragment(None)) if url else None
    except ValueError:
        return None


def _failed(source: Source, state: FeedState, error: IngestError, text: str, trail: Trail, now: datetime) -> FeedState:
    after = after_failure(state, error, text, trail, now)
    page = resumed_at(source, state)
    if page is None:
        return after
    expired = isinstance(error, HttpError) and error.status in (400, 404, 410)
    return on_page(after, state, None if expired else page)  # an expired link: from the source's own url again
