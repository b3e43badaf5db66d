"""Bodies inside the XML wires: XHTML, NITF or another mark-up, as elements, as escaped mark-up or as plain text."""

import base64
import binascii
import copy
import re
from typing import NamedTuple

from lxml import etree

from ingest.model import Association, Image, Removed
from ingest.parse.fields import people_of
from ingest.parse.nitfbody import Body, body_of, decks
from ingest.parse.wirexml import Element, children, local, text

_MARKUP = re.compile(
    r"</?(?:p|div|br|html|body|b|i|em|strong|a|ul|ol|li|table|tr|td|h[1-6]|pre|span|nitf)\b[^<>]{0,500}>", re.I
)
_PAGE = re.compile(r"<body\b[^>]{0,500}>(.*?)(?:</body\s{0,9}>|$)", re.IGNORECASE | re.DOTALL)
_SILENT = [f"{{*}}{name}" for name in ("style", "script", "head", "link", "meta", "title")]
_CSS = re.compile(r"\s{0,99}(?:/\*|@(?:import|media|charset)\b|[\w.#*:,>\s-]{1,200}\{\s{0,99}[\w-]{1,40}\s{0,9}:)")
_STYLES = re.compile(r"css|style\s?sheet|xsl|javascript|dtd", re.IGNORECASE)

_DASH_TAGS = re.compile(r"&lt;/?e[nm]dash&gt;")  # STT's editing system leaves its own in the text
_TT_FIELDS = ("RUBRIK", "INGRESS", "BYLINE", "ORT")
_TT_MARKS = {
    "RUBRIK": "h2", "MELLIS": "h3", "CITAT": "blockquote", "TABELL": "table", "FRAGA": "p", "SVAR": "p", "DAT": "p",
    "TEXT": "div", "FAKTATEXT": "div", "BAKGRUNDTEXT": "div", "INGRESS": "div", "BRODTEXT": "div", "BYLINE": "p",
}  # fmt: skip


