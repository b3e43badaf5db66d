"""XML that may be hostile or broken: the document without its prolog, repairs, and a safe tree.

No DTD reaches a parser: the prolog (declaration, comments, DOCTYPE with any entity definitions) is cut away, so there
is nothing to expand and nothing to fetch. A harmless DOCTYPE, such as RSS 0.91's, thereby does no harm.
"""

import html.entities
import re
from functools import cache
from typing import NamedTuple

from lxml import etree

from ingest.errors import Malformed
from ingest.model import Payload
from ingest.parse.decode import opened
from ingest.parse.limits import MAX_REFERENCES, MAX_TAGS, check_marks
from ingest.parse.xmlroot import Root

MAX_PREFIXES = 50
_LOOKED_AT = 5_000_000  # characters, for prefixes

_AMPERSAND = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos);)(?:(?:#([0-9]{1,8})|#[xX]([0-9A-Fa-f]{1,7})|([A-Za-z][A-Za-z0-9]{1,31}));)?"
)
_PREFIX = re.compile(r"(?:</?|\s)([A-Za-z_][\w.-]{0,30}):[A-Za-z_][\w.-]{0,60}(?=[\s/>=])")
_DECLARED = re.compile(r"xmlns:([A-Za-z_][\w.-]{0,30})(?=[\s=])")
_KNOWN = {
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "media": "http://search.yahoo.com/mrss/",
    "atom": "http://www.w3.org/2005/Atom",
    "itunes": "http://www.itunes.com/DTDs/PodCast-1.0.dtd",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "news": "http://www.google.com/schemas/sitemap-news/0.9",
    "image": "http://www.google.com/schemas/sitemap-image/1.1",
    "video": "http://www.google.com/schemas/sitemap-video/1.1",
}


class XmlText(NamedTuple):
    """A document from its root element on; blank lines stand for what was cut, so that line numbers hold."""

    text: str
    root: Root
    warnings: tuple[str, ...]


def xml_text(payload: Payload) -> XmlText:
    """The payload's XML, safe to hand to a parser. Raises Malformed where there is no element at all."""
    payload = opened(payload)
    decoded, root = payload.decoded, payload.root
    if root is None:
        raise Malformed(payload.url, "no XML element in it", "look at the stored payload; the URL may have changed")
    before = decoded.text[: root.start]
    warnings = decoded.warnings
    if root.doctype and "<!ENTITY" in root.doctype.upper():
        warnings = (*warnings, "entity definitions are ignored; references to them stay as they are written")
    if root.after_junk or before.lstrip()[:1] not in {"", "<"}:
        warnings = (*warnings, "text before the XML document was skipped")
    return XmlText("\n" * before.count("\n") + decoded.text[root.start :], root, warnings)


def xml_root(payload: Payload, *, recover: bool = False) -> etree._Element:
    """The tree, with entities, DTDs and the network off and lxml's own size limits on.

    Stray ampersands, HTML's entities and undeclared prefixes are repaired. Raises Malformed with line and column if it
    is not XML even then; with `recover`, what can be read of such a document comes back instead.
    """
    return tree_of(xml_text(payload), payload.url, recover=recover)


def tree_of(document: XmlText, url: str, *, recover: bool = False) -> etree._Element:
    """As `xml_root`, for those who need the document's warnings too. `url` is for the error."""
    check_marks(document.text, ("<", "="), "tags and attributes", url, MAX_TAGS)
    try:
        root = _tree(document.text)
    except etree.XMLSyntaxError:
        root = None
    try:
        root = _tree(_repaired(document, url), recover=recover) if root is None else root
    except etree.XMLSyntaxError as e:
        raise Malformed(url, f"not well-formed XML: {e.msg}", "look at the stored payload") from e
    if root is None:
        raise Malformed(url, "nothing of the XML can be read", "look at the stored payload")
    return root


def _repaired(document: XmlText, url: str) -> str:
    check_marks(document.text, ("&",), "references in a document to repair", url, MAX_REFERENCES)
    return repair(document.text, document.root)


def repair(text: str, root: Root) -> str:
    """Escape stray ampersands, resolve HTML's named entities, drop impossible references, declare known prefixes."""
    parts: list[str] = []
    at = 0
    while (start := text.find("<![CDATA[", at)) >= 0:
        end = text.find("]]>", start)
        end = len(text) if end < 0 else end + 3
        parts += (_AMPERSAND.sub(_reference, text[at:start]), text[start:end])
        at = end
    repaired = "".join((*parts, _AMPERSAND.sub(_reference, text[at:])))
    declarations = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in _undeclared(repaired).items())
    return repaired.replace(f"<{root.name}", f"<{root.name}{declarations}", 1)


def _tree(text: str, *, recover: bool = False) -> etree._Element | None:
    """None, with `recover`, for a document of which nothing can be read."""
    return etree.fromstring(text.encode(), _parser(recover))


@cache
def _parser(recover: bool) -> etree.XMLParser:
    """Kept, since a new one costs a fifth of reading a short document; lxml lets one thread in at a time."""
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True, collect_ids=False, encoding="utf-8", recover=recover,
    )  # fmt: skip


def _reference(found: re.Match[str]) -> str:
    decimal, hexadecimal, name = found.groups()
    if decimal or hexadecimal:
        code = int(decimal) if decimal else int(hexadecimal, 16)
        legal = code in {9, 10, 13} or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000
        return found[0] if legal else ""
    if name and (code := html.entities.name2codepoint.get(name, 0)):
        return f"&#{code};"
    return f"&amp;{found[0][1:]}"


def _undeclared(text: str) -> dict[str, str]:
    text = text[:_LOOKED_AT]
    used = dict.fromkeys(found[1] for found in _PREFIX.finditer(text))
    declared = {"xml", "xmlns", *_DECLARED.findall(text)}
    missing = [prefix for prefix in used if prefix not in declared][:MAX_PREFIXES]
    return {prefix: _KNOWN.get(prefix, f"urn:undeclared:{prefix}") for prefix in missing}
