"""Elements by words in their classes, in one walk: a query with a dozen [class*=…] costs as much as parsing does."""

import re
from bisect import bisect_right
from collections import defaultdict
from functools import cached_property
from itertools import accumulate

from selectolax.lexbor import LexborHTMLParser, LexborNode

_MOST = 20_000
_MOST_SAYING = 100
_LONGEST = 500  # characters of class names


class Classed:
    """The elements of a page that have a class. The classes are read when first asked for, and once."""

    def __init__(self, doc: LexborHTMLParser) -> None:
        self._doc = doc

    @cached_property
    def _nodes(self) -> list[LexborNode]:
        return self._doc.css("[class]")[:_MOST]

    @cached_property
    def _places(self) -> tuple[str, list[int], list[list[int]]]:
        """All classes in one text, each once and in a line of its own; where the lines end; who has them."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        for place, node in enumerate(self._nodes):
            found[node.attrs.get("class") or ""].append(place)
        lines = [" ".join(classes.lower()[:_LONGEST].split()) + "\n" for classes in found]
        return "".join(lines), [*accumulate(map(len, lines))], [*found.values()]

    def saying(self, words: re.Pattern[str]) -> list[LexborNode]:
        """The first that have `words`, all in small letters, in their classes, in document order."""
        text, ends, places = self._places
        lines = {bisect_right(ends, m.start()) for m in words.finditer(text)}
        return [self._nodes[place] for place in sorted(p for n in lines for p in places[n])[:_MOST_SAYING]]
