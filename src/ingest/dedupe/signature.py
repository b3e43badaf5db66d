"""What a text looks like to the deduplicator: keys for equality, hashed n-grams for likeness, facts for disagreement.

n-grams are of 4 words, or of 6 characters where the script puts no spaces between words (Chinese, Japanese, Thai …).
All hashes are the same on every machine and in every process (CRC-32 and a multiplicative mix; BLAKE2 for keys).
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from urllib.parse import urlsplit
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from ingest.urls import canonical_url

Hashes = NDArray[np.uint32]

WORDS_PER_SHINGLE = 4
CHARACTERS_PER_SHINGLE = 6
MAX_TOKENS = 20_000  # of a longer text only the beginning is compared
MAX_FACTS = 96

# Anchors grow with the text, so that a long one still shares some with the short excerpt cut from it; and the opening
# has its own, since that is what excerpts are cut from.
ANCHOR_EVERY, MIN_ANCHORS, MAX_ANCHORS = 16, 16, 64
OPENING, OPENING_ANCHORS = 120, 12
LEAD_ANCHORS = 6  # of the first LEAD shingles: the shortest excerpts have no more than these
LEAD = 40  # shingles; about the first two sentences

_DENSE_SCRIPTS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f"
)
_DENSE = re.compile(f"[{_DENSE_SCRIPTS}]")
_WORD = re.compile(r"\w+")
_WORD_OR_CHARACTER = re.compile(rf"[{_DENSE_SCRIPTS}]|[^\W{_DENSE_SCRIPTS}]+")
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
# House styles differ in these; without it every percentage would break four shingles of an edited copy.
_STYLES = (("U.S.", "US"), ("U.N.", "UN"), ("U.K.", "UK"), ("E.U.", "EU"), ("per cent", "percent"), ("%", " percent"))
_OURS = dict(_STYLES)
_STYLED = re.compile("|".join(re.escape(style) for style in _OURS))
_DATES = frozenset(
    _WORD.findall(
        """monday tuesday wednesday thursday friday saturday sunday january february march april june july august
        september october november december montag dienstag mittwoch donnerstag freitag samstag sonntag januar februar
        märz mai juni juli oktober dezember lundi mardi mercredi jeudi vendredi samedi dimanche janvier février mars
        avril juin juillet août septembre octobre novembre décembre lunes martes miércoles jueves viernes sábado domingo
        enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre lunedì martedì
        mercoledì giovedì venerdì sabato domenica gennaio febbraio aprile maggio giugno luglio settembre ottobre
        dicembre"""
    )
)  # not "may", which is mostly a verb
_MULTIPLIERS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5,
                         0x85EBCA77C2B2AE63, 0xFF51AFD7ED558CCD], dtype=np.uint64)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Facts:
    """What distinguishes two texts from one template. `figures` holds numbers, month names and weekdays."""

    figures: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text cut into words, case kept; `n` tokens make a shingle, `words` is the length in words."""

    tokens: tuple[str, ...]
    n: int
    words: int


@dataclass(frozen=True, slots=True)
class Signature:
    words: int
    body_key: str | None
    shingles: Hashes  # in reading order
    facts: Facts


def sign(text: str) -> Signature:
    """The signature of a body text. An empty text has no key and no shingles."""
    cut = tokenize(text)
    folded = " ".join(cut.tokens).casefold()
    return Signature(
        words=cut.words,
        body_key=digest(folded) if folded else None,
        shingles=_shingles(folded, cut.n),
        facts=_facts(text, cut.tokens, folded),
    )


