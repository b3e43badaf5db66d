"""Articles as ninjs 3.1, the IPTC's news in JSON. Spec: https://www.iptc.org/std/ninjs/ninjs-schema_3.1.json

What ninjs has no place for (stories, evidence, what was removed) is left out; an article's own line of JSON has it.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import quote

from ingest.model import Article, Image, Subject

SCHEMA = "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json#"
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}:[^\s]+")


def to_ninjs(article: Article) -> dict[str, object]:
    """One news item, valid against ninjs 3.1. Its `uri` is that of the article, the same in all versions."""
    rights = article.rights
    item: dict[str, object] = {
        "uri": f"urn:x-article:{article.article_id}",
        "standard": {"name": "ninjs", "version": "3.1", "schema": SCHEMA},
        "type": article.type,
        "representationType": "full",
        "version": str(article.version),
        "firstCreated": _time(article.published),
        "versionCreated": _time(article.updated or article.published),
        "embargoedUntil": _time(article.embargoed_until),
        "pubStatus": article.pub_status,
        "urgency": article.urgency if article.urgency in range(1, 10) else None,
        "copyrightHolder": rights.holder,
        "copyrightNotice": rights.notice,
        "usageTerms": rights.usage_terms,
        "edNote": article.ed_note,
        "language": article.language,
        "headlines": _texts(("main", article.headline), ("subheadline", article.subheadline)),
        "descriptions": _texts(("summary", article.summary)),
        "bodies": _bodies(article),
        "by": article.byline,
        "people": [{"name": name, "rel": "author"} for name in article.authors],
        "slugline": article.slugline,
        "located": article.dateline.place if article.dateline else None,
        "subjects": [*map(_subject, article.subjects), *({"name": k, "rel": "keyword"} for k in article.keywords)],
        "genres": [{"name": article.genre}] if article.genre else None,
        "infoSources": _roles(("provider", article.provider), ("distributor", rights.distributor)),
        "renditions": _web(article.url),
        "associations": [_picture(article, i, image) for i, image in enumerate(article.images, start=1)],
        "altIds": _alt_ids(article),
    }
    return _present(item)


def _present(item: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in item.items() if value not in (None, "", [])}


def _time(when: datetime | None) -> str | None:
    return when.isoformat().replace("+00:00", "Z") if when else None


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


def _web(url: str | None) -> list[dict[str, object]]:
    href = _uri(url)
    return [{"name": "web", "href": href, "contentType": "text/html"}] if href else []


def _picture(article: Article, number: int, image: Image) -> dict[str, object]:
    href = _uri(image.url)
    original = _present({"name": "original", "href": href, "width": image.width, "height": image.height})
    item: dict[str, object] = {
        "name": f"picture-{number}",
        "uri": f"urn:x-article:{article.article_id}:picture-{number}",
        "type": "picture",
        "descriptions": _texts(("caption", image.caption), ("alt", image.alt)),
        "by": image.photographer,
        "located": image.place,
        "copyrightNotice": image.credit,
        "infoSources": _roles(("agency", image.agency), *(("distributor", name) for name in image.distributors)),
        "renditions": [original] if href else [],
    }
    return _present(item)


def _alt_ids(article: Article) -> list[dict[str, str]]:
    ids = _named(("guid", article.guid), ("providerVersion", article.provider_version), ("story", article.story_id))
    return [{"role": role, "value": value} for role, value in ids]


def _named(*pairs: tuple[str, str | None]) -> Iterable[tuple[str, str]]:
    return ((role, value) for role, value in pairs if value)
