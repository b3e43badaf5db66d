"""The service: a callback for hubs on aiohttp, and two loops: one keeps the subscriptions, one runs what was pushed.

Whoever reaches the callback may be anybody. A path is a random token, known to one hub; a push without the right
signature changes nothing; a push is a hint, so its body is counted, not kept.
"""

import asyncio
import secrets
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime

import structlog
from aiohttp import web

from ingest.errors import BadConfig, IngestError
from ingest.fetch import HttpFetcher
from ingest.model import Limits, Source, Transport
from ingest.parse import parse
from ingest.pipeline import Workspace, run_once
from ingest.settings import Settings
from ingest.state.database import read, write
from ingest.state.models import SubscriptionRow
from ingest.state.subscriptions import find_subscription, load_subscriptions, save_subscriptions
from ingest.websub.protocol import (
    ANSWER_WITHIN,
    failed,
    hub_of,
    is_over,
    request_form,
    secret_for,
    signature_holds,
    verified,
)

log = structlog.get_logger()

MAX_PUSH = 20_000_000  # bytes
_LOOK_EVERY_S = 60.0
_GATHER_S = 2.0  # pushes that come close together are one run
_AGAIN_S = (60.0, 300.0)  # after a run that found nothing new: a cache may lag behind its own push
_LIMITS = Limits(total_s=30.0)

Run = Callable[[Sequence[str]], int]  # source ids → articles landed


