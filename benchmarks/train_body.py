"""Train the weights that choose a page's story (src/ingest/extract/weights.json), and say how good they are.

    python -m benchmarks.train_body PAGES GOLD [--check] [--nets 3]

PAGES is a folder of gzipped pages. GOLD has a JSON object a line, made by someone who has read the page:
    file        its name in PAGES
    url
    blocks      all of the page's texts in the page's order, one a block element
    body        ranges of blocks that are the story, inclusive: [[24, 40], [43, 44]]
    optional    ranges that may count as the story or not: a standfirst, an author's biography
--check: before, train on three quarters of the pages and measure on the rest, four times. Printed is the F1 of word
4-grams, each page weighing the same, optional text counting neither way. Nothing is random from run to run.
"""

import argparse
import gzip
import json
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from selectolax.lexbor import LexborHTMLParser

from ingest.extract import choose
from ingest.extract.decode import decode
from ingest.extract.features import Floats, Frame, features
from ingest.extract.metadata import read_metadata
from ingest.extract.page import Page, cut, read_page, strip_noise
from ingest.extract.text import squeeze

FOLDS = 4
HIDDEN, EPOCHS, BATCH, RATE, DECAY = 48, 12, 512, 2e-3, 1e-2
DROP_ROWS, DROP_HIDDEN = 0.3, 0.3  # many columns say the same; none of them must be needed
_WORD = re.compile(r"\w+")
_NO_SPACES = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff]")
_NEAR, _SHORT = 3_000, 40  # characters


@dataclass(eq=False)
class Sample:
    page: Page
    rows: Floats
    gold: Floats  # 1 for leaves of the story
    weight: Floats
    body: str
    optional: str


def sample(row: dict[str, Any], pages: Path) -> Sample:
    text = decode(gzip.decompress((pages / row["file"]).read_bytes()), row["url"]).text
    doc = LexborHTMLParser(text)
    metadata = read_metadata(doc, row["url"], "UTC")
    facts = replace(metadata.facts, headline=metadata.entry.headline)
    strip_noise(doc)
    page = read_page(doc)
    body, optional = _numbers(row["body"]), _numbers(row.get("optional") or [])
    shares = _shares(page, row["blocks"], body, optional - body)
    gold, either = (shares[:, 0] > 0.5).astype(np.float32), shares[:, 1] > 0.5
    figures = np.array(["figure" in leaf.tags or "figcaption" in leaf.tags for leaf in page.leaves], bool)
    sizes = np.array([len(leaf.key) for leaf in page.leaves], np.float32)
    weight = (sizes**0.8 + 3) * ~(either | figures)
    weight *= 300 / (weight[gold > 0].sum() + 0.3 * weight.sum() + 50)
    texts = ["\n".join(t for n, t in enumerate(row["blocks"]) if n in chosen) for chosen in (body, optional)]
    return Sample(page, features(Frame(page, facts)), gold, weight, *texts)


def _numbers(ranges: Sequence[Sequence[int]]) -> set[int]:
    return {n for first, last in ranges for n in range(first, last + 1)}


def _shares(page: Page, blocks: Sequence[str], body: set[int], optional: set[int]) -> Floats:
    """Of each leaf, how much is in the body and how much in the optional text. All leaves are looked for, in order."""
    keys = [squeeze(block) for block in blocks]
    whole = "".join(keys)
    kinds = np.repeat([2 if n in body else n in optional for n in range(len(keys))], [len(key) for key in keys])
    at, shares = 0, {}
    for leaf in cut(page.html, skip=False).leaves:
        near = whole.find(leaf.key, at, at + len(leaf.key) + _NEAR) if leaf.key else -1
        found = near if near >= 0 or len(leaf.key) < _SHORT else whole.find(leaf.key, at)
        if found >= 0:
            at = found + len(leaf.key)
            shares[leaf.start] = [(kinds[found:at] == kind).mean() for kind in (2, 1)]
    return np.array([shares.get(leaf.start, (0, 0)) for leaf in page.leaves], np.float32).reshape(-1, 2)


def train(samples: Sequence[Sample], nets: int) -> choose.Weights:
    """The mean of some networks is one network, as wide as all of them."""
    rows = np.concatenate([s.rows for s in samples])
    gold, weight = np.concatenate([s.gold for s in samples]), np.concatenate([s.weight for s in samples])
    mean, scale = rows.mean(0), np.maximum(rows.std(0), 0.1)
    scaled = ((rows - mean) / scale).clip(-choose.CLIP, choose.CLIP).astype(np.float32)
    trained = [_train_one(scaled, gold, weight / weight.mean(), seed) for seed in range(nets)]
    hidden, hidden_bias, out, out_bias = zip(*trained, strict=True)
    outs = (np.concatenate(out) / nets).astype(np.float32)
    return choose.Weights(
        "1", mean, scale, np.concatenate(hidden, 1), np.concatenate(hidden_bias), outs, np.mean(out_bias, 0)
    )


