"""Benchmarks run. What they measure is no test's business."""

import math
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest
from benchmarks import Figure
from benchmarks.__main__ import NAMES, main


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_measures_something(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if name == "extract_pages":  # without the corpus, which is not everywhere
        monkeypatch.setattr(f"benchmarks.{name}.CORPUS", Path("/nowhere"))
    figures: Callable[[bool], Iterator[Figure]] = import_module(f"benchmarks.{name}").figures
    found = list(figures(True))
    assert found
    assert all(math.isfinite(figure.value) and figure.value > 0 for figure in found)


def test_they_are_printed_as_one_table(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--quick", "land"])
    main()
    title, *lines = capsys.readouterr().out.splitlines()
    assert title.split() == ["benchmark", "what", "target"]
    assert lines
    assert all(line.startswith("land ") for line in lines)


def test_an_unknown_name_is_wrong_use(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmarks", "speed"])
    with pytest.raises(SystemExit) as error:
        main()
    assert error.value.code == 2
    assert "there are pipeline, parse_feeds" in capsys.readouterr().err
