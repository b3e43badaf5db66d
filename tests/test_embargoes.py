"""Embargoes: told once when they end, and again only to the look that had told them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ingest.embargoes import ending, release
from tests.newsroom import NIGHT, Desk
from tests.test_wires import wire_desk

END = datetime(2099, 11, 24, 9, tzinfo=UTC)  # a run lands at the real time, whatever its night
MINUTE = timedelta(minutes=1)


def send(folder: Path, name: str, embargoed: datetime, **fields: str) -> None:
    item = {"uri": f"urn:{name}", "versioncreated": "2026-11-24T01:00:00Z", "headline": name, "body_text": "Text."}
    item |= {"type": "text", "pubstatus": "usable", "version": "1", "embargoed": embargoed.isoformat()} | fields
    (folder / "drop" / f"{name}{fields.get('version', '')}.json").write_text(json.dumps(item))


def headlines(one: Desk, ids: list[str]) -> list[str | None]:
    return [article.headline for article in one.articles(latest_only=True) if article.article_id in ids]


def test_an_embargo_that_ends_is_told_once_at_its_minute(tmp_path: Path) -> None:
    one = wire_desk(tmp_path)
    send(tmp_path, "budget", END)
    send(tmp_path, "census", END + MINUTE)
    assert one.night().landed == 2
    ws = one.workspace
    assert [waiting.headline for waiting in ending(ws.store, NIGHT)] == ["budget", "census"]
    assert release(ws, "08:59", END - MINUTE) == []
    told = release(ws, "09:00", END)
    assert headlines(one, told) == ["budget"]
    assert release(ws, "09:00", END + MINUTE / 2) == told  # the same look, tried again
    assert headlines(one, release(ws, "09:01", END + MINUTE)) == ["census"]
    assert release(ws, "09:02", END + 2 * MINUTE) == []


def test_what_ended_while_nobody_looked_is_told_up_to_a_week_later(tmp_path: Path) -> None:
    one = wire_desk(tmp_path)
    send(tmp_path, "budget", END)
    one.night()
    assert len(release(one.workspace, "late", END + timedelta(days=6))) == 1
    assert release(one.workspace, "a month later", END + timedelta(days=40)) == []


def test_what_landed_after_its_embargo_or_was_killed_under_it_is_not_told(tmp_path: Path) -> None:
    one = wire_desk(tmp_path)
    send(tmp_path, "past", NIGHT - MINUTE)
    send(tmp_path, "killed", END)
    one.night()
    send(tmp_path, "killed", END, version="2", pubstatus="canceled")
    assert one.night(hours=1).landed == 1
    assert release(one.workspace, "09:00", END) == []
    assert ending(one.workspace.store, NIGHT) == []