class Inline(NamedTuple):
    """A body as HTML or plain text, and what a head inside it says (NITF's body.head)."""

    html: str | None = None
    is_text: bool = False
    headline: str | None = None
    subheadline: str | None = None
    byline: str | None = None
    authors: tuple[str, ...] = ()
    dateline: str | None = None
    summary: str | None = None
    images: tuple[Image, ...] = ()
    media: tuple[Association, ...] = ()
    notes: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    removed: tuple[Removed, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        return len(self.html or "")


def is_style(*said: str | None) -> bool:
    """Whether a type, format or role names a style sheet, a script or a DTD: no text of any story."""
    return any(_STYLES.search(one) for one in said if one)


def inline_of(holder: Element, *, encoding: str | None = None, content_type: str | None = None) -> Inline:
    """The body in an inlineXML, inlineData or DataContent element."""
    elements = [one for one in holder if local(one)]
    if elements:
        return _of_elements(holder, elements)
    raw = holder.text or ""
    if encoding and "base64" in encoding.lower():
        raw = _decoded(raw)
    return _of_string(raw, content_type or "")


def _of_elements(holder: Element, elements: list[Element]) -> Inline:
    for one in elements:
        name = local(one).lower()
        if name == "nitf":
            return _of_nitf(one)
        if one.tag == "BODY":
            return _of_ttnitf(one)
        if name == "html":
            bodies = [child for child in one if local(child).lower() == "body"]
            return _of_page(bodies[0]) if bodies else Inline(html=markup(one) or None)
    return Inline(html=markup(holder) or None)


def _of_string(raw: str, content_type: str) -> Inline:
    raw = raw.strip()
    if not raw or _CSS.match(raw):
        return Inline()
    if not _MARKUP.search(raw) and "html" not in content_type:
        return Inline(html=raw, is_text=True)
    page = _PAGE.search(raw)
    return Inline(html=(page[1] if page else raw).strip() or None)


def _decoded(raw: str) -> str:
    try:
        return base64.b64decode("".join(raw.split()), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def _of_page(body: Element) -> Inline:
    """A page's body; a header at its top repeats what the metadata say (slugs, time, headline), as does a dateline."""
    header = next((one for one in body if local(one)), None)
    if header is not None and (local(header).lower() != "header" or (body.text or "").strip()):
        header = None
    dateline = next((one for one in body.iter("{*}span") if one.get("class") == "dateline"), None)
    said: list[Removed] = []
    for kind, one in (("headline", header), ("dateline", dateline)):
        if one is not None and (told := text(one)):
            said.append(Removed.model_validate({"kind": kind, "text": told, "rule": f"newsml:page-{local(one)}"}))
            _dropped(one)
    return Inline(html=markup(body) or None, dateline=text(dateline), removed=tuple(said))


def _of_nitf(nitf: Element) -> Inline:
    for one in nitf.iter(etree.Element):
        if one.tag[0] == "{":
            one.tag = local(one)
    body = nitf.find("body")
    inside = children(body)
    head = children(_only(inside.get("body.head")))
    content = _only(inside.get("body.content"))
    lines = children(_only(head.get("hedline")))
    byline = _only(head.get("byline"))
    read = body_of(content) if content is not None else Body()
    return Inline(
        html="\n".join(part for part in (decks(lines.get("hl2", [])), read.html) if part) or None,
        headline=text(_only(lines.get("hl1"))) or text(nitf.find("head/title")),
        subheadline=text(_only(lines.get("hl2"))),
        byline=text(byline),
        authors=_names(byline),
        dateline=text(_only(head.get("dateline"))),
        summary=text(_only(head.get("abstract"))),
        images=read.images,
        media=read.media,
        notes=read.notes,
        private=read.private,
        warnings=read.warnings,
    )


def _of_ttnitf(body: Element) -> Inline:
    """TT's mark-up (application/ttnitf+xml), which has Swedish names in capitals."""
    found = {name: next(body.iter(name), None) for name in _TT_FIELDS}
    headline, lead, byline, dateline = (text(found[name]) for name in _TT_FIELDS)
    line = next(body.iter("DAT"), None)
    said = " / ".join(one.strip() for one in map(str, line.itertext()) if one.strip()) if line is not None else None
    removed = (Removed(kind="dateline", text=said, rule="ttnitf:DAT"),) if said else ()
    etree.strip_elements(body, "BILD", with_tail=False)
    for gone in (found["RUBRIK"], found["BYLINE"], line):
        if gone is not None:
            _dropped(gone)
    for one in body.iter(etree.Element):
        one.tag = _TT_MARKS.get(one.tag, one.tag.lower())
    return Inline(
        html=markup(body) or None, headline=headline, summary=lead, byline=byline, authors=people_of([byline]),
        dateline=dateline, removed=removed,
    )  # fmt: skip


def _names(byline: Element | None) -> tuple[str, ...]:
    """The persons marked in a byline, else what is left of it without titles."""
    if byline is None:
        return ()
    persons = [text(one) for one in byline.iter("person")]
    if persons:
        return people_of(persons)
    byline = copy.deepcopy(byline)
    for title in byline.findall("byttl"):
        _dropped(title)
    return people_of([(text(byline) or "").rstrip(" ,;")])


def _only(found: list[Element] | None) -> Element | None:
    return found[0] if found else None


def markup(element: Element) -> str:
    """What is in an element as HTML: local names only, no style sheets and scripts. The tree is changed."""
    etree.strip_elements(element, *_SILENT, with_tail=False)
    for one in element.iter(etree.Element):
        if (tag := one.tag)[0] == "{":
            one.tag = tag[tag.rfind("}") + 1 :]
        for key in one.keys():  # noqa: SIM118 - an element's iterator gives its children
            if key[0] == "{":
                del one.attrib[key]
    etree.cleanup_namespaces(element)
    element.attrib.clear()
    html = etree.tostring(element, encoding="unicode", method="html", with_tail=False)
    return _DASH_TAGS.sub("", html.partition(">")[2].rpartition("<")[0].strip())


def _dropped(element: Element) -> None:
    """Remove an element, not the text after it."""
    parent, tail = element.getparent(), element.tail
    if parent is None:
        return
    before = element.getprevious()
    if tail and before is not None:
        before.tail = (before.tail or "") + tail
    elif tail:
        parent.text = (parent.text or "") + tail
    element.tail = None
    parent.remove(element)
