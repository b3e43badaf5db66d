"""Header lines at the top of a text, such as "HEADLINE: …" and "Slug: …", in the languages that desks write them in.

Plain-text files and mail bodies share them. `FIELDS` is the whole knowledge: a new name is one more word in it.
"""

import re
from typing import NamedTuple

from ingest.model import Entry, Payload, Rights, Subject
from ingest.parse.bylines import byline_of
from ingest.parse.desk import take_of
from ingest.parse.fields import int_of, language_of, people_of, unique
from ingest.parse.qcodes import subject_of
from ingest.parse.wirexml import Notes, dateline_of, standing

# Ours → the names it goes by, in lower case. `body` is the text itself; `ignored` is known, and nothing for readers.
FIELDS: dict[str, str] = {
    "headline": "headline|head|hed|title|titre|titel|título|titulo|titolo|überschrift|schlagzeile|titular|rubrik|"
    "overskrift|tittel|otsikko|kop|manchete|τίτλος|заголовок",
    "subheadline": "subheadline|subhead|deck|subtitle|sous-titre|unterzeile|untertitel|subtítulo|sottotitolo|"
    "underrubrik|undertittel",
    "slugline": "slug|slugline|slug line|story slug",
    "keywords": "keyword|keywords|tags|schlagwort|schlagwörter|stichwort|stichworte|stichwörter|mots-clés|mots clés|"
    "palabras clave|parole chiave|palavras-chave|nøkkelord|nyckelord|emneord|avainsanat",
    "byline": "byline|by|by-line|author|authors|writer|reporter|autor|auteur|autore|verfasser|skribent|forfatter|"
    "kirjoittaja",
    "dateline": "dateline|date line|located|location|place|city|ort|lieu|lugar|luogo|plaats|sted|plats|paikka",
    "published": "date|published|publish date|publication date|sent|time|datum|fecha|data|dato|datetime|päivämäärä",
    "embargoed_until": "embargo|embargoed|embargoed until|embargo until|release|release time|sperrfrist|sous embargo|"
    "embargo jusqu'à|embargo hasta",
    "priority": "priority|prio|priorität|priorité|prioridad|priorità|prioritet|prioridade",
    "urgency": "urgency|news value|newsvalue|dringlichkeit|urgence|urgencia|urgenza",
    "category": "category|anpa category|anpa|cat|service|section|ressort|kategorie|catégorie|rubrique|categoría|"
    "categoria|kategori|osasto",
    "ed_note": "ed note|ednote|editor's note|editors note|editors' note|editorial note|eds|note to editors|"
    "notes to editors|redaktioneller hinweis|hinweis|note aux rédactions|nota a los editores|nota del editor",
    "instruction": "status|instruction|action",
    "summary_html": "abstract|summary|teaser|lede|standfirst|description|zusammenfassung|vorspann|résumé|chapô|"
    "resumen|sommario|sammanfattning|ingress|resumo",
    "provider": "source|agency|provider|quelle|agentur|agence|fuente|agencia|fonte|kilde|källa|bron|lähde",
    "holder": "copyright holder|rights holder",
    "notice": "copyright|copyright notice|rights",
    "usage_terms": "usage|usage terms|usageterms|terms|restrictions|nutzung",
    "credit_line": "credit|credit line|creditline",
    "language": "language|lang|sprache|langue|idioma|lingua|språk|sprog|taal|kieli",
    "guid": "id|guid|uid|story id|item id|storyid|itemid|reference|ref|meldungs-id",
    "provider_version": "version|rev|revision",
    "provider_sequence": "sequence|seq|number|nr|no",
    "subjects": "subject|subjects|subject code|subject codes|iptc|iptc code|iptc codes|topic|topics|betreff|thema|"
    "sujet|asunto|ämne|emne|onderwerp",
    "genre": "genre|story type",
    "url": "url|link|web",
    "private_note": "contact|contacts|contact for editors|kontakt|contacto|contatto|yhteystiedot",
    "body": "body|body text|story|text|texte|texto|testo|artikel|article|story text|tekst",
    "ignored": "word count|words|wordcount|wortzahl|length|username|user|desk|filename|file",
}
# And what comes of them: `fieldtable` makes docs/formats.md of it.
TOLD = FIELDS | {
    "authors": "names in the byline",
    "updated": "the time published",
    "pub_status": "the desk's words",
    "take": "the slugline: 1st Ld, Add 1",
}
_NAMES = {name: ours for ours, names in FIELDS.items() for name in names.split("|")}
# Alone at the top of a mail, these are no sentence's beginning.
_SURE = {"slugline", "headline", "byline", "priority", "category", "keywords", "embargoed_until", "ed_note", "dateline"}

MAX_LINES = 80
_LINE = re.compile(r"[ \t*]{0,3}([^\W\d_][^\n:：]{0,38}?)[ \t*]{0,3}[:：][ \t*]{0,9}(.{0,5000})$")
_URL = re.compile(r"https?$", re.IGNORECASE)
_DOTTED = re.compile(r"\b(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})\b")
_CODE = re.compile(r"(?:[a-z]{2,20}:)?\d{8}$")


