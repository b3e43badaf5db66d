"""The index in SQL gives what the index in memory gives, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, func, select

from ingest.dedupe import MemoryIndex, resolve
from ingest.state.stories import SqlIndex, expire, save_members
from ingest.state.tables import metadata, story_anchors, story_members

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


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def connection(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Connection]:
    engine = _engine(request, tmp_path)
    metadata.drop_all(engine, tables=[story_anchors, story_members])
    metadata.create_all(engine, tables=[story_members, story_anchors])
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
        assert back.shingles.tolist() == member.shingles.tolist()
        assert back.anchors.tolist() == member.anchors.tolist()
        assert (back.facts, back.published, back.story_id) == (member.facts, member.published, member.story_id)


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
    assert _counts(connection) == (0, 0)


def _counts(connection: Connection) -> tuple[int | None, int | None]:
    return tuple(connection.scalar(select(func.count()).select_from(t)) for t in (story_members, story_anchors))  # type: ignore[return-value]
