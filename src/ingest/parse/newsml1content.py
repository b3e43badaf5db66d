"""What a NewsML 1 item holds: the tree of NewsComponents, its one body, its pictures in renditions, its references."""

from collections.abc import Iterator
from dataclasses import dataclass

from ingest.model import ArticleType, Association, Image, Link, Rendition
from ingest.parse.fields import address_of, int_of
from ingest.parse.inline import Inline, inline_of, is_style
from ingest.parse.wirexml import Element, children, text

MAX_COMPONENTS = 2_000

Children = dict[str, list[Element]]

_PICTURES = {"photo", "picture", "image", "graphic", "stillimage", "animation", "photograph"}
_MOVING: dict[str, ArticleType] = {"video": "video", "audio": "audio"}
_SMALL = ("thumb", "icon", "quicklook")
_HEADS = {"title", "headline"}
_LEADS = {"lead", "abstract", "summary", "teaser"}
_CAPTION = {"caption", "photocaption", "captionline"}


@dataclass(frozen=True)
class Component:
    """A NewsComponent: `role` is its FormalName in lower case, `path` the roles from the outermost to it."""

    role: str
    path: tuple[str, ...]
    inside: Children
    parent: "Component | None"

    def lines(self) -> Children:
        return children(first(self.inside, "NewsLines"))


@dataclass(frozen=True)
class Content:
    type: ArticleType
    body: Inline
    images: tuple[Image, ...]
    links: tuple[Link, ...]
    members: tuple[Association, ...]
    warnings: tuple[str, ...] = ()


def first(found: Children, name: str) -> Element | None:
    return next(iter(found.get(name, ())), None)


def code(element: Element | None) -> str | None:
    return ((element.get("FormalName") or "").strip() or None) if element is not None else None


def components_of(elements: list[Element]) -> tuple[Component, ...]:
    """All components, the outer before the inner, in document order; not recursive."""
    found: list[Component] = []
    todo: list[tuple[Element, Component | None]] = [(one, None) for one in reversed(elements)]
    while todo and len(found) < MAX_COMPONENTS:
        element, parent = todo.pop()
        inside = children(element)
        role = (code(first(inside, "Role")) or "").lower()
        one = Component(role, (*(parent.path if parent else ()), role), inside, parent)
        found.append(one)
        todo += [(child, one) for child in reversed(inside.get("NewsComponent", []))]
    return tuple(found)


def content_of(components: tuple[Component, ...], base: str) -> Content:
    texts: list[tuple[Component, Inline]] = []
    pictures: dict[int, list[tuple[Component, Rendition]]] = {}
    links: list[Link] = []
    kinds: list[ArticleType] = []
    for component in components:
        for item in component.inside.get("ContentItem", ()):
            inside = children(item)
            said = _said(inside)
            href = (item.get("Href") or "").strip()
            if is_style(component.role, *said):
                continue
            if kind := next((_MOVING[one] for one in said if one in _MOVING), None):
                kinds.append(kind)
            if _is_picture(component, said) and href:
                pictures.setdefault(id(_owner(component)), []).append((component, _rendition(href, inside, component)))
            elif href and (url := address_of(href, base)):
                links.append(Link(url=url))
            body = _text(inside, said)
            if body.html:
                texts.append((component, body))
    story = [one for one in texts if not is_of_picture(one[0])]
    body, left = _story(story)
    captions = _captions(texts)
    images = tuple(_image(found, captions) for found in pictures.values())
    members = _members(components)
    kind_of = kinds[0] if kinds else "picture" if images else "composite" if members else "text"
    warnings = (f"{left} other texts of the item were left out",) if left else ()
    return Content("text" if body.html else kind_of, body, images, tuple(dict.fromkeys(links)), members, warnings)


def _said(inside: Children) -> tuple[str, ...]:
    """Media type, format and MIME type of a ContentItem, in lower case; absent ones left out."""
    return tuple(value.lower() for name in ("MediaType", "Format", "MimeType") if (value := code(first(inside, name))))


def _text(inside: Children, said: tuple[str, ...]) -> Inline:
    holder, encoding = first(inside, "DataContent"), None
    wrapped = first(inside, "Encoding")
    if holder is None and wrapped is not None:
        holder, encoding = first(children(wrapped), "DataContent"), wrapped.get("Notation")
    if holder is None or any(one in _PICTURES or one in _MOVING for one in said):
        return Inline()
    return inline_of(holder, encoding=encoding, content_type="html" if any("html" in one for one in said) else None)