class Headers(NamedTuple):
    """`fields` by our names; `body` is what follows them; `known` is how many such lines there were."""

    fields: dict[str, str]
    body: str
    known: int

    @property
    def is_sure(self) -> bool:
        return self.known >= 2 or (self.known == 1 and not _SURE.isdisjoint(self.fields))


def take(text: str) -> Headers:
    """The block of header lines that `text` begins with, taken off it; without one, `known` is 0 and all is body.

    A value may stand on the next line, or go on on indented ones. A line of an unknown name ends the block unless a
    known one follows it; so does a blank line.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\n").split("\n", MAX_LINES)
    fields: dict[str, str] = {}
    at = known = 0
    last = None
    while at < min(len(lines), MAX_LINES):
        line = lines[at]
        name, value = _header(line)
        if name == "body":
            return Headers(fields, "\n".join((value, *lines[at + 1 :])).strip("\n"), known + 1)
        if name:
            known, last = known + 1, name
            fields.setdefault(name, value)
        elif last and line.strip() and (line[0] in " \t" or not fields[last]) and not lines[at - 1].isspace():
            fields[last] = f"{fields[last]} {line.strip()}".strip()
        elif not (known and at + 1 < len(lines) and _skippable(line, lines[at + 1 : at + 3])):
            break
        at += 1
    return Headers({name: value for name, value in fields.items() if value}, "\n".join(lines[at:]).strip("\n"), known)


def _header(line: str) -> tuple[str | None, str]:
    found = _LINE.match(line)
    if found is None or _URL.match(found[1]):
        return None, ""
    return _NAMES.get(" ".join(found[1].lower().replace("’", "'").replace("_", " ").split())), found[2].strip(" \t*")


def _skippable(line: str, after: list[str]) -> bool:
    """A blank line or an unknown header in the midst of known ones."""
    known = next((one for one in after if one.strip()), "")
    return (not line.strip() or _LINE.match(line) is not None) and _header(known)[0] is not None


def told(headers: Headers, entry: Entry, payload: Payload) -> Entry:
    """The entry with what the header lines say; what they leave out stays as it is."""
    fields, notes = headers.fields, Notes(payload.zone)
    says = fields.get
    published = notes.time(_dated(says("published")), "date") or entry.published
    embargo = notes.time(_dated(says("embargoed_until")), "embargo")
    subjects, topics = _subjects(says("subjects"))
    headline = says("headline") or entry.headline or ", ".join(topics) or None
    words = (says("ed_note"), says("instruction"), says("slugline"), headline)
    is_embargoed = says("embargoed_until") is not None
    stand = standing(None, None, embargo, words, published, notes, is_embargoed=is_embargoed)
    found: dict[str, object] = {
        "guid": says("guid"),
        "url": says("url"),
        "provider_version": says("provider_version"),
        "provider_sequence": says("provider_sequence"),
        "headline": headline,
        "subheadline": says("subheadline"),
        "slugline": says("slugline"),
        "summary_html": says("summary_html"),
        "byline": byline_of(says("byline")),
        "authors": people_of([byline_of(says("byline"))]),
        "dateline": dateline_of(says("dateline")),
        "language": language_of(says("language")),
        "published": published,
        "updated": entry.updated or published,
        "embargoed_until": stand.embargoed_until,
        "instruction": stand.instruction,
        "urgency": int_of(says("urgency")),
        "priority": says("priority"),
        "category": says("category"),
        "genre": says("genre"),
        "keywords": unique((*_split(says("keywords")), *(topic for topic in topics if topic != headline))),
        "subjects": subjects,
        "ed_note": says("ed_note"),
        "private_note": says("private_note"),
        "provider": says("provider"),
        "take": take_of(says("slugline")),
    }
    rights = {name: says(name) for name in ("holder", "notice", "usage_terms", "credit_line")}
    if any(rights.values()):
        found["rights"] = Rights(**{name: value for name, value in rights.items() if value})
    update = {name: value for name, value in found.items() if value}
    update |= {"pub_status": stand.pub_status, "warnings": (*entry.warnings, *notes.warnings)}
    return entry.model_copy(update=update)


def _dated(value: str | None) -> str | None:
    """Dates with dots are day first wherever they are written so."""
    return _DOTTED.sub(lambda found: f"{found[3]}-{int(found[2]):02d}-{int(found[1]):02d}", value) if value else None


def _subjects(value: str | None) -> tuple[tuple[Subject, ...], tuple[str, ...]]:
    """Codes become subjects, words keywords."""
    words = _split(value)
    return tuple(subject_of(word) for word in words if _CODE.match(word)), tuple(w for w in words if not _CODE.match(w))


def _split(value: str | None) -> tuple[str, ...]:
    return tuple(word for word in (part.strip() for part in re.split(r"[,;|]", value or "")) if word)
