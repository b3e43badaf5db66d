"""A feed in several answers: from one page to its next, as far as `options.pages` and the limits go.

Pages that lead to older items (RFC 5005, JSON Feed) are walked from the source's url each time it has changed. In a
sequence (`options.sequence`, as AP's feeds) they lead to newer ones: `FeedState.cursor` keeps the last link, and the
next fetch goes on there.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from ingest.errors import FetchFailed, IngestError
from ingest.fetch.client import Response
from ingest.fetch.feedstate import after_answer, memory, on_page, start_url
from ingest.fetch.ledger import MAX_BATCH_BYTES
from ingest.fetch.pages import next_url
from ingest.fetch.secrets import Access
from ingest.model import FeedState, Fetched, Limits, Payload, Reject, Source

Get = Callable[[str, Limits], Awaitable[Response]]


def resumed_at(source: Source, state: FeedState) -> str | None:
    """The page that a sequence goes on from, None if it begins at the source's url."""
    return memory(state).next_url if source.options.sequence else None


async def walk(source: Source, state: FeedState, access: Access, now: datetime, get: Get) -> Fetched:
    """All pages of one fetch. Raises as `get` does for the first page; a later one that fails is a reject."""
    ends = asyncio.get_running_loop().time() + source.limits.total_s
    start = resumed_at(source, state) or start_url(state)
    response = await get(start, source.limits)
    way = _Way(source, state, access, now, start)
    try:
        way.arrive(response)
        while way.goes_on() and (left_s := ends - asyncio.get_running_loop().time()) > 0:
            way.arrive(await get(way.step(), source.limits.model_copy(update={"total_s": left_s})))
    except IngestError as e:
        if not way.count:
            raise
        way.failure = e
    return way.fetched()


class _Way:
    """Where the walk is, and what it has gathered."""

    def __init__(self, source: Source, state: FeedState, access: Access, now: datetime, start: str) -> None:
        self._source, self._before, self._access, self._now = source, state, access, now
        self._state, self._at = state, start
        self._link: str | None = None
        self._seen = {start}
        self._payloads: list[Payload] = []
        self._size = 0
        self._is_new = True  # whether the first page was
        self.count = 0
        self.failure: IngestError | None = None

    def arrive(self, response: Response) -> None:
        """Take one page in and look for its next. Raises FetchFailed for an empty answer."""
        if response.status != 304 and not response.body:
            raise FetchFailed(response.url, "an empty answer", "tried again later")
        outcome, after = after_answer(self._state, response, self._now)
        if not self.count or self._source.options.sequence:
            self._state = after
        if not self.count:
            self._is_new = outcome == "new"
        self.count += 1
        self._size += len(response.body)
        if outcome == "new":
            self._payloads.append(response.payload(self._source))
        self._link = None
        if self._source.options.pages > 1 or self._source.options.sequence:
            found = next_url(response, self._source.options.next)
            self._link = found and self._access.without(found)

    def goes_on(self) -> bool:
        options = self._source.options
        wanted = self._is_new or options.sequence
        room = self.count < options.pages and self._size < MAX_BATCH_BYTES
        return wanted and room and self._link is not None and self._link not in self._seen

    def step(self) -> str:
        assert self._link is not None
        self._at = self._link
        self._seen.add(self._link)
        return self._link

    def fetched(self) -> Fetched:
        return Fetched(
            source_id=self._source.id,
            url=self._before.url,
            outcome="new" if self._payloads else "not_modified",
            payloads=tuple(self._payloads),
            rejects=(self._reject(self.failure),) if self.failure else (),
            state=self._after(),
            body_bytes=self._size,
        )

    def _after(self) -> FeedState:
        if self._source.options.sequence:
            # Without a next link yet, the last page is asked again: the new items will be on it.
            return on_page(self._state, self._before, self._link or self._at)
        if self.failure:  # a 304 next time would hide the pages that are missing
            return self._state.without_validators()
        return self._state

    def _reject(self, error: IngestError) -> Reject:
        text = self._access.redact(f"{error.why} ({error.hint})" if error.hint else error.why)
        return Reject(code=error.code, place=self._access.redact(self._at), detail=text)
