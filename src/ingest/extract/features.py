"""What is measured of each leaf, for the model that chooses: one row a leaf, numbers in columns.

Nothing depends on one language: sizes, marks, tags, what stands around. The words of class names and of lines come by
kind, so that what is learned from one language holds for the others.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from re import compile as pattern
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.extract.facts import Facts
from ingest.extract.kinds import SHORT, class_bits, line_bits, names
from ingest.extract.page import Page
from ingest.extract.text import squeeze

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
LEVELS = 5  # elements around a leaf whose contents are measured, its owner first
_WINDOW = 3
_LONGEST_TAG = 400  # characters
_FEW = 30  # leaves; what is farther away is far
_MARK, _COMMA, _DIGIT, _WIDE = range(4)
_SORTS = (r"[.!?。！？؟।…]", r"[,;،、，；]", r"\d", r"[\u0e00-\u0e7f\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_LAST_CODE = 0xFFFF  # characters beyond are of no sort
_FIRST = pattern(r"\s{0,200}<\w+( [^>]{1,400})>")
_ENDS = tuple('.!?。！？؟।…"”»“」』)）')
_COLONS = (":", "：")
_TAGS = (
    "p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "td", "th", "blockquote", "figcaption", "dd", "dt", "pre",
    "section", "article", "body",
)  # fmt: skip
_AROUND = (
    "article", "main", "nav", "aside", "footer", "header", "form", "table", "ul", "ol", "section", "figure",
    "blockquote", "dl", "details", "h1", "h2", "h3",
)  # fmt: skip
_TAG_AT = {tag: n for n, tag in enumerate(_TAGS)}
_AROUND_BIT = {tag: 1 << n for n, tag in enumerate(_AROUND)}
_IS_HEADING = np.array([tag[0] == "h" for tag in (*_TAGS, "other")])


@dataclass(eq=False)
class Frame:
    """A page's leaves and elements as arrays."""

    page: Page
    facts: Facts

    def __post_init__(self) -> None:
        leaves, page = self.page.leaves, self.page
        self.n = len(leaves)
        self.at = np.arange(self.n, dtype=np.float32)
        self.texts = [leaf.text for leaf in leaves]
        self.parents, self.first, self.last = np.array(page.parents), np.array(page.first), np.array(page.last)
        self.owner = np.array([leaf.owner for leaf in leaves], np.int64)
        self.length = np.array([*map(len, self.texts)], np.float32)
        self.counts = _counts(self.texts)
        self.size = self.length + self.counts[_WIDE]
        self.linked = np.array([leaf.linked for leaf in leaves], np.float32) / np.maximum(self.length, 1)
        self.levels = [self.owner]
        for _ in range(LEVELS - 1):
            self.levels.append(self.parents[self.levels[-1]])

    @property
    def marks(self) -> Floats:
        marks: Floats = self.counts[_MARK]
        return marks

    @cached_property
    def head(self) -> str:
        return squeeze(self.facts.headline or "")

    @cached_property
    def starts(self) -> list[str]:
        """The first letters of each text that is long enough to be told by them."""
        least = min(15, len(self.head) - 5) if self.head else 15
        return [squeeze(text[:80])[:40] if len(text) > least else "" for text in self.texts]

    @cached_property
    def ends(self) -> Floats:
        return np.array([text.endswith(_ENDS) for text in self.texts], np.float32)

    @cached_property
    def prose(self) -> Floats:
        """Characters in what looks like a paragraph, by leaf."""
        like = (self.marks > 0) & (self.size > 60) & (self.linked < 0.4)
        return np.where(like, self.size, np.float32(0))

    @cached_property
    def tags(self) -> Ints:
        tags: Ints = np.array([_TAG_AT.get(tag, len(_TAGS)) for tag in self.page.tags], np.int64)
        return tags

    def inside(self, *columns: NDArray[Any]) -> Floats:
        """Sums of columns over the leaves inside each element, one row a column."""
        total = np.zeros((len(columns), self.n + 1))
        np.cumsum(np.stack(columns), axis=1, out=total[:, 1:])
        sums: Floats = (total[:, self.last] - total[:, self.first]).astype(np.float32)
        return sums

    def since(self, flags: Floats) -> Floats:
        """Of each column, the leaves since the last flagged one before, log, at most _FEW."""
        at = self.at[:, None]
        seen = np.maximum.accumulate(np.where(flags > 0, at, -_FEW), axis=0) if self.n else at
        before = np.concatenate((np.full((1, flags.shape[1]), -_FEW), seen[:-1]))
        distances: Floats = np.log1p(np.minimum(at - before, _FEW)).astype(np.float32)
        return distances


