"""The tables that cleaning looks things up in: TOML files in this folder, read once."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def table(name: str) -> dict[str, Any]:
    return tomllib.loads((files(__name__) / f"{name}.toml").read_text("utf-8"))


def words(name: str, key: str) -> frozenset[str]:
    """The words of a string that lists them."""
    return frozenset(table(name)[key].split())
