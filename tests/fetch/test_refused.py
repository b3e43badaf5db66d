"""Every attack of `refused` ends as its row in docs/security.md says, in bounded time and memory."""

import asyncio
import itertools
from collections.abc import Iterable

import pytest

from ingest.errors import IngestError, Refused
from ingest.fetch import HttpFetcher
from ingest.fetch.guard import Guard
from ingest.fetch.ledger import check_name
from ingest.model import Fetched, Payload
from ingest.parse import parse
from tests.fetch import refused
from tests.fetch.conftest import ask, limits
from tests.fetch.server import Request, Server, to
from tests.fetch.test_guard import Names

MIB = 1 << 20


def each(cases: Iterable[tuple[object, ...]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", [pytest.param(case, id=str(case[0])) for case in cases])


def test_the_page_has_every_case() -> None:
    """python -m tests.fetch.refused writes it."""
    page = refused.DOCS.read_text()
    assert refused.written(page) == page
    assert all(len({row[0] for row in rows}) == len(rows) for rows in refused.tables().values())


@each(refused.ADDRESSES)
def test_addresses(case: refused.Address) -> None:
    with pytest.raises(Refused) as error:
        Guard().check_url(case.url)
    assert error.value.why.startswith(case.why)
    assert "hunter2" not in str(error.value)
    assert str(error.value).isprintable() or "\u00ad" in case.url


@each(refused.RESOLVED)
async def test_names(case: refused.Resolved) -> None:
    names = Names(inside_example=[list(case.addresses)])
    async with HttpFetcher("a", host_delay_s=0, resolver=names) as fetcher:
        fetched = await ask(fetcher, f"http://inside.example:{case.port}/feed")
    assert_failed(fetched, "refused", case.why)
    assert fetched.hops == ()


@each(refused.REDIRECTS)
async def test_redirects(server: Server, case: refused.Redirect) -> None:
    numbers = itertools.count()

    def answer(_: Request) -> bytes:
        return to(case.location.replace("{n}", str(next(numbers))))

    names = Names(inside_example=[["10.1.2.3"]])
    async with HttpFetcher("a", "127.0.0.1/32", host_delay_s=0, resolver=names) as fetcher:
        fetched = await ask(fetcher, server.on("/feed", answer))
    assert fetched.error_code in ("refused", "fetch-failed")
    assert case.why in str(fetched.error)
    assert len(fetched.hops) == len(server.requests) <= 6


@each(refused.SLOW)
async def test_slow_answers(server: Server, fetcher: HttpFetcher, case: refused.Served) -> None:
    url = server.on("/feed", lambda _: case.make())
    fetched = await asyncio.wait_for(ask(fetcher, url, limits=limits(total_s=0.3, max_bytes=2 * MIB)), 20)
    assert_failed(fetched, case.code, case.why)


@each(refused.SERVED)
async def test_answers(server: Server, fetcher: HttpFetcher, case: refused.Served) -> None:
    bounds = limits(total_s=20, max_bytes=2 * MIB, max_decompressed_bytes=20 * MIB)
    fetched = await ask(fetcher, server.on("/feed", lambda _: case.make()), limits=bounds)
    assert_failed(fetched, case.code, case.why)
    assert fetched.received_bytes <= 2 * MIB + 65_536


@each(refused.DOCUMENTS)
def test_documents(case: refused.Document) -> None:
    try:
        parsed = parse(Payload(source_id="s", url="https://e.example/feed", body=case.body))
    except IngestError as e:
        told, text = str(e), ""
    else:
        told, text = " ".join(parsed.warnings), parsed.model_dump_json()
    assert case.says in told or case.says in ("it is not asked for", "it is text")
    assert len(text) < 1_000_000
    assert "Attacks on the fetcher" not in text


@each(refused.FILE_NAMES)
def test_file_names(case: refused.FileName) -> None:
    with pytest.raises(Refused) as error:
        check_name(case.name)
    assert error.value.why == case.why


def assert_failed(fetched: Fetched, code: str, why: str) -> None:
    assert (fetched.outcome, fetched.error_code, fetched.payloads, fetched.state.failures) == ("failed", code, (), 1)
    assert why in str(fetched.error)
    assert "Traceback" not in str(fetched.error)
    assert Fetched.model_validate_json(fetched.model_dump_json()) == fetched
