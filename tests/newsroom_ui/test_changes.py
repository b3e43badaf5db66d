"""What editors can do: pause and enable, try a pattern, read again, discard."""

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


def test_a_pattern_is_tried_on_what_landed(landed: Landed) -> None:
    status, told = landed.post("/sources/paper/preview", pattern="point [23] of")
    assert (status, told) == (200, "2 blocks of the last 1 articles would go")


@pytest.mark.parametrize("pattern", ["", "(", "(a+)+", "(.*.*)*x"])
def test_a_pattern_that_the_registry_would_refuse_is_refused(landed: Landed, pattern: str) -> None:
    assert landed.post("/sources/paper/preview", pattern=pattern)[0] == 400


def test_what_is_good_now_is_read_again_and_lands(own: Landed) -> None:
    address = quarantined(own, "broken")
    assert own.post(f"{address}/replay")[1].startswith("Still malformed")
    assert own.post(f"{address}/replay", role="viewer") == (403, "Forbidden")


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
