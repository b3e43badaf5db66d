"""Many pages over all cores, from one call: `extract_many`. Memory stays flat however many there are."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from ingest.errors import IngestError, Malformed
from ingest.extract import extract
from ingest.model import Entry, Rule

Item = TypeVar("Item")
Made = TypeVar("Made")
_BATCH = 8  # pages that travel together
_AHEAD = 4  # batches for each process that wait or are ready


@dataclass(frozen=True)
class Fetched:
    """A page as it was fetched, and what `extract` is told of it."""

    body: bytes
    url: str
    content_type: str | None = None
    rules: tuple[Rule, ...] = ()
    zone: str = "UTC"


def extract_many(pages: Iterable[Fetched], processes: int | None = None) -> Iterator[Entry | IngestError]:
    """The story of each page, or why there is none, in the pages' order. One process a core unless told otherwise."""
    return spread(_extract, pages, _killed, processes)


def _extract(page: Fetched) -> Entry | IngestError:
    try:
        return extract(page.body, page.url, content_type=page.content_type, rules=page.rules, zone=page.zone)
    except IngestError as e:
        return e


def _killed(page: Fetched) -> IngestError:
    return Malformed(page.url, "its process was killed", "too much memory? try it alone")


def spread(
    work: Callable[[Item], Made], items: Iterable[Item], killed: Callable[[Item], Made], processes: int | None = None
) -> Iterator[Made]:
    """`work` on each item in processes, in order, with few items ahead; `killed` for one that takes its process down.

    What `work` raises is raised here. `work` and its items have to be picklable.
    """
    processes = processes or os.cpu_count() or 1
    if processes == 1:
        yield from map(work, items)
        return
    source = iter(items)
    batches: Iterator[list[Item]] = iter(lambda: list(islice(source, _BATCH)), [])
    waiting: deque[list[Item]] = deque()
    broken = True
    while broken:
        broken = False
        try:
            yield from _pool(work, waiting, batches, processes)
        except BrokenProcessPool:
            # One of the first batch, mostly: each of its items in a process of its own, the rest in a new pool.
            broken = True
            for item in waiting.popleft():
                yield _alone(work, item, killed)


def _pool(
    work: Callable[[Item], Made], waiting: deque[list[Item]], batches: Iterator[list[Item]], processes: int
) -> Iterator[Made]:
    """What is `waiting` and then `batches`; when the pool breaks, `waiting` is what has not come back."""
    with ProcessPoolExecutor(processes) as pool:
        running: deque[Future[list[Made]]] = deque(pool.submit(_batch, work, batch) for batch in waiting)
        while True:
            for batch in islice(batches, _AHEAD * processes - len(running)):
                waiting.append(batch)
                running.append(pool.submit(_batch, work, batch))
            if not running:
                return
            made = running.popleft().result()
            waiting.popleft()
            yield from made


def _batch(work: Callable[[Item], Made], items: list[Item]) -> list[Made]:
    return [work(item) for item in items]


def _alone(work: Callable[[Item], Made], item: Item, killed: Callable[[Item], Made]) -> Made:
    try:
        with ProcessPoolExecutor(1) as pool:
            return pool.submit(work, item).result()
    except BrokenProcessPool:
        return killed(item)
