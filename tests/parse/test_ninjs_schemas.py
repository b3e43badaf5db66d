"""Every property of IPTC's ninjs schemas is read, or is among those that are left out on purpose (IGNORED)."""

import json
from collections.abc import Iterator
from fnmatch import fnmatch
from itertools import count
from typing import Any

import pytest

from ingest.errors import IngestError
from ingest.model import Payload
from ingest.parse import parse
from ingest.parse.ninjsfields import IGNORED
from tests.corpora import corpora

URI = "https://t.example/item"
# With little else, a property counts that is only asked for where another is absent.
LEAST = (
    {"uri": URI, "headlines": [{"value": "Lamp lit"}]},
    {"type": "picture", "renditions": [{"href": f"{URI}.jpg"}]},
)
TEXTS = {"body_html": "<p>Lamp.</p>", "description_text": "A lamp.", "headline_main": "Lamp lit"}  # 1.x's patterns
CHOSEN = {"type": "picture", "language": "de", "pubstatus": "canceled", "representationtype": "partial"}
# What a thing is called and what it is to the item: one stands in for another, and what is read depends on the words.
TOGETHER = {"rel", "role", "uri", "literal", "code", "scheme", "contenttype"}
Path = tuple[str | int, ...]


def instance(schema: Any, known: dict[str, Any], number: Iterator[int], name: str = "item", depth: int = 0) -> Any:
    """Something in each property, none twice; of items within items none."""
    if not isinstance(schema, dict) or depth > 6:
        return f"{name} {next(number)}"
    if "$ref" in schema:
        return instance(known.get(schema["$ref"].rpartition("/")[2]), known, number, name, depth + 1)
    for several in ("allOf", "anyOf", "oneOf"):
        if several in schema and "properties" not in schema:
            return instance(schema[several][0], known, number, name, depth + 1)
    if "items" in schema or schema.get("type") == "array":
        return [instance(schema.get("items"), known, number, name, depth + 1)]
    if "properties" in schema or "patternProperties" in schema:
        by_pattern = list(schema.get("patternProperties", {}).values()) if name == "renditions" else []
        inside = {**schema.get("properties", {}), **({"x": by_pattern[0]} if by_pattern else {})}
        return {
            key: instance(one, known, number, key, depth + 1) for key, one in inside.items() if key != "associations"
        }
    if schema.get("type") == "object":  # 1.x's altids, whose names are the sender's
        return {"x": f"{name} {next(number)}"}
    return value(schema, name, next(number))


def value(schema: dict[str, Any], name: str, number: int) -> object:
    if name.lower() in CHOSEN:
        return CHOSEN[name.lower()]
    if schema.get("type") in {"number", "integer"}:
        return number % 8 + 1
    if schema.get("format") == "date-time":
        return f"2026-01-01T{number % 24:02d}:{number % 60:02d}:{number % 59:02d}Z"
    return f"https://t.example/{name}-{number}" if schema.get("format") == "uri" else f"{name} {number}"


def leaves(holder: Any, path: Path = ()) -> Iterator[Path]:
    if isinstance(holder, dict | list):
        for key, one in holder.items() if isinstance(holder, dict) else enumerate(holder):
            yield from leaves(one, (*path, key))
    else:
        yield path


def without(item: Any, path: Path) -> Any:
    changed = json.loads(json.dumps(item))
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    holder.pop(path[-1])
    return changed


def read(item: object) -> object:
    try:
        return parse(Payload(source_id="t", url=f"{URI}.json", body=json.dumps(item).encode()), "ninjs")
    except IngestError as e:
        return e.why


def is_read(item: dict[str, Any], path: Path) -> bool:
    """Whether leaving it out makes a difference, in the item as it is or in one with little else."""
    top = str(path[0])
    return any(read(one) != read(without(one, path)) for one in (item, *(least | {top: item[top]} for least in LEAST)))


def named(path: Path) -> str:
    return ".".join(key.lower() for key in path if isinstance(key, str) and key != "x")


@pytest.mark.parametrize("version", ["1.6", "2.2", "3.1"])
def test_every_property_is_read_or_ignored_on_purpose(version: str) -> None:
    schema = json.loads((corpora("schemas") / f"ninjs-schema_{version}.json").read_text())
    known = schema.get("$defs") or schema["definitions"]
    top = {"properties": schema["properties"]} if "properties" in schema else schema
    item = instance(top, known, count(100))
    if version < "2":
        item |= TEXTS
    told = (path for path in leaves(item) if named(path).rpartition(".")[2] not in TOGETHER or len(path) == 1)
    lost = [named(path) for path in told if not is_read(item, path)]
    assert [one for one in lost if not any(fnmatch(one, f"{pattern}*") for pattern in IGNORED)] == []
