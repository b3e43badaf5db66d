"""We as a feed reader, scored by a publisher over simulated days: what public feed-reader scores count, case by case.

The publisher (`Publisher`) answers on loopback and counts what it minds; the desk (`read_for`) polls every quarter of
an hour what is due by the schedule, with a new fetcher each time, as runs do.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from ingest.errors import IngestError
from ingest.fetch import HttpFetcher, fetch_source, is_due, scheduled
from ingest.fetch.feedstate import after_unread
from ingest.fetch.hosts import KnownHosts, is_paused
from ingest.model import FeedState, Fetched, HostPause, Source
from ingest.parse import parse
from tests.fetch.conftest import NOW, limits, source
from tests.fetch.server import Answer, Request, Server, ok, serve

AGENT = "syndication-ingest/0.1 (+https://desk.example/bot)"
STEP = timedelta(minutes=15)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def http_date(when: datetime) -> str:
    return format_datetime(when, usegmt=True)


def feed(version: int, extra: str = "") -> bytes:
    item = f"<item><guid>g{version}</guid><title>Ferry {version}</title><description>Back at sea.</description></item>"
    space = "xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'"
    return f"<rss version='2.0' {space}><channel><title>Quay</title>{extra}{item}</channel></rss>".encode()


@dataclass
class Publisher:
    """One site. `faults` is what it minds; an answer's `early` says when the same path may be asked again."""

    now: datetime = NOW
    faults: Counter[str] = field(default_factory=Counter)
    asked: list[tuple[datetime, str]] = field(default_factory=list)
    sent: Counter[int] = field(default_factory=Counter)  # by status
    not_before: dict[str, datetime] = field(default_factory=dict)
    validators: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)  # of the last 200, by path
    validated_at: dict[str, datetime] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    def version(self, every: timedelta) -> int:
        return (self.now - NOW) // every

    def look(self, request: Request) -> None:
        """Count what is wrong with a request."""
        path, _, query = request.target.partition("?")
        theirs = request.headers.get("if-none-match"), request.headers.get("if-modified-since")
        ours = self.validators.get(path, (None, None))
        self.asked.append((self.now, path))
        self.faults["query"] += bool(query)
        self.faults["cookie"] += "cookie" in request.headers
        self.faults["referer"] += "referer" in request.headers
        self.faults["agent"] += request.headers.get("user-agent") != AGENT
        self.faults["early"] += self.now < self.not_before.get(path, NOW)
        self.faults["gone"] += path in self.gone
        if theirs == (None, None):
            recent = path in self.validated_at and self.now - self.validated_at[path] < 7 * DAY
            self.faults["unconditional"] += recent and ours != (None, None)
        else:
            self.faults["validators"] += theirs != ours  # stale, mixed or made up

    def full(
        self, request: Request, body: bytes, *headers: str, etag: str | None = None, when: str | None = None
    ) -> bytes:
        """200 with these validators, or 304 if they are those of the request."""
        path = request.target
        named = [("ETag", etag), ("Last-Modified", when)]
        if (
            (etag, when) != (None, None)
            and (request.headers.get("if-none-match", etag), request.headers.get("if-modified-since", when))
            == (etag, when)
            and {"if-none-match", "if-modified-since"} & request.headers.keys()
        ):
            return self.plain(304)
        self.validators[path], self.validated_at[path] = (etag, when), self.now
        return self.plain(200, *headers, *(f"{name}: {value}" for name, value in named if value), body=body)

    def plain(self, status: int, *headers: str, body: bytes = b"") -> bytes:
        self.sent[status] += 1
        if status == 304:
            return "\r\n".join(["HTTP/1.1 304 Not Modified", "Connection: close", *headers, "", ""]).encode()
        return ok(body, *headers, status=f"{status} Said")

    def later(self, request: Request, wait: timedelta) -> None:
        self.not_before[request.target] = self.now + wait

    def count(self, path: str) -> int:
        return sum(one == path for _, one in self.asked)


Script = Callable[[Publisher, Request], Answer]


