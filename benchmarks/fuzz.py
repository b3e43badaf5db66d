"""`python -m benchmarks.fuzz [TARGET…] [--minutes M] [--seed N] [--keep FOLDER]`: broken bytes for every reader.

Each try breaks a good input in a few places and hands it to one reader. It may answer or raise an IngestError; anything
else, over two seconds of processor time, or 300 MB more of memory is a finding: told, cut down, and kept in FOLDER.
"""

import argparse
import asyncio
import gzip
import random
import resource
import sys
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import brotli
import zstandard

from benchmarks.fuzz_servers import http_answer, imap_dialogue
from ingest.clean import clean_fragment
from ingest.errors import IngestError
from ingest.extract import extract
from ingest.fetch.client import Response
from ingest.fetch.decode import decompress
from ingest.fetch.ftp import _from_mlsd
from ingest.fetch.guard import Guard
from ingest.fetch.ledger import check_name
from ingest.fetch.pages import next_url
from ingest.fetch.robots import check, heard, rules_for
from ingest.fetch.schedule import http_date, retry_after
from ingest.land import warc
from ingest.model import Hop, Payload
from ingest.opml import read_opml
from ingest.parse import formats, parse

FIXTURES = Path(__file__).parents[1] / "tests" / "fixtures"
MAX_S = 2.0
MAX_GROWTH_KB = 300_000
NOW = datetime(2026, 3, 14, 2, 0, tzinfo=UTC)
_MAX_SEED = 200_000  # bytes
_SCRAPS = [
    *(bytes([n]) for n in (0, 1, 8, 10, 13, 27, 31, 127, 128, 192, 255)),
    *b"< > & ; \" ' [ ] { } ( ) : , = % # @ \\ / -- ]]> <!-- <![CDATA[ &#0; &#xFFFFFFFF; &a; %00".split(),
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\r\n\r\n",
    b"\xff\xfe",
    b"9" * 40,
    b"-1",
    b"1e999",
    b"0x",
    b" " * 3000,
    b"<!DOCTYPE r [<!ENTITY a 'b'>]>",
    b'<?xml version="1.0" encoding="utf-16"?>',
    b"charset=utf-7",
    b"=?utf-8?b?/w==?=",
    b"<svg><![CDATA[",
    "\u202e\u0130\ufb03\U0001f4f0".encode(),
]  # fmt: skip


class Target(NamedTuple):
    seeds: Callable[[], Sequence[bytes]]
    read: Callable[[bytes, random.Random], object]


class Finding(NamedTuple):
    target: str
    why: str
    body: bytes


def broken(seeds: Sequence[bytes], dice: random.Random) -> bytes:
    """One seed with a few faults: flipped, cut, repeated, nested, or with something of another seed in it."""
    body = bytearray(dice.choice(seeds)[:_MAX_SEED])
    for _ in range(dice.choice((1, 1, 2, 3, 6))):
        at, end = sorted(dice.randint(0, len(body)) for _ in range(2))
        short = min(end, at + dice.choice((1, 8, 60, 400)))
        match dice.randrange(7):
            case 0:
                body[at:at] = dice.choice(_SCRAPS)
            case 1:
                body[at:short] = dice.choice(_SCRAPS)
            case 2:
                del body[at:short]
            case 3 if body:
                body[at % len(body)] ^= 1 << dice.randrange(8)
            case 4:
                body[at:at] = body[at:short] * dice.choice((1, 3, 100, 2000 if short - at < 99 else 9))
            case 5:
                other = dice.choice(seeds)
                start = dice.randint(0, len(other))
                body[at:at] = other[start : start + 400]
            case _:
                body = body[:end] if dice.random() < 0.5 else body[at:]
    return bytes(body)


