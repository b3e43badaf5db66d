"""One list of images from what the body shows and what the entry lists."""

import re
from collections.abc import Iterable, Sequence

from ingest.clean.captions import filled, read_caption
from ingest.clean.credits import read_credit
from ingest.clean.normalise import field_text
from ingest.clean.pieces import Piece
from ingest.model import Image
from ingest.urls import canonical_url

# "photo-300x200.jpg?w=640" is "photo.jpg" in another size
_SIZE = re.compile(r"-\d{2,4}x\d{2,4}(?=\.\w{3,4}$)")


def merged_images(pieces: Iterable[Piece], listed: Sequence[Image], base: str | None) -> tuple[Image, ...]:
    """The body's images in reading order, then the entry's others; equal ones are one, with what either says."""
    images: list[Image] = []
    for image in (*(piece.image for piece in pieces if piece.image), *(_read(image, base) for image in listed)):
        place = next((n for n, other in enumerate(images) if _key(other) == _key(image) is not None), None)
        if place is None:
            images.append(image)
        else:
            images[place] = filled(images[place], image)
    return _paired(images)


def _read(image: Image, base: str | None) -> Image:
    """An image from the entry's fields, its caption and credit taken apart like those of the body."""
    said = {name: field_text(getattr(image, name)) for name in ("caption", "alt", "credit", "photographer", "agency")}
    image = image.model_copy(update=said | {"url": canonical_url(image.url, base) or image.url})
    if image.caption:
        told = read_caption(image.caption, certain=True)
        if told:
            image = filled(image.model_copy(update={"caption": told.caption}), told)
    if image.credit and not (image.photographer or image.agency):
        chain = read_credit(image.credit)
        image = image.model_copy(update=chain._asdict())
    return image


def _key(image: Image) -> str | None:
    return _SIZE.sub("", image.url.split("?")[0]) if image.url else None


def _paired(images: list[Image]) -> tuple[Image, ...]:
    """One picture without words and one caption without a picture belong together."""
    bare = [image for image in images if image.url and not image.caption]
    words = [image for image in images if not image.url]
    if len(bare) != 1 or len(words) != 1:
        return tuple(images)
    whole = filled(bare[0], words[0])
    return tuple(whole if image is bare[0] else image for image in images if image is not words[0])
