"""The pictures and recordings of one item: Media RSS, enclosures, iTunes and item images, one `Image` a picture.

Renditions of one picture, in a group or side by side, become one image: the widest.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from ingest.model import ArticleType, Image, Link
from ingest.parse.feedreader import Media
from ingest.parse.fields import int_of, text_of

_IMAGES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".svg", ".tif", ".tiff", ".bmp")
_VIDEOS = (".mp4", ".m4v", ".mov", ".webm", ".m3u8")
_SOUNDS = (".mp3", ".m4a", ".ogg", ".opus", ".wav", ".aac", ".flac")


class Attached(NamedTuple):
    images: tuple[Image, ...]
    links: tuple[Link, ...]
    type: ArticleType


def attached(media: Media, enclosures: Iterable[dict[str, str]], base: str) -> Attached:
    """What hangs on an item. Its type is that of an enclosed recording, or of Media RSS without any picture."""
    files = [_absolute(file, base) for file in enclosures]
    sounds = [file for file in files if kind_of(file) in {"audio", "video"}]
    images = _merged([*_images(media, base), *(_image(file) for file in files if kind_of(file) == "image")])
    played = [content.attributes for content in _contents(media) if kind_of(content.attributes) in {"audio", "video"}]
    main = sounds or (played if not images else [])
    thumbs = tuple(_image(_absolute(thumb, base), media) for thumb in _thumbnails(media) if thumb.get("url"))
    shown = {image.url for image in images}
    links = dict.fromkeys(file["url"] for file in [*files, *(_absolute(one, base) for one in played)] if file["url"])
    return Attached(images or thumbs[:1], tuple(Link(url=url) for url in links if url not in shown), _type(main))


def kind_of(file: dict[str, str]) -> str | None:
    """image, audio or video, by medium, media type or file name."""
    said = file.get("medium") or (file.get("type") or "").partition("/")[0]
    if said.lower() in {"image", "audio", "video"}:
        return said.lower()
    path = _path(file.get("url") or file.get("href") or "").lower()
    by_name = {"image": _IMAGES, "video": _VIDEOS, "audio": _SOUNDS}
    return next((kind for kind, endings in by_name.items() if path.endswith(endings)), None)


def _type(files: list[dict[str, str]]) -> ArticleType:
    kinds = {kind_of(file) for file in files}
    return "video" if "video" in kinds else "audio" if "audio" in kinds else "text"


def _contents(media: Media) -> Iterator[Media]:
    for one in media.inside:
        if one.attributes.get("url"):
            yield one
        yield from _contents(one)


def _images(media: Media, base: str, above: tuple[Media, ...] = ()) -> Iterator[Image]:
    """A group is one picture if all in it are renditions of it, that is, if no two have captions of their own."""
    own = (*above, media)
    for one in media.inside:
        if one.attributes.get("url") and kind_of(one.attributes) == "image":
            yield _image(_absolute(one.attributes, base), one, *reversed(own))
        if one.inside:
            inner = list(_images(one, base, own))
            yield from inner if len({image.caption for image in inner}) > 1 else _widest(inner)


def _image(file: dict[str, str], *media: Media) -> Image:
    """Caption and credit from the nearest level that has one."""
    return Image(
        url=text_of(file.get("url")),
        caption=_nearest(media, "description") or _nearest([one for one in media if one.attributes], "title"),
        credit=_nearest(media, "credit", ", ") or _nearest(media, "copyright"),
        width=int_of(file.get("width")),
        height=int_of(file.get("height")),
    )


def _nearest(media: Iterable[Media], kind: str, joint: str = " ") -> str | None:
    found = next((one.texts[kind] for one in media if one.texts.get(kind)), [])
    return joint.join(dict.fromkeys(found)) or None


def _thumbnails(media: Media) -> list[dict[str, str]]:
    """Widest first; only used where there is no picture proper."""
    found = [*media.thumbnails, *(thumb for one in media.inside for thumb in _thumbnails(one))]
    return sorted(found, key=lambda thumb: -(int_of(thumb.get("width")) or 0))


def _widest(images: list[Image]) -> list[Image]:
    return [max(images, key=lambda image: image.width or 0)] if images else []


def _merged(images: Iterable[Image]) -> tuple[Image, ...]:
    """One image a URL; and one of those that differ in query and width alone, as resizing servers send them."""
    kept: dict[tuple[object, ...], Image] = {}
    for image in images:
        if not image.url:
            continue
        sized = image.width is not None and "?" in image.url
        key = (image.url.partition("?")[0], image.caption, image.credit) if sized else (image.url,)
        before = kept.get(key)
        if before is None or (image.width or 0) > (before.width or 0):
            kept[key] = image
    return tuple({image.url: image for image in reversed(kept.values())}.values())[::-1]


def _absolute(file: dict[str, str], base: str) -> dict[str, str]:
    url = (file.get("url") or file.get("href") or "").strip()
    try:
        return {**file, "url": urljoin(base, url) if url else ""}
    except ValueError:  # a bracket in the host
        return {**file, "url": ""}


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""
