"""robots.txt (RFC 9309): whether a site wants its pages fetched by us. Read once a day and origin, kept in the state.

It is for pages, which the feed's items name and nobody chose. A feed is in the registry because a person put it there,
as a reader subscribes to it, so it is asked whatever robots.txt says; but a Crawl-delay holds for it too.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from protego import Protego
from yarl import URL

from ingest.errors import Disallowed, FetchFailed, HttpError, IngestError, Paused, Refused, TooManyRedirects
from ingest.fetch.client import Response
from ingest.fetch.politeness import HostGate, host_of
from ingest.model import Limits, RobotsFile

LIMITS = Limits(max_bytes=500_000, max_decompressed_bytes=2_000_000, total_s=20.0, max_redirects=5)
MAX_CRAWL_DELAY_S = 30.0  # more would let a host's hundred items take hours
FRESH = timedelta(hours=24)  # RFC 9309 2.4
RETRY = timedelta(minutes=30)  # after a try without an answer
FORGIVEN = timedelta(days=30)  # of no answer, after which there is none: RFC 9309 2.3.1.4
_MAX_TEXT = 500_000  # characters
_REMEMBERED = 64  # parsed files; a parse takes milliseconds
_AGENT = re.compile(r"user[-\s]*agent[\s:]*(.*)", re.IGNORECASE)  # anchored, so linear
_TOKEN = re.compile(r"[A-Za-z_-]{1,80}")

Get = Callable[[str, datetime], Awaitable[Response]]
Find = Callable[[str], RobotsFile | None]


def product_token(agent: str) -> str:
    """The name that robots.txt calls us by (RFC 9309 2.2.1): what the User-Agent begins with."""
    found = _TOKEN.match(agent)
    return found[0] if found else agent


def rules_for(text: str, token: str) -> Protego:
    """`text` as it is for us. Every other name is one and the same, or thousands of names would multiply the rules."""
    lines = (line.strip() for line in text.splitlines())
    return Protego.parse("\n".join(_renamed(line, token.lower()) for line in lines if line[:1].isalpha()))


def _renamed(line: str, token: str) -> str:
    found = _AGENT.match(line)
    name = found[1].partition("#")[0].replace("*", "").strip().lower() if found else ""
    return line if token.startswith(name) else "User-agent: (another)"


def origin_of(url: str) -> str:
    return str(URL(url).origin())


def is_fresh(file: RobotsFile, now: datetime) -> bool:
    """Whether `file` may be relied on without asking again."""
    return now - file.asked_at < (RETRY if file.unreachable_since else FRESH)


def check(file: RobotsFile, rules: Protego | None, token: str, url: str, now: datetime, why: str | None) -> None:
    """Raises Disallowed if `url` must not be fetched; FetchFailed while nobody knows, for the site does not answer."""
    if rules is not None:  # out of reach or not, these are the last that were heard
        if not rules.can_fetch(url, token):
            raise Disallowed(
                url, f"the site's robots.txt disallows it for {token}", "options.robots = false, if agreed"
            )
    elif file.unreachable_since and now - file.unreachable_since < FORGIVEN:
        told = f"{file.origin}/robots.txt gives no answer" + (f": {why}" if why else "")
        raise FetchFailed(url, f"it may be disallowed, since {told}", "tried again later")


def heard(origin: str, body: bytes, token: str, now: datetime) -> RobotsFile:
    """What a 200 says; bytes that are no robots.txt, such as an error page's, have no rules."""
    text = body.decode("utf-8-sig", "replace").replace("\0", "")[:_MAX_TEXT]
    return RobotsFile(origin=origin, text=text, crawl_delay_s=rules_for(text, token).crawl_delay(token), asked_at=now)


def not_heard(origin: str, known: RobotsFile | None, error: IngestError, now: datetime) -> RobotsFile:
    """After a failure: no rules if there is no such file (RFC 9309 2.3.1.3), else what was known before."""
    is_missing = isinstance(error, HttpError) and error.status < 500 and error.status != 429
    if is_missing or isinstance(error, Refused | TooManyRedirects):
        return RobotsFile(origin=origin, asked_at=now)
    before = known or RobotsFile(origin=origin, asked_at=now)
    return before.model_copy(update={"asked_at": now, "unreachable_since": before.unreachable_since or now})


class Robots:
    """The files of one run. `find` looks one up in the state; `changed` are those to save there."""

    def __init__(self, agent: str, gate: HostGate, get: Get, find: Find = lambda _: None) -> None:
        self._token, self._gate = product_token(agent), gate
        self._get, self._find = get, find
        self._files: dict[str, RobotsFile | None] = {}
        self._rules: dict[str, Protego] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._why: dict[str, str] = {}  # there was no answer
        self.changed: dict[str, RobotsFile] = {}

    def recall(self, url: str) -> None:
        """Keep the Crawl-delay of this host, if it is known from before. Asks nothing."""
        try:
            self._known(origin_of(url))
        except ValueError:  # told when it is asked
            return

    async def check(self, url: str, now: datetime) -> None:
        """Raises Disallowed, FetchFailed if robots.txt is out of reach, Paused while the host is left alone."""
        origin = origin_of(url)
        async with self._locks.setdefault(origin, asyncio.Lock()):
            file = self._known(origin)
            if file is None or not is_fresh(file, now):
                file = await self._ask(origin, file, now)
                self._remember(file)
                self.changed[origin] = file
        check(file, self._rules_of(file), self._token, url, now, self._why.get(origin))

    async def _ask(self, origin: str, known: RobotsFile | None, now: datetime) -> RobotsFile:
        try:
            answer = await self._get(f"{origin}/robots.txt", now)
        except Paused:
            raise
        except IngestError as e:
            self._why[origin] = e.why
            return not_heard(origin, known, e, now)
        return heard(origin, answer.body, self._token, now)

    def _known(self, origin: str) -> RobotsFile | None:
        if origin not in self._files:
            found = self._find(origin)
            if found:
                self._remember(found)
            else:
                self._files[origin] = None
        return self._files[origin]

    def _remember(self, file: RobotsFile) -> None:
        self._files[file.origin] = file
        self._rules.pop(file.origin, None)
        if file.crawl_delay_s:
            self._gate.slow_down(host_of(file.origin), min(file.crawl_delay_s, MAX_CRAWL_DELAY_S))

    def _rules_of(self, file: RobotsFile) -> Protego | None:
        if file.text is None:
            return None
        if file.origin not in self._rules:
            while len(self._rules) >= _REMEMBERED:
                self._rules.pop(next(iter(self._rules)))
            self._rules[file.origin] = rules_for(file.text, self._token)
        return self._rules[file.origin]
