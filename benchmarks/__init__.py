"""Measurements of speed, memory and quality, on text made for it: `python -m benchmarks [NAME…] [--quick]`.

A benchmark is a module with `figures(quick)`. Speeds are of one core: CPU time of all threads, not time on the wall, so
that a busy machine changes them less. How to read them: docs/performance.md.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line of the table. `target` is what it should be, in words."""

    what: str
    value: float
    unit: str
    target: str = ""


def family_cpu_s() -> float:
    """CPU seconds until now of this process and of those that it has made and waited for."""
    return sum(os.times()[:4])


def cpu_s(work: Callable[[], object], rounds: int = 1) -> float:
    """The least CPU seconds that `work` took in some rounds."""
    return min(_once(work) for _ in range(rounds))


def _once(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
