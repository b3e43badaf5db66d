"""The HTML of a story as it stands in a feed, with everything that hangs around it there."""

from collections.abc import Iterator
from html import escape
from itertools import groupby

from ingest.demo.items import Extra, Photo, TruthItem
from ingest.model import Block

_BLOCKS = {"paragraph": "<p>{}</p>", "quote": "<blockquote><p>{}</p></blockquote>"}


def story_html(item: TruthItem, *, messy: bool = False, with_photo: bool = True) -> str:
    """The full body: extras, photograph, byline, dateline, blocks, notes. One line per element."""
    parts = [*_around(item.extras, 0)]
    if item.photo and with_photo:
        parts.append(_loose_photo(item.photo) if messy else figure(item.photo))
    if item.byline:
        parts.append(f'<p class="byline">{escape(item.byline)}</p>')
    for number, block in enumerate(item.blocks):
        if number:
            parts += _around(item.extras, number)
        parts.append(block_html(block, item.dateline if number == 0 else None))
    parts += [f"<p><em>{escape(note)}</em></p>" for note in item.notes]
    parts += _around(item.extras, -1)
    if messy and item.url:
        parts.append(f'<img src="{_host(item.url)}/pixel.png?i={item.guid[-6:]}" width="1" height="1" alt="" />')
    return "\n".join(parts)


def block_html(block: Block, dateline: str | None = None) -> str:
    text = escape((dateline or "") + block.text, quote=False)
    if block.kind == "heading":
        return f"<h{block.level}>{text}</h{block.level}>"
    return _BLOCKS[block.kind].format(text)


def figure(photo: Photo) -> str:
    return (
        f'<figure><img src="{photo.url}" alt="{escape(photo.alt)}" width="{photo.width}" height="{photo.height}" />'
        f"<figcaption>{escape(photo.caption, quote=False)} ({escape(photo.credit)})</figcaption></figure>"
    )


def teaser(item: TruthItem) -> str:
    """The summary: the beginning of the first paragraph."""
    if not item.blocks:
        return item.headline
    text = item.blocks[0].text
    return text if len(text) < 160 else text[:150].rsplit(" ", 1)[0] + " …"


def _loose_photo(photo: Photo) -> str:
    """As many sites paste it: the caption is a paragraph like any other."""
    image = f'<p><img src="{photo.url}" alt="{escape(photo.alt)}" /></p>'
    return f"{image}\n<p>{escape(photo.caption, quote=False)} ({escape(photo.credit)})</p>"


def _around(extras: tuple[Extra, ...], at: int) -> Iterator[str]:
    for is_rights, group in groupby((e for e in extras if e.at == at), key=lambda e: e.kind == "rights"):
        if is_rights:
            yield "<p>" + "<br />\n".join(escape(extra.text, quote=False) for extra in group) + "</p>"
        else:
            yield from (extra_html(extra) for extra in group)


def extra_html(extra: Extra) -> str:
    text = escape(extra.text, quote=False)
    if extra.href:
        text = f'<a href="{extra.href}">{text}</a>'
    return f"<p><strong>{text}</strong></p>" if extra.kind == "promo" else f"<p>{text}</p>"


def _host(url: str) -> str:
    return "/".join(url.split("/", 3)[:3])
