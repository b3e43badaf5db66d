"""The main content of a page, by a few ways in order of trust, each with how sure it is.

The source's rule; the model (choose.py), with trafilatura's vote where it is unsure; the text in the page's JSON-LD;
what trafilatura finds where the model finds nothing.
"""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from importlib.metadata import version

import numpy as np
from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from ingest.errors import BadConfig
from ingest.extract.align import SHORT, Piece, align
from ingest.extract.choose import Choice, choose, story, weights
from ingest.extract.facts import Facts
from ingest.extract.features import Floats
from ingest.extract.fragment import to_html, with_gaps, with_pictures, with_rights
from ingest.extract.page import Leaf, Page, cut, read_page
from ingest.extract.text import plain, squeeze
from ingest.model import Extraction, Removed, Rule

MOST_LEAVES = 5_000  # its time grows with the square of them; a long story has 500
MAX_TRAFILATURA = 2_000_000  # characters; it takes about 10 s for as many
_LITTLE = 0.5  # the text that is found against the articleBody of JSON-LD
_UNSURE = 0.18  # characters expected to be wrong for each chosen; below, the model alone is right more often
_HOPELESS = -4.0  # log odds; not worth asking about
_VOTE = 3.0  # log odds; found on pages that people have read (benchmarks/train_body.py)
_FOUND = 0.5  # of trafilatura's text is in our leaves
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


def find_body(doc: LexborHTMLParser, url: str, rules: Sequence[Rule], facts: Facts) -> Body | None:
    """The story in `doc`; `facts` is what the page says of it."""
    if body := _by_rule(doc, rules):
        return body
    page = read_page(doc)
    found = _chosen(page, url, facts)
    told = _told(facts.body, page) if facts.body and (found is None or _lacks(found, facts.body)) else None
    return told or found or _densest(page.leaves)


def _lacks(body: Body, said: str) -> bool:
    return len(body.text) < _LITTLE * len(plain(said) or "")


def _by_rule(doc: LexborHTMLParser, rules: Sequence[Rule]) -> Body | None:
    for rule in rules:
        if rule.body and (tops := _select(doc, rule.body)):
            pages = [cut(top.html or "", skip=False) for top in tops]
            pieces = [Piece(leaf, leaf.html) for page in pages for leaf in page.leaves]
            if body := _body(pieces, "rule", _VERSION, 1.0):
                return body
    return None


def _chosen(page: Page, url: str, facts: Facts) -> Body | None:
    choice, method, by = choose(page, facts), "model", weights().version
    small = len(page.html) <= MAX_TRAFILATURA and len(page.leaves) <= MOST_LEAVES
    if choice.unsure > _UNSURE and small and (theirs := _trafilatura(page, choice, url)):
        votes, found = _votes(theirs, page.leaves)
        if found < _FOUND:
            return _aligned(theirs, cut(page.html, skip=False).leaves)
        choice, method, by = choice.with_votes(votes, _VOTE), "model+trafilatura", f"{by}+{version('trafilatura')}"
    kept, elsewhere = story(page, choice)
    kept = kept[1:] if kept and facts.headline and kept[0].key == squeeze(facts.headline) else kept
    pieces = with_pictures(with_rights([Piece(leaf, leaf.html) for leaf in kept], page.leaves), page.leaves)
    removed = tuple(Removed(kind="related", text=leaf.text, rule="extract: read also") for leaf in elsewhere)
    return _body(pieces, method, by, 1 / (1 + choice.unsure), removed)


def _trafilatura(page: Page, choice: Choice, url: str) -> list[str]:
    """What it takes for the story. Given what is left when all that is surely not the story is gone, it needs neither
    its second opinions nor its second tries, which `favor_recall` leaves out: it votes as well in half the time."""
    from trafilatura import extract

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    html = page.without(leaf for leaf, odds in zip(page.leaves, choice.odds, strict=True) if odds < _HOPELESS)
    html = f"<html><body>{html}</body></html>"
    chosen = extract(html, url=url, include_comments=False, fast=True, favor_recall=True)
    return [part for line in (chosen or "").split("\n") for part in (line.split("|") if line[:1] == "|" else [line])]


def _votes(texts: Sequence[str], page: Sequence[Leaf]) -> tuple[Floats, float]:
    """1 for each leaf that is in the texts, else 0; and how much of the texts the leaves hold."""
    keys = {squeeze(text) for text in texts}
    whole = "".join(map(squeeze, texts))
    votes = [leaf.key in keys or (len(leaf.key) >= SHORT and leaf.key in whole) for leaf in page]
    held = sum(len(leaf.key) for leaf, vote in zip(page, votes, strict=True) if vote)
    return np.array(votes, np.float32), held / max(1, len(whole))


def _aligned(texts: Sequence[str], page: Sequence[Leaf]) -> Body | None:
    pieces, found = align(texts, page)
    pieces = [piece for piece in pieces if piece.leaf or not _CODE.search(unescape(piece.html))]
    return _body(with_pictures(with_gaps(pieces, page), page), "trafilatura", version("trafilatura"), found)


def _told(said: str, page: Page) -> Body | None:
    """The text in JSON-LD, with the page's markup where the page shows it too."""
    lines = [t for line in re.split(r"\n|</(?:p|div|h\d|li)>|<br\s?/?>", unescape(said)) if (t := plain(line))]
    pieces, found = align(lines, page.leaves)
    return _body(with_pictures(with_gaps(pieces, page.leaves), page.leaves), "json-ld", _VERSION, 0.5 + found / 2)


def _densest(page: Sequence[Leaf]) -> Body | None:
    """The element with the most unlinked text directly in it, for what is too big or too odd for trafilatura."""
    sizes: dict[int, int] = {}
    for leaf in page:
        if leaf.tags[-1] in {"p", "div", "td", "article", "section", "body"} and leaf.link_share < 0.3:
            for up in leaf.path[-3:]:
                sizes[up] = sizes.get(up, 0) + len(leaf.key)
    if not sizes:
        return None
    top = max(sizes, key=lambda element: sizes[element])
    return _body(
        [Piece(leaf, leaf.html) for leaf in page if top in leaf.path and leaf.link_share < 0.5],
        "densest",
        _VERSION,
        0.4,
    )


def _body(
    pieces: Sequence[Piece], method: str, made_by: str, found: float, removed: tuple[Removed, ...] = ()
) -> Body | None:
    texts = [piece.leaf.text if piece.leaf else plain(piece.html) or "" for piece in pieces]
    text = "\n".join(filter(None, texts))
    if not any(map(str.isalnum, text)):
        return None
    kept = [piece.leaf for piece in pieces if piece.leaf and piece.leaf.text]
    linked = sum(leaf.link_share * len(leaf.text) for leaf in kept) / max(1, len(text))
    prose = sum(len(t) for t in texts if len(t.encode()) > 80) / max(1, len(text))
    quality = (
        found
        if method == "rule"
        else found * (1 - linked) * (0.5 + prose / 2) * min(1.0, 0.4 + len(text.encode()) / 1000)
    )
    how = Extraction(method=method, version=made_by, quality=round(quality, 3))
    long = sum(len(t) for t in texts if len(t) > 200) / max(1, len(text))
    return Body(to_html(pieces), text, how, linked, long, removed)
