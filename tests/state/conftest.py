"""A migrated state database, on each of the databases that the tests run."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from ingest.state.database import open_state, upgrade


@pytest.fixture
def engine(state_url: str) -> Iterator[Engine]:
    engine = open_state(state_url)
    upgrade(engine)
    yield engine
    engine.dispose()
