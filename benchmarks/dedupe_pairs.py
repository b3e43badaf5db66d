"""How well and how fast stories are put together: precision and recall of pairs on invented, republished copy.

    python -m benchmarks dedupe_pairs [--quick]
    python -m benchmarks.dedupe_pairs [--stories 600] [--seed 1]      every kind of text in turn

Every story is republished in the ways seen in the wild (cut, retitled, with a lead of the paper's own, promo lines,
edited, updated, excerpted); beside them stand texts that look alike and are other stories (earnings, matches and
weather told from one template, follow-ups that repeat background, round-ups, quotations). Baseline: MinHash of word
4-grams, 128 permutations, pairs of Jaccard 0.5 or more, connected components.
"""

import argparse
import itertools
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from benchmarks import Figure, cpu_s
from ingest.dedupe import MemoryIndex, article_from_partial, resolve
from ingest.dedupe.signature import sign
from ingest.model import Article

START = datetime(2024, 3, 4, tzinfo=UTC)


def listed(text: str, separator: str = " ") -> list[str]:
    return " ".join(text.split()).split(separator)


SYLLABLES = [
    c + v for c in listed("b br d dr f g gr k l m n p r s st t tr v w z") for v in listed("a e i o u an el or us")
]
GLUE = listed(
    """the a of to in and that for on with was as by at from it has its an but said which have be were their after more
    would who been had will about or over than up new into could when other out also while under between"""
)
PHRASES = [
    phrase.split()
    for phrase in listed(
        """according to people familiar with the matter|did not immediately respond to a request for comment|said in a
        statement on {day}|told reporters at a news conference|for the first time since the crisis|in the three
        months to the end of {month}|the ministry said in a statement|who declined to be named as talks are
        private|a spokesman for the company declined to comment|compared with the same period a year earlier|{n}
        percent of the population|at least {n} people were injured|worth {n} million|, said {name} , an analyst at
        {name}|{name} said on {day}|in {name} , where {n} families live|{name} and {name}""",
        "|",
    )
]
DAYS = listed("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
MONTHS = listed("January February March April June July August September October November December")

TEMPLATES = {
    "earnings": """{place} - {name} {name} told the exchange on {day} that it had earned {n} million crowns in {m}, or
{n} a share. The maker of {noun}, which has its seat in {place}, said that without one-off items it would have been {n}
a share. That {verb} what the {k} brokers asked by the Harrow panel had reckoned with, namely {n} a share. Sales came to
{n} million, against {n} million a year ago, while the panel had put them at {n} million. For the whole year {name}
booked a profit of {n} million on sales of {n} million. Its stock has moved by {n} percent since New Year and closed on
{day} at {n}, which is {n} percent away from where it stood twelve months before.""",
    "match": """{name} scored in the {n}th minute as {place} beat {place} {k}-{k} on {day} to move up to {k}th in the
table. {name} opened the scoring for the home side after {n} minutes, before {name} levelled with a header from a corner
midway through the second half. The visitors were reduced to ten men when {name} was shown a second yellow card for a
late tackle. {place} coach {name} said his side deserved the three points. "We worked hard and the boys showed great
character," he said. {place} have now won {k} of their last {n} matches and host {place} next {day}.""",
    "weather": """Weather for {place} for {day}, {m} {n}. Mostly cloudy in the morning with a {n} percent chance of
showers, then clearing in the afternoon. Highs around {n} degrees, lows near {n}. Winds from the west at {n} kilometres
an hour. Sunrise at {k}:{n}, sunset at {k}:{n}. The outlook for {day} is sunny spells with highs of {n}.""",
    "auction": """The central bank of {place} sold {n} million of {k}-year government bonds at an auction on {day}, data
from the bank showed. The average yield was {n}.{n} percent, compared with {n}.{n} percent at the previous sale on {m}
{n}. Total bids amounted to {n} million, which gives a bid-to-cover ratio of {k}.{n}. The next auction of the series is
planned for {m} {n}, the bank said.""",
}


@dataclass(frozen=True)
class Text:
    story: str
    kind: str
    headline: str
    paragraphs: tuple[str, ...]
    hours: float


class Writer:
    """Invents prose: Zipf-distributed made-up words between English function words and stock phrases."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        made = {"".join(self.rng.choices(SYLLABLES, k=self.rng.choice((2, 2, 3)))) for _ in range(9000)}
        self.words = sorted(made)
        self.rng.shuffle(self.words)
        self.names = [w.capitalize() for w in self.words[-4000:]]
        self.weights = list(itertools.accumulate(1 / (rank + 8) for rank in range(len(self.words))))

    def word(self) -> str:
        return self.rng.choices(self.words, cum_weights=self.weights)[0]

    def fill(self, token: str) -> str:
        rng = self.rng
        choose: dict[str, Callable[[], str]] = {
            **dict.fromkeys(("name", "place"), lambda: rng.choice(self.names)),
            **dict.fromkeys(("month", "m"), lambda: rng.choice(MONTHS)),
            "day": lambda: rng.choice(DAYS),
            "n": lambda: str(rng.randint(11, 980)),
            "k": lambda: str(rng.randint(1, 12)),
            "verb": lambda: rng.choice(("topped", "missed", "met")),
            "noun": self.word,
        }
        for key, make in choose.items():
            while "{" + key + "}" in token:
                token = token.replace("{" + key + "}", make(), 1)
        return token

    def sentence(self, cast: Sequence[str]) -> str:
        out: list[str] = []
        for _ in range(self.rng.randint(4, 8)):
            roll = self.rng.random()
            if roll < 0.14:
                out += [self.fill(token) for token in self.rng.choice(PHRASES)]
            elif roll < 0.3:
                out.append(self.rng.choice(cast))
            else:
                out += [self.rng.choice(GLUE), self.word(), self.rng.choice(GLUE), self.word()]
        text = " ".join(out).replace(" ,", ",")
        return text[0].upper() + text[1:] + "."

    def paragraph(self, cast: Sequence[str]) -> str:
        return " ".join(self.sentence(cast) for _ in range(self.rng.randint(1, 3)))

    def headline(self, cast: Sequence[str]) -> str:
        return " ".join(
            [self.rng.choice(cast), *(self.word() for _ in range(self.rng.randint(4, 7))), self.rng.choice(cast)]
        )

    def retitle(self, text: Text, cast: Sequence[str]) -> str:
        words = text.headline.split()
        kept = self.rng.sample(words, k=self.rng.randint(0, len(words) // 2))
        return " ".join([*kept, *(self.word() for _ in range(4)), self.rng.choice(cast)])

    def edited(self, paragraph: str, rate: float) -> str:
        words = [self.word() if self.rng.random() < rate else w for w in paragraph.split()]
        return " ".join(words)

    def refigured(self, paragraph: str, share: float) -> str:
        words = [
            str(self.rng.randint(11, 980)) if w.isdigit() and self.rng.random() < share else w
            for w in paragraph.split()
        ]
        return " ".join(words)

    def original(self, name: str) -> tuple[Text, list[str]]:
        cast = self.rng.sample(self.names, 8)
        count = max(3, min(40, round(self.rng.lognormvariate(2.5, 0.5))))
        hours = self.rng.uniform(0, 24 * 20)
        return Text(
            name, "original", self.headline(cast), tuple(self.paragraph(cast) for _ in range(count)), hours
        ), cast

    def variants(self, text: Text, cast: Sequence[str]) -> Iterator[Text]:
        rng, p = self.rng, text.paragraphs
        n = len(p)

        def own(k: int) -> list[str]:
            return [self.paragraph(cast) for _ in range(k)]

        cut = p[: max(2, round(n * rng.uniform(0.3, 0.9)))]
        opening = p[: max(1, n // 6)] if n > 8 else p[: max(1, n // 2)]
        added = rng.randint(2, max(3, n))
        kept = [x for x in p[1:] if rng.random() < 0.8]
        other = self.retitle(text, cast)
        options: dict[str, Callable[[], tuple[Sequence[str], str]]] = {
            "verbatim": lambda: ([*p, f"Subscribe to our {self.word()} newsletter for more."], text.headline),
            "cut": lambda: (cut, text.headline),
            "retitled cut": lambda: (cut, other),
            "own lead": lambda: ([*own(rng.randint(1, 2)), *cut[1:]], other),
            "edited": lambda: ([self.edited(x, rng.uniform(0.01, 0.06)) for x in p], text.headline),
            "heavy": lambda: ([*own(1), *(self.edited(x, 0.04) for x in cut), *own(1)], other),
            "thinned": lambda: ([x for x in p if rng.random() < 0.7] or p, other),
            "updated": lambda: ([self.refigured(x, 0.3) for x in p], "UPDATE 1-" + text.headline),
            "grown": lambda: ([p[0], *own(added), *kept], "UPDATE 2-" + text.headline),
            "new top": lambda: ([*own(min(3, added)), *p], other),
            "excerpt": lambda: (opening, other),
            "correction": lambda: ([self.refigured(x, 0.08) for x in p], "CORRECTED-" + text.headline),
        }
        for kind in rng.sample(sorted(options), k=rng.choice((0, 0, 1, 1, 2, 3, 5))):
            paragraphs, headline = options[kind]()
            hours = text.hours + rng.uniform(0, rng.choice((0.5, 3, 9, 20, 40)))
            yield Text(text.story, kind, headline, tuple(paragraphs), hours)


def corpus(stories: int, seed: int) -> list[Text]:
    writer, texts = Writer(seed), []
    rng = writer.rng
    originals = [writer.original(f"story-{i}") for i in range(stories)]
    for text, cast in originals:
        texts += [text, *writer.variants(text, cast)]
    for i in range(stories):
        kind = rng.choice(sorted(TEMPLATES))
        body = writer.fill(TEMPLATES[kind].replace("\n", " "))
        headline = " ".join(body.split()[:7])
        texts.append(Text(f"{kind}-{i}", kind, headline, (body,), rng.uniform(0, 24 * 20)))
    for i, (text, cast) in enumerate(rng.sample(originals, stories // 5)):
        old = text.paragraphs[:1] + text.paragraphs[2 : 2 + len(text.paragraphs) // 4]
        new = [writer.paragraph(cast) for _ in range(len(text.paragraphs))]
        later = text.hours + rng.uniform(20, 60)
        texts.append(Text(f"follow-up-{i}", "follow-up", writer.retitle(text, cast), (*new, *old), later))
    for i in range(stories // 20):
        parts = [t.paragraphs[0] for t, _ in rng.sample(originals, 7)]
        texts.append(
            Text(f"round-up-{i}", "round-up", "Top stories at this hour", tuple(parts), rng.uniform(0, 24 * 20))
        )
    for i, (text, _) in enumerate(rng.sample(originals, stories // 10)):
        own, cast = writer.original("")
        quoting = (*own.paragraphs[:4], text.paragraphs[-1], *own.paragraphs[4:])
        texts.append(Text(f"quoting-{i}", "quoting", writer.headline(cast), quoting, text.hours + rng.uniform(0, 30)))
    return [t for t in texts if sum(len(p.split()) for p in t.paragraphs) >= 30]


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
    signatures = np.array(
        [((sign(x.body_text).shingles[:, None].astype(np.uint64) * a + b) >> np.uint64(32)).min(0) for x in articles]
    )
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
    for name, found in (("ours", ours), ("minhash", minhash_stories(articles))):
        precision, recall, f1 = pair_scores(truth, found)
        print(f"{name:8} precision {precision:.4f}  recall {recall:.4f}  F1 {f1:.4f}")
    print(f"{len(articles) / seconds:,.0f} articles a second of one core")


if __name__ == "__main__":
    main()
