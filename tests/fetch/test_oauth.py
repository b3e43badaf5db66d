"""OAuth client credentials, against a token server and an API of aiohttp's."""

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from ingest.fetch import HttpFetcher
from ingest.model import FeedState, Fetched
from tests.fetch.conftest import NOW, ask
from tests.fetch.server import Server, ok, to

CLIENT, SECRET = "quay&co", "s3cr=t & +:/é"


@dataclass
class Api:
    """Gives tokens t-1, t-2 … and takes only those in `good`."""

    base: str = ""
    given: int = 0
    good: set[str] = field(default_factory=set)
    expires_in: object = 3600
    answer: bytes | None = None
    asked: list[str] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)

    async def token(self, request: web.Request) -> web.Response:
        self.forms.append({key: str(value) for key, value in (await request.post()).items()})
        sent = base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode()
        if sent != "quay%26co:s3cr%3Dt+%26+%2B%3A%2F%C3%A9":
            return web.json_response({"error": "invalid_client", "error_description": sent}, status=401)
        if self.answer is not None:
            return web.Response(body=self.answer)
        self.given += 1
        self.good = {f"t-{self.given}"}
        return web.json_response({"access_token": f"t-{self.given}", "expires_in": self.expires_in})

    async def feed(self, request: web.Request) -> web.Response:
        sent = request.headers.get("Authorization", "")
        self.asked.append(sent)
        if sent.removeprefix("Bearer ") not in self.good:
            return web.Response(status=401, text=sent)
        return web.json_response({"items": len(self.asked)})


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    served = Api()
    app = web.Application()
    app.add_routes([web.post("/token", served.token), web.get("/feed", served.feed)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    served.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield served
    await runner.cleanup()


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUAY_CLIENT", f"{CLIENT}:{SECRET}")


async def feed(fetcher: HttpFetcher, api: Api, state: FeedState | None = None, **credential: str) -> Fetched:
    given = {"kind": "oauth", "env": "QUAY_CLIENT", "token_url": f"{api.base}/token", **credential}
    return await ask(fetcher, f"{api.base}/feed", state, credential=given)


def assert_hidden(fetched: Fetched) -> None:
    shown = fetched.model_dump_json() + repr(fetched)
    for form in (SECRET, "s3cr%3Dt", "s3cr=t", base64.b64encode(SECRET.encode()).decode(), "t-1", "t-2"):
        assert form not in shown


async def test_one_token_for_a_session(fetcher: HttpFetcher, api: Api) -> None:
    first = await feed(fetcher, api, scope="feeds.read")
    second = await feed(fetcher, api, first.state, scope="feeds.read")
    assert (first.outcome, second.outcome, first.error) == ("new", "new", None)
    assert api.asked == ["Bearer t-1", "Bearer t-1"]
    assert api.forms == [{"grant_type": "client_credentials", "scope": "feeds.read"}]
    assert_hidden(first)


async def test_a_token_turned_down_is_renewed_once(fetcher: HttpFetcher, api: Api) -> None:
    await feed(fetcher, api)
    api.good = set()
    again = await feed(fetcher, api)
    assert (again.outcome, api.asked) == ("new", ["Bearer t-1", "Bearer t-1", "Bearer t-2"])
    api.good = set()
    api.answer = b'{"access_token": "t-2b"}'
    failed = await feed(fetcher, api)
    assert (failed.outcome, failed.state.last_status, len(api.asked)) == ("failed", 401, 5)
    assert_hidden(failed)


async def test_a_token_that_ends_soon_is_not_kept(fetcher: HttpFetcher, api: Api) -> None:
    api.expires_in = 5
    await feed(fetcher, api)
    await feed(fetcher, api)
    assert api.asked == ["Bearer t-1", "Bearer t-2"]


async def test_wrong_secrets_are_told_and_hidden(
    fetcher: HttpFetcher, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUAY_CLIENT", "quay&co:guess-work")
    fetched = await feed(fetcher, api)
    assert (fetched.outcome, fetched.error_code, api.asked) == ("failed", "bad-config", [])
    assert "QUAY_CLIENT" in str(fetched.error)
    assert "guess-work" not in fetched.model_dump_json()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"null",
        b'{"access_token": ""}',
        b'{"access_token": "a\\r\\nHost: b"}',
        b'{"access_token": 3}',
        b'{"access_token": "' + b"x" * 9000 + b'"}',
        b"x" * 200_000,
        b"[" * 50_000,
    ],
)
async def test_answers_that_are_no_token(fetcher: HttpFetcher, api: Api, answer: bytes) -> None:
    api.answer = answer
    fetched = await feed(fetcher, api)
    assert (fetched.outcome, api.asked) == ("failed", [])
    assert_hidden(fetched)


async def test_the_token_server_is_guarded(api: Api, server: Server, other: Server, fetcher: HttpFetcher) -> None:
    for address in ("http://169.254.169.254/token", "file:///etc/passwd", "http://10.0.0.1/token"):
        fetched = await feed(fetcher, api, token_url=address)
        assert (fetched.error_code, api.asked) == ("refused", []), address
    other.on("/token", ok(b'{"access_token": "stolen"}'))
    moved = server.on("/token", lambda request: to(other.url("/token"), 307))
    fetched = await feed(fetcher, api, token_url=moved)
    assert (fetched.error_code, other.requests, api.asked) == ("refused", [], [])


async def test_another_host_does_not_get_the_token(api: Api, server: Server, fetcher: HttpFetcher) -> None:
    credential = {"kind": "oauth", "env": "QUAY_CLIENT", "token_url": f"{api.base}/token"}
    url = server.on("/feed", to(f"{api.base}/feed"))
    fetched = await ask(fetcher, url, now=NOW, credential=credential)
    assert server.requests[0].headers["authorization"] == "Bearer t-1"
    assert (fetched.outcome, set(api.asked)) == ("failed", {""})
