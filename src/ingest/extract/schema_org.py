"""One schema.org node, from JSON-LD, as Facts."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from ingest.extract.dates import read_when
from ingest.extract.facts import Facts
from ingest.extract.place import Place
from ingest.extract.text import plain, year_of
from ingest.model import Image
from ingest.urls import canonical_url

Node = dict[str, Any]
_MANY = 50  # authors
_BODY = 100  # characters; less is a summary


def facts_of(
    origin: str,
    node: Node,
    ids: dict[str, Node],
    url: str,
    place: Place,
    *,
    kind: str | None,
    section: str | None = None,
) -> Facts:
    """`ids` are the page's nodes by @id. `section` is for a node that names none."""

    def objects(key: str) -> list[Any]:
        value = node.get(key)
        items = value if isinstance(value, list) else [value]
        return [
            ids.get(i["@id"], i) if isinstance(i, dict) and isinstance(i.get("@id"), str) else i for i in items if i
        ]

    publisher = next((n for p in objects("publisher") if (n := _name(p))), None)
    makers = (objects("author") or objects("creator"))[:_MANY]
    language = node.get("inLanguage")
    return Facts(
        origin=origin,
        headline=text_of(node.get("headline")) or text_of(node.get("name")),
        subheadline=text_of(node.get("alternativeHeadline")),
        summary=text_of(node.get("description")),
        authors=tuple(n for m in makers if not _is_desk(m) for n in _names(m)),
        desks=tuple(n for m in makers if _is_desk(m) for n in _names(m)),
        published=read_when(text_of(node.get("datePublished")) or text_of(node.get("dateCreated")), place),
        updated=read_when(text_of(node.get("dateModified")), place),
        url=canonical_url(
            text_of(node.get("url")) or next(iter(strings(node.get("mainEntityOfPage"), "@id", "url")), None), url
        ),
        language=text_of(
            language if isinstance(language, str) else next(iter(strings(language, "alternateName", "name")), None)
        ),
        section=next(iter(strings(node.get("articleSection"), "name")), section),
        keywords=_keywords(node.get("keywords")),
        images=tuple(_images([*objects("image"), *objects("thumbnailUrl")], url)),
        site=publisher,
        agency=publisher,
        holder=next((n for h in objects("copyrightHolder") if (n := _name(h))), None),
        year=year_of(text_of(node.get("copyrightYear"))),
        notice=text_of(node.get("copyrightNotice")),
        usage_terms=next(iter(strings(node.get("license") or node.get("usageInfo"), "url", "@id", "name")), None),
        free=_free(node, objects("hasPart")),
        body=_body(node),
        is_article=origin == "json-ld",
        kind=kind,
    )


def _is_desk(maker: Any) -> bool:
    return isinstance(maker, dict) and "Organization" in str(maker.get("@type"))[:100]


def _names(maker: Any) -> list[str]:
    """A maker's name, or names, where a template put a list there."""
    value = maker.get("name") if isinstance(maker, dict) else maker
    if isinstance(value, list):
        return [n for v in value[:_MANY] if (n := _name(v))]
    return [n] if (n := _name(maker)) else []


def _free(node: Node, parts: list[Any]) -> bool | None:
    """isAccessibleForFree of the node; where it says nothing, of its parts."""
    said = [_boolean(node.get("isAccessibleForFree"))]
    said += [_boolean(part.get("isAccessibleForFree")) for part in parts if isinstance(part, dict)]
    known = [value for value in said if value is not None]
    return all(known) if known else None


def text_of(value: Any) -> str | None:
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("@value") or value.get("name")
    return plain(str(value)) if isinstance(value, str | int | float) and not isinstance(value, bool) else None


def _name(value: Any) -> str | None:
    if isinstance(value, dict):
        whole = text_of(value.get("name")) or " ".join(
            filter(None, (text_of(value.get("givenName")), text_of(value.get("familyName"))))
        )
        return whole or None
    return text_of(value)


def strings(value: Any, *keys: str) -> list[str]:
    """A string, an object's first of `keys`, or a list of those, as a list of strings."""
    items = value if isinstance(value, list) else [value]
    texts = (next((i[k] for k in keys if i.get(k)), None) if isinstance(i, dict) else i for i in items[:100])
    return [text for t in texts if isinstance(t, str) and (text := plain(t))]


def _keywords(value: Any) -> tuple[str, ...]:
    texts = strings(value, "name")
    return tuple(k for t in texts for k in (t.split(",") if len(texts) == 1 else [t]))


def _images(values: list[Any], url: str) -> Iterator[Image]:
    for value in values[:10]:
        about: Node = value if isinstance(value, dict) else {"url": value}
        address = next(
            (a for k in ("url", "contentUrl", "@id") if (a := canonical_url(text_of(about.get(k)), url))), None
        )
        if not address:
            continue
        credit = text_of(about.get("creditText")) or _first(
            _name, about, "creator", "author", "copyrightHolder", "credit"
        )
        yield Image(
            url=address,
            caption=text_of(about.get("caption")) or text_of(about.get("description")),
            alt=text_of(about.get("alternateName")),
            credit=credit,
            width=_pixels(about.get("width")),
            height=_pixels(about.get("height")),
        )


def _first(read: Callable[[Any], str | None], node: Node, *keys: str) -> str | None:
    return next((found for key in keys if (found := read(node.get(key)))), None)


def _pixels(value: Any) -> int | None:
    found = re.match(r"\d{1,5}", text_of(value.get("value") if isinstance(value, dict) else value) or "")
    return int(found[0]) or None if found else None


def _boolean(value: Any) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().rsplit("/")[-1].lower())
    return value if isinstance(value, bool) else None


def _body(node: Node) -> str | None:
    value = node.get("articleBody")
    return value if isinstance(value, str) and len(value) > _BODY else None
