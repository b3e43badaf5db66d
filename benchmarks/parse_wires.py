"""Wire formats to entries: items a second, beside the bare parse of the same bytes by lxml or orjson in the same run.

    python -m benchmarks parse_wires [--quick]

The inputs are the parser tests' own fixtures, the ones that give an entry.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
from lxml import etree

from benchmarks import Figure, cpu_s
from ingest.errors import IngestError
from ingest.model import Payload
from ingest.parse import parse

FIXTURES = Path(__file__).parents[1] / "tests" / "fixtures" / "parse"
BARE: dict[str, tuple[Callable[[bytes], object] | None, str]] = {
    "nitf": (etree.fromstring, "≥ 1,000"),
    "newsml-g2": (etree.fromstring, "≥ 1,000"),
    "newsml-1": (etree.fromstring, ""),
    "iptc7901": (None, ""),
    "anpa": (None, "≥ 5,000"),
    "ninjs": (orjson.loads, ""),
}


def figures(quick: bool) -> Iterator[Figure]:
    """The best of three rounds (one, when quick) over each format's fixtures, some hundred times each."""
    rounds, times = (1, 1) if quick else (3, 100)
    for name, (bare, target) in BARE.items():
        payloads = [payload for payload in _payloads(name) if _is_read(payload, bare)]
        items = times * sum(len(parse(payload).entries) for payload in payloads)
        ours = cpu_s(lambda given=payloads: [parse(one) for _ in range(times) for one in given], rounds)
        yield Figure(f"{name}: parse", items / ours, "items/s", target)
        if bare:
            theirs = cpu_s(
                lambda given=payloads, by=bare: [by(one.body) for _ in range(times) for one in given], rounds
            )
            yield Figure(f"{name}: speed ÷ {bare.__module__.partition('.')[0]}'s", theirs / ours, "", "≥ 0.2")


def _payloads(name: str) -> Iterator[Payload]:
    for file in sorted(FIXTURES.glob(f"{name}-*/input.*")):
        yield Payload(source_id="wire", url=file.name, body=file.read_bytes())


def _is_read(payload: Payload, bare: Callable[[bytes], object] | None) -> bool:
    """By both: broken and mislabelled ones are for the tests."""
    try:
        if bare:
            bare(payload.body)
        return bool(parse(payload).entries)
    except (IngestError, etree.XMLSyntaxError, orjson.JSONDecodeError, ValueError):
        return False
