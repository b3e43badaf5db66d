"""What is older than its source allows, or past its licence, goes; the audit log tells."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from ingest.land.erase import NOTE
from ingest.land.raw import iter_raw
from ingest.land.table import commit_run, create_table, open_table
from ingest.model import Payload
from ingest.sources import check_sources, load_sources
from ingest.state.database import upgrade
from ingest.takedown.audit import removals
from ingest.takedown.retention import Retained, retain
from tests.land.articles import LANDED, article
from tests.newsroom import NIGHT, desk, kiosk
from tests.takedown.test_takedown import PLAIN, SECRET


def test_a_sources_retention_takes_its_articles_and_its_raw_bytes(tmp_path: Path) -> None:
    with kiosk() as stand:
        post, gazette = stand.feed("/post.xml", SECRET), stand.feed("/gazette.xml", PLAIN)
        table = f'[sources.post]\nurl = "{post}"\nretention = "30d"\n[sources.gazette]\nurl = "{gazette}"\n'
        (tmp_path / "sources.toml").write_text(table, "utf-8")
        room = desk(tmp_path)
        room.night()
        assert retain(room.workspace, NIGHT + timedelta(days=29)) == Retained(rows=0, records=0)
        assert list(removals(room.workspace.store)) == []
        late = NIGHT + timedelta(days=31)
        assert retain(room.workspace, late) == Retained(rows=1, records=1)
        assert retain(room.workspace, late) == Retained(rows=0, records=0)

        store = room.workspace.store
        payloads = [one for stored in store.list("raw") for one in iter_raw(store, stored.key)]
        assert [one.source_id for one in payloads if isinstance(one, Payload)] == ["gazette"]
        assert [a.guid for a in room.articles()] == ["plain"]
        (told,) = removals(store)
        assert (told.kind, told.subject, told.rows, told.records) == ("retention", "post", 1, 1)
        (changed,) = pa.table(open_table(store).load_cdf(starting_version=2)).to_pylist()
        assert (changed["_change_type"], changed["headline"]) == ("delete", None)
        assert open_table(store).history(1)[0][NOTE] == "retention"
        room.night(2)  # the feed still shows it: known, hence nothing new
        assert [a.guid for a in room.articles()] == ["plain"]


def test_what_is_past_its_licence_goes(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text('[sources.a]\nurl = "https://harbour.example/rss"\n', "utf-8")
    ws = desk(tmp_path).workspace
    upgrade(ws.engine)
    create_table(ws.store)
    expiring = article(1).model_copy(update={"expires": LANDED + timedelta(days=2)})
    commit_run(ws.store, "r1", [expiring, article(2)], LANDED, {})
    assert retain(ws, LANDED + timedelta(days=1)).rows == 0
    assert retain(ws, LANDED + timedelta(days=3)).rows == 1
    assert [a.guid for a in desk(tmp_path).articles()] == ["2"]
    assert [one.subject for one in removals(ws.store)] == ["expired"]


@pytest.mark.parametrize(("given", "said"), [('"1h"', "out of range"), ('"soon"', "no length of time"), ("30", "text")])
def test_a_retention_is_a_length_of_time_of_a_day_or_more(tmp_path: Path, given: str, said: str) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(f'[sources.a]\nurl = "https://harbour.example/rss"\nretention = {given}\n', "utf-8")
    assert said in str(check_sources(path)[0].message)
    path.write_text('[sources.a]\nurl = "https://harbour.example/rss"\nretention = "52w"\n', "utf-8")
    assert load_sources(path)["a"].retention_s == 52 * 7 * 86_400
