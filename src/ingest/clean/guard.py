"""What is done to HTML before it is parsed, so that no input costs more than its size.

The standard's tree building is quadratic in depth (100,000 nested divs take a minute) and multiplies unclosed
formatting elements. Only tags are left out here, never text, except beyond MAX_CHARS, which a warning tells.
"""

import html as entities
import re

from ingest.clean.normalise import encodable
from ingest.clean.tables import words

MAX_CHARS = 4_000_000
_FEW_TAGS = 500  # too few to be a danger; most stories
_MAX_DEPTH, _MAX_FORMATTING = 200, 16
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*>?")
_IMPLIED, _FORMATTING = words("elements", "implied"), words("elements", "formatting")

_ESCAPED_MARKUP = re.compile(r"&lt;(?:p|br|div|img|a|strong|em|ul|h[1-6])(?:\s[^<>]{0,500})?/?&gt;", re.IGNORECASE)
_REAL_TAG = re.compile(r"<[a-zA-Z]")
# [caption align="left"]<img> words[/caption], WordPress' own way of saying figure
_SHORTCODE = re.compile(r"\[caption\b([^\]\n]{0,400})\]|\[/caption\]")
_SHORTCODE_TEXT = re.compile(r"\bcaption=\"([^\"]{1,400})\"")


def bounded(html: str) -> tuple[str, tuple[str, ...]]:
    """`html` that can be parsed in linear time, and warnings about what was cut."""
    html, warnings = encodable(html), ()
    if len(html) > MAX_CHARS:
        return bounded(html[:MAX_CHARS])[0], (f"body-truncated: {len(html)} characters, {MAX_CHARS} read",)
    if html.count("<") > _FEW_TAGS:
        html = _shallow(html)
    return html, warnings


def _shallow(html: str) -> str:
    """Leave out the tags that would nest too deep."""
    depth = formatting = 0

    def keep(tag: re.Match[str]) -> str:
        nonlocal depth, formatting
        name = tag[2].lower()
        if name in _IMPLIED:
            return tag[0]
        closing = bool(tag[1])
        if name in _FORMATTING:
            formatting = max(formatting + (-1 if closing else 1), 0)
            return tag[0] if closing or formatting <= _MAX_FORMATTING else ""
        depth = max(depth + (-1 if closing else 1), 0)
        return tag[0] if closing or depth <= _MAX_DEPTH else ""

    return _TAG.sub(keep, html)


def unwrapped(html: str) -> str:
    """Mark-up that was escaped as a whole, unescaped; WordPress' caption shortcodes as figures."""
    if "&lt;" in html and not _REAL_TAG.search(html) and _ESCAPED_MARKUP.search(html):
        html = entities.unescape(html)
    return _SHORTCODE.sub(_figure, html) if "[caption" in html else html


def _figure(code: re.Match[str]) -> str:
    if code[0].startswith("[/"):
        return "</figure>"
    text = _SHORTCODE_TEXT.search(code[1] or "")
    return f"<figure><figcaption>{text[1]}</figcaption>" if text else "<figure>"
