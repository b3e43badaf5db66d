"""The pieces of one mail: headers decoded, its text chosen from the alternatives, its files named but not opened."""

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from email.message import Message
from email.policy import Compat32
from typing import NamedTuple

from ingest.errors import Malformed
from ingest.model import Payload
from ingest.parse.decode import decode

MAX_PARTS = 500
MAX_HEADER = 10_000  # characters of one header field
MAX_PARAMETERS = 2_000  # of one with parameters, which `email` takes quadratic time for
SHORT = 200  # bytes; statistics say nothing of an encoding below that
_WORD = re.compile(r"=\?([\w.:+-]{1,40})(?:\*[\w-]{1,20})?\?([BbQq])\?([^?\n]{0,4000})\?=")
_FOLD = re.compile(r"\r?\n[ \t]{0,80}")
_BLANK_LINES = re.compile(r"\n[ \t]{0,80}\n")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f]")


class Body(NamedTuple):
    text: str
    is_html: bool


class File(NamedTuple):
    """An attachment; `name` is the bare file name, `cid` what the HTML calls it."""

    name: str | None
    mime: str
    cid: str | None


class Bounded(Compat32):
    """The policy that mails are read with: no header field is longer than what `email` can read in bounded time."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[: MAX_PARAMETERS if name.lower().startswith("content-") else MAX_HEADER]


def header(mail: Message, name: str) -> str | None:
    """The first header of that name on one line: encoded words decoded, raw eight-bit bytes as well as can be."""
    value = next((str(value) for key, value in mail.raw_items() if key.lower() == name.lower()), None)
    if value is None:
        return None
    words = _words(_FOLD.sub(" ", _surrogates(value)))
    return " ".join(_UNSAFE.sub(" ", words).split()) or None


def body_in(mail: Message) -> Body | None:
    """HTML of alternatives, all of several texts; None where there is no text. A forwarded mail is a text too."""
    bodies = list(_bodies(mail, [MAX_PARTS]))
    if not bodies:
        return None
    if len(bodies) == 1 or not any(body.is_html for body in bodies):
        return Body("\n\n".join(body.text for body in bodies), bodies[0].is_html)
    return Body("\n".join(body.text if body.is_html else _as_html(body.text) for body in bodies), True)


def plain_in(mail: Message) -> str | None:
    """The first plain text, where a desk's header lines are."""
    for part in mail.walk():
        if part.get_content_type() == "text/plain" and not _is_file(part):
            return text_of_part(part)
    return None


def files_in(mail: Message) -> list[File]:
    parts = [part for part in mail.walk() if not part.is_multipart() and _is_file(part)]
    return [File(_name(part), part.get_content_type(), _cid(part)) for part in parts[:MAX_PARTS]]


def text_of_part(part: Message) -> str:
    """Decoded, whatever its charset is said to be; with format=flowed, its paragraphs put together again."""
    raw = _transferred(part)
    said = _parameter(part, "charset")
    payload = Payload(source_id="mail", url="mail", body=raw, content_type=f"text/plain; charset={said}")
    try:
        decoded = decode(payload)
    except Malformed:  # nothing in it
        return ""
    is_guess = len(raw) < SHORT and any("guessed" in warning for warning in decoded.warnings)
    text = (_guessed(raw) if is_guess else decoded.text).replace("\r\n", "\n").replace("\r", "\n")
    if (_parameter(part, "format") or "").lower() == "flowed":
        return _unflowed(text, (_parameter(part, "delsp") or "").lower() == "yes")
    return text


def _bodies(part: Message, left: list[int]) -> Iterator[Body]:
    left[0] -= 1
    if left[0] < 0:
        return
    if part.is_multipart():
        children = [list(_bodies(child, left)) for child in part.get_payload() if isinstance(child, Message)]
        if part.get_content_type() == "multipart/alternative":
            rich = [child for child in children if any(body.is_html for body in child)]
            filled = [child for child in children if child]
            children = (rich or filled)[-1:]
        yield from (body for child in children for body in child)
    elif part.get_content_maintype() == "text" and not _is_file(part):
        is_html = part.get_content_subtype() in {"html", "enriched"}
        if part.get_content_subtype() in {"plain", "html", "enriched"} and (text := text_of_part(part)).strip():
            yield Body(text, is_html)


