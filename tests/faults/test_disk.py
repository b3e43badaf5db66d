"""The disk is full at any moment of a run: a clear error, nothing half landed, and the next run lands all of it once."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.errors import IngestError
from tests.faults.newsstand import SIZE, left_by, newsstand, subscribe
from tests.faults.small_disk import PAGE, SmallDisk, small_disk
from tests.newsroom import Desk, Kiosk, desk
from tests.undisturbed import Outcome

STEPS = 20  # moments of a run, as shares of the space it needs


@pytest.fixture(scope="module")
def room() -> Iterator[Kiosk]:
    with newsstand() as found:
        yield found


@pytest.fixture(scope="module")
def undisturbed(room: Kiosk, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    one = _desk(tmp_path_factory.mktemp("undisturbed"), room)
    assert one.night().landed == SIZE
    return left_by(one)


@pytest.mark.parametrize(
    ("full", "places"),
    [
        pytest.param("store", {"raw", "staging", "articles"}, id="the store's"),
        pytest.param("state", {"sqlite"}, id="the state's"),
        pytest.param("tmp", {"temporary files"}, id="the temporary files'"),
    ],
)
def test_full_at_any_moment(
    room: Kiosk, undisturbed: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full: str, places: set[str]
) -> None:
    errors: list[IngestError] = []
    with small_disk(tmp_path / "disk") as disk:
        needed = _needed(room, disk, full, monkeypatch)
        for step in range(STEPS):
            here = tmp_path / str(step)
            one = _on(disk, here, room, full, monkeypatch)
            disk.fill(needed * step // STEPS)
            try:
                one.night()
            except IngestError as error:
                errors.append(error)
            disk.make_space()
            one.night(hours=1)
            assert left_by(one) == undisturbed
    print({str(error) for error in errors})
    assert {place for error in errors for place in places if place in error.subject} == places
    assert all("No space left" in str(error) or "full" in str(error) for error in errors)


def _needed(room: Kiosk, disk: SmallDisk, full: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Bytes that an undisturbed run has on the disk at its end, and somewhat more."""
    one = _on(disk, disk.path / "first", room, full, monkeypatch)
    before = disk.used
    one.night()
    return disk.used - before + 4 * PAGE


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
    subscribe(folder, room)
    return desk(folder, **changes)
