"""Articles as ninjs 3.1, the IPTC's news in JSON. Spec: https://www.iptc.org/std/ninjs/ninjs-schema_3.1.json

Every field that describes the content survives the way back (`ingest.parse`): what a reader of the standard's own
properties would get otherwise goes along in `altIds`, see `parse.ninjsown`. Left out are `private_note`, which is for
editors alone, and what this pipeline says of the article (story, evidence, what was removed, where it was stored).
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from html import escape
from urllib.parse import quote

import orjson

from ingest.model import Article, Association, Entry, Image, Payload, Rendition, Subject
from ingest.parse.ninjsfields import AUTHORS, PICTURES
from ingest.parse.ninjsitem import entries_of
from ingest.parse.ninjsown import OWN, ROLE, carried

SCHEMA = "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json#"
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}:[^\s]+")
_TYPES = {"text", "audio", "video", "picture", "graphic", "composite", "component", "event", "planning"}
_SAME = [name for name in Entry.model_fields if name in Article.model_fields]


def to_ninjs(article: Article) -> dict[str, object]:
    """One news item, valid against ninjs 3.1. Its `uri` is that of the article, the same in all versions."""
    item = _standard(article)
    read = next((one for one in entries_of(item, _payload(article), "") if isinstance(one, Entry)), Entry())
    given = carried(read)
    unsaid = [(f"{ROLE}{name}", value) for name, value in carried(_entry(article)).items() if value != given[name]]
    return item | {"altIds": [*_alt_ids(article), *({"role": role, "value": _json(value)} for role, value in unsaid)]}


def _entry(article: Article) -> Entry:
    """What reading the item must give, so that cleaning it gives the article again."""
    same = {name: getattr(article, name) for name in _SAME}
    links = tuple(link for link in article.links if f'href="{escape(link.url)}"' not in article.body_html)
    summary = escape(article.summary, quote=False) if article.summary else None
    return Entry(**same | {"summary_html": summary, "html": article.body_html or None, "links": links})


def _payload(article: Article) -> Payload:
    return Payload(source_id=article.source_id, url="", body=b"")


def _standard(article: Article) -> dict[str, object]:
    """What ninjs' own properties can say."""
    rights, images = article.rights, article.images
    own = images[:1] if article.type in PICTURES else ()
    item: dict[str, object] = {
        "uri": f"{OWN}{article.article_id}",
        "standard": {"name": "ninjs", "version": "3.1", "schema": SCHEMA},
        "type": article.type,
        "representationType": "full",
        "version": str(article.version),
        "firstCreated": _time(article.published),
        "versionCreated": _time(article.updated or article.published),
        "embargoedUntil": _time(article.embargoed_until),
        "expires": _time(article.expires),
        "pubStatus": article.pub_status,
        "urgency": article.urgency if article.urgency in range(1, 10) else None,
        "copyrightHolder": rights.holder,
        "copyrightNotice": rights.notice,
        "usageTerms": rights.usage_terms,
        "edNote": article.ed_note,
        "language": article.language,
        "headlines": _texts(("main", article.headline), ("subheadline", article.subheadline)),
        "descriptions": _texts(("summary", article.summary), ("creditline", rights.credit_line)),
        "bodies": _bodies(article),
        "by": article.byline,
        "people": _people(article),
        "slugline": article.slugline,
        "located": article.dateline.place if article.dateline else None,
        "places": [*map(_subject, article.places)],
        "subjects": [*map(_subject, article.subjects), *({"name": k, "rel": "keyword"} for k in article.keywords)],
        "genres": [{"name": article.genre}] if article.genre else None,
        "infoSources": _sources(article),
        "renditions": [*_web(article.url), *(one for image in own for one in _renditions(image)), *_files(article)],
        "associations": [*_pictures(article, images[len(own) :]), *_associations(article)],
        "altIds": _alt_ids(article),
    }
    return _present(item)


def _present(item: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in item.items() if value not in (None, "", [])}


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


def _time(when: datetime | None) -> str | None:
    return when.isoformat().replace("+00:00", "Z") if when else None


def _day(when: date | None) -> str | None:
    return f"{when.isoformat()}T00:00:00Z" if when else None


def _texts(*pairs: tuple[str, str | None]) -> list[dict[str, str]]:
    return [{"role": role, "contentType": "text/plain", "value": text} for role, text in pairs if text]


def _bodies(article: Article) -> list[dict[str, object]]:
    bodies: list[dict[str, object]] = []
    if article.body_text:
        plain = {"role": "text", "contentType": "text/plain", "value": article.body_text}
        bodies.append({**plain, "wordCount": article.word_count, "charCount": len(article.body_text)})
    if article.body_html:
        bodies.append({"role": "html", "contentType": "text/html", "value": article.body_html})
    return bodies


