"""Small text tools of this stage."""

import html
import re
import unicodedata

_TAGS = re.compile(r"<[a-zA-Z/!][^<>]{0,2000}>")
_NOT_ALNUM = re.compile(r"[\W_]+")
_MARKS = bytes(code for code in range(128) if not chr(code).isalnum())
_YEAR = re.compile(r"\b(?:19|20)\d{2}\b")


def plain(text: str | None) -> str | None:
    """NFC, entities decoded (twice: templates encode what the CMS already has), tags gone, white space squeezed."""
    if not text:
        return None
    if "&" in text:
        text = html.unescape(html.unescape(text))
    if "<" in text:
        text = _TAGS.sub(" ", text)
    text = " ".join(text.split())
    return (text if text.isascii() else unicodedata.normalize("NFC", text)) or None


def squeeze(text: str) -> str:
    """Letters and digits alone, folded: equal for texts that differ in spaces, quotes and dashes only."""
    folded = text.casefold()
    return folded.encode().translate(None, _MARKS).decode() if folded.isascii() else _NOT_ALNUM.sub("", folded)


def pixels(text: str | None) -> int | None:
    """A number of up to five digits and nothing else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else None


def year_of(text: str | None) -> int | None:
    found = _YEAR.search(text or "")
    return int(found[0]) if found else None
