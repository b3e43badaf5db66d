"""FTP and FTP with explicit TLS (RFC 4217): every new or changed file of a folder is a payload.

The url is `ftp://host/folder`, `ftps://user@host:port/folder/*.xml`; as RFC 1738 has it the path begins where the login
puts us, and at the root after `%2F`. Folders below it are entered with `options.recursive`, if the server has MLSD. The
ledger, names of unfinished files and `limits.quiet_s` (5 s if not set) are as for a folder. Data connections go to the
host of the control connection, whatever a PASV answer says.
"""

import ftplib
import re
import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime

from ingest.errors import FetchFailed, IngestError, TooLarge
from ingest.fetch.below import Tree
from ingest.fetch.dial import Line, Login, Where, as_error, in_thread, login, split_url, tls_context
from ingest.fetch.http import HttpFetcher
from ingest.fetch.ledger import (
    MAX_LISTED,
    Batch,
    FileChangedError,
    Found,
    check_size,
    failed,
    is_fresh,
    shown,
    time_left,
)
from ingest.fetch.secrets import resolve_secret
from ingest.model import FeedState, Fetched, Source

PORT = 21
QUIET_S = 5.0
_TRIES = 4  # of one file: a data connection that breaks is taken up where it broke
_PIECE = 65_536
_MAX_REPLY = 1_000  # lines of one reply
_MAX_LISTING = 64_000_000  # bytes
_BROKEN = (OSError, EOFError, ftplib.Error)
_NO_COMMAND = ("500", "501", "502", "504")
_TIME = re.compile(r"[0-9]{14}")
ANONYMOUS = Login("anonymous", "anonymous@")

Listing = list[tuple[Found, bytes]]


class Session(ftplib.FTP_TLS):
    """One login. Names are Latin-1 here, so that any bytes go there and back."""

    def __init__(self, line: Line, where: Where, who: Login, context: ssl.SSLContext) -> None:
        super().__init__(context=context, timeout=line.limits.total_s, encoding="latin-1")
        self._line, self._where, self._who = line, where, who

    def begin(self) -> None:
        """Connect, log in, go to the folder. Raises FetchFailed for a refused login or a folder that is not there."""
        where, who = self._where, self._who
        self.host = where.host
        self.sock = self._line.open()
        self.af = self.sock.family
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()
        secure = where.scheme == "ftps"
        if secure:
            self.auth()
        try:
            self.login(who.user.encode().decode("latin-1"), who.secret.encode().decode("latin-1"), secure=False)
        except ftplib.error_perm as e:
            hint = "check the source's credential" if who is not ANONYMOUS else "the source needs a credential"
            raise FetchFailed(where.host, f"the login is refused: {str(e)[:3]}", hint) from e
        if secure:
            self.prot_p()
        self.voidcmd("TYPE I")
        if where.path:
            try:
                self.cwd(where.path.decode("latin-1"))
            except ftplib.error_perm as e:
                raise FetchFailed(where.url(b""), f"no such folder: {str(e)[:3]}", "check the path") from e

    def getmultiline(self) -> str:
        """As inherited, but a reply without end has one."""
        lines = [self.getline()]
        end = re.compile(re.escape(lines[0][:3]) + "(?!-)")
        while lines[0][3:4] == "-" and not end.match(lines[-1]):
            lines.append(self.getline())
            if len(lines) > _MAX_REPLY:
                raise ftplib.error_proto(f"a reply of over {_MAX_REPLY} lines")  # noqa: S321
        return "\n".join(lines)

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket.socket, int | None]:
        conn, size = ftplib.FTP.ntransfercmd(self, cmd, rest)  # noqa: S321
        self._line.watch("data", conn)
        if isinstance(self.sock, ssl.SSLSocket):
            # With the session of the control connection: many servers demand it, as proof that it is the same client.
            conn = self.context.wrap_socket(conn, server_hostname=self.host, session=self.sock.session)
        return conn, size

    def read(self, command: str, into: bytearray, limit: int) -> None:
        """Append what `command` sends, from where `into` ends. Raises TooLarge."""
        conn, _ = self.ntransfercmd(command, len(into) or None)
        try:
            while piece := conn.recv(_PIECE):
                into += piece
                if len(into) > limit:
                    raise TooLarge(command, f"over {limit} bytes", "raise the source's max_bytes")
        finally:
            conn.close()
            self._line.forget("data")
        self.voidresp()

    def lines(self, command: str) -> list[bytes]:
        sent = bytearray()
        self.read(command, sent, _MAX_LISTING)
        found = [line.rstrip(b"\r") for line in bytes(sent).split(b"\n", MAX_LISTED + 1)]
        if len(found) > MAX_LISTED:
            raise FetchFailed(self.host, f"over {MAX_LISTED} names", "clear the folder, or options.delete_after")
        return [line for line in found if line]

    def changed(self, name: str) -> str:
        """MDTM's time, empty if the server has none."""
        try:
            found = _TIME.search(self.sendcmd(f"MDTM {name}"))
        except ftplib.error_perm:
            return ""
        return found[0] if found else ""


