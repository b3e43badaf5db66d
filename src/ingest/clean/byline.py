"""Byline lines: "By ANN LEE", "By Ann Lee and Bob Roe, Reuters", "Von …", "Par …"."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from ingest.clean.agencies import agency_of, provider_of
from ingest.clean.names import is_name, names_in
from ingest.clean.normalise import field_text, same
from ingest.clean.pieces import Piece, lines_of
from ingest.clean.tables import words

_BY = re.compile(
    r"^(?:(?:by|von|par|por|di|da|door|av|af|text|texte|texto|tekst|текст|автор|بقلم|كتب|كتبت|written by|escrito por)"
    r"\s?[:：]?\s+|(?:記者|記者名|文|取材|记者|作者|文字)\s?[・:：/／ ]\s?)",
    re.IGNORECASE,
)
_PARTS = re.compile(
    r"\s*(?:,|;|\||•|/|\s-\s|—|–|\band\b|\bet\b|\bund\b|\by\b|\bin\b|\bfor\b|\bwith\b)\s*", re.IGNORECASE
)
_OFFICES = words("words", "offices")


class Byline(NamedTuple):
    text: str
    authors: tuple[str, ...]
    provider: str | None


def read_byline(line: str) -> Byline | None:
    """A line that is a byline and nothing else: the word for "by", then only names, agencies and offices."""
    by = _BY.match(line)
    if by is None or len(line) > 140 or "\n" in line or line[-1] in "?!:":
        return None
    rest = line[by.end() :].rstrip(" .")
    parts = [part.strip(" .") for part in _PARTS.split(rest) if part.strip(" .")]
    authors = names_in(rest)
    makers = [name for name in map(provider_of, parts) if name]
    known = all(is_name(p) or agency_of(p) or _is_office(p) or (n and _is_short(p)) for n, p in enumerate(parts))
    if not parts or not known or not (authors or makers or _is_office(parts[0])):
        return None
    return Byline(line, tuple(a for a in authors if not agency_of(a)), makers[0] if makers else None)


def _is_office(part: str) -> bool:
    """ "Staff Reporter", "The Harbour Times": a few words, the last of which says so."""
    last = part.casefold().split()
    return len(last) <= 5 and last[-1] in _OFFICES


def _is_short(part: str) -> bool:
    """A town or a title after the names ("By Ann Lee in Rome")."""
    return len(part.split()) <= 3 and part[0].isupper()


def given_authors(byline: str | None, authors: Sequence[str]) -> tuple[str, ...]:
    """The names alone: as the entry lists them, else from its byline."""
    listed = [text for text in map(field_text, authors) if text]
    if listed:
        return tuple(
            dict.fromkeys(name for text in listed for name in (names_in(text) or (text,)) if not agency_of(name))
        )
    if not byline:
        return ()
    names = names_in(_BY.sub("", byline))
    return tuple(name for name in names if not agency_of(name))


def take_byline(pieces: tuple[Piece, ...], given: str | None) -> tuple[tuple[Piece, ...], Byline | None]:
    """The pieces without a byline among the first four lines of text. `given` is one that needs no "by" to be known."""
    texts = 0
    for index, piece in enumerate(pieces):
        if texts >= 4:
            break
        if piece.kind == "image":
            continue
        texts += 1
        if not piece.prose and piece.kind != "heading":
            continue
        lines = lines_of(piece) if "\n" in piece.text else (piece,)
        if not lines:
            continue
        found = read_byline(lines[0].text) or _repeats(lines[0].text, given)
        if found:
            return (*pieces[:index], *lines[1:], *pieces[index + 1 :]), found
    return pieces, None


def _repeats(line: str, given: str | None) -> Byline | None:
    if given and same(_BY.sub("", line)) == same(_BY.sub("", given)) != "":
        return Byline(line, names_in(_BY.sub("", line)), None)
    return None
