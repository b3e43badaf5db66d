"""Fit the weights of `ingest.dedupe.likeness` and print them as its weights.toml.

    python -m benchmarks.dedupe_weights > src/ingest/dedupe/weights.toml

Recipe: the invented mixes of SEEDS (benchmarks/dedupe_mix.py), 400 stories each. Every article is paired with what the
anchors find among earlier texts that may found a story; a pair is positive if both are of one story. Logistic
regression with an L2 penalty on standardised features, by Newton's method. The threshold is the same for all: a pair
under it founds a story of its own, and a false merge is worse than a missed one.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks.dedupe_mix import FORMS, Text
from benchmarks.dedupe_pairs import START, articles_of, corpus
from ingest.dedupe.index import MemoryIndex, order
from ingest.dedupe.likeness import features
from ingest.dedupe.placing import placed
from ingest.dedupe.score import Matcher, Score

SEEDS = (1, 2, 5, 7)
ALIKE = {"follow-up", "quoting", "round-up", "hourly", *FORMS}
FOUNDING = {"original", "grown", "new top", "reworked", "localised", *ALIKE}
LEAST = 8  # shared n-grams that a pair must have
PENALTY = 1.0
THRESHOLD = 0.8

Numbers = NDArray[np.float64]


def pairs(texts: list[Text]) -> Iterator[tuple[Score, bool]]:
    """Every text with every candidate before it, and whether they are one story."""
    members = [p.member for p in placed(articles_of(texts), START)]
    of = {member.article_id: text for member, text in zip(members, texts, strict=True)}
    index = MemoryIndex(member for member in members if of[member.article_id].kind in FOUNDING)
    matcher = Matcher()
    for member in members:
        for other in index.near(member):
            score = matcher.compare(member, other)
            if order(other) < order(member) and score.shared >= LEAST:
                yield score, of[member.article_id].story == of[other.article_id].story


def fit(values: Numbers, same: Numbers) -> tuple[float, Numbers]:
    """Bias and weights of the features as they are."""
    mean, spread = values.mean(0), values.std(0) + 1e-9
    scaled = np.column_stack([np.ones(len(values)), (values - mean) / spread])
    penalty = PENALTY * np.diag([0.0, *np.ones(values.shape[1])])
    weights = np.zeros(scaled.shape[1])
    for _ in range(30):
        likely = 1 / (1 + np.exp(-scaled @ weights))
        slope = scaled.T @ (likely - same) + penalty @ weights
        curve = (scaled.T * (likely * (1 - likely))) @ scaled + penalty
        weights -= np.linalg.solve(curve + 1e-6 * np.eye(len(curve)), slope)
    return float(weights[0] - (weights[1:] / spread) @ mean), weights[1:] / spread


def main() -> None:
    told = [(features(score), same) for seed in SEEDS for score, same in pairs(corpus(400, seed))]
    names = list(told[0][0])
    values = np.array([list(one.values()) for one, _ in told])
    bias, weights = fit(values, np.array([float(same) for _, same in told]))
    print(f"# By benchmarks/dedupe_weights.py, from {len(told):,} pairs.\nthreshold = {THRESHOLD}\nbias = {bias:.3f}\n")
    print("[weights]")
    for name, weight in zip(names, weights.tolist(), strict=True):
        print(f"{name} = {weight:.3f}")


if __name__ == "__main__":
    main()