def _train_one(rows: Floats, gold: Floats, weight: Floats, seed: int) -> list[Floats]:
    """Adam with a cosine schedule on weighted cross entropy; decay of the matrices, dropout before and behind."""
    random = np.random.default_rng(seed)
    columns = rows.shape[1]
    sizes: list[tuple[int, ...]] = [(columns, HIDDEN), (HIDDEN,), (HIDDEN,), (1,)]
    spreads = columns**-0.5, 0, HIDDEN**-0.5, 0
    values = [random.normal(0, spread, size).astype(np.float32) for spread, size in zip(spreads, sizes, strict=True)]
    first: list[NDArray[Any]] = [np.zeros_like(v) for v in values]
    second: list[NDArray[Any]] = [np.zeros_like(v) for v in values]
    steps, step = EPOCHS * (len(rows) // BATCH), 0
    for _ in range(EPOCHS):
        order = random.permutation(len(rows))
        for start in range(0, len(rows) - BATCH + 1, BATCH):
            step += 1
            batch = order[start : start + BATCH]
            rate = RATE * 0.5 * (1 + np.cos(np.pi * step / steps))
            for n, slope in enumerate(_slopes(values, rows[batch], gold[batch], weight[batch], random)):
                first[n] = 0.9 * first[n] + 0.1 * slope
                second[n] = 0.999 * second[n] + 0.001 * slope * slope
                move = first[n] / (1 - 0.9**step) / (np.sqrt(second[n] / (1 - 0.999**step)) + 1e-8)
                values[n] -= (rate * (move + DECAY * values[n] * (n in (0, 2)))).astype(np.float32)
    return values


def _slopes(
    values: list[Floats], rows: Floats, gold: Floats, weight: Floats, random: np.random.Generator
) -> tuple[NDArray[Any], ...]:
    hidden, hidden_bias, out, out_bias = values
    rows = rows * _kept(rows.shape, DROP_ROWS, random)
    before = rows @ hidden + hidden_bias
    mask = _kept(before.shape, DROP_HIDDEN, random) * (before > 0)
    active = before * mask
    wrong = (1 / (1 + np.exp(-(active @ out + out_bias))) - gold) * weight / len(gold)
    back = np.outer(wrong, out) * mask
    return rows.T @ back, back.sum(0), active.T @ wrong, wrong.sum(keepdims=True)


def _kept(shape: tuple[int, ...], drop: float, random: np.random.Generator) -> Floats:
    return (random.random(shape, dtype=np.float32) > drop).astype(np.float32) / np.float32(1 - drop)


def grams(text: str) -> Counter[tuple[str, ...]]:
    words = [part for word in _WORD.findall(text) for part in (word if _NO_SPACES.match(word) else [word])]
    n = min(4, len(words)) or 1
    return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))


def shares_right(found: str, body: str, optional: str) -> NDArray[np.float64]:
    """Right, wrong and missing 4-grams, as shares of their sum."""
    told, gold, either = grams(found), grams(body), grams(f"{body}\n{optional}")
    counts = sum((told & gold).values()), sum((told - (gold | either)).values()), sum((gold - told).values())
    return np.array(counts) / (sum(counts) or 1)


def f1(right: float, wrong: float, missing: float) -> float:
    return 2 * right / (2 * right + wrong + missing)


def measure(samples: Sequence[Sample], by: choose.Weights) -> NDArray[np.float64]:
    total = np.zeros(3)
    for s in samples:
        leaves = [leaf for leaf, odds in zip(s.page.leaves, choose.score(s.rows, by), strict=True) if odds > 0]
        text = "\n".join(leaf.text for leaf in leaves if not {"figure", "figcaption"}.intersection(leaf.tags))
        total += shares_right(text, s.body, s.optional)
    return total


def check(samples: Sequence[Sample], nets: int) -> float:
    total = np.zeros(3)
    for fold in range(FOLDS):
        by = train([s for n, s in enumerate(samples) if n % FOLDS != fold], nets)
        total += measure(samples[fold::FOLDS], by)
    return f1(*total)


def save(by: choose.Weights) -> None:
    told: dict[str, object] = {"version": by.version, "columns": len(by.mean)}
    for name in choose.Weights._fields[1:]:
        told[name] = b64encode(np.ascontiguousarray(getattr(by, name), np.float16).tobytes()).decode()
    choose.WEIGHTS.write_text(json.dumps(told) + "\n", "utf-8")


def main() -> None:
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("pages", type=Path)
    args.add_argument("gold", type=Path)
    args.add_argument("--check", action="store_true")
    args.add_argument("--nets", type=int, default=3)
    given = args.parse_args()
    rows = [json.loads(line) for line in given.gold.read_text("utf-8").splitlines()]
    samples = [s for row in rows if row["body"] and (s := sample(row, given.pages)).gold.any()]
    if given.check:
        print(f"F1 on pages not trained on: {check(samples, given.nets):.4f} ({len(samples)} pages)")
    by = train(samples, given.nets)
    save(by)
    print(f"F1 on the pages trained on: {f1(*measure(samples, by)):.4f}")


if __name__ == "__main__":
    main()
