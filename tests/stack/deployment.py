"""A whole deployment beside the demo newsroom, for tests: the stack, and a desk that reads what it lands."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from ingest.demo import DemoServer, start_demo, write_sources
from ingest.settings import Settings
from ingest.stack import Stack
from tests.newsroom import TODAY, Desk


@contextmanager
def deployed(registry: Path, **env: str) -> Iterator[tuple[Stack, Desk]]:
    """The stack with this registry, and a desk with its store and state. `env` is added to what the tasks are given."""
    # not below pytest's own folder: that is closed to others, and under root PostgreSQL runs as another user
    with (
        TemporaryDirectory(prefix="stack-", ignore_cleanup_errors=True) as folder,
        pytest.MonkeyPatch.context() as set_,
    ):
        given = {
            "INGEST_SOURCES": str(registry),
            "INGEST_ALLOW_NETS": "127.0.0.0/8",
            "INGEST_HOST_DELAY_S": "0",
            **env,
        }
        with Stack(Path(folder), given) as stack:
            for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
                set_.setenv(name, stack.env[name])
            yield stack, Desk(settings_of(stack))


@contextmanager
def demo_deployed(folder: Path, *, faults: bool = True, **env: str) -> Iterator[tuple[DemoServer, Stack, Desk]]:
    """The same beside the demo newsroom on its first day. The registry and the newsroom's files go in `folder`."""
    with start_demo(today=TODAY, folder=folder / "drop") as demo:
        write_sources(folder / "sources.toml", demo.base_url, folder / "drop", faults=faults)
        with deployed(folder / "sources.toml", **env) as (stack, desk):
            yield demo, stack, desk


def settings_of(stack: Stack) -> Settings:
    """As its tasks read them from their environment."""
    with pytest.MonkeyPatch.context() as set_:
        for name in [name for name in os.environ if name.startswith("INGEST_")]:
            set_.delenv(name)
        for name in [name for name in stack.env if name.startswith("INGEST_")]:
            set_.setenv(name, stack.env[name])
        return Settings()
