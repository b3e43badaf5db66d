"""Many sources at once: hosts side by side, the sources of one host in turn."""

import asyncio

import pytest

from ingest.fetch.fleet import by_host, each_source
from ingest.model import Source


def _source(name: str, url: str) -> Source:
    return Source(id=name, name=name, urls=(url,))


def test_the_longest_queue_begins() -> None:
    sources = [_source("a", "https://one.example/a"), *(_source(f"b{n}", "https://two.example/") for n in range(3))]
    assert [[s.id for s in queue] for queue in by_host(sources)] == [["b0", "b1", "b2"], ["a"]]


@pytest.mark.parametrize("url", ["/srv/in/*.xml", "https://[broken", "wires"])
def test_what_has_no_host_waits_for_nobody(url: str) -> None:
    assert len(by_host([_source("a", url), _source("b", url)])) == 2


def test_one_at_a_time_of_a_host_and_hosts_together() -> None:
    busy: dict[str, int] = {}
    most_of_a_host = most = 0

    async def work(source: Source) -> None:
        nonlocal most_of_a_host, most
        host = source.urls[0]
        busy[host] = busy.get(host, 0) + 1
        most_of_a_host, most = max(most_of_a_host, busy[host]), max(most, sum(busy.values()))
        await asyncio.sleep(0)
        busy[host] -= 1

    sources = [_source(f"{host}{n}", f"https://{host}.example/") for host in "abcd" for n in range(4)]
    asyncio.run(each_source(sources, work, hosts_at_once=3))
    assert (most_of_a_host, most) == (1, 3)


def test_a_host_that_hangs_holds_up_nobody() -> None:
    """Good ones are done while one waits."""
    done: list[str] = []

    async def run() -> None:
        released = asyncio.Event()

        async def work(source: Source) -> None:
            if source.id == "slow":
                await released.wait()
            done.append(source.id)
            if len(done) == 8:
                released.set()

        good = [_source(f"g{n}", f"https://g{n}.example/") for n in range(8)]
        await each_source([_source("slow", "https://slow.example/"), *good], work, hosts_at_once=2)

    asyncio.run(asyncio.wait_for(run(), 5))
    assert done[-1] == "slow"
