"""The main content of a page, by a few ways in order of trust, each with how sure it is.

A way is a function from the page to a `Body` or None; `find_body` asks one after the other. A cheaper first pass that
is sure enough of itself goes in front of `_trafilatura`.
"""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import unescape
from importlib.metadata import version

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from ingest.errors import BadConfig
from ingest.extract.align import Piece, align
from ingest.extract.facts import Facts
from ingest.extract.fragment import link_share, to_html, with_gaps, with_lead, with_pictures, without_edges
from ingest.extract.leaves import Leaf, leaves
from ingest.extract.text import plain, squeeze
from ingest.model import Extraction, Removed, Rule

MOST_LEAVES = 5_000  # its time and ours grow with the square of them; a long story has 500
MAX_TRAFILATURA = 2_000_000  # characters; it takes about 10 s for as many
_LITTLE = 0.5  # trafilatura's text against the articleBody of JSON-LD
_UNSEEN = 0.2  # quality of a text that is hardly on the page: then JSON-LD has it with its line ends
_VERSION = "1"
# A line of a script that trafilatura took for text; on the page, it stands in no element that is shown.
_CODE = re.compile(r"[{}]\s*$|\);\s*$|^\s*(?:var|let|const|function|window\.|document\.)\b|\)\(\);?\s*$|=>\s*\{")


@dataclass(frozen=True)
class Body:
    html: str
    text: str
    extraction: Extraction
    link_share: float = 0.0
    prose: float = 1.0  # share of the text in long paragraphs
    removed: tuple[Removed, ...] = ()


def remove(doc: LexborHTMLParser, rules: Sequence[Rule]) -> tuple[Removed, ...]:
    """Take out of `doc` what this source's rules name. Raises BadConfig for a selector that is none."""
    taken: list[Removed] = []
    for rule in rules:
        if rule.selector:
            for node in _select(doc, rule.selector):
                if text := plain(node.text(separator=" ")[:20_000]):
                    taken.append(Removed(kind=rule.kind, text=text, rule=f"source: {rule.reason}"))
                node.decompose()
    return tuple(taken)


def _select(doc: LexborHTMLParser, selector: str) -> list[LexborNode]:
    try:
        return doc.css(selector)
    except SelectolaxError as e:
        raise BadConfig(selector, "not a CSS selector", "see the rules of this source in the registry") from e


def find_body(doc: LexborHTMLParser, text: str, url: str, rules: Sequence[Rule], facts: Facts) -> Body | None:
    """The story in `doc`, whose source is `text`; `facts` is what the page says of it."""
    page = leaves(doc.body) if doc.body else []
    if body := _by_rule(doc, rules):
        return body
    found = _trafilatura(text, url, page, facts.summary)
    told = _told(facts.body, page) if facts.body else None
    unseen = found is not None and (found.extraction.quality or 0) < _UNSEEN
    if told and (found is None or unseen or len(found.text) < _LITTLE * len(told.text)):
        return told
    return found or _densest(page)


def _by_rule(doc: LexborHTMLParser, rules: Sequence[Rule]) -> Body | None:
    for rule in rules:
        if rule.body and (tops := _select(doc, rule.body)):
            pieces = [Piece(leaf, leaf.html) for top in tops for leaf in leaves(top)]
            if body := _body(pieces, "rule", _VERSION, 1.0):
                return body
    return None


def _trafilatura(text: str, url: str, page: Sequence[Leaf], summary: str | None) -> Body | None:
    """trafilatura chooses on text alone: asked to keep links and images, it chooses 1 to 2 % worse (benchmarks)."""
    if len(text) > MAX_TRAFILATURA or len(page) > MOST_LEAVES:
        return None
    from trafilatura import extract

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    chosen = extract(text, url=url, include_comments=False)
    if not chosen:
        return None
    lines = [part for line in chosen.split("\n") for part in (line.split("|") if line.startswith("|") else [line])]
    pieces, found = align(lines, page)
    pieces = [piece for piece in pieces if piece.leaf or not _CODE.search(unescape(piece.html))]
    pieces, edges = without_edges(pieces)
    pieces = with_pictures(with_gaps(with_lead(pieces, page, summary), page), page)
    body = _body(pieces, "trafilatura", version("trafilatura"), found)
    removed = tuple(Removed(kind="related", text=t, rule="extract: links at the edge") for t in edges)
    return replace(body, removed=removed) if body else None


def _told(said: str, page: Sequence[Leaf]) -> Body | None:
    """The text in JSON-LD, with the page's markup where the page shows it too."""
    lines = [t for line in re.split(r"\n|</(?:p|div|h\d|li)>|<br\s?/?>", unescape(said)) if (t := plain(line))]
    pieces, found = align(lines, page)
    return _body(with_pictures(with_gaps(pieces, page), page), "json-ld", _VERSION, 0.5 + found / 2)


def _densest(page: Sequence[Leaf]) -> Body | None:
    """The element with the most unlinked text directly in it, for what is too big or too odd for trafilatura."""
    sizes: dict[int, int] = {}
    for leaf in page:
        if leaf.tags[-1] in {"p", "div", "td", "article", "section", "body"} and link_share(leaf) < 0.3:
            for up in leaf.path[-3:]:
                sizes[up] = sizes.get(up, 0) + len(leaf.key)
    if not sizes:
        return None
    top = max(sizes, key=lambda element: sizes[element])
    return _body(
        [Piece(leaf, leaf.html) for leaf in page if top in leaf.path and link_share(leaf) < 0.5],
        "densest",
        _VERSION,
        0.4,
    )


def _body(pieces: Sequence[Piece], method: str, made_by: str, found: float) -> Body | None:
    texts = [piece.leaf.text if piece.leaf else plain(piece.html) or "" for piece in pieces]
    text = "\n".join(filter(None, texts))
    if not squeeze(text):
        return None
    kept = [piece.leaf for piece in pieces if piece.leaf and piece.leaf.key]
    linked = sum(link_share(leaf) * len(leaf.text) for leaf in kept) / max(1, len(text))
    prose = sum(len(t) for t in texts if len(t.encode()) > 80) / max(1, len(text))
    quality = (
        found
        if method == "rule"
        else found * (1 - linked) * (0.5 + prose / 2) * min(1.0, 0.4 + len(text.encode()) / 1000)
    )
    how = Extraction(method=method, version=made_by, quality=round(quality, 3))
    return Body(to_html(pieces), text, how, linked, sum(len(t) for t in texts if len(t) > 200) / max(1, len(text)))