def tokenize(text: str) -> Tokens:
    text = _plain(text)
    if text.isascii() or not _DENSE.search(text):
        words = _WORD.findall(text)
        return Tokens(tuple(words), WORDS_PER_SHINGLE, len(words))
    tokens = _WORD_OR_CHARACTER.findall(text)
    dense = len(_DENSE.findall(text))
    n = CHARACTERS_PER_SHINGLE if dense * 2 > len(tokens) else WORDS_PER_SHINGLE
    return Tokens(tuple(tokens), n, len(tokens) - dense + dense // 2)  # two characters to a word, about


def anchors_of(shingles: Hashes) -> Hashes:
    """The smallest hashes of the text and of its opening, sorted: a sample that texts with common passages share."""
    unique = np.unique(shingles)
    of_all = unique[: min(MAX_ANCHORS, max(MIN_ANCHORS, len(unique) // ANCHOR_EVERY))]
    of_opening = np.unique(shingles[:OPENING])[:OPENING_ANCHORS]
    of_lead = np.unique(shingles[:LEAD])[:LEAD_ANCHORS]
    return np.unique(np.concatenate((of_all, of_opening, of_lead)))


def text_key(signature: Signature, headline: str | None, short: int) -> str | None:
    """Equal for equal texts. Under `short` words the headline has to be equal too; None if that says too little."""
    if signature.words >= short:
        return signature.body_key
    title = headline_key(headline)
    if title is None or len(title.split()) + signature.words < 4:
        return None
    return digest(f"short\n{title}\n{signature.body_key or ''}")


def headline_key(headline: str | None) -> str | None:
    return " ".join(tokenize(headline or "").tokens).casefold() or None


def url_key(url: str | None) -> str | None:
    """A hash of the canonical URL, without its scheme. None for a site's front page: feeds link it for any item."""
    canonical = canonical_url(url)
    if canonical is None:
        return None
    parts = urlsplit(canonical)
    if parts.path in ("", "/") and not parts.query and not parts.fragment:
        return None
    return digest(canonical.partition("://")[2].rstrip("/"))


def digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def passages(text: str, shared: NDArray[np.bool_], limit: int = 2, width: int = 200) -> tuple[str, ...]:
    """The longest stretches of `text` whose shingles are marked in `shared`, in reading order, cut at `width`.

    Each is as printed, on one line.
    """
    text = unicodedata.normalize("NFC", text)
    plain = _plain(text)
    cut = tokenize(plain)
    pattern = _WORD if cut.words == len(cut.tokens) else _WORD_OR_CHARACTER
    longest = sorted(sorted(runs(shared), key=lambda run: (run[0] - run[1], run[0]))[:limit])
    last = longest[-1][1] + cut.n if longest else 0
    spans = [match.span() for match in islice(pattern.finditer(plain), last)]
    found = [(spans[start][0], spans[min(end + cut.n - 2, len(spans) - 1)][1]) for start, end in longest]
    return tuple(_shortened(text[_origin(text, start) : _origin(text, end)], width) for start, end in found)


def _shortened(text: str, width: int) -> str:
    """On one line, cut after a word, so that it can be looked for in the text."""
    line = " ".join(text.split())
    if len(line) <= width:
        return line
    whole = line[:width].rpartition(" ")[0]
    return whole if len(whole) > width // 2 else line[:width]


def _origin(text: str, offset: int) -> int:
    """Where the character at `offset` of `_plain(text)` is in `text`."""
    grown = start = 0
    for match in _STYLED.finditer(text):
        if match.start() + grown >= offset:
            break
        start = match.start()
        grown += len(_OURS[match[0]]) - len(match[0])
    return max(offset - grown, start)


def runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The (start, end) of every stretch of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _plain(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    for style, ours in _STYLES:
        text = text.replace(style, ours)
    return text


def _shingles(folded: str, n: int) -> Hashes:
    words = folded.encode("utf-8", "surrogatepass").split(b" ")[:MAX_TOKENS]
    count = len(words) - n + 1
    if count < 1:
        return np.empty(0, np.uint32)
    hashed = np.fromiter(map(crc32, words), np.uint64, len(words))
    mixed = np.zeros(count, np.uint64)
    for i in range(n):
        mixed += hashed[i : i + count] * _MULTIPLIERS[i]  # wraps at 64 bits
    mixed ^= mixed >> np.uint64(33)
    mixed *= np.uint64(0xC4CEB9FE1A85EC53)
    return (mixed >> np.uint64(32)).astype(np.uint32)


def _facts(text: str, tokens: Sequence[str], folded: str) -> Facts:
    folded_words = folded.split(" ")
    figures = [figure.replace(",", "") for figure in _FIGURE.findall(text)]
    dates = _DATES.intersection(folded_words)
    present = set(tokens)
    # A sentence's first word is no name if the text has it in lower case as well.
    names = {
        low: None
        for word, low in zip(tokens, folded_words, strict=False)
        if word != low and low not in present and len(low) > 1 and low not in dates
    }
    return Facts(
        frozenset(list(dict.fromkeys(figures))[:MAX_FACTS]) | dates,
        frozenset(list(names)[:MAX_FACTS]),
    )
