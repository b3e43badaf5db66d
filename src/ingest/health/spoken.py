"""Figures as people say them."""

from __future__ import annotations

_UNITS = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"))


def span(seconds: float) -> str:
    """`2 d`, `36 h`, `4 min`, `30 s`: the largest unit of which there are two or more."""
    for size, unit in _UNITS:
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 60:.0f} min" if seconds >= 60 else f"{seconds:.0f} s"


def items(count: float) -> str:
    return f"{count:.0f} item{'' if round(count) == 1 else 's'}"


def share(value: float) -> str:
    return f"{value:.0%}"


def spark(counts: list[int | None]) -> str:
    """A bar a day, against the highest of them; `·` for a day on which nothing was asked, `_` for none."""
    most = max((count or 0 for count in counts), default=0)
    return "".join("·" if c is None else "▁▂▃▄▅▆▇█"[(7 * c) // most] if c else "_" for c in counts)
