"""Bytes to text, whatever the labels say. WHATWG Encoding's names and its windows-1252 for latin-1."""

import codecs
import re
from dataclasses import dataclass

import numpy as np

from ingest.errors import Malformed, NoContent

MAX_BYTES = 10_000_000
MAX_DEPTH = 250  # libxml2 gives up at 256 open elements
_HOSTILE_DEPTH = 1000  # of tags never closed, which old pages have by the hundred; lexbor's time is quadratic in them

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CHARSET = re.compile(r"charset\s{0,9}=\s{0,9}[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_META = re.compile(rb"<meta\b[^>]{0,300}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w.:-]{1,40})", re.IGNORECASE)
_XML = re.compile(rb"^\s{0,99}<\?xml[^>]{0,200}?encoding=[\"']([\w.:-]{1,40})")
_LATIN = {"iso8859-1", "ascii", "latin-1"}  # browsers read all of these as windows-1252
_WESTERN = frozenset("àâäáãåæçèéêëìíîïñòóôöõøœùúûüÿßÀÂÄÁÃÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖÕØŒÙÚÛÜ“”‘’„«»–—…€©®°·¡¿ºª£§\u00a0")
_SEVEN_BIT = ("iso2022", "hz")
_NOT_TEXT = (
    b"%PDF",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"RIFF",
    b"ID3",
    b"OggS",
    b"wOF",
)
_ROOT = re.compile(r"<(?:[a-z]{1,9}:)?(rss|feed|rdf|urlset|sitemapindex|nitf|newsitem|newsml|opml)\b", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,40})(?=[\s/>])[^<>]{0,20000}>")
# Void elements never nest; these others are closed by their next sibling, so an open one is no depth.
_FLAT_TAGS = (
    "area base br col embed hr img input link meta param source track wbr p li dt dd td th tr tbody thead tfoot option "
    "optgroup rt rp colgroup html body head"
)
_FLAT = frozenset(_FLAT_TAGS.split())


@dataclass(frozen=True)
class Decoded:
    text: str
    warnings: tuple[str, ...] = ()


def decode(page: bytes, url: str, content_type: str | None = None) -> Decoded:
    """The page as text.

    Order: byte order mark; UTF-8 if the bytes are that, whatever the label (random legacy text almost never is); the
    HTTP charset; the document's own; a guess. Raises Malformed for what is no HTML or over 10 MB, NoContent if empty.
    """
    _refuse(page, url, content_type)
    declared = _declared(page, content_type)
    encoding = _encoding(page, declared)
    text = page.decode(encoding, "replace").lstrip("\ufeff").replace("\x00", "")
    if (root := _ROOT.search(text[:2000])) and "<html" not in text[:2000].lower():
        raise Malformed(url, f"a <{root[1]}> document, not an HTML page", "parse it as a feed")
    if not _TAG.search(text[:200_000]):
        raise Malformed(url, "no HTML elements in it", "check the Content-Type and what the server sends to this agent")
    text, cut = flatten(text)
    warnings = ["nested-too-deep"] if cut else []
    if declared and encoding != declared[0]:
        warnings.append("charset-mislabelled")
    return Decoded(text, tuple(warnings))


def _refuse(page: bytes, url: str, content_type: str | None) -> None:
    if not page.strip():
        raise NoContent(url, "an empty answer", "open the address in a browser; the site may turn robots away")
    if len(page) > MAX_BYTES:
        raise Malformed(url, f"{len(page):,} bytes, over the limit of {MAX_BYTES:,}", "is this a page, or a download?")
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind and not (kind.startswith("text/") or "html" in kind or "xml" in kind or kind.endswith("octet-stream")):
        raise Malformed(url, f"{kind}, not an HTML page", "set full_text to feed for this source")
    if page.lstrip()[:8].startswith(_NOT_TEXT):
        raise Malformed(url, "a binary file, not an HTML page", "set full_text to feed for this source")


