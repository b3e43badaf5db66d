"""Byline lines: "By ANN LEE", "By Ann Lee and Bob Roe, Reuters", "Von …", "Par …"."""

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from ingest.clean.agencies import agency_of, provider_of
from ingest.clean.dates import month_pattern
from ingest.clean.names import ARTICLES, is_person, names_in
from ingest.clean.normalise import field_text, same
from ingest.clean.pieces import Piece, lines_of
from ingest.clean.tables import table, words

_PARTS = re.compile(
    r"\s*(?:,|;|\||•|/|&|\+|\s-\s|—|–|\b(?:and|et|und|y|in|for|with|avec|mit|com|con|met|med)\b)\s*|\s+(?:e|en|og|och|i|ja|и)\s+",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[\s,|]*\(?\s*(?:@\w{1,40}|[^\s@()]{1,60}@[^\s@()]{1,60}\.\w{2,12}|https?://\S{1,100})\s*\)?")
_BRACKETS = re.compile(r"\s*\(([^()]{2,40})\)")  # a town, what someone did, an agency
_IN_TOWN = re.compile(r"(?:à|en|em|aus|a|w|i)\s(?=[^\W\d_])")  # `_PARTS` ends at "in"
_HAN_GAP = re.compile(r"(?<=[\u4e00-\u9fff])[\s、](?=[\u4e00-\u9fff])")
_AGENCY_LAST = re.compile(r"^([^\W\d_]\S{1,20} \S{1,20}) (\S{2,20}(?: \S{2,20})?)$")
_PICTURE = (
    r"(?:fotos?|photo(?:graph)?s?|pictures|bilder?|beeld|fotografie|immagini|imágenes|imagens|kuvat?|фото|zdjęcia|"
    r"video)"
)
# "Text: Ann Lee. Photos: Bob Roe"
_PICTURED = re.compile(rf"[\s,.;|/·–-]{{1,4}}{_PICTURE}(?:\s?[:：]|\sby\s)[^\n]{{2,60}}$", re.IGNORECASE)
_WROTE = re.compile(r"[^()\n]{4,60} \((?:text|texte|texto|testo|tekst|teksti|words)\)", re.IGNORECASE)
_TOGETHER = re.compile(r"\s\((?:avec|with|mit|con|com|met|med) ([^()]{4,40})\)$", re.IGNORECASE)
_ROLES, _BESIDE = words("byline", "roles"), words("byline", "beside")
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


class _Leads(NamedTuple):
    by: re.Pattern[str]
    word: re.Pattern[str]
    house: re.Pattern[str]


@cache
def _leads() -> _Leads:
    read = table("byline")
    by, our, roles = "|".join(read["by"]), "|".join(read["our"]), "|".join(read["roles"].split())
    town = r"(?:\s(?:à|in|a|en|em|aus|w|i)\s[^\s,]{2,20}(?:\s[^\s,]{2,20})?,)?"
    lead = (
        rf"(?:(?:{by}|dalla|dal|van|de|från|fra)\s)?(?:{our})(?:\s(?:{roles})){{1,3}}{town},?\s|(?:{roles})\s?[:：]\s*"
    )
    han = r"(?:記者|記者名|文|取材|(?:本报|本刊|本社|见习|实习|特约)?记者|作者|文字)\s?[・:：/／ ]\s?"
    pattern = rf"^(?:{lead}|(?:{by})(?:\s?[:：]\s*|\s+)|{han})"
    word = rf"^(?:(?P<also>{'|'.join(read['also'].split())})\s+|(?:{by})(?:\s?[:：]\s*|\s+))(?=\S)"
    house = rf"{read['house']}\.?$"
    return _Leads(*(re.compile(one, re.IGNORECASE) for one in (pattern, word, house)))


def read_byline(line: str) -> Byline | None:
    """A line that is a byline and nothing else: the word for "by", then only names, agencies, roles and offices."""
    if len(line) > _MAX or "\n" in line or line[-1:] in "?!:":
        return None
    by = _leads().by.match(line)
    found = _signed(line, _PICTURED.sub("", line[by.end() :])) if by else None
    return found or (Byline(line, (), None) if _leads().house.match(line) else None)


def _signed(line: str, rest: str) -> Byline | None:
    rest = _ADDRESS.sub("", _BRACKETS.sub(_agency_in, _HAN_GAP.sub(", ", rest))).rstrip(" .")
    rest = ", ".join(_AGENCY_LAST.sub(_agency_apart, part) for part in rest.split(", "))
    parts = [_bare(part.strip(" .")) for part in _PARTS.split(rest) if part.strip(" .")]
    authors = names_in(rest)
    makers = [name for name in map(provider_of, parts) if name]
    paper = bool(makers) and bool(parts) and parts[0].split()[0] in ARTICLES  # Le Courrier avec AFP
    if not parts or not (authors or makers or _is_office(parts[0])):
        return None
    if not all(
        is_person(p) or agency_of(p) or _is_office(p) or (_is_short(p) if n else paper) for n, p in enumerate(parts)
    ):
        return None
    return Byline(line, tuple(a for a in authors if not agency_of(_bare(a))), makers[0] if makers else None)


def _agency_in(brackets: re.Match[str]) -> str:
    return f", {brackets[1]}" if agency_of(_bare(brackets[1])) else ""


def _agency_apart(words: re.Match[str]) -> str:
    """ "ANN LEE Associated Press": a name, then the agency that it works for."""
    return f"{words[1]}, {words[2]}" if agency_of(words[2]) and not agency_of(_bare(words[0])) else words[0]


def _bare(part: str) -> str:
    """An agency without the word before it: "da Agência Brasil"."""
    first, _, rest = part.partition(" ")
    return rest if first.casefold() in _BESIDE and agency_of(rest) else part


def _is_office(part: str) -> bool:
    """ "Staff Reporter", "The Harbour Times", "Redacción El Faro", "envoyée à Rome": a few words, one says so."""
    found = part.casefold().split()
    known = found[-1] in _OFFICES or found[0] in _OFFICES or not _ROLES.isdisjoint(found)
    return len(found) <= 6 and known


def _is_short(part: str) -> bool:
    """A town or a title after the names ("By Ann Lee in Rome")."""
    part = _IN_TOWN.sub("", part)
    return len(part.split()) <= 3 and (part[0].isupper() or any(char.isdigit() for char in part))


def _unannounced(line: str) -> Byline | None:
    """ "Ann Lee, Reuters", "Jeanne Roche (à Rome) avec AFP": names, then the agency, and nothing else."""
    if (
        len(line) > 80
        or _leads().by.match(line)
        or not line.rstrip(")»”")[-1:].isalnum()
        or not is_person(_PARTS.split(_BRACKETS.sub("", line))[0])
    ):
        return None
    together = _TOGETHER.search(line)
    found = _signed(line, _TOGETHER.sub(r", \1", line))
    known = found and found.authors and (found.provider or (together and is_person(together[1])) or _WROTE.match(line))
    return found if known else None


def without_by(text: str) -> str:
    return text if _is_name(text) else _leads().by.sub("", text)


def given_byline(printed: str | None) -> str | None:
    """A byline as printed, without the word for "by", the date behind it, or the biography."""
    text = field_text(printed)
    if not text:
        return None
    text = _without_word(_DATED.sub("", text[:1000]).strip(" |,;") or text)
    return text if len(text) <= _MAX else ", ".join(names_in(without_by(text))[:3]) or None


def _without_word(text: str) -> str:
    """ "By ANN LEE" is "ANN LEE", as wires' own fields have it."""
    return text if _is_name(text) else _leads().word.sub("", text)


def _is_name(text: str) -> bool:
    """ "Da Silva" and "von der Heide" are names, though both begin with a word for "by"."""
    word = _leads().word.match(text)
    rest = text[word.end() :] if word else ""
    return word is not None and bool(word["also"]) and (" " not in rest or rest[0].islower())


def given_authors(byline: str | None, authors: Sequence[str]) -> tuple[str, ...]:
    """The names alone: as the entry lists them, else from its byline, else whatever else it lists, but for offices."""
    listed = [without_by(text) for text in map(field_text, authors) if text]
    names = [name for text in listed for name in names_in(text)] or names_in(without_by(byline or ""))
    found = names or [text for text in listed if text.casefold() not in _ACCOUNTS and not _is_office(text)]
    return tuple(dict.fromkeys(name for name in found if not agency_of(_bare(name))))


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
        line = lines[0].text
        found = (
            read_byline(line)
            or _repeats(line, given)
            or (None if texts > 2 or _is_under_picture(pieces, index) else _unannounced(line))
        )
        if found:
            return (*pieces[:index], *lines[1:], *pieces[index + 1 :]), found
    return pieces, None


def _is_under_picture(pieces: tuple[Piece, ...], index: int) -> bool:
    """Names and an agency there are a credit."""
    return index > 0 and pieces[index - 1].image is not None


def _repeats(line: str, given: str | None) -> Byline | None:
    if given and len(line) <= len(given) + 60 and same(without_by(line)) == same(without_by(given)) != "":
        return Byline(line, names_in(without_by(line)), None)
    return None
