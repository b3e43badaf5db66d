"""The service beside a real hub, a real publisher and whoever else finds the callback."""

import asyncio
import hmac
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from ingest.errors import BadConfig
from ingest.pipeline import Workspace
from ingest.state.database import read, write
from ingest.state.models import SubscriptionRow
from ingest.state.subscriptions import load_subscriptions, save_subscriptions
from ingest.websub.service import Service
from tests.newsroom import Desk, Kiosk, Story, desk, kiosk

KEY = "0123456789abcdef"
FERRY = Story("ferry", "The ferry is back", "After a long night at sea the ferry came back to the harbour.")
MARKET = Story("market", "The market opens", "Stalls at the old quay were full of fish and fruit by nine.")


@dataclass
class Hub:
    """Verifies each request at once, as hubs do, and can push."""

    url: str = ""
    forms: list[dict[str, str]] = field(default_factory=list)
    answers: list[tuple[int, str]] = field(default_factory=list)
    lease_s: int = 86_400

    async def take(self, request: web.Request) -> web.Response:
        form = {key: str(value) for key, value in (await request.post()).items()}
        self.forms.append(form)
        query = {"hub.mode": form["hub.mode"], "hub.topic": form["hub.topic"], "hub.challenge": "ch4llenge"}
        async with (
            aiohttp.ClientSession() as session,
            session.get(form["hub.callback"], params=query | {"hub.lease_seconds": str(self.lease_s)}) as answer,
        ):
            self.answers.append((answer.status, await answer.text()))
        return web.Response(status=202)

    async def push(self, body: bytes, secret: str | None = None) -> int:
        form = self.forms[0]
        made = hmac.new((secret or form["hub.secret"]).encode(), body, "sha256").hexdigest()
        async with (
            aiohttp.ClientSession() as session,
            session.post(form["hub.callback"], data=body, headers={"X-Hub-Signature": f"sha256={made}"}) as answer,
        ):
            return answer.status


