"""Real data from public projects that tests may read where it is there. It is never part of this project."""

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[2] / "shared" / "corpora"


def corpora(*parts: str) -> Path:
    """The path of a corpus, or a skip of the calling test."""
    path = Path(os.environ.get("INGEST_CORPORA", _BESIDE)).joinpath(*parts)
    if not path.exists():
        pytest.skip(f"no corpus at {path}; set INGEST_CORPORA to run this", allow_module_level=True)
    return path
