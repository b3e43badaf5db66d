"""What kind of thing a class name or a short line speaks of, as bits, by the words of kinds.toml."""

import re
import tomllib
from enum import Enum
from functools import cache, lru_cache
from pathlib import Path

_SIDE_TAGS = frozenset(("nav", "aside", "footer"))
_KEPT_TAGS = frozenset(("article", "main", "body", "h1", "h2", "h3", "p"))
SHORT = 160  # characters; a longer line speaks for itself
_NAMES = frozenset((" class=", " id=", " role=", " itemprop="))
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_HIDDEN = re.compile(r"display:\s?none|aria-hidden=\"true|\shidden=")
_COLON = re.compile(r".{0,40}[:：|»>]")
_KINDS = (1 << 40) - 1
_ATTRS, _VALUE = 2_000, 300
_START = 40
_TITLE = 250  # characters
_COMPOUND = 7  # letters


class Show(Enum):
    """What a side show may hold and still be one. Bits above those of the kinds."""

    ANYTHING = 1 << 40
    WITHOUT_PROSE = 1 << 41


@cache
def names() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The kinds of classes and of lines, in the order of their bits."""
    told = _told()
    return tuple(told["classes"]), tuple(told["lines"])


@cache
def _told() -> dict[str, dict[str, str]]:
    return tomllib.loads((Path(__file__).parent / "kinds.toml").read_text("utf-8"))


@cache
def _class_words() -> tuple[dict[str, int], re.Pattern[str]]:
    """Words of class names to bits, and a pattern for the long ones inside others."""
    words: dict[str, int] = {}
    for n, line in enumerate(_told()["classes"].values()):
        for word in line.split():
            words[word] = words.get(word, 0) | 1 << n
    long = sorted((word for word in words if len(word) > 4), key=len, reverse=True)
    for show, line in zip(Show, _told()["side_shows"].values(), strict=True):
        for word in line.split():
            words[word] = words.get(word, 0) | show.value
    return words, re.compile("|".join(map(re.escape, long)))


@cache
def _line_starts() -> dict[str, list[tuple[str, int]]]:
    """Starts of lines and their bits, by two letters."""
    starts: dict[str, list[tuple[str, int]]] = {}
    for n, line in enumerate(_told()["lines"].values()):
        for start in line.split("|"):
            starts.setdefault(start[:2], []).append((start, 1 << n))
    return starts


@lru_cache(maxsize=20_000)
def side_show(tag: str, attrs: str) -> Show | None:
    """Whether an element by its tag and classes is a menu, comments, related stories."""
    if tag in _SIDE_TAGS:
        return Show.ANYTHING
    if tag == "form":
        return Show.WITHOUT_PROSE
    bits = class_bits(attrs) if attrs and tag not in _KEPT_TAGS else 0
    if bits < Show.ANYTHING.value:
        return None
    return Show.ANYTHING if bits & Show.ANYTHING.value else Show.WITHOUT_PROSE


@lru_cache(maxsize=20_000)
def class_bits(attrs: str) -> int:
    """The kinds that the class, id, role and itemprop of an element speak of; `attrs` as a parser writes them."""
    attrs = attrs[:_ATTRS]
    parts = attrs.split('"')  # names and values in turn
    bits = 0
    for name, value in zip(parts[::2], parts[1::2], strict=False):
        if name in _NAMES:
            for word in value[:_VALUE].split():
                bits |= _name_bits(word)
    return bits | _hidden() if ("hidden" in attrs or "display" in attrs) and _HIDDEN.search(attrs) else bits


@lru_cache(maxsize=20_000)
def _name_bits(name: str) -> int:
    """Of one class: "site-header__menuItem" has four words."""
    words, inner = _class_words()
    bits = 0
    for word in _WORD.findall(name):
        low = word.lower()
        if low in words or len(low) < _COMPOUND:
            bits |= words.get(low, 0)
        else:
            for part in inner.findall(low):
                bits |= words[part] & _KINDS
    return bits


@cache
def _hidden() -> int:
    return _name_bits("hidden") | Show.WITHOUT_PROSE.value


def line_bits(text: str) -> int:
    """The kinds of line that a short text begins like."""
    return _start_bits(text[:_START])


@lru_cache(maxsize=20_000)
def _start_bits(start_of_line: str) -> int:
    low, found = start_of_line.casefold(), 0
    starts = _line_starts()
    for start, bit in (*starts.get(low[:2], ()), *starts.get(low[:1], ())):
        if low.startswith(start):
            found |= bit
    return found


def leads_elsewhere(text: str, link_share: float) -> bool:
    """Whether a line is "Read also: another story", by its first words and a link or a colon after them."""
    if len(text) > _TITLE or not line_bits(text) & 1 << names()[1].index("more"):
        return False
    return link_share > 0.3 or _COLON.match(text) is not None


def states_rights(text: str, link_share: float) -> bool:
    """Whether a line is a notice of rights, and no link to one."""
    return len(text) <= _TITLE and link_share < 0.3 and bool(line_bits(text) & 1 << names()[1].index("rights"))
