"""A JSON object of a wire, read leniently: names in any case, several names for one thing, wrong types as absent.

What had to be guessed or left out is noted in `warnings`, so that one bad field never costs the item.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from ingest.parse.fields import int_of, text_of, time_of, unique

Names = tuple[str, ...]

MAX_LIST = 1_000  # of one field; what is more is no news item
_ZONED = re.compile(r"(?:Z|[+-]\d{2}:?\d{2}|\b[A-Z]{2,5})\)?$|^\d{10,13}$", re.IGNORECASE)
_WORDS = ("name", "value", "title", "literal", "code")


class Object:
    """`fields` by lower-case name; `zone` (IANA) is for times that name none."""

    __slots__ = ("fields", "warnings", "zone")

    def __init__(self, value: dict[str, object], zone: str) -> None:
        self.fields = {key.lower(): one for key, one in value.items()}
        self.zone = zone
        self.warnings: list[str] = []

    def first(self, names: Names) -> object:
        """The first that is not null, "", [] or {}."""
        fields = self.fields
        for name in names:
            if one := fields.get(name):
                return one
        return None

    def text(self, names: Names) -> str | None:
        """A string or number; of an object its name, of a list all of its texts with ", " between."""
        fields = self.fields
        for name in names:
            value = fields.get(name)
            if value is None:
                continue
            words = value.strip() if isinstance(value, str) else words_of(value)  # strings first: most are
            if words:
                return words
            if isinstance(value, dict | list | bool) and value:
                self.warnings.append(f"{name}: expected a string, got {type_of(value)}")
        return None

    def number(self, names: Names) -> int | None:
        for name in names:
            if name in self.fields and (number := int_of(self.fields[name])) is not None:
                return number
        return None

    def time(self, names: Names) -> datetime | None:
        """The first that can be read; a warning says what could not be, and where `zone` had to be used."""
        for name in names:
            said = text_of(self.fields.get(name))
            if said is None:
                continue
            when = time_of(said, self.zone)
            if when is None:
                self.warnings.append(f"{name} is no time: {said[:40]}")
                continue
            if not _ZONED.search(said):
                self.warnings.append(f"{name} has no zone, read as {self.zone}")
            return when
        return None

    def objects(self, names: Names) -> list["Object"]:
        """The objects in lists (or alone) under these names; a bare string counts as an object with that name."""
        values: list[object] = []
        for name in names:
            if value := self.fields.get(name):
                values += value[:MAX_LIST] if isinstance(value, list) else [value]
        if not values:  # the usual case: an item has few of the fields that there are
            return []
        return [Object(one if isinstance(one, dict) else {"name": one}, self.zone) for one in values if one]

    def named(self, names: Names) -> Iterator[tuple[str, "Object"]]:
        """(name, object) of a map of objects, or of a list of objects that hold their names themselves."""
        for name in names:
            value = self.fields.get(name)
            if isinstance(value, dict):
                pairs = list(value.items())[:MAX_LIST]
                yield from ((key, Object(one, self.zone)) for key, one in pairs if isinstance(one, dict))
            elif isinstance(value, list):
                for one in self.objects((name,)):
                    yield one.text(("name", "id")) or "", one


def words_of(value: object) -> str | None:
    if isinstance(value, list):
        return ", ".join(unique(words_of(one) for one in value[:MAX_LIST] if not isinstance(one, list))) or None
    if isinstance(value, dict):
        return next((text for text in (text_of(value.get(key)) for key in _WORDS) if text), None)
    return text_of(value)


def as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]


def type_of(value: object) -> str:
    kinds = {dict: "an object", list: "a list", bool: "a boolean", int: "a number", float: "a number", str: "a string"}
    return kinds.get(type(value), "null")
