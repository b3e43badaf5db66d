"""The JSON Schema of an article, as `ingest articles --as jsonl` writes it."""

from typing import Any

import orjson

from ingest.contract.fields import fields
from ingest.model import SCHEMA_VERSION, Article


def article_schema() -> bytes:
    """Draft 2020-12. Readers are to take fields that are not in it: they are those of a later version."""
    schema: dict[str, Any] = Article.model_json_schema(mode="serialization")
    for part in (schema, *schema["$defs"].values()):
        part.pop("additionalProperties", None)
    for name, told in fields().items():
        schema["properties"][name] |= {"description": told.meaning} | ({"deprecated": True} if told.deprecated else {})
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$comment": f"schema_version {SCHEMA_VERSION}"}
    return orjson.dumps(head | schema, option=orjson.OPT_INDENT_2) + b"\n"
