"""The demo's RSS: 2.0 with full texts or teasers, 1.0 (RDF), 0.91, 0.92, and a podcast's."""

from collections.abc import Callable
from html import escape

from ingest.demo.feedparts import Items, element, link, rfc822, w3c
from ingest.demo.items import TruthItem
from ingest.demo.markup import story_html, teaser
from ingest.demo.outlets import Outlet

Render = Callable[[Outlet, Items, str], str]

_MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/"'
_CONTENT = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
_DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
_ITUNES = 'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'


def rss2_feed(outlet: Outlet, items: Items, home: str) -> str:
    channel = _channel(outlet, home) + f"<ttl>30</ttl>{_self(home)}"
    body = "".join(_rss2_item(outlet, item) for item in items)
    spaces = f'{_CONTENT} {_DC} {_MEDIA} xmlns:atom="http://www.w3.org/2005/Atom"'
    return f'<rss version="2.0" {spaces}>\n<channel>{channel}\n{body}</channel>\n</rss>\n'


def _rss2_item(outlet: Outlet, item: TruthItem) -> str:
    messy = outlet.decor == "messy"
    parts = [element("title", item.headline), element("link", link(outlet, item)), _rss_guid(outlet, item)]
    parts += [element("pubDate", rfc822(item.published, outlet.zone)), element("category", item.sections[-1])]
    parts.append(element("description", f"<p>{escape(teaser(item), quote=False)}</p>"))
    if item.author:
        parts.append(element("dc:creator", item.author))
    if item.updated:
        parts.append(element("dcterms:modified", w3c(item.updated)))
    if item.rights_notice and outlet.states_rights:
        parts.append(element("dc:rights", item.rights_notice))
    if not outlet.page_only:
        parts.append(
            f"<content:encoded><![CDATA[{story_html(item, messy=messy, with_photo=messy)}]]></content:encoded>"
        )
    if item.photo and not messy:
        parts.append(_media(item))
    return "<item>" + "\n".join(part for part in parts if part) + "</item>\n"


def _media(item: TruthItem) -> str:
    photo = item.photo
    if photo is None:
        return ""
    return (
        f'<media:content url="{photo.url}" medium="image" type="image/png" width="{photo.width}" '
        f'height="{photo.height}">'
        f"{element('media:description', photo.caption)}{element('media:credit', photo.credit, role='photographer')}"
        "</media:content>"
    )


def rss1_feed(outlet: Outlet, items: Items, home: str) -> str:
    listed = "".join(f'<rdf:li rdf:resource="{escape(i.url or "")}"/>' for i in items)
    spaces = (
        f'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" {_CONTENT} {_DC}'
    )
    about = (("title", outlet.name), ("link", home), ("description", outlet.name), ("dc:language", outlet.language))
    channel = "".join(element(name, text) for name, text in about)
    body = "".join(_rss1_item(outlet, item) for item in items)
    return (
        f'<rdf:RDF {spaces}>\n<channel rdf:about="{home}">{channel}<items><rdf:Seq>{listed}</rdf:Seq></items>'
        f"</channel>\n{body}</rdf:RDF>\n"
    )


def _rss1_item(outlet: Outlet, item: TruthItem) -> str:
    parts = [element("title", item.headline), element("link", link(outlet, item)), element("description", teaser(item))]
    parts += [element("dc:date", w3c(item.published, outlet)), element("dc:subject", item.sections[-1])]
    if item.author:
        parts.append(element("dc:creator", item.author))
    if item.rights_notice:
        parts.append(element("dc:rights", item.rights_notice))
    parts.append(element("content:encoded", story_html(item)))
    return f'<item rdf:about="{escape(item.url or "")}">' + "\n".join(parts) + "</item>\n"


def rss09x_feed(version: str) -> Render:
    def rendered(outlet: Outlet, items: Items, home: str) -> str:
        body = "".join(_rss09x_item(outlet, item) for item in items)
        return f'<rss version="{version}">\n<channel>{_channel(outlet, home)}\n{body}</channel>\n</rss>\n'

    return rendered


def _rss09x_item(outlet: Outlet, item: TruthItem) -> str:
    html = story_html(item, messy=outlet.decor == "messy")
    parts = [
        element("title", item.headline),
        element("link", link(outlet, item)),
        _rss_guid(outlet, item),
        element("description", html),
    ]
    return "<item>" + "\n".join(part for part in parts if part) + "</item>\n"


def podcast_feed(outlet: Outlet, items: Items, home: str) -> str:
    channel = _channel(outlet, home) + element("itunes:author", outlet.name) + '<itunes:category text="News"/>'
    body = "".join(_episode(outlet, item) for item in items)
    return f'<rss version="2.0" {_ITUNES}>\n<channel>{channel}\n{body}</channel>\n</rss>\n'


def _episode(outlet: Outlet, item: TruthItem) -> str:
    audio = item.audio
    if audio is None:
        return ""
    parts = [element("title", item.headline), element("link", link(outlet, item)), _rss_guid(outlet, item)]
    parts += [element("pubDate", rfc822(item.published, outlet.zone)), element("description", story_html(item))]
    parts += [
        f'<enclosure url="{audio.url}" length="{audio.length}" type="audio/mpeg"/>',
        element("itunes:duration", audio.duration),
    ]
    return "<item>" + "\n".join(parts) + "</item>\n"


def _channel(outlet: Outlet, home: str) -> str:
    about = f"{outlet.name}: all the news that fits a demonstration"
    return "\n".join(
        (
            element("title", outlet.name),
            element("link", home),
            element("description", about),
            element("language", outlet.language),
        )
    )


def _self(home: str) -> str:
    return f'<atom:link rel="self" type="application/rss+xml" href="{home}rss.xml"/>'


def _rss_guid(outlet: Outlet, item: TruthItem) -> str:
    if item.guid_sent is None or outlet.format == "rss091":
        return ""
    return element("guid", item.guid_sent, isPermaLink="true" if outlet.guid == "permalink" else "false")
