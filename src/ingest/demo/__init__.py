"""A local newsroom to ingest from: agencies, outlets, duplicates, faults. Every text in it was written for it.

`truth` and `expected_landed` tell what a run should find; `start_demo` serves it from a thread (`DemoServer` in async
code, `run_server` alone); `write_sources` writes the registry to ingest it with.
"""

from ingest.demo.edition import DEFAULT_BASE, DEFAULT_SEED, DEFAULT_TODAY, expected_landed, truth
from ingest.demo.items import Extra, Photo, TruthItem
from ingest.demo.registry import write_sources
from ingest.demo.server import DemoServer, run_server, start_demo, switch_day

__all__ = [
    "DEFAULT_BASE",
    "DEFAULT_SEED",
    "DEFAULT_TODAY",
    "DemoServer",
    "Extra",
    "Photo",
    "TruthItem",
    "expected_landed",
    "run_server",
    "start_demo",
    "switch_day",
    "truth",
    "write_sources",
]
