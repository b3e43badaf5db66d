"""Charts as SVG, made here. Colours are classes, so that they follow light and dark; figures are never the only way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from markupsafe import Markup

from ingest.newsroom.runs import Step

_WIDTH = 720.0


@dataclass(frozen=True)
class Bar:
    """A day: new items (None: not asked), whether a run failed, and the bounds of what is no surprise."""

    day: date
    new: int | None
    failed: bool = False
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Dot:
    at: datetime
    row: str
    kind: str  # canonical, copy, excerpt, update, correction, killed
    label: str


def funnel(steps: Sequence[Step]) -> Markup:
    """A bar a step, with a mark where it usually ends."""
    most = max([1.0, *(max(step.count, step.usual or 0) for step in steps)])
    parts = [Markup()]
    for number, step in enumerate(steps):
        y, width = 4 + number * 34, step.count / most * (_WIDTH - 200)
        parts.append(
            Markup(
                '<text class="label" x="0" y="{}">{}</text>'
                '<rect class="bar" x="130" y="{}" width="{:.1f}" height="22"/>'
                '<text class="value" x="{:.1f}" y="{}">{:,}</text>'
            ).format(y + 16, step.name, y, max(width, 1), 136 + width, y + 16, step.count)
        )
        if step.usual is not None:
            x = 130 + step.usual / most * (_WIDTH - 200)
            parts.append(
                Markup('<line class="usual" x1="{:.1f}" x2="{:.1f}" y1="{}" y2="{}"/>').format(x, x, y - 3, y + 25)
            )
    return _svg(parts, 8 + 34 * len(steps), "; ".join(f"{step.name}: {step.count}" for step in steps))


def days(bars: Sequence[Bar]) -> Markup:
    """A bar a day before the band of what is to be expected."""
    height, room = 150.0, 120.0
    most = max([1.0, *(max(bar.new or 0, bar.high or 0) for bar in bars)])
    step = _WIDTH / max(1, len(bars))
    parts = [Markup()]
    for place, bar in enumerate(bars):
        x = place * step
        if bar.high is not None:
            top = room - bar.high / most * room
            parts.append(
                Markup('<rect class="band" x="{:.1f}" y="{:.1f}" width="{:.2f}" height="{:.1f}"/>').format(
                    x, top, step, max(1.0, (bar.high - (bar.low or 0)) / most * room)
                )
            )
        parts.append(_day(bar, x, step, room, most))
    if bars:
        line = Markup('<text class="label" x="0" y="{}">{}</text><text class="label end" x="{}" y="{}">{}</text>')
        parts.append(line.format(height - 8, bars[0].day, _WIDTH, height - 8, bars[-1].day))
        parts.append(Markup('<text class="label" x="0" y="10">{:.0f}</text>').format(most))
    told = f"New items of {len(bars)} days, at most {max((bar.new or 0 for bar in bars), default=0)} in one"
    return _svg(parts, height, told)


def spark(counts: Sequence[int | None]) -> Markup:
    """Two weeks beside a name: a bar a day, a dot for a day on which nothing was asked."""
    most = max([1, *(count or 0 for count in counts)])
    bars = Markup("").join(
        Markup('<rect class="{}" x="{}" y="{:.1f}" width="4" height="{:.1f}"/>').format(
            "none" if not count else "bar", 6 * place, 20 - height, height
        )
        for place, count in enumerate(counts)
        if (height := 1.0 if not count else max(2.0, count / most * 20))
    )
    told = ", ".join("not asked" if count is None else str(count) for count in counts)
    return Markup('<svg class="spark" viewBox="0 0 {} 20" role="img" aria-label="{}">{}</svg>').format(
        6 * len(counts), f"new items a day: {told}", bars
    )


def timeline(dots: Sequence[Dot]) -> Markup:
    """A line a source, a dot an article at the time it was published."""
    rows = list(dict.fromkeys(dot.row for dot in dots))
    first, last = min(dot.at for dot in dots), max(dot.at for dot in dots)
    span = (last - first).total_seconds() or 1.0
    left, width = 150.0, _WIDTH - 170.0
    parts = [
        Markup('<text class="label" x="0" y="{}">{}</text><line class="axis" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
            20 + 24 * place, row[:22], left, _WIDTH - 10, 16 + 24 * place, 16 + 24 * place
        )
        for place, row in enumerate(rows)
    ]
    parts += [
        Markup('<circle class="dot {}" cx="{:.1f}" cy="{}" r="6"><title>{}</title></circle>').format(
            dot.kind, left + (dot.at - first).total_seconds() / span * width, 16 + 24 * rows.index(dot.row), dot.label
        )
        for dot in dots
    ]
    height = 44.0 + 24 * len(rows)
    ends = Markup('<text class="label" x="{}" y="{}">{}</text><text class="label end" x="{}" y="{}">{}</text>')
    form = "%m-%d %H:%M"
    parts.append(ends.format(left, height - 8, first.strftime(form), _WIDTH, height - 8, last.strftime(form)))
    return _svg(parts, height, f"{len(dots)} articles of {len(rows)} sources")


def _day(bar: Bar, x: float, step: float, room: float, most: float) -> Markup:
    told = "not asked" if bar.new is None else f"{bar.new} new"
    expected = f", {bar.low:.0f}–{bar.high:.0f} expected" if bar.high is not None and bar.low is not None else ""
    title = f"{bar.day}: {told}{expected}{', a run failed' if bar.failed else ''}"
    height = (bar.new or 0) / most * room
    return Markup(
        '<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.2f}" height="{:.1f}"><title>{}</title></rect>'
    ).format(
        "bar failed" if bar.failed else "bar" if bar.new else "bar none",
        x + step * 0.15,
        room - max(height, 2),
        step * 0.7,
        max(height, 2),
        title,
    )


def _svg(parts: Sequence[Markup], height: float, told: str) -> Markup:
    return Markup('<svg class="chart" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-label="{}">{}</svg>').format(
        _WIDTH, height, told, Markup("").join(parts)
    )
