"""Articles that left here as ninjs (`ingest.ninjs`): what the standard has no place for comes back from `altIds`.

Under a `uri` of ours, `guid` and `providerVersion` are the publisher's own, and a role `article:FIELD` holds that field
as JSON where the rest of the item would be read otherwise. Nothing else of a sender's `altIds` counts.
"""

import re
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ingest.model import Entry, Rights
from ingest.parse.jsonobject import Object

OWN = "urn:x-article:"
ROLE = "article:"
# The fields that must come back. A note for editors alone never leaves.
CARRIED = (
    "url", "type", "pub_status", "headline", "subheadline", "slugline", "summary_html", "html", "html_is_text",
    "byline", "authors", "dateline", "language", "published", "updated", "embargoed_until", "expires", "urgency",
    "priority", "category", "genre", "keywords", "subjects", "places", "contributors", "info_sources", "ed_note",
    "provider", "provider_sequence", "instruction", "take", "associations", "images", "links",
    *(f"rights.{name}" for name in Rights.model_fields),
)  # fmt: skip
_TIMES = {"published", "updated", "embargoed_until", "expires"}  # ninjs has a place for each: only "none" is carried
_NONE = re.compile(r"\s*null\s*\Z")


def is_own(item: Object) -> bool:
    return (item.text(("uri",)) or "").startswith(OWN)


def carried(entry: Entry) -> dict[str, object]:
    """The values of `CARRIED` as JSON has them."""
    said = entry.model_dump(mode="json")
    return {name: said["rights"][name[7:]] if name.startswith("rights.") else said[name] for name in CARRIED}


def with_carried(entry: Entry, item: Object) -> Entry:
    """The entry with what its `altIds` carry, if it is one of ours; a value that cannot be is named in a warning."""
    if not is_own(item):
        return entry
    ids = {one.text(("role",)) or "": one.text(("value",)) for one in item.objects(("altids",))}
    found: dict[str, object] = {"guid": ids.get("guid") or entry.guid, "provider_version": ids.get("providerVersion")}
    rights: dict[str, object] = {}
    warnings = list(entry.warnings)
    for name in CARRIED:
        if (given := ids.get(f"{ROLE}{name}")) is None:
            continue
        try:
            holder, _, part = name.rpartition(".")
            (rights if holder else found)[part] = _value(name, given)
        except ValueError:
            warnings.append(f"altIds: {ROLE}{name} cannot be read")
    found |= {"rights": entry.rights.model_copy(update=rights), "warnings": tuple(warnings), "base_url": None}
    return entry.model_copy(update=found)


def _value(name: str, given: str) -> object:
    """Raises ValueError."""
    if name in _TIMES and not _NONE.match(given):
        raise ValueError(name)
    adapter = _adapter(name)
    try:
        value = adapter.validate_json(given)
    except ValidationError as e:
        raise ValueError(name) from e
    if not _is_sound(adapter.dump_python(value)):
        raise ValueError(name)
    return value


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    holder, _, part = name.rpartition(".")
    kind: Any = (Rights if holder else Entry).model_fields[part].annotation
    return TypeAdapter(kind)


def _is_sound(value: object) -> bool:
    """Absent is null, never "", and a number is none that overflows a column."""
    if isinstance(value, dict):
        return all(map(_is_sound, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_is_sound, value))
    return abs(value) < 1_000_000_000 if isinstance(value, int) else value != ""
