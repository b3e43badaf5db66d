"""`ingest articles` over what has landed: any id a story had finds it, and no killed story is news through a copy."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ingest.cli import app
from ingest.dedupe import resolve, story_id_of
from ingest.dedupe.kills import KILLED
from ingest.land.store import open_store
from ingest.land.table import commit_run, create_table
from ingest.model import Article
from ingest.state.database import open_state, read, upgrade, write
from ingest.state.stories import SqlIndex, save_members

from .test_canonical import WIRE
from .texts import NOW, article, prose

BODY = prose(1, 12)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INGEST_STORE", f"{tmp_path}/store")
    monkeypatch.setenv("INGEST_STATE", f"sqlite:///{tmp_path}/state.db")
    create_table(open_store(f"{tmp_path}/store", None))
    upgrade(open_state(f"sqlite:///{tmp_path}/state.db"))
    return tmp_path


def land(place: Path, run: int, *articles: Article) -> None:
    engine = open_state(f"sqlite:///{place}/state.db")
    now = NOW + timedelta(days=run)
    with read(engine) as connection:
        found = resolve([a.model_copy(update={"fetched_at": now}) for a in articles], SqlIndex(connection), now=now)
    commit_run(open_store(f"{place}/store", None), f"r{run}", iter(found.articles), now, {})
    with write(engine) as connection:
        save_members(connection, found.members)


def told(*args: str) -> list[dict[str, object]]:
    result = CliRunner().invoke(app, ["articles", "--as", "jsonl", *args])
    assert result.exit_code == 0, result.stderr
    return sorted((json.loads(line) for line in result.stdout.splitlines()), key=lambda row: str(row["article_id"]))


def test_a_story_is_found_by_any_id_it_had(place: Path) -> None:
    land(place, 1, article("b", BODY[:6], 1), article("c", BODY[6:], 2), article("o", prose(2), 2))
    land(place, 2, article("a", BODY, 0))
    for id_ in "bc":
        assert [row["article_id"] for row in told("--story", story_id_of(id_))] == ["a", "b", "c"]


def test_a_copy_that_landed_first_does_not_head_the_story_of_a_killed_item(place: Path) -> None:
    land(place, 1, article("a", BODY, 0), article("o", prose(2), 0))
    land(place, 2, article("w", BODY, 1, **WIRE))
    assert [row["article_id"] for row in told() if row["duplicate_of"] is None] == ["a", "o"]
    land(place, 3, article("w", "", 30, version=2, pub_status="canceled", **WIRE))
    copy, other, kill = told("--include", "canceled")
    assert (copy["duplicate_of"], copy["evidence"]["note"]) == ("w", KILLED)  # type: ignore[index]
    assert (other["duplicate_of"], kill["pub_status"]) == (None, "canceled")