async def fetch(source: Source, url: str, state: FeedState, now: datetime, fetcher: HttpFetcher) -> Fetched:
    """The FTP transport (see `transports`). What is complete when a connection breaks counts; the rest comes later."""
    who = ANONYMOUS
    try:
        where = split_url(url, PORT)
        who = login(source, url, where, resolve_secret, ANONYMOUS)
        context = tls_context(source.options.ca)
        async with fetcher.reach(where.host, where.port) as addresses:
            line = Line(where.host, addresses, where.port, source.limits)
            batch = Batch(source, state, now, time_left(source.limits.total_s))
            await in_thread(line, lambda: _Look(batch, line, where, who, context).run())
        return batch.fetched()
    except IngestError as e:
        return failed(state, e, who.redact(str(e)))


class _Look:
    def __init__(self, batch: Batch, line: Line, where: Where, who: Login, context: ssl.SSLContext) -> None:
        self._batch, self._line, self._where, self._who, self._context = batch, line, where, who, context

    def run(self) -> None:
        """Raises IngestError if nothing was taken; else what broke off is a reject."""
        batch = self._batch
        try:
            self._begin()
            files = self._listing()
            if batch.source.options.delete_after:
                files = self._delete(files)
            self._read_all(files)
            with suppress(*_BROKEN):  # all is here; whether it says goodbye does not matter
                self._ftp.quit()
        except (*_BROKEN, FetchFailed, ValueError) as e:
            error = as_error(e, self._line, self._where.host, self._who.redact)
            if not batch.payloads:
                raise error from e
            batch.reject(self._where.url(b""), error)
        finally:
            self._ftp.close()

    def _begin(self) -> None:
        self._ftp = Session(self._line, self._where, self._who, self._context)
        self._ftp.begin()

    def _listing(self) -> Listing:
        """The files to take, each with its path from the folder."""
        tree = Tree(self._batch, self._where.pattern)
        files: Listing = []
        for folder in tree.folders():
            try:
                lines = self._ftp.lines(f"MLSD {folder[:-1].decode('latin-1')}" if folder else "MLSD")
            except ftplib.error_perm as e:
                if not folder and str(e)[:3] in _NO_COMMAND:
                    return self._plain_listing(tree)
                if not folder:
                    raise
                self._batch.reject(shown(folder), FetchFailed(shown(folder), f"cannot be listed: {str(e)[:3]}"))
                continue
            files += _files(lines, folder, tree)
        return files

    def _plain_listing(self, tree: Tree) -> Listing:
        """For servers without MLSD (RFC 3659): a list of names, then size and time of each."""
        if self._batch.source.options.recursive:
            error = FetchFailed(self._where.host, "without MLSD it does not tell folders", "take options.recursive out")
            self._batch.reject(self._where.url(b""), error)
        try:
            names = self._ftp.lines("NLST")
        except ftplib.error_perm as e:
            if str(e)[:3] != "550":  # what many say of an empty folder
                raise
            return []
        files: Listing = []
        for name in dict.fromkeys(line.rpartition(b"/")[2] for line in names):
            if tree.is_file(b"", name):
                sent = name.decode("latin-1")
                if (size := self._size(sent)) is not None:
                    when = self._ftp.changed(sent)
                    files.append((Found(_seconds(when), shown(name), size, when), name))
        return files

    def _size(self, name: str) -> int | None:
        """None for a folder, or what is gone. Raises FetchFailed for a server that cannot tell."""
        try:
            return self._ftp.size(name)
        except ftplib.error_perm as e:
            if str(e)[:3] in _NO_COMMAND:
                why = "a server with neither MLSD nor SIZE, so a half-written file would look whole"
                raise FetchFailed(self._where.host, why, "ask the agency for another way") from e
            return None

    def _delete(self, files: Listing) -> Listing:
        """Remove what an earlier run landed, and return the rest. The first that cannot be removed ends it."""
        gone = set()
        for found, name in self._batch.landed(files):
            try:
                self._ftp.delete(name.decode("latin-1"))
            except ftplib.error_perm as e:
                why = f"cannot be deleted: {str(e)[:3]}"
                hint = "grant the right, or take options.delete_after out"
                self._batch.reject(found.name, FetchFailed(found.name, why, hint))
                break
            gone.add(name)
        return [(found, name) for found, name in files if name not in gone]

    def _read_all(self, files: Listing) -> None:
        batch, limits = self._batch, self._batch.source.limits
        quiet_s = QUIET_S if limits.quiet_s is None else limits.quiet_s
        for found, name in batch.wanted(files, lambda found: is_fresh(found, quiet_s, batch.now)):
            try:
                check_size(found, limits.max_bytes)
                batch.take(found, self._where.url(name), self._read(found, name.decode("latin-1")))
            except FileChangedError:
                continue
            except TooLarge as e:
                batch.refuse(found, e)
            except ftplib.error_perm as e:  # tried and told again until it is mended
                batch.reject(found.name, FetchFailed(found.name, f"cannot be read: {str(e)[:3]}"))

    def _read(self, found: Found, name: str) -> bytes:
        """The whole file as it was listed, in pieces if connections break. Raises FileChangedError if it is another."""
        body = bytearray()
        for attempt in range(_TRIES):
            try:
                self._ftp.read(f"RETR {name}", body, found.size)
                if len(body) == found.size:
                    break
            except TooLarge as e:  # it has grown since it was listed; the server's last word on it is still to come
                self._ftp.close()
                self._begin()
                raise FileChangedError(found.name) from e
            except ftplib.error_perm:
                raise
            except _BROKEN:
                if self._line.is_cut or attempt + 1 == _TRIES:
                    raise
                self._ftp.close()
                self._begin()
        if len(body) != found.size or self._has_changed(found, name):
            raise FileChangedError(found.name)
        return bytes(body)

    def _has_changed(self, found: Found, name: str) -> bool:
        if self._size(name) != found.size:
            return True
        when = self._ftp.changed(name)
        return bool(when) and when[:14] != found.stamp[:14]


def _files(lines: Iterable[bytes], folder: bytes, tree: Tree) -> Iterator[tuple[Found, bytes]]:
    """The files to take of an MLSD answer; `tree` is told of its folders."""
    for line in lines:
        tree.count()
        kind, size, when, name = _from_mlsd(line)
        if kind == "dir":
            tree.enter(folder, name)
        elif kind == "file" and size is not None and tree.is_file(folder, name):
            yield Found(_seconds(when), shown(folder + name), size, when), folder + name


def _from_mlsd(line: bytes) -> tuple[str, int | None, str, bytes]:
    """Type, size, time and name in a line of it (RFC 3659 7.2: `size=3;type=file;modify=…; name`)."""
    facts, _, name = line.partition(b" ")
    pairs = (fact.partition("=") for fact in facts.decode("latin-1").split(";"))
    known = {key.lower(): value for key, _, value in pairs}
    size = known.get("size", "")
    is_size = size.isascii() and size.isdigit() and len(size) < 19
    return known.get("type", "").lower(), int(size) if is_size else None, known.get("modify", "")[:40], name


def _seconds(when: str) -> float:
    """An FTP time (UTC) as seconds since 1970, 0 for none."""
    try:
        return datetime.strptime(when[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0
