"""Wire formats to entries: items a second, beside the bare parse of the same bytes by lxml or orjson in the same run.

    python -m benchmarks parse_wires [--quick]

The inputs are the parser tests' own fixtures, the ones that give an entry, and agencies' own files, if there are any in
$INGEST_CORPORA/wire. Those are read beside superdesk-core, too, from file to item, if $INGEST_PEER_PYTHON names an
interpreter that has it; benchmarks/superdesk_core.py tells how to set that up. For its zone it looks a dateline up in a
list of cities, which we do not, so NITF is measured without that as well.
"""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import orjson
from lxml import etree

from benchmarks import Figure, cpu_s
from ingest.errors import IngestError
from ingest.model import Payload
from ingest.parse import parse

ROOT = Path(__file__).resolve().parents[1]
FIXTURES = ROOT / "tests" / "fixtures" / "parse"
AGENCIES = Path(os.environ.get("INGEST_CORPORA", ROOT.parent / "shared" / "corpora")) / "wire"
PEER = os.environ.get("INGEST_PEER_PYTHON")
Bare = Callable[[bytes], object]
BARE: dict[str, tuple[Bare | None, str]] = {
    "nitf": (etree.fromstring, "≥ 1,000"),
    "newsml-g2": (etree.fromstring, "≥ 1,000"),
    "newsml-1": (etree.fromstring, ""),
    "iptc7901": (None, ""),
    "anpa": (None, "≥ 5,000"),
    "ninjs": (orjson.loads, ""),
}


def figures(quick: bool) -> Iterator[Figure]:
    """The best of three rounds (one, when quick) over each format's files, some hundred times each."""
    rounds, times = (1, 1) if quick else (3, 100)
    sent = sorted(one for one in AGENCIES.rglob("*") if one.is_file())
    agencies = _by_format(sent)
    for name, (bare, target) in BARE.items():
        ours = _by_format(sorted(FIXTURES.glob(f"{name}-*/input.*")))
        for whose, files in (("", ours), (", agencies' own", agencies)):
            payloads = [one for one in files.get(name, ()) if bare is None or _is_read(one, bare)]
            if payloads:
                yield from _speed(f"{name}{whose}", payloads, bare, target, rounds, times)
    if PEER and sent:
        yield from _beside_peer(PEER, sent, rounds, times)


def _speed(
    name: str, payloads: list[Payload], bare: Bare | None, target: str, rounds: int, times: int
) -> Iterator[Figure]:
    items = times * sum(len(parse(payload).entries) for payload in payloads)
    ours = cpu_s(lambda: [parse(one) for _ in range(times) for one in payloads], rounds)
    yield Figure(f"{name}: parse", items / ours, "items/s", target)
    if bare:
        theirs = cpu_s(lambda: [bare(one.body) for _ in range(times) for one in payloads], rounds)
        yield Figure(
            f"{name}: speed ÷ {bare.__module__.partition('.')[0]}'s", theirs / ours, "", "≥ 0.2" if target else ""
        )


def _beside_peer(python: str, files: list[Path], rounds: int, times: int) -> Iterator[Figure]:
    """Over the files that both get items from, its CPU time ÷ ours; and how many each gets nothing from."""
    ours = {file: name for file in files for name in _by_format([file]) if name in BARE}
    theirs = _peer_seconds(python, files, rounds, times)
    for name in BARE:
        if both := [file for file in files if ours.get(file) == name and file in theirs]:
            took = sum(cpu_s(partial(_read, file, times), rounds) for file in both)
            as_it_comes, cityless = (sum(each) for each in zip(*(theirs[file] for file in both), strict=True))
            yield Figure(f"{name}: speed ÷ superdesk-core's, {len(both)} files", as_it_comes / took, "")
            if name == "nitf":
                yield Figure("… without its cities", cityless / took, "")
    known = ours.keys() | theirs.keys()
    yield Figure(f"of {len(known)} files, no item from: superdesk-core", len(known - theirs.keys()), "")
    yield Figure(f"of {len(known)} files, no item from: us", len(known - ours.keys()), "")


def _peer_seconds(python: str, files: list[Path], rounds: int, times: int) -> dict[Path, tuple[float, float]]:
    paths = {str(file.resolve()): file for file in files}
    asked = json.dumps({"files": list(paths), "rounds": rounds, "times": times})
    script = Path(__file__).with_name("superdesk_core.py")
    done = subprocess.run([python, "-I", str(script)], input=asked, stdout=subprocess.PIPE, text=True, check=True)
    return {paths[path]: took for path, took in json.loads(done.stdout).items()}


def _read(file: Path, times: int) -> None:
    for _ in range(times):
        parse(Payload(source_id="wire", url=file.name, body=file.read_bytes()))


def _by_format(files: list[Path]) -> dict[str, list[Payload]]:
    """Those that give an entry: broken and mislabelled ones are for the tests."""
    found: dict[str, list[Payload]] = {}
    for file in files:
        payload = Payload(source_id="wire", url=file.name, body=file.read_bytes())
        try:
            parsed = parse(payload)
        except IngestError:
            continue
        if parsed.entries:
            found.setdefault(parsed.format, []).append(payload)
    return found


def _is_read(payload: Payload, bare: Bare) -> bool:
    """By the bare parser, too: it repairs nothing."""
    try:
        bare(payload.body)
    except (etree.XMLSyntaxError, orjson.JSONDecodeError, ValueError):
        return False
    return True
