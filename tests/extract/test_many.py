"""Many pages in processes: as if one by one, in their order, whatever becomes of a process."""

import os
import signal
from collections.abc import Iterator

import pytest

from ingest.errors import NoContent
from ingest.extract import extract
from ingest.extract.many import Fetched, extract_many, spread
from ingest.model import Entry

PAGE = "<html><title>Ferry {n}</title><body><h1>Ferry {n}</h1><p>" + "The ferry left the harbour on time again. " * 9


def pages(count: int) -> Iterator[Fetched]:
    for n in range(count):
        yield Fetched(PAGE.format(n=n).encode() if n % 5 else b" ", f"https://echo.example/{n}")


def test_as_one_by_one() -> None:
    found = list(extract_many(pages(40), 2))
    assert [isinstance(made, NoContent) for made in found] == [n % 5 == 0 for n in range(40)]
    for page, made in zip(pages(40), found, strict=True):
        assert not isinstance(made, Entry) or made == extract(page.body, page.url)


def test_pages_are_not_fetched_far_ahead() -> None:
    taken = 0

    def counted() -> Iterator[Fetched]:
        nonlocal taken
        for page in pages(400):
            taken += 1
            yield page

    assert next(extract_many(counted(), 2))
    assert taken <= 80


def work(n: int) -> int:
    if n in {3, 41}:
        os.kill(os.getpid(), signal.SIGKILL)
    return n


@pytest.mark.timeout(60)
def test_an_item_that_kills_its_process_costs_no_other() -> None:
    assert list(spread(work, range(50), lambda n: -n, 2)) == [-n if n in {3, 41} else n for n in range(50)]
