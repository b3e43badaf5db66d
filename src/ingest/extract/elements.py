"""The elements of a page that tell of its story, gathered in one walk: each costs a tenth of parsing."""

from collections import defaultdict
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingest.extract.text import plain

_WANTED = (
    'meta[content], link[rel="canonical"], link[rel="amphtml"], script[type*="ld+json"], h1, h2, time, figure, '
    '[itemprop], [itemtype], [rel~="author"], [rel~="next"], abbr[title], .wp-caption'
)
_MOST = 3000
_MOST_META = 100  # of one name
_LONGEST_META = 5000  # characters
_MOST_OF_TAG = 50
_MOST_PROPS = 1000
_PLAIN = frozenset(("script", "h2", "figure"))
_OF_TAG = {"script": "scripts", "h1": "h1s", "h2": "h2s", "time": "times", "abbr": "times", "figure": "figures"}


@dataclass
class Elements:
    """In document order. `metas`: texts by lower-case name or property. `links`: addresses by rel."""

    metas: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    links: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    scripts: list[LexborNode] = field(default_factory=list)
    h1s: list[LexborNode] = field(default_factory=list)
    h2s: list[LexborNode] = field(default_factory=list)
    times: list[LexborNode] = field(default_factory=list)
    figures: list[LexborNode] = field(default_factory=list)
    props: list[tuple[str, LexborNode]] = field(default_factory=list)
    article: LexborNode | None = None  # the first item of microdata that is one
    authors: list[LexborNode] = field(default_factory=list)  # sure to be: rel or itemprop


def elements_of(doc: LexborHTMLParser, wanted: frozenset[str]) -> Elements:
    """`wanted`: the names of <meta> to read."""
    found = Elements()
    for node in doc.css(_WANTED)[:_MOST]:
        tag = node.tag or ""
        if (name := _OF_TAG.get(tag)) and len(nodes := getattr(found, name)) < _MOST_OF_TAG:
            nodes.append(node)
        if tag in _PLAIN:
            continue  # most of them: their attributes are not read
        marks = node.attributes
        if tag == "meta":
            _add_meta(found, marks, wanted)
        elif tag == "link" and (rel := marks.get("rel")):
            _add_link(found, rel, marks.get("href"))
        if "itemprop" in marks or "itemtype" in marks or "rel" in marks:
            _add_marked(found, node, tag, marks)
        elif tag == "div" and len(found.figures) < _MOST_OF_TAG:
            found.figures.append(node)  # .wp-caption
    return found


def _add_meta(found: Elements, marks: dict[str, str | None], wanted: frozenset[str]) -> None:
    said = marks.get("property") or marks.get("name") or marks.get("itemprop") or marks.get("http-equiv") or ""
    name = said.strip().lower()
    if name not in wanted or len(found.metas[name]) >= _MOST_META:
        return
    if text := plain((marks.get("content") or "")[:_LONGEST_META]):
        found.metas[name].append(text)


def _add_link(found: Elements, rel: str, address: str | None) -> None:
    for name in rel.lower().split()[:4]:
        if address and len(found.links[name]) < 50:
            found.links[name].append(address)


def _add_marked(found: Elements, node: LexborNode, tag: str, marks: dict[str, str | None]) -> None:
    if (prop := marks.get("itemprop")) and len(found.props) < _MOST_PROPS:
        names = prop.split()[:5]
        found.props.extend((name, node) for name in names)
        if "author" in names and tag != "meta":
            found.authors.append(node)
    kind = marks.get("itemtype") or ""
    if found.article is None and "schema.org/" in kind and ("Article" in kind or "Posting" in kind):
        found.article = node
    rel = (marks.get("rel") or "").lower()
    if "next" in rel.split():
        _add_link(found, "next", marks.get("href"))
    if "author" in rel.split():
        found.authors.append(node)
