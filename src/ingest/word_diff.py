"""What differs between two texts, word for word, as `git diff --word-diff` tells it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

MAX_WORDS = 2_000  # of a longer text only the beginning is compared: the time grows with the square
CONTEXT = 5  # words shown on either side
LONGEST = 40  # words shown of one change


@dataclass(frozen=True, slots=True)
class Change:
    """Words that one text has where the other has others, and those around them, which both have."""

    before: str
    removed: str
    added: str
    after: str


def word_diff(old: str, new: str) -> Iterator[Change]:
    """The changes that make `new` of `old`, in reading order."""
    a, b = old.split(None, MAX_WORDS)[:MAX_WORDS], new.split(None, MAX_WORDS)[:MAX_WORDS]
    # No word is too frequent to count: short texts would be told apart by their rare words only.
    for tag, i, end_i, j, end_j in SequenceMatcher(None, a, b, autojunk=len(a) + len(b) > MAX_WORDS).get_opcodes():
        if tag != "equal":
            before, after = b[max(j - CONTEXT, 0) : j], b[end_j : end_j + CONTEXT]
            yield Change(" ".join(before), _shortened(a[i:end_i]), _shortened(b[j:end_j]), " ".join(after))


def _shortened(words: Sequence[str]) -> str:
    if len(words) <= LONGEST:
        return " ".join(words)
    half = LONGEST // 2
    return f"{' '.join(words[:half])} … {len(words) - LONGEST} words … {' '.join(words[-half:])}"
