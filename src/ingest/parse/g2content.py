"""What a NewsML-G2 item holds: contentSet (text, renditions) and a package's groupSet."""

from collections.abc import Iterator
from typing import NamedTuple

from ingest.model import ArticleType, Association, Image, Link, Rendition
from ingest.parse.fields import address_of, int_of
from ingest.parse.g2values import Children, Item, code_of, in_language
from ingest.parse.inline import Inline, inline_of, is_style
from ingest.parse.wirexml import Element, children, local, text

MAX_GROUPS = 1_000

_CLASSES: dict[str, ArticleType] = {
    "text": "text", "picture": "picture", "photo": "picture", "image": "picture", "video": "video", "audio": "audio",
    "graphic": "graphic", "animated": "graphic", "animation": "graphic", "composite": "composite",
    "complexdata": "graphic", "package": "composite",
}  # fmt: skip
_SMALL = ("thumb", "icon", "tiny")


class Content(NamedTuple):
    """The body and what stands beside it: one picture in its renditions, links to what is no picture."""

    body: Inline
    image: Image | None = None
    links: tuple[Link, ...] = ()


def class_of(element: Element | None) -> ArticleType | None:
    return _CLASSES.get((code_of(element) or "").lower())


def content_of(sets: list[Element], icons: list[Element], is_picture: bool, base: str) -> Content:
    """Alternatives in a contentSet are one content: the longest text is the body."""
    inside: Children = {}
    for one in sets:
        for name, found in children(one).items():
            inside.setdefault(name, []).extend(found)
    bodies = [
        inline_of(one, encoding=one.get("encoding"), content_type=one.get("contenttype"))
        for one in (*inside.get("inlineXML", ()), *inside.get("inlineData", ()))
        if not is_style(one.get("contenttype")) and not (one.get("contenttype") or "").startswith(("image/", "video/"))
    ]
    body = max(bodies, key=lambda one: one.size, default=Inline())
    remote = inside.get("remoteContent", [])
    pictures = [one for one in remote if _is_image(one, is_picture)]
    links = tuple(
        Link(url=url, text=text(one))
        for one in remote
        if one not in pictures and (url := address_of(one.get("href"), base))
    )
    return Content(body, _image([*pictures, *icons]), links)


def _is_image(element: Element, is_picture: bool) -> bool:
    kind = (element.get("contenttype") or "").lower()
    return kind.startswith("image/") or (is_picture and not kind)


def _image(elements: list[Element]) -> Image | None:
    """One picture; its address is that of its largest rendition."""
    renditions = tuple(
        Rendition(
            url=href,
            name=one.get("rendition"),
            mime=one.get("contenttype"),
            width=int_of(one.get("width")),
            height=int_of(one.get("height")),
        )
        for one in elements
        if (href := (one.get("href") or one.get("residref") or "").strip())
    )
    if not renditions:
        return None
    best = max(renditions, key=_largest)
    return Image(url=best.url, width=best.width, height=best.height, renditions=renditions)


def _largest(one: Rendition) -> tuple[int, bool]:
    return (one.width or 0) * (one.height or 0), not any(word in (one.name or "").lower() for word in _SMALL)


# ── packages ────────────────────────────────────────────────────────────────────────────────────────────────────


def members_of(group_set: Element | None, item: Item, base: str) -> tuple[Association, ...]:
    """The items of a package in the order of its groups, from the root group on."""
    if group_set is None:
        return ()
    groups = [one for one in group_set if local(one) == "group"]
    by_id = {key: one for one in groups if (key := one.get("id"))}
    order = list(_walk(group_set.get("root"), by_id))
    reached = set(order)
    order += [one for one in groups if one not in reached]
    found = (_member(one, item, base) for group in order for one in group if local(one) == "itemRef")
    return tuple(one for one in found if one.guid or one.url)


def _walk(root: str | None, by_id: dict[str, Element]) -> Iterator[Element]:
    """Depth first, no group twice, so that a circle of references ends."""
    todo = [root]
    seen: set[str | None] = set()
    while todo and len(seen) < MAX_GROUPS:
        key = todo.pop()
        group = by_id.get(key or "")
        if group is None or key in seen:
            continue
        seen.add(key)
        yield group
        todo += reversed([one.get("idref") for one in group if local(one) == "groupRef"])


def _member(element: Element, item: Item, base: str) -> Association:
    inside = children(element, "headline", "title", "itemClass")
    titles = in_language(inside.get("headline"), item.language) or in_language(inside.get("title"), item.language)
    return Association(
        rel="member",
        guid=element.get("residref") or element.get("guidref") or None,
        url=address_of(element.get("href"), base),
        type=code_of(next(iter(inside.get("itemClass", ())), None)),
        headline=text(titles[0]) if titles else None,
    )
