"""IMAP: every new message of a mailbox is a payload (message/rfc822).

The url is `imaps://user@host/INBOX`, or `imap://…` with STARTTLS (without TLS only if `options.tls = false`); the path
is the mailbox as the server names it. A `bearer` token, or what a token server gives for an `oauth` credential, is sent
as XOAUTH2. The mailbox is opened read-only and messages are peeked at, so no flag changes.
`FeedState.cursor` is the last UID taken and the UIDVALIDITY it is good for (RFC 3501 2.3.1.1); with another
UIDVALIDITY all begins anew, and Message-IDs tell what has landed before.
"""

import base64
import imaplib
import re
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ingest.errors import BadConfig, FetchFailed, IngestError, TooLarge
from ingest.fetch.dial import Line, Login, Where, as_error, in_thread, login, split_url, tls_context
from ingest.fetch.http import HttpFetcher
from ingest.fetch.ledger import MAX_BATCH_BYTES, Batch, failed, shown, time_left
from ingest.fetch.secrets import Access, resolve_secret
from ingest.model import FeedState, Fetched, Source

PORTS = {"imap": 143, "imaps": 993}
_MAX_LINE = 10_000_000  # bytes: SEARCH tells a million UIDs on one line
_MARGIN = 20_000_000  # bytes of one session that are no messages
_MAX_UID = 2**32 - 1
_ASK_SIZES = 500  # messages
_BROKEN = (OSError, EOFError, imaplib.IMAP4.error)
_UID = re.compile(rb"\bUID (\d{1,10})\b")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d{1,18})\b")


class Place(BaseModel):
    """Where we are in a mailbox: `FeedState.cursor`."""

    model_config = ConfigDict(frozen=True)

    uidvalidity: int = Field(0, ge=0)
    uid: int = Field(0, ge=0)


class Session(imaplib.IMAP4):
    """One connection over a guarded line, with a bound on what is read from it. `context` is for imaps."""

    def __init__(self, line: Line, where: Where, context: ssl.SSLContext | None) -> None:
        self._line, self._context = line, context
        self.max_literal = _MAX_LINE
        self._left = MAX_BATCH_BYTES + line.limits.max_bytes + _MARGIN
        super().__init__(where.host, where.port)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        sock = self._line.open()
        return self._context.wrap_socket(sock, server_hostname=self.host) if self._context else sock

    def read(self, size: int) -> bytes:
        if size > self.max_literal:
            raise TooLarge(
                self.host, f"{size} bytes announced, at most {self.max_literal} are taken", "raise max_bytes"
            )
        return self._counted(self.file.read(size))

    def readline(self) -> bytes:
        line = self._counted(self.file.readline(_MAX_LINE + 1))
        if len(line) > _MAX_LINE:
            raise self.abort(f"a line of over {_MAX_LINE} bytes")
        return line

    def _counted(self, piece: str | bytes) -> bytes:
        assert isinstance(piece, bytes), "the socket's file is binary"
        self._left -= len(piece)
        if self._left < 0:
            raise self.abort("the server sends without end")
        return piece


async def fetch(source: Source, url: str, state: FeedState, now: datetime, fetcher: HttpFetcher) -> Fetched:
    """The IMAP transport (see `transports`). What is complete when a connection breaks counts; the rest comes later."""
    who: Login | None = None
    try:
        where = split_url(url, PORTS["imaps" if url.startswith("imaps:") else "imap"])
        who = await _login(source, url, where, now, fetcher)
        context = tls_context(source.options.ca)
        batch = Batch(source, state, now, time_left(source.limits.total_s))
        async with fetcher.reach(where.host, where.port) as addresses:
            line = Line(where.host, addresses, where.port, source.limits)
            look = _Look(batch, line, where, who, context)
            await in_thread(line, look.run)
        return batch.fetched_with(look.place.model_dump_json())
    except IngestError as e:
        return failed(state, e, who.redact(str(e)) if who else None)


async def _login(source: Source, url: str, where: Where, now: datetime, fetcher: HttpFetcher) -> Login:
    """Raises BadConfig, and as `HttpFetcher.token` does."""
    credential = source.credential
    if credential is None or credential.kind not in ("bearer", "oauth"):
        return login(source, url, where, resolve_secret)
    if not where.user:
        raise BadConfig(source.id, "a token needs a user name", f"write {where.scheme}://user@host/…")
    access = await fetcher.token(Access.of(credential, url, resolve_secret), source.limits, now)
    return Login(where.user, access.token or access.secret, is_token=True, redact=access.redact)


