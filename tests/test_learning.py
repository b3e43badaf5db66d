"""What a source repeats, night after night: learned when a run has landed, gone from the next, undone by a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.clean.learned import LearnedRule
from ingest.demo import start_demo, write_sources
from ingest.errors import StoreUnavailable
from ingest.model import Article
from ingest.pipeline import Shard, complete_killed, ingest_shard, land, plan, resolve
from ingest.state.database import read, write
from ingest.state.learned import load_counts, load_rules, undo_rule
from tests.faulty import FaultyStore
from tests.newsroom import FEW, NIGHT, TODAY, Desk, Kiosk, Story, desk, kiosk, registry
from tests.paragraphs import paragraphs

LINE = "Brightwater Lantern is printed by the keepers of the old lighthouse."


@dataclass(frozen=True)
class Filed(Story):
    """A story of its own words, with the line that its paper ends every story with."""

    end: str = LINE

    @property
    def paragraphs(self) -> Sequence[str]:
        return [*paragraphs(self.guid, 6, 40), self.end]


def filed(*numbers: int, updated: str | None = None) -> list[Filed]:
    return [Filed(f"story-{n}", paragraphs(f"headline {n}", 1, 6)[0], "A teaser.", updated) for n in numbers]


def planned(here: Desk, name: str, hours: float, source_ids: Sequence[str] = ()) -> list[Shard]:
    here.workspace.set_up()
    return plan(here.workspace, name, NIGHT + timedelta(hours=hours), source_ids, force=True)


def staged(here: Desk, name: str, shards: Sequence[Shard], hours: float) -> None:
    now = NIGHT + timedelta(hours=hours)
    for shard in shards:
        ingest_shard(here.workspace, shard, now)
    resolve(here.workspace, name, now)


def night(here: Desk, number: int, source_ids: Sequence[str] = ()) -> int:
    """A run from 2 to 3 in the morning: what landed."""
    name, hours = f"night-{number}", 24.0 * number
    shards = planned(here, name, hours, source_ids)
    staged(here, name, shards, hours)
    return land(here.workspace, name, shards, NIGHT + timedelta(hours=hours + 1)).landed


def rules_of(here: Desk, source_id: str = "lantern") -> Sequence[LearnedRule]:
    with read(here.workspace.engine) as conn:
        return load_rules(conn, [source_id]).get(source_id, ())


def counted(here: Desk, source_id: str = "lantern") -> int:
    with read(here.workspace.engine) as conn:
        counts = load_counts(conn, [source_id]).get(source_id)
        return len(counts.stories) if counts else 0


def ends(here: Desk, source_id: str = "lantern") -> dict[str, bool]:
    """guid → whether the latest version of the story still has the line."""
    return {a.guid: LINE in a.body_text for a in here.articles(latest_only=True) if a.source_id == source_id}


def article(here: Desk, guid: str) -> Article:
    return next(a for a in here.articles(latest_only=True) if a.guid == guid)


@pytest.fixture
def shop() -> Iterator[Kiosk]:
    with kiosk() as found:
        yield found


def test_beside_the_demo_newsroom(shop: Kiosk, tmp_path: Path) -> None:
    sources = tmp_path / "sources.toml"
    with start_demo(today=TODAY, folder=tmp_path / "drop") as demo:
        write_sources(sources, demo.base_url, tmp_path / "drop", faults=False)
        url = shop.feed("/lantern", *filed(*range(10)))
        sources.write_text(f'{sources.read_text()}\n[sources.lantern]\nname = "Lantern"\nurl = "{url}"\n')
        here = desk(tmp_path)

        assert night(here, 0, (*FEW, "lantern")) > 80
        assert ends(here) == {f"story-{n}": True for n in range(10)}
        [rule] = rules_of(here)
        assert (rule.text, rule.stories, rule.window) == (LINE, 10, 10)

        demo.day = 2
        shop.feed("/lantern", *filed(10, 11, 12), *filed(0, 1, updated="2026-11-25T01:00:00Z"), *filed(*range(2, 10)))
        assert night(here, 1, (*FEW, "lantern")) > 3
        assert all(rules_of(here, source_id) == () for source_id in FEW)
        assert ends(here) == {f"story-{n}": n < 10 for n in range(13)}
        [gone] = article(here, "story-10").removed
        assert (gone.text, gone.rule) == (LINE, f"learned: 10 of 10 stories since 2026-11-24 ({rule.rule_id})")
        assert article(here, "story-0").version == 1  # touched only: it keeps the rules of its first night

        with write(here.workspace.engine) as conn:
            undo_rule(conn, "lantern", rule.rule_id)
        shop.feed("/lantern", *filed(13, 14))
        assert night(here, 2, ["lantern"]) == 2
        assert ends(here)["story-13"]
        with write(here.workspace.engine) as conn:
            undo_rule(conn, "lantern", rule.rule_id, undone=False)
        shop.feed("/lantern", *filed(15))
        assert night(here, 3, ["lantern"]) == 1
        assert not ends(here)["story-15"]
        assert (counted(here), rules_of(here)[0].seen_at) == (16, NIGHT + timedelta(hours=73))


@pytest.fixture
def here(shop: Kiosk, tmp_path: Path) -> Desk:
    registry(tmp_path, lantern=shop.feed("/lantern", *filed(*range(10))))
    return desk(tmp_path)


def test_a_run_counts_once_it_has_landed_and_only_once(here: Desk) -> None:
    shards = planned(here, "run", 0)
    staged(here, "run", shards, 0)
    staged(here, "run", shards, 0)
    assert (counted(here), rules_of(here)) == (0, ())
    for _ in range(2):
        land(here.workspace, "run", shards, NIGHT + timedelta(hours=1))
        assert (counted(here), len(rules_of(here))) == (10, 1)


def test_a_run_that_is_killed_after_its_commit_counts_when_it_is_completed(here: Desk) -> None:
    shards = planned(here, "run", 0)
    staged(here, "run", shards, 0)
    killed = here.workspace
    killed.__dict__["store"] = FaultyStore(killed.store, {"put": {1}})  # runs/run.json, between commit and state
    with pytest.raises(StoreUnavailable):
        land(killed, "run", shards, NIGHT)
    assert (len(here.articles()), counted(here)) == (10, 0)
    assert complete_killed(here.workspace, NIGHT + timedelta(hours=1)) == ["run"]
    assert (counted(here), len(rules_of(here))) == (10, 1)


def test_a_run_cleans_with_the_rules_of_its_plan(here: Desk, shop: Kiosk) -> None:
    """However often its shards run, and whatever lands meanwhile."""
    first = planned(here, "first", 0)
    staged(here, "first", first, 0)
    second = planned(here, "second", 1)
    land(here.workspace, "first", first, NIGHT + timedelta(hours=2))
    assert len(rules_of(here)) == 1
    shop.feed("/lantern", *filed(10, 11))
    staged(here, "second", second, 3)
    land(here.workspace, "second", second, NIGHT + timedelta(hours=4))
    assert ends(here)["story-10"]
    shop.feed("/lantern", *filed(12, 13))
    night(here, 1)
    assert not ends(here)["story-12"]


def test_an_item_known_by_its_content_alone_is_not_told_apart_by_a_rule(shop: Kiosk, tmp_path: Path) -> None:
    """Without guid and address a line less would make another article of it."""
    items = "".join(
        f"<item><title>{s.headline}</title><description><![CDATA[{''.join(f'<p>{p}</p>' for p in s.paragraphs)}]]>"
        f"</description><pubDate>Mon, 23 Nov 2026 {{hour:02}}:00:00 GMT</pubDate></item>"
        for s in filed(*range(10))
    )
    feed = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Lantern</title>{items}</channel></rss>'
    shop.bodies["/lantern"] = feed.replace("{hour:02}", "09").encode()
    registry(tmp_path, lantern=shop.base_url + "/lantern")
    here = desk(tmp_path)
    assert night(here, 0) == 10
    assert len(rules_of(here)) == 1
    shop.bodies["/lantern"] = feed.replace("{hour:02}", "10").encode()
    assert night(here, 1) == 0
    assert len(here.articles()) == 10