@dataclass(frozen=True)
class Case:
    """`polls` are the requests that are right, `full` the answers of 200 among them; `ends` is the last outcome."""

    name: str
    script: Script
    days: float = 2
    polls: tuple[int, int] = (44, 60)
    full: tuple[int, int] | None = None
    ends: str | None = "not_modified"
    faults: Mapping[str, int] = field(default_factory=dict)  # that we stand by
    paths: tuple[str, ...] = ("/feed",)
    settings: Mapping[str, object] = field(default_factory=dict)
    holds: Callable[[Publisher, list[FeedState]], bool] = lambda publisher, states: True


# ── the cases ───────────────────────────────────────────────────────────────────────────────────────────────────


def changing(
    every: timedelta = 6 * HOUR, *headers: str, etag: str | None = '"v{}"', when: bool = True, extra: str = ""
) -> Script:
    """A good publisher with something new every so often."""

    def answer(site: Publisher, request: Request) -> bytes:
        n = site.version(every)
        modified = http_date(NOW + n * every) if when else None
        tag = etag.format(n) if etag else None
        return site.full(request, feed(n, extra), *headers, etag=tag, when=modified)

    return answer


def wishing(wait: timedelta, *headers: str, extra: str = "", on_304: bool = False) -> Script:
    """Its 200 says when to come back; its 304 only if `on_304`."""
    usual = changing(DAY, *headers, extra=extra)

    def answer(site: Publisher, request: Request) -> bytes:
        said = usual(site, request)
        assert isinstance(said, bytes)
        site.later(request, wait)
        return site.plain(304, *headers) if on_304 and said.startswith(b"HTTP/1.1 304") else said

    return answer


def at(hours: float, then: Script, before: Script | None = None, until: float = 1e9) -> Script:
    """`then` from so many hours on, `until` then; a good publisher otherwise."""
    usual = before or changing()

    def answer(site: Publisher, request: Request) -> Answer:
        return (then if hours <= (site.now - NOW) / HOUR < until else usual)(site, request)

    return answer


def busy(status: int, wait: timedelta, *headers: str, date: bool = False, slow_clock: timedelta = 0 * HOUR) -> Script:
    """Asks for silence, and minds any request to any path until then."""

    def answer(site: Publisher, request: Request) -> bytes:
        for path in ("/feed", "/other"):
            site.not_before[path] = site.now + wait
        theirs = site.now - slow_clock
        value = http_date(theirs + wait) if date else str(int(wait.total_seconds()))
        clock = [f"Date: {http_date(theirs)}"] if slow_clock else []
        return site.plain(status, f"Retry-After: {value}", *clock, *headers)

    return answer


def says(status: int, *headers: str, body: bytes = b"") -> Script:
    return lambda site, request: site.plain(status, *headers, body=body)


def gone(site: Publisher, request: Request) -> bytes:
    site.gone.add(request.target)
    return site.plain(410)


def moved(status: int, *rest: Script, last: Script | None = None) -> Script:
    """/feed redirects to /1, that to /2 …; the last of them is a good publisher."""
    hops = [says(status, "Location: /1"), *rest]
    good = last or changing()

    def answer(site: Publisher, request: Request) -> Answer:
        number = 0 if request.target == "/feed" else int(request.target[1:])
        return hops[number](site, request) if number < len(hops) else good(site, request)

    return answer


def stuck(site: Publisher, request: Request) -> bytes:
    """Answers 304 whatever is new."""
    conditional = {"if-none-match", "if-modified-since"} & request.headers.keys()
    return site.plain(304) if conditional else changing(DAY)(site, request)  # type: ignore[return-value]


def other_tag_on_304(site: Publisher, request: Request) -> bytes:
    said = changing()(site, request)
    return site.plain(304, 'ETag: "of-another-edge"') if said.startswith(b"HTTP/1.1 304") else said  # type: ignore


def other_date_on_304(site: Publisher, request: Request) -> bytes:
    """The same version is touched every hour."""
    n, touched = site.version(6 * HOUR), http_date(site.now)
    known = request.headers.get("if-none-match") == f'"v{n}"'
    site.validators[request.target], site.validated_at[request.target] = (f'"v{n}"', touched), site.now
    headers = (f'ETag: "v{n}"', f"Last-Modified: {touched}")
    return site.plain(304, *headers) if known else site.plain(200, *headers, body=feed(n))


