"""SFTP: every new or changed file of a folder is a payload.

The url is `sftp://user@host:port/folder` or `…/folder/*.xml`; `/~/folder` begins at the user's home. Folders below it
are entered with `options.recursive`, links to folders never. The ledger, names of unfinished files and `limits.quiet_s`
(5 s if not set) are as for a folder. A host key must be known: by `options.host_key`, else by ~/.ssh/known_hosts.
Neither ~/.ssh/config nor an agent is asked.
"""

import asyncio
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import asyncssh

from ingest.errors import BadConfig, FetchFailed, IngestError, Refused, TooLarge
from ingest.fetch.below import Tree
from ingest.fetch.dial import Line, Login, Where, login, split_url
from ingest.fetch.http import HttpFetcher
from ingest.fetch.ledger import (
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

PORT = 22
QUIET_S = 5.0
_PIECE = 262_144
_BROKEN = (OSError, asyncssh.Error, asyncssh.SFTPError, asyncio.IncompleteReadError)


async def fetch(source: Source, url: str, state: FeedState, now: datetime, fetcher: HttpFetcher) -> Fetched:
    """The SFTP transport (see `transports`). What is complete when a connection breaks counts; the rest comes later."""
    who: Login | None = None
    try:
        where = split_url(url, PORT)
        who = login(source, url, where, resolve_secret)
        batch = Batch(source, state, now, time_left(source.limits.total_s))
        async with fetcher.reach(where.host, where.port) as addresses:
            line = Line(where.host, addresses, where.port, source.limits)
            await _look(batch, where, who, line)
        return batch.fetched()
    except IngestError as e:
        return failed(state, e, who.redact(str(e)) if who else None)


async def _look(batch: Batch, where: Where, who: Login, line: Line) -> None:
    """Raises IngestError if nothing was taken; else what broke off is a reject."""
    try:
        async with asyncio.timeout(line.limits.total_s), _connected(batch.source, where, who, line) as client:
            files = await _listing(client, where, batch)
            if batch.source.options.delete_after:
                files = await _delete(client, where, batch, files)
            await _read_all(client, where, batch, files)
    except (*_BROKEN, TimeoutError, FetchFailed) as e:
        error = _as_error(e, line, who)
        if not batch.payloads:
            raise error from e
        batch.reject(where.url(b""), error)


@asynccontextmanager
async def _connected(source: Source, where: Where, who: Login, line: Line) -> AsyncIterator[asyncssh.SFTPClient]:
    seen: list[str] = []

    class Client(asyncssh.SSHClient):
        def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
            seen.append(key.get_fingerprint())
            return seen[-1] in source.options.host_key

    sock = await asyncio.to_thread(line.open)
    sock.setblocking(False)
    connection = None
    try:
        options = asyncssh.SSHClientConnectionOptions(
            config=None,
            agent_path=None,
            client_keys=[_key(who)] if who.is_key else None,
            password=None if who.is_key else who.secret,
            preferred_auth="publickey" if who.is_key else "password,keyboard-interactive",
            known_hosts=_known_hosts(source),
            username=who.user,
            login_timeout=line.limits.total_s,
            compression_algs=None,
            x509_trusted_certs=None,
        )
        connection = await asyncssh.connect(where.host, where.port, sock=sock, options=options, client_factory=Client)
        yield await connection.start_sftp_client(path_encoding=None)
    except asyncssh.HostKeyNotVerifiable as e:
        shows = f"it shows {seen[-1]}" if seen else str(e)[:200]
        raise Refused(where.host, f"its host key is not known: {shows}", "if that is right: options.host_key") from e
    except asyncssh.PermissionDenied as e:
        raise FetchFailed(where.host, f"the login as {who.user} is refused", "check the source's credential") from e
    finally:
        if connection is not None:
            connection.abort()  # to close in peace is to wait for the other side, for as long as it likes
        sock.close()
        line.close()


def _known_hosts(source: Source) -> str | bytes:
    usual = Path("~/.ssh/known_hosts").expanduser()
    return str(usual) if not source.options.host_key and usual.is_file() else b""


def _key(who: Login) -> asyncssh.SSHKey:
    try:
        return asyncssh.import_private_key(who.secret + "\n")
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as e:
        raise BadConfig(
            "credential",
            f"holds no private key that can be used: {type(e).__name__}",
            "PEM or OpenSSH, without a passphrase",
        ) from e


def _folder(where: Where) -> bytes:
    """Absolute, or relative to the home (`/~/`), as the server takes it."""
    path = b"/" + where.path.rstrip(b"/")
    return path[3:] or b"." if path == b"/~" or path.startswith(b"/~/") else path


async def _listing(client: asyncssh.SFTPClient, where: Where, batch: Batch) -> list[tuple[Found, bytes]]:
    """The regular files to take, each with its path from the folder."""
    files: list[tuple[Found, bytes]] = []
    tree = Tree(batch, where.pattern)
    for folder in tree.folders():
        try:
            async for entry in client.scandir((_folder(where) + b"/" + folder).rstrip(b"/") or b"/"):
                tree.count()
                name, attrs = _bytes(entry.filename), entry.attrs
                mode = attrs.permissions or stat.S_IFREG
                if stat.S_ISDIR(mode):
                    tree.enter(folder, name)
                elif stat.S_ISREG(mode) and tree.is_file(folder, name):
                    path = folder + name
                    files.append(
                        (Found(float(attrs.mtime or 0), shown(path), attrs.size or 0, str(attrs.mtime or 0)), path)
                    )
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPPermissionDenied, asyncssh.SFTPFailure) as e:
            error = FetchFailed(where.url(folder), f"the folder cannot be listed: {type(e).__name__}", "check the path")
            if not folder:
                raise error from e
            batch.reject(shown(folder), error)
    return files


