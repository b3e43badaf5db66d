"""Bytes to text, whatever was declared: what decodes strictly as UTF-8 is UTF-8, then what was said, then a guess.

Feeds lie about their encoding far more often than text in another encoding happens to be valid UTF-8.
"""

import codecs
import re
import zlib
from functools import cached_property
from typing import NamedTuple, Self

import orjson

from ingest.errors import Malformed
from ingest.model import Payload
from ingest.parse.limits import MAX_BYTES, MAX_VALUES, OverLimit, check_marks
from ingest.parse.xmlroot import Root, find_root

GUESS_BYTES = 32_768  # a statistical guess needs no more, and takes time by the byte

_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}[\"']([A-Za-z0-9._:-]{1,40})")
_CHARSET = re.compile(r"charset\s{0,9}=\s{0,9}[\"']?([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_NOTHING = b"\x00 \t\r\n\xef\xbb\xbf"
_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\r")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufeff\ufffe\uffff]")
# UTF-8 comes before UTF-16 nowhere: the marks do not overlap, but UTF-32's begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FIRST_OF_MARKS = {mark[:1] for mark, _ in _MARKS}
# What publishers mean by a name: Windows' supersets of the standards they quote.
_MEANT = {
    "iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252",
    "iso-8859-9": "cp1254", "iso-8859-11": "cp874", "tis-620": "cp874", "gb2312": "gb18030", "gbk": "gb18030",
    "big5": "big5hkscs", "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949", "ibm037": "cp037",
}  # fmt: skip
_STATEFUL = ("iso-2022-", "hz-gb")  # seven bits wide, so they would pass as UTF-8
_SHIFTS = (b"\x1b", b"~")  # with what they change to other letters
_NO_TEXT = {"unicode_escape", "raw_unicode_escape", "idna", "punycode", "utf_7", "undefined", "mbcs", "oem"}


class Decoded(NamedTuple):
    text: str
    encoding: str
    warnings: tuple[str, ...] = ()


class Opened(Payload):
    """A payload that is unpacked, decoded and looked at once, though detection and the format both ask for it."""

    @cached_property
    def unpacked(self) -> bytes:
        return _unpacked(self)

    @cached_property
    def decoded(self) -> Decoded:
        return _cleaned(self)

    @cached_property
    def root(self) -> Root | None:
        return find_root(self.decoded.text)

    @cached_property
    def json_value(self) -> object:
        text = self.decoded.text
        check_marks(text, ("{", "["), "objects and lists", self.url, MAX_VALUES)
        return orjson.loads(text)

    def __copy__(self) -> Self:
        copied = super().__copy__()
        for name in ("unpacked", "decoded", "root", "json_value"):  # they would not hold for the copy's body
            copied.__dict__.pop(name, None)
        return copied


def opened(payload: Payload) -> Opened:
    return payload if isinstance(payload, Opened) else Opened.model_validate(payload.__dict__)


def body_of(payload: Payload) -> bytes:
    """The body, unpacked if it is a gzip file (sitemap.xml.gz). Raises Malformed if empty or larger than MAX_BYTES."""
    return opened(payload).unpacked


def _unpacked(payload: Payload) -> bytes:
    body = payload.body
    if body[:3] == b"\x1f\x8b\x08":
        body = _gunzip(payload)
    if len(body) > MAX_BYTES:
        raise OverLimit(payload.url, f"{len(body):,} bytes, more than {MAX_BYTES:,}", "split the file")
    if not body[:64].strip(_NOTHING) and not body.strip(_NOTHING):
        raise Malformed(payload.url, "the body is empty", "ask again later; if it stays so, check the URL by hand")
    return body


def decode(payload: Payload) -> Decoded:
    """The body as text, without what XML forbids (control characters, lone surrogates, byte order marks inside)."""
    return opened(payload).decoded


def _cleaned(payload: Opened) -> Decoded:
    text, encoding, warnings = _decode(payload.unpacked, payload.content_type or "")
    if _is_clean(text):
        return Decoded(text, encoding, warnings)
    clean = _ILLEGAL.sub("", text)
    if len(clean) < len(text.removeprefix("\ufeff")):
        warnings = (*warnings, f"{len(text) - len(clean)} control characters were dropped")
    return Decoded(clean, encoding, warnings)


