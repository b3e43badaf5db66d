"""Content codings undone in bounded pieces: a small body must not become a large one in memory.

The compressed bytes are already bounded by the reader; here every piece that comes out is counted before the next
one is made, so a bomb costs at most one piece more than the limit.
"""

import zlib
from collections.abc import Callable, Generator, Iterator

import brotli  # type: ignore[import-untyped]
import zstandard

from ingest.errors import FetchFailed, TooLarge

ACCEPT_ENCODING = "gzip, deflate, br, zstd"
MAX_RATIO = 300  # real feeds and pages reach 30, lists of equal lines 100; gzip's own ceiling is 1,032
_RATIO_FROM = 1_000_000  # bytes: below this a high ratio harms nobody
_PIECE = 262_144
_ZSTD_WINDOW = 1 << 27  # bytes, what `zstd --long` makes; RFC 9659 allows 8 MB on the web
_ZSTD_BITE = 512  # bytes
_GZIP_MAGIC, _ZSTD_MAGIC = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_MAX_CODINGS = 3
_MAX_MEMBERS = 10_000  # of a gzip or zstd file; an empty one is 20 bytes, and each costs a decoder


def decompress(body: bytes, codings: str, subject: str, limit: int) -> bytes:
    """`body` without the `Content-Encoding` named in `codings`, and without a gzip file around it (feed.xml.gz).

    A body that says gzip or zstd and is not is taken as it is: such servers exist and their feeds are whole. Raises
    TooLarge over `limit` bytes or `MAX_RATIO`, FetchFailed for a broken, truncated or unknown coding.
    """
    names = [name.strip().lower() for name in codings.split(",") if name.strip()]
    if len(names) > _MAX_CODINGS:
        raise FetchFailed(subject, f"{len(names)} content codings on top of each other")
    for name in reversed(names):
        body = _undo(name, body, subject, limit)
    return _undo("gzip", body, subject, limit)


def _undo(coding: str, body: bytes, subject: str, limit: int) -> bytes:
    if coding == "identity" or not body:
        return body
    if coding not in _CODINGS:
        raise FetchFailed(subject, f"unknown content coding {coding[:40]!r}", f"we accept {ACCEPT_ENCODING}")
    magic, pieces = _CODINGS[coding]
    if not body.startswith(magic):
        return body
    try:
        return _limited(pieces(body), len(body), subject, limit)
    except (zlib.error, brotli.error, zstandard.ZstdError, EOFError) as e:
        raise FetchFailed(subject, f"broken {coding} body: {e}", "it may have been cut on the way") from e


def _limited(pieces: Iterator[bytes], sent: int, subject: str, limit: int) -> bytes:
    out, size = [], 0
    for piece in pieces:
        size += len(piece)
        if size > limit:
            raise TooLarge(
                subject, f"over {limit} bytes when decompressed", "raise the source's max_decompressed_bytes"
            )
        if size > max(_RATIO_FROM, sent * MAX_RATIO):
            raise TooLarge(subject, f"{sent} bytes decompress to over {MAX_RATIO} times as many", "a compression bomb")
        out.append(piece)
    return b"".join(out)


def _gzip(body: bytes) -> Iterator[bytes]:
    # A gzip file is one member or more; what follows the last one is padding, as `gzip -d` takes it.
    return _members(body, _GZIP_MAGIC, lambda at: _inflate(zlib.decompressobj(wbits=31), body, at))


def _deflate(body: bytes) -> Iterator[bytes]:
    # The RFC means zlib, old servers send raw deflate: a zlib header has method 8 and is divisible by 31.
    is_zlib = len(body) > 1 and body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0
    return _inflate(zlib.decompressobj(wbits=15 if is_zlib else -15), body, 0)


def _inflate(decoder: "zlib._Decompress", body: bytes, at: int) -> Generator[bytes, None, int]:
    """Returns where the stream that begins at `at` ends."""
    while not decoder.eof:
        rest = decoder.unconsumed_tail
        if not rest:
            rest = body[at : at + _PIECE]
            at += len(rest)
        piece = decoder.decompress(rest, _PIECE)
        if not piece and not rest and not decoder.eof:
            raise EOFError("the end is missing")
        yield piece
    return at - len(decoder.unused_data)


def _brotli(body: bytes) -> Iterator[bytes]:
    decoder = brotli.Decompressor()
    yield decoder.process(body, output_buffer_limit=_PIECE)
    while not decoder.is_finished():
        piece = decoder.process(b"", output_buffer_limit=_PIECE)
        if not piece:
            raise EOFError("the end is missing")
        yield piece


def _zstd(body: bytes) -> Iterator[bytes]:
    return _members(body, _ZSTD_MAGIC, lambda at: _zstd_frame(body, at))


def _zstd_frame(body: bytes, at: int) -> Generator[bytes, None, int]:
    # The library's reader, which bounds its output, takes a truncated frame for a whole one; the decompressobj knows
    # but has no bound, so it gets bites of which even the worst (4 bytes for a block of 128 KiB) stays harmless.
    decoder = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()
    while not decoder.eof:
        bite = body[at : at + _ZSTD_BITE]
        if not bite:
            raise EOFError("the end is missing")
        at += len(bite)
        yield decoder.decompress(bite)
    return at - len(decoder.unused_data)


def _members(body: bytes, magic: bytes, one: Callable[[int], Generator[bytes, None, int]]) -> Iterator[bytes]:
    """Each member begins where the one before it ended, which `one` returns."""
    at = 0
    for _ in range(_MAX_MEMBERS):
        if not body.startswith(magic, at):
            return
        at = yield from one(at)
    raise EOFError(f"over {_MAX_MEMBERS} members")


_CODINGS: dict[str, tuple[bytes, Callable[[bytes], Iterator[bytes]]]] = {
    "gzip": (_GZIP_MAGIC, _gzip),
    "x-gzip": (_GZIP_MAGIC, _gzip),
    "deflate": (b"", _deflate),
    "br": (b"", _brotli),
    "zstd": (_ZSTD_MAGIC, _zstd),
}
