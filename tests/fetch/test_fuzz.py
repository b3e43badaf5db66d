"""A few broken inputs for every reader, the same ones each time; `python -m benchmarks.fuzz --minutes 60` has more."""

from itertools import islice

import pytest
from benchmarks.fuzz import TARGETS, tries

_COUNTS = {"imap": 6, "http": 40, "extract": 30, "clean": 20, "robots": 50, "archive": 200, "parse": 150}


@pytest.mark.parametrize("name", TARGETS)
def test_broken_bytes_are_an_answer_or_an_error(name: str) -> None:
    found = [finding for finding in islice(tries(name, 0), _COUNTS.get(name, 500)) if finding]
    assert [(one.why, one.body[:200]) for one in found if one.why != "too slow"] == []  # no test asserts a time
