"""Find a text that an extractor gave us in the page it came from, and give back the page's own markup.

Extractors are good at choosing text and poor at keeping it whole: links, images, captions, list and table structure get
lost or, when asked for, change what is chosen. So they choose, on text alone, and we cut from the page.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from ingest.extract.page import Leaf
from ingest.extract.text import squeeze

SHORT = 25  # squeezed; shorter pieces ("Share") are found by accident inside longer ones
_INSIDE = 0.9  # of the text is in the story's container
_MADE = 0.7  # of a text is in leaves: it was joined from them


@dataclass(frozen=True)
class Piece:
    """A leaf of the page that is in the story, or a text that the page's leaves do not hold in one piece."""

    leaf: Leaf | None
    html: str


def align(texts: Sequence[str], page: Sequence[Leaf]) -> tuple[list[Piece], float]:
    """The pieces of the story in the page's order, and the share of the text that was found in the page."""
    wanted = [(squeeze(text), text) for text in texts]
    wanted = [(key, text) for key, text in wanted if key]
    matched = _matches([key for key, _ in wanted], page)
    inside = _container(matched)
    held = {leaf.key for leaf in matched if inside in leaf.path}
    chosen = [leaf for leaf in matched if inside in leaf.path or leaf.key not in held]
    return _with_rest(wanted, chosen)


def _matches(keys: list[str], page: Sequence[Leaf]) -> list[Leaf]:
    exact, whole = set(keys), "".join(keys)  # a line break may be an edge for one and not for the other
    return [leaf for leaf in page if leaf.key and (leaf.key in exact or (len(leaf.key) >= SHORT and leaf.key in whole))]


def _container(matched: Sequence[Leaf]) -> int:
    """The deepest element that holds nearly all of the matched text; text that is there twice counts once."""
    if not matched:
        return 0
    sizes: Counter[int] = Counter()
    seen: defaultdict[str, set[int]] = defaultdict(set)
    depth: dict[int, int] = {}
    for leaf in matched:
        for level, element in enumerate(leaf.path):
            depth[element] = level
            if element not in seen[leaf.key]:
                seen[leaf.key].add(element)
                sizes[element] += len(leaf.key)
    total = max(sizes.values())
    return max((e for e in sizes if sizes[e] >= _INSIDE * total), key=lambda e: depth[e])


def _with_rest(wanted: list[tuple[str, str]], chosen: list[Leaf]) -> tuple[list[Piece], float]:
    """Put what no leaf holds after the leaf that holds the text before it."""
    place = {leaf.key: n for n, leaf in enumerate(chosen)}
    whole = "\n".join(leaf.key for leaf in chosen)
    rest: defaultdict[int, list[Piece]] = defaultdict(list)
    last, lost = -1, 0
    for key, text in wanted:
        if key in place:
            last = place[key]
        elif not (key in whole or _made_of(key, chosen)):
            rest[last].append(Piece(None, f"<p>{escape(text)}</p>"))
            lost += len(key)
    pieces = list(rest[-1])
    for n, leaf in enumerate(chosen):
        pieces += [Piece(leaf, leaf.html), *rest[n]]
    total = sum(len(key) for key, _ in wanted)
    return pieces, 1 - lost / total if total else 0.0


def _made_of(key: str, chosen: list[Leaf]) -> bool:
    """Whether a text is (nearly) the leaves it contains, joined."""
    return sum(len(leaf.key) for leaf in chosen if leaf.key in key) >= _MADE * len(key)
