"""Where things stand in a TOML file: for error messages with lines, and for edits that leave the rest alone.

tomllib gives values without places. This scanner gives places without values; it expects text that tomllib accepts.
Spec: https://toml.io/en/v1.0.0
"""

import re
from bisect import bisect_right
from collections import defaultdict
from typing import NamedTuple

Path = tuple[str | int, ...]

_SPACE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(  # possessive: a string that never ends costs one pass
    r'"""(?:[^\\"]|\\[\s\S]|"{1,2}(?!"))*+"{3,5}|'
    r"'''(?:[^']|'{1,2}(?!'))*+'{3,5}|"
    r'"(?:[^"\\\n]|\\.)*+"|'
    r"'[^'\n]*+'"
)
_SCALAR = re.compile(r"[^,\]}#\r\n]*")
_ESCAPE = re.compile(r'\\(?:(["\\bfnrt])|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))')
_SHORT = {'"': '"', "\\": "\\", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class Spot(NamedTuple):
    """One key: its line (from 1) and the offsets of its value; for a table header both are the end of the header."""

    line: int
    start: int
    end: int


def spots(text: str) -> dict[Path, Spot]:
    """The first place of every key and table in `text`, by path; members of arrays have their index in the path."""
    return _Scanner(text).document()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.newlines = [m.start() for m in re.finditer("\n", text)]
        self.found: dict[Path, Spot] = {}
        self.tables: defaultdict[Path, int] = defaultdict(int)  # members so far of each array of tables

    def document(self) -> dict[Path, Spot]:
        table: Path = ()
        while self._skip(_BLANK) < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
        return self.found

    def _header(self) -> Path:
        line, many = self._line(), self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        path = self._inside(self._key())
        if many:
            self.tables[path] += 1
            path = (*path, self.tables[path] - 1)
        self.at += 2 if many else 1
        self.found.setdefault(path, Spot(line, self.at, self.at))
        return path

    def _inside(self, key: Path) -> Path:
        """`key` with the index of the last member wherever it goes through an array of tables."""
        path: Path = ()
        for i, part in enumerate(key):
            path = (*path, part)
            if self.tables[path] and i < len(key) - 1:
                path = (*path, self.tables[path] - 1)
        return path

    def _pair(self, table: Path) -> None:
        line, path = self._line(), table + self._key()
        self._expect("=")
        self._skip(_SPACE)
        start = self.at
        self._value(path)
        end = start + len(self.text[start : self.at].rstrip())
        for known in range(len(table) + 1, len(path)):  # a.b = 1 makes the table a too
            self.found.setdefault(path[:known], Spot(line, end, end))
        self.found.setdefault(path, Spot(line, start, end))

    def _key(self) -> Path:
        parts: list[str | int] = []
        while True:
            self._skip(_SPACE)
            quoted = _STRING.match(self.text, self.at)
            match = quoted or _BARE.match(self.text, self.at)
            if match is None:
                raise ValueError(f"no key at line {self._line()}")
            self.at = match.end()
            parts.append(_plain(match[0]) if quoted else match[0])
            self._skip(_SPACE)
            if not self.text.startswith(".", self.at):
                return tuple(parts)
            self.at += 1

    def _value(self, path: Path) -> None:
        opening = self.text[self.at : self.at + 1]
        if string := _STRING.match(self.text, self.at):
            self.at = string.end()
        elif opening == "[":
            self._members(path, "]")
        elif opening == "{":
            self._members(path, "}")
        else:
            self._skip(_SCALAR)

    def _members(self, path: Path, closing: str) -> None:
        """The inside of an array or an inline table."""
        self.at += 1
        index = 0
        while self._skip(_BLANK) < len(self.text):
            if self.text[self.at] == closing:
                self.at += 1
                return
            if closing == "}":
                self._pair(path)
            else:
                line, start = self._line(), self.at
                self._value((*path, index))
                self.found.setdefault((*path, index), Spot(line, start, self.at))
            index += 1
            self._skip(_BLANK)
            if self.text.startswith(",", self.at):
                self.at += 1

    def _expect(self, mark: str) -> None:
        self._skip(_SPACE)
        if not self.text.startswith(mark, self.at):
            raise ValueError(f"no {mark} at line {self._line()}")
        self.at += 1

    def _skip(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.at

    def _line(self) -> int:
        return bisect_right(self.newlines, self.at - 1) + 1


def _plain(quoted: str) -> str:
    if quoted.startswith("'"):
        return quoted[1:-1]
    return _ESCAPE.sub(lambda m: _SHORT[m[1]] if m[1] else chr(int(m[2] or m[3], 16)), quoted[1:-1])
