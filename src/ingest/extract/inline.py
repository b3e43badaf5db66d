"""Markup between two edges of blocks, as a parser writes it: its text, its links, its tags in pairs."""

import re
from html import unescape

# As a parser writes them: a space, a name (which may have quotes in it), a value in quotes. Possessive, so linear.
ATTRS = r"(?: =?[^\s/>=]*+=\"[^\"]*+\")*+"
_INLINE = re.compile(rf"</?[a-zA-Z][^\s/>]*+{ATTRS}>")
_BREAK = re.compile(r"<br(?: [^>]{0,200})?>")
_LINK = re.compile(rf"<(/?)a{ATTRS}>")
_PAIRED = re.compile(rf"<(/?)([a-zA-Z][^\s/>]*+){ATTRS}>")
_VOID = frozenset(
    ["area", "base", "br", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)


def plain_text(html: str) -> str:
    """The text of markup without blocks in it."""
    if "<" in html:
        html = _INLINE.sub("", _BREAK.sub(" ", html) if "<br" in html else html)
    return unescape(html) if "&" in html else html


def text_and_links(html: str, in_link: bool) -> tuple[str, int, bool]:
    """The text, how many of its characters are in links, and if one is open at its end; `in_link`: at its start."""
    pieces = _LINK.split(html)
    texts = [*map(plain_text, pieces[::2])]
    size = 0
    for text, slash in zip(texts, pieces[1::2], strict=False):
        if in_link:
            size += len(" ".join(text.split()))
        in_link = not slash
    return "".join(texts), size + len(texts[-1]) if in_link else size, in_link


def balanced(html: str) -> str:
    """Inline markup with the ends that lack a start gone, and the starts that lack an end closed."""
    if "<" not in html:
        return html
    opened: list[str] = []
    kept, last = [], 0
    for edge in _PAIRED.finditer(html):
        tag = edge[2]
        if not edge[1]:
            if tag not in _VOID:
                opened.append(tag)
            continue
        if tag in opened:
            while opened.pop() != tag:
                pass
            continue
        kept.append(html[last : edge.start()])
        last = edge.end()
    return "".join((*kept, html[last:], *(f"</{tag}>" for tag in reversed(opened))))
