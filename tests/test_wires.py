"""Wires from a folder to the table: every format, versions, adds and kills over several polls."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.land.read import Query, read_articles
from ingest.pipeline import poll_wires
from tests.newsroom import Desk, desk

FIXTURES = Path(__file__).parent / "fixtures" / "parse"
SOH, STX, ETX, EOT = "\x16\x16\x01", "\x02", "\x03", "\x04"


def wire_desk(folder: Path) -> Desk:
    (folder / "drop").mkdir()
    (folder / "sources.toml").write_text(f'[sources.wire]\nurl = "file://{folder}/drop"\nwire = true\nevery = "1m"\n')
    return desk(folder)


def anpa(number: int, keyword: str, headline: str, text: str, minute: int) -> bytes:
    head = f"{SOH}a{number:04d} u i bc-{keyword} 11-24 0100"
    sent = f"AP-WF-11-24-26 10{minute:02d}GMT"
    return f"{head}\n{STX}^BC-{keyword},100<\n^{headline}<\n   {text}\n{ETX}\n{sent}\n{EOT}".encode()


def test_every_format_of_the_fixtures_lands_once(tmp_path: Path) -> None:
    one = wire_desk(tmp_path)
    for case in sorted(FIXTURES.iterdir()):
        for file in case.glob("input.*"):
            shutil.copy(file, tmp_path / "drop" / f"{case.name}{file.suffix}")
    report = one.night()
    faults = [fault for source in report.sources for fault in source.faults]
    assert [fault for fault in faults if fault.code == "bug"] == []
    assert report.landed > 100  # many fixtures share a guid, and teasers have no page
    assert one.night(hours=1).landed == 0
    keys = [(a.article_id, a.version) for a in one.articles()]
    assert len(keys) == len(set(keys)) == report.landed


def test_a_poll_lands_what_came_and_says_nothing_when_nothing_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = wire_desk(tmp_path)
    one.workspace.set_up()
    for name, value in {
        "SOURCES": one.settings.sources,
        "STORE": one.settings.store,
        "STATE": one.settings.state,
    }.items():
        monkeypatch.setenv(f"INGEST_{name}", str(value))
    (tmp_path / "drop" / "1").write_bytes(anpa(1, "Ferry", "Ferry returns", "The ferry came back to the harbour.", 1))
    counts = poll_wires("scheduled__2026-11-24T10:05:00+00:00")
    assert (counts["landed"], counts["failed"]) == (1, 0)
    assert poll_wires("scheduled__2026-11-24T10:10:00+00:00") == {}  # not due yet


def test_an_add_and_then_a_kill_are_versions_of_their_story(tmp_path: Path) -> None:
    one = wire_desk(tmp_path)
    drop = tmp_path / "drop"
    (drop / "1").write_bytes(anpa(1, "Ferry", "Ferry returns", "The ferry came back to the harbour at dawn.", 1))
    one.night()
    (drop / "2").write_bytes(anpa(2, "Ferry, 1st Add", "", "Nobody on board was hurt, its owners said.", 9))
    one.night(hours=1)
    (drop / "3").write_bytes(anpa(3, "Ferry, KILL", "KILL", "Kill the story slugged Ferry. It is not true.", 20))
    one.night(hours=2)
    found = sorted(one.articles(), key=lambda a: a.version)
    assert [(a.version, a.pub_status) for a in found] == [(1, "usable"), (2, "usable"), (3, "canceled")]
    assert len({a.article_id for a in found}) == 1
    assert [block.text for block in found[1].blocks] == [
        "The ferry came back to the harbour at dawn.",
        "Nobody on board was hurt, its owners said.",
    ]
    assert one.night(hours=3).landed == 0


def test_what_is_under_embargo_has_landed_and_waits(tmp_path: Path) -> None:
    one = wire_desk(tmp_path)
    item = {"uri": "urn:x", "versioncreated": "2026-11-24T01:00:00Z", "headline": "Budget", "body_text": "Text."}
    item |= {"type": "text", "pubstatus": "usable", "version": "1", "embargoed": "2026-11-24T09:00:00Z"}
    (tmp_path / "drop" / "budget.json").write_text(json.dumps(item))
    assert one.night().landed == 1
    store = one.workspace.store

    def public(hour: int) -> list[str | None]:
        return [a.headline for a in read_articles(store, Query(public_at=datetime(2026, 11, 24, hour, tzinfo=UTC)))]

    assert (public(8), public(9)) == ([], ["Budget"])
