"""A takedown that is killed at any moment, and done again: as if it had never been disturbed."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from ingest.takedown.audit import removals
from ingest.takedown.listing import stored_tombstones
from ingest.takedown.scan import places_of
from ingest.takedown.take import take_down
from tests.newsroom import NIGHT, Desk, desk, kiosk, registry
from tests.takedown.test_takedown import PLAIN, SECRET
from tests.undisturbed import FORKS

MOMENTS = 3


def _take_down(folder: str, article_id: str) -> None:
    take_down(desk(Path(folder)).workspace, article_id, "court order 7", "A. Counsel", NIGHT)


def _killed_after(seconds: float, folder: Path, article_id: str) -> float:
    child = FORKS.Process(target=_take_down, args=(str(folder), article_id))
    began = time.monotonic()
    child.start()
    child.join(seconds)
    child.kill()
    child.join()
    return time.monotonic() - began


def _is_whole(here: Desk) -> None:
    ws = here.workspace
    assert [a.guid for a in here.articles()] == ["plain"]
    assert list(places_of(ws.store, ws.engine, [SECRET.headline, SECRET.text])) == []
    assert [stone.done_at for stone in stored_tombstones(ws.store)] == [NIGHT]
    assert len(list(removals(ws.store))) == 1


def test_killed_at_any_moment_it_is_finished_the_next_time(tmp_path: Path) -> None:
    before = tmp_path / "before"
    before.mkdir()
    with kiosk() as stand:
        registry(before, post=stand.feed("/post.xml", SECRET, PLAIN))
        desk(before).night()
    article_id = next(a.article_id for a in desk(before).articles() if a.guid == "secret")
    shutil.copytree(before, tmp_path / "undisturbed")
    seconds = _killed_after(60, tmp_path / "undisturbed", article_id)
    for n in range(MOMENTS):
        folder = tmp_path / f"killed-{n}"
        shutil.copytree(before, folder)
        _killed_after(seconds * (n + 0.5) / MOMENTS, folder, article_id)
        _take_down(str(folder), article_id)
        _is_whole(desk(folder))
    _is_whole(desk(tmp_path / "undisturbed"))
