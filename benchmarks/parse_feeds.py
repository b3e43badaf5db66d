"""Feeds to entries: items a second, beside feedparser alone on the same bytes in the same run.

    python -m benchmarks parse_feeds [--quick]

feedparser runs as we run it, without its sanitiser and its resolver of addresses (with them: `as it comes`), and ends
with dictionaries; ours ends with checked entries, dates, people, pictures and rights read.
"""

from collections.abc import Iterator

import feedparser

from benchmarks import Figure, cpu_s
from benchmarks.newsroom import feed, papers
from ingest.model import Payload
from ingest.parse import parse


def figures(quick: bool) -> Iterator[Figure]:
    """A feed of 1,000 items with full texts and ten of 100; the best of three rounds each."""
    count, rounds = (40, 1) if quick else (1000, 3)
    several = [feed(outlet, items) for outlet, items in papers(count)]
    (paper, _), *_ = papers(count)
    one = feed(paper, [item for _, items in papers(count) for item in items])
    parse(_payload(several[0]))  # imports
    for what, bodies in ((f"1 feed of {count}", [one]), (f"10 feeds of {count // 10}", several)):
        payloads = [_payload(body) for body in bodies]
        ours = cpu_s(lambda given=payloads: [parse(payload) for payload in given], rounds)
        theirs = cpu_s(lambda given=bodies: [_feedparser(body, False) for body in given], rounds)
        yield Figure(f"{what}: parse", count / ours, "items/s")
        yield Figure(f"{what}: speed ÷ feedparser's", theirs / ours, "")
    sanitising = cpu_s(lambda: [_feedparser(body, True) for body in several], 1)
    yield Figure("… ÷ feedparser's as it comes", sanitising / ours, "")


def _payload(body: bytes) -> Payload:
    return Payload(source_id="paper-0", url="https://paper-0.example/rss.xml", body=body, content_type="text/xml")


def _feedparser(body: bytes, as_it_comes: bool) -> object:
    return feedparser.parse(body, sanitize_html=as_it_comes, resolve_relative_uris=as_it_comes)
