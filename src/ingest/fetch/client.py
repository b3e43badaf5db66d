"""One GET from the first request to the body, every hop of it checked, timed and measured.

aiohttp's own redirects, cookies and decompression are off: each would do something behind the guard's back.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from ingest.errors import FetchFailed, Gone, HttpError, Refused, TooLarge, TooManyRedirects, TooSlow
from ingest.fetch.decode import ACCEPT_ENCODING, decompress
from ingest.fetch.guard import Guard, GuardedResolver
from ingest.fetch.politeness import HostGate, host_of
from ingest.fetch.schedule import retry_after
from ingest.fetch.secrets import Access
from ingest.model import Hop, HostPause, Limits, Payload, Source

_REDIRECTS = (301, 302, 303, 307, 308)
_PIECE = 65_536
MIN_RATE = 200  # bytes a second; a modem has 3,000
_MAX_LINE, _MAX_FIELD, _MAX_HEADERS = 16_384, 32_768, 128  # bytes, bytes, lines; real CSP headers reach 20 kB
_PAUSES_S = {429: 900.0, 503: 300.0}  # for the whole host, when the answer names no time
_SECRET_HEADERS = ("set-cookie", "set-cookie2")


@dataclass(frozen=True)
class Response:
    """A final answer: 200 with its body decompressed, or 304 without one."""

    url: str  # after redirects
    status: int
    headers: tuple[tuple[str, str], ...]  # as sent (Content-Encoding too), without Set-Cookie
    body: bytes = field(repr=False)
    received_bytes: int
    fetched_at: datetime
    hops: tuple[Hop, ...]

    def header(self, name: str) -> str | None:
        return header(self.headers, name)

    def payload(self, source: Source) -> Payload:
        return Payload(
            source_id=source.id,
            url=self.url,
            body=self.body,
            content_type=self.header("content-type"),
            status=self.status,
            headers=self.headers,
            fetched_at=self.fetched_at,
            zone=source.zone,
            language=source.language,
        )


@dataclass(frozen=True)
class Ask:
    """What to send. `conditional` goes only to `validated_url`, the address the validators came from.

    `permit` is asked before each hop and raises if it must not be fetched. With `cut`, a body over the limit is taken
    as far as the limit.
    """

    headers: Mapping[str, str]
    access: Access = field(default_factory=Access)
    validated_url: str | None = None
    conditional: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = field(default=None, repr=False)  # a POST of these fields
    permit: Callable[[str], Awaitable[None]] | None = None
    cut: bool = False

    def is_conditional(self, url: str) -> bool:
        return url == self.validated_url and bool(self.conditional)

    def headers_for(self, url: str) -> dict[str, str]:
        conditional = self.conditional if self.is_conditional(url) else {}
        return {**self.headers, **conditional, **self.access.headers(url)}


@dataclass
class Trail:
    """What happened on the way, kept also when the fetch fails."""

    asked_at: datetime
    hops: list[Hop] = field(default_factory=list)
    headers: tuple[tuple[str, str], ...] = ()  # of the last answer
    received_bytes: int = 0
    began: float = field(default_factory=lambda: asyncio.get_running_loop().time())

    def now(self) -> datetime:
        """`asked_at` and what has passed since: an answer's time, by which its Retry-After counts."""
        return self.asked_at + timedelta(seconds=asyncio.get_running_loop().time() - self.began)


