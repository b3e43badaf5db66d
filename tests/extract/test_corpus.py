"""Floors on real pages. They go up, never quietly down; benchmarks/extract_pages.py has all pages and the rivals."""

import gzip
import json

from ingest.errors import IngestError
from ingest.extract import extract
from tests.corpora import corpora

SAMPLE = 30
FLOOR_BODIES, FLOOR_WITH, FLOOR_WITHOUT = 0.97, 0.94, 0.91


def text_of(html: str) -> str:
    from selectolax.lexbor import LexborHTMLParser

    doc = LexborHTMLParser(html)
    doc.strip_tags(["figure"], recursive=True)
    for node in doc.css("p,li,h1,h2,h3,h4,td,th,br"):
        node.insert_before(" ")
    return " ".join(doc.text().split())


def test_real_pages() -> None:
    pages = corpora("pages")
    rows = [json.loads(line) for line in (pages / "pages.jsonl").read_text("utf-8").splitlines()][::10][:SAMPLE]
    bodies, with_, without = 0, [], []
    for row in rows:
        try:
            entry = extract(gzip.decompress((pages / row["file"]).read_bytes()), row["url"])
        except IngestError:
            continue
        text = text_of(entry.html or "")
        bodies += bool(text)
        with_ += [" ".join(s.split()).replace("\u00ad", "") in text for s in row["with"]]
        without += [" ".join(s.split()) not in text for s in row["without"]]
    assert bodies >= FLOOR_BODIES * len(rows)
    assert sum(with_) >= FLOOR_WITH * len(with_)
    assert sum(without) >= FLOOR_WITHOUT * len(without)
