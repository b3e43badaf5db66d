"""Which words are a person's name, and the names in a byline or a credit."""

import re
from functools import lru_cache

from ingest.clean.tables import words as listed

_WORD = r"(?:[^\W\d_][\w'’.\-]{0,30}|[^\W\d_]\.)"
_SMALL, _NOT_NAMES = listed("words", "particles"), listed("words", "not_names")
ARTICLES = frozenset(("The", "Le", "La", "Les", "El", "Los", "Las", "Il", "Lo", "Der", "Die", "Das", "Het", "O", "Os"))
_TOKEN = re.compile(rf"^{_WORD}$")
_HAN = re.compile(r"[\u3400-\u9fff々]{2,6}")  # a whole name, in scripts that put no spaces between words
_JOIN = re.compile(r"\s*(?:[,、;|•&/]|\b(?:and|et|und|con|with|avec|mit|com|met|med)\b)\s*", re.IGNORECASE)
_AND = re.compile(r"\s+(?:e|y|en|og|och|i|ja|и)\s+")  # or a word of a name, Ortega y Gasset
_TITLE = re.compile(
    r"(?:(?:Prof|Dr|Dra|Mag|Ing|Dipl|PD|Rev|Hon|Mr|Mrs|Ms|Sr|Sra|Sir|Dame|Herr|Frau)\b\.?(?:-\w{2,5}\.)?\s?"
    r"(?:(?:h\.\s?c|med|jur|phil|rer|nat|habil)\.\s?){0,3})+"
)
_CONTACT = re.compile(r"\(?(?:\S{1,60}@\S{1,60}|(?<!\w)@\w{1,40})\)?")
_MAIL = re.compile(r"^\S{1,100}@\S{1,100}\s*\(([^()]{1,100})\)$")
_SPLIT = re.compile(r"\s+(?:in|for|à|pour|für|för)\s+|\s*\(|\s[—–-]\s", re.IGNORECASE)


def is_name(text: str) -> bool:
    """Two to five words, each with a capital but for particles ("Ana de la Cruz"), none of them an office.

    In Chinese characters, two to six. Whoever asks has a reason to think that it is a name.
    """
    words = text.split()
    if _HAN.fullmatch(text):
        return text not in _NOT_NAMES
    if len(words) == 2 and words[0] in ARTICLES:  # Le Courrier, Der Bote
        return False
    if not 2 <= len(words) <= 7 or len(text) > 60 or sum(word not in _SMALL for word in words) > 5:
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


def is_person(text: str) -> bool:
    """`is_name`, with a title before it or without."""
    return is_name(_untitled(text))


def names_in(text: str) -> tuple[str, ...]:
    """The people in "Dr. Ann Lee and Bob Roe, Reuters" or "ann@example.org (Ann Lee)", each once, in order."""
    return _names_in(text[:1000].strip())


@lru_cache(maxsize=1024)  # the same people sign again, and each step asks for those of an item
def _names_in(text: str) -> tuple[str, ...]:
    mail = _MAIL.match(text)
    text = mail[1] if mail else _CONTACT.sub(" ", text) if "@" in text else text
    found = [_untitled(_SPLIT.split(part.strip(" .()"))[0]) for part in _JOIN.split(text)]
    return tuple(dict.fromkeys(person(name) for part in found for name in _apart(part) if is_name(name)))


def _untitled(text: str) -> str:
    title = _TITLE.match(text)
    return text[title.end() :] if title else text


def _apart(text: str) -> list[str]:
    """ "Lia Neri e Ugo Bassi" as two names, "José Ortega y Gasset" as one."""
    both = [_untitled(part) for part in _AND.split(text)]
    return both if len(both) > 1 and all(map(is_name, both)) else [text]
