"""Notices of commits: objects in the store, and POSTs to a real server that sometimes fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest import upkeep
from ingest.errors import BadConfig
from ingest.land.table import commit_run
from ingest.notices import Notice, load_notices, sign
from ingest.notices.notice import FOLDER, forget_notices
from ingest.pipeline import notify
from ingest.state.database import upgrade
from tests.hook import Hook, hook
from tests.newsroom import NIGHT, Desk, Kiosk, Story, desk, kiosk, registry

KEY = "0123456789abcdef"
STORIES = [
    Story("ferry", "The ferry is back", "After a long night at sea the ferry came back to the harbour."),
    Story("market", "The market opens", "Stalls at the old quay were full of fish and fruit by nine."),
    Story("bridge", "The bridge is closed", "Nobody may cross the old bridge before its piers are mended."),
]


@contextmanager
def newsroom(folder: Path, **settings: object) -> Iterator[tuple[Kiosk, Desk]]:
    with kiosk() as shop:
        registry(folder, paper=shop.feed("/rss", STORIES[0]))
        yield shop, desk(folder, **settings)


def versions(there: Hook) -> list[int]:
    return [Notice.model_validate_json(body).table_version for _, body in there.taken]


def told(here: Desk) -> list[Notice]:
    return list(load_notices(here.workspace.store))


def test_each_commit_is_told_once_and_a_night_without_news_is_not(tmp_path: Path) -> None:
    with newsroom(tmp_path) as (shop, here):
        runs = []
        for number in range(3):
            shop.feed("/rss", *STORIES[: number + 1])
            runs.append(here.night(24 * number).run_id)
            here.night(24 * number + 12)
    notices = told(here)
    assert [(one.table_version, one.kind, one.landed) for one in notices] == [(n, "landed", 1) for n in (1, 2, 3)]
    assert [one.run_id for one in notices] == runs


def test_what_was_killed_is_named(tmp_path: Path) -> None:
    with newsroom(tmp_path) as (_, here):
        here.night()
        (ferry,) = here.articles()
        ws, later = here.workspace, datetime.now(UTC)
        kill = ferry.model_copy(update={"version": 2, "pub_status": "canceled"})
        commit_run(ws.store, "wires-1", [kill], later, {})
        notify(ws, later)
    assert [one.killed for one in told(here)] == [(), (ferry.article_id,)]


def test_upkeep_is_no_news(tmp_path: Path) -> None:
    with newsroom(tmp_path) as (shop, here):
        for number in range(2):
            shop.feed("/rss", *STORIES[: number + 1])
            here.night(24 * number)
        ws = here.workspace
        upkeep.keep_up(ws, NIGHT + timedelta(days=9))
        before = len(told(here))
        notify(ws, NIGHT + timedelta(days=9))
    assert len(told(here)) == before == 2


def test_a_webhook_gets_them_signed_in_order_and_what_it_missed(tmp_path: Path) -> None:
    with hook() as there, newsroom(tmp_path, notice_hooks=there.url, notice_key=KEY) as (shop, here):
        here.night()
        there.status = 500
        for number in (1, 2):
            shop.feed("/rss", *STORIES[: number + 1])
            assert here.night(24 * number).landed == 1  # a webhook that is down fails no run
        assert versions(there) == [1]
        there.status = 200
        assert notify(here.workspace, NIGHT) == []
        assert versions(there) == [1, 2, 3]
        assert notify(here.workspace, NIGHT) == []
        assert versions(there) == [1, 2, 3]
    for headers, body in there.taken:
        assert headers["X-Ingest-Signature"] == sign(KEY, headers["X-Ingest-Timestamp"], body)
        assert headers["X-Ingest-Signature"] != sign("other", headers["X-Ingest-Timestamp"], body)


def test_a_webhook_that_fails_is_told_without_its_address(tmp_path: Path) -> None:
    with hook() as there, newsroom(tmp_path, notice_hooks=there.url, notice_key=KEY) as (_, here):
        there.status = 302
        here.night()
        (failed,) = notify(here.workspace, NIGHT)
        assert (failed.host, failed.table_version, failed.why) == ("127.0.0.1", 1, "HTTP status 302")
    (unreachable,) = notify(here.workspace, NIGHT)
    assert "s3cret" not in f"{unreachable} {here.settings}"


def test_a_lost_state_goes_on_from_the_last_notice(tmp_path: Path) -> None:
    with newsroom(tmp_path) as (_, here):
        here.night()
        lost = desk(tmp_path, state=f"sqlite:///{tmp_path}/other.db").workspace
        upgrade(lost.engine)
        notify(lost, NIGHT)
    assert [one.table_version for one in told(here)] == [1]


def test_a_webhook_without_a_key_is_an_error(tmp_path: Path) -> None:
    with newsroom(tmp_path) as (_, here):
        here.night()
        ws = desk(tmp_path, notice_hooks="https://x.example/").workspace
        with pytest.raises(BadConfig, match="INGEST_NOTICE_KEY"):
            notify(ws, NIGHT)


def test_old_ones_are_forgotten(tmp_path: Path) -> None:
    with newsroom(tmp_path) as (_, here):
        here.night()
        store = here.workspace.store
    (stored,) = store.list(FOLDER)
    assert forget_notices(store, stored.modified_at) == 0
    assert forget_notices(store, stored.modified_at + timedelta(seconds=1)) == 1
