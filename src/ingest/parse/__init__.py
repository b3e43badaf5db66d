"""Payloads to entries: `parse` detects the format and hands the bytes to its module. Pure: no clock, no network."""

import importlib
import pkgutil
from functools import cache

from ingest.errors import UnknownFormat
from ingest.model import Parsed, Payload
from ingest.parse.decode import opened
from ingest.parse.detect import Format, Index, detect

__all__ = ["formats", "parse"]

MAX_ITEMS = 5_000


def parse(payload: Payload, format: str = "auto", max_items: int = MAX_ITEMS) -> Parsed:
    """The items of one payload, in its order, at most `max_items` (the rest is named in a warning).

    Raises Malformed where nothing can be read, UnknownFormat where no parser claims the bytes or `format` is no name.
    One bad item among good ones is in `rejects`.
    """
    payload = opened(payload)
    reader = detect(payload, _index()) if format in {"", "auto"} else _named(payload, format)
    return _at_most(reader.parse(payload), max_items)


def _at_most(parsed: Parsed, count: int) -> Parsed:
    """So many items and so many rejects; a warning tells of more."""
    kept: dict[str, object] = {}
    warnings = parsed.warnings
    for name, all_ in (("entries", parsed.entries), ("rejects", parsed.rejects)):
        if len(all_) > count:
            what = "items were taken" if name == "entries" else "rejects are told"
            warnings = (*warnings, f"only the first {count} of {len(all_)} {what}")
            kept[name] = all_[:count]
    return parsed.model_copy(update={**kept, "warnings": warnings}) if kept else parsed


@cache
def formats() -> dict[str, Format]:
    """The modules of this package that read a format, by their name; see `detect` for what makes one."""
    found: dict[str, Format] = {}
    for module in pkgutil.iter_modules(__path__):
        one = importlib.import_module(f"{__name__}.{module.name}")
        if hasattr(one, "NAMES") and isinstance(one, Format):
            found[one.NAMES[0]] = one
    return found


@cache
def _index() -> Index:
    return Index(formats().values())


def _named(payload: Payload, format: str) -> Format:
    for one in formats().values():
        if format in one.NAMES:
            return one
    known = ", ".join(sorted(name for one in formats().values() for name in one.NAMES))
    raise UnknownFormat(payload.url, f"there is no format {format!r}", f"known: auto, {known}")
