"""One list of images from what the body shows and what the entry lists."""

import re
from collections.abc import Iterable, Iterator, Sequence

from ingest.clean.captions import filled, read_caption
from ingest.clean.credits import read_credit
from ingest.clean.normalise import field_text, same
from ingest.clean.pieces import Piece
from ingest.model import Image, Removed
from ingest.urls import canonical_url

# "photo-300x200.jpg?w=640" is "photo.jpg" in another size
_SIZE = re.compile(r"-\d{2,4}x\d{2,4}(?=\.\w{3,4}$)")


def merged_images(
    pieces: Iterable[Piece], listed: Sequence[Image], base: str | None
) -> tuple[tuple[Image, ...], tuple[Removed, ...]]:
    """The body's images in reading order, then the entry's others; equal ones are one, with what either says.

    Also what a repeated image says otherwise than the first did.
    """
    images: dict[str | int, Image] = {}
    lost: list[Removed] = []
    for image in (*(piece.image for piece in pieces if piece.image), *(_read(image, base) for image in listed)):
        key = _key(image) or len(images)
        first = images.get(key)
        if first:
            lost += [Removed(kind="caption", text=text, rule="image-repeated") for text in _unsaid(first, image)]
        images[key] = filled(first, image) if first else image
    return _paired(list(images.values())), tuple(lost)


def _unsaid(first: Image, image: Image) -> Iterator[str]:
    for name in ("caption", "alt", "credit"):
        text, said = getattr(image, name), getattr(first, name)
        if text and said and same(text) != same(said):
            yield text


def _read(image: Image, base: str | None) -> Image:
    """An image from the entry's fields, its caption and credit taken apart like those of the body."""
    said = {name: field_text(getattr(image, name)) for name in ("caption", "alt", "credit", "photographer", "agency")}
    image = image.model_copy(update=said | {"url": canonical_url(image.url, base) or image.url})
    told = read_caption(image.caption, certain=True) if image.caption else None
    if told and (not told.credit or not image.credit or same(told.credit) == same(image.credit)):
        image = filled(image.model_copy(update={"caption": told.caption}), told)
    if image.credit and not (image.photographer or image.agency):
        image = image.model_copy(update=read_credit(image.credit)._asdict())
    return image


def _key(image: Image) -> str | None:
    return _SIZE.sub("", image.url.split("?")[0]) if image.url else None


def _paired(images: list[Image]) -> tuple[Image, ...]:
    """One picture without words and one caption without a picture belong together."""
    bare = [image for image in images if image.url and not image.caption]
    words = [image for image in images if not image.url]
    if len(bare) != 1 or len(words) != 1 or (bare[0].credit and words[0].credit):
        return tuple(images)
    whole = filled(bare[0], words[0])
    return tuple(whole if image is bare[0] else image for image in images if image is not words[0])
