"""The run that `benchmarks.pipeline` measures, with the settings of the environment: `python -m benchmarks.night`.

It imports what a run imports and no more, so that memory and time are those of a run.
"""

import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

from benchmarks import family_cpu_s
from ingest import landing, pipeline, shard  # noqa: F401  # all here: importing is no part of the first night's work
from ingest.settings import Settings, load_settings

Nights = dict[str, dict[str, float]]  # "first" or "again" → step → CPU seconds; and peaks of memory


def two_nights(settings: Settings) -> Nights:
    """The second night lands nothing. "start" is CPU time since the process began: imports and the set-up."""
    nights, landed = {}, []
    for number, night in enumerate(("first", "again")):
        now = datetime(2026, 3, 14 + number, 2, tzinfo=UTC)
        with redirect_stdout(StringIO()):  # the log
            ws = pipeline.Workspace(settings)
            ws.set_up()
            shards = pipeline.plan(ws, night, now, force=True)
            seconds = {"start": family_cpu_s()}
            with _timed(seconds, "shard"):
                for one in shards:
                    pipeline.ingest_shard(ws, one, now)
            with _timed(seconds, "resolve"):
                pipeline.resolve(ws, night, now)
            with _timed(seconds, "land"):
                landed.append(pipeline.land(ws, night, shards, now).landed)
        worker_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        nights[night] = {**seconds, "peak_mb": _peak_mb(), "worker_mb": worker_mb}
    if not landed[0] or landed[1]:
        raise AssertionError(f"the first night should land all and the second nothing, not {landed}")
    return nights


def _peak_mb() -> float:
    """The most memory of this program; getrusage, where there is no /proc, also counts its parent's at the fork."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


@contextmanager
def _timed(seconds: dict[str, float], step: str) -> Iterator[None]:
    began = family_cpu_s()
    yield
    seconds[step] = family_cpu_s() - began


if __name__ == "__main__":
    print(json.dumps(two_nights(load_settings())))
