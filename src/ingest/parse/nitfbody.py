"""The inside of NITF's body.content as HTML, and the media and notes that stand in it.

Element names are NITF 3.6's. What marks up words (person, location, org, money …) is taken off, what marks up blocks
gets HTML's name; media become images or associations, notes that are not for readers are kept apart.
"""

import re
from typing import NamedTuple

from lxml import etree

from ingest.model import Association, Image, Rendition
from ingest.parse.fields import int_of
from ingest.parse.wirexml import Element, text

MAX_MEDIA = 200

_HTML = frozenset(
    ("p", "ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th", "pre",
     "br", "hr", "a", "em", "q", "sub", "sup", "b", "i", "u", "strong", "span", "div", "blockquote", "h1", "h2", "h3",
     "h4", "h5", "h6", "img", "figure", "figcaption", "section", "article", "cite", "code", "small")
)  # fmt: skip
_NAMES = {
    "hl1": "h2", "hl2": "h3", "bq": "blockquote", "block": "div", "nitf-table": "div", "hedline": "div", "fn": "p",
    "credit": "p", "byline": "p", "dateline": "p", "abstract": "div", "distributor": "p", "underline": "u",
    "datasource": "p", "body.content": "div", "tagline": "p", "note": "div", "table-caption": "caption",
}  # fmt: skip
_SILENT = frozenset(
    ("nitf-table-metadata", "custom-table", "media", "media-metadata", "style", "script", "key-list", "tobject")
)
_TYPES = {"image": "picture", "photo": "picture", "picture": "picture", "video": "video", "audio": "audio"}
_SIGNS = {("1", "2"): "½", ("1", "4"): "¼", ("3", "4"): "¾", ("1", "3"): "⅓", ("2", "3"): "⅔", ("1", "8"): "⅛"}
_WRAPPED = range(45, 85)  # the length of lines that a wire broke at its width
_STARTS_IMAGE = re.compile(r"image/|jpe?g$|png$|gif$|tiff?$|webp$", re.IGNORECASE)


class Body(NamedTuple):
    html: str | None = None
    images: tuple[Image, ...] = ()
    media: tuple[Association, ...] = ()  # video, audio and the like
    notes: tuple[str, ...] = ()  # for editors, though publishable
    private: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def body_of(content: Element, *, is_tabular: bool = False) -> Body:
    """Read and take apart a body.content (the tree is changed). `is_tabular`: its lines are to be kept as they are."""
    inside = list(content.iter(etree.Element))  # lxml makes an element anew for each look at it, unless it is kept
    tags = {one.tag for one in inside}
    images, others, warnings = _media(content) if "media" in tags else ((), (), ())
    notes, private = taken_notes(content) if "note" in tags else ((), ())
    if "frac" in tags:
        _fractions(content)
    if "br" in tags and not is_tabular:
        _unwrap(inside)
    _to_html(content, inside, tags)
    html = _tabular(content) if is_tabular and "pre" not in tags else _inside(content)
    return Body(html, images, others, notes, private, warnings)


def taken_notes(holder: Element) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Take the notes out: those for editors that may be published (std, pa), and those that may not (npa)."""
    open_: list[str] = []
    private: list[str] = []
    for note in list(holder.iter("note")):
        if note.getparent() is None:
            continue
        if said := text(note):
            (private if note.get("type") == "npa" else open_).append(said)
    etree.strip_elements(holder, "note", with_tail=False)
    return tuple(open_), tuple(private)


def decks(subordinate: list[Element]) -> str | None:
    """The hl2 below the first one, which is the subheadline: each a heading over the text."""
    return "".join(f"<h3>{_escaped(said)}</h3>" for one in subordinate[1:] if (said := text(one))) or None


def paragraphs(element: Element | None) -> str | None:
    """An element at the body's end (tagline, bibliography) as a paragraph of its own."""
    said = text(element)
    return f"<p>{_escaped(said)}</p>" if said else None


def _to_html(content: Element, inside: list[Element], tags: set[str]) -> None:
    if silent := tags & _SILENT:
        etree.strip_elements(content, *silent, with_tail=False)
    marks = tags - _HTML - _NAMES.keys() - _SILENT
    if marks:
        etree.strip_tags(content, *marks)
    renamed = tags & _NAMES.keys()
    if renamed:
        for one in inside:
            if (tag := one.tag) in renamed:
                one.tag = _NAMES[tag]
    content.tag = "div"
    content.attrib.clear()


