"""The way to a host that does not speak HTTP: its address in a url, the login, and sockets behind the guard.

`HttpFetcher.reach` gives the addresses that were checked; sockets here are opened to those and to nothing else.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import quote, unquote_to_bytes, urlsplit

from ingest.errors import BadConfig, FetchFailed, IngestError, Refused, TooSlow
from ingest.fetch.ledger import shown
from ingest.fetch.secrets import Access, Secrets
from ingest.model import Limits, Source

_GLOB = frozenset(b"*?[")
T = TypeVar("T")


@dataclass(frozen=True)
class Where:
    """A url taken apart. `path` is decoded, without its first slash; `pattern` is its last part if that is a glob."""

    scheme: str
    host: str
    port: int
    user: str | None
    path: bytes
    pattern: str | None = None

    def url(self, name: bytes) -> str:
        """The address of one file there, without the user."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        inside = self.path.rstrip(b"/") + b"/" if self.path.strip(b"/") else b""
        return f"{self.scheme}://{host}:{self.port}/{quote(inside)}{quote(name)}"


def split_url(url: str, port: int) -> Where:
    """Raises Refused for what is no address of a folder or mailbox, or has a password in it."""
    try:
        parts = urlsplit(url.replace("?", "%3F").replace("#", "%23"))
        host, stated = parts.hostname, parts.port
    except ValueError as e:
        raise Refused(url.rpartition("@")[2], f"not an address: {e}") from e
    if not host or parts.password is not None:
        raise Refused(url.rpartition("@")[2], "no host, or a password in the address", "scheme://user@host/path")
    path = unquote_to_bytes(parts.path).removeprefix(b"/")
    if any(byte < 32 or byte == 127 for byte in path) or b".." in path.split(b"/"):
        raise Refused(url.rpartition("@")[2], "a control character or `..` in the path")
    folder, slash, last = path.rpartition(b"/")
    user = shown(unquote_to_bytes(parts.username)) if parts.username else None
    if _GLOB & set(last):
        return Where(parts.scheme, host, stated or port, user, folder + slash, shown(last))
    return Where(parts.scheme, host, stated or port, user, path)


@dataclass(frozen=True)
class Login:
    """Who we are there. `secret` is a password, a private key if `is_key`, an OAuth token if `is_token`.

    `redact` takes it out of any text.
    """

    user: str
    secret: str = field(repr=False)
    is_key: bool = False
    is_token: bool = False
    redact: Callable[[str], str] = field(default=lambda text: text, repr=False)


def login(source: Source, url: str, where: Where, secrets: Secrets, nobody: Login | None = None) -> Login:
    """The source's credential, looked up; `nobody` for a source without one. Raises BadConfig."""
    credential = source.credential
    if credential is None:
        if nobody is None:
            raise BadConfig(source.id, f"{where.scheme} needs a credential", "see docs/sources.md, Wires")
        return nobody
    access = Access.of(credential, url, secrets)
    named = credential.env or credential.connection or "credential"
    if credential.kind == "basic":
        user, password = access.pair
    elif credential.kind in ("password", "key"):
        user, password = where.user or "", access.secret
    else:
        raise BadConfig(
            named, f"a {credential.kind} credential is not for {where.scheme}", "see docs/sources.md, Wires"
        )
    if not user:
        raise BadConfig(named, "no user name", f"write {where.scheme}://user@host/…, or user:password for kind basic")
    return Login(user, password, is_key=credential.kind == "key", redact=access.redact)


class Line:
    """The sockets of one fetch to one host, for a client that blocks: all are cut when its time is over."""

    def __init__(self, host: str, addresses: list[str], port: int, limits: Limits) -> None:
        self.host, self.limits, self.is_cut = host, limits, False
        self._addresses, self._port = addresses, port
        self._watched: dict[str, socket.socket] = {}

    def open(self) -> socket.socket:
        """A connection to the first address that answers. Raises FetchFailed."""
        self._refuse_if_cut()
        why = "no address"
        for address in self._addresses:
            try:
                sock = socket.create_connection((address, self._port), self.limits.connect_s)
            except OSError as e:
                why = e.strerror or str(e)
                continue
            sock.settimeout(self.limits.total_s)
            self.watch("main", sock)
            return sock
        raise FetchFailed(f"{self.host}:{self._port}", f"no connection: {why}", "the server may be down")

    def watch(self, name: str, sock: socket.socket) -> None:
        """Have `sock` cut too. A duplicate is kept, since TLS takes the socket away from its maker."""
        self.forget(name)
        self._watched[name] = sock.dup()
        self._refuse_if_cut()

    def forget(self, name: str) -> None:
        if held := self._watched.pop(name, None):
            held.close()

    def cut(self) -> None:
        """End every wait on this line, from any thread."""
        self.is_cut = True
        for held in list(self._watched.values()):
            with suppress(OSError):  # not connected any more
                held.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        for name in list(self._watched):
            self.forget(name)

    def too_slow(self) -> TooSlow:
        return TooSlow(self.host, f"not complete within {self.limits.total_s:g} s", "raise the source's total_s")

    def _refuse_if_cut(self) -> None:
        if self.is_cut:
            raise self.too_slow()


async def in_thread(line: Line, work: Callable[[], T]) -> T:
    """Run `work`, which talks over `line`, for at most the time of one fetch."""
    timer = asyncio.get_running_loop().call_later(line.limits.total_s, line.cut)
    try:
        return await own_thread(work)
    finally:
        timer.cancel()
        line.cut()
        line.close()


async def own_thread(work: Callable[[], T]) -> T:
    """Run `work` in a thread of its own: slow wires must not use up the ones that names are resolved with."""
    executor = ThreadPoolExecutor(1, thread_name_prefix="wire")
    try:
        return await asyncio.get_running_loop().run_in_executor(executor, work)
    finally:
        executor.shutdown(wait=False)


def tls_context(ca: str | None) -> ssl.SSLContext:
    """Certificates and names are checked, against the system's authorities or those in the PEM file `ca`."""
    try:
        return ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError) as e:
        raise BadConfig(ca or "TLS", f"no authorities can be read from it: {e}", "options.ca is a PEM file") from e


def as_error(error: Exception, line: Line, subject: str, redact: Callable[[str], str]) -> IngestError:
    """What a client's exception means. Texts of the server are cut and without the secret."""
    if isinstance(error, IngestError):
        return error
    if line.is_cut or isinstance(error, TimeoutError):
        return line.too_slow()
    if isinstance(error, ssl.SSLCertVerificationError):
        why = f"its certificate is not trusted: {error.verify_message}"
        return FetchFailed(subject, why, "options.ca names a private authority's PEM file")
    text = redact(" ".join(str(error).split()))[:200]
    return FetchFailed(
        subject, f"{type(error).__name__}: {text}" if text else "the connection broke", "tried again later"
    )
