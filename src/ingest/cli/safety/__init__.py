"""What `ingest doctor` says of safety: every setting that leaves a door open, and what to do about it.

A look yields what it finds unsafe, in words, and never the value of a secret. docs/security.md lists them all.
"""

import os
from collections.abc import Callable, Iterator, Mapping

from ingest.cli.safety import airflow, files, settings, sources
from ingest.cli.safety.unsafe import Unsafe
from ingest.settings import Settings

Look = Callable[[Settings, Mapping[str, str]], Iterator[Unsafe]]
LOOKS: tuple[Look, ...] = (*settings.LOOKS, *sources.LOOKS, *airflow.LOOKS, *files.LOOKS)

__all__ = ["LOOKS", "Unsafe", "unsafe_settings"]


def unsafe_settings(settings: Settings) -> Iterator[Unsafe]:
    for look in LOOKS:
        yield from look(settings, os.environ)