def _inside(content: Element) -> str | None:
    html = etree.tostring(content, encoding="unicode", method="html", with_tail=False)
    inside = html.partition(">")[2].rpartition("<")[0].strip()
    return inside or None


def _tabular(content: Element) -> str | None:
    """The lines of the paragraphs, kept in one <pre>: what an ANPA format of "t" asks for."""
    for br in content.iter("br"):
        br.tail = f"\n{br.tail or ''}"
    lines = ["".join(map(str, one.itertext())).strip("\n") for one in content]
    joined = "\n".join(line for line in lines if line.strip())
    return f"<pre>{_escaped(joined)}</pre>" if joined else _inside(content)


def _unwrap(inside: list[Element]) -> None:
    """Paragraphs whose lines a wire broke at its width (AAP's) flow again; breaks that mean something stay."""
    broken: dict[Element | None, list[str]] = {}
    for one in inside:
        if one.tag == "br":
            broken.setdefault(one.getparent(), []).append(one.tail or "")
    for paragraph, lines in broken.items():
        if paragraph is None or paragraph.tag != "p" or len(paragraph) != len(lines):
            continue
        first, *middle, last = (paragraph.text or "", *lines)
        if all(len(line.strip()) in _WRAPPED for line in (first, *middle)) and len(last.strip()) < _WRAPPED.stop:
            del paragraph[:]
            paragraph.text = " ".join((first, *(line.lstrip() for line in lines)))


def _fractions(content: Element) -> None:
    """`3<frac>…1…2…</frac>` is 3½, or 3 5/16 where Unicode has no such sign."""
    for frac in list(content.iter("frac")):
        number, over = text(frac.find("frac-num")), text(frac.find("frac-den"))
        if number and over:
            for part in list(frac):
                frac.remove(part)
            frac.text = _SIGNS.get((number, over), f" {number}/{over}")


def _escaped(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


# ── media ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _media(content: Element) -> tuple[tuple[Image, ...], tuple[Association, ...], tuple[str, ...]]:
    images: list[Image] = []
    others: list[Association] = []
    warnings: list[str] = []
    for media in content.iter("media"):
        if len(images) + len(others) >= MAX_MEDIA:
            warnings.append(f"only the first {MAX_MEDIA} media were taken")
            break
        kind = (media.get("media-type") or "").lower()
        first = media.find("media-reference")
        mime = (first.get("mime-type") if first is not None else None) or ""
        if _TYPES.get(kind) == "picture" or (not kind and _STARTS_IMAGE.match(mime)):
            images.append(_image(media))
        elif first is not None:
            kind = _TYPES.get(kind, kind) or "media"
            others.append(Association(rel=kind, url=first.get("source"), type=kind, headline=_caption(media)))
        if media.find("media-object") is not None:
            warnings.append("a media object inside the document was left out")
    return tuple(images), tuple(others), tuple(warnings)


def _image(media: Element) -> Image:
    """One image a media element; its references are sizes of it, the largest of which is the image's own."""
    references = [one for one in media.iter("media-reference") if one.get("source")]
    renditions = tuple(_rendition(one) for one in references)
    best = max(range(len(renditions)), key=lambda n: renditions[n].width or 0, default=None)
    alts = (one.get("alternate-text") for one in references)
    metadata = {(one.get("name") or "").lower(): one.get("value") for one in media.iter("media-metadata")}
    return Image(
        url=renditions[best].url if best is not None else None,
        caption=_caption(media) or metadata.get("caption"),
        alt=next((alt.strip() for alt in alts if alt and alt.strip()), None),
        credit=text(media.find(".//media-producer")) or metadata.get("credit") or metadata.get("byline"),
        width=renditions[best].width if best is not None else None,
        height=renditions[best].height if best is not None else None,
        renditions=renditions if len(renditions) > 1 else (),
    )


def _rendition(reference: Element) -> Rendition:
    return Rendition(
        url=(reference.get("source") or "").strip(),
        name=reference.get("name") or reference.get("id"),
        mime=reference.get("mime-type"),
        width=int_of(reference.get("width")),
        height=int_of(reference.get("height")),
    )


def _caption(media: Element) -> str | None:
    captions = (text(one) for one in media.iter("media-caption"))
    return " ".join(dict.fromkeys(said for said in captions if said)) or None
