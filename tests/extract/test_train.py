"""The script that trains the weights: what people marked is found again among the leaves, and learned."""

import gzip
import json
from pathlib import Path

import numpy as np
from benchmarks.train_body import f1, sample, shares_right, train

PAGE = """<html><body><nav><a href=/>Home</a></nav><div class=main><h1>Ferry returns</h1>
<p class=lead>Grell waits no more.</p>
<p>The ferry to Grell sails again from Monday, the harbour office said.</p><div class=comments><p>At last!</p></div>
<p>Its engine was taken out in November. Nobody knew why.</p><div>Subscribe to our letter.</div></div></body></html>"""
ROW = {
    "file": "ferry.html.gz",
    "url": "https://echo.example/ferry",
    "blocks": [
        "Home",
        "Ferry returns",
        "Grell waits no more.",
        "The ferry to Grell sails again from Monday, the harbour office said.",
        "At last!",
        "Its engine was taken out in November. Nobody knew why.",
        "Subscribe to our letter.",
    ],
    "body": [[3, 3], [5, 5]],
    "optional": [[2, 2]],
}


def test_what_was_marked_is_found(tmp_path: Path) -> None:
    (tmp_path / "ferry.html.gz").write_bytes(gzip.compress(PAGE.encode()))
    made = sample(json.loads(json.dumps(ROW)), tmp_path)
    texts = [leaf.text for leaf in made.page.leaves]
    assert [text for text, gold in zip(texts, made.gold, strict=True) if gold] == [ROW["blocks"][3], ROW["blocks"][5]]
    assert made.weight[texts.index("Grell waits no more.")] == 0
    assert made.weight[texts.index("Subscribe to our letter.")] > 0


def test_training_is_the_same_each_time(tmp_path: Path) -> None:
    (tmp_path / "ferry.html.gz").write_bytes(gzip.compress(PAGE.encode()))
    samples = [sample(ROW, tmp_path)] * 200
    for first, second in zip(train(samples, 1)[1:], train(samples, 1)[1:], strict=True):
        assert np.array_equal(first, second)


def test_shares() -> None:
    assert f1(*shares_right("a b c d e", "a b c d e", "")) == 1
    assert f1(*shares_right("a b c d e x y z w", "a b c d e", "x y z w")) > 0.5
    assert f1(*shares_right("", "a b c d e", "")) == 0
