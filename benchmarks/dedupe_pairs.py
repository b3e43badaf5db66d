"""How well and how fast stories are put together: precision and recall of pairs on invented, republished copy.

    python -m benchmarks dedupe_pairs [--quick]
    python -m benchmarks.dedupe_pairs [--stories 600] [--seed 1]      every kind of text in turn

The texts are those of benchmarks/dedupe_mix.py. Baseline: MinHash of word 4-grams, 128 permutations, pairs of Jaccard
0.5 or more, connected components; and datasketch and rensa with the same figures, where they are installed.
"""

import argparse
import itertools
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks import Figure, cpu_s
from benchmarks.dedupe_mix import Text, invented, mix
from ingest.dedupe import MemoryIndex, article_from_partial, resolve
from ingest.dedupe.signature import sign
from ingest.model import Article

START = datetime(2024, 3, 4, tzinfo=UTC)


def corpus(stories: int, seed: int) -> list[Text]:
    made = invented(stories + stories // 4 + 5, seed)
    return mix(made[:stories], made[stories:], seed)


def articles_of(texts: Sequence[Text]) -> list[Article]:
    return [
        article_from_partial(
            {
                "article_id": f"{i:032x}",
                "source_id": f"paper-{i % 40}",
                "headline": text.headline,
                "body_text": "\n\n".join(text.paragraphs),
                "published": (START + timedelta(hours=text.hours)).isoformat(),
            }
        )
        for i, text in enumerate(texts)
    ]


def minhash_stories(articles: Sequence[Article], threshold: float = 0.5, bands: int = 32, rows: int = 4) -> list[int]:
    """The usual way: MinHash signatures, banded, pairs over the threshold, connected components."""
    rng = np.random.default_rng(0)
    a = rng.integers(1, 2**61, bands * rows, dtype=np.uint64) | np.uint64(1)
    b = rng.integers(0, 2**61, bands * rows, dtype=np.uint64)
    grams = [signature.text.grams.astype(np.uint64) for signature in sign([x.body_text for x in articles])]
    signatures = np.array([((one[:, None] * a + b) >> np.uint64(32)).min(0) for one in grams])
    parent = list(range(len(articles)))

    def root(i: int) -> int:
        while parent[i] != i:
            i = parent[i] = parent[parent[i]]
        return i

    for band in range(bands):
        buckets: dict[bytes, list[int]] = defaultdict(list)
        for i, row in enumerate(signatures[:, band * rows : (band + 1) * rows]):
            buckets[row.tobytes()].append(i)
        for bucket in buckets.values():
            for i, j in itertools.combinations(bucket, 2):
                if root(i) != root(j) and (signatures[i] == signatures[j]).mean() >= threshold:
                    parent[root(i)] = root(j)
    return [root(i) for i in range(len(articles))]


def rivals() -> Iterator[tuple[str, Callable[[Sequence[Article]], list[int]]]]:
    """Libraries that find near copies by MinHash, where they are installed: 128 permutations, Jaccard 0.5."""
    if find_spec("datasketch"):
        lib: Any = import_module("datasketch")

        def datasketch(articles: Sequence[Article]) -> list[int]:
            minhashes = lib.MinHash.bulk([[g.encode() for g in grams_of(a)] for a in articles], num_perm=128)
            return _joined(minhashes, lib.MinHashLSH(threshold=0.5, num_perm=128))

        yield "datasketch", datasketch
    if find_spec("rensa"):
        rust: Any = import_module("rensa")

        def rensa(articles: Sequence[Article]) -> list[int]:
            minhashes = [rust.RMinHash(num_perm=128, seed=1) for _ in articles]
            for minhash, article in zip(minhashes, articles, strict=True):
                minhash.update(grams_of(article))
            return _joined(minhashes, rust.RMinHashLSH(threshold=0.5, num_perm=128, num_bands=32))

        yield "rensa", rensa


def grams_of(article: Article) -> list[str]:
    words = article.body_text.casefold().split()
    return [" ".join(words[i : i + 4]) for i in range(max(len(words) - 3, 1))]


def _joined(minhashes: Sequence[Any], lsh: Any) -> list[int]:
    """Connected components of the pairs that an index of hashes finds and that are over its threshold."""
    story = list(range(len(minhashes)))
    for i, minhash in enumerate(minhashes):
        for j in lsh.query(minhash):
            if story[i] != story[j] and minhash.jaccard(minhashes[j]) >= 0.5:
                old, new = story[i], story[j]
                story = [new if one == old else one for one in story]
        lsh.insert(i, minhash)
    return story


def pair_scores(truth: Sequence[object], found: Sequence[object]) -> tuple[float, float, float]:
    def pairs(labels: Sequence[object]) -> int:
        return sum(n * (n - 1) // 2 for n in Counter(labels).values())

    both = pairs(list(zip(truth, found, strict=True)))
    precision, recall = both / max(pairs(found), 1), both / max(pairs(truth), 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def by_kind(texts: Sequence[Text], found: Sequence[object]) -> None:
    """Of every kind: how many are where their story's original is; how many share a story with a stranger."""
    home = {t.story: f for t, f in zip(texts, found, strict=True) if t.kind == "original"}
    strangers: dict[object, set[str]] = defaultdict(set)
    for text, story in zip(texts, found, strict=True):
        strangers[story].add(text.story)
    print(f"{'kind':14} {'n':>5} {'with original':>14} {'with a stranger':>16}")
    for kind in sorted({t.kind for t in texts}):
        mine = [(t, f) for t, f in zip(texts, found, strict=True) if t.kind == kind]
        joined = sum(home.get(t.story) == f for t, f in mine) / len(mine)
        mixed = sum(len(strangers[f]) > 1 for _, f in mine) / len(mine)
        print(f"{kind:14} {len(mine):5} {joined:14.3f} {mixed:16.3f}")


def figures(quick: bool) -> Iterator[Figure]:
    texts = corpus(20 if quick else 600, 1)
    articles, truth = articles_of(texts), [t.story for t in texts]
    ours: list[str | None] = []
    theirs: list[int] = []
    seconds = cpu_s(lambda: ours.extend(a.story_id for a in resolve(articles, MemoryIndex(), now=START).articles))
    rival_seconds = cpu_s(lambda: theirs.extend(minhash_stories(articles)))
    yield Figure("articles into stories", len(articles) / seconds, "articles/s")
    yield Figure("speed ÷ MinHash's", rival_seconds / seconds, "")
    for name, found in (("", ours), ("MinHash: ", theirs)):
        for what, value in zip(("precision", "recall", "F1"), pair_scores(truth, found), strict=True):
            yield Figure(f"{name}{what} of pairs", value, "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stories", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    texts = corpus(given.stories, given.seed)
    articles = articles_of(texts)
    truth = [t.story for t in texts]
    words = sum(len(a.body_text.split()) for a in articles) // len(articles)
    print(f"{len(articles)} articles of {words} words on average, {len(set(truth))} stories")
    start = time.process_time()
    resolution = resolve(articles, MemoryIndex(), now=START)
    seconds = time.process_time() - start
    ours = [a.story_id for a in resolution.articles]
    by_kind(texts, ours)
    told(truth, "ours", ours, len(articles) / seconds)
    for name, stories_of in (("minhash", minhash_stories), *rivals()):
        found: list[int] = []
        took = cpu_s(lambda found=found, stories_of=stories_of: found.extend(stories_of(articles)))  # type: ignore[misc]
        told(truth, name, found, len(articles) / took)


def told(truth: Sequence[object], name: str, found: Sequence[object], rate: float) -> None:
    precision, recall, f1 = pair_scores(truth, found)
    print(f"{name:10} precision {precision:.4f}  recall {recall:.4f}  F1 {f1:.4f}  {rate:,.0f} articles/s of a core")


if __name__ == "__main__":
    main()
