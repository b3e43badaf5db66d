"""What the benchmarks ingest: papers with feeds of full texts, and pages, with all that hangs around a story there.

The texts are those of `dedupe_pairs`: made-up words, each story republished in some of twelve ways beside others that
only look alike. The rest (photographs with credit chains, promo lines, notices, page layouts) is the demo newsroom's.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from random import Random

from benchmarks.dedupe_pairs import START, Text, corpus
from ingest.demo.feedparts import Items
from ingest.demo.items import Extra, Photo, TruthItem
from ingest.demo.outlets import AGENCIES, Outlet
from ingest.demo.pages import page
from ingest.demo.prose import lexicon
from ingest.demo.rssfeeds import rss2_feed
from ingest.model import Block

_PAPERS = tuple(Outlet(f"paper-{n}", f"Paper {n}", "en", "rss2", decor=("messy", "tidy")[n % 2]) for n in range(10))
_TEXTS_A_STORY = 3  # at least, on average


@cache
def papers(count: int, seed: int = 1) -> tuple[tuple[Outlet, Items], ...]:
    """Ten papers with `count` items between them; the same arguments give the same items."""
    texts = sorted(corpus(count // _TEXTS_A_STORY + 20, seed), key=lambda text: text.hours)[:count]
    items = [_item(_PAPERS[n % len(_PAPERS)], n, text) for n, text in enumerate(texts)]
    return tuple((p, tuple(item for item in items if item.source_id == p.id)) for p in _PAPERS)


def feed(outlet: Outlet, items: Sequence[TruthItem]) -> bytes:
    """RSS 2.0 with the full texts in content:encoded."""
    return rss2_feed(outlet, tuple(items), f"https://{outlet.id}.example/").encode()


def write_papers(folder: Path, count: int) -> Path:
    """The papers' feeds as files in `folder`, and the registry for them, which is returned."""
    tables = []
    for outlet, items in papers(count):
        drop = folder / outlet.id
        drop.mkdir(parents=True)
        (drop / "feed.xml").write_bytes(feed(outlet, items))
        tables.append(f'[sources.{outlet.id}]\nurl = "file://{drop}"\nfull_text = "feed"\n')
    registry = folder / "sources.toml"
    registry.write_text("\n".join(tables), "utf-8")
    return registry


def pages(count: int, seed: int = 1) -> Iterator[tuple[str, bytes]]:
    """Address and bytes of article pages."""
    for outlet, items in papers(count, seed):
        for item in items:
            yield item.url or "", page(outlet, item, items[:6])


def _item(outlet: Outlet, number: int, text: Text) -> TruthItem:
    rng = Random(number)
    words = lexicon("en")["furniture"]
    agency = rng.choice([*AGENCIES.values(), None])
    published = START + timedelta(hours=text.hours)
    holder = agency.name if agency else outlet.name
    url = f"https://{outlet.id}.example/2024/03/story-{number}.html"
    return TruthItem(
        source_id=outlet.id,
        guid=url,
        guid_sent=url,
        url=url,
        headline=text.headline,
        byline=f"By {text.headline.split()[0]} Marsh" if number % 3 == 0 else None,
        dateline=f"ROME, March 14 ({agency.code}) — " if agency else None,
        language="en",
        published=published,
        sections=("front", "news"),
        blocks=tuple(Block(kind="paragraph", text=paragraph) for paragraph in text.paragraphs),
        extras=tuple(_extras(outlet, rng, words, holder)),
        photo=_photo(url, agency.code if agency else outlet.name) if number % 5 < 3 else None,
        story=text.story,
    )


def _extras(outlet: Outlet, rng: Random, words: dict[str, list[str]], holder: str) -> Iterator[Extra]:
    if outlet.decor == "messy":
        yield Extra(kind="promo", text=rng.choice(words["promo"]), at=0, href=f"https://{outlet.id}.example/channel")
        yield Extra(kind="advertisement", text=rng.choice(words["advert"]), at=1)
        yield Extra(kind="subscribe", text=rng.choice(words["subscribe"]))
    yield Extra(kind="rights", text=rng.choice(words["notice"]).format(year=2024, holder=holder))


def _photo(url: str, agency: str) -> Photo:
    return Photo(
        url=f"{url}.jpg",
        caption="People gather near the market square in Saltmere on March 12, 2024.",
        alt="Street scene in Saltmere",
        photographer="Ines Halvard",
        agency=agency,
        distributors=("Picture House",),
    )
