"""What a shard leaves: pages to try again and when, what was turned down, what the state becomes."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ingest.errors import HttpError, Malformed
from ingest.land.store import open_store
from ingest.model import Entry, Payload, RawRef, Source
from ingest.shard.item import Item
from ingest.shard.outbox import RETRY_PAGE, Outbox
from ingest.shard.tally import Tally
from ingest.state.models import ItemRow, PendingRow
from tests.land.articles import full_article

NIGHT = datetime(2026, 11, 24, 2, tzinfo=UTC)
SOURCE = Source(id="times", name="Times", urls=("https://times.example/rss",))
ENTRY = Entry(guid="g", url="https://times.example/a", headline="Ferry")
PAYLOAD = Payload(source_id="times", url="https://times.example/rss", body=b"")
REF = RawRef(archive="raw/x", offset=0, length=9, sha256="0" * 64)
ERROR = HttpError("https://times.example/a", "HTTP status 500", "tried again later", status=500)


def outbox() -> Outbox:
    return Outbox("run", "shard01", NIGHT)


def pending(attempts: int) -> PendingRow:
    return PendingRow(article_id="a", source_id="times", entry=ENTRY, attempts=attempts, next_try_at=NIGHT)


def test_a_page_is_tried_again_later_and_later_and_then_given_up() -> None:
    waits = []
    for attempt in range(len(RETRY_PAGE)):
        box = outbox()
        known = pending(attempt) if attempt else None
        told = box.try_later(SOURCE, Item(ENTRY, PAYLOAD, "hash", "a", known), ERROR)
        [row] = box.result(None).pending
        assert (row.attempts, row.entry, row.last_error) == (attempt + 1, ENTRY, str(ERROR))
        assert told == f"tried again in {row.next_try_at - NIGHT}"
        waits.append(row.next_try_at - NIGHT)
    assert waits == sorted(set(waits))
    assert waits[0] == timedelta(hours=1)

    box = outbox()
    told = box.try_later(SOURCE, Item(ENTRY, PAYLOAD, "hash", "a", pending(len(RETRY_PAGE))), ERROR)
    assert told == "given up until its feed changes it"
    result = box.result(None)
    assert (result.pending, result.settled) == ((), ("a",))
    [row] = result.items  # so that the same entry is no news
    assert (row.version, row.entry_hash, row.guid) == (0, "hash", "g")


def test_a_page_of_an_item_that_cannot_be_told_from_others_is_not_tried_again() -> None:
    box = outbox()
    assert "not tried again" in box.try_later(SOURCE, Item(ENTRY, PAYLOAD, "hash", None), ERROR)
    assert box.result(None).pending == ()


def test_what_is_turned_down_is_in_the_report_and_in_quarantine(tmp_path: Path) -> None:
    store, box, tally = open_store(str(tmp_path), None), outbox(), Tally(SOURCE)
    box.save_quarantine(store)
    assert list(store.list("")) == []
    box.reject(tally, Malformed("here", "no XML", "look at it"), "here", REF, "tried again")
    box.refuse(tally, "no-id", "item 3", "it has no id")
    try:
        raise ZeroDivisionError("a bug made for the test")
    except ZeroDivisionError as e:
        box.bug(tally, "item 4", e, REF)
    assert [(fault.code, fault.where) for fault in tally.faults] == [
        ("malformed", "here"),
        ("no-id", "item 3"),
        ("bug", "item 4"),
    ]
    assert tally.faults[0].what == "no XML (look at it); tried again"
    box.save_quarantine(store)
    lines = [json.loads(line) for line in store.get("quarantine/2026-11-24/run-shard01.jsonl").splitlines()]
    assert [(line["source_id"], line["code"], bool(line["raw"])) for line in lines] == [
        ("times", "malformed", True),
        ("times", "no-id", False),
        ("times", "bug", True),
    ]
    assert 'raise ZeroDivisionError("a bug made for the test")' in lines[2]["detail"]


def test_the_state_becomes_what_landed_and_was_seen() -> None:
    box, article = outbox(), full_article()
    long_ago = NIGHT - timedelta(days=9)
    row = ItemRow(
        article_id=article.article_id,
        source_id="times",
        guid="g",
        entry_hash="old",
        content_hash="old",
        version=2,
        first_seen_at=long_ago,
        last_seen_at=long_ago,
    )
    item = Item(ENTRY, PAYLOAD, "new", article.article_id)
    known = box.landed(SOURCE, item, article, 3, row)
    box.unchanged(item, row)
    landed, touched = box.result("raw/x").items
    assert known == landed
    assert (landed.version, landed.entry_hash, landed.content_hash) == (3, "new", article.content_hash)
    assert (landed.first_seen_at, landed.last_seen_at) == (long_ago, NIGHT)
    assert (touched.version, touched.entry_hash, touched.content_hash) == (2, "new", "old")
    assert box.result("raw/x").removed == {"promo": 1}
