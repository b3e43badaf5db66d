"""Many sources side by side: those of one host one after the other, hosts in parallel."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from ingest.model import Source


def by_host(sources: Iterable[Source]) -> list[list[Source]]:
    """The sources of each host, the longest queue first: it is the one that the last fetch waits for."""
    queues: dict[str, list[Source]] = {}
    for source in sources:
        queues.setdefault(source.host or source.id, []).append(source)
    return sorted(queues.values(), key=len, reverse=True)


async def each_source(
    sources: Iterable[Source], work: Callable[[Source], Awaitable[None]], hosts_at_once: int, *, polite: bool = True
) -> None:
    """Do `work` for every source. What it raises ends them all. `polite` False: a host's sources need not queue."""
    places = asyncio.Semaphore(hosts_at_once)
    queues = by_host(sources) if polite else [[source] for source in sources]

    async def one_host(queue: list[Source]) -> None:
        async with places:
            for source in queue:
                await work(source)

    try:
        async with asyncio.TaskGroup() as group:
            for queue in queues:
                group.create_task(one_host(queue))
    except ExceptionGroup as ended_by:
        raise ended_by.exceptions[0] from None  # as `work` raised it, so that it can be told and retried by its kind