@asynccontextmanager
async def hub() -> AsyncIterator[Hub]:
    found = Hub()
    app = web.Application()
    app.router.add_post("/", found.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    try:
        yield found
    finally:
        await runner.cleanup()


@dataclass
class Stage:
    service: Service
    hub: Hub
    shop: Kiosk
    desk: Desk
    base: str

    def rows(self) -> list[SubscriptionRow]:
        with read(self.desk.workspace.engine) as conn:
            return load_subscriptions(conn)


@asynccontextmanager
async def stage(folder: Path, *, websub: bool = True) -> AsyncIterator[Stage]:
    """A publisher with one feed that names the hub, and the service's callback on a port of its own."""
    with kiosk() as shop:
        async with hub() as there:
            feed = publish(shop, there, FERRY)
            enlist(folder, feed, websub=websub)
            here = desk(folder)
            Workspace(here.settings).set_up()
            service = Service(here.settings, "http://127.0.0.1:1/", KEY)
            callback = web.AppRunner(service.app())
            await callback.setup()
            await web.TCPSite(callback, "127.0.0.1", 0).start()
            base = f"http://127.0.0.1:{callback.addresses[0][1]}"
            service.callback = base
            try:
                yield Stage(service, there, shop, here, base)
            finally:
                await callback.cleanup()


def publish(shop: Kiosk, there: Hub, *stories: Story) -> str:
    feed = shop.feed("/rss", *stories)
    link = f'<link xmlns="http://www.w3.org/2005/Atom" rel="hub" href="{there.url}"/>'.encode()
    shop.bodies["/rss"] = shop.bodies["/rss"].replace(b"<title>Kiosk</title>", b"<title>Kiosk</title>" + link)
    return feed


def enlist(folder: Path, feed: str, *, websub: bool = True) -> None:
    word = "true" if websub else "false"
    (folder / "sources.toml").write_text(f'[sources.paper]\nurl = "{feed}"\noptions.websub = {word}\n')


async def test_a_feed_is_subscribed_pushed_and_landed(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.service.keep(datetime.now(UTC))
        assert s.hub.answers == [(200, "ch4llenge")]
        (row,) = s.rows()
        assert row.state == "active" and row.lease_until and row.topic == f"{s.shop.base_url}/rss"
        publish(s.shop, s.hub, FERRY, MARKET)
        assert await s.hub.push(b"<rss/>") == 202
        await s.service.run_pushed()
        assert s.desk.landed().total() == 2
        assert s.rows()[0].pushes == 1


async def test_nothing_is_asked_again_before_its_time_and_then_the_same_callback(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        now = datetime.now(UTC)
        for hours in (0, 1, 12, 17):
            await s.service.keep(now + timedelta(hours=hours))
        assert len(s.hub.forms) == 2
        assert s.hub.forms[0]["hub.callback"] == s.hub.forms[1]["hub.callback"]


async def test_a_wrong_signature_runs_nothing(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.service.keep(datetime.now(UTC))
        assert await s.hub.push(b"<rss/>", "guessed") == 202
        assert s.rows()[0].pushes == 0
        await s.service.run_pushed()
        assert s.desk.runs() == []


async def test_strangers_learn_nothing(tmp_path: Path) -> None:
    async with stage(tmp_path) as s, aiohttp.ClientSession() as session:
        for method, path, status in (("GET", "/nothing", 404), ("POST", "/nothing", 410), ("GET", "/", 404)):
            async with session.request(method, s.base + path) as answer:
                assert answer.status == status
        await s.service.keep(datetime.now(UTC))
        callback = s.hub.forms[0]["hub.callback"]
        other = {"hub.mode": "subscribe", "hub.topic": "https://evil.example/", "hub.challenge": "x"}
        async with session.get(callback, params=other) as answer:
            assert (answer.status, "x" in await answer.text()) == (404, False)
        with suppress(aiohttp.ClientError):  # a server may hang up while too much is sent
            async with session.post(callback, data=b"x" * 20_100_000) as answer:
                assert answer.status == 413


async def test_a_source_that_is_no_longer_wanted_is_unsubscribed(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        now = datetime.now(UTC)
        await s.service.keep(now)
        enlist(tmp_path, f"{s.shop.base_url}/rss", websub=False)
        await s.service.keep(now + timedelta(days=2))  # the lease was over: nothing to leave
        assert s.rows() == []
        assert [form["hub.mode"] for form in s.hub.forms] == ["subscribe"]


async def test_a_lease_in_force_is_left_at_the_hub(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        now = datetime.now(UTC)
        await s.service.keep(now)
        enlist(tmp_path, f"{s.shop.base_url}/rss", websub=False)
        await s.service.keep(now + timedelta(hours=20))
        assert [form["hub.mode"] for form in s.hub.forms] == ["subscribe", "unsubscribe"]
        assert s.rows() == []


async def test_a_feed_without_a_hub_is_told_and_tried_more_and_more_seldom(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        s.shop.feed("/rss", FERRY)
        await s.service.keep(datetime.now(UTC))
        (row,) = s.rows()
        assert (row.state, row.failures) == ("failed", 1) and "names no hub" in (row.last_error or "")


async def test_a_hub_that_never_verifies_is_told(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        now = datetime.now(UTC)
        await s.service.keep(now)
        row = s.rows()[0].model_copy(update={"state": "asked", "lease_until": None, "next_try_at": now})
        with write(s.desk.workspace.engine) as conn:
            save_subscriptions(conn, [row])
        await s.service.keep(now)
        assert "never verified" in (s.rows()[0].last_error or "")


async def test_without_news_it_is_tried_again_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.websub.service._AGAIN_S", (0.0, 0.0))
    runs: list[Sequence[str]] = []

    def run(source_ids: Sequence[str]) -> int:
        runs.append(source_ids)
        return 0

    async with stage(tmp_path) as s:
        service = Service(s.desk.settings, s.base, KEY, run)
        service._pushed["paper"] = 0
        for _ in range(5):
            if service._pushed:
                await service.run_pushed()
            await asyncio.sleep(0.01)
    assert runs == [["paper"]] * 3


@pytest.mark.parametrize(("callback", "key"), [("us.example", KEY), ("https://us.example", "short")])
def test_settings_that_cannot_work_are_told(tmp_path: Path, callback: str, key: str) -> None:
    with pytest.raises(BadConfig, match="INGEST_WEBSUB_"):
        Service(desk(tmp_path).settings, callback, key)


def test_no_secret_is_in_the_state() -> None:
    assert not {"secret", "key"} & set(SubscriptionRow.model_fields)
