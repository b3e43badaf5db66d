"""Which leaves of a page are its story: a small network on what is measured of each, and how sure it is.

One hidden layer, the mean of a few networks trained apart; learned by benchmarks/train_body.py from pages that people
have read. The weights lie beside this file.
"""

import json
from base64 import b64decode
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ingest.extract.facts import Facts
from ingest.extract.features import Floats, Frame, features
from ingest.extract.kinds import leads_elsewhere
from ingest.extract.page import Leaf, Page

WEIGHTS = Path(__file__).parent / "weights.json"
CLIP = 4.0  # standard deviations
_FLOOR = 5  # characters that the shortest leaf counts for
_ITEM = 10
_CELL = 400  # characters; a table with more in a cell is a layout
_ROWS = 8  # multiplied at once; from a few more on, BLAS wakes threads, which cost more than they gain here
_EVEN = 0.3  # log odds; what is wrongly kept costs a little more than what is wrongly lost
_AMID = -0.7  # log odds
_NO_STORY = ("figure", "figcaption")  # captions are kept with their pictures, apart from the text


class Weights(NamedTuple):
    version: str
    mean: Floats
    scale: Floats
    hidden: Floats
    hidden_bias: Floats
    out: Floats
    out_bias: Floats


@dataclass(frozen=True, eq=False)
class Choice:
    """Of each leaf of a page the chance that it is in the story, as log odds."""

    odds: Floats
    size: Floats

    @property
    def chance(self) -> Floats:
        return np.asarray(1 / (1 + np.exp(-self.odds.clip(-20, 20))), np.float32)

    @property
    def unsure(self) -> float:
        """Characters expected to be wrong, either way, for each that is chosen."""
        chance, size = self.chance, self.size + _FLOOR
        chosen = float((chance * size)[chance > 0.5].sum())
        return float((np.minimum(chance, 1 - chance) * size).sum()) / (chosen + 100)

    def with_votes(self, votes: Floats, weight: float) -> "Choice":
        """`votes` are 1 for, 0 against."""
        return Choice(self.odds + weight * (2 * votes - 1), self.size)


def choose(page: Page, facts: Facts) -> Choice:
    frame = Frame(page, facts)
    odds = score(features(frame), weights()) if frame.n else np.zeros(0, np.float32)
    figures = np.array([tag in _NO_STORY for tag in page.tags])
    for level in frame.levels:
        odds = np.where(figures[level], -20, odds)
    return Choice(odds.astype(np.float32), frame.size)


def story(page: Page, choice: Choice) -> tuple[list[Leaf], list[Leaf]]:
    """The leaves to keep, lists whole or not at all, and those among them that lead elsewhere: "Read also: …"."""
    odds = choice.odds.copy()
    for element in (element for element, tag in enumerate(page.tags) if tag in _IS_WHOLE):
        inside, is_whole = slice(page.first[element], page.last[element]), _IS_WHOLE[page.tags[element]]
        if inside.start < inside.stop and is_whole(page, odds, choice.size, inside):
            odds[inside] = np.maximum(odds[inside], 2 * _EVEN)
    chosen = np.flatnonzero(odds > _EVEN)
    first, last = (int(chosen[0]), int(chosen[-1])) if len(chosen) else (0, -1)
    elsewhere = [leaf for leaf in page.leaves[first : last + 1] if _leads_elsewhere(leaf)]
    return [page.leaves[at] for at in chosen if page.leaves[at] not in elsewhere], elsewhere


def _leads_elsewhere(leaf: Leaf) -> bool:
    return leads_elsewhere(leaf.text, leaf.link_share) and "pre" not in leaf.tags  # code may begin with ">>>"


def _is_chosen_list(page: Page, odds: Floats, size: Floats, inside: slice) -> bool:
    """Most of it is chosen."""
    weight = size[inside] + _ITEM
    return bool(weight[odds[inside] > _EVEN].sum() > weight.sum() / 2)


def _is_table_amid(page: Page, odds: Floats, size: Floats, inside: slice) -> bool:
    """It is one of data, and the story goes on before and behind it."""
    if size[inside].max() >= _CELL or inside.start == 0 or inside.stop == len(odds):
        return False
    linked = sum(leaf.linked for leaf in page.leaves[inside])
    return bool(min(odds[inside.start - 1], odds[inside.stop]) > _AMID and linked < size[inside].sum() / 2)


_IS_WHOLE = {"ul": _is_chosen_list, "ol": _is_chosen_list, "table": _is_table_amid}


def score(rows: Floats, by: Weights) -> Floats:
    """Log odds of each row."""
    scaled = ((rows - by.mean) / by.scale).clip(-CLIP, CLIP)
    parts = (scaled[at : at + _ROWS] @ by.hidden for at in range(0, len(scaled), _ROWS))
    odds: Floats = np.maximum(np.concatenate([*parts]) + by.hidden_bias, 0) @ by.out + by.out_bias
    return odds


@cache
def weights() -> Weights:
    told = json.loads(WEIGHTS.read_text("utf-8"))
    arrays = (_array(told[name], told["columns"]) for name in Weights._fields[1:])
    return Weights(told["version"], *arrays)


def _array(text: str, columns: int) -> Floats:
    flat = np.frombuffer(b64decode(text), np.float16).astype(np.float32)
    return flat.reshape(columns, -1) if len(flat) > columns and len(flat) % columns == 0 else flat