def tries(name: str, seed: int) -> Iterator[Finding | None]:
    """Endless: each try's finding, if it has one. The same seed gives the same tries."""
    dice, target = random.Random(f"{name} {seed}"), TARGETS[name]
    seeds = target.seeds()
    fault(target, seeds[0], 0)  # what is built once is nobody's fault
    while True:
        body, roll = broken(seeds, dice), dice.randrange(1 << 30)
        why = fault(target, body, roll)
        yield Finding(name, why, _cut_down(target, body, roll, why)) if why else None


def fault(target: Target, body: bytes, roll: int) -> str | None:
    """What is wrong with how `target` takes `body`."""
    began, room = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        target.read(body, random.Random(roll))
    except IngestError as e:
        str(e).encode()
    except Exception as e:  # that is the point
        place = e.__traceback__
        while place and place.tb_next:
            place = place.tb_next
        where = f"{Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place else ""
        return f"{type(e).__name__} in {where}: {' '.join(str(e).split())[:100]}"
    if time.process_time() - began > MAX_S:
        return "too slow"
    if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - room > MAX_GROWTH_KB:
        return "too much memory"
    return None


def _cut_down(target: Target, body: bytes, roll: int, why: str) -> bytes:
    """`body` with as much taken out as leaves the same fault; only of errors, which are quick to see."""
    step = len(body) // 2 if "Error" in why.split(" in ", 1)[0] else 0
    while step:
        at = 0
        while at < len(body):
            less = body[:at] + body[at + step :]
            if fault(target, less, roll) == why:
                body = less
            else:
                at += step
        step //= 2
    return body


@cache
def _files(*patterns: str) -> tuple[bytes, ...]:
    paths = sorted(path for pattern in patterns for path in FIXTURES.glob(pattern) if path.name != "expected.json")
    return tuple(path.read_bytes() for path in paths if path.stat().st_size < _MAX_SEED)


def _feeds() -> Sequence[bytes]:
    return _files("parse/*/input.*")


def _packed() -> Sequence[bytes]:
    bodies = [body[:20_000] for body in _feeds()[::9]]
    coders: list[Callable[[bytes], bytes]] = [gzip.compress, zlib.compress, brotli.compress, zstandard.compress]
    return [code(body) for code in coders for body in bodies]


def _response(body: bytes, link: str = "") -> Response:
    hop = Hop(url="https://e.example/f", status=200, location=None)
    return Response("https://e.example/f", 200, (("Link", link),), body, len(body), NOW, (hop,))


def _headers(body: bytes, dice: random.Random) -> None:
    text = body.decode("utf-8", "replace")
    next_url(_response(b"{}", text), None)
    next_url(_response(body), dice.choice((None, "/next_url", "/links/0/href")))
    retry_after([("Retry-After", text), ("Date", text)], NOW)
    http_date(text)


def _robots(body: bytes, _: random.Random) -> None:
    file = heard("https://e.example", body, "ingest", NOW)
    check(file, rules_for(file.text or "", "ingest"), "ingest", "https://e.example/a?b=c", NOW, None)


def _names(body: bytes, _: random.Random) -> None:
    for line in body.split(b"\n")[:50]:
        _from_mlsd(line)
        check_name(line)


def _address(body: bytes, _: random.Random) -> None:
    Guard().check_url(body.decode("utf-8", "replace")[:9000])


def _parse(body: bytes, dice: random.Random) -> None:
    name = dice.choice(("auto", "auto", *formats()))
    parsed = parse(Payload(source_id="s", url="https://e.example/f", body=body, zone="Europe/Oslo"), name)
    parsed.model_dump_json()


def _page(body: bytes, dice: random.Random) -> None:
    kind = dice.choice((None, "text/html", "text/html; charset=utf-16", "text/html; charset=hz", "image/png"))
    extract(body, "https://e.example/a", content_type=kind).model_dump_json()


def _fragment(body: bytes, dice: random.Random) -> None:
    clean_fragment(body.decode("utf-8", "replace"), is_text=dice.choice((None, True, False))).model_dump_json()


