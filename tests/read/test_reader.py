"""What readers see of a table, and what they do not see unless they ask for it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from ingest.dedupe.kills import KILLED
from ingest.errors import BadConfig, NotStored
from ingest.land.erase import delete_articles, drop_old_files
from ingest.land.store import Store, open_store
from ingest.land.table import commit_run, create_table, open_table
from ingest.model import Article, Evidence, Rights, content_hash_of
from ingest.read import Reader, open_reader

DAY = datetime(2026, 3, 14, 2, tzinfo=UTC)
LATER = DAY + timedelta(days=400)  # than the commits of these tests, which the store's clock dates: see `changes`


def one(guid: str, version: int = 1, **changes: object) -> Article:
    text = f"The ferry ran, says {guid} for the {version}th time."
    values: dict[str, object] = {
        "article_id": guid,
        "version": version,
        "source_id": "harbour-post",
        "guid": guid,
        "headline": f"{guid} {version}",
        "body_text": text,
        "content_hash": content_hash_of(None, None, text, "usable"),
        "story_id": f"story-{guid}",
        "relation": "canonical",
        "published": DAY,
        "fetched_at": DAY + timedelta(hours=version),
    }
    return Article.model_validate(values | changes)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = open_store(str(tmp_path / "store"), None)
    create_table(store)
    return store


def land(store: Store, *articles: Article, day: int = 0) -> int:
    run = f"run-{open_table(store).version() + 1}"
    return commit_run(store, run, iter(articles), DAY + timedelta(days=day), {}).table_version


def seen(rows: object) -> list[tuple[str, int]]:
    table = pa.table(rows)
    return sorted(zip(table["article_id"].to_pylist(), table["version"].to_pylist(), strict=True))


def reader(store: Store, now: datetime = DAY) -> Reader:
    return Reader(store, now=now)


def test_current_is_the_newest_version_that_may_be_seen(store: Store) -> None:
    land(store, one("plain"), one("updated"), one("killed"), one("held"), one("secret", embargoed_until=LATER))
    land(store, one("updated", 2), one("killed", 2, pub_status="canceled"), one("held", 2, pub_status="withheld"))
    land(store, one("plain", 2, embargoed_until=LATER), one("late", expires=DAY))

    assert seen(reader(store).current()) == [("plain", 1), ("updated", 2)]
    assert seen(reader(store, LATER).current()) == [("plain", 2), ("secret", 1), ("updated", 2)]
    for kind, more in (
        ("embargoed", [("plain", 2), ("secret", 1)]),
        ("canceled", [("killed", 2), ("plain", 1)]),
        ("withheld", [("held", 2), ("plain", 1)]),
        ("expired", [("late", 1), ("plain", 1)]),
    ):
        assert seen(reader(store).current(include=[kind])) == sorted([*more, ("updated", 2)])  # type: ignore[list-item]


def test_a_kill_under_embargo_kills_at_once(store: Store) -> None:
    land(store, one("a"), one("a", 2, pub_status="canceled", embargoed_until=LATER))
    assert seen(reader(store).current()) == []
    assert seen(reader(store).current(status="canceled")) == [("a", 2)]


def test_history_has_all_versions_but_of_what_was_taken_back(store: Store) -> None:
    land(store, one("a"), one("k"))
    land(store, one("a", 2), one("k", 2, pub_status="canceled"))
    assert seen(reader(store).history()) == [("a", 1), ("a", 2)]
    assert seen(reader(store).history(include=["canceled"])) == [("a", 1), ("a", 2), ("k", 1), ("k", 2)]
    assert seen(reader(store).history(article="a")) == [("a", 1), ("a", 2)]
    assert seen(Reader(store, version=1).history()) == [("a", 1), ("k", 1)]


def test_filters(store: Store) -> None:
    german = one("de", source_id="tagblatt", language="de-AT", rights=Rights(holder="APA", distributor="TNS"))
    first = land(store, german, one("en", language="en"))
    land(store, one("later"), one("en", 2, language="fr"), day=1)
    news = reader(store)
    for filters, found in (
        ({"source": "tagblatt"}, ["de"]),
        ({"language": "de"}, ["de"]),
        ({"language": "en"}, []),
        ({"holder": "APA"}, ["de"]),
        ({"distributor": "TNS"}, ["de"]),
        ({"since": "2026-03-15"}, ["en", "later"]),
        ({"since": date(2026, 3, 14), "until": DAY + timedelta(hours=1)}, ["de"]),
        ({"after": first}, ["en", "later"]),
        ({"story": "story-de"}, ["de"]),
        ({"article": "later"}, ["later"]),
        ({"run": "run-1"}, ["de"]),
    ):
        assert [id_ for id_, _ in seen(news.current(**filters))] == found, filters  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("terms", "may"),
    [
        ("CC BY 4.0", True),
        ("Licensed under a Creative Commons Attribution 4.0 International licence.", True),
        ("https://creativecommons.org/licenses/by-sa/4.0/", True),
        ("CC0", True),
        ("May be redistributed", True),
        ("CC BY-NC 4.0", False),
        ("CC BY-ND 4.0", False),
        ("May be redistributed with permission only", False),
        ("This may not be redistributed", False),
        ("All rights reserved", False),
        (None, False),
    ],
)
def test_what_may_be_redistributed(store: Store, terms: str | None, may: bool) -> None:
    land(store, one("a", rights=Rights(usage_terms=terms)))
    assert seen(reader(store).current(redistributable=True)) == ([("a", 1)] if may else [])


def test_a_story_is_one_row(store: Store) -> None:
    copy = {"story_id": "s", "relation": "copy", "duplicate_of": "head", "source_id": "gazette"}
    land(store, one("head", story_id="s"), one("c1", **copy), one("c2", **copy, published=DAY + timedelta(days=1)))
    land(store, one("hidden", **copy, embargoed_until=LATER), one("alone"))
    rows = reader(store).stories(["headline", "article_id"]).arrow().to_pylist()
    head, alone = sorted(rows, key=lambda row: -row["articles"])
    assert (head["article_id"], head["articles"], head["copies"]) == ("head", 3, 2)
    assert sorted(head["sources"]) == ["gazette", "harbour-post"]
    assert (head["first_at"], head["last_at"]) == (DAY, DAY + timedelta(days=1))
    assert (alone["article_id"], alone["articles"]) == ("alone", 1)
    assert reader(store).stories(source="gazette").arrow().num_rows == 0


def kill(store: Store) -> int:
    """The agency's item, whose copy landed first and headed the story, is killed."""
    land(store, one("copy", story_id="s"), one("other"))
    land(store, one("wire", story_id="s", relation="copy", duplicate_of="copy"))
    evidence = Evidence(rule="version", copies=("copy",))
    return land(store, one("wire", 30, story_id="s", pub_status="canceled", evidence=evidence))


