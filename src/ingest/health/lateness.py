"""How late items are: fetched_at − published, as a histogram with bounds that never change, so that days add up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import zip_longest

_M, _H, _D = 60, 3_600, 86_400
BOUNDS_S = (0, 5 * _M, 15 * _M, 30 * _M, _H, 2 * _H, 4 * _H, 8 * _H, 16 * _H, _D, 2 * _D, 4 * _D, 7 * _D)
"""The upper bound of each bucket; the last one, without a bound, is a backlog and counts for nothing."""


def bucket_of(published: datetime | None, fetched_at: datetime) -> int | None:
    """The bucket of one item; None for one without a date or from a backlog. One from the future is not late."""
    if published is None:
        return None
    late_s = (fetched_at - published).total_seconds()
    return next((number for number, bound in enumerate(BOUNDS_S) if late_s <= bound), None)


def added(histograms: Iterable[Sequence[int]]) -> tuple[int, ...]:
    return tuple(map(sum, zip_longest(*filter(None, histograms), fillvalue=0)))


def quantile_s(histogram: Sequence[int], share: float) -> float | None:
    """Linear within a bucket, in seconds; None of an empty histogram."""
    left = share * sum(histogram)
    if not left:
        return None
    low = 0
    for count, bound in zip(histogram, BOUNDS_S, strict=False):
        if count and left <= count:
            return low + (bound - low) * left / count
        left, low = left - count, bound
    return float(low)
