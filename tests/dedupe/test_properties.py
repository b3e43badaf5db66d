"""What must hold for every batch: no order, no split in time, and no second run changes who is in which story."""

import random
from collections.abc import Sequence

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest.dedupe import MemoryIndex, resolve
from ingest.dedupe.passages import passages
from ingest.dedupe.signature import sign, unpacked
from ingest.dedupe.words import words_in, words_of
from ingest.model import Article

from .texts import NOW, article, prose

Shape = tuple[int, int, int, int, float]  # story, first paragraph, last paragraph, own paragraphs, hours

SHAPES = st.tuples(
    st.integers(0, 3),
    st.integers(0, 3),
    st.integers(4, 9),
    st.integers(0, 4),
    st.sampled_from((0.0, 1.0, 5.0, 30.0, 250.0)),
)
BATCHES = st.lists(SHAPES, min_size=1, max_size=14)


def batch(shapes: Sequence[Shape]) -> list[Article]:
    def body(i: int, shape: Shape) -> list[str]:
        story, first, last, own, _ = shape
        return [*prose(1000 + i, own), *prose(story, 9)[first:last]]

    return [article(f"{i:032x}", body(i, shape), shape[4]) for i, shape in enumerate(shapes)]


def told(articles: Sequence[Article]) -> dict[str, tuple[object, ...]]:
    return {a.article_id: (a.story_id, a.relation, a.duplicate_of, a.similarity, a.evidence) for a in articles}


def partition(articles: Sequence[Article]) -> dict[str, str | None]:
    return {a.article_id: a.story_id for a in articles}


@settings(max_examples=40, deadline=None)
@given(BATCHES, st.randoms(use_true_random=False))
def test_the_order_of_a_batch_does_not_matter(shapes: list[Shape], rng: random.Random) -> None:
    articles = batch(shapes)
    shuffled = rng.sample(articles, len(articles))
    one = resolve(articles, MemoryIndex(), now=NOW)
    two = resolve(shuffled, MemoryIndex(), now=NOW)
    assert told(one.articles) == told(two.articles)
    assert [a.article_id for a in two.articles] == [a.article_id for a in shuffled]


@settings(max_examples=40, deadline=None)
@given(BATCHES, st.sampled_from((0.5, 3.0, 20.0, 100.0)))
def test_a_split_in_time_gives_the_same_stories(shapes: list[Shape], hours: float) -> None:
    """Exact for whatever texts: what came earlier is decided before, in one batch as in two."""
    articles = batch(shapes)
    whole = partition(resolve(articles, MemoryIndex(), now=NOW).articles)
    index = MemoryIndex()
    parts: dict[str, str | None] = {}
    for early in (True, False):
        chosen = [a for a, shape in zip(articles, shapes, strict=True) if (shape[4] < hours) == early]
        resolution = resolve(chosen, index, now=NOW)
        index.save(resolution.members)
        parts |= partition(resolution.articles)
    assert parts == whole


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(5, 12), st.integers(0, 3)), min_size=1, max_size=14),
    st.randoms(use_true_random=False),
)
def test_any_order_and_any_sharding_gives_the_same_groups(
    shapes: list[tuple[int, int, int]], rng: random.Random
) -> None:
    """Copies, cuts and updates of 9 paragraphs. Whatever landed first founds the story, so its id may differ."""
    articles = [article(f"{i:032x}", prose(story, 12)[:last], i) for i, (story, last, _) in enumerate(shapes)]
    index = MemoryIndex()
    found: dict[str, str | None] = {}
    for shard in rng.sample(range(4), 4):
        chosen = [a for a, shape in zip(articles, shapes, strict=True) if shape[2] == shard]
        resolution = resolve(rng.sample(chosen, len(chosen)), index, now=NOW)
        index.save(resolution.members)
        found |= partition(resolution.articles)
    truth = {a.article_id: shape[0] for a, shape in zip(articles, shapes, strict=True)}
    assert len(set(found.values())) == len(set(truth.values())) == len({(truth[i], found[i]) for i in truth})


@settings(max_examples=150, deadline=None)
@example(["ý", "Ü"])
@given(st.lists(st.text(max_size=400), max_size=4))
def test_any_text_has_a_signature_whatever_stands_beside_it(texts: list[str]) -> None:
    for text, signature in zip(texts, sign(texts), strict=True):
        (alone,) = sign([text])
        assert (signature.length, signature.body_key) == (alone.length, alone.body_key)
        assert signature.text.packed() == alone.text.packed()
        assert signature.anchors.tolist() == alone.anchors.tolist()
        assert (signature.body_key is None) == (not words_in(text))
        back = unpacked(signature.text.packed())
        assert (back.n, back.facts) == (signature.text.n, signature.text.facts)
        assert back.grams.tolist() == signature.text.grams.tolist()
        assert all(len(p) <= 200 for p in passages(text, signature.text.grams >= 0, signature.text.n))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_words_are_hashed_one_by_one(text: str) -> None:
    words = words_of([text])[0]
    assert len(words.cased) == len(words.folded) == len(words_in(text))
    assert len(set(words.cased.tolist())) == len(set(words_in(text)))


def test_hostile_texts_take_little_time() -> None:
    for text in (
        "a" * 1_000_000,
        "1," * 500_000,
        "(" * 1_000_000,
        "一" * 300_000,
        "\ud800 x" * 1000,
        "U.S. % " * 150_000,
    ):
        (answer,) = resolve(
            [article("a", "x").model_copy(update={"body_text": text, "headline": text})], MemoryIndex(), now=NOW
        ).articles
        assert answer.relation == "canonical"
