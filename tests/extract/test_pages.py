"""Every folder of fixtures/extract is a page and what must be read from it.

`INGEST_REWRITE=1 pytest tests/extract/test_pages.py` writes expected.json anew; the diff is what gets reviewed.
"""

import json
import os
from pathlib import Path

import pytest

from ingest.errors import IngestError
from ingest.extract import extract
from ingest.model import Rule

CASES = sorted(path.parent for path in (Path(__file__).parents[1] / "fixtures" / "extract").glob("*/page.html"))


def read(case: Path) -> dict[str, object]:
    source = json.loads((case / "source.json").read_text("utf-8"))
    rules = tuple(Rule(**rule) for rule in source.pop("rules", ()))
    try:
        entry = extract((case / "page.html").read_bytes(), **source, rules=rules)
    except IngestError as e:
        return {"error": e.code, "why": e.why}
    found = entry.model_dump(mode="json", exclude_defaults=True)
    how = found["extraction"]  # versions and how sure it is change with the weights and with trafilatura
    assert how.pop("version")
    assert 0 < how.pop("quality") <= 1
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_page(case: Path) -> None:
    found, expected = read(case), case / "expected.json"
    if os.environ.get("INGEST_REWRITE"):
        expected.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", "utf-8")
    assert found == json.loads(expected.read_text("utf-8"))


@pytest.mark.parametrize("case", CASES[:4], ids=lambda case: case.name)
def test_same_bytes_same_entry(case: Path) -> None:
    assert read(case) == read(case)