def test_a_copy_of_what_was_killed_heads_no_story(store: Store) -> None:
    kill(store)
    [copy] = reader(store).current(article="copy").articles()
    assert (copy.relation, copy.duplicate_of, copy.evidence and copy.evidence.note) == ("copy", "wire", KILLED)
    assert [row["article_id"] for row in reader(store).stories().arrow().to_pylist()] == ["other"]


def test_forms(store: Store) -> None:
    land(store, *(one(f"a{n}", private_note="for the desk") for n in range(3)))
    rows = reader(store).current(["article_id", "landed_day", "word_count"])
    assert rows.arrow().column_names == ["article_id", "landed_day", "word_count"]
    assert rows.polars().height == rows.pandas().shape[0] == pl.DataFrame(rows).height == 3
    assert rows.pandas()["word_count"].sum() == 0
    whole = reader(store).current()
    assert "private_note" not in whole.schema.names
    assert {article.private_note for article in whole.articles()} == {None}
    assert reader(store).current(["private_note"]).arrow()["private_note"][0].as_py() == "for the desk"
    with pytest.raises(BadConfig, match="an article needs"):
        next(rows.articles())


def test_wrong_use_is_told(store: Store, tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="did you mean headline"):
        reader(store).current(["headlin"])
    with pytest.raises(TypeError, match="no filter sorce; there are since"):
        reader(store).current(sorce="x")  # type: ignore[call-arg]
    with pytest.raises(NotStored, match="no articles table"):
        open_reader(str(tmp_path / "nothing"))


