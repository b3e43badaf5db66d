"""The index in SQL gives what the index in memory gives, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, func, select

from ingest.dedupe import MemoryIndex, resolve, story_id_of
from ingest.model import Article
from ingest.state.stories import SqlIndex, expire, save_members, standing_of, story_of
from ingest.state.tables import metadata, story_aliases, story_anchors, story_links, story_members

from .texts import NOW, article, prose

BODY = prose(1, 12)
FIRST = [
    article("a", BODY, headline="Grosten votes\0"),
    article("b", BODY[:7], 1, url="https://times.example/b"),
    article("c", prose(2), 2, language="en-GB"),
    article("d", headline="Velmar beats Grosten in the final", published=None),
]
SECOND = [
    article("e", [*BODY[:5], *prose(3, 1)], 3),
    article("f", "Short.", 4, url="https://times.example/b"),
    article("g", prose(2), 5, language="en"),
    article("h", headline="Velmar beats Grosten in the final", published=None),
    article("c", prose(4), 6, version=2),
    article("i", prose(5), 6),
]


TABLES = [story_members, story_aliases, story_links]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def connection(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Connection]:
    engine = _engine(request, tmp_path)
    with engine.begin() as connection:
        metadata.create_all(connection, tables=TABLES)
        expire(connection, 1_000_000)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def _engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    if request.param == "sqlite":
        return create_engine(f"sqlite:///{tmp_path}/state.db")
    return create_engine(request.getfixturevalue("postgres_url").replace("postgresql://", "postgresql+psycopg://", 1))


def test_sql_and_memory_decide_alike(connection: Connection) -> None:
    memory = MemoryIndex()
    for batch in (FIRST, SECOND):
        in_memory = resolve(batch, memory, now=NOW)
        in_sql = resolve(batch, SqlIndex(connection), now=NOW)
        assert in_sql.articles == in_memory.articles
        memory.save(in_memory.members)
        save_members(connection, in_sql.members)
    assert [a.relation for a in in_sql.articles] == ["excerpt", "copy", "copy", "copy", "update", "canonical"]


def test_members_come_back_as_they_went(connection: Connection) -> None:
    members = resolve(FIRST, MemoryIndex(), now=NOW).members
    save_members(connection, members)
    found = SqlIndex(connection).by_article_ids(["a", "b", "c", "d", "nobody"])
    assert sorted(found) == ["a", "b", "c", "d"]
    for member in members:
        back = found[member.article_id]
        assert back.text.packed() == member.text.packed()
        for name in ("published", "story_id", "title", "represents", "url_key", "text_key"):
            assert getattr(back, name) == getattr(member, name)


def test_saving_again_changes_nothing(connection: Connection) -> None:
    members = resolve(FIRST, MemoryIndex(), now=NOW).members
    save_members(connection, members)
    before = _counts(connection)
    save_members(connection, members)
    save_members(connection, [])
    assert _counts(connection) == before


def test_old_members_are_forgotten(connection: Connection) -> None:
    resolution = resolve(FIRST, MemoryIndex(), now=NOW)
    save_members(connection, resolution.members)
    day = resolution.members[0].day
    assert expire(connection, day) == 0
    assert expire(connection, day + 1) == 4
    assert connection.scalar(select(func.count()).select_from(story_members)) == 0


def _counts(connection: Connection) -> tuple[int, ...]:
    weeks = {article.fetched_at or NOW for article in FIRST}
    tables = [story_members, *(story_anchors((when - datetime(1970, 1, 1, tzinfo=UTC)).days // 7) for when in weeks)]
    return tuple(connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables)


def test_a_story_that_is_another_s_goes_over_whole_and_its_id_is_followed(connection: Connection) -> None:
    parts = [article("b", BODY[:6], 1), article("c", BODY[6:], 2), article("d", BODY[6:11], 3)]
    save_members(connection, resolve(parts, SqlIndex(connection), now=NOW).members)
    save_members(connection, resolve([article("a", BODY, 0)], SqlIndex(connection), now=NOW).members)
    index = SqlIndex(connection)
    assert {member.story_id for member in index.by_article_ids("abcd").values()} == {story_id_of("b")}
    assert story_of(connection, story_id_of("c")) == story_id_of("b") == story_of(connection, story_id_of("b"))


def test_weeks_are_dropped_whole_and_identity_stays(connection: Connection) -> None:
    members = resolve(FIRST, MemoryIndex(), now=NOW).members
    save_members(connection, members)
    day = members[0].day
    assert expire(connection, day - 30, day + 7) == 0
    found = resolve([article("e", BODY, 1), article("f", BODY[:9], 2)], SqlIndex(connection), now=NOW).articles
    assert [a.story_id == story_id_of("a") for a in found] == [True, False]


def test_how_a_story_stands_is_asked_by_any_of_its_ids(connection: Connection) -> None:
    def land(*articles: Article) -> None:
        save_members(connection, resolve(articles, SqlIndex(connection), now=NOW).members)

    land(article("b", BODY[:6], 1), article("c", BODY[6:], 2), article("o", prose(7), 3))
    land(article("a", BODY, 0, source_id="quay-wire", provider="Quay"))
    land(article("f", [*prose(8, 7), *BODY[1:3]], 20), article("g", [*prose(7)[:2], *prose(9, 7)], 20))
    standing = standing_of(connection, story_id_of("c"))
    assert (standing.story_id, standing.aliases) == (story_id_of("b"), (story_id_of("c"),))
    assert (standing.canonical, standing.killed) == ("a", frozenset())
    assert standing.related == (story_id_of("f"),)
    assert standing_of(connection, story_id_of("f")).related == (story_id_of("b"),)
    assert standing_of(connection, "0" * 32).canonical is None


def test_a_kill_in_sql_is_one_in_memory(connection: Connection) -> None:
    wire = {"source_id": "quay-wire", "provider": "Quay"}
    nights = [
        [article("a", BODY, 0), article("b", BODY[:9], 1), article("w", BODY, 2, **wire)],
        [article("w", "", 5, version=2, pub_status="canceled", **wire), article("c", BODY[:8], 6)],
        [article("d", BODY[:7], 7), article("e", BODY, 7)],
        [article("n", [*prose(3, 1), *BODY[1:]], 8, headline="CORRECTED-Ferry", **wire)],
        [article("m", [*prose(3, 1), *BODY[1:9]], 9)],
    ]
    memory = MemoryIndex()
    for night in nights:
        in_memory, in_sql = resolve(night, memory, now=NOW), resolve(night, SqlIndex(connection), now=NOW)
        assert in_sql.articles == in_memory.articles
        memory.save(in_memory.members)
        save_members(connection, in_sql.members)
    standing = standing_of(connection, story_id_of("a"))
    assert (standing.canonical, sorted(standing.killed)) == ("n", ["a", "b", "c", "d", "e", "w"])
    assert in_sql.articles[0].duplicate_of == "n"
