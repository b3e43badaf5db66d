"""What people want to know of each field, as told in fields.toml."""

import tomllib
from functools import cache
from importlib.resources import files

from ingest.model import Model


class Told(Model):
    """`type` as docs/articles.md writes it: with a ? if it may be absent. `since` is a schema_version."""

    type: str
    meaning: str
    example: str
    since: int
    deprecated: str | None = None  # since when, and what to read instead


@cache
def fields() -> dict[str, Told]:
    text = files("ingest.contract").joinpath("fields.toml").read_text("utf-8")
    return {name: Told.model_validate(told) for name, told in tomllib.loads(text).items()}


def markdown() -> str:
    """The rows of the table of docs/articles.md, with its head."""
    lines = ["| field | type | meaning | example | since |", "|---|---|---|---|---|"]
    for name, told in fields().items():
        meaning = f"**Deprecated**: {told.deprecated}. {told.meaning}" if told.deprecated else told.meaning
        lines.append(f"| `{name}` | {told.type} | {meaning} | {told.example} | {told.since} |")
    return "\n".join(lines) + "\n"
