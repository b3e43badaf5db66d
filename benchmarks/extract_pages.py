"""Main content and metadata of real article pages: ours, trafilatura and its baseline, on the same pages in one run.

And resiliparse, readability-lxml, newspaper4k and goose3, those of them that are installed; their text alone.

    python -m benchmarks extract_pages [--quick]
    python -m benchmarks.extract_pages [CORPUS] [--limit N] [--show]      what goes wrong where

CORPUS is a folder with gzipped pages and `pages.jsonl`: file, url, `with` (strings of the story), `without` (strings of
the page that are not the story), title, author, date. Default: $INGEST_CORPORA/pages. Captions are no body text.
Without a corpus only speeds are measured, on pages made here.
"""

import argparse
import gzip
import json
import logging
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser
from trafilatura import bare_extraction
from trafilatura.baseline import baseline

from benchmarks import Figure, cpu_s
from benchmarks.newsroom import pages
from ingest.errors import IngestError
from ingest.extract import extract
from ingest.extract.decode import decode
from ingest.extract.people import names

CORPUS = Path(os.environ.get("INGEST_CORPORA", Path(__file__).resolve().parents[2] / "shared" / "corpora")) / "pages"
_EDGES = "p,div,li,h1,h2,h3,h4,h5,h6,td,th,tr,br,blockquote,pre,table"


@dataclass
class Found:
    text: str = ""
    title: str | None = None
    author: str | None = None
    date: str | None = None


def ours(page: bytes, url: str) -> Found:
    entry = extract(page, url)
    # Ours is UTC; the corpus gives the day where the page is made, between Lima and Prague.
    days = [str(entry.published + timedelta(hours=h))[:10] for h in (0, -6, 2)] if entry.published else []
    if entry.published and not (entry.published.hour or entry.published.minute):
        days = days[:1]
    return Found(text_of(entry.html or ""), entry.headline, "; ".join(entry.authors) or None, " ".join(days))


def theirs(page: bytes, url: str) -> Found:
    found = bare_extraction(page, url=url, include_comments=False, with_metadata=True)
    return Found(found.text or "", found.title, found.author, found.date) if found else Found()


def bare(page: bytes, url: str) -> Found:
    return Found(baseline(page)[1])


def resiliparse(page: bytes, url: str) -> Found:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.encoding import bytes_to_str, detect_encoding

    html = bytes_to_str(page, detect_encoding(page))
    return Found(extract_plain_text(html, main_content=True, alt_texts=False, list_bullets=False))


def readability(page: bytes, url: str) -> Found:
    from readability import Document

    found = Document(page)
    return Found(text_of(found.summary()), found.short_title())


def newspaper4k(page: bytes, url: str) -> Found:
    import newspaper

    found = newspaper.article(url, input_html=decode(page, url).text, fetch_images=False)
    return Found(found.text, found.title, "; ".join(found.authors) or None, str(found.publish_date or "")[:10])


def goose(page: bytes, url: str) -> Found:
    from goose3 import Goose

    found = Goose({"enable_image_fetching": False, "strict": False}).extract(raw_html=decode(page, url).text)
    return Found(found.cleaned_text, found.title)


# By the module that has to be there.
RIVALS = {"resiliparse": resiliparse, "readability": readability, "newspaper": newspaper4k, "goose3": goose}


def text_of(html: str) -> str:
    doc = LexborHTMLParser(html)
    doc.strip_tags(["figure", "figcaption"], recursive=True)
    for node in doc.css(_EDGES):
        node.insert_before(" ")
    return doc.text()


def normal(text: str) -> str:
    return " ".join(text.replace("\u00ad", "").split())


def folded(text: str | None) -> str:
    return re.sub(r"[\W_]+", "", (text or "").casefold())


def people(text: str | None) -> set[str]:
    return {folded(name) for name in names((text or "").split(";"))} or {folded(text)}


def score(found: Found, row: dict, counts: Counter) -> list[str]:
    """Add one page's hits to `counts`; the strings that went wrong come back."""
    text = normal(found.text)
    wrong = [f"- {s}" for s in row["with"] if normal(s) not in text]
    wrong += [f"+ {s}" for s in row["without"] if normal(s) in text]
    lost = sum(w[0] == "-" for w in wrong)
    counts.update(pages=1, body=bool(text), with_all=len(row["with"]), with_ok=len(row["with"]) - lost)
    counts.update(without_all=len(row["without"]), without_ok=len(row["without"]) - len(wrong) + lost)
    checks = {
        "title": folded(found.title) == folded(row.get("title")),
        "author": people(found.author) == people(row.get("author")),
        "date": (row.get("date") or "-") in (found.date or ""),
    }
    for name, right in checks.items():
        if row.get(name):
            counts.update({f"{name}_all": 1, f"{name}_ok": right})
            wrong += [] if right else [f"{name}: {getattr(found, name)!r}, not {row[name]!r}"]
    return wrong


