"""Credentials reach their own host, in the form asked for, and nothing else."""

import base64
import gzip
import traceback

import pytest

from ingest.errors import BadConfig, FetchFailed
from ingest.fetch import HttpFetcher, resolve_secret
from ingest.fetch.client import Ask, Client, Trail
from ingest.fetch.guard import Guard
from ingest.fetch.politeness import HostGate
from ingest.fetch.secrets import Access
from ingest.land import warc
from ingest.model import Credential, Fetched, Limits
from tests.fetch.conftest import NOW, ask
from tests.fetch.server import Request, Server, failing, ok, to

SECRET = "s3cr=t & +/token"
BASIC = "Basic " + base64.b64encode(SECRET.encode()).decode()
KINDS = [
    ({"kind": "basic"}, "authorization", BASIC),
    ({"kind": "bearer"}, "authorization", f"Bearer {SECRET}"),
    ({"kind": "header", "name": "X-Api-Key"}, "x-api-key", SECRET),
    ({"kind": "query", "name": "key"}, None, "key=s3cr%3Dt%20%26%20%2B%2Ftoken"),
]


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWS_TOKEN", SECRET)


def shown(fetched: Fetched) -> str:
    return fetched.model_dump_json() + repr(fetched)


def assert_hidden(fetched: Fetched) -> None:
    for form in (SECRET, "s3cr%3Dt", "s3cr=t", BASIC.partition(" ")[2]):
        assert form not in shown(fetched)


@pytest.mark.parametrize(("credential", "header", "sent"), KINDS)
async def test_each_kind(
    server: Server, fetcher: HttpFetcher, credential: dict[str, str], header: str | None, sent: str
) -> None:
    url = server.on("/feed", lambda request: ok(b"<rss/>", f"Content-Location: {request.target}"))
    fetched = await ask(fetcher, url, credential={**credential, "env": "NEWS_TOKEN"})
    request = server.requests[0]
    assert (request.headers[header] if header else request.target.partition("?")[2]) == sent
    assert fetched.outcome == "new"
    assert fetched.payloads[0].url == url
    assert_hidden(fetched)


@pytest.mark.parametrize(("credential", "header", "sent"), KINDS)
async def test_another_host_does_not_get_it(
    server: Server, other: Server, fetcher: HttpFetcher, credential: dict[str, str], header: str | None, sent: str
) -> None:
    url = server.on("/feed", to("/here"))
    server.on("/here", lambda request: to(other.url("/there?" + request.target.partition("?")[2])))
    other.on("/there", failing(403))
    fetched = await ask(fetcher, url, credential={**credential, "env": "NEWS_TOKEN"})
    assert "authorization" not in other.requests[0].headers
    assert "x-api-key" not in other.requests[0].headers
    assert "key=" not in other.requests[0].target
    here = server.requests[1]
    assert sent == here.headers[header] if header else here.target.endswith(sent)
    assert fetched.error_code == "http-error"
    assert_hidden(fetched)


async def test_a_redirect_that_carries_it_away_is_refused(server: Server, other: Server, fetcher: HttpFetcher) -> None:
    url = server.on("/feed", lambda request: to(other.url("/take/" + request.target.partition("=")[2])))
    fetched = await ask(fetcher, url, credential={"kind": "query", "name": "key", "env": "NEWS_TOKEN"})
    assert (fetched.error_code, other.requests) == ("refused", [])
    assert_hidden(fetched)


async def test_it_is_hidden_in_a_path_at_home_too(server: Server, fetcher: HttpFetcher) -> None:
    url = server.on("/feed", lambda request: to("/take/" + request.target.partition("=")[2], 301))
    server.on("/take/s3cr=t%20&%20%2B%2Ftoken", ok(b"<rss/>"))
    credential = {"kind": "query", "name": "key", "env": "NEWS_TOKEN"}
    fetched = await ask(fetcher, url, credential=credential)
    again = await ask(fetcher, url, fetched.state, credential=credential)
    assert (fetched.outcome, again.outcome, again.state.moved_to) == ("new", "not_modified", None)
    assert_hidden(fetched)


@pytest.mark.parametrize("answer", [b"no HTTP", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", b""])
async def test_an_error_has_no_cause_that_tells_it(server: Server, answer: bytes) -> None:
    access = Access.of(Credential(kind="query", name="key", env="NEWS_TOKEN"), server.url("/"), resolve_secret)
    async with Client("a", Guard("127.0.0.0/8"), HostGate(0, 1)) as client:
        with pytest.raises(FetchFailed) as failed:
            await client.get(server.on("/feed", answer), Ask({}, access), Limits(), Trail(NOW))
    assert "s3cr" not in "".join(traceback.format_exception(failed.value))


async def test_the_archive_has_neither_cookies_nor_the_secret(server: Server, fetcher: HttpFetcher) -> None:
    def answer(request: Request) -> bytes:
        return ok(b"<rss/>", "Set-Cookie: id=monster", f"X-Asked: {request.target}", "Set-Cookie2: id=monster")

    url = server.on("/feed", answer)
    fetched = await ask(fetcher, url, credential={"kind": "query", "name": "key", "env": "NEWS_TOKEN"})
    record = gzip.decompress(warc.encode(fetched.payloads[0]).member)
    assert b"X-Asked: /feed?key=***" in record
    assert not any(word in record for word in (b"monster", b"s3cr"))
    assert_hidden(fetched)


async def test_a_missing_variable_is_named(server: Server, fetcher: HttpFetcher) -> None:
    url = server.on("/feed", ok(b"<rss/>"))
    fetched = await ask(fetcher, url, credential={"kind": "bearer", "env": "NO_SUCH_TOKEN"})
    assert (fetched.outcome, fetched.error_code, server.requests) == ("failed", "bad-config", [])
    assert "NO_SUCH_TOKEN" in str(fetched.error)


def test_what_cannot_be_sent() -> None:
    with pytest.raises(BadConfig, match="NEWS"):
        Access.of(Credential(kind="bearer", env="NEWS"), "http://x.example/", lambda _: "a\r\nHost: b")
    with pytest.raises(BadConfig, match="NEWS"):
        Access.of(Credential(kind="query", env="NEWS"), "http://x.example/", lambda _: "abc")
    with pytest.raises(BadConfig):
        resolve_secret(Credential(kind="bearer"))


def test_home_is_the_origin_or_its_https() -> None:
    access = Access.of(Credential(kind="bearer", env="NEWS"), "http://x.example/feed", lambda _: "abc")
    assert all(access.headers(url) for url in ("http://x.example/b", "https://x.example/feed", "http://X.example:80/"))
    away = ("http://y.example/feed", "http://x.example:81/", "https://x.example:444/", "http://a.x.example/")
    assert not any(access.headers(url) for url in away)
    secure = Access.of(Credential(kind="bearer", env="NEWS"), "https://x.example/feed", lambda _: "abc")
    assert not secure.headers("http://x.example/feed")


@pytest.mark.airflow
@pytest.mark.slow
def test_an_airflow_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("airflow.sdk")
    monkeypatch.setenv("AIRFLOW_CONN_NEWS", "http://reporter:tok%2Fen@x.example")
    assert resolve_secret(Credential(kind="bearer", connection="news")) == "tok/en"
    assert resolve_secret(Credential(kind="basic", connection="news")) == "reporter:tok/en"
    with pytest.raises(BadConfig, match="AIRFLOW_CONN_NO_SUCH"):
        resolve_secret(Credential(kind="bearer", connection="no_such"))
