"""What has a passage of another story, without being it, is linked with it."""

from ingest.dedupe import MemoryIndex, story_id_of
from ingest.model import Article

from .test_canonical import landed
from .texts import article, prose

BODY = prose(1, 8)


def related(found: Article) -> tuple[str, ...]:
    assert found.evidence is not None
    return found.evidence.related


def test_a_follow_up_with_old_background_is_related() -> None:
    index = MemoryIndex()
    landed(index, article("a", BODY))
    found = landed(index, article("b", [*prose(2, 7), *BODY[1:3]], 20))["b"]
    assert (found.relation, found.story_id, related(found)) == ("canonical", story_id_of("b"), (story_id_of("a"),))
    assert index.by_article_ids("b")["b"].related == (story_id_of("a"),)


def test_a_round_up_is_related_to_its_stories() -> None:
    stories = [article(id_, prose(i, 8), i) for i, id_ in enumerate("abcd")]
    round_up = article("r", [p for i in range(4) for p in prose(i, 8)[:3]], 9)
    found = landed(MemoryIndex(), *stories, round_up)["r"]
    assert (found.story_id, found.relation) == (story_id_of("r"), "canonical")
    assert set(related(found)) == {story_id_of(id_) for id_ in "abcd"}


def test_a_copy_is_not_related_to_its_own_story() -> None:
    found = landed(MemoryIndex(), article("a", BODY), article("b", BODY[:7], 1), article("c", prose(3), 1))
    assert [related(a) for a in found.values()] == [(), (), ()]
