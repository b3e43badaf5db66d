"""A story in words: why each is in it, what differs, and what the index says of it now."""

from io import StringIO

import pytest
from rich.console import Console

from ingest.dedupe import MemoryIndex, resolve
from ingest.model import Article, Evidence
from ingest.story_view import story_view, told
from ingest.word_diff import MAX_WORDS, word_diff
from tests.dedupe.texts import NOW, article

BODY = (
    "The ferry left the harbour at nine with forty passengers and a crew of six, the port office said on Monday. "
    "It came back before noon, since the captain did not like the look of the waves beyond the breakwater. "
    "Nobody was hurt, and the evening crossing went ahead as planned with a smaller boat."
)


def printed(articles: list[Article], **standing: object) -> str:
    out = StringIO()
    view = story_view("s" * 32, articles, **standing)  # type: ignore[arg-type]
    Console(file=out, width=200, color_system=None).print(view)
    return out.getvalue()


def story() -> list[Article]:
    changed = BODY.replace("forty", "fifty").replace("a smaller", "another")
    batch = [article("a", BODY), article("b", changed, 2, headline="Ferry returns"), article("c", BODY, 3)]
    return list(resolve(batch, MemoryIndex(), now=NOW).articles)


def test_it_tells_why_and_what_differs() -> None:
    text = printed(story())
    assert "why: nothing that had landed was like it" in text
    assert "why: its text is the same word for word" in text
    assert "why: its text is much the same, " in text
    assert "… the harbour at nine with [-forty-] {+fifty+} passengers and a crew of …" in text
    assert "beside the canonical item: the same words" in text
    assert "of: a (source-a: no headline)" in text


def test_what_the_index_says_now_goes_before_what_the_articles_said() -> None:
    text = printed(story(), canonical="b", killed=frozenset("ac"), related=["r" * 32], aliases=["o" * 32])
    assert text.index("Ferry returns") < text.index("canonical when it landed: [copy of what was killed]")
    assert f"related: {'r' * 32}" in text
    assert f"also landed as: {'o' * 32}" in text


def test_versions_are_told_apart_word_for_word_and_a_kill_names_whom_it_concerns() -> None:
    one, two, three = story()
    evidence = Evidence(rule="version", note="version 2 after 1", copies=("c",))
    killed = one.model_copy(update={"version": 2, "body_text": "", "pub_status": "canceled", "evidence": evidence})
    newer = two.model_copy(update={"version": 2, "body_text": two.body_text.replace("Monday", "Tuesday")})
    text = printed([one, two, three, killed, newer])
    assert "b v1 → v2: changed words" in text
    assert "[-Monday.-] {+Tuesday.+}" in text
    assert "concerns: c (source-c: no headline)" in text
    assert "[killed]" in text
    assert "it is a later version of an item of the story; version 2 after 1" in text


def test_scores_without_words_of_their_own_are_left_out() -> None:
    assert told(Evidence(rule="odd", scores={"x": 1.0, "hours": 2})) == "odd, +2.0 hours"


@pytest.mark.parametrize(("old", "new"), [("", ""), ("a b", "a  b\n"), ("a " * 90_000, "a " * 80_000)])
def test_no_difference(old: str, new: str) -> None:
    assert list(word_diff(old, new)) == []


def test_a_long_change_is_cut_and_the_end_of_a_long_text_is_not_compared() -> None:
    [change] = word_diff("one", " ".join(map(str, range(500))))
    assert (change.removed, "460 words" in change.added, len(change.added.split())) == ("one", True, 44)
    long = "word " * MAX_WORDS
    assert list(word_diff(long + "one", long + "two")) == []
