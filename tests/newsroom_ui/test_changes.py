"""What editors can do: pause, enable and retire, try and write rules, read again, discard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.quarantine import held
from ingest.takedown.audit import removals
from tests.newsroom import kiosk
from tests.newsroom_ui.conftest import PAPER, ROOT, Landed, land


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Landed]:
    """For a test that changes what there is."""
    with kiosk() as stand:
        yield land(tmp_path, stand)


def quarantined(landed: Landed, source: str) -> str:
    """The address of the newest."""
    found = re.search(rf'href="{ROOT}(/quarantine/[\d-]+/\w+)"', landed.page(f"/quarantine?source={source}"))
    assert found
    return found[1]


def test_a_source_is_paused_and_enabled(own: Landed) -> None:
    assert own.post("/sources/paper/pause") == (200, "paper is paused.")
    assert "enabled = false" in own.desk.settings.sources.read_text()
    assert 'class="state paused"' in own.page("/sources/paper")
    assert own.post("/sources/paper/pause") == (200, "paper was paused already.")
    assert own.post("/sources/paper/enable")[0] == 200
    assert 'class="state healthy"' in own.page("/sources/paper")


def test_a_source_that_is_not_there_is_not_made(landed: Landed) -> None:
    assert landed.post("/sources/nobody/pause")[0] == 400
    assert "nobody" not in landed.desk.settings.sources.read_text()


def test_a_source_is_retired_for_a_reason_and_taken_back(own: Landed) -> None:
    before = own.desk.settings.sources.read_bytes()
    assert own.post("/sources/paper/retire", why=" ")[0] == 400
    assert own.post("/sources/paper/retire", why='it "closed"') == (200, "paper is retired.")
    assert own.desk.settings.sources.read_bytes() == before.replace(
        b"[sources.paper]\n", b'[sources.paper]\nretired = "it \\"closed\\""\n'
    )
    assert "sources/paper" not in own.page("/sources")
    assert "sources/paper" in own.page("/sources?state=retired")
    assert "Retired: it &#34;closed&#34;" in own.page("/sources/paper")
    assert [(one.by, one.kind, one.subject) for one in removals(own.desk.workspace.store)] == [
        ("editor", "retire", "paper")
    ]
    assert own.desk.workspace.registry["paper"].enabled is False
    assert own.post("/sources/paper/enable") == (200, "paper is enabled.")
    assert own.desk.settings.sources.read_bytes() == before


RULE = {"kind": "promo", "reason": "said too often"}


@pytest.mark.parametrize("rule", [{"pattern": "point [23] of"}, {"selector": "p:nth-child(2), p:nth-child(3)"}])
def test_a_rule_is_tried_on_what_came_in(landed: Landed, rule: dict[str, str]) -> None:
    status, told = landed.post("/sources/paper/preview", **rule, **RULE)
    assert (status, told) == (200, "2 blocks of the last 1 articles would go")


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"pattern": "("},
        {"pattern": "(a+)+"},
        {"selector": "p["},
        {"pattern": "a", "selector": "b"},
        {"pattern": "a", "kind": "no such"},
        {"pattern": "a", "reason": " "},
    ],
)
def test_a_rule_that_the_registry_would_refuse_is_refused(landed: Landed, rule: dict[str, str]) -> None:
    for path in ("preview", "rules"):
        assert landed.post(f"/sources/paper/{path}", **(RULE | rule), seen=digest(landed))[0] == 400


def test_a_rule_that_takes_for_ever_is_ended(landed: Landed) -> None:
    status, told = landed.post("/sources/paper/preview", pattern="(.*.*)*x", **RULE)
    assert (status, told) == (400, "the rule: is too slow (anchor it, and repeat less)")


def digest(landed: Landed) -> str:
    found = re.search(r'name="seen" value="(\w+)"', landed.page("/sources/paper", role="editor"))
    assert found
    return found[1]


def test_a_rule_is_written_and_taken_out(own: Landed) -> None:
    before, seen = own.desk.settings.sources.read_bytes(), digest(own)
    rule = {"pattern": r"^<b>\s*\"Read\"", **RULE}
    assert own.post("/sources/paper/rules", **rule, seen=seen)[0] == 200
    (written,) = own.desk.workspace.registry["paper"].rules
    assert (written.pattern, written.kind, written.reason) == (rule["pattern"], "promo", "said too often")
    assert own.post("/sources/paper/rules", selector=".x", **RULE, seen=seen) == (
        400,
        "paper: its rules were changed meanwhile (reload the page, and look again)",
    )
    assert "^&lt;b&gt;" in own.page("/sources/paper")
    assert own.post("/sources/paper/rules/7/drop", seen=digest(own))[0] == 400
    assert own.post("/sources/paper/rules/0/drop", seen=digest(own))[0] == 200
    assert own.desk.workspace.registry["paper"].rules == ()
    assert b"rules = []" in own.desk.settings.sources.read_bytes()
    assert own.desk.settings.sources.read_bytes().replace(b"rules = []\n", b"") == before
    acts = list(removals(own.desk.workspace.store))
    assert [(act.by, act.kind, act.reason.split(":")[0]) for act in acts] == [
        ("editor", "rule", "added"),
        ("editor", "rule", "taken out"),
    ]


def test_what_is_mended_is_read_again(own: Landed) -> None:
    address = quarantined(own, "broken")
    assert own.post(f"{address}/mend", text="<rss>")[1].startswith("Still malformed")
    assert own.post(f"{address}/mend", role="viewer", text="<rss>") == (403, "Forbidden")
    item = "<item><guid>1</guid><title>Mended</title><description>It can be read now.</description></item>"
    good = f"<rss version='2.0'><channel><title>x</title>{item}</channel></rss>"
    assert own.post(f"{address}/mend", text=good) == (200, "Good now: 1 articles have landed.")
    assert own.article("broken").headline == "Mended"


def test_what_is_discarded_is_settled_with_its_reason(own: Landed) -> None:
    address = quarantined(own, "broken")
    assert own.post(f"{address}/discard", why=" ")[0] == 400
    assert own.post(f"{address}/discard", why="its publisher knows")[0] == 200
    store = own.desk.workspace.store
    (settled,) = [one.settled for one in held(store) if one.settled]
    assert (settled.by, settled.why) == ("editor", "its publisher knows")
    assert [one.reason for one in removals(store)] == ["its publisher knows"]
    assert "Discarded by editor" in own.page(address)
    assert own.post(f"{address}/discard", why="again") == (200, "It was discarded before.")
    assert "its publisher knows" in own.page("/takedowns")


def test_a_source_that_is_new_in_the_registry_is_seen(own: Landed) -> None:
    own.page("/sources")
    url = own.kiosk.feed("/new.xml", PAPER)
    with own.desk.settings.sources.open("a") as file:
        file.write(f'\n[sources.new-one]\nurl = "{url}"\n')
    assert "new-one" in own.page("/sources")
