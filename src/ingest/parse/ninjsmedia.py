"""What hangs on a ninjs object: its renditions, the pictures and other items associated with it, attachments."""

import re
from collections.abc import Iterator

from ingest.model import ArticleType, Association, Image, Link, Payload, Rendition
from ingest.parse.bylines import byline_of
from ingest.parse.fields import address_of, int_of, unique
from ingest.parse.jsonobject import Object
from ingest.parse.ninjsfields import FIELDS, PICTURES, TYPES
from ingest.parse.ninjstexts import Texts, credit_of, headline_of, is_markup, summary_of, texts_of

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,20}:", re.IGNORECASE)


def files_of(
    item: Object, texts: Texts, kind: ArticleType, payload: Payload
) -> tuple[tuple[Image, ...], tuple[Link, ...]]:
    """The item's own renditions: all of a picture are that picture; of a recording, the stills; the rest is linked."""
    sizes = renditions_of(item, payload)
    if kind in PICTURES:
        return (image_of(item, texts, sizes),), ()
    stills = [one for one in sizes if (one.mime or "").startswith("image/")]
    links = (Link(url=one.url, text=one.name) for one in sizes if one not in stills)
    image = (image_of(item, texts, stills, is_item=False),) if stills else ()
    return image, tuple({link.url: link for link in links if address_of(link.url, "")}.values())


def image_of(item: Object, texts: Texts, sizes: list[Rendition], *, is_item: bool = True) -> Image:
    """The widest picture stands for all; caption and credit only where the item is the picture itself."""
    shown = [one for one in sizes if not one.mime or one.mime.startswith("image/")]
    best = max(shown, key=lambda one: one.width or 0, default=None)
    caption = summary_of(texts.description, "picture") if is_item else None
    alt = next((text.value for text in texts.body if not is_markup(text)), None) if is_item else None
    taken = item.time(("contentcreated",)) if is_item else None
    credit = unique((byline_of(item.text((*FIELDS["byline"], "photographer"))), credit_of(item, texts)))
    return Image(
        url=best.url if best else None,
        caption=caption,
        alt=item.text(("alttext", "alt_text")) or (alt if alt != caption else None),
        credit=(" / ".join(credit) or item.text(FIELDS["rights.holder"])) if is_item else None,
        width=best.width if best else None,
        height=best.height if best else None,
        taken=taken.date() if taken else None,
        renditions=tuple(sizes),
    )


def renditions_of(item: Object, payload: Payload) -> list[Rendition]:
    return [
        Rendition(
            url=url,
            name=name or None,
            mime=one.text(("contenttype", "mimetype")),
            width=int_of(one.fields.get("width")),
            height=int_of(one.fields.get("height")),
        )
        for name, one in item.named(FIELDS["images"])
        if (url := _href(one, payload)) and not _is_page(name, one)
    ]


def _href(rendition: Object, payload: Payload) -> str | None:
    """Absolute where it can be; a file's bare name stays, since some send the picture beside the JSON."""
    given = rendition.text(("href", "url"))
    url = address_of(given, payload.url)
    return url or (given if given and not _SCHEME.match(given) else None)


def pictures_in(inside: list[tuple[str, Object]], payload: Payload) -> Iterator[Image]:
    for _, one in inside:
        image = image_of(one, texts_of(one), renditions_of(one, payload)) if kind_of(one) in PICTURES else None
        if image and (image.url or image.caption):
            yield image


def association_of(name: str, one: Object, kind: ArticleType, payload: Payload) -> Association:
    inner = kind_of(one)
    given = one.text(("rel",)) or ("picture" if inner in PICTURES else "member" if kind == "composite" else "related")
    url = page_of(one, payload)
    headline = headline_of(one, texts_of(one))
    return Association(rel=given, guid=one.text(FIELDS["guid"]) or name or None, url=url, type=inner, headline=headline)


def kind_of(one: Object) -> ArticleType | None:
    """What an association is; the BBC's pictures do not say so, but have renditions."""
    said = one.text(FIELDS["type"])
    return TYPES.get(said.lower()) if said else "picture" if one.first(FIELDS["images"]) else None


def earlier_of(item: Object) -> Iterator[Association]:
    """Superdesk names the story that this one rewrites."""
    if guid := item.text(("evolvedfrom", "rewrite_of")):
        yield Association(rel="earlier-version", guid=guid)


def attachments_of(item: Object, payload: Payload) -> Iterator[Association]:
    for one in item.objects(("attachments",)):
        url = _href(one, payload)
        title = one.text(("title", "filename", "name"))
        yield Association(
            rel="attachment", guid=one.text(("id",)), url=url, type=one.text(("mimetype",)), headline=title
        )


def indicators_of(item: Object, payload: Payload) -> Iterator[Link]:
    """What shows that it may be trusted: such as the publisher's rules of ethics."""
    for one in item.objects(("trustindicators", "trustindicator")):
        if url := address_of(one.text(("href",)), payload.url):
            yield Link(url=url, text=one.text(("title",)))


def page_of(item: Object, payload: Payload) -> str | None:
    """ninjs has a name for an item (`uri`), not its page; some add the page, or make it the rendition "web"."""
    given = item.text(("url", "canonicalurl", "weburl", "href", "link"))
    web = (one.text(("href",)) for name, one in item.named(FIELDS["images"]) if _is_page(name, one))
    return address_of(given or next(web, None), payload.url)


def _is_page(name: str, rendition: Object) -> bool:
    return name == "web" and rendition.text(("contenttype", "mimetype")) == "text/html"
