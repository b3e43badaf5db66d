"""Every folder under fixtures/clean is a case: input.html or input.txt, and part of what must come out.

entry.json holds further fields of the entry, source.json of the source. In expected.json an object is a part of what
comes out, a list is the whole of it. `absent` lists words that must not be in the body.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from ingest.clean import clean
from ingest.model import Article, Entry, Source, to_json

CASES = sorted(path.parent for path in (Path(__file__).parents[1] / "fixtures" / "clean").glob("*/expected.json"))


def cleaned(case: Path) -> Article:
    (path,) = case.glob("input.*")
    entry, source = ({}, {})
    if (case / "entry.json").exists():
        entry = json.loads((case / "entry.json").read_text("utf-8"))
    if (case / "source.json").exists():
        source = json.loads((case / "source.json").read_text("utf-8"))
    entry = {"html": path.read_text("utf-8") or None, "html_is_text": path.suffix == ".txt"} | entry
    source = {"id": "times", "name": "Harbour Times", "urls": []} | source
    return clean(Entry.model_validate(entry), Source.model_validate(source))


def differences(expected: Any, actual: Any, at: str = "") -> list[str]:
    if isinstance(expected, dict) and isinstance(actual, dict):
        return [d for key, value in expected.items() for d in differences(value, actual.get(key), f"{at}.{key}")]
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        return [d for n, value in enumerate(expected) for d in differences(value, actual[n], f"{at}[{n}]")]
    return [] if expected == actual else [f"{at}: expected {expected!r}, is {actual!r}"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Path) -> None:
    expected = json.loads((case / "expected.json").read_text("utf-8"))
    absent = expected.pop("absent", [])
    article = cleaned(case)
    assert differences(expected, json.loads(to_json(article))) == []
    assert [word for word in absent if word in article.body_text] == []


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 40
