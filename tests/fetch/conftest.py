from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from ingest.fetch import HttpFetcher
from ingest.model import FeedState, Fetched, Limits, Source
from tests.fetch.server import Server, serve

NOW = datetime(2026, 3, 14, 2, 0, tzinfo=UTC)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serve() as running:
        yield running


@pytest.fixture
async def other() -> AsyncIterator[Server]:
    """A second server: another port, so another origin."""
    async with serve() as running:
        yield running


@pytest.fixture
async def fetcher() -> AsyncIterator[HttpFetcher]:
    async with HttpFetcher("test-agent/1", allow_nets="127.0.0.0/8", host_delay_s=0) as running:
        yield running


def source(*urls: str, **settings: object) -> Source:
    return Source.model_validate({"id": "times", "name": "The Times of Nowhere", "urls": urls, **settings})


def limits(**bounds: object) -> Limits:
    return Limits.model_validate(bounds)


async def ask(
    fetcher: HttpFetcher, url: str, state: FeedState | None = None, now: datetime = NOW, **settings: object
) -> Fetched:
    known = state or FeedState(source_id="times", url=url)
    return await fetcher.fetch(source(known.url, **settings), known.url, known, now)
