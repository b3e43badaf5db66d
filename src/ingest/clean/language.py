"""The language of an article: as stated, else as read from a body that is long enough to tell."""

import re

_TAG = re.compile(r"^([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|\d{3}))?(?:[-_.].{0,40})?$", re.IGNORECASE)
_ENOUGH_WORDS = 40
_PROSE = 0.3  # of the words that are not all capitals; German prose has 0.6
_WORD = re.compile(r"[^\W\d_]+")
_ENOUGH_CHARS = 3000  # more text makes the guess no better


def tag_of(stated: str | None) -> str | None:
    """A stated language as a BCP 47 tag ("en_us" → "en-US"), or None if it is none."""
    match = _TAG.match((stated or "").strip())
    if match is None or match[1].lower() in ("und", "mul", "zxx"):
        return None
    script = match[2].title() if match[2] else None
    return "-".join(part for part in (match[1].lower(), script, (match[3] or "").upper()) if part)


def language_of(stated: tuple[str | None, ...], body_text: str, words: int) -> str | None:
    """The first of `stated` that is a tag; without one, a guess from at least 40 words of prose."""
    for tag in map(tag_of, stated):
        if tag:
            return tag
    text = body_text[:_ENOUGH_CHARS]
    return _guess(text) if words >= _ENOUGH_WORDS and _is_prose(text) else None


def _is_prose(text: str) -> bool:
    """Names, results and tables have hardly a word in small letters, and could be of any language.

    A text that is all capitals, or of a script without them, may be prose.
    """
    words = _WORD.findall(text)
    small = sum(1 for word in words if word.islower())
    capitalised = sum(1 for word in words if word.istitle())
    return bool(words) and small >= _PROSE * (small + capitalised)


def _guess(text: str) -> str | None:
    """What the whole text and both its halves are taken for: where they differ, it is chance."""
    import py3langid  # 0.5 s to import, 0.9 s to load: only for who needs it

    half = len(text) // 2
    first, *others = (str(py3langid.classify(part)[0]) for part in (text, text[:half], text[half:]))
    return tag_of(first) if others == [first, first] else None
