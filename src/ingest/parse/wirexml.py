"""What the XML wires share: one tree or, where a message is broken, its items one by one; texts, times, statuses."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from lxml import etree

from ingest.errors import Malformed
from ingest.model import Dateline, Entry, Parsed, Payload, PubStatus, Reject
from ingest.parse.desk import ruling, status_of
from ingest.parse.fields import int_of, time_of
from ingest.parse.limits import MAX_BROKEN, MAX_ITEMS, OverLimit, check_count
from ingest.parse.xmltext import XmlText, tree_of, xml_root, xml_text

Element = etree._Element

LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_BLOCKS = {"p", "li", "ul", "ol", "div", "section", "header", "br", "tr", "td", "th", "table", "block", "blockquote"}
_BLOCKS |= {f"h{n}" for n in range(1, 7)} | {"hl1", "hl2", "para"}
_ZONED = re.compile(r"(?:Z|[+-]\d\d:?\d\d|[A-Z]{3,4})$")
_XMLNS = re.compile(r"\sxmlns(?::[\w.-]{1,60})?(?=\s{0,9}=)")
_DATELINE = re.compile(
    r"(?P<place>[^\d\W][^()\d,–—\n]{0,60}?)\s{0,2}(?:[,(–—]|-{1,2}(?:\s|$)|\d|$)(?P<rest>.{0,200})", re.DOTALL
)
_DATE = re.compile(r"^[,\s]{0,3}([^()–—]{3,40}?)\s{0,3}(?:\(|–|—|-|$)")
_STATUSES: dict[str, PubStatus] = {
    "usable": "usable", "embargoed": "usable", "withheld": "withheld", "canceled": "canceled",
    "cancelled": "canceled", "killed": "canceled", "kill": "canceled", "withdrawn": "canceled",
}  # fmt: skip
_STRICTNESS: dict[PubStatus, int] = {"usable": 0, "withheld": 1, "canceled": 2}


def local(element: Element) -> str:
    """The tag without its namespace; "" for what is no element, such as an entity reference."""
    tag = element.tag
    return tag[tag.rfind("}") + 1 :] if isinstance(tag, str) else ""


def children(element: Element | None, *names: str) -> dict[str, list[Element]]:
    """The child elements (those of these names, if any are given) by local name, each in document order."""
    if element is None:
        return {}
    by_tag: dict[str, list[Element]] = {}
    given = list(element.iterchildren(*[f"{{*}}{name}" for name in names]) if names else element)
    for child in given:  # by their whole tags first: to cut the namespace off each would take as long as all the rest
        if (tag := child.tag) in by_tag:
            by_tag[tag].append(child)
        else:
            by_tag[tag] = [child]
    found = {tag[tag.rfind("}") + 1 :]: same for tag, same in by_tag.items() if isinstance(tag, str)}
    return found if len(found) == len(by_tag) else _of_several_namespaces(given)


def _of_several_namespaces(elements: list[Element]) -> dict[str, list[Element]]:
    found: dict[str, list[Element]] = {}
    for one in elements:
        if name := local(one):
            found.setdefault(name, []).append(one)
    return found


def text(element: Element | None) -> str | None:
    """All text in it on one line, blocks set apart by a space; None for nothing."""
    if element is None:
        return None
    if not len(element):
        return " ".join((element.text or "").split()) or None
    pieces = [element.text or ""]
    for child in element:  # most hold leaves only, for which a walk would be slow
        if len(child) or not isinstance(child.tag, str):
            pieces = list(_pieces(element))
            break
        space = " " if local(child) in _BLOCKS else ""
        pieces += (space, child.text or "", space, child.tail or "")
    return " ".join("".join(pieces).split()) or None


def _pieces(element: Element) -> Iterator[str]:
    for event, one in etree.iterwalk(element, events=("start", "end")):
        if event == "start" and isinstance(one.tag, str):
            yield from (" " if local(one) in _BLOCKS else "", one.text or "")
        elif event == "end" and one is not element:
            yield from (" " if local(one) in _BLOCKS else "", one.tail or "")


@dataclass
class Notes:
    """What one item's reading has to say besides its fields; a time completed with the source's zone is flagged."""

    zone: str
    warnings: list[str] = field(default_factory=list)

    def time(self, value: str | None, name: str) -> datetime | None:
        if not value:
            return None
        when = time_of(value, self.zone)
        if when is None:
            self.warnings.append(f"{name} is no time: {value[:40]}")
        elif not _ZONED.search(value.strip()):
            self.warnings.append(f"{name} has no zone, read as {self.zone}")
        return when

    def urgency(self, value: str | None) -> int | None:
        """1 (flash) to 9."""
        number = int_of(value)
        if number is not None and not 1 <= number <= 9:
            self.warnings.append(f"urgency {number} is not from 1 to 9")
            return None
        return number


# ── what a status, a signal and the desk's words amount to ──────────────────────────────────────────────────────


class Standing(NamedTuple):
    pub_status: PubStatus
    instruction: str | None
    embargoed_until: datetime | None


def standing(
    status: str | None, signal: str | None, embargo: datetime | None, words: tuple[str | None, ...],
    issued: datetime | None, notes: Notes, *, is_embargoed: bool = False,
) -> Standing:  # fmt: skip
    """`status` and `signal` as coded by the format, `words` the fields in which a desk speaks.

    The strictest wins. `is_embargoed` without a time is withheld: the standard means "until further notice".
    """
    said = ruling(*words, issued=issued, zone=notes.zone)
    notes.warnings.extend(said.warnings)
    stated = _STATUSES.get((status or "usable").lower())
    if stated is None:
        stated = "withheld"
        notes.warnings.append(f"unknown status {(status or '')[:40]!r}, taken as withheld")
    if is_embargoed and embargo is None and said.embargoed_until is None and stated == "usable":
        stated = "withheld"
        notes.warnings.append("embargoed without a time")
    ruled = said.pub_status if embargo is None or said.instruction == "kill" else "usable"
    worst = max(stated, ruled, status_of(signal), key=_STRICTNESS.__getitem__)
    instruction = "kill" if worst == "canceled" else signal or said.instruction
    if instruction is None and stated == "withheld" and (status or "").lower() == "withheld":
        instruction = "withhold"
    return Standing(worst, instruction, embargo or said.embargoed_until)


def dateline_of(printed: str | None, city: str | None = None) -> Dateline | None:
    """A dateline as printed, with its place (`city` spelled better, if it is the same one) and date."""
    if not printed:
        return None
    found = _DATELINE.match(printed)
    if found is None:  # some put a time stamp there
        return Dateline(text=printed, date=printed[:10] if re.match(r"\d{4}-\d\d-\d\d", printed) else None)
    place = found["place"].strip(" .-")
    if city and place.casefold().startswith(city.casefold()):
        place = city
    date = _DATE.match(found["rest"]) if printed[found.end("place") :].lstrip()[:1] == "," else None
    has_digit = date is not None and any(c.isdigit() for c in date[1])
    return Dateline(text=printed, place=place or None, date=date[1].strip() if date and has_digit else None)


# ── a message and its items ─────────────────────────────────────────────────────────────────────────────────────


class Message(NamedTuple):
    """`head` is the envelope. Where the document as a whole is no XML, `broken` are the items that are none either."""

    items: tuple[Element, ...]
    head: Element | None
    warnings: tuple[str, ...] = ()
    broken: tuple[Reject, ...] = ()


def message_of(payload: Payload, items: frozenset[str], head: str) -> Message:
    """The items of one document: itself, or what its root or an itemSet holds. Raises Malformed if nothing is XML."""
    document = xml_text(payload)
    try:
        root = tree_of(document, payload.url)
    except OverLimit:
        raise
    except Malformed as e:
        return _salvaged(payload, document, items, head, e)
    if local(root) in items:
        return Message((root,), None, document.warnings)
    found: list[Element] = []
    for child in root:
        found += [one for one in child if local(one)] if local(child) == "itemSet" else []
        found += [child] if local(child) in items else []
    check_count(found, "items", payload.url)
    heads = [child for child in root if local(child).lower() == head.lower()]  # Scoop writes Header
    return Message(tuple(found), heads[0] if heads else None, document.warnings)


def read_items(message: Message, read: Callable[[Element, int], Entry | Reject], format: str) -> Parsed:
    results = [read(item, number) for number, item in enumerate(message.items, 1)]
    return Parsed(
        format=format,
        entries=tuple(one for one in results if isinstance(one, Entry)),
        rejects=(*(one for one in results if isinstance(one, Reject)), *message.broken),
        warnings=message.warnings,
    )


def _salvaged(payload: Payload, document: XmlText, items: frozenset[str], head: str, error: Malformed) -> Message:
    """The items cut out of a broken document and read alone, so that one bad item hides no other."""
    whole: list[Element] = []
    broken: list[Reject] = []
    top = None
    for number, (name, piece) in enumerate(_cut_out(document, items | {head})):
        try:
            if piece is None:
                raise Malformed(payload.url, "the message ends inside it")
            element = xml_root(payload.model_copy(update={"body": piece.encode(), "content_type": "text/xml"}))
        except Malformed as e:
            place = f"{name} {number + 1}"
            broken += [Reject(code="malformed-item", place=place, detail=e.why)] if name != head else []
        else:
            top = element if name == head else top
            whole += [element] if name != head else []
        if len(broken) > MAX_BROKEN or len(whole) > MAX_ITEMS:
            raise error
    if not whole:
        raise error
    return Message(
        tuple(whole), top, (*document.warnings, f"the message is {error.why}; its items were read alone"), tuple(broken)
    )


def _cut_out(document: XmlText, names: frozenset[str]) -> Iterator[tuple[str, str | None]]:
    """Each item's name and text, with the root's namespaces declared on it; None for an item that does not end."""
    tag = re.compile(rf"<(/?)((?:[A-Za-z_][\w.-]{{0,30}}:)?({'|'.join(sorted(names))}))(?=[\s/>])")
    spaces = {name: uri for name, uri in document.root.attributes.items() if name.split(":")[0] == "xmlns"}
    start: re.Match[str] | None = None
    for found in tag.finditer(document.text):
        if found[1] and start is not None and found[2] == start[2]:
            yield start[3], _declared(document.text, start, found.end(), spaces)
            start = None
        elif not found[1]:
            if start is not None:
                yield start[3], None
            start = found
    if start is not None:
        yield start[3], None


def _declared(text: str, start: re.Match[str], end: int, spaces: dict[str, str]) -> str:
    own = {name.strip() for name in _XMLNS.findall(text[start.end() : start.end() + 5_000].partition(">")[0])}
    missing = "".join(f' {name}="{uri}"' for name, uri in spaces.items() if name not in own and '"' not in uri)
    return f"<{start[2]}{missing}{text[start.end() : end]}>"
