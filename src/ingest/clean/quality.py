"""How sure it is that what is left is a story, and why not: what the hopeless are put aside by.

1 is a story with a headline; each doubt takes something off, and several together leave nothing.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from ingest.clean.normalise import one_line
from ingest.clean.pieces import Piece
from ingest.model import Removed

POOR = 0.5  # below it the reasons become a warning
_FEW_WORDS, _MANY_BLOCKS, _SHORT_BLOCK = 25, 8, 20
_OF_NO_STORY = frozenset(("promo", "subscribe", "navigation", "related", "advertisement", "share", "other"))
_CODE = re.compile(
    r"</?[a-z][a-z0-9]{0,10}(?:\s[^<>]{0,200})?/?>|\bfunction\s?\(|[{;]\s*(?:var|const|let|return)\s|\}\s*\}|\$\(|<\?php"
)


class Quality(NamedTuple):
    score: float  # 0 to 1
    doubts: tuple[str, ...]


def quality_of(
    pieces: Sequence[Piece], removed: Sequence[Removed], *, headline: str | None, words: int, has_image: bool
) -> Quality:
    """Judge the pieces that are kept beside what was taken out of them. A picture needs no text."""
    texts = [piece.text for piece in pieces if piece.kind != "image"]
    lengths = [len(text) for text in texts]
    kept = sum(lengths)
    lost = sum(len(item.text) for item in removed if item.kind in _OF_NO_STORY)
    doubts = {
        "no-headline": (not headline, 0.3),
        "no-text": (not words and not has_image, 0.6),
        "short": (0 < words < _FEW_WORDS, 0.2),
        "mostly-removed": (lost > 2 * kept and lost > 200, 0.3),
        "undecoded": (sum(text.count("\ufffd") for text in texts) * 100 > kept, 0.6),
        "code": (sum(map(_signs_of_code, texts)) * 80 > kept + 160, 0.6),
        "mostly-links": (_linked(pieces) * 10 > kept * 7 and len(texts) > 3, 0.4),
        "fragments": (len(texts) > _MANY_BLOCKS and sorted(lengths)[len(texts) // 2] < _SHORT_BLOCK, 0.3),
        "repetitive": (len(texts) > _MANY_BLOCKS and len({one_line(text) for text in texts}) * 2 < len(texts), 0.4),
    }
    found = [(name, weight) for name, (is_so, weight) in doubts.items() if is_so]
    return Quality(round(max(0.0, 1 - sum(weight for _, weight in found)), 2), tuple(name for name, _ in found))


def _signs_of_code(text: str) -> int:
    likely = "{" in text or "}" in text or "<" in text or "$" in text or "function" in text
    return len(_CODE.findall(text)) if likely else 0


def _linked(pieces: Sequence[Piece]) -> int:
    """The characters that are links."""
    parts = (part for piece in pieces for part in (piece.items or (piece.runs,)))
    return sum([len(run.text) for part in parts for run in part if run.href is not None])
