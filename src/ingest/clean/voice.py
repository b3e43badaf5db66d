"""Whether a publisher speaks of himself in a line, or to the reader: "our newsletter", "you", an address."""

import re
from functools import cache
from typing import get_args

from ingest.clean.tables import table
from ingest.model import RemovedKind

_WORD = re.compile(r"[^\W\d_]+")
_ADDRESS = re.compile(r"https?://|\bwww\.|\w@\w|(?<!\w)@\w")


def voice(text: str) -> RemovedKind | None:
    """What such a line is if it is no part of the story; None if nothing shows the publisher's voice in it."""
    words, dense = _vocabulary()
    printed = _WORD.findall(text.replace("US", "").casefold())  # the country is not "us"
    found = set() if words.keys().isdisjoint(printed) else {words[word] for word in printed if word in words}
    if not text.isascii():
        found |= {kind for word, kind in dense.items() if word in text}
    if ("@" in text or "://" in text or "www." in text) and _ADDRESS.search(text):
        found.add("promo")
    return next((kind for kind in table("learned")["words"] if kind in found), None) if found else None


@cache
def _vocabulary() -> tuple[dict[str, RemovedKind], dict[str, RemovedKind]]:
    """The kinds of words, and of words in scripts that put no spaces between them."""
    read = table("learned")
    words, dense = (
        {w: kind for kind, listed in read[name].items() for w in listed.split()} for name in ("words", "dense")
    )
    assert {*words.values(), *dense.values()} <= set(get_args(RemovedKind))
    return words, dense
