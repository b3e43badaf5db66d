"""The language of an article: as stated, else as read from a body that is long enough to tell."""

import re

_TAG = re.compile(r"^([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|\d{3}))?(?:[-_.].{0,40})?$", re.IGNORECASE)
_ENOUGH_WORDS = 40
_ENOUGH_CHARS = 3000  # more text makes the guess no better


def tag_of(stated: str | None) -> str | None:
    """A stated language as a BCP 47 tag ("en_us" → "en-US"), or None if it is none."""
    match = _TAG.match((stated or "").strip())
    if match is None or match[1].lower() in ("und", "mul", "zxx"):
        return None
    script = match[2].title() if match[2] else None
    return "-".join(part for part in (match[1].lower(), script, (match[3] or "").upper()) if part)


def language_of(stated: tuple[str | None, ...], body_text: str, words: int) -> str | None:
    """The first of `stated` that is a tag; without one, a guess from at least 40 words."""
    for tag in map(tag_of, stated):
        if tag:
            return tag
    if words < _ENOUGH_WORDS:
        return None
    import py3langid  # 0.5 s to import, 0.9 s to load: only for who needs it

    return str(py3langid.classify(body_text[:_ENOUGH_CHARS])[0])
