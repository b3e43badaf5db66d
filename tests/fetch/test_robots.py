"""robots.txt for pages: RFC 9309, case by case."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import Disallowed, FetchFailed, IngestError, Paused
from ingest.fetch import HttpFetcher
from ingest.fetch import robots as rules
from ingest.fetch.hosts import KnownHosts
from ingest.fetch.robots import product_token
from ingest.model import FeedState, RobotsFile
from tests.fetch.conftest import NOW, source
from tests.fetch.server import Answer, Request, Reset, Server, failing, ok, serve, to

AGENT = "syndication-ingest/0.1 (+https://desk.example/bot)"
DENY = b"User-agent: *\nDisallow: /\n"
HOUR = timedelta(hours=1)


def text(body: bytes) -> bytes:
    return ok(body, "Content-Type: text/plain")


def reader(found: RobotsFile | None = None, delay_s: float = 0) -> HttpFetcher:
    return HttpFetcher(AGENT, "127.0.0.0/8", delay_s, hosts=KnownHosts(find_robots=lambda _: found))


async def outcome(server: Server, fetcher: HttpFetcher, path: str = "/page", after: timedelta = HOUR * 0) -> str:
    """ "page", or the code of what was raised."""
    url = server.on(path, ok(b"<p>Ferry"))
    try:
        page = await fetcher.page(url, source(url), NOW + after)
    except IngestError as e:
        return e.code
    return "page" if page.body == b"<p>Ferry" else "another"


def asked(server: Server, path: str) -> int:
    return sum(request.target == path for request in server.requests)


async def endless() -> AsyncIterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nUser-agent: *\nDisallow: /page\n"
    while True:
        yield b"# more\n" * 1000


def broken(_: Request) -> Answer:
    raise Reset


@pytest.mark.parametrize(
    ("robots", "expected"),
    [
        (text(b""), "page"),
        (text(DENY), "robots"),
        (text(b"User-agent: *\nDisallow:\n"), "page"),
        (text(b"User-agent: *\nDisallow: /private\n"), "page"),
        (text(b"\xef\xbb\xbfUser-Agent: *\r\nDisallow: /page\r\n"), "robots"),
        (text(b"User-agent: *\rDisallow: /page\r"), "robots"),
        (text(b"user-agent:syndication-ingest\ndisallow:/page"), "robots"),
        (text(b"User-agent: syndication-ingest\nAllow: /\n\n" + DENY), "page"),
        (text(b"User-agent: otherbot\nDisallow: /\n"), "page"),
        (text(b"User-agent: *\nDisallow: /p*e$\n"), "robots"),
        (text(b"User-agent: *\nDisallow: /p\nAllow: /page\n"), "page"),  # the longest match counts
        (text(b"User-agent: *\nAllow: /page\nDisallow: /page\n"), "page"),  # and of equals the kinder
        (text(b"<!doctype html><title>Not here</title><p>Nothing to see"), "page"),
        (text(b"\x00\xff\xfe" * 1000), "page"),
        (failing(404), "page"),
        (failing(401), "page"),
        (failing(403), "page"),
        (failing(410), "page"),
        (failing(429), "fetch-failed"),
        (failing(500), "fetch-failed"),
        (failing(503), "fetch-failed"),
        (broken, "fetch-failed"),
        (b"nonsense\r\n\r\n", "fetch-failed"),
        (to("/robots.txt"), "page"),  # a loop: there is none
        (to("http://10.0.0.1/robots.txt"), "page"),  # not an address of the web: there is none
        (lambda _: endless(), "robots"),  # the first 500 kB count
    ],
)
async def test_what_robots_txt_says(server: Server, robots: bytes | Callable[[Request], Answer], expected: str) -> None:
    server.on("/robots.txt", robots)
    async with reader() as fetcher:
        assert await outcome(server, fetcher) == expected
    assert asked(server, "/page") == (expected == "page")


@pytest.mark.parametrize(("hops", "expected"), [(5, "robots"), (6, "page")])
async def test_five_redirects_are_followed(server: Server, hops: int, expected: str) -> None:
    server.on("/robots.txt", to("/r1"))
    for n in range(1, hops):
        server.on(f"/r{n}", to(f"/r{n + 1}"))
    server.on(f"/r{hops}", text(DENY))
    async with reader() as fetcher:
        assert await outcome(server, fetcher) == expected


async def test_it_is_asked_once_a_day_and_without_what_pages_are_asked_with(server: Server) -> None:
    server.on("/robots.txt", text(b""))
    async with reader() as fetcher:
        for n in range(6):
            assert await outcome(server, fetcher, f"/{n}", HOUR * 4 * n) == "page"
        assert asked(server, "/robots.txt") == 1
        await outcome(server, fetcher, after=HOUR * 25)
        assert asked(server, "/robots.txt") == 2
    [told] = fetcher.robots_files
    assert (told.origin, told.text, told.asked_at - NOW < HOUR * 26) == (server.url(""), "", True)
    assert "cookie" not in server.requests[0].headers
    assert server.requests[0].headers["user-agent"] == AGENT


async def test_what_an_earlier_run_read_is_not_asked_again(server: Server) -> None:
    known = RobotsFile(origin=server.url(""), text=DENY.decode(), asked_at=NOW - HOUR * 23)
    async with reader(known) as fetcher:
        assert await outcome(server, fetcher) == "robots"
        assert (server.requests, fetcher.robots_files) == ([], [])


async def test_out_of_reach_the_last_rules_hold_and_without_any_nothing_is_fetched_for_a_month(server: Server) -> None:
    server.on("/robots.txt", failing(500))
    known = RobotsFile(origin=server.url(""), text="User-agent: *\nDisallow: /page", asked_at=NOW - HOUR * 25)
    async with reader(known) as fetcher:
        assert await outcome(server, fetcher) == "robots"
        assert await outcome(server, fetcher, "/other") == "page"
        assert asked(server, "/robots.txt") == 1  # and again in half an hour
        assert await outcome(server, fetcher, "/other", HOUR) == "page"
        assert asked(server, "/robots.txt") == 2
    async with reader() as fetcher:
        assert await outcome(server, fetcher) == "fetch-failed"
        assert await outcome(server, fetcher, after=HOUR * 24 * 29) == "fetch-failed"
        assert await outcome(server, fetcher, after=HOUR * 24 * 31) == "page"


async def test_the_reason_is_told(server: Server) -> None:
    url = server.on("/page", ok(b"x"))
    server.on("/robots.txt", text(DENY), failing(500))
    async with reader() as fetcher:
        with pytest.raises(Disallowed, match=r"robots\.txt disallows it for syndication-ingest \(options\.robots"):
            await fetcher.page(url, source(url), NOW)
    async with reader() as fetcher:
        with pytest.raises(FetchFailed, match=r"/robots\.txt gives no answer: HTTP status 500"):
            await fetcher.page(url, source(url), NOW)


async def test_a_redirect_does_not_lead_past_it(server: Server, other: Server) -> None:
    other.on("/robots.txt", text(DENY))
    url = server.on("/page", to(other.on("/elsewhere", ok(b"x"))))
    async with reader() as fetcher:
        with pytest.raises(Disallowed):
            await fetcher.page(url, source(url), NOW)
    assert asked(other, "/elsewhere") == 0


async def test_with_the_publishers_permission_it_is_not_even_read(server: Server) -> None:
    url = server.on("/page", ok(b"x"))
    server.on("/robots.txt", text(DENY))
    async with reader() as fetcher:
        await fetcher.page(url, source(url, options={"robots": False}), NOW)
    assert asked(server, "/robots.txt") == 0


async def test_a_feed_is_no_page_but_a_known_crawl_delay_holds_for_it(server: Server) -> None:
    known = RobotsFile(origin=server.url(""), text=DENY.decode(), crawl_delay_s=0.05, asked_at=NOW)
    feeds = source(*(server.on(f"/{n}", ok(b"<rss/>")) for n in range(3)))
    async with reader(known, delay_s=0.001) as fetcher:
        for url in feeds.urls:
            assert (await fetcher.fetch(feeds, url, FeedState(source_id="times", url=url), NOW)).outcome == "new"
        assert fetcher._gate._host(f"127.0.0.1:{server.port}").delay_s == 0.05
    assert server.busiest == 1


@pytest.mark.parametrize(("stated", "kept"), [("7", 7), ("0.5", 2), ("86400", rules.MAX_CRAWL_DELAY_S), ("soon", 2)])
async def test_crawl_delay(server: Server, stated: str, kept: float) -> None:
    server.on("/robots.txt", text(f"User-agent: *\nDisallow: /page\nCrawl-delay: {stated}\n".encode()))
    async with reader(delay_s=2) as fetcher:
        assert await outcome(server, fetcher) == "robots"
        assert fetcher._gate._host(f"127.0.0.1:{server.port}").delay_s == kept


async def test_a_host_that_is_left_alone_is_not_asked_for_it(server: Server) -> None:
    server.on("/robots.txt", text(b""))
    url = server.on("/page", ok(b"x"))
    async with reader(delay_s=0.001) as fetcher:
        fetcher._gate.silence(f"127.0.0.1:{server.port}", 60, "it answered 429")
        with pytest.raises(Paused):
            await fetcher.page(url, source(url), NOW)
        assert (server.requests, fetcher.robots_files) == ([], [])


@pytest.mark.parametrize(
    ("agent", "token"),
    [(AGENT, "syndication-ingest"), ("Desk_Bot", "Desk_Bot"), ("Mozilla/5.0 (x)", "Mozilla"), ("5bot", "5bot")],
)
def test_we_are_called_by_what_the_user_agent_begins_with(agent: str, token: str) -> None:
    assert product_token(agent) == token


async def test_each_origin_has_its_own() -> None:
    async with serve() as one, serve() as two, reader() as fetcher:
        one.on("/robots.txt", text(DENY))
        assert [await outcome(server, fetcher) for server in (one, two)] == ["robots", "page"]


LINES = (
    "User-agent: *",
    "Disallow: /",
    "Allow: /*$%",
    "Crawl-delay: 1e9",
    "\r",
    "Request-rate: 1/0",
    "Sitemap:",
    "# x",
)


@settings(max_examples=40, deadline=None)
@given(
    st.binary(max_size=200)
    | st.lists(st.sampled_from(LINES) | st.text(max_size=9)).map(lambda t: "\n".join(t).encode())
)
def test_any_bytes_are_rules(body: bytes) -> None:
    file = rules.heard("https://times.example", body, "bot", NOW)
    try:
        rules.check(file, rules.rules_for(file.text or "", "bot"), "bot", "https://times.example/a?b=%zz", NOW, None)
    except Disallowed:
        assert b"isallow" in body


def test_many_names_do_not_multiply_the_rules() -> None:
    names = "".join(f"User-agent: bot{n}\r" for n in range(3_000))
    paths = "".join(f"Disallow: /{n}\r" for n in range(3_000))
    file = rules.heard("https://times.example", f"{names}User-agent: b\r{paths}".encode(), "bot", NOW)
    assert not rules.rules_for(file.text or "", "bot").can_fetch("https://times.example/2999", "bot")


@pytest.mark.parametrize("piece", ["Disallow: /" + "*a" * 200, "User-agent: x", "%"])
def test_hostile_rules_are_read_fast(piece: str) -> None:
    body = ("User-agent: *\n" + f"{piece}\n" * (500_000 // len(piece))).encode()[: rules.LIMITS.max_bytes]
    file = rules.heard("https://times.example", body, "bot", NOW)
    assert file.text
    rules.rules_for(file.text, "bot").can_fetch("https://times.example/" + "a" * 7_000, "bot")