# ── what is new since version N ─────────────────────────────────────────────────────────────────────────────────


def changes(store: Store, since: int, version: int | None = None) -> list[tuple[str, str]]:
    table = Reader(store, version=version).changes(since, ["article_id"]).arrow()
    return sorted(zip(table["article_id"].to_pylist(), table["change"].to_pylist(), strict=True))


def test_changes_are_told_once_whatever_happens_between(store: Store) -> None:
    land(store, one("a"), one("b"), one("c"))
    start = open_table(store).version()
    land(store, one("a", 2), one("b", 2, pub_status="canceled"), one("c", 2, pub_status="withheld"), one("d"))
    open_table(store).optimize.compact()
    assert changes(store, start) == [("a", "update"), ("b", "kill"), ("c", "withhold"), ("d", "insert")]
    assert changes(store, start + 1) == []
    assert changes(store, open_table(store).version()) == []
    assert changes(store, 0, version=start) == [("a", "insert"), ("b", "insert"), ("c", "insert")]


def test_a_takedown_is_told_with_nothing_but_ids(store: Store) -> None:
    start = land(store, one("a"), one("b"))
    delete_articles(store, ["a"], "t1")
    drop_old_files(store, ["a"], DAY - timedelta(days=9999))
    [row] = Reader(store).changes(start).arrow().to_pylist()
    assert {name: value for name, value in row.items() if value is not None} == {
        "change": "takedown",
        "article_id": "a",
        "version": 1,
        "source_id": "harbour-post",
        "story_id": "story-a",
    }


def test_copies_of_what_was_killed_since_are_told(store: Store) -> None:
    version = kill(store)
    assert changes(store, version - 1) == [("copy", "update"), ("wire", "kill")]
    assert changes(store, version - 2, version=version - 1) == [("wire", "insert")]


def test_an_embargo_that_is_over_is_told_with_the_next_commit(store: Store) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=0.3)
    first = land(store, one("a", embargoed_until=soon), one("b", embargoed_until=soon + timedelta(days=1)))
    assert changes(store, first - 1) == []
    while datetime.now(UTC) <= soon:
        continue
    second = land(store, one("c"))
    land(store, one("d"))
    assert changes(store, first, version=second) == [("a", "release"), ("c", "insert")]
    assert changes(store, second) == [("d", "insert")]


def test_where_the_log_does_not_reach(store: Store) -> None:
    version = land(store, one("a"))
    with pytest.raises(NotStored, match="the newest is 1"):
        Reader(store).changes(version + 1)
    open_table(store).create_checkpoint()
    for log in (Path(store.delta_uri("articles")) / "_delta_log").glob("*0.json"):
        log.unlink()
    with pytest.raises(NotStored, match="read what is current anew"):
        Reader(store).changes(0)


def steps() -> Iterator[list[Article]]:
    yield [one(guid) for guid in "abcde"]
    yield [one("a", 2), one("b", 2, pub_status="canceled"), one("f")]
    yield [one("c", 2, pub_status="withheld"), one("f", 2), one("g")]
    evidence = Evidence(rule="version", copies=("d", "e"))
    yield [one("a", 3), one("g", 2, pub_status="canceled", evidence=evidence), one("c", 3)]


def test_a_copy_that_follows_the_changes_is_the_current_view(store: Store) -> None:
    columns = ["article_id", "version", "duplicate_of", "pub_status"]
    versions = [land(store, *step, day=day) for day, step in enumerate(steps())]
    for start in (0, *versions):
        held = {row["article_id"]: row for row in Reader(store, version=start).current(columns).arrow().to_pylist()}
        for row in Reader(store).changes(start, columns).arrow().to_pylist():
            if row.pop("change") in ("insert", "update", "release"):
                held[row["article_id"]] = row
            else:
                held.pop(row["article_id"], None)
        assert held == {row["article_id"]: row for row in Reader(store).current(columns).arrow().to_pylist()}