def features(frame: Frame) -> Floats:
    columns = np.stack([*_text(frame), *_told(frame), *_place(frame)], 1).astype(np.float32)
    return np.concatenate([columns, *_insides(frame), *_window(frame), *_kinds(frame), *_owners(frame)], 1)


@cache
def _sorts() -> NDArray[np.uint8]:
    """Of each code the sorts that it is of, as bits."""
    codes = "".join(map(chr, range(_LAST_CODE)))
    table = np.zeros(_LAST_CODE + 1, np.uint8)
    for n, sort in enumerate(_SORTS):
        table[[found.start() for found in pattern(sort).finditer(codes)]] |= 1 << n
    return table


def _counts(texts: Sequence[str]) -> Floats:
    """Of each sort of characters, how many are in each text; all texts are counted at once."""
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    bits = _sorts()[np.minimum(codes, _LAST_CODE)]
    of_any = np.flatnonzero(bits)
    ends, kinds = np.cumsum([*map(len, texts)]), 1 << len(_SORTS)
    text = np.searchsorted(ends, of_any, side="right")
    counts = np.bincount(text * kinds + bits[of_any], minlength=len(texts) * kinds).reshape(-1, kinds)
    return (counts @ _bits(np.arange(kinds), len(_SORTS))).astype(np.float32).T


def _text(frame: Frame) -> list[Floats]:
    texts, size, length, commas = frame.texts, frame.size, frame.length, frame.counts[_COMMA]
    digits = frame.counts[_DIGIT] / np.maximum(length, 1) * (length < SHORT)
    count = Counter(texts)
    return [
        np.log1p(size),
        np.log1p(frame.marks),
        np.log1p(commas),
        frame.marks / (size + 20) * 20,
        commas / (size + 20) * 20,
        frame.linked,
        frame.ends,
        np.array([text.endswith(_COLONS) for text in texts]),
        np.array([text[:1].islower() for text in texts]),
        digits,
        np.log1p([min(count[text], 5) for text in texts]),
        size == 0,
    ]


def _told(frame: Frame) -> list[Floats]:
    """Agreement with what the page says of itself."""
    facts, n = frame.facts, frame.n
    head, starts = frame.head, frame.starts
    told, body = squeeze(facts.summary or ""), squeeze(facts.body or "")
    return [
        np.array([key != "" and head.startswith(key) and len(key) > len(head[:40]) - 5 for key in starts]),
        np.array([len(key) > 20 and key in told for key in starts]),
        np.array([len(key) > 15 and key in body for key in starts]),
        np.full(n, len(body) > 200),
        np.full(n, facts.is_article),
    ]


def _place(frame: Frame) -> list[Floats]:
    n, at, size, prose = frame.n, frame.at, frame.size, frame.prose
    total, paragraphs = float(size.sum()) + 1, float(prose.sum()) + 1
    title = _title(frame)
    depths = [0]
    for parent in frame.page.parents[1:]:
        depths.append(depths[parent] + 1)
    return [
        at / max(n, 1),
        np.cumsum(size) / total,
        np.cumsum(prose) / paragraphs,
        np.array(depths, np.float32)[frame.owner] / 10,
        (at > title) & (title >= 0),
        np.log1p(np.abs(at - title)) * (title >= 0),
        np.full(n, title >= 0),
        np.full(n, np.log1p(paragraphs)),
        np.full(n, np.log1p(n)),
        np.full(n, paragraphs / total),
    ]


