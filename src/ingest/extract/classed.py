"""Elements by words in their classes, in one walk: a query with a dozen [class*=…] costs as much as parsing does."""

import re
from collections import defaultdict
from functools import cached_property

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
    def _places(self) -> dict[str, list[int]]:
        found: defaultdict[str, list[int]] = defaultdict(list)
        for place, node in enumerate(self._nodes):
            found[node.attrs.get("class") or ""].append(place)
        return found

    def saying(self, words: re.Pattern[str]) -> list[LexborNode]:
        """The first that have `words`, all in small letters, in their classes, in document order."""
        matching = (p for classes, p in self._places.items() if words.search(classes[:_LONGEST].lower()))
        return [self._nodes[place] for place in sorted(place for places in matching for place in places)[:_MOST_SAYING]]
