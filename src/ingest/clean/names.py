"""Which words are a person's name, and the names in a byline or a credit."""

import re

from ingest.clean.tables import words as listed

_WORD = r"(?:[^\W\d_][\w'’.\-]{0,30}|[^\W\d_]\.)"
_SMALL, _NOT_NAMES = listed("words", "particles"), listed("words", "not_names")
_TOKEN = re.compile(rf"^{_WORD}$")
_HAN = re.compile(r"[\u3400-\u9fff々]{2,6}")  # a whole name, in scripts that put no spaces between words
_JOIN = re.compile(r"\s*(?:,|、|;|\||•|&|/|\band\b|\bet\b|\bund\b|\by\b|\bcon\b|\bwith\b)\s*", re.IGNORECASE)
_MAIL = re.compile(r"^\S{1,100}@\S{1,100}\s*\(([^()]{1,100})\)$")
_SPLIT = re.compile(r"\s+(?:in|for|à|pour|für)\s+", re.IGNORECASE)


def is_name(text: str) -> bool:
    """Two to five words, each with a capital but for particles ("Ana de la Cruz"), none of them an office.

    In Chinese characters, two to six. Whoever asks has a reason to think that it is a name.
    """
    words = text.split()
    if _HAN.fullmatch(text):
        return text not in _NOT_NAMES
    if not 2 <= len(words) <= 5 or len(text) > 60:
        return False
    for word in words:
        low = word.casefold().strip(".")
        if low in _NOT_NAMES or not _TOKEN.match(word):
            return False
        if not (word[0].isupper() or low in _SMALL or (word[0].isalpha() and not word[0].islower())):
            return False
    return words[-1][0].isupper() or not words[-1][0].islower()


def person(text: str) -> str:
    """A name as it is written in running text: "ANN McLEE" stays, "ANN LEE" becomes "Ann Lee"."""
    return " ".join(_calm(word) for word in text.split()) if text.isupper() else text


def _calm(word: str) -> str:
    if len(word.strip(".")) <= 1 or "." in word.strip("."):
        return word
    calm = word.title().replace("’S", "’s").replace("'S", "'s")
    return f"Mc{calm[2:].capitalize()}" if calm.startswith("Mc") and len(calm) > 4 else calm


def names_in(text: str) -> tuple[str, ...]:
    """The people in "Ann Lee and Bob Roe, Reuters" or "ann@example.org (Ann Lee)", each once, in order."""
    mail = _MAIL.match(text.strip())
    text = mail.group(1) if mail else text
    found = [_SPLIT.split(part.strip(" .()"))[0] for part in _JOIN.split(text[:1000])]
    return tuple(dict.fromkeys(person(name) for name in found if is_name(name)))
