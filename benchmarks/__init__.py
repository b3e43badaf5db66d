"""Measurements of speed, memory and quality, all on text made for it: `python -m benchmarks [NAME…] [--quick]`.

A benchmark is a module with `figures(quick) -> Iterator[Figure]`. Speeds are of one core: CPU time, not the clock on the
wall, so that a busy machine changes them little. See docs/performance.md.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line of the table. `target` is what it should be, in words."""

    what: str
    value: float
    unit: str
    target: str = ""
