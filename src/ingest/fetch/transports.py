"""Which transport fetches a source. A new one is one new file with a `fetch` like the others, named in `Transport`."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib import import_module
from typing import Protocol, cast

from ingest.fetch.http import HttpFetcher
from ingest.model import FeedState, Fetched, Source


class FetchOne(Protocol):
    """Fetch one url of a source. A failure is a Fetched, not an exception."""

    async def __call__(
        self, source: Source, url: str, state: FeedState, now: datetime, fetcher: HttpFetcher
    ) -> Fetched: ...


async def fetch_source(
    source: Source,
    states: Mapping[str, FeedState],
    now: datetime,
    fetcher: HttpFetcher,
    urls: Sequence[str] | None = None,
) -> list[Fetched]:
    """Fetch every url of `source`, or those in `urls` (the ones that are due): one Fetched each, in order.

    `states` is by url as in the registry; a url without one was never fetched.
    """
    fetch = cast(FetchOne, import_module(f"ingest.fetch.{source.transport.value}").fetch)
    wanted = source.urls if urls is None else urls

    async def one(url: str) -> Fetched:
        began = time.monotonic()
        fetched = await fetch(source, url, states.get(url) or _fresh(source, url), now, fetcher)
        return fetched.model_copy(update={"elapsed_s": fetched.elapsed_s or time.monotonic() - began})

    return list(await asyncio.gather(*map(one, wanted)))


def _fresh(source: Source, url: str) -> FeedState:
    return FeedState(source_id=source.id, url=url)