class Service:
    """`key` makes the secrets of subscriptions; `callback` is this service's address as hubs see it."""

    def __init__(self, settings: Settings, callback: str, key: str, run: Run | None = None) -> None:
        if not callback.startswith(("http://", "https://")):
            raise BadConfig("INGEST_WEBSUB_CALLBACK", "no http(s) address", "where hubs reach this service")
        if len(key) < 16:
            raise BadConfig("INGEST_WEBSUB_KEY", "shorter than 16 characters", "such as of: openssl rand -hex 32")
        self._settings, self.callback, self._key = settings, callback, key
        self._ws = Workspace(settings)
        self._run = run or self._run_pipeline
        self._pushed: dict[str, int] = {}  # source id → how often a run found nothing since
        self._wake = asyncio.Event()

    def app(self) -> web.Application:
        app = web.Application(client_max_size=MAX_PUSH)
        app.router.add_get("/{token}", self.answer_verification)
        app.router.add_post("/{token}", self.take_push)
        return app

    async def serve(self, host: str, port: int, started: Callable[[int], None] = lambda _: None) -> None:
        """Until cancelled."""
        runner = web.AppRunner(self.app(), access_log=None)
        await runner.setup()
        try:
            site = web.TCPSite(runner, host, port)
            await site.start()
            started(runner.addresses[0][1])
            async with asyncio.TaskGroup() as group:
                group.create_task(self._keep_forever())
                group.create_task(self._run_forever())
        finally:
            await runner.cleanup()

    # ── what hubs ask ───────────────────────────────────────────────────────────────────────────────────────────

    async def answer_verification(self, request: web.Request) -> web.Response:
        row, query = self._find(request), request.query
        after = verified(row, query, datetime.now(UTC))
        if row is None or after is None:
            raise web.HTTPNotFound(text="no such subscription\n")
        self._save([after])
        log.info("websub", source=row.source_id, url=row.url, mode=query.get("hub.mode"), state=after.state)
        return web.Response(text=query.get("hub.challenge", "")[:1_000])

    async def take_push(self, request: web.Request) -> web.Response:
        """Always 202 for a subscription that is there (section 8: a wrong signature is nobody's business)."""
        row = self._find(request)
        if row is None or row.state != "active":
            raise web.HTTPGone(text="no such subscription\n")
        body = await request.read()
        if signature_holds(request.headers.get("X-Hub-Signature"), secret_for(self._key, row.token), body):
            now = datetime.now(UTC)
            self._save([row.model_copy(update={"last_push_at": now, "pushes": row.pushes + 1})])
            self._pushed[row.source_id] = 0
            self._wake.set()
        else:
            log.warning("websub: a push with a wrong signature", source=row.source_id, url=row.url)
        return web.Response(status=202)

    def _find(self, request: web.Request) -> SubscriptionRow | None:
        with read(self._ws.engine) as conn:
            return find_subscription(conn, request.match_info["token"][:64])

    # ── subscriptions ───────────────────────────────────────────────────────────────────────────────────────────

    async def _keep_forever(self) -> None:
        while True:
            try:
                await self.keep(datetime.now(UTC))
            except IngestError as e:  # the registry or the state, for now
                log.warning("websub", error=str(e))
            await asyncio.sleep(_LOOK_EVERY_S)

    async def keep(self, now: datetime) -> None:
        """Ask for what is wanted and not held, renew what ends soon, leave what is no longer wanted."""
        wanted = self._wanted()
        with read(self._ws.engine) as conn:
            rows = {(row.source_id, row.url): row for row in load_subscriptions(conn)}
        s = self._settings
        async with HttpFetcher(s.agent, s.allow_nets, s.host_delay_s) as fetcher:
            for key, source in wanted.items():
                row = rows.get(key)
                if row is None or row.next_try_at <= now:
                    await self._subscribe(source, key[1], row, fetcher, now)
            for key, row in rows.items():
                if key not in wanted and row.next_try_at <= now:
                    await self._leave(row, fetcher, now)

    def _wanted(self) -> dict[tuple[str, str], Source]:
        ws = Workspace(self._settings)  # read anew: the file may have changed
        sources = (s for s in ws.registry.values() if s.enabled and s.options.websub and s.transport == Transport.HTTP)
        return {(source.id, url): source for source in sources for url in source.urls}

    async def _subscribe(
        self, source: Source, url: str, row: SubscriptionRow | None, fetcher: HttpFetcher, now: datetime
    ) -> None:
        row = row or SubscriptionRow.fresh(source.id, url, secrets.token_urlsafe(24), now)
        if row.state == "asked":  # an hour ago, and nobody came to verify it
            row = failed(row, "the hub never verified it: can it reach INGEST_WEBSUB_CALLBACK?", now)
            if row.next_try_at > now:
                self._save([row])
                return
        try:
            hub, topic = await self._hub(url, fetcher, now)
            state = "active" if row.state == "active" and not is_over(row, now) else "asked"
            changes = {"hub": hub, "topic": topic, "state": state, "next_try_at": now + ANSWER_WITHIN}
            row = row.model_copy(update=changes)
            self._save([row])  # before the hub is asked: it may verify before it answers
            await fetcher.post(hub, request_form(row, "subscribe", self.callback, self._key), _LIMITS, now)
            log.info("websub: subscribing", source=source.id, url=url, hub=hub)
        except IngestError as e:
            self._save([failed(row, str(e), now)])
            log.warning("websub", source=source.id, url=url, error=str(e))

    async def _hub(self, url: str, fetcher: HttpFetcher, now: datetime) -> tuple[str, str]:
        answer = await fetcher.get(url, _LIMITS, fetch_time=now)
        feed = parse(answer.payload(Source(id="websub", name="", urls=(url,)))).feed
        found = hub_of(answer.headers, feed, answer.url)
        if found is None:
            raise BadConfig(url, "the feed names no hub", "options.websub is for feeds that do")
        return found

    async def _leave(self, row: SubscriptionRow, fetcher: HttpFetcher, now: datetime) -> None:
        if row.state != "active" or is_over(row, now):
            self._save([row.model_copy(update={"state": "gone"})])
            return
        row = row.model_copy(update={"state": "leaving", "next_try_at": now + ANSWER_WITHIN})
        self._save([row])
        with suppress(IngestError):  # the lease ends anyway
            await fetcher.post(row.hub, request_form(row, "unsubscribe", self.callback, self._key), _LIMITS, now)

    def _save(self, rows: Iterable[SubscriptionRow]) -> None:
        with write(self._ws.engine) as conn:
            save_subscriptions(conn, rows)

    # ── what was pushed ─────────────────────────────────────────────────────────────────────────────────────────

    async def _run_forever(self) -> None:
        while True:
            await self._wake.wait()
            await asyncio.sleep(_GATHER_S)
            await self.run_pushed()

    async def run_pushed(self) -> None:
        """One run for all sources that were pushed since; again a little later for those that had nothing new."""
        self._wake.clear()
        pushed, self._pushed = self._pushed, {}
        try:
            landed = await asyncio.to_thread(self._run, sorted(pushed))
        except IngestError as e:
            log.warning("websub", error=str(e))
            landed = 0
        if not landed:
            for source_id, tries in pushed.items():
                if tries < len(_AGAIN_S):
                    asyncio.get_running_loop().call_later(_AGAIN_S[tries], self._push_again, source_id, tries + 1)

    def _push_again(self, source_id: str, tries: int) -> None:
        self._pushed.setdefault(source_id, tries)
        self._wake.set()

    def _run_pipeline(self, source_ids: Sequence[str]) -> int:
        known = [id_ for id_ in source_ids if id_ in Workspace(self._settings).registry]
        report = run_once(self._settings, known, True) if known else None
        return report.landed if report else 0
