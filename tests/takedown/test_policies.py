"""The bucket policies of docs/policies: the calls of each role are within its own, which is no wider than its work."""

from __future__ import annotations

import json
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from ingest.land.read import Query, read_articles
from ingest.pipeline import ingest_shard, land, plan, resolve
from ingest.takedown.listing import stored_tombstones
from ingest.takedown.scan import places_of
from ingest.takedown.take import take_down
from ingest.upkeep import keep_up
from tests.newsroom import NIGHT, Desk, desk, kiosk, registry
from tests.takedown.recorder import Call, recorder
from tests.takedown.test_takedown import PAGED, PLAIN, SECRET

POLICIES = Path(__file__).parents[2] / "docs/policies"
pytestmark = pytest.mark.services


def allows(policy: dict[str, Any], call: Call) -> bool:
    effects = {one["Effect"] for one in policy["Statement"] if _matches(one, call)}
    return effects == {"Allow"}


def _matches(statement: dict[str, Any], call: Call) -> bool:
    prefixes = statement.get("Condition", {}).get("StringLike", {}).get("s3:prefix")
    return (
        call.action in statement["Action"]
        and any(fnmatchcase(call.resource, one) for one in statement["Resource"])
        and (prefixes is None or any(fnmatchcase(call.prefix or "", one) for one in prefixes))
    )


def policy_of(role: str, bucket: str) -> dict[str, Any]:
    text = (POLICIES / f"{role}.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text.replace("BUCKET", bucket).replace("PREFIX", "news"))
    return found


def _write(room: Desk) -> None:
    ws = room.workspace
    shards = plan(ws, "night", NIGHT, force=True)
    for shard in shards:
        ingest_shard(ws, shard, NIGHT)
    resolve(ws, "night", NIGHT)
    land(ws, "night", shards, NIGHT)


def _read(room: Desk) -> None:
    store = room.workspace.store
    assert len(list(read_articles(store))) == 3
    assert len(list(read_articles(store, Query(changes_since=0)))) == 3
    list(stored_tombstones(store))


def _maintain(room: Desk) -> None:
    ws = room.workspace
    keep_up(ws, NIGHT)
    secret = next(a for a in room.articles() if a.guid == "secret")
    take_down(ws, secret.article_id, "court order 7", "A. Counsel", NIGHT)
    assert list(places_of(ws.store, ws.engine, [SECRET.headline, SECRET.text])) == []


def _set_up(room: Desk) -> None:
    room.workspace.set_up()


ROLES: list[tuple[str, Callable[[Desk], None]]] = [
    ("maintainer", _set_up),
    ("writer", _write),
    ("reader", _read),
    ("maintainer", _maintain),
]


def test_the_calls_of_each_role_are_within_its_policy(new_bucket: Callable[[str], str], tmp_path: Path) -> None:
    with kiosk() as stand, recorder(tmp_path / "moto.log") as server:
        bucket = new_bucket(server.endpoint)
        registry(tmp_path, post=stand.feed("/post.xml", SECRET, PLAIN), gazette=stand.feed("/gazette.xml", PAGED))
        stand.page("/paged.html", PAGED)
        room = desk(tmp_path, store=f"s3://{bucket}/news", s3_endpoint=server.endpoint)
        server.calls()
        for role, work in ROLES:
            work(room)
            calls, policy = server.calls(), policy_of(role, bucket)
            assert calls
            assert sorted(call for call in calls if not allows(policy, call)) == []


@pytest.mark.parametrize(
    ("role", "action", "key"),
    [
        ("reader", "PutObject", "articles/x"),
        ("reader", "GetObject", "raw/2026-03-14/x"),
        ("writer", "DeleteObject", "articles/landed_day=2026-03-14/x"),
        ("writer", "DeleteObject", "raw/2026-03-14/x"),
        ("writer", "PutObject", "audit/x"),
        ("writer", "PutObject", "takedowns/x"),
        ("maintainer", "DeleteObject", "audit/x"),
    ],
)
def test_no_role_may_do_anothers_work(role: str, action: str, key: str) -> None:
    assert not allows(policy_of(role, "b"), Call(f"s3:{action}", f"arn:aws:s3:::b/news/{key}"))
