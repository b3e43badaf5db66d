"""The disk is full at any moment of a run: a clear error, nothing half landed; the next run lands all of it once."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from ingest.errors import IngestError
from tests.faults.newsstand import SIZE, left_of, subscribe
from tests.faults.small_disk import PAGE, SmallDisk, small_disk
from tests.newsroom import Desk, Kiosk, desk
from tests.undisturbed import Outcome

FAULT = "disk"


@pytest.fixture(scope="module")
def undisturbed(room: Kiosk, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    one = _desk(tmp_path_factory.mktemp("undisturbed"), room)
    assert one.night().landed == SIZE
    return left_of(one, FAULT)


@pytest.mark.parametrize(
    ("full", "steps", "places"),
    [
        pytest.param("store", 10, {"raw", "staging", "articles"}, id="the store's"),
        pytest.param("state", 4, {"sqlite"}, id="the state's"),
        pytest.param("tmp", 4, {"temporary files"}, id="the temporary files'"),
    ],
)
def test_full_at_any_moment(
    room: Kiosk,
    undisturbed: Outcome,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    full: str,
    steps: int,
    places: set[str],
) -> None:
    """Moments are shares of the space that a run needs."""
    errors: list[IngestError] = []
    with small_disk(tmp_path / "disk") as disk:
        needed = _needed(room, disk, full, monkeypatch)
        for step in range(steps):
            here = tmp_path / str(step)
            one = _on(disk, here, room, full, monkeypatch)
            disk.fill(2 * PAGE + needed * step // steps)  # the set-up of a run needs a page
            try:
                one.night()
            except IngestError as error:
                errors.append(error)
            disk.make_space()
            one.night(hours=1)
            assert left_of(one, FAULT) == undisturbed
    assert {place for error in errors for place in places if place in error.subject} == places
    assert {error.code for error in errors} <= {"store-unavailable", "state-error"}
    assert [str(error) for error in errors if " disk is full" not in str(error) and "No space" not in str(error)] == []


def _needed(room: Kiosk, disk: SmallDisk, full: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Bytes that an undisturbed run takes of the disk. Temporary files are gone after it: the archive was one."""
    one = _on(disk, disk.path / "first", room, full, monkeypatch)
    before = disk.used
    one.night()
    archives = sum(stored.size_bytes for stored in one.workspace.store.list("raw"))
    return archives if full == "tmp" else disk.used - before + 4 * PAGE


def _on(disk: SmallDisk, folder: Path, room: Kiosk, full: str, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk, set up, of which one thing lies on the small disk."""
    there = disk.path / folder.name / full
    there.mkdir(parents=True)
    changes = {"store": {"store": str(there)}, "state": {"state": f"sqlite:///{there}/state.db"}, "tmp": {}}[full]
    if full == "tmp":
        monkeypatch.setattr(tempfile, "tempdir", str(there))
    one = _desk(folder, room, **changes)
    one.workspace.set_up()
    return one


def _desk(folder: Path, room: Kiosk, **changes: object) -> Desk:
    subscribe(folder, room, FAULT)
    return desk(folder, shards=1, **changes)
