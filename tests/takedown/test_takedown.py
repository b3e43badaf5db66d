"""A takedown of what a newsroom published: nothing of it is left, it does not come back, others stay."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest
from sqlalchemy import select

from ingest.errors import NotStored
from ingest.land.table import open_table, table_version
from ingest.model import Article
from ingest.state.database import read
from ingest.state.tables import items, story_members, takedown_keys, versions
from ingest.takedown.audit import removals
from ingest.takedown.listing import stored_tombstones, takedowns_after
from ingest.takedown.scan import places_of
from ingest.takedown.take import TakenDown, preview, take_down
from tests.newsroom import NIGHT, Desk, Kiosk, Story, desk, kiosk, of, registry

SECRET = Story(
    "secret",
    "Harbour master's ledger lists pelican payments",
    "A ledger that clerks kept in the old customs house names eleven captains who were paid for “pelican duty”.",
)
PAGED = Story(
    "paged",
    "Ferry timetable drops the dawn crossing to Skarvholm",
    "The council's transport board has decided that boats will no longer leave before seven in winter months.",
    path="/paged.html",
)
PLAIN = Story(
    "plain",
    "Beekeepers move forty hives to the lighthouse meadow",
    "The association says the heather there flowers late, which gives young colonies three more weeks.",
)
NEWS = Story(
    "news",
    "New slipway at Tarn opens with a race of rowing boats",
    "Crews from nine villages rowed out to the breakwater and back before the ribbon was cut by the oldest of them.",
)


@dataclass
class Room:
    kiosk: Kiosk
    desk: Desk

    def article(self, guid: str, source_id: str = "post") -> Article:
        return next(a for a in self.desk.articles() if a.guid == guid and a.source_id == source_id)

    def take_down(self, target: str) -> TakenDown:
        return take_down(self.desk.workspace, target, "court order 7", "A. Counsel", NIGHT)

    def left(self, *texts: str) -> list[str]:
        return list(places_of(self.desk.workspace.store, self.desk.workspace.engine, texts))

    def guids(self) -> set[tuple[str, str]]:
        return {(a.source_id, a.guid) for a in self.desk.articles()}


@pytest.fixture
def room(tmp_path: Path, state_url: str) -> Iterator[Room]:
    with kiosk() as stand:
        registry(tmp_path, post=stand.feed("/post.xml", SECRET, PLAIN), gazette=stand.feed("/gazette.xml", PAGED))
        stand.page("/paged.html", PAGED)
        yield Room(stand, desk(tmp_path, state=state_url))


def _texts(story: Story) -> list[str]:
    first = next(iter(story.paragraphs))
    return [story.headline, story.text, first, story.text[:40]]


def test_not_a_byte_is_left_of_an_article(room: Room) -> None:
    room.desk.night()
    changed = Story("secret", SECRET.headline, SECRET.text.replace("eleven", "twelve"), updated="2026-11-24T03:00:00Z")
    room.kiosk.feed("/post.xml", changed, PLAIN)
    room.desk.night(2)
    secret = room.article("secret")
    assert room.left(SECRET.headline)

    done = room.take_down(secret.article_id)
    assert (done.rows, done.records) == (2, 2)
    assert room.left(*_texts(SECRET), *_texts(changed)) == []
    assert room.guids() == {("post", "plain"), ("gazette", "paged")}
    assert room.left(PLAIN.text), "what others say stays"

    again = room.take_down(secret.article_id)
    assert again == TakenDown(takedown_id=done.takedown_id, articles=done.articles)


def test_nor_of_one_whose_text_was_on_a_page(room: Room) -> None:
    room.desk.night()
    done = room.take_down(room.article("paged", "gazette").article_id)
    assert done.records == 2  # the page, and the feed that has its headline
    assert room.left(*_texts(PAGED)) == []
    assert room.kiosk.requests["/paged.html", 200] == 1
    room.kiosk.feed("/gazette.xml", PAGED, NEWS)
    report = room.desk.night(2)
    assert report.landed == 1
    assert of(report, "gazette").taken_down == report.taken_down == 1
    assert room.kiosk.requests["/paged.html", 200] == 1, "its page is not even asked for"
    assert room.left(*_texts(PAGED)) == [], "also not in the archive of the later run"


def test_a_story_goes_with_its_copies_and_stays_out_under_any_name(room: Room) -> None:
    room.kiosk.feed("/gazette.xml", Story("copy", SECRET.headline, SECRET.text))
    room.desk.night()
    secret, copy = room.article("secret"), room.article("copy", "gazette")
    assert copy.story_id == secret.story_id
    assert secret.story_id is not None
    assert set(room.take_down(secret.story_id).articles) == {secret.article_id, copy.article_id}
    assert room.left(*_texts(SECRET)) == []

    again = Story("secret-2", SECRET.headline, SECRET.text)
    for hours, stories in ((2, (SECRET, PLAIN, again)), (4, (again, SECRET, PLAIN))):
        room.kiosk.feed("/post.xml", *stories)
        report = room.desk.night(hours)
        assert of(report, "post").taken_down == 2
        assert of(report, "post").rejected == 0
        assert room.guids() == {("post", "plain")}
        assert room.left(*_texts(SECRET)) == []


def test_a_tombstone_has_no_text_and_outlives_the_state(room: Room, tmp_path: Path) -> None:
    room.desk.night()
    room.take_down(room.article("secret").article_id)
    (stone,) = stored_tombstones(room.desk.workspace.store)
    assert (stone.reason, stone.author, stone.at, stone.done_at) == ("court order 7", "A. Counsel", NIGHT, NIGHT)
    assert {kind for kind, _ in stone.keys} == {"article", "url", "content", "text"}
    (told,) = removals(room.desk.workspace.store)
    assert (told.by, told.kind, told.subject, told.ref) == ("A. Counsel", "takedown", stone.target, stone.takedown_id)

    new = desk(tmp_path, state=f"sqlite:///{tmp_path}/new/state.db").workspace
    new.set_up()
    with read(new.engine) as conn:
        assert len(conn.execute(select(takedown_keys)).all()) == len(stone.keys)


def test_consumers_are_told_and_the_change_feed_still_reads(room: Room) -> None:
    room.desk.night()
    store, secret = room.desk.workspace.store, room.article("secret")
    before = table_version(store)
    room.take_down(secret.article_id)
    assert [stone.target for stone in takedowns_after(store, before)] == [secret.article_id]
    assert takedowns_after(store, table_version(store)) == []
    changes = pa.table(open_table(store).load_cdf(starting_version=before + 1)).to_pylist()
    (gone,) = [row for row in changes if row["_change_type"] == "delete"]
    assert (gone["article_id"], gone["version"], gone["source_id"]) == (secret.article_id, 1, "post")
    assert gone["headline"] is gone["body_text"] is gone["blocks"] is None


def test_what_was_staged_before_does_not_land(room: Room) -> None:
    from ingest.pipeline import ingest_shard, land, plan

    room.desk.night()
    secret, ws = room.article("secret"), room.desk.workspace
    changed = Story("secret", SECRET.headline, SECRET.text.replace("eleven", "twelve"), updated="2026-11-24T03:00:00Z")
    room.kiosk.feed("/post.xml", changed, PLAIN)
    shards = plan(ws, "late", NIGHT, force=True)
    for shard in shards:
        ingest_shard(ws, shard, NIGHT)
    from ingest.pipeline import resolve

    resolve(ws, "late", NIGHT)
    room.take_down(secret.article_id)
    land(ws, "late", shards, NIGHT)
    assert room.guids() == {("post", "plain"), ("gazette", "paged")}
    assert room.left(*_texts(SECRET), *_texts(changed)) == []
    with read(ws.engine) as conn:
        for table in (items, versions, story_members):
            assert secret.article_id not in conn.scalars(select(table.c.article_id)).all()


def test_a_dry_run_changes_nothing_and_an_unknown_id_is_told(room: Room) -> None:
    room.desk.night()
    secret = room.article("secret")
    assert preview(room.desk.workspace, secret.article_id, NIGHT).rows == 1
    assert ("post", "secret") in room.guids()
    assert list(stored_tombstones(room.desk.workspace.store)) == []
    with pytest.raises(NotStored, match="no article and no story"):
        room.take_down("0" * 32)


def test_records_beside_it_keep_their_places(room: Room) -> None:
    room.desk.night()
    room.take_down(room.article("secret").article_id)
    store = room.desk.workspace.store
    from ingest.land.raw import read_raw

    ref = room.article("paged", "gazette").raw
    assert ref is not None
    assert PAGED.text.encode() in read_raw(store, ref).body
    for stored in store.list("raw"):
        assert gzip.decompress(store.get(stored.key))
