"""Kills and corrections reach the copies, in one batch and in several, and a killed item does not come back."""

from collections.abc import Sequence

import pytest

from ingest.dedupe import MemoryIndex, resolve, story_id_of, taken_back
from ingest.dedupe.kills import KILLED
from ingest.dedupe.standing import elected
from ingest.model import Article

from .test_canonical import WIRE, heads, landed
from .texts import article, prose

BODY = prose(1, 8)
OTHER = [*prose(2, 2), *BODY[2:]]


def wire(version: int, hours: float, body: Sequence[str] = BODY, **fields: object) -> Article:
    return article("w", body, hours, version=version, **WIRE, **fields)


def copies() -> list[Article]:
    return [article("a", BODY[:7], 1), article("b", BODY, 2)]


def kill(hours: float) -> Article:
    return wire(2, hours, (), pub_status="canceled")


def note(found: Article) -> str | None:
    return found.evidence.note if found.evidence else None


def named(found: Article) -> tuple[str, ...]:
    assert found.evidence is not None
    return found.evidence.copies


def test_the_kill_names_the_copies_that_landed() -> None:
    index = MemoryIndex()
    before = landed(index, wire(1, 0), *copies())
    assert [note(a) for a in before.values()] == [None, None, None]
    found = landed(index, kill(5))["w"]
    assert (found.pub_status, named(found)) == ("canceled", ("a", "b"))
    assert all(member.killed for member in index.by_story_id(story_id_of("w")))


def test_the_kill_of_an_item_that_came_after_its_copies_reaches_them() -> None:
    index = MemoryIndex()
    landed(index, article("a", BODY, 0), article("b", BODY[:7], 1))
    landed(index, wire(1, 2))
    assert named(landed(index, kill(5))["w"]) == ("a", "b")
    late = landed(index, article("c", BODY[:6], 6), article("d", BODY, 6))
    assert [(note(a), a.duplicate_of is None) for a in late.values()] == [(KILLED, False)] * 2


def test_a_kill_and_its_copies_in_one_batch() -> None:
    found = landed(MemoryIndex(), wire(1, 0), *copies(), kill(5), article("c", BODY[:6], 6))
    assert named(found["w"]) == ("a", "b")
    assert [note(found[id_]) for id_ in "abc"] == [KILLED] * 3
    assert heads({id_: found[id_] for id_ in "abc"}) == []


@pytest.mark.parametrize("together", [True, False])
def test_what_was_killed_does_not_come_back(together: bool) -> None:
    """As a late copy, as a repeat under a new id, or as a new version of the killed item or of a copy."""
    index = MemoryIndex()
    landed(index, wire(1, 0), *copies())
    again = [
        article("c", BODY[:6], 6),
        article("r", BODY, 7, **WIRE),
        article("a", BODY[:7], 8, version=2, headline="New on top"),
        wire(3, 9, headline="New on top"),
    ]
    batches = [[kill(5), *again]] if together else [[kill(5)], *([one] for one in again)]
    found: dict[str, Article] = {}
    for several in batches:
        found |= landed(index, *several)
    assert [note(found[id_]) for id_ in "cra"] == [KILLED] * 3
    assert all(member.killed for member in index.by_story_id(story_id_of("w")))


def test_a_corrected_text_takes_the_place_of_the_killed_one_and_copies_of_it_are_its_own() -> None:
    index = MemoryIndex()
    landed(index, wire(1, 0), *copies())
    landed(index, kill(5))
    new = landed(index, article("n", OTHER, 6, headline="CORRECTED-Ferry sinks", **WIRE))
    assert (heads(new), new["n"].relation, note(new["n"])) == (["n"], "correction", "marked as correction")
    assert elected(index.by_story_id(story_id_of("w"))).article_id == "n"
    late = landed(index, article("c", OTHER[:7], 7), article("d", BODY[:7], 7))
    assert [(a.duplicate_of, note(a)) for a in late.values()] == [("n", None), ("w", KILLED)]


