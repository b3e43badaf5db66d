"""What crashes, hangs or eats all memory when it is read costs itself alone: the rest of the shard lands."""

import ctypes
import os
import re
import signal
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from ingest.errors import Crashed, Hung, OutOfMemory
from ingest.isolation import Isolated, Limits
from tests.newsroom import Story, codes, desk, kiosk, of, registry


def _dies() -> None:
    ctypes.string_at(0)


def _is_killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _hangs() -> None:
    re.match(r"(.*.*)*x", "a" * 60)


def _grows() -> None:
    kept = []
    while True:
        kept.append(bytearray(2**20))


def _exits() -> None:
    os._exit(3)


@pytest.mark.parametrize(
    ("work", "error", "why"),
    [
        (_dies, Crashed, "SIGSEGV"),
        (_is_killed, Crashed, "SIGKILL"),
        (_exits, Crashed, "exit code 3"),
        (_hangs, Hung, "0.2 s"),
        (_grows, OutOfMemory, "64 MB"),
    ],
)
def test_a_death_is_an_error_of_its_call_and_the_next_call_works(
    work: Callable[[], None], error: type[Crashed], why: str
) -> None:
    with closing(Isolated(Limits(cpu_s=0.2, memory_mb=64))) as apart:
        assert apart.run("before", len, "abc") == 3
        with pytest.raises(error, match=why) as told:
            apart.run("there", work)
        assert type(told.value) is error
        assert told.value.subject == "there"
        assert apart.run("after", len, "abcd") == 4


def test_what_a_function_raises_comes_back_with_its_traceback() -> None:
    with closing(Isolated(Limits())) as apart, pytest.raises(ValueError, match="invalid literal") as told:
        apart.run("there", int, "no number")
    assert "in _answer" in told.value.__notes__[0]


def test_a_pattern_that_never_ends_costs_its_source_alone(tmp_path: Path) -> None:
    here = desk(tmp_path, step_cpu_s=0.5, shards=1)
    with kiosk() as shop:
        good = shop.feed("/good", Story("ferry", "Ferry runs aground", "The ferry ran aground off the harbour."))
        bad = shop.feed("/bad", *(Story(f"s{n}", f"Mayor {n}", "The mayor spoke of the new bridge.") for n in range(5)))
        registry(tmp_path, good=good, bad=bad)
        with (tmp_path / "sources.toml").open("a") as out:
            out.write("[[sources.bad.rules]]\npattern = '(.*.*)*§'\nreason = \"a mistake\"\n")
        here.workspace.set_up()
        report = here.night()
        again = here.night(0.1)
    assert codes(report) == {"bad": ["hung"] * 3 + ["paused"] * 2}
    assert here.landed() == {("good", "ferry"): 1}
    assert of(report, "good").new == 1
    assert of(report, "bad").status == "partial"
    quarantined = "".join(file.read_text() for file in (tmp_path / "store" / "quarantine").rglob("*.jsonl"))
    assert quarantined.count('"code":"hung"') == 3
    assert '"raw":{' in quarantined
    assert len(here.pending("bad")) == 5
    assert codes(again) == {}  # 304: nothing is read again before its time
