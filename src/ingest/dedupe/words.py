"""Texts as hashes of their words, many at a time: all hashing is arithmetic on whole buffers.

The hash of a word is a polynomial of its bytes, Σ byte·P^k modulo 2**64: the same on every machine and in every
process, and the sum over a buffer gives those of all its words at once.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]

WORDS_PER_GRAM = 4
CHARACTERS_PER_GRAM = 6  # where the script puts no spaces between words (Chinese, Japanese, Thai …)
MAX_CHARACTERS = 500_000  # of a longer text only the beginning is looked at

_DENSE_SCRIPTS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f"
)
_DENSE = re.compile(f"[{_DENSE_SCRIPTS}]")
_WORD = re.compile(r"\w+")
_WORD_OR_CHARACTER = re.compile(rf"[{_DENSE_SCRIPTS}]|[^\W{_DENSE_SCRIPTS}]+")
_FOREIGN = re.compile(r"[^\x00-\x7f]")
# House styles differ in these; without it every percentage would break four n-grams of an edited copy.
_STYLES = (("U.S.", "US"), ("U.N.", "UN"), ("U.K.", "UK"), ("E.U.", "EU"), ("per cent", "percent"), ("%", " percent"))
_OURS = dict(_STYLES)
_STYLED = re.compile("|".join(re.escape(style) for style in _OURS))

_BASE = 0x9E3779B97F4A7C15
_INVERSE = pow(_BASE, -1, 1 << 64)
_BUFFER = 200_000  # bytes hashed at once: their sums still fit a core's cache
_LETTERS = bytes(c if chr(c).isalnum() or c == ord("_") or c > 127 else 0 for c in range(256))
_SPACED = bytes(c or ord(" ") for c in _LETTERS)
_NOT_DENSE = bytes(c for c in range(256) if not (0xE0 <= c <= 0xF0) or c == 0xE2)  # “ ” – are E2
_FEW = 24
_DIGIT = np.array([chr(c).isdigit() and c < 128 for c in range(256)])
_POINT = np.array([chr(c) in ".," for c in range(256)])


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """The words of one text in reading order, and of its figures ("1,200.50" is one) each. `n` words make an n-gram."""

    cased: Hashes
    folded: Hashes
    figures: Hashes
    n: int
    length: int  # in words, also where the script has no spaces


@dataclass(frozen=True, slots=True)
class _Text:
    cased: bytes
    folded: bytes
    n: int
    dense: int  # characters of scripts without spaces


def words_of(texts: Sequence[str]) -> list[Words]:
    """The words of every text, in the order given."""
    return [words for some in _buffers(map(_prepared, texts)) for words in _hashed(some)]


def words_in(text: str) -> list[str]:
    """The words themselves, without styles of a house; characters where the script has no spaces."""
    return _pattern(text).findall(plain(text))


def spans_of(text: str, runs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Where in a text that went through `plain` runs of words are, each by the numbers of its first and last word."""
    if _is_dense(text):
        last = max((last for _, last in runs), default=-1)
        spans = [match.span() for match in islice(_WORD_OR_CHARACTER.finditer(text), last + 1)]
        return [(spans[first][0], spans[last][1]) for first, last in runs]
    spaced = _without_signs(text).encode("utf-8", "surrogatepass").translate(_SPACED)

    def from_word(number: int) -> bytes:
        return spaced.split(None, number)[-1]

    def before(rest: bytes) -> int:
        return len(text) - _characters(rest)

    ends = [from_word(last) for _, last in runs]
    lengths = [_characters(end.split(None, 1)[0]) for end in ends]
    starts = [before(from_word(first)) for first, _ in runs]
    return [(start, before(end) + length) for start, end, length in zip(starts, ends, lengths, strict=True)]


def _characters(encoded: bytes) -> int:
    return len(encoded.decode("utf-8", "surrogatepass"))


def composed(text: str) -> str:
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def plain(text: str) -> str:
    """The text with its letters composed and without the styles of a house."""
    if not text.isascii():
        text = composed(text)
    for style, ours in _STYLES:
        text = text.replace(style, ours)
    return text


def origin(text: str, offset: int) -> int:
    """Where the character at `offset` of `plain(text)` is in the composed text."""
    grown = start = 0
    for match in _STYLED.finditer(text):
        if match.start() + grown >= offset:
            break
        start = match.start()
        grown += len(_OURS[match[0]]) - len(match[0])
    return max(offset - grown, start)


def mixed(hashes: Hashes) -> Hashes:
    """Hashes whose high bits depend on all bits."""
    stirred = hashes ^ (hashes >> np.uint64(33))
    stirred *= np.uint64(0xC4CEB9FE1A85EC53)
    return stirred


def _pattern(text: str) -> re.Pattern[str]:
    return _WORD_OR_CHARACTER if _is_dense(text) else _WORD