def test_a_paper_that_takes_back_its_copy_kills_no_one_else_s() -> None:
    index = MemoryIndex()
    landed(index, article("a", BODY, 0), article("b", BODY[:7], 1))
    landed(index, wire(1, 2))
    taken = landed(index, article("a", "", 5, version=2, pub_status="canceled"))
    assert named(taken["a"]) == ()
    assert elected(index.by_story_id(story_id_of("a"))).article_id == "w"
    late = landed(index, article("c", BODY[:6], 6))
    assert (heads(late), note(late["c"])) == (["c"], None)  # the table has no other that is for readers
    assert landed(index, article("d", BODY[:6], 7))["d"].duplicate_of == "c"


def test_a_paper_s_own_story_that_is_killed_takes_its_copies_along() -> None:
    index = MemoryIndex()
    landed(index, article("a", BODY, 0), article("b", BODY[:7], 1), article("c", prose(3, 8), 1))
    assert named(landed(index, article("a", "", 5, version=2, pub_status="canceled"))["a"]) == ("b",)
    assert [m.killed for m in index.by_article_ids("c").values()] == [False]


def test_a_kill_under_an_id_of_its_own() -> None:
    index = MemoryIndex()
    landed(index, wire(1, 0), *copies())
    found = landed(index, article("k", BODY, 5, pub_status="canceled", **WIRE))
    assert named(found["k"]) == ("a", "b")
    assert note(landed(index, article("c", BODY[:6], 6))["c"]) == KILLED


def test_a_correction_names_the_copies_and_kills_none() -> None:
    index = MemoryIndex()
    landed(index, wire(1, 0), *copies())
    found = landed(index, wire(2, 5, OTHER, ed_note="Corrects the name of the ferry"))["w"]
    assert (found.relation, named(found)) == ("correction", ("a", "b"))
    assert not any(member.killed for member in index.by_story_id(story_id_of("w")))


def test_a_copy_that_a_paper_corrects_is_its_own_affair() -> None:
    index = MemoryIndex()
    landed(index, wire(1, 0), *copies())
    assert named(landed(index, article("c", BODY[:7], 5, headline="Correction: Ferry sinks"))["c"]) == ()


def test_a_rerun_says_the_same_of_the_copies() -> None:
    index = MemoryIndex()
    landed(index, wire(1, 0), *copies())
    batch = [kill(5), article("c", BODY[:6], 6)]
    assert resolve(batch, index, now=kill(5).published).articles[1] == landed(index, *batch)["c"]  # type: ignore[arg-type]
    assert landed(index, *batch)["c"].duplicate_of == "w"


def test_readers_see_no_current_story_in_the_copy_of_a_killed_item() -> None:
    """The paper's copy landed first and heads the story; what it lands as after the kill stays as decided."""
    index = MemoryIndex()
    fetched = {"fetched_at": "2024-03-04T12:00:00Z"}
    rows = landed(index, article("a", BODY, 0, **fetched), article("b", BODY[:7], 1, **fetched), article("o", prose(9)))
    rows |= landed(index, wire(1, 2, **fetched))
    assert heads(rows) == ["a", "o"]
    killing = landed(index, wire(2, 5, (), pub_status="canceled", fetched_at="2024-03-04T17:00:00Z"))["w"]
    rows["w"] = killing
    new = landed(index, article("b", prose(4), 9, version=2, fetched_at="2024-03-04T21:00:00Z"))["b"]
    seen = {(a.article_id, a.version): a for a in taken_back([*rows.values(), new], [killing])}
    assert heads({id_: a for (id_, version), a in seen.items() if version == 1}) == ["o"]
    taken = seen["a", 1]
    assert (taken.relation, taken.duplicate_of, note(taken)) == ("copy", "w", KILLED)
    assert (seen["o", 1], seen["w", 2], seen["b", 2]) == (rows["o"], killing, new)
