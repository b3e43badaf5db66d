"""What the faults without a deployment start from; each file names its own as FAULT."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.newsstand import newsstand
from tests.newsroom import Kiosk


@pytest.fixture(scope="module")
def room(request: pytest.FixtureRequest) -> Iterator[Kiosk]:
    with newsstand(request.module.FAULT) as found:
        yield found
