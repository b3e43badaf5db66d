"""WARC records, one gzip member each: a payload to bytes and back. Pure.

Spec: WARC 1.1 (ISO 28500:2017). An HTTP answer is a `response` record with its status line and headers, a file a
`resource` record. Bodies are stored decompressed, so Content-Encoding and Transfer-Encoding are taken out and
Content-Length is that of the body. What a replay needs besides is one extension field, `Ingest-Payload`, JSON.
"""

from __future__ import annotations

import hashlib
import json
import uuid
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import quote

from ingest.errors import Malformed
from ingest.model import Model, Payload

_END = b"\r\n\r\n"
TAKEN_DOWN = "this record was taken down"
_NAMESPACE = uuid.UUID("6f0b1d6e-6f0a-4c1e-9d0f-0c4b4f4d8a51")
_HOP_BY_HOP = frozenset({"content-encoding", "transfer-encoding", "content-length", "connection", "keep-alive"})
_MAX_RECORD = 256_000_000  # decompressed bytes; above any source's limit


class _Meta(Model):
    """The parts of a payload that WARC and HTTP headers have no place for, or would not bring back unchanged."""

    source_id: str
    url: str
    page_url: str | None = None
    content_type: str | None
    fetched_at: datetime | None
    zone: str
    language: str | None


class Record(NamedTuple):
    member: bytes  # the gzip member as it stands in the archive
    sha256: str  # of the body


def encode(payload: Payload) -> Record:
    """Equal payloads give equal bytes: the record's id is made from its content, and gzip keeps no time."""
    digest = hashlib.sha256(payload.body).hexdigest()
    block = (_http_head(payload) if payload.status is not None else b"") + payload.body
    kind, content_type = (
        ("response", "application/http; msgtype=response")
        if payload.status is not None
        else ("resource", payload.content_type or "application/octet-stream")
    )
    meta = _Meta(**{name: getattr(payload, name) for name in _Meta.model_fields}).model_dump(mode="json")
    fields = [
        ("WARC-Type", kind),
        ("WARC-Record-ID", f"<urn:uuid:{uuid.uuid5(_NAMESPACE, json.dumps([meta, digest]))}>"),
        ("WARC-Date", _date(payload.fetched_at)),
        ("WARC-Target-URI", _uri(payload.url)),
        ("WARC-Payload-Digest", f"sha256:{digest}"),
        ("Ingest-Payload", json.dumps(meta)),  # ASCII, so no line break can get into the header
        ("Content-Type", content_type),
        ("Content-Length", str(len(block))),
    ]
    return Record(_member(b"WARC/1.1\r\n" + _lines(fields) + b"\r\n" + block + _END), digest)


def decode(member: bytes, place: str) -> Payload:
    """The payload of one gzip member. Raises Malformed, with `place` as its subject."""
    head, _, rest = _inflate(member, place).partition(_END)
    fields = _fields(head)
    if fields.get("warc-type") == "metadata":
        raise Malformed(place, TAKEN_DOWN)
    try:
        meta = _Meta.model_validate_json(fields["ingest-payload"]).model_dump()
        block = rest[: int(fields["content-length"])]
        if fields["warc-type"] != "response":
            return Payload(body=block, **meta)
        http, _, body = block.partition(_END)
        status, *lines = http.decode("latin-1").split("\r\n")
        headers = tuple((name, value) for name, _, value in (line.partition(": ") for line in lines))
        return Payload(body=body, status=int(status.split(" ")[1]), headers=headers, **meta)
    except (KeyError, IndexError, ValueError) as e:  # ValidationError is a ValueError
        raise Malformed(place, f"not a record of this archive: {e}") from e


def tombstone(length: int, reason: str) -> bytes:
    """A gzip member of exactly `length` bytes to put over a record, so that every other record keeps its offset.

    It holds a metadata record without content; the rest is filled with a gzip comment. Raises ValueError under 29.
    """
    fields = [
        ("WARC-Type", "metadata"),
        ("WARC-Record-ID", f"<urn:uuid:{uuid.uuid5(_NAMESPACE, f'{length} {reason}')}>"),
        ("WARC-Date", _date(None)),
        ("Content-Type", "text/plain"),
        ("Content-Length", "0"),
    ]
    for record in (b"WARC/1.1\r\n" + _lines(fields) + _END + _END[:2], b""):
        plain = _member(record)
        filling = length - len(plain) - 1
        if filling >= 0:
            flags = plain[3] | 0x10  # FCOMMENT: a comment ended by a zero byte follows the ten bytes of header
            note = reason.encode("ascii", "replace").replace(b"\0", b" ")[:filling].ljust(filling, b" ")
            return plain[:3] + bytes([flags]) + plain[4:10] + note + b"\0" + plain[10:]
    raise ValueError(f"{length} bytes are too few for a gzip member")


def _http_head(payload: Payload) -> bytes:
    try:
        phrase = HTTPStatus(payload.status or 0).phrase
    except ValueError:
        phrase = "Unknown"
    kept = [(name, value) for name, value in payload.headers if name.lower() not in _HOP_BY_HOP]
    kept.append(("Content-Length", str(len(payload.body))))
    return f"HTTP/1.1 {payload.status} {phrase}\r\n".encode() + _lines(kept) + b"\r\n"


def _lines(fields: Iterable[tuple[str, str]]) -> bytes:
    return b"".join(f"{_one_line(name)}: {_one_line(value)}\r\n".encode("latin-1", "replace") for name, value in fields)


def _one_line(text: str) -> str:
    return text.replace("\r", " ").replace("\n", " ").replace("\0", " ")


def _uri(url: str) -> str:
    full = url if "://" in url[:12] else f"file://{url if url.startswith('/') else '/' + url}"
    return quote(full, safe=":/?#[]@!$&'()*+,;=%~-._")


def _date(when: datetime | None) -> str:
    """WARC needs a date; a payload without one (a replayed file) gets the epoch, and keeps None in Ingest-Payload."""
    return (when or datetime.fromtimestamp(0, UTC)).astimezone(UTC).isoformat().replace("+00:00", "Z")


def _fields(head: bytes) -> dict[str, str]:
    lines = head.decode("latin-1").split("\r\n")[1:]
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}


def _member(data: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()


def _inflate(member: bytes, place: str) -> bytes:
    unpacker = zlib.decompressobj(31)
    try:
        data = unpacker.decompress(member, _MAX_RECORD)
    except zlib.error as e:
        raise Malformed(place, f"not a gzip member: {e}") from e
    if not unpacker.eof:
        raise Malformed(place, "the record is cut off or too large")
    return data
