"""A landing that is killed at any point and run again loses nothing and doubles nothing."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.land.local import LocalStore
from ingest.land.read import Query, read_articles
from ingest.land.table import commit_run, create_table, history
from tests.land.articles import LANDED, article

ROWS = 2000
_CHILD = """
import sys
from pathlib import Path
from ingest.land.local import LocalStore
from ingest.land.table import commit_run
from tests.land.articles import LANDED, article
print("ready", flush=True)
sys.stdin.readline()
store = LocalStore(Path(sys.argv[1]))
commit_run(store, sys.argv[2], (article(n) for n in range(int(sys.argv[3]))), LANDED, {})
print("done", flush=True)
"""


def _after(seconds: float) -> Callable[[Path], bool]:
    end = time.monotonic() + seconds
    return lambda _: time.monotonic() > end


def _data_complete(root: Path) -> bool:
    """The footer is there, the commit is next."""
    return any(path.read_bytes()[-4:] == b"PAR1" for path in root.glob("articles/landed_day=*/*.parquet"))


def _committed(root: Path) -> bool:
    return (root / "articles/_delta_log/00000000000000000001.json").exists()


@pytest.mark.slow
def test_killed_landings(tmp_path: Path) -> None:
    moments = {
        "spooling": lambda: _after(0.15),
        "data complete": lambda: _data_complete,
        "committed": lambda: _committed,
    }
    for name, moment in moments.items():
        store = LocalStore(tmp_path / name)
        create_table(store)
        _land_and_kill(store, moment)
        result = commit_run(store, "run", (article(n) for n in range(ROWS)), LANDED, {})
        again = commit_run(store, "run", (article(n) for n in range(ROWS)), LANDED, {})

        found = [(a.guid, a.version) for a in read_articles(store, Query(latest_only=False))]
        assert len(found) == len(set(found)) == ROWS, name
        runs = [commit.run_id for commit in history(store) if commit.run_id]
        assert len(runs) == len(set(runs)), name
        assert again.table_version >= result.table_version, name


def _land_and_kill(store: LocalStore, moment: Callable[[], Callable[[Path], bool]]) -> None:
    """Land in a process that is killed at the moment, while this one lands half of the same articles as another run."""
    command = [sys.executable, "-c", _CHILD, str(store.root), "run", str(ROWS)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdin is not None
        assert child.stdout.readline() == "ready\n"
        child.stdin.write("go\n")
        child.stdin.flush()
        other = threading.Thread(
            target=commit_run, args=(store, "other", [article(n) for n in range(ROWS // 2)], LANDED, {})
        )
        other.start()
        is_due = moment()
        while child.poll() is None and not is_due(store.root):
            time.sleep(0.0005)
        child.kill()
        other.join()
