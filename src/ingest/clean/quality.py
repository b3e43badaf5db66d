"""How sure it is that what is left is a story, and why not: what the hopeless are put aside by.

1 is a story with a headline; each doubt takes something off. A grave one leaves less than HOPELESS: then there is no
story at all, but a wall of cookies, a menu, code, or what no decoding has made text of. Words are in
tables/quality.toml.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from ingest.clean.normalise import MOJIBAKE, one_line
from ingest.clean.pieces import Piece
from ingest.clean.tables import table
from ingest.clean.tables import words as listed
from ingest.model import Article, Removed

POOR = 0.5  # below it the reasons become a warning
HOPELESS = 0.25  # below it there is nothing to land
_GRAVE = 0.2  # of the score is left
_FEW_WORDS, _MANY_BLOCKS, _SHORT_BLOCK = 25, 8, 20
_WALL_WORDS, _REFUSAL_WORDS = 150, 60  # of a text with more, the wall is not all
_WORDS_A_PHRASE = 15
_MENU_WORDS, _MENU_LINE = 6, 200  # at least, and characters at most
_LOST = 300  # characters of boilerplate around nothing
_SAMPLE = 4000  # characters that tell what a text is made of
_OF_NO_STORY = frozenset(("promo", "subscribe", "navigation", "related", "advertisement", "share", "other"))
_CODE = re.compile(
    r"</?[a-z][a-z0-9]{0,10}(?:\s[^<>]{0,200})?/?>|\bfunction\s?\(|[{;]\s*(?:var|const|let|return)\s|\}\s*\}|\$\(|<\?php|"
    r"\{[^{}\n]{0,40}:[^{}\n]{1,60};|\"[\w@-]{1,40}\"\s?:\s?[\"\[{\d]|\b(?:document|window)\.\w|=>\s?\{"
)
_SIGNS, _FEW_CHARS = frozenset("\\@#%&*_{}"), 40
_LETTERS = re.compile(r"[^\W\d_]+")
_MENU = listed("quality", "menu")


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
    grave = grave_doubts(texts, removed, words=words, has_image=has_image)
    mild = {name: weight for name, (is_so, weight) in doubts.items() if is_so}
    score = max(HOPELESS, 1 - sum(mild.values()))
    return Quality(round(score * _GRAVE if grave else score, 2), (*grave, *mild))


def hopeless(article: Article) -> str | None:
    """Why there is no story in an article and it is to be put aside, or None. Pictures and withdrawals never are.

    Neither are short texts: a flash may be a headline alone.
    """
    if article.pub_status != "usable" or article.type != "text" or article.summary:
        return None
    texts = [block.text for block in article.blocks]
    doubts = grave_doubts(texts, article.removed, words=article.word_count, has_image=bool(article.images))
    return ", ".join(doubts) or None


def grave_doubts(texts: Sequence[str], removed: Sequence[Removed], *, words: int, has_image: bool) -> tuple[str, ...]:
    """Each of which means that there is no story in the texts that were kept. A picture is one without any."""
    if has_image:
        return ()
    around = [item.text for item in removed if item.kind in _OF_NO_STORY]
    sample = "\n".join(texts)[:_SAMPLE]
    doubts = {
        "only-boilerplate": not words and len(around) > 2 and sum(map(len, around)) >= _LOST,
        "wall": words <= _WALL_WORDS and _is_wall(sample, "\n".join(around)[:_SAMPLE]),
        "menu": max(map(len, texts), default=0) < _MENU_LINE and _is_menu(sample),
        "unreadable": _is_unreadable(sample),
        "script": (signs := _signs_of_code(sample)) > 2 and signs * 60 > len(sample),
    }
    return tuple(name for name, is_so in doubts.items() if is_so)


def _is_wall(kept: str, around: str) -> bool:
    """Of those who ask for consent, several phrases and few other words; of those who refuse, one."""
    low = kept.lower().replace("’", "'")
    words = len(low.split())
    if words <= _REFUSAL_WORDS and _said("refusal", low):
        return True
    said = _said("consent", low)
    if not said and words:
        return False
    more = said | _said("consent", around.lower().replace("’", "'"))
    return len(more) > 1 and words <= _WORDS_A_PHRASE * max(len(said), 1)


def _said(which: str, low: str) -> set[str]:
    return {phrase for phrase in table("quality")[which] if phrase in low}


def _is_menu(text: str) -> bool:
    found = [word.lower() for word in _LETTERS.findall(text)]
    return len(found) >= _MENU_WORDS and sum(1 for word in found if word in _MENU) * 3 >= 2 * len(found)


def _is_unreadable(text: str) -> bool:
    """A tenth of it lost in decoding, letters that are another code's bytes, or mostly signs that no script has."""
    broken = text.count("\ufffd") * 10 + len(MOJIBAKE.findall(text)) * 8
    if len(text) <= _FEW_CHARS or broken > len(text):
        return len(text) > _FEW_CHARS
    start = text[:500]
    if sum(map(str.isalnum, start)) * 2 >= len(start):
        return False
    odd = sum(1 for char in text if char in _SIGNS or unicodedata.category(char)[0] in "CS")
    return (odd - text.count("\n")) * 3 > len(text)


def _signs_of_code(text: str) -> int:
    likely = "{" in text or "}" in text or "<" in text or "$" in text or "function" in text or '":' in text
    return len(_CODE.findall(text)) if likely else 0


def _linked(pieces: Sequence[Piece]) -> int:
    """The characters that are links."""
    parts = (part for piece in pieces for part in (piece.items or (piece.runs,)))
    return sum([len(run.text) for part in parts for run in part if run.href is not None])
