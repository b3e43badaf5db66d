"""The table as an Open Data Contract.

Spec: Open Data Contract Standard v3.1.0 (bitol.io): fundamentals, servers, schema, quality, service levels.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from ingest.contract.fields import fields
from ingest.land.columns import SCHEMA
from ingest.model import SCHEMA_VERSION

_KEY = ("article_id", "version")
_PARTITION = "landed_day"
_OWN = {"landed_at": "when its run was landed", _PARTITION: "the day of landed_at, UTC"}
_LOGICAL = (
    (pa.types.is_string, "string"),
    (pa.types.is_integer, "integer"),
    (pa.types.is_floating, "number"),
    (pa.types.is_boolean, "boolean"),
    (pa.types.is_date, "date"),
    (pa.types.is_timestamp, "timestamp"),
)


def data_contract() -> str:
    """YAML."""
    contract = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "urn:syndication-ingest:articles",
        "name": "articles",
        "version": f"{SCHEMA_VERSION}.0.0",
        "status": "active",
        "description": {
            "purpose": "Syndicated and wire articles, cleaned and deduplicated, with rights and provenance.",
            "usage": "Read the views of docs/reading.md; rows are every version of every article.",
            "limitations": "Rights differ by article: see rights, embargoed_until, expires and pub_status.",
        },
        "servers": [{"server": "store", "type": "s3", "location": "s3://BUCKET/PREFIX/articles", "format": "delta"}],
        "schema": [
            {
                "name": "articles",
                "logicalType": "object",
                "physicalType": "table",
                "properties": [_property(field) for field in SCHEMA],
                "quality": [{"type": "text", "description": "(article_id, version) is unique."}],
            }
        ],
        "slaProperties": [{"property": "retention", "value": 30, "unit": "d", "element": "the log of changes"}],
    }
    return "# Made by python -m ingest.contract\n" + "\n".join(_yaml(contract)) + "\n"


def _property(field: pa.Field) -> dict[str, Any]:
    told = fields().get(field.name)
    found: dict[str, Any] = {"name": field.name, **_typed(field.type), "required": not field.nullable}
    found["description"] = told.meaning if told else _OWN[field.name]
    if field.name in _KEY:
        found |= {"primaryKey": True, "primaryKeyPosition": _KEY.index(field.name) + 1}
    if field.name == _PARTITION:
        found |= {"partitioned": True, "partitionKeyPosition": 1}
    if told:
        found["examples"] = [told.example.replace("`", "")]
        found["customProperties"] = [{"property": "sinceSchemaVersion", "value": told.since}]
        found["tags"] = ["deprecated"] if told.deprecated else []
    return {name: value for name, value in found.items() if value != []}


def _typed(kind: pa.DataType) -> dict[str, Any]:
    if pa.types.is_list(kind):
        return {"logicalType": "array", "items": _typed(kind.value_type)}
    if pa.types.is_struct(kind):
        return {"logicalType": "object", "properties": [{"name": f.name, **_typed(f.type)} for f in kind]}
    logical = next(name for is_one, name in _LOGICAL if is_one(kind))
    return {"logicalType": logical, "physicalType": str(kind)}


def _yaml(value: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    """Block style, with every scalar as JSON, which is YAML too."""
    for name, one in value.items():
        if isinstance(one, Mapping):
            yield f"{indent}{name}:"
            yield from _yaml(one, indent + "  ")
        elif isinstance(one, Sequence) and not isinstance(one, str):
            yield f"{indent}{name}:"
            for item in one:
                first, *rest = _yaml(item, indent + "    ") if isinstance(item, Mapping) else [_scalar(item)]
                yield f"{indent}  - {first.strip()}"
                yield from rest
        else:
            yield f"{indent}{name}: {_scalar(one)}"


def _scalar(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
