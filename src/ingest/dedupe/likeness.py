"""How likely two texts are one story: a logistic model of what `score` measures.

The weights, in weights.toml, are what benchmarks/dedupe_weights.py found on invented copy; it says how.
"""

import math
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from ingest.dedupe.score import Score

OWN_LEAD = 60  # n-grams of its own that a paper may put before what it took …
OWN_STORY = 180  # … and from here on it makes no more difference
SNIPPET = 12  # words: shared text in shorter pieces than this is like that between a form's blanks
NAMELESS = 0.8  # without names to compare (a script without capitals), snippets of less are a form's
FEW_FACTS = 8  # of fewer facts that differ, each says less
DAYS = 3


@dataclass(frozen=True, slots=True)
class Weights:
    threshold: float  # of likelihood
    bias: float
    of: dict[str, float]  # by the names of `features`


def likelihood(score: Score) -> float:
    """That they are one story, 0–1. `score.a` should be the later of the two."""
    if score.run < SNIPPET and not score.names and score.contained < NAMELESS:
        return 0.0
    weights = _weights()
    of, measured = weights.of, features(score)
    return 1 / (1 + math.exp(-weights.bias - sum([of[name] * value for name, value in measured.items()])))


def threshold() -> float:
    return _weights().threshold


def features(score: Score) -> dict[str, float]:
    """What the model weighs, each about 0–1 or a logarithm."""
    figures = score.figures_replaced * min(score.figures / FEW_FACTS, 1)
    return {
        "a_in_b": score.a_in_b,
        "b_in_a": score.b_in_a,
        "least": min(score.a_in_b, score.b_in_a),
        "over_half": max(0, score.contained - 0.5),
        "lead_a": score.lead_a,
        "lead_b": score.lead_b,
        "new_before": min(max(score.before - OWN_LEAD, 0) / (OWN_STORY - OWN_LEAD), 1),
        "old_lead": score.before_share * score.lead_b,
        "headline": score.headline,
        "run": math.log1p(score.run),
        "shared": math.log1p(score.shared),
        "figures": figures,
        "names": score.names_replaced * min(score.names / FEW_FACTS, 1),
        "form": figures * max(0, 1 - score.run / SNIPPET),
        "days": min(abs(score.hours or 0) / 24 / DAYS, 1),
    }


@lru_cache(maxsize=1)
def _weights() -> Weights:
    table = tomllib.loads(resources.files(__package__).joinpath("weights.toml").read_text())
    return Weights(table["threshold"], table["bias"], table["weights"])
