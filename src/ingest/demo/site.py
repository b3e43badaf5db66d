"""Everything the demo server can answer with on one day, as paths and bytes; and the files of its folder source."""

import json
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache, lru_cache, partial
from html import escape
from pathlib import Path

from ingest.demo.edition import edition
from ingest.demo.feedparts import Items
from ingest.demo.feeds import media_type, newest, render
from ingest.demo.items import TruthItem
from ingest.demo.outlets import OUTLETS, Outlet
from ingest.demo.pages import page

SECTION_FEEDS = {  # of an outlet that has one feed a section
    "front.xml": None,
    "news.xml": ("politics", "crime", "disaster", "transport", "local", "weather"),
    "life.xml": ("science", "culture", "feature", "health", "business"),
}
FRONT_ITEMS = 30
_HTML = "text/html; charset=utf-8"
FOLDER_BATCH = 6
_FILES = {
    "atom1": "atom.xml",
    "atom03": "atom.xml",
    "json": "feed.json",
    "sitemap": "news-sitemap.xml",
    "rss1": "index.rdf",
}


@dataclass(frozen=True)
class Resource:
    body: bytes
    content_type: str
    modified: datetime | None = None  # set for feeds: they answer conditional requests
    coding: str = "identity"  # how it is compressed for those who accept that
    status: int = 200


def feed_paths(outlet: Outlet) -> tuple[str, ...]:
    """Where the outlet's feeds are, as paths on the server."""
    if outlet.sections:
        return tuple(f"/{outlet.id}/{name}" for name in SECTION_FEEDS)
    return (f"/{outlet.id}/{_FILES.get(outlet.format, 'rss.xml')}",)


@lru_cache(maxsize=4)
def site(day: int, today: date, seed: int, base_url: str) -> Mapping[str, Callable[[], Resource]]:
    """Path → what is there, made when it is first asked for."""
    published = edition(day, today, seed, base_url)
    found: dict[str, Callable[[], Resource]] = {"/": partial(_index, base_url, published)}
    for outlet in OUTLETS:
        items = published[outlet.id]
        for path in feed_paths(outlet):
            found[path] = partial(_feed, outlet, path, items, f"{base_url}/{outlet.id}/")
        found[f"/{outlet.id}/"] = partial(_front, outlet, items)
        for item in items:
            found[item.path] = partial(_page, outlet, item, items)
    return {path: cache(make) for path, make in found.items()}


def picture(name: str, width: int = 1200, height: int = 800) -> bytes:
    """A PNG in one colour that depends on the name."""
    shade = zlib.crc32(name.encode())
    colour = bytes(80 + (shade >> shift & 127) for shift in (0, 8, 16))
    rows = (b"\0" + bytes((width + 7) // 8)) * height
    head = struct.pack(">IIBBBBB", width, height, 1, 3, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"PLTE", colour + b"\xff\xff\xff"), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, held) for kind, held in chunks)


def write_folder(folder: Path, day: int, today: date, seed: int, base_url: str) -> tuple[Path, ...]:
    """Drop the folder source's files for every day up to `day`: RSS and JSON Feed by turns. Returns their paths.

    A file that is there with these very bytes is left alone, so nothing looks new that is not.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for outlet in (o for o in OUTLETS if o.folder):
        items = edition(day, today, seed, base_url)[outlet.id]
        for name, body in _drops(outlet, items, day, f"{base_url}/{outlet.id}/"):
            path = folder / name
            if not path.exists() or path.read_bytes() != body:
                path.write_bytes(body)
            written.append(path)
    return tuple(written)


def _drops(outlet: Outlet, items: Items, day: int, home: str) -> Iterator[tuple[str, bytes]]:
    late = tuple(item for item in items if day == 2 and item.change == "new")
    early = tuple(item for item in items if item not in late)
    batches = [early[at : at + FOLDER_BATCH] for at in range(0, len(early), FOLDER_BATCH)]
    for number, batch in enumerate([*batches, *([late] if late else [])], start=1):
        if number % 2:
            yield f"drop-{number:03d}.xml", render(outlet, batch, home)
        else:
            yield f"drop-{number:03d}.json", render(_as_json(outlet), batch, home)


def _as_json(outlet: Outlet) -> Outlet:
    return replace(outlet, format="json")


def _feed(outlet: Outlet, path: str, items: Items, home: str) -> Resource:
    wanted = _of_section(items, path.rsplit("/", 1)[1]) if outlet.sections else items
    body = render(outlet, wanted, home)
    if outlet.id == "fault-broken-xml":
        body = body.replace(b"<category>", b"<category>Buy & sell, ")  # a bare ampersand in every item
    return Resource(body, media_type(outlet), newest(wanted), outlet.coding)


def _of_section(items: Items, name: str) -> Items:
    sections = SECTION_FEEDS[name]
    if sections is None:
        return items[:FRONT_ITEMS]
    return tuple(item for item in items if item.sections[-1] in sections)


def _page(outlet: Outlet, item: TruthItem, items: Items) -> Resource:
    if item.page_status != 200:
        body = f"<!DOCTYPE html><title>{item.page_status}</title><h1>Something went wrong ({item.page_status})</h1>"
        return Resource(body.encode(), _HTML, status=item.page_status)
    return Resource(page(outlet, item, items), _HTML)


def _chunk(kind: bytes, held: bytes) -> bytes:
    return struct.pack(">I", len(held)) + kind + held + struct.pack(">I", zlib.crc32(kind + held))


_PAGE = (
    '<!DOCTYPE html><html lang="{language}"><meta charset="utf-8"><title>{title}</title>'
    "<style>body{{font:1rem/1.6 system-ui;max-width:46rem;margin:2rem auto;padding:0 1rem}}</style>"
    "<h1>{title}</h1>{body}</html>"
)


def _front(outlet: Outlet, items: Items) -> Resource:
    lines = "".join(f'<li><a href="{item.url}">{escape(item.headline)}</a></li>' for item in items)
    text = _PAGE.format(language=outlet.language, title=escape(outlet.name), body=f"<ul>{lines}</ul>")
    return Resource(text.encode(), _HTML)


def _index(base_url: str, published: Mapping[str, Items]) -> Resource:
    lines = []
    for outlet in OUTLETS:
        links = " · ".join(f'<a href="{base_url}{path}">{path.rsplit("/", 1)[1]}</a>' for path in feed_paths(outlet))
        count = len(published[outlet.id])
        lines.append(
            f'<tr><td><a href="/{outlet.id}/">{escape(outlet.name)}</a></td><td>{outlet.language}</td>'
            f"<td>{outlet.format}</td><td>{count}</td><td>{links}</td></tr>"
        )
    about = (
        "<p>A newsroom to try the pipeline on. Every agency, paper, person and place is invented. "
        'The truth about each item: <a href="/truth.json">truth.json</a>; what was asked for: '
        '<a href="/control/requests">requests</a>.</p>'
    )
    heads = "".join(f"<th>{name}</th>" for name in ("Outlet", "Language", "Format", "Items", "Feeds"))
    table = f"<table><tr>{heads}</tr>{''.join(lines)}</table>"
    text = _PAGE.format(language="en", title="Demo newsroom", body=about + table)
    return Resource(text.encode(), _HTML)


def truth_json(items: list[TruthItem]) -> bytes:
    return json.dumps([item.model_dump(mode="json") for item in items], ensure_ascii=False).encode()
