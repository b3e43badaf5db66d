"""What a text looks like to the deduplicator: keys for equality, n-grams for likeness, facts for disagreement.

All of it is small enough to keep of every story: a byte a word, two a fact.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import urlsplit
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from ingest.dedupe.markers import plain_headline
from ingest.dedupe.words import WORDS_PER_GRAM, Hashes, Words, mixed, words_in, words_of
from ingest.urls import canonical_url

Anchors = NDArray[np.int32]
Grams = NDArray[np.int64]  # below CODES

MAX_WORDS = 20_000  # of a longer text only the beginning is compared
MAX_FACTS = 96
CODES = 1 << 20  # of n-grams; in a text of 450 words one in 2,000 is taken for another

# Anchors grow with the text, so that a long one still shares some with the short excerpt cut from it; and the opening
# has its own, since that is what excerpts are cut from.
ANCHOR_EVERY, MIN_ANCHORS, MAX_ANCHORS = 32, 12, 48
OPENING, OPENING_ANCHORS = 120, 8
LEAD_ANCHORS = 4  # of the first LEAD n-grams: the shortest excerpts have no more than these
LEAD = 40  # n-grams; about the first two sentences

_DATES = """monday tuesday wednesday thursday friday saturday sunday january february march april june july august
    september october november december montag dienstag mittwoch donnerstag freitag samstag sonntag januar februar
    märz mai juni juli oktober dezember lundi mardi mercredi jeudi vendredi samedi dimanche janvier février mars
    avril juin juillet août septembre octobre novembre décembre lunes martes miércoles jueves viernes sábado domingo
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre lunedì martedì
    mercoledì giovedì venerdì sabato domenica gennaio febbraio aprile maggio giugno luglio settembre ottobre
    dicembre"""  # not "may", which is mostly a verb
_MULTIPLIERS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5,
                0x85EBCA77C2B2AE63, 0xFF51AFD7ED558CCD)  # fmt: skip
_AT_ONCE = 64  # texts
_WIDE = [np.uint64(factor) for factor in _MULTIPLIERS]
_NARROW = [np.uint32(factor >> 32 | 1) for factor in _MULTIPLIERS]


def _grams(words: NDArray[np.uint8], n: int) -> Grams:
    count = max(len(words) - n + 1, 0)
    wide = words.astype(np.uint32)
    sums = np.zeros(count, np.uint32)
    for i in range(n):
        sums += wide[i : i + count] * _NARROW[i]  # wraps at 32 bits
    sums ^= sums >> np.uint32(15)
    sums *= np.uint32(0x2C1B3C6D)
    return (sums >> np.uint32(12)).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Facts:
    """What distinguishes two texts from one template, hashed. `figures` holds numbers, month names and weekdays."""

    figures: frozenset[int] = frozenset()
    names: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """What is kept of a text to compare it: a byte for each word, in reading order, and its facts."""

    words: NDArray[np.uint8]
    grams: Grams = field(repr=False)  # of the words; not stored
    n: int = WORDS_PER_GRAM
    facts: Facts = Facts()

    def __len__(self) -> int:
        return len(self.grams)

    def packed(self) -> bytes:
        """As bytes: n, how many figures and names, these (two bytes each), the words."""
        figures, names = sorted(self.facts.figures), sorted(self.facts.names)
        facts = np.array([*figures, *names], "<u2").tobytes()
        return bytes((self.n, len(figures), len(names))) + facts + self.words.tobytes()


NO_TEXT = Text(np.empty(0, np.uint8), np.empty(0, np.int64))


def unpacked(packed: bytes) -> Text:
    """The inverse of `Text.packed`; of no bytes it is no text."""
    if not packed:
        return NO_TEXT
    n, figures, names = packed[:3]
    words = 3 + 2 * (figures + names)
    facts = np.frombuffer(packed[3:words], "<u2").tolist()
    kept = Facts(frozenset(facts[:figures]), frozenset(facts[figures:]))
    in_order = np.frombuffer(packed, np.uint8, offset=words)
    return Text(in_order, _grams(in_order, n), n, kept)


@dataclass(frozen=True, slots=True)
class Signature:
    length: int  # words
    body_key: int | None
    text: Text
    anchors: Anchors


def sign(texts: Sequence[str]) -> list[Signature]:
    """The signatures of body texts. An empty text has no key and no n-grams."""
    words = words_of(texts)
    return [one for start in range(0, len(words), _AT_ONCE) for one in _signed(words[start : start + _AT_ONCE])]


def _signed(texts: Sequence[Words]) -> Iterator[Signature]:
    """Of several texts, since arithmetic on all their words at once is cheaper than on each."""
    together = np.concatenate([words.folded for words in texts])
    in_all = _hashed(together, WORDS_PER_GRAM)
    facts = _facts(texts, together, in_all)
    start = 0
    for words, of_one in zip(texts, facts, strict=True):
        end, n = start + len(words.folded), words.n
        one = in_all.of(start, end, n) if n == WORDS_PER_GRAM else _hashed(words.folded, n).of(0, end - start, n)
        key = _key(words.folded.tobytes()) if end > start else None
        text = Text(one.words, one.grams, n, of_one)
        yield Signature(words.length, key, text, _anchors(one.strong))
        start = end


@dataclass(frozen=True, slots=True)
class _Hashed:
    """Words in a row: a byte and two bytes of each, which are dates, and the n-grams that begin there."""

    words: NDArray[np.uint8]
    short: NDArray[np.uint16]
    dates: NDArray[np.bool_]
    grams: Grams
    strong: Anchors

    def of(self, start: int, end: int, n: int) -> "_Hashed":
        """The part that is one text, up to MAX_WORDS."""
        end = min(end, start + MAX_WORDS)
        last = max(end - n + 1, start)
        return _Hashed(
            self.words[start:end],
            self.short[start:end],
            self.dates[start:end],
            self.grams[start:last],
            self.strong[start:last],
        )


def _hashed(folded: Hashes, n: int) -> _Hashed:
    stirred = mixed(folded)
    words = (stirred >> np.uint64(56)).astype(np.uint8)
    short = (stirred >> np.uint64(32)).astype(np.uint16)
    return _Hashed(words, short, _among(folded, _dates()), _grams(words, n), _strong(folded, n))


def text_key(signature: Signature, headline: str | None, short: int) -> int | None:
    """Equal for equal texts. Under `short` words the headline has to be equal too; None if that says too little."""
    if signature.length >= short:
        return signature.body_key
    title = headline_key(headline)
    if title is None or len(title.split()) + signature.length < 4:
        return None
    return _key(f"short\n{title}\n{signature.body_key or ''}".encode("utf-8", "surrogatepass"))


def headline_key(headline: str | None) -> str | None:
    return " ".join(words_in(headline or "")).casefold() or None


def title_of(headline: str | None) -> frozenset[int]:
    """The telling words of a headline without the marks of its version, two bytes each; all if none tells much."""
    words = [word.casefold() for word in words_in(plain_headline(headline or ""))]
    telling = [word for word in words if len(word) > 3 or word.isdigit()] or words
    return frozenset([crc32(word.encode("utf-8", "surrogatepass")) & 0xFFFF for word in telling])


def url_key(url: str | None) -> int | None:
    """A hash of the canonical URL, without its scheme. None for a site's front page: feeds link it for any item."""
    canonical = canonical_url(url)
    if canonical is None:
        return None
    parts = urlsplit(canonical)
    if parts.path in ("", "/") and not parts.query and not parts.fragment:
        return None
    return _key(canonical.partition("://")[2].rstrip("/").encode("utf-8", "surrogatepass"))


