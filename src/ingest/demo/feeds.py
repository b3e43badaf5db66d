"""Each outlet's feed, in its format. Same items, same bytes."""

from collections.abc import Iterable
from datetime import datetime

from ingest.demo.feedparts import Items
from ingest.demo.items import TruthItem
from ingest.demo.otherfeeds import atom03_feed, atom1_feed, json_feed, sitemap_feed
from ingest.demo.outlets import Outlet
from ingest.demo.rssfeeds import Render, podcast_feed, rss09x_feed, rss1_feed, rss2_feed


def render(outlet: Outlet, items: Items, home: str) -> bytes:
    """The feed in the outlet's charset; characters it lacks become numeric references. `home` is the site's URL."""
    text = _RENDERERS[outlet.format](outlet, items, home)
    if outlet.format == "json":
        return text.encode()
    declared = "utf-8" if outlet.id == "fault-wrong-encoding" else outlet.charset
    return f'<?xml version="1.0" encoding="{declared}"?>\n{text}'.encode(outlet.charset, "xmlcharrefreplace")


def media_type(outlet: Outlet) -> str:
    types = {"json": "application/feed+json", "atom1": "application/atom+xml", "atom03": "application/atom+xml",
             "rss1": "application/rdf+xml", "sitemap": "application/xml"}  # fmt: skip
    return types.get(outlet.format, "application/rss+xml")


def newest(items: Iterable[TruthItem]) -> datetime:
    """When a feed last changed: its Last-Modified."""
    return max(item.updated or item.published for item in items)


_RENDERERS: dict[str, Render] = {
    "rss2": rss2_feed,
    "rss2-summary": rss2_feed,
    "rss1": rss1_feed,
    "rss091": rss09x_feed("0.91"),
    "rss092": rss09x_feed("0.92"),
    "podcast": podcast_feed,
    "atom1": atom1_feed,
    "atom03": atom03_feed,
    "json": json_feed,
    "sitemap": sitemap_feed,
}
