"""The demo's feeds that are not RSS: Atom 1.0 and 0.3, JSON Feed, and a news sitemap."""

import json
from html import escape

from ingest.demo.feedparts import Items, element, link, w3c
from ingest.demo.items import TruthItem
from ingest.demo.markup import story_html, teaser
from ingest.demo.outlets import Outlet


def atom1_feed(outlet: Outlet, items: Items, home: str) -> str:
    gone = "".join(
        f'<at:deleted-entry ref="{escape(i.guid)}" when="{w3c(i.published)}"/>\n' for i in items if i.change == "gone"
    )
    body = "".join(_atom1_entry(outlet, item) for item in items if item.change != "gone")
    newest = max(item.updated or item.published for item in items)
    head = (
        element("id", f"tag:{outlet.id}.example,2020:feed")
        + element("title", outlet.name)
        + element("updated", w3c(newest))
    )
    links = f'<link rel="alternate" href="{home}"/><link rel="self" href="{home}atom.xml"/>'
    spaces = 'xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"'
    return f'<feed {spaces} xml:lang="{outlet.language}">\n{head}{links}\n{gone}{body}</feed>\n'


def _atom1_entry(outlet: Outlet, item: TruthItem) -> str:
    parts = [
        element("id", item.guid),
        element("title", item.headline),
        f'<link rel="alternate" href="{escape(link(outlet, item))}"/>',
    ]
    parts += [element("published", w3c(item.published)), element("updated", w3c(item.updated or item.published))]
    parts += [f'<category term="{section}"/>' for section in item.sections[1:]]
    if item.author:
        parts.append(f"<author>{element('name', item.author)}</author>")
    if item.rights_notice:
        parts.append(element("rights", item.rights_notice))
    parts += [element("summary", teaser(item)), element("content", story_html(item), type="html")]
    return "<entry>" + "\n".join(parts) + "</entry>\n"


def atom03_feed(outlet: Outlet, items: Items, home: str) -> str:
    newest = max(item.updated or item.published for item in items)
    head = (
        element("title", outlet.name)
        + f'<link rel="alternate" type="text/html" href="{home}"/>'
        + element("modified", w3c(newest))
    )
    body = "".join(_atom03_entry(outlet, item) for item in items)
    return (
        f'<feed version="0.3" xmlns="http://purl.org/atom/ns#" xml:lang="{outlet.language}">\n{head}\n{body}</feed>\n'
    )


def _atom03_entry(outlet: Outlet, item: TruthItem) -> str:
    parts = [
        element("title", item.headline),
        f'<link rel="alternate" type="text/html" href="{escape(link(outlet, item))}"/>',
    ]
    parts += [
        element("id", item.guid),
        element("issued", w3c(item.published)),
        element("modified", w3c(item.updated or item.published)),
    ]
    if item.author:
        parts.append(f"<author>{element('name', item.author)}</author>")
    parts.append(element("content", story_html(item, messy=outlet.decor == "messy"), type="text/html", mode="escaped"))
    return "<entry>" + "\n".join(parts) + "</entry>\n"


def json_feed(outlet: Outlet, items: Items, home: str) -> str:
    head = {"version": "https://jsonfeed.org/version/1.1", "title": outlet.name, "home_page_url": home,
            "feed_url": f"{home}feed.json", "language": outlet.language}  # fmt: skip
    return json.dumps({**head, "items": [_json_item(outlet, item) for item in items]}, ensure_ascii=False, indent=1)


def _json_item(outlet: Outlet, item: TruthItem) -> dict[str, object]:
    found: dict[str, object] = {
        "id": item.guid,
        "url": link(outlet, item),
        "title": item.headline,
        "summary": teaser(item),
        "content_html": story_html(item, messy=outlet.decor == "messy"),
        "date_published": w3c(item.published),
        "tags": list(item.sections[1:]),
    }
    if item.updated:
        found["date_modified"] = w3c(item.updated)
    if item.author:
        found["authors"] = [{"name": item.author}]
    return found


def sitemap_feed(outlet: Outlet, items: Items, home: str) -> str:
    spaces = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    body = "".join(_sitemap_url(outlet, item) for item in items)
    return f"<urlset {spaces}>\n{body}</urlset>\n"


def _sitemap_url(outlet: Outlet, item: TruthItem) -> str:
    names = element("news:name", outlet.name) + element("news:language", outlet.language)
    paper = f"<news:publication>{names}</news:publication>"
    news = paper + element("news:publication_date", w3c(item.published)) + element("news:title", item.headline)
    changed = element("lastmod", w3c(item.updated or item.published))
    return f"<url>{element('loc', link(outlet, item))}{changed}<news:news>{news}</news:news></url>\n"
