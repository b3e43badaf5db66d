"""Article pages as papers build them: the story somewhere between menus, a cookie wall and the comments."""

import json
import zlib
from html import escape

from ingest.demo.feedparts import Items
from ingest.demo.items import TruthItem
from ingest.demo.markup import block_html, extra_html, figure, teaser
from ingest.demo.outlets import Outlet
from ingest.demo.prose import lexicon

_SHELL = """<!DOCTYPE html>
<html lang="{language}"{direction}>
<head>
<meta charset="utf-8">
<title>{title} | {paper}</title>
{head}
<style>body{{font-family:serif;max-width:60rem;margin:auto}}nav a{{margin-right:1em}}img{{max-width:100%}}</style>
<script>window.dataLayer=window.dataLayer||[];</script>
</head>
<body>
<div id="consent" class="cookie-banner" role="dialog"><p>{cookie}</p></div>
<header class="site-header"><a href="/{id}/" class="logo">{paper}</a><nav class="main-nav"><ul>{nav}</ul></nav></header>
{main}
<aside class="sidebar"><h3>{most_read}</h3><ol>{others}</ol></aside>
<section id="comments" class="comments"><h3>{comments}</h3>{comment}</section>
<footer class="site-footer"><p>{footer}</p><p>{paper}</p></footer>
</body>
</html>
"""


def page(outlet: Outlet, item: TruthItem, others: Items) -> bytes:
    """The page of one item; `others` fill its "most read" box. UTF-8."""
    words = lexicon(item.language)["furniture"]
    layout = _SEMANTIC if zlib.crc32(outlet.id.encode()) % 2 else _SOUP
    main = layout.format(
        id=outlet.id,
        section=escape(item.sections[-1].title()),
        headline=escape(item.headline, quote=False),
        byline=escape(item.byline or outlet.name),
        stamp=item.published.strftime("%Y-%m-%d %H:%M"),
        iso=item.published.isoformat(),
        photo=figure(item.photo) if item.photo else "",
        story=_story(item, escape(words["newsletter"])),
    )
    filled = _SHELL.format(
        language=item.language,
        direction=' dir="rtl"' if item.language == "ar" else "",
        title=escape(item.headline, quote=False),
        paper=escape(outlet.name),
        id=outlet.id,
        head=_head(outlet, item),
        cookie=escape(words["cookie"]),
        nav="".join(f'<li><a href="/{outlet.id}/">{escape(word)}</a></li>' for word in words["nav"]),
        main=main,
        most_read=escape(words["most_read"]),
        others="".join(
            f'<li><a href="{i.url}">{escape(i.headline)}</a></li>' for i in others[:5] if i.guid != item.guid
        ),
        comments=escape(words["comments"]),
        comment="".join(f'<div class="comment"><p>{escape(text)}</p></div>' for text in words["comment"]),
        footer=escape(words["footer"]),
    )
    return filled.encode()


_SEMANTIC = """<main>
<ol class="breadcrumb"><li><a href="/{id}/">Home</a></li><li>{section}</li></ol>
<article>
<header><h1>{headline}</h1><p class="byline">{byline}</p><time datetime="{iso}">{stamp}</time></header>
{photo}
{story}
</article>
</main>"""

_SOUP = """<div class="wrap"><div class="crumbs"><a href="/{id}/">Home</a> &raquo; {section}</div>
<div class="story">
<h1 class="story__title">{headline}</h1>
<div class="story__meta"><span class="story__author">{byline}</span> <span class="story__date">{stamp}</span></div>
<div class="story__share"><a href="#">Chirper</a> <a href="#">Lumo</a> <a href="#">Email</a></div>
<div class="story__media">{photo}</div>
<div class="story__body">
{story}
</div></div></div>"""


def _story(item: TruthItem, newsletter: str) -> str:
    box = f'<div class="newsletter-box"><p>{newsletter}</p><form><input type="email"><button>OK</button></form></div>'
    parts = []
    for number, block in enumerate(item.blocks):
        parts += [extra_html(extra) for extra in item.extras if extra.at == number]
        parts.append(block_html(block, item.dateline if number == 0 else None))
        if number == 2:
            parts.append(box)
    parts += [f"<p><em>{escape(note)}</em></p>" for note in item.notes]
    parts += [extra_html(extra) for extra in item.extras if extra.at == -1]
    return "\n".join(parts)


def _head(outlet: Outlet, item: TruthItem) -> str:
    ld: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": item.headline,
        "datePublished": item.published.isoformat(),
        "dateModified": (item.updated or item.published).isoformat(),
        "publisher": {"@type": "Organization", "name": outlet.name},
    }
    if item.author:
        ld["author"] = [{"@type": "Person", "name": item.author}]
    tags = [
        f'<link rel="canonical" href="{item.url}">',
        '<meta property="og:type" content="article">',
        f'<meta property="og:title" content="{escape(item.headline)}">',
        f'<meta property="og:site_name" content="{escape(outlet.name)}">',
        f'<meta name="description" content="{escape(teaser(item))}">',
        f'<meta property="article:published_time" content="{item.published.isoformat()}">',
    ]
    if item.photo:
        tags.append(f'<meta property="og:image" content="{item.photo.url}">')
        ld["image"] = [item.photo.url]
    as_json = json.dumps(ld, ensure_ascii=False).replace("</", "<\\/")
    return "\n".join([*tags, f'<script type="application/ld+json">{as_json}</script>'])