def _archive() -> Sequence[bytes]:
    payload = Payload(source_id="s", url="https://e.example/f", body=b"<rss/>", status=200, headers=(("A", "b"),))
    member = warc.encode(payload).member
    return [member, gzip.decompress(member)]


def _record(body: bytes, dice: random.Random) -> None:
    warc.decode(body if body[:1] == b"\x1f" and dice.random() < 0.3 else gzip.compress(body, 1), "x")


_OPML = [
    b'<opml version="2.0"><body><outline text="a" category="x,y">'
    b'<outline type="rss" xmlUrl="https://e.example/f" title="&amp;b"/></outline></body></opml>'
]
_HEADERS = [
    b'<https://e.example/2>; rel="next"; title="x", </3>; rel=prev',
    b"Sun, 06 Nov 1994 08:49:37 GMT",
    b"120",
    b'{"next_url": "/a", "links": [{"rel": "next", "href": "b"}]}',
    b'<feed xmlns="http://www.w3.org/2005/Atom"><link rel="next" href="?page=2"/></feed>',
]
_ROBOTS = [
    b"User-agent: *\nDisallow: /a*b$\nAllow: /%41\nCrawl-delay: 2.5\nRequest-rate: 1/10s 0900-1700\n"
    b"Visit-time: 0600-0845\nSitemap: https://e.example/s.xml\n"
]
_NAMES = [b"type=file;size=3;modify=20260101000000; a.xml\ntype=dir;modify=20260101000000.1; in\n", b"../a\r\nb\\c"]
_ADDRESSES = [
    b"https://news.example:443/a/b?c=d#e",
    "http://b\u00fccher.example/\u00fc".encode(),
    b"http://[2606:4700::1111%25eth0]:80/",
    b"http://user:pass@0x7f.1/",
]
TARGETS: dict[str, Target] = {
    "decompress": Target(
        _packed, lambda body, dice: decompress(body, dice.choice(("gzip", "deflate", "br", "zstd", "")), "x", 10**7)
    ),
    "parse": Target(_feeds, _parse),
    "extract": Target(lambda: _files("extract/*/page.html"), _page),
    "clean": Target(lambda: _files("clean/*/input.html"), _fragment),
    "opml": Target(lambda: _OPML, lambda body, _: read_opml(body)),
    "headers": Target(lambda: _HEADERS, _headers),
    "robots": Target(lambda: _ROBOTS, _robots),
    "names": Target(lambda: _NAMES, _names),
    "addresses": Target(lambda: _ADDRESSES, _address),
    "archive": Target(_archive, _record),
    "http": Target(http_answer.seeds, lambda body, _: asyncio.run(http_answer.read(body))),
    "imap": Target(imap_dialogue.seeds, lambda body, _: asyncio.run(imap_dialogue.read(body))),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}; all of them by default")
    parser.add_argument("--minutes", type=float, default=1.0, help="for all targets together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path("build/fuzz"), help="folder for what is found")
    given = parser.parse_args()
    names = given.targets or list(TARGETS)
    known: set[tuple[str, str]] = set()
    for name in names:
        count, ends = 0, time.monotonic() + given.minutes * 60 / len(names)
        for found in tries(name, given.seed):
            count += 1
            if found and (key := (name, found.why.partition(": ")[0])) not in known:
                known.add(key)
                given.keep.mkdir(parents=True, exist_ok=True)
                path = given.keep / f"{name}-{sha256(found.body).hexdigest()[:12]}"
                path.write_bytes(found.body)
                print(f"  {name}: {found.why}; {len(found.body)} bytes in {path}: {found.body[:80]!r}", flush=True)
            if time.monotonic() > ends:
                break
        print(f"{name:<12} {count:>8,} tries", flush=True)
    print(f"{len(known)} kinds of findings")
    return 1 if known else 0


if __name__ == "__main__":
    sys.exit(main())
