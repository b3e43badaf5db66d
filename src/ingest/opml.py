"""OPML, the lists of feeds that feed readers exchange. Spec: http://opml.org/spec2.opml (2.0).

Folders become tags. Two things OPML does not have a place for travel in our own namespace, so that an export comes
back as it was: a source's id, which also holds the feeds of one source together. A disabled source is `isComment`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from lxml import etree
from lxml.etree import SubElement, _Element

from ingest.errors import Malformed
from ingest.model import Source, Transport
from ingest.sources.edit import new_id
from ingest.sources.patch import Setting
from ingest.urls import canonical_url

MAX_BYTES = 20_000_000
MAX_DEPTH = 50
_NAMESPACE = "urn:syndication-ingest:opml"
_ID = f"{{{_NAMESPACE}}}source"


@dataclass(frozen=True)
class Outline:
    """One feed of the list. `source_id` is only there in our own exports."""

    url: str
    title: str | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None
    enabled: bool = True
    source_id: str | None = None


def read_opml(body: bytes, name: str = "OPML") -> tuple[Outline, ...]:
    """The feeds in reading order, each URL once. Raises Malformed, with `name` as its subject."""
    if len(body) > MAX_BYTES:
        raise Malformed(name, f"is larger than {MAX_BYTES // 1_000_000} MB", "split it")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as e:
        raise Malformed(name, f"is not XML: {e}", "export it again, or mend that line") from e
    if root.getroottree().docinfo.internalDTD is not None:
        raise Malformed(name, "has a DOCTYPE", "take it out: OPML has none")
    if str(root.tag).lower() != "opml":
        raise Malformed(name, f"is no OPML: its root is {root.tag}", "a feed's own address goes to: ingest sources add")
    found: dict[str, Outline] = {}
    for outline in _outlines(root):
        found.setdefault(outline.url, outline)
    return tuple(found.values())


def new_sources(outlines: Iterable[Outline], known: Mapping[str, Source]) -> dict[str, dict[str, Setting]]:
    """Tables for `edit.add_sources`: what is not fetched by a known source yet, under ids that are free."""
    fetched = {canonical_url(url) or url for source in known.values() for url in source.urls}
    groups: dict[str, list[Outline]] = {}
    for i, outline in enumerate(outlines):
        key = canonical_url(outline.url) or outline.url
        if key not in fetched:
            fetched.add(key)
            groups.setdefault(outline.source_id or f"\n{i}", []).append(outline)
    tables: dict[str, dict[str, Setting]] = {}
    for group in groups.values():
        first = group[0]
        source_id = new_id(first.source_id or first.title or "", first.url, {*known, *tables})
        tables[source_id] = _table(group)
    return tables


def to_opml(sources: Iterable[Source], now: datetime) -> bytes:
    """OPML 2.0 of the sources that are fetched by http, in folders by their first tag."""
    root = etree.Element("opml", {"version": "2.0"}, nsmap={"ingest": _NAMESPACE})
    head = SubElement(root, "head")
    SubElement(head, "title").text = "Sources"
    SubElement(head, "dateCreated").text = format_datetime(now)
    body = SubElement(root, "body")
    folders: dict[str, _Element] = {}
    for source in sources:
        if source.transport == Transport.HTTP:
            for url in source.urls:
                parent = _folder(body, folders, source.tags[0]) if source.tags else body
                SubElement(parent, "outline", _attributes(source, url))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _outlines(root: _Element) -> Iterable[Outline]:
    """Depth first, in document order, without recursion. What is nested more deeply than anyone files is left out."""
    stack: list[tuple[_Element, tuple[str, ...], bool]] = [(e, (), True) for e in reversed(list(root))]
    while stack:
        element, tags, enabled = stack.pop()
        attributes = {str(k).lower(): str(v).strip() for k, v in element.attrib.items() if str(v).strip()}
        enabled = enabled and attributes.get("iscomment", "").lower() != "true"
        title = attributes.get("title") or attributes.get("text")
        url = attributes.get("xmlurl")
        if url:
            yield Outline(
                url=_http(url),
                title=title,
                tags=tuple(dict.fromkeys([*tags, *_categories(attributes.get("category", ""))])),
                language=attributes.get("language"),
                enabled=enabled,
                source_id=attributes.get(_ID),
            )
        elif element.tag == "outline" and title:
            tags = (*tags, title)
        if len(tags) < MAX_DEPTH:
            stack.extend((child, tags, enabled) for child in reversed(list(element)))


def _http(url: str) -> str:
    """feed://host and feed:https://host are what browsers once wrote for a feed's address."""
    if url.startswith("feed://"):
        return f"http://{url.removeprefix('feed://')}"
    return url.removeprefix("feed:")


def _categories(attribute: str) -> list[str]:
    """`/Boston/Weather,news` → Boston, Weather, news."""
    return [part.strip() for path in attribute.split(",") for part in path.split("/") if part.strip()]


def _table(group: list[Outline]) -> dict[str, Setting]:
    first = group[0]
    table: dict[str, Setting] = {}
    if first.title:
        table["name"] = first.title
    table["url"] = first.url if len(group) == 1 else tuple(one.url for one in group)
    if first.language and first.language.lower() != "unknown":
        table["language"] = first.language
    if first.tags:
        table["tags"] = first.tags
    if not first.enabled:
        table["enabled"] = False
    return table


def _folder(body: _Element, folders: dict[str, _Element], tag: str) -> _Element:
    if tag not in folders:
        folders[tag] = SubElement(body, "outline", {"text": tag})
    return folders[tag]


def _attributes(source: Source, url: str) -> dict[str, str]:
    attributes = {"type": "rss", "text": source.name, "title": source.name, "xmlUrl": url}
    if source.language:
        attributes["language"] = source.language
    if source.tags:
        attributes["category"] = ",".join(source.tags)
    if not source.enabled:
        attributes["isComment"] = "true"
    return {**attributes, _ID: source.id}
