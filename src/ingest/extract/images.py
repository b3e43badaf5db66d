"""The lead image: what the vocabularies say of it, and the caption that the page prints under it."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from ingest.extract.text import pixels, plain
from ingest.model import Image

_LOGO = re.compile(
    r"logo|placeholder|default[-_]?(?:image|share|og)|favicon|blank\.|spacer|1x1|fallback", re.IGNORECASE
)
_SIZE = re.compile(r"[-_@]?\d{2,4}[x_]\d{2,4}|[-_]scaled|[-_](?:large|small|medium|thumb|crop|\d{3,4}w)", re.IGNORECASE)
_FIGURES = 8  # the lead image is above the others
_CREDIT = '[class*="credit"], [class*="copyright"], [class*="photographer"], [itemprop="copyrightHolder"], small, cite'


def lead_images(said: Sequence[tuple[Image, ...]], figures: Sequence[LexborNode]) -> tuple[Image, ...]:
    """One image: the first that is no logo, with whatever other vocabularies and the page's figure add to it."""
    known = [image for images in said for image in images if image.url and not _LOGO.search(image.url)]
    if not known:
        return ()
    lead = known[0]
    same = [image for image in known if name_of(image.url) == name_of(lead.url)]
    shown = None if lead.caption and lead.credit and lead.alt else _figure(figures, lead)
    for other in (*same, *((shown,) if shown else ())):
        missing = {f: v for f, v in other if v not in (None, ()) and getattr(lead, f) in (None, ())}
        lead = lead.model_copy(update=missing)
    return (lead,)


def name_of(url: str | None) -> str:
    """What stays the same between the sizes of one image: its file's name without sizes and extension."""
    path = urlsplit(url or "").path.rstrip("/").rsplit("/", 1)[-1]
    return _SIZE.sub("", path.rsplit(".", 1)[0]).casefold()


def _figure(figures: Sequence[LexborNode], lead: Image) -> Image | None:
    name = name_of(lead.url)
    if len(name) < 4:
        return None
    for figure in figures[:_FIGURES]:
        image = figure.css_first("img")
        if image and any(name in (value or "").casefold() for key, value in image.attributes.items() if "src" in key):
            return _of_figure(figure, image, same=image.attributes.get("src") == lead.url)
    return None


def _of_figure(figure: LexborNode, image: LexborNode, *, same: bool) -> Image:
    """Its size is that of the lead image only if they are the `same` file."""
    caption = figure.css_first("figcaption, .wp-caption-text, .caption")
    credit = (caption or figure).css_first(_CREDIT)
    said = plain(credit.text(separator=" ")) if credit else None
    text = plain(caption.text(separator=" ")) if caption else None
    if text and said and text.endswith(said):
        text = text[: -len(said)].rstrip(" |–-/(") or None
    alt = plain(image.attributes.get("alt"))
    width, height = (pixels(image.attributes.get(name)) if same else None for name in ("width", "height"))
    return Image(
        caption=text[:2000] if text else None,
        alt=alt,
        credit=said[:300] if said else None,
        width=width,
        height=height,
    )
