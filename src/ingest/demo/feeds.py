"""Each outlet's feed, in its format. Same items, same bytes."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from email.utils import format_datetime
from html import escape
from zoneinfo import ZoneInfo

from ingest.demo.items import TruthItem
from ingest.demo.markup import story_html, teaser
from ingest.demo.outlets import Outlet

Render = Callable[[Outlet, "Items", str], str]
Items = tuple[TruthItem, ...]

_MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/"'
_CONTENT = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
_DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
_ITUNES = 'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
_TRACKING = "?utm_source=feed&utm_medium=rss&at_campaign=daily"


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


def _rss2(outlet: Outlet, items: Items, home: str) -> str:
    channel = _channel(outlet, home) + f"<ttl>30</ttl>{_self(home)}"
    body = "".join(_rss2_item(outlet, item) for item in items)
    spaces = f'{_CONTENT} {_DC} {_MEDIA} xmlns:atom="http://www.w3.org/2005/Atom"'
    return f'<rss version="2.0" {spaces}>\n<channel>{channel}\n{body}</channel>\n</rss>\n'


def _rss2_item(outlet: Outlet, item: TruthItem) -> str:
    messy = outlet.decor == "messy"
    parts = [_el("title", item.headline), _el("link", _link(outlet, item)), _rss_guid(outlet, item)]
    parts += [_el("pubDate", _rfc822(item.published, outlet.zone)), _el("category", item.sections[-1])]
    parts.append(_el("description", f"<p>{escape(teaser(item), quote=False)}</p>"))
    if item.author:
        parts.append(_el("dc:creator", item.author))
    if item.updated:
        parts.append(_el("dcterms:modified", _w3c(item.updated)))
    if not outlet.page_only:
        parts.append(f"<content:encoded><![CDATA[{story_html(item, messy=messy, with_photo=messy)}]]></content:encoded>")
    if item.photo and not messy:
        parts.append(_media(item))
    return "<item>" + "\n".join(part for part in parts if part) + "</item>\n"


def _media(item: TruthItem) -> str:
    photo = item.photo
    if photo is None:
        return ""
    return (
        f'<media:content url="{photo.url}" medium="image" type="image/png" width="{photo.width}" height="{photo.height}">'
        f"{_el('media:description', photo.caption)}{_el('media:credit', photo.credit, role='photographer')}"
        "</media:content>"
    )


def _rss1(outlet: Outlet, items: Items, home: str) -> str:
    listed = "".join(f'<rdf:li rdf:resource="{escape(i.url or "")}"/>' for i in items)
    spaces = f'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" {_CONTENT} {_DC}'
    channel = f"{_el('title', outlet.name)}{_el('link', home)}{_el('description', outlet.name)}{_el('dc:language', outlet.language)}"
    body = "".join(_rss1_item(outlet, item) for item in items)
    return (
        f'<rdf:RDF {spaces}>\n<channel rdf:about="{home}">{channel}<items><rdf:Seq>{listed}</rdf:Seq></items>'
        f"</channel>\n{body}</rdf:RDF>\n"
    )


def _rss1_item(outlet: Outlet, item: TruthItem) -> str:
    parts = [_el("title", item.headline), _el("link", _link(outlet, item)), _el("description", teaser(item))]
    parts += [_el("dc:date", _w3c(item.published, outlet)), _el("dc:subject", item.sections[-1])]
    if item.author:
        parts.append(_el("dc:creator", item.author))
    if item.rights_notice:
        parts.append(_el("dc:rights", item.rights_notice))
    parts.append(_el("content:encoded", story_html(item)))
    return f'<item rdf:about="{escape(item.url or "")}">' + "\n".join(parts) + "</item>\n"


def _rss09x(version: str) -> Render:
    def rendered(outlet: Outlet, items: Items, home: str) -> str:
        body = "".join(_rss09x_item(outlet, item) for item in items)
        return f'<rss version="{version}">\n<channel>{_channel(outlet, home)}\n{body}</channel>\n</rss>\n'

    return rendered


def _rss09x_item(outlet: Outlet, item: TruthItem) -> str:
    html = story_html(item, messy=outlet.decor == "messy")
    parts = [_el("title", item.headline), _el("link", _link(outlet, item)), _rss_guid(outlet, item), _el("description", html)]
    return "<item>" + "\n".join(part for part in parts if part) + "</item>\n"


def _podcast(outlet: Outlet, items: Items, home: str) -> str:
    channel = _channel(outlet, home) + _el("itunes:author", outlet.name) + '<itunes:category text="News"/>'
    body = "".join(_episode(outlet, item) for item in items)
    return f'<rss version="2.0" {_ITUNES}>\n<channel>{channel}\n{body}</channel>\n</rss>\n'


def _episode(outlet: Outlet, item: TruthItem) -> str:
    audio = item.audio
    if audio is None:
        return ""
    parts = [_el("title", item.headline), _el("link", _link(outlet, item)), _rss_guid(outlet, item)]
    parts += [_el("pubDate", _rfc822(item.published, outlet.zone)), _el("description", " ".join(item.body))]
    parts += [f'<enclosure url="{audio.url}" length="{audio.length}" type="audio/mpeg"/>', _el("itunes:duration", audio.duration)]
    return "<item>" + "\n".join(parts) + "</item>\n"


def _atom1(outlet: Outlet, items: Items, home: str) -> str:
    gone = "".join(
        f'<at:deleted-entry ref="{escape(i.guid)}" when="{_w3c(i.published)}"/>\n' for i in items if i.change == "gone"
    )
    body = "".join(_atom1_entry(outlet, item) for item in items if item.change != "gone")
    newest = max(item.updated or item.published for item in items)
    head = _el("id", f"tag:{outlet.id}.example,2020:feed") + _el("title", outlet.name) + _el("updated", _w3c(newest))
    links = f'<link rel="alternate" href="{home}"/><link rel="self" href="{home}atom.xml"/>'
    spaces = 'xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"'
    return f'<feed {spaces} xml:lang="{outlet.language}">\n{head}{links}\n{gone}{body}</feed>\n'


def _atom1_entry(outlet: Outlet, item: TruthItem) -> str:
    parts = [_el("id", item.guid), _el("title", item.headline), f'<link rel="alternate" href="{escape(_link(outlet, item))}"/>']
    parts += [_el("published", _w3c(item.published)), _el("updated", _w3c(item.updated or item.published))]
    parts += [f'<category term="{section}"/>' for section in item.sections[1:]]
    if item.author:
        parts.append(f"<author>{_el('name', item.author)}</author>")
    if item.rights_notice:
        parts.append(_el("rights", item.rights_notice))
    parts += [_el("summary", teaser(item)), _el("content", story_html(item), type="html")]
    return "<entry>" + "\n".join(parts) + "</entry>\n"


def _atom03(outlet: Outlet, items: Items, home: str) -> str:
    newest = max(item.updated or item.published for item in items)
    head = _el("title", outlet.name) + f'<link rel="alternate" type="text/html" href="{home}"/>' + _el("modified", _w3c(newest))
    body = "".join(_atom03_entry(outlet, item) for item in items)
    return f'<feed version="0.3" xmlns="http://purl.org/atom/ns#" xml:lang="{outlet.language}">\n{head}\n{body}</feed>\n'


def _atom03_entry(outlet: Outlet, item: TruthItem) -> str:
    parts = [_el("title", item.headline), f'<link rel="alternate" type="text/html" href="{escape(_link(outlet, item))}"/>']
    parts += [_el("id", item.guid), _el("issued", _w3c(item.published)), _el("modified", _w3c(item.updated or item.published))]
    if item.author:
        parts.append(f"<author>{_el('name', item.author)}</author>")
    parts.append(_el("content", story_html(item, messy=outlet.decor == "messy"), type="text/html", mode="escaped"))
    return "<entry>" + "\n".join(parts) + "</entry>\n"


def _json(outlet: Outlet, items: Items, home: str) -> str:
    head = {"version": "https://jsonfeed.org/version/1.1", "title": outlet.name, "home_page_url": home,
            "feed_url": f"{home}feed.json", "language": outlet.language}  # fmt: skip
    return json.dumps({**head, "items": [_json_item(outlet, item) for item in items]}, ensure_ascii=False, indent=1)


def _json_item(outlet: Outlet, item: TruthItem) -> dict[str, object]:
    found: dict[str, object] = {
        "id": item.guid,
        "url": _link(outlet, item),
        "title": item.headline,
        "summary": teaser(item),
        "content_html": story_html(item, messy=outlet.decor == "messy"),
        "date_published": _w3c(item.published),
        "tags": list(item.sections[1:]),
    }
    if item.updated:
        found["date_modified"] = _w3c(item.updated)
    if item.author:
        found["authors"] = [{"name": item.author}]
    return found


def _sitemap(outlet: Outlet, items: Items, home: str) -> str:
    spaces = (
        'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    )
    body = "".join(_sitemap_url(outlet, item) for item in items)
    return f"<urlset {spaces}>\n{body}</urlset>\n"


def _sitemap_url(outlet: Outlet, item: TruthItem) -> str:
    paper = f"<news:publication>{_el('news:name', outlet.name)}{_el('news:language', outlet.language)}</news:publication>"
    news = paper + _el("news:publication_date", _w3c(item.published)) + _el("news:title", item.headline)
    changed = _el("lastmod", _w3c(item.updated or item.published))
    return f"<url>{_el('loc', _link(outlet, item))}{changed}<news:news>{news}</news:news></url>\n"


def _channel(outlet: Outlet, home: str) -> str:
    about = f"{outlet.name}: all the news that fits a demonstration"
    return "\n".join((_el("title", outlet.name), _el("link", home), _el("description", about), _el("language", outlet.language)))


def _self(home: str) -> str:
    return f'<atom:link rel="self" type="application/rss+xml" href="{home}rss.xml"/>'


def _rss_guid(outlet: Outlet, item: TruthItem) -> str:
    if item.guid_sent is None or outlet.format == "rss091":
        return ""
    return _el("guid", item.guid_sent, isPermaLink="true" if outlet.guid == "permalink" else "false")


def _link(outlet: Outlet, item: TruthItem) -> str:
    return (item.url or "") + (_TRACKING if outlet.tracking else "")


def _el(name: str, text: str, **attributes: str) -> str:
    held = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    return f"<{name}{held}>{escape(text, quote=False)}</{name}>"


def _rfc822(moment: datetime, zone: str) -> str:
    return format_datetime(moment.astimezone(ZoneInfo(zone)))


def _w3c(moment: datetime, outlet: Outlet | None = None) -> str:
    if outlet and outlet.zoneless_dates:
        return moment.astimezone(ZoneInfo(outlet.zone)).strftime("%Y-%m-%dT%H:%M:%S")
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def newest(items: Iterable[TruthItem]) -> datetime:
    """When a feed last changed: its Last-Modified."""
    return max(item.updated or item.published for item in items)


_RENDERERS: dict[str, Render] = {
    "rss2": _rss2,
    "rss2-summary": _rss2,
    "rss1": _rss1,
    "rss091": _rss09x("0.91"),
    "rss092": _rss09x("0.92"),
    "podcast": _podcast,
    "atom1": _atom1,
    "atom03": _atom03,
    "json": _json,
    "sitemap": _sitemap,
}