def _story(texts: list[tuple[Component, Inline]]) -> tuple[Inline, int]:
    """The main component's text, else the longest; with headline and lead where they are components of their own.

    Also how many other texts there are.
    """
    heads = [body for one, body in texts if one.role in _HEADS]
    leads = [body for one, body in texts if one.role in _LEADS]
    rest = [(one, body) for one, body in texts if one.role not in _HEADS | _LEADS] or texts
    body = max(rest, key=_weight, default=(None, Inline()))[1]
    if heads and body not in heads:
        body = body._replace(headline=body.headline or _plain(heads[0]))
    if leads and body not in leads:
        body = body._replace(summary=body.summary or _plain(leads[0]))
    return body, len({one.html for _, one in rest if one.html != body.html})


def _weight(one: tuple[Component, Inline]) -> tuple[bool, int]:
    component, body = one
    return "main" in component.path or component.role == "body", body.size


# ── pictures ────────────────────────────────────────────────────────────────────────────────────────────────────


def _is_picture(component: Component, said: tuple[str, ...]) -> bool:
    if any(one in _PICTURES or one.startswith(("image/", "jpeg", "jpg", "gif", "png")) for one in said):
        return True
    return not said and is_of_picture(component)


def is_of_picture(component: Component) -> bool:
    return any(role in _PICTURES or role in _CAPTION for role in component.path)


def _owner(component: Component) -> Component:
    """The component that stands for the picture: the outermost of that role, else the one around the renditions."""
    chain = [component]
    while chain[-1].parent is not None:
        chain.append(chain[-1].parent)
    marked = [one for one in chain if one.role in _PICTURES]
    return marked[-1] if marked else component.parent or component


def _rendition(href: str, inside: Children, component: Component) -> Rendition:
    sizes = {
        code(one) or "": one.get("Value")
        for one in children(first(inside, "Characteristics")).get("Property", ())
    }  # fmt: skip
    mime = code(first(inside, "MimeType"))
    return Rendition(
        url=href,
        name=component.inside["Role"][0].get("FormalName") if component.role else None,
        mime=mime,
        width=int_of(sizes.get("Width") or sizes.get("PixelWidth")),
        height=int_of(sizes.get("Height") or sizes.get("PixelHeight")),
    )


def _captions(texts: list[tuple[Component, Inline]]) -> dict[int, Inline]:
    """Texts that stand in a picture's component, by that component."""
    return {id(_owner(one)): body for one, body in reversed(texts) if is_of_picture(one)}


def _image(found: list[tuple[Component, Rendition]], captions: dict[int, Inline]) -> Image:
    """A picture's renditions with the words of its own component."""
    owner = _owner(found[0][0])
    best = max((one for _, one in found), key=_largest)
    lines = owner.lines()
    caption = next((text(one) for name in ("CaptionLine", "Caption") for one in lines.get(name, ())), None)
    written = captions.get(id(owner))
    caption = caption or (_plain(written) if written else None)
    is_own = owner.role in _PICTURES
    return Image(
        url=best.url,
        width=best.width,
        height=best.height,
        caption=caption or (text(first(lines, "HeadLine")) if is_own else None),
        photographer=text(first(lines, "ByLine")) if is_own else None,
        credit=text(first(lines, "CreditLine")) or (text(first(lines, "CopyrightLine")) if is_own else None),
        renditions=tuple(one for _, one in found),
    )


def _plain(body: Inline) -> str:
    from lxml import html

    fragment = html.fragment_fromstring(body.html or "", create_parent=True) if not body.is_text else None
    return " ".join((body.html or "" if fragment is None else fragment.text_content()).split())


def _largest(one: Rendition) -> tuple[int, bool]:
    return (one.width or 0) * (one.height or 0), not any(word in (one.name or "").lower() for word in _SMALL)


# ── references ──────────────────────────────────────────────────────────────────────────────────────────────────


def _members(components: tuple[Component, ...]) -> tuple[Association, ...]:
    """NewsItemRefs, in order; each once."""
    return tuple(dict.fromkeys(_references(components)))


def _references(components: tuple[Component, ...]) -> Iterator[Association]:
    for component in components:
        for one in component.inside.get("NewsItemRef", ()):
            guid = (one.get("NewsItem") or "").strip()
            comment = text(first(children(one), "Comment"))
            if guid:
                yield Association(rel="member", guid=guid, headline=comment)
