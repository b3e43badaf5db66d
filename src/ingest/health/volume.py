"""How much a source usually brings: by weekday, robust against single days, from its own last eight weeks.

Counts of news are wilder than Poisson's: their variance is `spread` times their mean, estimated by medians.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import fmean, median

from ingest.health.model import Day, Expected

WEEKS = timedelta(weeks=8)
_MIN_SPREAD = 2.0  # few samples make a spread look smaller than it is
_CHI2_MEDIAN = 0.455  # of one degree of freedom: what the squared deviations' median would be at spread 1
_SIGMAS = 3.0


@dataclass(frozen=True)
class Volume:
    """Made by `volume_of`. `days` are how many it rests on; `by_weekday` the median new items, 0 is Monday."""

    days: int
    by_weekday: dict[int, float]
    spread: float
    empty: float  # share of the days that usually bring something and brought nothing
    normal_max: int
    runs: float  # good runs of a usual day
    gap_s: float  # nine of ten days had no longer time between new items
    rhythm_s: float | None

    def expected(self, day: date) -> Expected | None:
        middle = self.by_weekday.get(day.weekday())
        if middle is None:
            return None
        around = _SIGMAS * math.sqrt(self.spread * middle)
        return Expected(median=middle, low=max(0.0, round(middle - around, 1)), high=round(middle + around, 1))

    def log_empty(self, day: date) -> float:
        """The logarithm of the probability that a whole day like this brings nothing.

        That of the negative binomial; for a source that had empty days, not below how often it had them.
        """
        middle = self.by_weekday.get(day.weekday(), 0.0)
        guess = -middle * math.log(self.spread) / (self.spread - 1)
        return max(guess, math.log(self.empty)) if self.empty else guess

    @property
    def weekly(self) -> float:
        return sum(self.by_weekday.values())


def volume_of(days: Sequence[Day], first_day: date) -> Volume:
    """Of the days given, in their order. `first_day` brought all that was in the feed and tells nothing."""
    usable = [one for one in days if one.good_runs and one.day != first_day]
    samples: dict[int, list[int]] = defaultdict(list)
    for one in usable:
        samples[one.day.weekday()].append(one.new)
    medians = {weekday: float(median(counts)) for weekday, counts in samples.items()}
    busy = [one for one in usable if medians[one.day.weekday()]]
    most = sorted((one.new for one in usable), reverse=True)
    gaps = sorted(one.gap_s for one in usable if one.gap_s)
    return Volume(
        days=len(usable),
        by_weekday=medians,
        spread=_spread(usable, medians),
        empty=sum(not one.new for one in busy) / len(busy) if busy else 0.0,
        normal_max=most[min(1, len(most) - 1)] if most else 0,  # one flood does not make the next one normal
        runs=median(one.good_runs for one in usable) if usable else 0.0,
        gap_s=float(gaps[math.ceil(0.9 * len(gaps)) - 1]) if gaps else 0.0,
        rhythm_s=_rhythm_s(usable),
    )


def _spread(days: Sequence[Day], medians: dict[int, float]) -> float:
    squares = [(one.new - middle) ** 2 / middle for one in days if (middle := medians[one.day.weekday()]) > 0]
    return max(_MIN_SPREAD, median(squares) / _CHI2_MEDIAN) if squares else _MIN_SPREAD


def _rhythm_s(days: Sequence[Day]) -> float | None:
    """A usual busy day's time by its items; from day to day for a source with an item now and then."""
    busy = [one for one in days if one.new]
    if len(busy) < 2:
        return None
    apart = [(after.day - before.day).days for before, after in pairwise(busy)]
    return 86_400 * (median(apart) if fmean(apart) > 2 else 1 / median(one.new for one in busy))