def _is_dense(text: str) -> bool:
    """True if there is a character of a script without spaces. Their first bytes tell at once that there is none."""
    if text.isascii() or not text.encode("utf-8", "surrogatepass").translate(None, _NOT_DENSE):
        return False
    return _DENSE.search(text) is not None


def _prepared(text: str) -> _Text:
    text = plain(text[:MAX_CHARACTERS])
    if text.isascii():
        encoded = text.encode()
        return _Text(encoded, encoded.lower(), WORDS_PER_GRAM, 0)
    n, dense = WORDS_PER_GRAM, 0
    if _is_dense(text):
        tokens, dense = _WORD_OR_CHARACTER.findall(text), len(_DENSE.findall(text))
        n = CHARACTERS_PER_GRAM if dense * 2 > len(tokens) else WORDS_PER_GRAM
        text = " ".join(tokens)
    else:
        text = _without_signs(text)
    return _Text(text.encode("utf-8", "surrogatepass"), text.casefold().encode("utf-8", "surrogatepass"), n, dense)


def _without_signs(text: str) -> str:
    """A space for every character beyond ASCII that is in no word: “ ” ’ — and the like."""
    signs = [sign for sign in set(_FOREIGN.findall(text)) if not sign.isalnum()]
    if len(signs) > _FEW:
        return text.translate({ord(sign): " " for sign in signs})
    for sign in signs:
        text = text.replace(sign, " ")
    return text


def _buffers(texts: Iterator[_Text]) -> Iterator[list[_Text]]:
    some: list[_Text] = []
    size = 0
    for text in texts:
        some.append(text)
        size += len(text.cased)
        if size > _BUFFER:
            yield some
            some, size = [], 0
    if some:
        yield some


def _hashed(texts: Sequence[_Text]) -> Iterator[Words]:
    buffer = b" ".join([b"", *(text.cased for text in texts), b""])
    starts, sums = _sums(buffer)
    cased, (figures, firsts) = _hashes(sums, starts, len(buffer)), _figures(sums, starts, buffer)
    folded = _folded(texts)
    borders = starts.searchsorted(np.cumsum([len(text.cased) + 1 for text in texts]))
    begin = first = 0
    for text, end, last in zip(texts, borders.tolist(), firsts.searchsorted(borders).tolist(), strict=True):
        length = end - begin - text.dense + text.dense // 2  # two characters to a word, about
        yield Words(cased[begin:end], folded[begin:end], figures[first:last], text.n, length)
        begin, first = end, last


def _folded(texts: Sequence[_Text]) -> Hashes:
    buffer = b" ".join([b"", *(text.folded for text in texts), b""])
    starts, sums = _sums(buffer)
    return _hashes(sums, starts, len(buffer))


def _sums(buffer: bytes) -> tuple[NDArray[np.intp], Hashes]:
    """Where words start, and per word Σ byte·P^place; what is between words counts nothing."""
    letters = np.frombuffer(buffer.translate(_LETTERS), np.uint8)
    in_word = letters != 0
    starts = np.flatnonzero(in_word[1:] > in_word[:-1]) + 1
    if not len(starts):
        return starts, np.empty(0, np.uint64)
    terms = _powers(_BASE, _rounded(len(buffer)))[: len(buffer)] * letters
    return starts, np.add.reduceat(terms, starts)


def _hashes(sums: Hashes, starts: NDArray[np.intp], size: int) -> Hashes:
    """Sums as if each began at the beginning of the buffer."""
    return sums * _powers(_INVERSE, _rounded(size)).take(starts)


def _figures(sums: Hashes, starts: NDArray[np.intp], buffer: bytes) -> tuple[Hashes, NDArray[np.intp]]:
    """The hashes of the figures, and which words they begin with. A point between digits is inside a figure."""
    characters = np.frombuffer(buffer, np.uint8)
    numbers = np.flatnonzero(_DIGIT.take(characters.take(starts)))
    if not len(numbers):
        return np.empty(0, np.uint64), numbers
    before = starts.take(numbers) - 1
    goes_on = _POINT.take(characters.take(before)) & _DIGIT.take(characters.take(before - 1, mode="clip"))
    goes_on[1:] &= numbers[1:] == numbers[:-1] + 1
    goes_on[0] = False
    heads = np.flatnonzero(~goes_on)
    firsts = numbers.take(heads)
    return _hashes(np.add.reduceat(sums.take(numbers), heads), starts.take(firsts), len(buffer)), firsts


def _rounded(size: int) -> int:
    return max(1 << 18, 1 << (size - 1).bit_length())


@lru_cache(maxsize=4)
def _powers(base: int, size: int) -> Hashes:
    factors = np.full(size, base, np.uint64)
    factors[0] = 1
    return np.cumprod(factors, dtype=np.uint64)
