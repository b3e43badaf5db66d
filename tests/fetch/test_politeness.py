import asyncio
import itertools

import pytest

from ingest.errors import FetchFailed, TooSlow
from ingest.fetch import HttpFetcher
from ingest.fetch.politeness import HostGate
from ingest.model import Limits
from tests.fetch.conftest import NOW
from tests.fetch.server import Server, ok


async def slow_page(server: Server) -> list[bytes]:
    async with HttpFetcher("a", "127.0.0.0/8", host_delay_s=0.001, concurrency=8) as fetcher:
        pages = (fetcher.get(server.on(f"/{n}", ok(b"%d" % n)), Limits(), fetch_time=NOW) for n in range(8))
        return [page.body for page in await asyncio.gather(*pages)]


async def test_one_request_at_a_time_to_one_host(server: Server) -> None:
    assert await slow_page(server) == [b"%d" % n for n in range(8)]
    assert server.busiest == 1


async def test_hosts_do_not_wait_for_each_other_but_share_the_slots() -> None:
    gate, under_way, most = HostGate(delay_s=0.001, concurrency=3), 0, 0

    async def visit(host: str) -> None:
        nonlocal under_way, most
        async with gate.turn(host):
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0.005)
            under_way -= 1

    await asyncio.gather(*(visit(f"host-{n % 6}") for n in range(24)))
    assert most == 3


async def test_there_is_a_pause_between_two_requests() -> None:
    gate, clock, spans = HostGate(delay_s=0.05, concurrency=3), asyncio.get_running_loop(), []

    async def visit() -> None:
        async with gate.turn("one"):
            began = clock.time()
            await asyncio.sleep(0.01)
            spans.append((began, clock.time()))

    await asyncio.gather(*(visit() for _ in range(3)))
    gaps = [after[0] - before[1] for before, after in itertools.pairwise(spans)]
    assert len(gaps) == 2
    assert all(gap >= 0.045 for gap in gaps)


async def test_a_silenced_host_is_refused_and_others_are_not() -> None:
    gate = HostGate(delay_s=0.001, concurrency=1)
    gate.silence("one", 60, "it asked for it")
    with pytest.raises(FetchFailed, match="it asked for it"):
        async with gate.turn("one"):
            pass
    async with gate.turn("two"):
        pass


async def test_a_host_that_hangs_twice_is_left_alone() -> None:
    gate = HostGate(delay_s=0.001, concurrency=1)
    for _ in range(2):
        with pytest.raises(TooSlow):
            async with gate.turn("dead"):
                raise TooSlow("dead", "no answer")
    with pytest.raises(FetchFailed, match="2 requests in a row"):
        async with gate.turn("dead"):
            pass


async def test_without_a_pause_ones_own_host_is_asked_in_parallel_and_never_left_alone() -> None:
    gate = HostGate(delay_s=0, concurrency=2)
    both = asyncio.Barrier(2)

    async def ask() -> None:
        async with gate.turn("own"):
            await asyncio.wait_for(both.wait(), 5)

    await asyncio.gather(ask(), ask())
    for _ in range(4):
        with pytest.raises(TooSlow):
            async with gate.turn("own"):
                raise TooSlow("own", "no answer")