class Client:
    """An aiohttp session behind the guard and the gate. `resolver` is for tests; the system's resolver else.

    `pauses` are those that hosts asked for since, by host.
    """

    def __init__(self, agent: str, guard: Guard, gate: HostGate, resolver: AbstractResolver | None = None) -> None:
        self._agent, self._guard, self._gate = agent, guard, gate
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None
        self.pauses: dict[str, HostPause] = {}

    async def __aenter__(self) -> Self:
        self._guarded = GuardedResolver(self._guard, self._resolver or aiohttp.ThreadedResolver())
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=self._guarded, limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self._agent, "Accept-Encoding": ACCEPT_ENCODING},
            auto_decompress=False,
            trust_env=False,  # a proxy would connect for us, past the guard
            max_line_size=_MAX_LINE,
            max_field_size=_MAX_FIELD,
            max_headers=_MAX_HEADERS,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def get(self, url: str, ask: Ask, limits: Limits, trail: Trail) -> Response:
        """Follow redirects to a 200, or a 304 if `ask` was conditional there.

        `limits.total_s` counts the time on the network, not the wait for this host's turn. Raises FetchFailed,
        HttpError, Gone, Refused, TooLarge or TooSlow, all without the credential in their text.
        """
        assert ask.form is None, "a form is not sent after redirects"
        left_s = limits.total_s
        seen: set[str] = set()
        while True:
            url = ask.access.without(self._guard.check_url(url))
            if url in seen:
                raise TooManyRedirects(url, "a redirect loop", "the publisher has to mend it")
            if len(seen) > limits.max_redirects:
                raise TooManyRedirects(
                    url, f"more than {limits.max_redirects} redirects", "raise max_redirects if they are meant"
                )
            seen.add(url)
            if ask.permit:
                await ask.permit(url)
            async with self._gate.turn(host_of(url)):
                began = asyncio.get_running_loop().time()
                answer = await self._hop(url, ask, limits, left_s, trail)
                left_s -= asyncio.get_running_loop().time() - began
            if isinstance(answer, bytes):
                return self._response(url, answer, limits, trail)
            url = answer

    async def post(self, url: str, ask: Ask, limits: Limits, trail: Trail) -> Response:
        """Send `ask.form`, once: whatever it holds is for this address and no other. Raises as `get` does."""
        url = self._guard.check_url(url)
        async with self._gate.turn(host_of(url)):
            answer = await self._hop(url, ask, limits, limits.total_s, trail)
        if isinstance(answer, str):
            raise Refused(url, "answers a form with a redirect", "set the address that it is at now")
        return self._response(url, answer, limits, trail)

    @asynccontextmanager
    async def reach(self, host: str, port: int) -> AsyncIterator[list[str]]:
        """This host's turn, for a protocol of its own, and the addresses that may be connected to."""
        self._guard.check_host(host)
        async with self._gate.turn(host):
            try:
                found = await self._guarded.resolve(host, 0, socket.AF_UNSPEC)  # 0: any port, not the web's only
            except (OSError, ValueError) as e:  # ValueError: what is no name at all, such as a..b
                why = getattr(e, "strerror", None) or e
                raise FetchFailed(host, f"the name cannot be resolved: {why}", "check the address") from e
            yield [result["host"] for result in found]

    async def _hop(self, url: str, ask: Ask, limits: Limits, left_s: float, trail: Trail) -> bytes | str:
        """One request: the body as sent, or the address of the next hop."""
        assert self._session is not None, "use the client as a context manager"
        try:
            async with (
                asyncio.timeout(max(left_s, 0.0)),
                self._session.request(
                    "GET" if ask.form is None else "POST",
                    URL(ask.access.address(url), encoded=True),
                    headers=ask.headers_for(url),
                    data=ask.form,
                    allow_redirects=False,
                    timeout=aiohttp.ClientTimeout(total=None, connect=limits.connect_s, sock_read=limits.silence_s),
                ) as reply,
            ):
                trail.headers = _clean_headers(reply.headers.items(), ask.access)
                location = header(trail.headers, "location") if reply.status in _REDIRECTS else None
                trail.hops.append(Hop(url=ask.access.redact(url), status=reply.status, location=location))
                if reply.status in _REDIRECTS:
                    return _next_url(url, _text(reply.headers.get("Location", "")))
                self._check_status(url, reply.status, ask, trail)
                return b"" if reply.status == 304 else await _read(url, reply, limits, trail, ask.cut)
        except aiohttp.SocketTimeoutError as e:
            raise TooSlow(url, f"silent for {limits.silence_s:g} s", "the server may be overloaded") from e
        except aiohttp.ServerTimeoutError as e:
            raise TooSlow(url, f"no connection within {limits.connect_s:g} s", "the server may be down") from e
        except TimeoutError as e:
            raise TooSlow(url, f"not complete within {limits.total_s:g} s", "raise the source's total_s") from e
        except (aiohttp.ClientError, OSError, UnicodeError) as e:
            # aiohttp's errors name the address as it was sent, so with a secret there is no cause to log
            raise FetchFailed(url, ask.access.redact(_reason(e)), "tried again later") from (
                None if ask.access.secret else e
            )

    def _check_status(self, url: str, status: int, ask: Ask, trail: Trail) -> None:
        taken = (200, 201, 202, 203, 204) if ask.form is not None else (200, 203)
        if status in taken or (status == 304 and ask.is_conditional(url)):
            return
        if status == 410:
            raise Gone(url, "410 Gone: it will not come back", "remove the source or find its new address", status)
        if status in _PAUSES_S:
            self._back_off(host_of(url), status, trail)
        if status >= 400:
            raise HttpError(url, f"HTTP status {status}", _STATUS_HINTS.get(status, "tried again later"), status)
        raise FetchFailed(url, f"HTTP status {status}, which is no answer to this request", "tried again later")

    def _back_off(self, host: str, status: int, trail: Trail) -> None:
        now, because = trail.now(), f"it answered {status}"
        until = retry_after(trail.headers, now) or now + timedelta(seconds=_PAUSES_S[status])
        if self._gate.silence(host, (until - now).total_seconds(), because):
            self.pauses[host] = HostPause(host=host, not_before=until, because=because)

    def _response(self, url: str, sent: bytes, limits: Limits, trail: Trail) -> Response:
        codings = header(trail.headers, "content-encoding") or ""
        body = decompress(sent, codings, url, limits.max_decompressed_bytes)
        status = trail.hops[-1].status
        return Response(trail.hops[-1].url, status, trail.headers, body, len(sent), trail.asked_at, tuple(trail.hops))