def run(name: str, way: Callable[[bytes, str], Found], rows: list[dict], corpus: Path, show: bool) -> Counter:
    counts: Counter = Counter()
    for row in rows:
        page = gzip.decompress((corpus / row["file"]).read_bytes())
        start = time.process_time()
        try:
            found = way(page, row["url"])
        except IngestError as e:
            found = Found()
            counts[f"refused: {e.why}"] += 1
        except Exception as e:  # a rival's: it counts as nothing found
            if way is ours:
                raise
            found = Found()
            counts[f"refused: {type(e).__name__}"] += 1
        counts["us"] += int(1e6 * (time.process_time() - start))
        for wrong in score(found, row, counts) if show else (score(found, row, counts) and ()):
            print(f"{name}\t{row['file']}\t{wrong}")
    return counts


def f1_of(c: Counter) -> float:
    hits, noise = c["with_ok"], c["without_all"] - c["without_ok"]
    return 2 * hits / max(1, hits + noise + c["with_all"])


def line(name: str, c: Counter, reference_us: int) -> str:
    share = [c[f"{k}_ok"] / max(1, c[f"{k}_all"]) for k in ("with", "without", "title", "author", "date")]
    return (
        f"{name:<12} {c['body'] / c['pages']:7.2%} "
        + " ".join(f"{s:8.4f}" for s in (*share[:2], f1_of(c), *share[2:]))
        + f" {1e6 * c['pages'] / c['us']:7.1f} {reference_us / c['us']:6.2f}"
    )


def figures(quick: bool) -> Iterator[Figure]:
    """Speeds on the newsroom's pages; F1 of the body's text on the corpus, if there is one."""
    logging.disable(logging.CRITICAL)
    made = list(pages(10 if quick else 300))
    seconds = {way: cpu_s(lambda way=way: [way(page, url) for url, page in made]) for way in (ours, theirs)}
    yield Figure("pages made here", len(made) / seconds[ours], "pages/s")
    yield Figure("speed ÷ trafilatura's", seconds[theirs] / seconds[ours], "")
    rows = corpus_rows(CORPUS, 10 if quick else None) if CORPUS.exists() else []
    if rows:
        found = {way: run(way.__name__, way, rows, CORPUS, False) for way in (ours, theirs)}
        yield Figure("real pages", 1e6 * found[ours]["pages"] / found[ours]["us"], "pages/s")
        yield Figure("speed ÷ trafilatura's", found[theirs]["us"] / found[ours]["us"], "")
        yield Figure("F1 of the body", f1_of(found[ours]), "")
        yield Figure("trafilatura's F1", f1_of(found[theirs]), "")
    logging.disable(logging.NOTSET)


def corpus_rows(corpus: Path, limit: int | None) -> list[dict]:
    return [json.loads(row) for row in (corpus / "pages.jsonl").read_text("utf-8").splitlines()][:limit]


def main() -> None:
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("corpus", type=Path, nargs="?", default=CORPUS)
    args.add_argument("--limit", type=int)
    args.add_argument("--show", action="store_true", help="print what each way gets wrong")
    args.add_argument("--only", help="one way alone")
    given = args.parse_args()
    logging.disable(logging.CRITICAL)
    rows = corpus_rows(given.corpus, given.limit)
    ways = {"ours": ours, "trafilatura": theirs, "baseline": bare}
    ways |= {name: way for name, way in RIVALS.items() if find_spec(name)}
    ways = {given.only: ways[given.only]} if given.only else ways
    counts = {name: run(name, way, rows, given.corpus, given.show) for name, way in ways.items()}
    print("way             body     with  without       F1    title   author     date pages/s  speed")
    for name, c in counts.items():
        print(line(name, c, counts.get("trafilatura", c)["us"]))
        for why in (f"    {k} × {n}" for k, n in c.items() if k.startswith("refused")):
            print(why)


if __name__ == "__main__":
    main()