def forgetful(site: Publisher, request: Request) -> bytes:
    """Loses its ETag on the first day, its date on the second."""
    n = site.version(6 * HOUR)
    return site.full(
        request, feed(n), etag=f'"v{n}"' if n < 3 else None, when=http_date(NOW + n * HOUR) if n < 6 else None
    )


def sticky_date(site: Publisher, request: Request) -> bytes:
    n = site.version(6 * HOUR)
    return site.full(request, feed(n), etag=f'"v{n}"', when=http_date(NOW))


def odd_date(site: Publisher, request: Request) -> bytes:
    n = site.version(6 * HOUR)
    return site.full(request, feed(n), when=f"2026-03-14 0{n % 10}:00:00 local time")


def lying_length(site: Publisher, request: Request) -> bytes:
    site.sent[200] += 1
    return b'HTTP/1.1 200 OK\r\nContent-Length: 100000\r\nETag: "lie"\r\nConnection: close\r\n\r\n' + feed(1)


async def _drip() -> AsyncIterator[bytes]:
    yield b'HTTP/1.1 200 OK\r\nETag: "drip"\r\nConnection: close\r\n\r\n'
    while True:
        yield b" "
        await asyncio.sleep(0.005)


def drip(site: Publisher, request: Request) -> Answer:
    site.sent[200] += 1
    return _drip()


ERROR_PAGE = b"<!DOCTYPE html><title>Down for maintenance</title><p>We are back soon."
LOST = says(404)
LATER = http_date(NOW + 30 * DAY)


def is_moved(publisher: Publisher, states: list[FeedState]) -> bool:
    return publisher.count("/feed") == 2 and states[0].moved_to is not None


def is_not_moved(publisher: Publisher, states: list[FeedState]) -> bool:
    return states[0].moved_to is None and publisher.count("/feed") == len({when for when, _ in publisher.asked})


def asked_daily_at_the_end(publisher: Publisher, states: list[FeedState]) -> bool:
    gaps = [b - a for (a, _), (b, _) in zip(publisher.asked[-4:], publisher.asked[-3:], strict=False)]
    return all(20 * HOUR <= gap <= DAY for gap in gaps) and states[0].retired_at is None