# ── who, what, where ────────────────────────────────────────────────────────────────────────────────────────────


def _people(article: Article) -> list[dict[str, str]]:
    """Those with a part in it; `rel` is how a reader tells them from those whom it is about."""
    named = {one.name: one.role for one in article.contributors if one.role in AUTHORS}
    named |= {name: "author" for name in article.authors if name not in named}
    return [{"name": name, "rel": role} for name, role in named.items() if role]


def _sources(article: Article) -> list[dict[str, str]]:
    others = [("source", name) for name in article.info_sources]
    return _roles(("provider", article.provider), ("distributor", article.rights.distributor), *others)


def _roles(*pairs: tuple[str, str | None]) -> list[dict[str, str]]:
    return [{"name": name, "role": role} for role, name in pairs if name]


def _subject(subject: Subject) -> dict[str, object]:
    uri = next(filter(None, (_uri(subject.code), _uri(_joined(subject)))), None)
    return _present({"name": subject.name, "uri": uri, "literal": None if uri else subject.code})


def _joined(subject: Subject) -> str | None:
    """`medtop` and `20000002` are the QCode medtop:20000002; a scheme that is a URI comes before the code as it is."""
    if not subject.scheme or not subject.code:
        return None
    end = "" if subject.scheme[-1] in "/#:" else "/" if "://" in subject.scheme else ":"
    return f"{subject.scheme}{end}{subject.code}"


def _uri(text: str | None) -> str | None:
    quoted = quote(text.strip(), safe="%:/?#[]@!$&'()*+,;=~") if text else ""
    return quoted if _URI.fullmatch(quoted) else None


# ── what hangs on it ────────────────────────────────────────────────────────────────────────────────────────────


def _web(url: str | None) -> list[dict[str, object]]:
    href = _uri(url)
    return [{"name": "web", "href": href, "contentType": "text/html"}] if href else []


def _renditions(image: Image) -> list[dict[str, object]]:
    """A picture's sizes; its own address is one of them, or is the "original"."""
    sizes = list(image.renditions)
    if image.url and all(one.url != image.url for one in sizes):
        sizes.insert(0, Rendition(url=image.url, name="original", width=image.width, height=image.height))
    return [
        _present(
            {
                "name": one.name or f"size-{n}",
                "href": href,
                "contentType": one.mime,
                "width": one.width,
                "height": one.height,
            }
        )
        for n, one in enumerate(sizes, 1)
        if (href := _uri(one.url))
    ]


def _files(article: Article) -> list[dict[str, object]]:
    """The recordings of an item that is one; other links stand in its text."""
    links = article.links if article.type in {"video", "audio"} else ()
    hrefs = ((link.text or f"file-{n}", _uri(link.url)) for n, link in enumerate(links, 1))
    return [{"name": name, "href": href} for name, href in hrefs if href]


def _pictures(article: Article, images: tuple[Image, ...]) -> Iterator[dict[str, object]]:
    for number, image in enumerate(images, start=1):
        agencies = _roles(("agency", image.agency), *(("distributor", name) for name in image.distributors))
        yield _present(
            {
                "name": f"picture-{number}",
                "uri": f"{OWN}{article.article_id}:picture-{number}",
                "type": "picture",
                "contentCreated": _day(image.taken),
                "descriptions": _texts(("caption", image.caption), ("creditline", image.credit)),
                "bodies": _texts(("alttext", image.alt)),
                "by": image.photographer,
                "located": image.place,
                "infoSources": agencies,
                "renditions": _renditions(image),
            }
        )


def _associations(article: Article) -> Iterator[dict[str, object]]:
    """Other items. Pictures are here already, with all that is known of them."""
    others = [one for one in article.associations if not (article.images and one.rel == "picture")]
    for number, one in enumerate(others, start=1):
        yield _association(one, f"association-{number}", article.article_id)


def _association(one: Association, name: str, article_id: str) -> dict[str, object]:
    item: dict[str, object] = {
        "name": name,
        "uri": _uri(one.guid) or f"{OWN}{article_id}:{name}",
        "rel": one.rel,
        "type": one.type if one.type in _TYPES else None,
        "headlines": _texts(("main", one.headline)),
        "renditions": _web(one.url),
    }
    return _present(item)


def _alt_ids(article: Article) -> list[dict[str, str]]:
    ids = _named(("guid", article.guid), ("providerVersion", article.provider_version), ("story", article.story_id))
    return [{"role": role, "value": value} for role, value in ids]


def _named(*pairs: tuple[str, str | None]) -> Iterable[tuple[str, str]]:
    return ((role, value) for role, value in pairs if value)
