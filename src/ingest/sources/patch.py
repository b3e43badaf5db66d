"""One key, or one member of an array, put into or taken out of a TOML text. All other bytes stay as they are.

`text` is what tomllib accepts; what comes out is for the caller to read again before it is written.
"""

import json
import re
from collections.abc import Mapping

from ingest.sources import lines
from ingest.sources.lines import Path, Spot

Setting = str | bool | tuple[str, ...]


def literal(value: Setting) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return f"[{', '.join(map(literal, value))}]"


def rows(settings: Mapping[str, Setting], newline: str = "\n") -> str:
    return "".join(f"{key} = {literal(value)}{newline}" for key, value in settings.items())


def put(text: str, table: Path, key: str, value: str) -> str:
    """With `key` of `table` set to a literal: in the place of the old one, or as the table's first."""
    spots = lines.spots(text)
    old = spots.get((*table, key))
    return text[: old.start] + value + text[old.end :] if old else _insert(text, spots[table], key, value)


def take(text: str, table: Path, key: str) -> str:
    """Without `key` of `table`: its line, or its place in an inline table. As it was if there is none."""
    spot = lines.spots(text).get((*table, key))
    if spot is None:
        return text
    line = text.rfind("\n", 0, spot.start) + 1
    name = re.search(rf"""[\w.\s"'-]*?["']?{re.escape(key)}["']?[ \t]*=[ \t]*$""", text[line : spot.start])
    start = line + (name.start() if name else 0)
    end = text.find("\n", spot.end) + 1 or len(text)
    if not text[line:start].strip() and not text[spot.end : end].partition("#")[0].strip():
        return text[:line] + text[end:]
    return _uncomma(text, start, spot.end)


def add_member(text: str, array: Path, member: Mapping[str, Setting]) -> str:
    """With one more table at the end of an array of tables, which may be missing."""
    spots = lines.spots(text)
    inline = f"{{ {', '.join(f'{key} = {literal(value)}' for key, value in member.items())} }}"
    whole = spots.get(array)
    if whole is not None and whole.end > whole.start:
        return _append(text, whole, _members(spots, array), inline)
    if members := _members(spots, array):
        end = _line_end(text, max(spot.end for path, spot in spots.items() if path[: len(array)] == array))
        newline = newline_of(text)
        before = "" if text[:end].endswith("\n") else newline
        head = f"[[{'.'.join(map(str, array))}]]{newline}" if members else ""
        return f"{text[:end]}{before}{newline}{head}{rows(member, newline)}{text[end:]}"
    return put(text, array[:-1], str(array[-1]), f"[{inline}]")


def drop_member(text: str, array: Path, number: int) -> str:
    """Without one table of an array of tables. Raises IndexError."""
    spots = lines.spots(text)
    members = _members(spots, array)
    gone = members[number]
    if gone.end == gone.start:  # [[array]]
        start = text.rfind("\n", 0, gone.start) + 1
        within = (*array, number)
        end = _line_end(text, max(spot.end for path, spot in spots.items() if path[: len(within)] == within))
        blank = start - 1 > 0 and text[: start - 1].endswith("\n")  # the line that parted it from what is above
        return text[: start - 1 if blank else start] + text[end:]
    return _uncomma(text, gone.start, gone.end)


def newline_of(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _members(spots: Mapping[Path, Spot], array: Path) -> list[Spot]:
    found: list[Spot] = []
    while (spot := spots.get((*array, len(found)))) is not None:
        found.append(spot)
    return found


def _append(text: str, whole: Spot, members: list[Spot], inline: str) -> str:
    if not members:
        return f"{text[: whole.start]}[{inline}]{text[whole.end :]}"
    last, close = members[-1].end, whole.end - 1
    rest = text[last:close]
    comma = "" if rest.lstrip().startswith(",") else ","
    if "\n" not in rest:
        return f"{text[:last]}{comma}{rest.rstrip()} {inline}{text[close:]}"
    line = text.rfind("\n", 0, members[-1].start) + 1
    indent = text[line : members[-1].start]
    above, _, below = rest.rpartition("\n")
    newline = newline_of(text)
    return f"{text[:last]}{comma}{above}\n{indent if not indent.strip() else ''}{inline},{newline}{below}{text[close:]}"


def _uncomma(text: str, start: int, end: int) -> str:
    """Without a member of an inline array or table, and the comma that goes with it."""
    behind = re.match(r"\s*,[ \t]*", text[end:])
    if behind:
        return text[:start] + text[end + behind.end() :]
    before = re.search(r",?\s*$", text[:start])
    return text[: before.start() if before else start] + text[end:]


def _line_end(text: str, at: int) -> int:
    return text.find("\n", at) + 1 or len(text)


def _insert(text: str, spot: Spot, key: str, value: str) -> str:
    newline = newline_of(text)
    if text[spot.start : spot.start + 1] == "{" and spot.end > spot.start:
        comma = "" if not text[spot.start + 1 : spot.end - 1].strip() else ","
        return f"{text[: spot.start + 1]} {key} = {value}{comma}{text[spot.start + 1 :]}"
    if text[: spot.end].endswith("]"):
        end = text.find("\n", spot.end)
        if end == -1:
            return f"{text}{newline}{key} = {value}{newline}"
        return f"{text[: end + 1]}{key} = {value}{newline}{text[end + 1 :]}"
    end = _line_end(text, spot.end)  # declared by dotted keys: x.url = "…" within [sources]
    start = text.rfind("\n", 0, spot.end) + 1
    prefix = text[start : spot.end].partition("=")[0].rpartition(".")[0]
    before = "" if text[:end].endswith("\n") else newline
    return f"{text[:end]}{before}{prefix}.{key} = {value}{newline}{text[end:]}"
