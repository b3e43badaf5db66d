"""Replay: the demo newsroom's first night, read again after a person has changed the rules."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from ingest import pipeline
from ingest.errors import NotStored
from ingest.model import Article
from ingest.replay import Difference, Wanted
from ingest.replay.program import plan, replay_once, replay_shard
from ingest.state.database import read, write
from ingest.state.feeds import load_feed_states
from ingest.state.health import load_days
from ingest.state.tables import story_members
from tests.newsroom import NIGHT, Desk, Kiosk, Story, demo_desk, desk, kiosk, registry

LATER = NIGHT + timedelta(days=2)


@pytest.fixture
def stall() -> Iterator[Kiosk]:
    with kiosk() as found:
        yield found


def differences(one: Desk, wanted: Wanted) -> list[Difference]:
    found: list[Difference] = []
    ws = one.workspace
    for shard in plan(ws, "dry-run", wanted, LATER, dry_run=True).shards:
        replay_shard(ws, shard, wanted, LATER, found.append, dry_run=True)
    return found


def newest(one: Desk) -> dict[str, Article]:
    return {article.guid: article for article in one.articles(latest_only=True)}


def objects(one: Desk) -> list[str]:
    return sorted(stored.key for stored in one.workspace.store.list(""))


def add_rule(folder: Path, source_id: str, *lines: str) -> None:
    with (folder / "sources.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[[sources.{source_id}.rules]]\n" + "\n".join(lines) + "\n")


def test_with_the_same_rules_nothing_of_a_whole_newsroom_differs(tmp_path: Path) -> None:
    with demo_desk(tmp_path) as (_, one):
        one.night()
        one.night(hours=1)
    before = objects(one)
    assert differences(one, Wanted(since=NIGHT - timedelta(days=1))) == []
    assert objects(one) == before


def pages_and_feed(folder: Path, stall: Kiosk) -> Desk:
    """Two sources: one with its stories on pages, of which the first is behind a redirect-free address, and one in
    its feed. Each text ends in a line that a rule may take out."""
    ferry = Story("f", "Ferry returns", "The ferry came back to the harbour at dawn.", path="/ferry")
    stall.page("/ferry", ferry)
    stall.bodies["/ferry"] += b"<p class='note'>Sign up for our harbour letter, free of charge.</p>"
    bridge = Story("b", "Bridge closed", "The old bridge is closed for the winter. Sign up for our letter.")
    registry(folder, paged=stall.feed("/paged", ferry), fed=stall.feed("/fed", bridge))
    return desk(folder)


def test_a_new_rule_makes_a_next_version_in_the_old_story(tmp_path: Path, stall: Kiosk) -> None:
    one = pages_and_feed(tmp_path, stall)
    run = one.night()
    before = newest(one)
    asked = dict(stall.requests)
    add_rule(tmp_path, "fed", 'pattern = "That was point 1.*"', 'kind = "promo"', 'reason = "a line of each story"')
    add_rule(tmp_path, "fed", 'pattern = "The old bridge.*point 2 .*"', 'kind = "promo"', 'reason = "another"')
    wanted = Wanted(run_id=run.run_id)
    [text] = differences(one, wanted)
    assert (text.field, text.version, text.source_id) == ("body_text", 1, "fed")
    assert "point 2" in text.old and "point 2" not in text.new
    gone, report = replay_once(one.settings, wanted, now=LATER)
    after = newest(one)
    assert (gone, report.landed) == ((), 1)
    assert after["f"] == before["f"]
    old, new = before["b"], after["b"]
    assert (new.version, new.run_id, new.body_text) == (2, report.run_id, text.new)
    assert (new.story_id, new.relation, new.evidence) == (old.story_id, old.relation, old.evidence)
    assert (new.fetched_at, new.raw) == (old.fetched_at, old.raw)
    assert any("reprocessed" in warning for warning in new.warnings)
    assert dict(stall.requests) == asked


def test_it_is_done_once_and_undone_with_its_rule(tmp_path: Path, stall: Kiosk) -> None:
    one = pages_and_feed(tmp_path, stall)
    wanted = Wanted(run_id=one.night().run_id)
    plain = (tmp_path / "sources.toml").read_text("utf-8")
    add_rule(tmp_path, "fed", 'pattern = "The old bridge.*point 2 .*"', 'kind = "promo"', 'reason = "another"')
    assert replay_once(one.settings, wanted, now=LATER)[1].landed == 1
    assert replay_once(one.settings, wanted, now=LATER + timedelta(hours=1))[1].landed == 0
    (tmp_path / "sources.toml").write_text(plain, "utf-8")
    assert replay_once(one.settings, wanted, now=LATER + timedelta(hours=2))[1].landed == 1
    first, _, third = sorted((a for a in one.articles() if a.guid == "b"), key=lambda a: a.version)
    assert (third.version, third.body_text, third.content_hash) == (3, first.body_text, first.content_hash)
    assert one.night(hours=60, force=True).landed == 0  # what feeds still show is no news after a replay


def test_fields_other_than_the_text_count_too(tmp_path: Path, stall: Kiosk) -> None:
    one = pages_and_feed(tmp_path, stall)
    wanted = Wanted(run_id=one.night().run_id, sources=("paged",))
    text = (tmp_path / "sources.toml").read_text("utf-8")
    rights = '[sources.paged]\nrights = { holder = "Harbour Press" }\n'
    (tmp_path / "sources.toml").write_text(text.replace("[sources.paged]\n", rights), "utf-8")
    changed = {one.field: one.new for one in differences(one, wanted)}
    assert changed.keys() == {"provider", "rights"}
    assert changed["rights"]["holder"] == "Harbour Press"
    replay_once(one.settings, wanted, now=LATER)
    assert (newest(one)["f"].version, newest(one)["f"].rights.holder) == (2, "Harbour Press")


def test_a_page_comes_from_the_archive(tmp_path: Path, stall: Kiosk) -> None:
    one = pages_and_feed(tmp_path, stall)
    wanted = Wanted(run_id=one.night().run_id)
    stall.bodies.clear()
    add_rule(tmp_path, "paged", 'selector = "p:nth-of-type(2)"', 'reason = "the second of each page"')
    assert [(d.field, d.source_id) for d in differences(one, wanted)] == [("body_text", "paged")]
    replay_once(one.settings, wanted, now=LATER)
    assert "point 2 " not in newest(one)["f"].body_text


def test_what_landed_later_is_not_replaced_by_what_was_before(tmp_path: Path, stall: Kiosk) -> None:
    one = pages_and_feed(tmp_path, stall)
    early = one.night().run_id
    stall.feed("/fed", Story("b", "Bridge open", "The old bridge is open again. Sign up for our letter."))
    late = one.night(hours=2).run_id
    add_rule(tmp_path, "fed", 'pattern = ".*point 2 .*"', 'kind = "promo"', 'reason = "a line of each story"')
    assert differences(one, Wanted(run_id=early, sources=("fed",))) == []
    assert [d.new.count("open again") for d in differences(one, Wanted(run_id=late, sources=("fed",)))] == [5]
    assert len(differences(one, Wanted(since=NIGHT, sources=("fed",)))) == 1
    replay_once(one.settings, Wanted(since=NIGHT), now=LATER)
    assert (newest(one)["b"].version, newest(one)["b"].headline) == (3, "Bridge open")


def test_what_could_not_be_used_then_lands(tmp_path: Path, stall: Kiosk) -> None:
    one = pages_and_feed(tmp_path, stall)
    text = (tmp_path / "sources.toml").read_text("utf-8")
    (tmp_path / "sources.toml").write_text(
        text.replace("[sources.fed]\n", '[sources.fed]\nformat = "jsonfeed"\n'), "utf-8"
    )
    run = one.night()
    assert "b" not in newest(one)
    (tmp_path / "sources.toml").write_text(text, "utf-8")
    wanted = Wanted(run_id=run.run_id)
    [new] = differences(one, wanted)
    assert (new.version, new.old, new.new) == (0, None, "Bridge closed")
    replay_once(one.settings, wanted, now=LATER)
    assert (newest(one)["b"].version, newest(one)["b"].relation) == (1, "canonical")


def test_feeds_and_health_stay_as_they_were(tmp_path: Path, stall: Kiosk) -> None:
    one = pages_and_feed(tmp_path, stall)
    wanted = Wanted(run_id=one.night().run_id)
    add_rule(tmp_path, "fed", 'pattern = ".*point 2 .*"', 'kind = "promo"', 'reason = "a line of each story"')

    def known() -> tuple[object, ...]:
        with read(one.workspace.engine) as conn:
            return load_feed_states(conn, ["fed", "paged"]), load_days(conn, ["fed", "paged"], NIGHT.date())

    before = known()
    assert replay_once(one.settings, wanted, now=LATER)[1].landed == 1
    assert known() == before


def test_a_source_that_is_gone_is_told(tmp_path: Path, stall: Kiosk) -> None:
    one = pages_and_feed(tmp_path, stall)
    wanted = Wanted(run_id=one.night().run_id)
    registry(tmp_path, fed=stall.base_url + "/fed")
    assert plan(one.workspace, "dry-run", wanted, LATER, dry_run=True).gone == ("paged",)


def test_a_run_without_an_archive_is_an_error(tmp_path: Path, stall: Kiosk) -> None:
    one = pages_and_feed(tmp_path, stall)
    one.night()
    with pytest.raises(NotStored, match="raw archive"):
        plan(one.workspace, "dry-run", Wanted(run_id="run-of-nobody"), LATER, dry_run=True)


def test_a_story_over_several_pages_is_read_again_whole(tmp_path: Path, stall: Kiosk) -> None:
    ferry = Story("f", "Ferry returns", "The ferry came back to the harbour at dawn.", path="/ferry")
    stall.page("/ferry", ferry)
    stall.bodies["/ferry"] = stall.bodies["/ferry"].replace(
        b"<title>", b"<link rel='next' href='/ferry?page=2'><title>"
    )
    stall.page("/ferry?page=2", Story("f", "Ferry returns", "Her crew had waited for a calmer sea."))
    registry(tmp_path, paged=stall.feed("/paged", ferry))
    one = desk(tmp_path)
    wanted = Wanted(run_id=one.night().run_id)
    assert "calmer sea" in newest(one)["f"].body_text
    stall.bodies.clear()
    assert differences(one, wanted) == []
    add_rule(tmp_path, "paged", 'pattern = ".*point 2 .*"', 'kind = "promo"', 'reason = "a line of each story"')
    [change] = differences(one, wanted)
    assert (change.old.count("point 2"), change.new.count("point 2"), change.new.count("calmer sea")) == (2, 0, 5)


def test_a_copy_of_what_was_killed_is_left(tmp_path: Path, stall: Kiosk) -> None:
    one = pages_and_feed(tmp_path, stall)
    wanted = Wanted(run_id=one.night().run_id)
    with write(one.workspace.engine) as conn:
        conn.execute(update(story_members).where(story_members.c.source_id == "fed").values(killed=True))
    add_rule(tmp_path, "fed", 'pattern = ".*point 2 .*"', 'kind = "promo"', 'reason = "a line of each story"')
    assert differences(one, wanted) == []


def test_killed_on_its_way_it_goes_on(tmp_path: Path, stall: Kiosk) -> None:
    one = pages_and_feed(tmp_path, stall)
    wanted = Wanted(run_id=one.night().run_id)
    add_rule(tmp_path, "fed", 'pattern = ".*point 2 .*"', 'kind = "promo"', 'reason = "a line of each story"')
    shards = plan(one.workspace, "replay-1", wanted, LATER, dry_run=False).shards
    for _ in range(2):  # a task that is tried again begins anew
        for shard in shards:
            replay_shard(one.workspace, shard, wanted, LATER, lambda _: None, dry_run=False)
    for _ in range(2):
        pipeline.resolve(one.workspace, "replay-1", LATER)
    reports = [pipeline.land(one.workspace, "replay-1", shards, LATER) for _ in range(2)]
    assert [report.landed for report in reports] == [1, 1]
    assert [a.version for a in one.articles() if a.guid == "b"].count(2) == 1


def test_what_landed_while_it_was_read_again_is_not_replaced(tmp_path: Path, stall: Kiosk) -> None:
    one = pages_and_feed(tmp_path, stall)
    wanted = Wanted(run_id=one.night().run_id)
    add_rule(tmp_path, "fed", 'pattern = ".*point 2 .*"', 'kind = "promo"', 'reason = "a line of each story"')
    shards = plan(one.workspace, "replay-1", wanted, LATER, dry_run=False).shards
    for shard in shards:
        replay_shard(one.workspace, shard, wanted, LATER, lambda _: None, dry_run=False)
    pipeline.resolve(one.workspace, "replay-1", LATER)
    stall.feed("/fed", Story("b", "Bridge open", "The old bridge is open again. Sign up for our letter."))
    assert one.night(hours=60).landed == 1
    assert pipeline.land(one.workspace, "replay-1", shards, LATER).landed == 0
    assert (newest(one)["b"].version, newest(one)["b"].headline) == (2, "Bridge open")