class _Look:
    """One look at one mailbox. `place` is how far it came."""

    def __init__(self, batch: Batch, line: Line, where: Where, who: Login, context: ssl.SSLContext) -> None:
        self._batch, self._line, self._where, self._who, self._context = batch, line, where, who, context
        self.place = _place(batch.state)

    def run(self) -> None:
        """Raises IngestError if nothing was taken; else what broke off is a reject."""
        batch = self._batch
        try:
            self._begin()
            self._open()
            for uid, size in self._new():
                if not batch.has_room():
                    break
                self._take(uid, size)
            with suppress(*_BROKEN):  # all is here; whether it says goodbye does not matter
                self._imap.logout()
        except (*_BROKEN, IngestError, ValueError) as e:
            error = as_error(e, self._line, self._where.host, self._who.redact)
            if not (batch.payloads or batch.rejects):
                raise error from e
            batch.reject(self._where.url(b""), error)
        finally:
            self._line.close()

    def _begin(self) -> None:
        """Connect and log in. Raises FetchFailed."""
        implicit, host = self._where.scheme == "imaps", self._where.host
        self._imap = Session(self._line, self._where, self._context if implicit else None)
        if not implicit and self._batch.source.options.tls:
            if "STARTTLS" not in self._imap.capabilities:
                raise FetchFailed(host, "no STARTTLS, so the password would go in clear", "imaps://, or options.tls")
            self._imap.starttls(self._context)
        try:
            self._log_in()
        except self._imap.abort:
            raise
        except self._imap.error as e:
            raise FetchFailed(host, f"the login as {self._who.user} is refused", "check the source's credential") from e

    def _log_in(self) -> None:
        user, secret = self._who.user, self._who.secret
        if self._who.is_token:
            if "AUTH=XOAUTH2" not in self._imap.capabilities:
                raise FetchFailed(self._where.host, "takes no tokens: it offers no XOAUTH2", "a password, if it may be")
            # A second challenge tells why it is refused; an empty answer to it brings the refusal itself.
            answers = iter([f"user={user}\1auth=Bearer {secret}\1\1".encode()])
            self._imap.authenticate("XOAUTH2", lambda _: next(answers, b""))
        elif "AUTH=PLAIN" in self._imap.capabilities:  # takes any characters, LOGIN only ASCII
            self._imap.authenticate("PLAIN", lambda _: f"\0{user}\0{secret}".encode())
        else:
            self._imap.login(_quoted(user), secret)

    def _open(self) -> None:
        """EXAMINE the mailbox: read-only, so that nothing is marked as seen."""
        name = shown(self._where.path) or "INBOX"
        answer, told = self._imap.select(_quoted(_utf7(name)), readonly=True)
        if answer != "OK":
            raise FetchFailed(self._where.url(b""), f"no such mailbox: {_words(told)}", "the path is its name")
        validity = self._imap.response("UIDVALIDITY")[1]
        number = int(validity[0]) if validity and validity[0] else 0
        if number > _MAX_UID:
            raise FetchFailed(self._where.host, "a UIDVALIDITY of over 32 bits", "this is no IMAP server")
        if number != self.place.uidvalidity:
            self.place = Place(uidvalidity=number)

    def _new(self) -> list[tuple[int, int]]:
        """UID and size of every message after the last one, in order."""
        answer, told = self._imap.uid("SEARCH", f"UID {self.place.uid + 1}:*")
        if answer != "OK":
            raise FetchFailed(self._where.url(b""), f"cannot be searched: {_words(told)}")
        words = b" ".join(part for part in told if isinstance(part, bytes)).split()
        # n:* names the last message even if it is before n
        uids = sorted({int(word) for word in words if word.isdigit() and self.place.uid < int(word) <= _MAX_UID})
        uids = uids[: self._batch.source.limits.max_items]
        sizes: dict[int, int] = {}
        for start in range(0, len(uids), _ASK_SIZES):
            sizes |= self._sizes(uids[start : start + _ASK_SIZES])
        return [(uid, sizes[uid]) for uid in uids if uid in sizes]

    def _sizes(self, uids: Sequence[int]) -> dict[int, int]:
        _, told = self._imap.uid("FETCH", ",".join(map(str, uids)), "(UID RFC822.SIZE)")
        lines = (line for line in told if isinstance(line, bytes))
        found = ((_UID.search(line), _SIZE.search(line)) for line in lines)
        return {int(uid[1]): int(size[1]) for uid, size in found if uid and size}

    def _take(self, uid: int, size: int) -> None:
        """One message as a payload or a reject; either way the place is after it."""
        batch, name = self._batch, f"UID {uid}"
        limit = batch.source.limits.max_bytes
        if size > limit:
            batch.reject(name, TooLarge(name, f"{size} bytes, at most {limit} are taken", "raise max_bytes"))
        else:
            self._imap.max_literal = limit
            try:
                _, told = self._imap.uid("FETCH", str(uid), "(UID BODY.PEEK[])")
            except TooLarge as e:  # it said less before
                batch.reject(name, e)
                self.place = self.place.model_copy(update={"uid": uid})
                raise FetchFailed(
                    self._where.host, f"{name} is larger than announced", "the rest comes next time"
                ) from e
            body = next((part[1] for part in told if isinstance(part, tuple) and b"BODY[]" in part[0].upper()), b"")
            if body:
                batch.received += len(body)
                batch.add(self._url(uid), body, "message/rfc822")
            elif any(told):  # else it was deleted in between
                batch.reject(name, FetchFailed(name, "an empty message"))
        self.place = self.place.model_copy(update={"uid": uid})

    def _url(self, uid: int) -> str:
        """RFC 5092, without the user."""
        box = quote(self._where.path or b"INBOX", safe="/")
        place = f"{box};UIDVALIDITY={self.place.uidvalidity}/;UID={uid}"
        return replace(self._where, path=b"").url(b"") + place


def _place(state: FeedState) -> Place:
    try:
        return Place.model_validate_json(state.cursor) if state.cursor else Place()
    except ValidationError:
        return Place()  # everything is taken again; what has landed already changes nothing


def _quoted(text: str) -> str:
    """An IMAP quoted string, which has no line breaks in it (`split_url` and `Access` see to that)."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _utf7(name: str) -> str:
    """A mailbox name in IMAP's modified UTF-7 (RFC 3501 5.1.3); one that is ASCII stays, but for its `&`."""

    def shifted(run: re.Match[str]) -> str:
        return "&" + base64.b64encode(run[0].encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"

    return re.sub(r"[^\x20-\x7e]+", shifted, name.replace("&", "&-"))


def _words(told: Sequence[object]) -> str:
    return " ".join(str(part, "utf-8", "replace") for part in told if isinstance(part, bytes))[:200]