def _is_file(part: Message) -> bool:
    """Anything but inline text: some mailers give the body itself a name."""
    disposition = str(part.get("Content-Disposition") or "").strip().lower()
    if part.get_content_maintype() == "multipart":
        return False
    if part.get_content_type() in {"text/plain", "text/html", "text/enriched"}:
        return disposition.startswith("attachment")
    return part.get_content_maintype() != "message" or disposition.startswith("attachment")


def _transferred(part: Message) -> bytes:
    """The bytes, of a cut-off base64 or a broken quoted-printable too."""
    if str(part.get("Content-Transfer-Encoding") or "").strip().lower() == "base64":
        coded = part.get_payload()
        return _base64(coded.encode("utf-8", "surrogateescape")) if isinstance(coded, str) else b""
    octets = part.get_payload(decode=True)
    return octets if isinstance(octets, bytes) else b""


def _base64(raw: bytes) -> bytes:
    known = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
    known = known[: len(known) - (len(known) % 4 == 1)]
    try:
        return base64.b64decode(known + b"=" * (-len(known) % 4))
    except binascii.Error:
        return b""


def _parameter(part: Message, name: str) -> str | None:
    try:
        value = part.get_param(name)
    except (ValueError, TypeError, LookupError, UnicodeError):  # RFC 2231 that is none
        return None
    text = value[2] if isinstance(value, tuple) else value
    return text[:60] if isinstance(text, str) else None


def _name(part: Message) -> str | None:
    """The bare file name: what a sender puts there as a path goes nowhere."""
    try:
        given = part.get_filename()
    except (ValueError, TypeError, LookupError, UnicodeError):
        return None
    name = _words(_surrogates(given or ""))
    bare = re.split(r"[/\\]", _UNSAFE.sub("", name))[-1].strip()[:200]
    return bare if bare.strip(".") else None


def _cid(part: Message) -> str | None:
    return str(part.get("Content-ID") or "").strip().strip("<>")[:200] or None


def _words(raw: str) -> str:
    """Encoded words decoded; neighbours of one charset together, since some mailers part them within a character."""
    out: list[str] = []
    octets, charset, at = b"", "", 0
    for found in _WORD.finditer(raw):
        between = raw[at : found.start()]
        if octets and (between.strip() or found[1].lower() != charset):
            out.append(_in_charset(octets, charset))
            octets = b""
        out += [between] if between.strip() or at == 0 else []
        text = found[3].encode("utf-8", "surrogateescape")
        octets += _base64(text) if found[2] in "Bb" else quopri.decodestring(text.replace(b"_", b" "))
        charset, at = found[1].lower(), found.end()
    return "".join((*out, _in_charset(octets, charset) if octets else "", raw[at:]))


def _in_charset(octets: bytes, charset: str) -> str:
    """What its charset cannot decode is read as if the charset had been left out."""
    try:
        return octets.decode(charset)
    except (LookupError, UnicodeError, ValueError):
        return _guessed(octets)


def _surrogates(value: str) -> str:
    """Raw bytes that `email` kept as surrogates, as UTF-8 or else Windows-1252."""
    return value if value.isascii() else _guessed(value.encode("utf-8", "surrogateescape"))


def _guessed(octets: bytes) -> str:
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return octets.decode("cp1252", "replace")


def _unflowed(text: str, delsp: bool) -> str:
    """RFC 3676: a line that ends in a space goes on; a signature's dashes do not."""
    out: list[list[str]] = []  # the pieces of each line
    flows = False
    for line in text.split("\n"):
        bare = line.removeprefix(" ")
        is_open = bare.endswith(" ") and bare != "-- "
        piece = bare[:-1] if is_open and delsp else bare
        if flows:
            out[-1].append(piece)
        else:
            out.append([piece])
        flows = is_open
    lines = ("".join(pieces) for pieces in out)
    return "\n".join(line.rstrip() if line != "-- " else line for line in lines)


def _as_html(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"<p>{part.strip()}</p>" for part in _BLANK_LINES.split(escaped) if part.strip())