async def _delete(
    client: asyncssh.SFTPClient, where: Where, batch: Batch, files: list[tuple[Found, bytes]]
) -> list[tuple[Found, bytes]]:
    """Remove what an earlier run landed, and return the rest. The first that cannot be removed ends it."""
    gone = set()
    for found, name in batch.landed(files):
        try:
            await client.remove(_folder(where) + b"/" + name)
        except asyncssh.SFTPNoSuchFile:
            pass  # somebody else was faster
        except (asyncssh.SFTPPermissionDenied, asyncssh.SFTPFailure) as e:
            why = f"cannot be deleted: {type(e).__name__}"
            batch.reject(found.name, FetchFailed(found.name, why, "grant the right, or take options.delete_after out"))
            break
        gone.add(name)
    return [(found, name) for found, name in files if name not in gone]


async def _read_all(client: asyncssh.SFTPClient, where: Where, batch: Batch, files: list[tuple[Found, bytes]]) -> None:
    limits = batch.source.limits
    quiet_s = QUIET_S if limits.quiet_s is None else limits.quiet_s
    for found, name in batch.wanted(files, lambda found: is_fresh(found, quiet_s, batch.now)):
        try:
            check_size(found, limits.max_bytes)
            batch.take(found, where.url(name), await _read(client, _folder(where) + b"/" + name, found))
        except (FileChangedError, asyncssh.SFTPNoSuchFile):
            continue
        except (asyncssh.SFTPPermissionDenied, asyncssh.SFTPFailure) as e:  # tried and told again until it is mended
            batch.reject(found.name, FetchFailed(found.name, f"cannot be read: {type(e).__name__}"))
        except TooLarge as e:
            batch.refuse(found, e)


async def _read(client: asyncssh.SFTPClient, path: bytes, found: Found) -> bytes:
    """The whole file as it was listed. Raises FileChangedError if it is not that any more."""
    body = bytearray()
    async with client.open(path, "rb", encoding=None) as file:
        while piece := await file.read(_PIECE):
            body += _bytes(piece)
            if len(body) > found.size:
                raise FileChangedError(found.name)
        after = await file.stat()
    if len(body) != found.size or str(after.mtime or 0) != found.stamp or after.size != found.size:
        raise FileChangedError(found.name)
    return bytes(body)


def _bytes(value: bytes | str) -> bytes:
    assert isinstance(value, bytes), "no encoding was asked for"
    return value


def _as_error(error: Exception, line: Line, who: Login) -> IngestError:
    if isinstance(error, IngestError):
        return error
    if isinstance(error, TimeoutError):
        return line.too_slow()
    text = who.redact(" ".join(str(error).split()))[:200]
    return FetchFailed(line.host, f"the connection broke: {type(error).__name__}: {text}", "the rest comes next time")