CASES = (
    Case("both validators", changing(), full=(8, 8)),
    Case("ETag alone", changing(when=False), full=(8, 8)),
    Case("Last-Modified alone", changing(etag=None), full=(8, 8)),
    Case("weak ETag", changing(etag='W/"v{}"'), full=(8, 8)),
    Case("ETag without quotes", changing(etag="v{}"), full=(8, 8)),
    Case("ETag with odd signs", changing(etag='"a,b;c= {} \\"'), full=(8, 8)),
    Case("a date that is none goes back as it came", odd_date, full=(8, 8)),
    Case("a new ETag with the old date", sticky_date, full=(8, 8)),
    Case("a validator that a 200 lacks is forgotten", forgetful, ends="not_modified"),
    Case("a 304 with another ETag renews nothing", other_tag_on_304, full=(8, 8)),
    Case("a 304 with the ETag that it had and another date renews that", other_date_on_304, full=(8, 8)),
    Case("without validators", changing(etag=None, when=False), full=(44, 60)),
    Case("the same bytes with new validators", lambda s, r: s.full(r, feed(1), etag=f'"{s.now:%H}"'), full=(44, 60)),
    Case("304 for ever", stuck, days=15, polls=(55, 75), full=(3, 3), ends=None, settings={"every_s": 6 * 3600}),
    Case("max-age, which the 304 does not repeat", wishing(3 * HOUR, "Cache-Control: max-age=10800"), polls=(14, 17)),
    Case("max-age on a 304", wishing(3 * HOUR, "Cache-Control: max-age=10800", on_304=True), polls=(14, 17)),
    Case(
        "Expires a month ahead counts up to 23 hours", wishing(22 * HOUR, f"Expires: {LATER}"), polls=(2, 3), ends=None
    ),
    Case("ttl, which a 304 cannot repeat", wishing(4 * HOUR, extra="<ttl>240</ttl>"), polls=(11, 13)),
    Case(
        "sy:updatePeriod",
        wishing(6 * HOUR, extra="<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>"),
        polls=(7, 9),
    ),
    Case(
        "skipHours",
        changing(extra="<skipHours>" + "".join(f"<hour>{h}</hour>" for h in range(3, 23)) + "</skipHours>"),
        polls=(6, 14),
        holds=lambda p, _: all({when.hour, (when - STEP).hour} & {23, 0, 1, 2} for when, _ in p.asked),
    ),
    Case(
        "skipDays",
        changing(extra="<skipDays><day>Sunday</day></skipDays>"),
        polls=(32, 42),
        days=2.5,
        holds=lambda p, _: all({f"{when:%A}", f"{when - STEP:%A}"} != {"Sunday"} for when, _ in p.asked),
    ),
    Case(
        "429 with seconds, for the host",
        at(5, busy(429, 7 * HOUR), until=6),
        polls=(70, 100),
        paths=("/feed", "/other"),
    ),
    Case(
        "429 with a date, for the host",
        at(5, busy(429, 7 * HOUR, date=True), until=6),
        polls=(70, 100),
        paths=("/feed", "/other"),
    ),
    Case(
        "429 with a date, by a slow clock",
        at(5, busy(429, 2 * HOUR, date=True, slow_clock=3 * HOUR), until=6),
        polls=(80, 110),
        paths=("/feed", "/other"),
    ),
    Case(
        "503 with seconds, for the host",
        at(5, busy(503, 7 * HOUR), until=6),
        polls=(70, 100),
        paths=("/feed", "/other"),
    ),
    Case("429 always", says(429), days=6, polls=(8, 14), ends="failed", holds=asked_daily_at_the_end),
    Case("301", moved(301), polls=(46, 60), holds=is_moved),
    Case("308", moved(308), polls=(46, 60), holds=is_moved),
    Case("302", moved(302), polls=(90, 120), holds=is_not_moved),
    Case("307", moved(307), polls=(90, 120), holds=is_not_moved),
    Case(
        "301 to 308",
        moved(301, says(308, "Location: /2")),
        polls=(48, 62),
        holds=lambda p, s: is_moved(p, s) and p.count("/1") == 2,
    ),
    Case(
        "301 to 302 is remembered as far as it lasts",
        moved(301, says(302, "Location: /2")),
        polls=(90, 120),
        holds=lambda p, s: is_moved(p, s) and p.count("/1") == p.count("/2"),
    ),
    Case(
        "301 once is a slip",
        at(5, moved(301, last=changing()), until=6),
        polls=(46, 62),
        faults={"unconditional": 1},  # on coming back: one set of validators is kept, and it is of another address
        holds=lambda p, s: s[0].moved_to is None,
    ),
    Case(
        "a redirect loop",
        moved(302, says(302, "Location: /feed")),
        days=6,
        polls=(14, 30),
        ends="failed",
        holds=lambda p, s: s[0].retired_at is None,
    ),
    Case(
        "too many redirects",
        moved(302, *(says(302, f"Location: /{n}") for n in range(2, 12))),
        days=6,
        polls=(30, 70),
        ends="failed",
    ),
    Case("410", at(5, gone), days=9, polls=(6, 8), ends="failed", holds=lambda p, s: s[0].retired_at is not None),
    Case("410 behind a lasting redirect", moved(301, gone), days=3, polls=(2, 2), ends="failed"),
    Case("404 for ever", LOST, days=14, polls=(16, 22), ends="failed", holds=asked_daily_at_the_end),
    Case("404 for a week, then back", at(5, LOST, until=24 * 7), days=10, polls=(60, 110)),
    Case("500 for a week, then back", at(5, says(500), until=24 * 7), days=10, polls=(60, 110)),
    Case(
        "an error page with 200 renews no validator",
        at(7, says(200, 'ETag: "page"', body=ERROR_PAGE), until=9),
        polls=(40, 58),
        full=(9, 11),
    ),
    Case("an empty 200 renews no validator", at(7, says(200, 'ETag: "none"'), until=9), polls=(40, 58), full=(9, 11)),
    Case("a wrong length renews no validator", at(7, lying_length, until=9), polls=(40, 58), full=(9, 11)),
    Case("a body that is not gzip though it says so", changing(6 * HOUR, "Content-Encoding: gzip"), full=(8, 8)),
    Case("a charset that is none", changing(6 * HOUR, "Content-Type: text/xml; charset=utf-99"), full=(8, 8)),
    Case("a drip", at(7, drip, until=9), polls=(40, 58), full=(9, 11), settings={"limits": limits(total_s=0.2)}),
    Case("cookies", changing(6 * HOUR, "Set-Cookie: a=b; Path=/"), full=(8, 8)),
    Case("four feeds of one host", changing(), days=1, polls=(88, 120), paths=("/1", "/2", "/3", "/4")),
    Case("adaptive: new every six hours", changing(), days=5, polls=(40, 75), settings={"adaptive": True}),
    Case(
        "adaptive: new every half hour",
        changing(30 * MINUTE),
        days=1,
        polls=(40, 98),
        settings={"adaptive": True},
        ends=None,
    ),
    Case(
        "adaptive: nothing new for a fortnight",
        changing(90 * DAY),
        days=14,
        polls=(24, 60),
        full=(2, 3),
        settings={"adaptive": True},
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_full_marks(case: Case) -> None:
    async with serve() as server:
        publisher, states, last = await read_for(server, case)
    assert +publisher.faults == case.faults
    assert case.polls[0] <= len(publisher.asked) <= case.polls[1], len(publisher.asked)
    if case.full:
        assert case.full[0] <= publisher.sent[200] <= case.full[1], publisher.sent
    assert case.ends is None or last.outcome == case.ends
    assert server.busiest == 1
    assert case.holds(publisher, states), (states, publisher.asked[-4:])


# ── the desk ────────────────────────────────────────────────────────────────────────────────────────────────────


async def read_for(server: Server, case: Case) -> tuple[Publisher, list[FeedState], Fetched]:
    publisher = Publisher()
    desk = source(*(server.url(path) for path in case.paths), **case.settings)

    def answer(request: Request) -> Answer:
        publisher.look(request)
        return case.script(publisher, request)

    server.routes = _Everything(answer)
    states = {url: FeedState(source_id=desk.id, url=url) for url in desk.urls}
    pauses: dict[str, HostPause] = {}
    last = None
    while publisher.now < NOW + case.days * DAY:
        now = publisher.now
        due = [u for u in desk.urls if is_due(desk, states[u], now) and not is_paused(pauses, u, states[u], now)]
        if due:
            hosts = KnownHosts(pauses, now=now)
            async with HttpFetcher(AGENT, "127.0.0.0/8", 0.0001, hosts=hosts) as fetcher:
                for fetched in await fetch_source(desk, states, now, fetcher, due):
                    states[fetched.url] = _after(desk, fetched, states[fetched.url], now)
                    last = fetched
            pauses |= {pause.host: pause for pause in fetcher.pauses}
            while server.busy:  # it has still to notice that we hung up
                await asyncio.sleep(0.001)
        publisher.now += STEP
    assert last
    return publisher, list(states.values()), last


class _Everything(dict[str, Callable[[Request], Answer]]):
    """Routes that lead all paths to one answer."""

    def __init__(self, answer: Callable[[Request], Answer]) -> None:
        super().__init__()
        self._answer = answer

    def get(self, path: str, default: object = None) -> Callable[[Request], Answer]:  # type: ignore[override]
        return self._answer


def _after(desk: Source, fetched: Fetched, before: FeedState, now: datetime) -> FeedState:
    """As a shard does: what came is read, and then the next time is set."""
    state, outcome, info = fetched.state, fetched.outcome, None
    for payload in fetched.payloads:
        try:
            info = parse(payload, desk.format).feed
        except IngestError as e:
            state, outcome = after_unread(state, before, str(e)), "failed"
    assert now.tzinfo is UTC
    return scheduled(desk, state, outcome, now + timedelta(seconds=1), feed=info, headers=fetched.headers)
