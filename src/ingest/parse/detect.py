"""What a payload is, by its first bytes, root element or JSON shape. The content type is only ever a hint.

A format is a module of this package with

    NAMES = ("nitf",)                  the first is its name; the others are accepted for `format` too
    MARK = re.compile(rb"\x01W")       found in the first HEAD bytes of all that it reads; asked before any decoding;
                                       it begins with SOH, as all messages framed by control characters do
    ROOTS = ("nitf",)                  local names of XML root elements it reads, in lower case
    def claims(sniff: Sniff) -> bool   where the root is not enough (or there is none); asked before any ROOTS
    def parse(payload: Payload) -> Parsed

NAMES and parse are needed, one of MARK, ROOTS and claims is. Nothing else has to know of a new module.
"""

import re
from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple, Protocol, runtime_checkable

import orjson

from ingest.errors import Malformed, UnknownFormat
from ingest.model import Parsed, Payload
from ingest.parse.decode import Opened, body_of, opened
from ingest.parse.xmlroot import Root

HEAD = 8_192
_SOH = b"\x01"
_FEED_LINK = re.compile(r"<link\b[^>]{0,500}?application/(?:rss|atom|feed)\+(?:xml|json)[^>]{0,500}>", re.IGNORECASE)
_HREF = re.compile(r"href\s{0,9}=\s{0,9}[\"']?([^\"'\s>]{1,500})", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,200})", re.IGNORECASE)


class Sniff(NamedTuple):
    """What the formats may look at: `head` is the start of `text`, `json` the whole value if it is JSON."""

    kind: Literal["xml", "html", "json", "text"]
    head: str
    text: str
    media_type: str
    url: str
    root: Root | None = None
    json: object = None


@runtime_checkable
class Format(Protocol):
    NAMES: tuple[str, ...]

    def parse(self, payload: Payload) -> Parsed: ...


class Index:
    """The formats by what tells them. Made once: to ask a module for what it does not have takes microseconds."""

    def __init__(self, formats: Iterable[Format]) -> None:
        self.marks: list[tuple[re.Pattern[bytes], Format]] = []
        self.claims: list[tuple[Callable[[Sniff], bool], Format]] = []
        self.roots: dict[str, Format] = {}
        for one in formats:
            given = vars(one)
            self.marks += [(given["MARK"], one)] if "MARK" in given else []
            self.claims += [(given["claims"], one)] if "claims" in given else []
            self.roots = dict.fromkeys(given.get("ROOTS", ()), one) | self.roots


def detect(payload: Payload, index: Index) -> Format:
    """The format of these bytes. Raises Malformed where the body is empty, a web page, or begins as JSON and is not.

    Raises UnknownFormat if no format claims it.
    """
    head = body_of(payload)[:HEAD]
    for mark, one in index.marks if _SOH in head else ():
        if mark.search(head):
            return one
    return _choose(sniff(payload), index)


def sniff(payload: Payload) -> Sniff:
    """Raises Malformed where the body is empty, or begins as JSON and is not."""
    payload = opened(payload)
    text = payload.decoded.text
    head = text[:HEAD]
    media_type = (payload.content_type or "").partition(";")[0].strip().lower()
    kind: Literal["xml", "html", "json", "text"] = "text"
    root, value = None, None
    start = head.lstrip()[:1]
    if start in {"{", "["} and (value := _json(payload, text, media_type)) is not None:
        kind = "json"
    elif start == "<" or "<?xml" in head or "xml" in media_type:
        root = payload.root
        kind = "text" if root is None else "html" if _is_page(root) else "xml"
    return Sniff(kind, head, text, media_type, payload.url, root, value)


def _choose(seen: Sniff, index: Index) -> Format:
    for claims, one in index.claims:
        if claims(seen):
            return one
    if seen.root is not None and (found := index.roots.get(seen.root.local)):
        return found
    if seen.kind == "html":
        raise Malformed(seen.url, _page(seen.text), _page_hint(seen.text))
    raise UnknownFormat(seen.url, f"no parser reads {_what(seen)}", "set `format` for this source if you know it")


def _is_page(root: Root) -> bool:
    return root.local in {"html", "head", "body"} or (root.doctype or "")[9:].strip().lower().startswith("html")


def _json(payload: Opened, text: str, media_type: str) -> object:
    try:
        return payload.json_value
    except orjson.JSONDecodeError as e:
        if "json" in media_type or re.match(r"\s{0,1000}[{\[]\s{0,1000}[\"{]", text):
            why = f"not valid JSON: {e.msg} at line {e.lineno} column {e.colno}"
            raise Malformed(payload.url, why, "it may have been cut off: fetch it again") from e
        return None


def _what(seen: Sniff) -> str:
    said = f", sent as {seen.media_type}" if seen.media_type else ""
    if seen.root is not None:
        return f"XML with the root <{seen.root.name[:60]}>{said}"
    if isinstance(seen.json, dict):
        return f"a JSON object with the keys {', '.join(sorted(map(str, seen.json))[:8])[:200] or '(none)'}{said}"
    return f"{'a JSON value' if seen.kind == 'json' else 'text'} that begins {seen.head.strip()[:40]!r}{said}"


def _page(text: str) -> str:
    title = _TITLE.search(text[:65_536])
    return f"a web page, not a feed ({' '.join(title[1].split())})" if title else "a web page, not a feed"


def _page_hint(text: str) -> str:
    link = _FEED_LINK.search(text[:262_144])
    href = _HREF.search(link[0]) if link else None
    if href:
        return f"the page names {href[1]} as its feed: put that into the registry"
    return "open it in a browser: it may be a log-in, a consent wall, an error page, or the feed has moved"
