"""The passages that two texts share, as they are printed: the evidence that lands with a decision."""

import numpy as np
from numpy.typing import NDArray

from ingest.dedupe.words import composed, origin, plain, spans_of


def passages(text: str, shared: NDArray[np.bool_], n: int, limit: int = 2, width: int = 200) -> tuple[str, ...]:
    """The longest stretches of `text` whose n-grams are marked in `shared`, in reading order, cut at `width`.

    Each is as printed, on one line.
    """
    longest = sorted(sorted(runs(shared), key=lambda run: (run[0] - run[1], run[0]))[:limit])
    if not longest:
        return ()
    text = composed(text)
    cut = plain(text)
    found = spans_of(cut, [(start, end + n - 2) for start, end in longest])
    if cut != text:
        found = [(origin(text, start), origin(text, end)) for start, end in found]
    return tuple(_shortened(text[start:end], width) for start, end in found)


def runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The (start, end) of every stretch of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _shortened(text: str, width: int) -> str:
    """On one line, cut after a word, so that it can be looked for in the text."""
    line = " ".join(text.split())
    if len(line) <= width:
        return line
    whole = line[:width].rpartition(" ")[0]
    return whole if len(whole) > width // 2 else line[:width]
