"""Every folder under tests/fixtures/parse; see `cases`."""

import json
from pathlib import Path

import pytest

from tests.parse.cases import ROOT, folders, outcome


@pytest.mark.parametrize("folder", list(folders()), ids=lambda path: str(path.relative_to(ROOT)))
def test_gives_what_is_expected(folder: Path) -> None:
    assert outcome(folder) == json.loads((folder / "expected.json").read_text())