_STATUS_HINTS = {
    401: "check the source's credential",
    403: "the publisher refuses us: check the credential, or ask them",
    404: "check the address",
    429: "we ask too often: raise `every` or INGEST_HOST_DELAY_S",
}


def header(headers: Iterable[tuple[str, str]], name: str) -> str | None:
    """The first header of that name, None if there is none or it is empty."""
    return next((value for key, value in headers if key.lower() == name and value), None)


async def _read(url: str, reply: aiohttp.ClientResponse, limits: Limits, trail: Trail, cut: bool) -> bytes:
    hint, limit = "raise the source's max_bytes if this is meant", limits.max_bytes
    clock = asyncio.get_running_loop().time
    began = clock()
    if (reply.content_length or 0) > limit and not cut:
        raise TooLarge(url, f"{reply.content_length} bytes announced, at most {limit} are taken", hint)
    pieces = []
    async for piece in reply.content.iter_chunked(_PIECE):
        trail.received_bytes += len(piece)
        pieces.append(piece)
        if trail.received_bytes > limit:
            if cut:
                break
            raise TooLarge(url, f"over {limit} bytes", hint)
        took_s = clock() - began
        if took_s > limits.silence_s and sum(map(len, pieces)) < took_s * MIN_RATE:
            raise TooSlow(url, f"fewer than {MIN_RATE} bytes a second for {took_s:.0f} s", "tried again later")
    return b"".join(pieces)[:limit]


def _next_url(url: str, location: str) -> str:
    if not location:
        raise FetchFailed(url, "a redirect without a Location", "the publisher has to mend it")
    try:
        return urljoin(url, location.strip().replace(" ", "%20"))
    except ValueError as e:
        raise Refused(url, f"redirects to what is no address: {e}") from e


def _clean_headers(headers: Iterable[tuple[str, str]], access: Access) -> tuple[tuple[str, str], ...]:
    kept = ((name, value) for name, value in headers if name.lower() not in _SECRET_HEADERS)
    return tuple((_text(name), access.redact(_text(value))) for name, value in kept)


def _text(value: str) -> str:
    # aiohttp keeps bytes that are not UTF-8 as surrogates, which can be neither stored nor sent.
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _reason(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        cause = error.certificate_error
        return f"its certificate is not trusted: {getattr(cause, 'verify_message', cause)}"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"the name cannot be resolved: {error.strerror or error.os_error}"
    if isinstance(error, aiohttp.ClientResponseError):
        return f"not an HTTP answer: {' '.join(error.message.split())[:200]}"
    text = " ".join(str(error).split())[:200]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
