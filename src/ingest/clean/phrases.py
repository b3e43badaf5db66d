"""Many alternatives, of which a text can only begin with a few: they are told apart by its first letter.

One regular expression of all phrases costs every paragraph of a story all its branches; by letter it costs a tenth.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

_QUANTIFIED = ("?", "*", "{0,")


class ByInitial:
    """Named regular expressions in lower case, asked in their order. `match` gives the name of the first that fits."""

    def __init__(self, rules: Sequence[tuple[str, str]]) -> None:
        self._rules = [(name, pattern, initials(pattern)) for name, pattern in rules]
        self._of = lru_cache(maxsize=400)(self._compiled)

    def match(self, low: str) -> str | None:
        pattern = self._of(low[:1])
        found = pattern.match(low) if pattern else None
        return found.lastgroup.replace("_", "-") if found and found.lastgroup else None

    def _compiled(self, letter: str) -> re.Pattern[str] | None:
        parts: dict[str, list[str]] = {}
        for name, pattern, letters in self._rules:
            if letters is None or letter in letters:
                parts.setdefault(name, []).append(pattern)
        named = (f"(?P<{name.replace('-', '_')}>{'|'.join(listed)})" for name, listed in parts.items())
        return re.compile("|".join(named)) if parts else None


def initials(pattern: str) -> frozenset[str] | None:
    """The letters that a match can begin with, or None if the pattern does not show them."""
    found: set[str] = set()
    for part in alternatives(pattern):
        head, rest = _head(part)
        letters = _letters(head)
        if letters is None:
            return None
        found |= letters
        if rest.startswith(_QUANTIFIED):
            following = initials(re.sub(r"^(?:\?|\*|\{0,\d*\})", "", rest))
            if following is None:
                return None
            found |= following
    return frozenset(found)


def alternatives(pattern: str) -> list[str]:
    """What stands between the bars that are in no bracket."""
    parts, depth, start, at = [], 0, 0, 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            at += 1
        elif char == "[":
            at = _class_end(pattern, at)
        elif char in "()":
            depth += 1 if char == "(" else -1
        elif char == "|" and depth == 0:
            parts.append(pattern[start:at])
            start = at + 1
        at += 1
    return [*parts, pattern[start:]]


def _class_end(pattern: str, at: int) -> int:
    return pattern.index("]", at + 2)


def _head(part: str) -> tuple[str, str]:
    """The first atom of a pattern, and what follows it."""
    if part.startswith("("):
        depth = at = 0
        while at < len(part):
            if part[at] == "\\":
                at += 1
            elif part[at] == "[":
                at = _class_end(part, at)
            else:
                depth += {"(": 1, ")": -1}.get(part[at], 0)
                if depth == 0:
                    break
            at += 1
        return part[: at + 1], part[at + 1 :]
    if part.startswith("["):
        end = _class_end(part, 0) + 1
        return part[:end], part[end:]
    width = 2 if part.startswith("\\") else 1
    return part[:width], part[width:]


def _letters(head: str) -> frozenset[str] | None:
    if head.startswith("(?:"):
        return initials(head[3:-1])
    if head.startswith("[") and head[1] != "^" and "\\" not in head and "-" not in head:
        return frozenset(head[1:-1])
    if head.startswith("\\"):
        return frozenset("0123456789") if head == r"\d" else None if head[1:].isalnum() else frozenset(head[1:])
    return frozenset(head) if len(head) == 1 and head not in ".^$" else None
