"""Whether an item's story has to be fetched from its page."""

import re

from ingest.model import Entry, FullText, Source

# How feeds cut: "[…]", "…", "(more)", "Continue reading", "Weiterlesen", at the very end of the text.
_CUT = re.compile(
    r"(\[(?:…|\.\.\.|&hellip;|&#8230;)\]|…|&hellip;|&#8230;|\.\.\.|\(more\)|continue reading|read more|weiterlesen|"
    r"mehr lesen|lire la suite|leer más|seguir leyendo|leia mais|leggi tutto)[\s»›>→]{0,5}$",
    re.IGNORECASE,
)
_TAG = re.compile(r"<[^<>]{0,2000}>")
_TAIL = 4_000  # characters of markup that are looked at
_END = 40  # characters of text that a mark of a cut may take


def needs_page(entry: Entry, source: Source) -> bool:
    """True if the source's text is on its pages, or (auto) if the feed has none, a teaser, or a text that is cut.

    Only a usable text with an address has a page: a kill, a podcast episode or a picture stands on its own.
    """
    if entry.url is None or entry.type != "text" or entry.pub_status != "usable":
        return False
    if source.full_text is FullText.AUTO:
        return not (entry.html and entry.is_full) or _is_cut(entry.html)
    return source.full_text is FullText.PAGE


def _is_cut(html: str) -> bool:
    return _CUT.search(_TAG.sub(" ", html[-_TAIL:]).strip()[-_END:]) is not None
