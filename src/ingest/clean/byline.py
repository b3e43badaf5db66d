"""Byline lines: "By ANN LEE", "By Ann Lee and Bob Roe, Reuters", "Von …", "Par …"."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from ingest.clean.agencies import agency_of, provider_of
from ingest.clean.dates import month_pattern
from ingest.clean.names import is_name, names_in
from ingest.clean.normalise import field_text, same
from ingest.clean.pieces import Piece, lines_of
from ingest.clean.tables import words

_BY = re.compile(
    r"^(?:(?:by|von|par|por|di|da|door|av|af|text|texte|texto|tekst|текст|автор|بقلم|كتب|كتبت|"
    r"(?:written|posted|published|reported|story) by|escrito por|publicado por|publié par|"
    r"(?:veröffentlicht|geschrieben|verfasst|erstellt|(?:ein )?(?:artikel|beitrag)) von|auteure?|autor(?:in|a)?|author)"
    r"\s?[:：]?\s+|(?:記者|記者名|文|取材|记者|作者|文字)\s?[・:：/／ ]\s?)",
    re.IGNORECASE,
)
_PARTS = re.compile(
    r"\s*(?:,|;|\||•|/|\s-\s|—|–|\band\b|\bet\b|\bund\b|\by\b|\bin\b|\bfor\b|\bwith\b)\s*", re.IGNORECASE
)
_OFFICES, _ACCOUNTS = words("words", "offices"), words("words", "accounts")
_MAX = 140  # characters; more is a biography
# "Ann Lee | 03/05/2022 20:36", "von Ann Lee Veröffentlicht: 26.12.2022", "By Ann Lee / June 12, 2020 9:49 am"
_DATED = re.compile(
    r"\s*[|,;/·•–—-]?\s*(?:\b(?:veröffentlicht|aktualisiert|stand|published|updated|posted|publié|publicado)\b\s*:?\s*)?"
    r"(?:\b(?:am|on|le|el)\s)?(?:\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4}|\d{4}-\d{2}-\d{2}|"
    rf"{month_pattern()}\s\d{{1,2}},?\s\d{{4}}|\d{{1,2}}\.?\s{month_pattern()}\s\d{{4}})\b.{{0,200}}$",
    re.IGNORECASE | re.DOTALL,
)


class Byline(NamedTuple):
    text: str
    authors: tuple[str, ...]
    provider: str | None


def read_byline(line: str) -> Byline | None:
    """A line that is a byline and nothing else: the word for "by", then only names, agencies and offices."""
    by = _BY.match(line)
    if by is None or len(line) > _MAX or "\n" in line or line[-1] in "?!:":
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


def given_byline(printed: str | None) -> str | None:
    """A byline from the entry's field, without the date behind it, or the biography."""
    text = field_text(printed)
    if not text:
        return None
    text = _DATED.sub("", text[:1000]).strip(" |,;") or text
    return text if len(text) <= _MAX else ", ".join(names_in(_BY.sub("", text))[:3]) or None


def given_authors(byline: str | None, authors: Sequence[str]) -> tuple[str, ...]:
    """The names alone: as the entry lists them, else from its byline, else whatever else it lists, but for offices."""
    listed = [_BY.sub("", text) for text in map(field_text, authors) if text]
    names = [name for text in listed for name in names_in(text)] or names_in(_BY.sub("", byline or ""))
    found = names or [text for text in listed if text.casefold() not in _ACCOUNTS and not _is_office(text)]
    return tuple(dict.fromkeys(name for name in found if not agency_of(name)))


def take_byline(pieces: tuple[Piece, ...], given: str | None) -> tuple[tuple[Piece, ...], Byline | None]:
    """The pieces without a byline among the first four lines of text or the last two.

    `given` is one that needs no "by" to be known.
    """
    texts = 0
    last = len(pieces) - 2
    for index, piece in enumerate(pieces):
        if piece.kind == "image":
            continue
        texts += 1
        if texts > 4 and index < last:
            continue
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
