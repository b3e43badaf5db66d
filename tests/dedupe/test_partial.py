"""Lines of JSON that the command line is given."""

import json

import pytest

from ingest.dedupe import MemoryIndex, article_from_partial, article_lines, decision_line, resolve
from ingest.errors import Malformed
from ingest.model import Article

from .texts import NOW


def test_little_is_enough() -> None:
    article = article_from_partial(
        {"article_id": 7, "body_text": "Text.", "published": "2024-03-04", "headline": "", "x": 1}
    )
    assert (article.article_id, article.headline, article.source_id) == ("7", None, "unknown")
    assert article.published is not None and article.published.isoformat() == "2024-03-04T00:00:00+00:00"
    assert article.guid == f"hash:{article.content_hash}"


def test_identity_is_made_up_as_the_pipeline_does() -> None:
    given = {
        "source_id": "times",
        "url": "HTTPS://Times.example/a?utm_medium=x",
        "blocks": [{"kind": "paragraph", "text": "A"}],
    }
    article = article_from_partial(given)
    assert (article.guid, article.body_text) == ("https://times.example/a", "A")
    assert article.article_id == article_from_partial(given).article_id
    assert len(article.article_id) == 32


def test_one_bad_field_does_not_lose_the_article() -> None:
    article = article_from_partial({"article_id": "a", "published": "last week", "keywords": 3, "relation": "copy"})
    assert (article.published, article.keywords, article.relation) == (None, (), None)
    assert article.warnings == ("keywords: not usable, left out", "published: not usable, left out")


def test_bad_lines_are_named() -> None:
    good, broken, listed = article_lines([b'{"article_id": "a"}', b"{", b"[]"])
    assert isinstance(good, Article)
    assert "line 2: not JSON" in str(broken)
    assert "line 3: not a JSON object" in str(listed)
    with pytest.raises(Malformed, match="neither an id nor"):
        article_from_partial({"published": "2024-03-04"})


def test_a_line_is_told_for_each_article_in_the_order_given() -> None:
    lines = [json.dumps({"article_id": id_, "body_text": "word " * 40}).encode() for id_ in "ba"]
    articles = [line for line in article_lines([*lines, b"\n"]) if isinstance(line, Article)]
    told = [json.loads(decision_line(a)) for a in resolve(articles, MemoryIndex(), now=NOW).articles]
    assert [line["article_id"] for line in told] == ["b", "a"]
    assert list(told[0]) == ["article_id", "story_id", "relation", "duplicate_of", "similarity", "evidence"]
    assert told[0]["duplicate_of"] == "a"