def _title(frame: Frame) -> int:
    """The leaf that is the headline: the last that says it, or the first <h1>; -1 for none."""
    near = (at for at, start in enumerate(frame.starts) if start and frame.head.startswith(start))
    same = [at for at in near if frame.page.leaves[at].key == frame.head]
    first = np.flatnonzero((frame.tags[frame.owner] == _TAG_AT["h1"]) & (frame.size > 0))
    return same[-1] if same else int(first[0]) if len(first) else -1


def _insides(frame: Frame) -> list[Floats]:
    """What is in the elements around a leaf."""
    size, prose, alike = frame.size, frame.prose, _alike(frame.page)
    chars, links, paragraphs, count, several, ended = frame.inside(
        size, size * frame.linked, prose, np.ones(frame.n), prose > 0, frame.ends * size
    )
    logs = np.log1p((chars, paragraphs, several, alike, count))
    columns = [
        logs[0],
        links / (chars + 1),
        logs[1],
        paragraphs / (paragraphs[0] + 1),
        paragraphs / (chars + 1),
        logs[2],
        chars / (count + 1) / 50,
        logs[3],
        logs[4],
        ended / (chars + 1),
    ]
    table = np.stack(columns, 1).astype(np.float32)
    return [table[level] for level in frame.levels]


def _alike(page: Page) -> Floats:
    """Of each element, how many children of its parent have its tag and attributes."""
    marks = list(zip(page.parents, page.tags, page.attrs, strict=True))
    count = Counter(marks)
    return np.array([count[mark] for mark in marks], np.float32)


def _window(frame: Frame) -> list[Floats]:
    """The leaves before and after."""
    heading = _IS_HEADING[frame.tags[frame.owner]]
    columns = np.log1p(frame.size), frame.linked, frame.ends, np.log1p(frame.prose), heading, frame.levels[1]
    table = np.stack(columns, 1).astype(np.float32)
    around = np.full((frame.n + 2 * _WINDOW, len(columns)), -1, np.float32)
    around[_WINDOW : _WINDOW + frame.n] = table
    moved = np.stack([around[by : by + frame.n] for by in range(2 * _WINDOW + 1) if by != _WINDOW])
    moved[:, :, -1] = moved[:, :, -1] == table[:, -1]
    return [*moved]


def _kinds(frame: Frame) -> list[Floats]:
    """Kinds of the classes around, near and far, and of lines, here and before."""
    page, (classes, lines) = frame.page, (len(kinds) for kinds in names())
    own = np.array([class_bits(attrs) if attrs else 0 for attrs in page.attrs], np.int64)
    first = np.array([_inline_bits(page.html, leaf.start) for leaf in page.leaves], np.int64)
    levels = [own[level] for level in frame.levels]
    said = np.array([line_bits(text) if 0 < len(text) < SHORT else 0 for text in frame.texts], np.int64)
    here = _bits(said, lines)
    kinds = (levels[0] | first, levels[1], levels[2] | levels[3] | levels[4])
    return [here, frame.since(here), *(_bits(bits, classes) for bits in kinds)]


def _inline_bits(html: str, start: int) -> int:
    first = _FIRST.match(html, start, start + _LONGEST_TAG)
    return class_bits(first[1]) if first else 0


def _owners(frame: Frame) -> list[Floats]:
    around = [0] * len(frame.page.tags)
    for element, parent in enumerate(frame.page.parents):
        around[element] = around[parent] | _AROUND_BIT.get(frame.page.tags[element], 0)
    one_hot = np.eye(len(_TAGS) + 1, dtype=np.float32)
    above = np.array(around, np.int64)[frame.owner]
    return [one_hot[frame.tags[frame.levels[0]]], one_hot[frame.tags[frame.levels[1]]], _bits(above, len(_AROUND))]


def _bits(values: Ints, count: int) -> Floats:
    return ((values[:, None] >> np.arange(count)) & 1).astype(np.float32)