def _key(text: bytes) -> int:
    """63 bits of a cryptographic hash and a sign, as databases keep them."""
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big", signed=True)


def _strong(folded: Hashes, n: int) -> Anchors:
    """Hashes of n-grams that other n-grams do not share, as those made of a byte a word do."""
    count = max(len(folded) - n + 1, 0)
    sums = np.zeros(count, np.uint64)
    for i in range(n):
        sums += folded[i : i + count] * _WIDE[i]  # wraps at 64 bits
    return (mixed(sums) >> np.uint64(32)).astype(np.uint32).view(np.int32)


def _anchors(grams: Anchors) -> Anchors:
    """The smallest hashes of n-grams of the text and of its opening: a sample that texts with common passages share."""
    of_all = _smallest(grams, min(MAX_ANCHORS, max(MIN_ANCHORS, len(grams) // ANCHOR_EVERY)))
    of_opening = _smallest(grams[:OPENING], OPENING_ANCHORS)
    return np.array(sorted({*of_all, *of_opening, *_smallest(grams[:LEAD], LEAD_ANCHORS)}), np.int32)


def _smallest(grams: Anchors, count: int) -> list[int]:
    """A few of the smallest; fewer if one is there twice."""
    few: list[int] = (grams if len(grams) <= count else np.partition(grams, count)[:count]).tolist()
    return few


def _facts(texts: Sequence[Words], folded: Hashes, hashed: _Hashed) -> Iterator[Facts]:
    """Of several texts, whose folded words are in a row in `folded`."""
    lengths = np.array([len(words.folded) for words in texts])
    ends = np.cumsum(lengths)
    starts = ends - lengths
    ends = np.minimum(ends, starts + MAX_WORDS)
    capital = np.concatenate([words.cased for words in texts]) != folded
    # A sentence's first word is no name if its text has it in lower case as well. A word of another text is another
    # (mixed, as one letter more in a polynomial may be what one text more adds).
    owned = mixed(folded) + np.repeat(np.arange(len(texts), dtype=np.uint64), lengths) * _WIDE[1]
    places = np.flatnonzero(capital & ~hashed.dates)
    places = places[~_among(owned.take(places), np.sort(owned[~capital]))]
    dates = np.flatnonzero(hashed.dates)
    figures = (mixed(np.concatenate([words.figures for words in texts])) >> np.uint64(32)).astype(np.uint16)
    counts = [len(words.figures) for words in texts]
    in_figures = np.split(figures, np.cumsum(counts)[:-1])
    for own, in_names, in_dates in zip(
        in_figures,
        _slices(hashed.short.take(places), places, starts, ends),
        _slices(hashed.short.take(dates), dates, starts, ends),
        strict=True,
    ):
        yield Facts(_first(own) | _first(in_dates), _first(in_names))


def _slices(
    values: NDArray[np.uint16], places: NDArray[np.intp], starts: NDArray[np.intp], ends: NDArray[np.intp]
) -> Iterator[NDArray[np.uint16]]:
    """The values whose places are from a start up to its end."""
    bounds = zip(places.searchsorted(starts).tolist(), places.searchsorted(ends).tolist(), strict=True)
    return (values[first:last] for first, last in bounds)


def _first(short: NDArray[np.uint16]) -> frozenset[int]:
    """Not more than MAX_FACTS, in reading order."""
    facts: list[int] = short.tolist()
    return frozenset(facts) if len(facts) <= MAX_FACTS else frozenset(list(dict.fromkeys(facts))[:MAX_FACTS])


def _among(hashes: Hashes, ordered: Hashes) -> NDArray[np.bool_]:
    if not len(ordered):
        return np.zeros(len(hashes), np.bool_)
    found: NDArray[np.bool_] = ordered.take(ordered.searchsorted(hashes), mode="clip") == hashes
    return found


@lru_cache(maxsize=1)
def _dates() -> Hashes:
    return np.sort(words_of([_DATES])[0].folded)