def _is_clean(text: str) -> bool:
    """The usual case, found out ten times as fast as by the regular expression."""
    try:
        octets = text.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return False
    if len(octets.translate(None, _CONTROLS)) < len(octets):
        return False
    return not ("\ufeff" in text or "\ufffe" in text or "\uffff" in text)


def json_value(payload: Payload) -> object:
    """The body as JSON. Raises Malformed with the line and column."""
    try:
        return opened(payload).json_value
    except orjson.JSONDecodeError as e:
        raise Malformed(payload.url, f"not valid JSON: {e.msg} at line {e.lineno} column {e.colno}") from e


def _gunzip(payload: Payload) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    try:
        body = unpacker.decompress(payload.body, MAX_BYTES)
    except zlib.error as e:
        raise Malformed(payload.url, f"a broken gzip file: {e}", "it may have been cut off: fetch it again") from e
    if unpacker.unconsumed_tail:
        raise Malformed(payload.url, f"more than {MAX_BYTES} bytes when unpacked", "it may be a decompression bomb")
    return body


def _decode(body: bytes, content_type: str) -> Decoded:
    for mark, name in _MARKS if body[:1] in _FIRST_OF_MARKS else ():
        if body.startswith(mark):
            return Decoded(body.decode(name, "replace"), name)
    if b"\x00" in body[:4] and (wide := _wide(body[:4])):
        return Decoded(body.decode(wide, "replace"), wide)
    is_stateful = any(map(body.__contains__, _SHIFTS))
    if body.isascii() and not is_stateful:
        return Decoded(body.decode(), "utf-8")
    declared = _declared(body, content_type)
    for name in declared if is_stateful else ():
        if name.startswith(_STATEFUL) and (text := _strict(body, name)) is not None:
            return Decoded(text, name)
    if (text := _strict(body, "utf-8")) is not None:
        return Decoded(text, "utf-8", () if text.isascii() else _said_otherwise(declared, "utf-8"))
    if (text := _mostly_utf8(body)) is not None:
        return Decoded(text, "utf-8", ("some bytes are not UTF-8; they were read as Windows-1252",))
    for name in declared:
        if (text := _strict(body, _MEANT.get(name, name))) is not None:
            return Decoded(text, name)
    guess = _guess(body)
    return Decoded(
        body.decode(guess, "replace"), guess, (*_said_otherwise(declared, guess), f"encoding guessed: {guess}")
    )


def _wide(head: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark, by where the zeros of an ASCII `<?xm`, `<rss` or `{"` are."""
    zeros = "".join("0" if byte == 0 else "x" for byte in head)
    return {"x0x0": "utf-16-le", "0x0x": "utf-16-be", "x000": "utf-32-le", "000x": "utf-32-be"}.get(zeros)


def _declared(body: bytes, content_type: str) -> tuple[str, ...]:
    """The XML declaration's encoding, then the header's: servers add a charset they know nothing of."""
    names = []
    if found := _DECLARED.search(body[:2048]):
        names.append(found[1].decode().lower())
    elif body[:4] == b"\x4c\x6f\xa7\x94":  # "<?xm" in EBCDIC
        names.append("cp037")
    if header := _CHARSET.search(content_type):
        names.append(header[1].lower())
    return tuple(dict.fromkeys(names))


def _strict(body: bytes, name: str) -> str | None:
    try:
        if codecs.lookup(name).name.replace("-", "_") in _NO_TEXT:
            return None
        return body.decode(name)
    except (LookupError, UnicodeError, ValueError):  # an unknown name, one that is no text encoding, or wrong bytes
        return None


def _mostly_utf8(body: bytes) -> str | None:
    """UTF-8 with a few bytes of something else: a cut at the end, one pasted quotation mark."""
    text = body.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = len(text) - len(text.encode("ascii", "ignore")) - bad
    return body.decode("utf-8", "ingest.cp1252") if good > 3 * bad else None


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("ingest.cp1252", _as_cp1252)


def _guess(body: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(body[:GUESS_BYTES]).best()
    name = best.encoding if best else "cp1252"
    return name if _strict(body[:GUESS_BYTES], name) is not None else "cp1252"


def _said_otherwise(declared: tuple[str, ...], used: str) -> tuple[str, ...]:
    if not declared or used in {
        _MEANT.get(declared[0], declared[0]),
        declared[0],
        declared[0].replace("utf8", "utf-8"),
    }:
        return ()
    return (f"declared as {declared[0]}, read as {used}",)