def _declared(page: bytes, content_type: str | None) -> tuple[str, ...]:
    """Codecs named by HTTP, then by the document, as Python calls them; unknown names are left out."""
    head = page[:4096]
    labels = [m[1] for m in (_CHARSET.search(content_type or ""),) if m]
    labels += [m[1].decode("ascii", "replace") for m in (_META.search(head), _XML.search(head)) if m]
    return tuple(codec for label in labels if (codec := _codec(label)))


def _codec(label: str) -> str | None:
    try:
        name = codecs.lookup(label.strip()).name
        "".encode(name)  # not every codec is one of text: "base64"
    except (LookupError, UnicodeError, ValueError):
        return None
    if name.startswith("utf-16"):
        return "utf-8"  # a page whose ASCII label can be read is not UTF-16 (HTML, 13.2.3.2)
    return "cp1252" if name in _LATIN else name


def _encoding(page: bytes, declared: tuple[str, ...]) -> str:
    for bom, name in _BOMS:
        if page.startswith(bom):
            return name
    if page[:400].count(0) > len(page[:400]) // 4:
        return "utf-16-le" if page[1:2] == b"\0" else "utf-16-be"
    if declared and declared[0].startswith(_SEVEN_BIT):
        return declared[0]
    if _is_utf8(page):
        return "utf-8"
    for name in declared:
        if name != "utf-8" and _decodes(page, name):
            return name
    return _guess(page)


def _is_utf8(page: bytes) -> bool:
    """UTF-8, allowing for a page cut in the middle of a character and for a few bad bytes among many good ones."""
    if _decodes(page, "utf-8"):
        return True
    text = page.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = len(text) - len(text.encode("ascii", "ignore")) - bad
    return good > 20 * bad


def _decodes(page: bytes, name: str) -> bool:
    try:
        page.decode(name)
    except (UnicodeError, LookupError):
        return False
    return True


def _guess(page: bytes) -> str:
    if _is_western(page):
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(re.sub(rb"<[^<>]{0,2000}>|[\x00-\x1f]{2,}", b" ", page[:200_000])[:20_000]).best()
    name = best.encoding if best else "cp1252"
    return "cp1252" if codecs.lookup(name).name in {*_LATIN, "utf-8"} else name


def _is_western(page: bytes) -> bool:
    """Whether the bytes above ASCII are the letters of western Europe, and stand alone as these do."""
    high = [char for char in page[:200_000].decode("cp1252", "replace") if ord(char) > 127]
    pairs = len(re.findall(rb"[\x80-\xff]{2}", page[:200_000]))
    return sum(char in _WESTERN for char in high) >= 0.95 * len(high) and pairs <= 0.2 * len(high)


def flatten(text: str) -> tuple[str, bool]:
    """Leave out the tags that nest deeper than MAX_DEPTH, not their content, if a page is deep enough to do harm."""
    if _depth_at_most(text) <= _HOSTILE_DEPTH:
        return text, False
    depth, deepest, last, kept = 0, 0, 0, []
    for tag in _TAG.finditer(text):
        if tag[2].lower() in _FLAT or tag[0].endswith("/>"):
            continue
        if not tag[1]:
            depth += 1
            deepest, drop = max(deepest, depth), depth > MAX_DEPTH
        else:
            drop = depth > MAX_DEPTH
            depth = max(0, depth - 1)
        if drop:
            kept.append(text[last : tag.start()])
            last = tag.end()
    return ("".join((*kept, text[last:])), True) if deepest > _HOSTILE_DEPTH else (text, False)


def _depth_at_most(text: str) -> int:
    """As if every start were one of an element that an end closes: a bound on the depth, at the speed of C."""
    codes = np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8)
    starts = np.flatnonzero(codes[:-1] == ord("<"))
    after = codes[starts + 1]
    letters = ((after | 32) >= ord("a")) & ((after | 32) <= ord("z"))
    steps = letters.astype(np.int32) - (after == ord("/"))
    depths = np.cumsum(steps)
    return int(depths.max(initial=0) - depths.min(initial=0))
