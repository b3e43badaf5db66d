"""The headlines, descriptions and bodies of a ninjs object, by their roles."""

import re
from typing import NamedTuple

from ingest.model import ArticleType
from ingest.parse.fields import text_of
from ingest.parse.jsonobject import Object

_FORMATS = {"html": "text/html", "xhtml": "text/html", "nitf": "text/html", "text": "text/plain"}
_SUB = {"sub", "subheadline", "sub-headline", "subtitle", "subhead", "deck", "secondary"}
_MAIN = {"main", "headline", "title", "hl1", "body", *_FORMATS, ""}
_CREDIT = {"creditline", "credit", "byline"}
WRITERS = {"writer", "captionwriter"}
_NO_BODY = {"caption", "summary", "abstract", "teaser", "alttext", *_CREDIT, "headline", "title"}
_TAG = re.compile(r"<[^<>]{0,500}>")
_MARKED_UP = re.compile(r"</\w|<(?:p|br)\b")
_AMPERSAND = re.compile(r"&(?!#?\w{1,31};)")


class Text(NamedTuple):
    """One of several headlines, descriptions or bodies; 1.x's `body_html` has the role html."""

    role: str
    mime: str
    value: str


class Texts(NamedTuple):
    headline: list[Text]
    description: list[Text]
    body: list[Text]


def texts_of(item: Object) -> Texts:
    found = Texts([], [], [])
    by_name = {
        "headlines": found.headline, "headline": found.headline, "descriptions": found.description,
        "description": found.description, "bodies": found.body, "body": found.body,
    }  # fmt: skip
    for key, value in item.fields.items():
        if not key.startswith(("headline", "description", "bod")):
            continue
        name, _, role = key.partition("_")
        if (texts := by_name.get(name)) is not None:
            texts += _with_roles(value) if isinstance(value, list) else _plain(role, value)
    return found


def _plain(role: str, value: object) -> list[Text]:
    text = text_of(value)
    return [Text(role, _FORMATS.get(role, ""), text)] if text else []


def _with_roles(values: list[object]) -> list[Text]:
    found = []
    for one in values:
        if not isinstance(one, dict):
            found += _plain("", one)
        elif text := text_of(one.get("value")):
            role = (text_of(one.get("role")) or "").lower()
            mime = text_of(one.get("contenttype") or one.get("contentType")) or _FORMATS.get(role, "")
            found.append(Text(role, mime.lower(), text))
    return found


def headline_of(item: Object, texts: Texts) -> str | None:
    main = [text for text in texts.headline if text.role in _MAIN]
    others = [text for text in texts.headline if text.role not in _SUB]
    return next((text.value for text in (*main, *others)), None) or item.text(("title",))


def subheadline_of(item: Object, texts: Texts) -> str | None:
    own = next((text.value for text in texts.headline if text.role in _SUB), None)
    return own or item.text(("subheadline", "subtitle"))


def summary_html_of(texts: list[Text], kind: ArticleType) -> str | None:
    """The summary as HTML. Of a plain one, entities are believed: senders leave them in."""
    found = _summary(texts, kind)
    if found is None or is_markup(found) or _MARKED_UP.search(found.value):
        return found.value if found else None
    return _AMPERSAND.sub("&amp;", found.value).replace("<", "&lt;").replace(">", "&gt;")


def summary_of(texts: list[Text], kind: ArticleType) -> str | None:
    found = _summary(texts, kind)
    return found.value if found else None


def _summary(texts: list[Text], kind: ArticleType) -> Text | None:
    """Plain before marked up: it is the same teaser. A caption is one only where the picture is the item."""
    skip = _CREDIT | WRITERS | (set() if kind != "text" else {"caption"})
    order = {"caption": 0, "text": 1, "": 2}
    fit = sorted((text for text in texts if text.role not in skip), key=lambda text: order.get(text.role, 3))
    return fit[0] if fit else None


def body_of(texts: list[Text], *, markup_only: bool = False) -> Text | None:
    """The longest of the marked-up bodies, else of the plain ones; a main one goes before a role of its own."""
    fit = [text for text in texts if text.role not in _NO_BODY]
    marked = [text for text in fit if is_markup(text) and _TAG.sub("", text.value[:2_000]).strip()]
    plain = [] if markup_only else [text for text in fit if not is_markup(text)]
    best = max(marked or plain, key=lambda text: (text.role in _MAIN, len(text.value)), default=None)
    return best._replace(mime="text/html" if best in marked else "text/plain") if best else None


def is_markup(text: Text) -> bool:
    return text.mime != "text/plain" if text.mime else "</" in text.value or "<p>" in text.value


def credit_of(item: Object, texts: Texts) -> str | None:
    own = next((text.value for text in texts.description if text.role in {"creditline", "credit"}), None)
    return own or item.text(("creditline", "credit"))
