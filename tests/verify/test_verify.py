"""Every kind of damage is found, and a whole store has none."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.land import staging
from ingest.land.table import commit_run, open_table
from ingest.verify import Finding, verify
from tests.land.articles import article
from tests.newsroom import FEW, Desk, demo_desk, desk

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("night")
    with demo_desk(folder, faults=False) as (_, one):
        one.night(0, FEW)
    return folder


@pytest.fixture
def one(night: Path, tmp_path: Path) -> Desk:
    """A copy, to be damaged."""
    shutil.copytree(night, tmp_path / "one")
    return desk(tmp_path / "one")


def _found(one: Desk, **more: object) -> list[Finding]:
    ws = one.workspace
    return list(verify(ws.store, ws.engine, NOW, 10_000, **more))  # type: ignore[arg-type]


def _store(one: Desk) -> Path:
    return Path(one.settings.store)


def _an_archive(one: Desk) -> Path:
    return max(_store(one).glob("raw/*/*.gz"), key=lambda path: path.stat().st_size)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _flip(path: Path) -> None:
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 255
    path.write_bytes(body)


def _report(one: Desk) -> Path:
    return next(_store(one).glob("runs/*.json"))


def _data(one: Desk) -> Path:
    return next(_store(one).glob("articles/landed_day=*/*.parquet"))


def _twice(one: Desk) -> None:
    """A row again, as a writer would that does not look for it."""
    from deltalake import write_deltalake

    table = open_table(one.workspace.store)
    write_deltalake(table, table.to_pyarrow_table().slice(0, 1), mode="append")


def _forget_run(one: Desk) -> None:
    shutil.rmtree(_store(one).parent / "state")
    one.workspace.set_up()


DAMAGE: dict[str, tuple[Callable[[Desk], object], str]] = {
    "files": (lambda one: _data(one).unlink(), "not there"),
    "keys": (_twice, "2 rows"),
    "reports": (lambda one: _report(one).write_bytes(b"{"), "can be read"),
    "raw": (lambda one: _an_archive(one).unlink(), "not there"),
    "records": (lambda one: _flip(_an_archive(one)), ""),
    "state": (_forget_run, "does not know"),
}


def test_a_night_is_whole(one: Desk) -> None:
    assert _found(one, reads_all=True) == []


@pytest.mark.parametrize("check", DAMAGE)
def test_damage_is_found(one: Desk, check: str) -> None:
    damage, says = DAMAGE[check]
    damage(one)
    if check == "files":
        with pytest.raises(Exception, match=r"No such file|not found|NotFound"):
            one.articles()
    faults = [f for f in _found(one, reads_all=check == "records") if f.verdict == "fault"]
    assert check in {fault.check for fault in faults}
    assert any(says in fault.what for fault in faults)


def test_files_and_archives_that_are_cut_off(one: Desk) -> None:
    for archive in _store(one).glob("raw/*/*.gz"):
        archive.write_bytes(archive.read_bytes()[:50])
    assert "raw" in {f.check for f in _found(one) if f.verdict == "fault"}


def test_a_text_that_is_not_what_was_hashed(one: Desk) -> None:
    commit_run(one.workspace.store, "odd", [article(1)], NOW, {})  # its hash is made up
    found = _found(one, reads_all=True)
    assert "contents" in {f.check for f in found}


def test_what_landed_before_is_not_looked_at(one: Desk) -> None:
    _an_archive(one).unlink()
    assert _found(one, since=NOW + timedelta(days=1)) == []


def test_an_archive_past_its_retention_is_no_fault(one: Desk) -> None:
    shutil.rmtree(_store(one) / "raw")
    ws = one.workspace
    assert list(verify(ws.store, ws.engine, NOW + timedelta(days=3000), 90)) == []


def test_what_a_landed_run_staged_is_to_be_tidied_up(one: Desk) -> None:
    staging.write_rows(one.workspace.store, _report(one).stem, "0", [article(1)])
    assert [(f.check, f.verdict) for f in _found(one)] == [("left-over", "care")]
