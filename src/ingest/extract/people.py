"""Bylines taken apart: names only."""

import re
from collections.abc import Iterable

AGENCIES = {
    "afp": "AFP", "agence france-presse": "AFP", "agence france presse": "AFP", "ap": "AP", "associated press": "AP",
    "the associated press": "AP", "ap news": "AP", "reuters": "Reuters", "thomson reuters": "Reuters", "dpa": "dpa",
    "deutsche presse-agentur": "dpa", "dpa-afx": "dpa-AFX", "ansa": "ANSA", "efe": "EFE", "agencia efe": "EFE",
    "europa press": "Europa Press", "bloomberg": "Bloomberg", "bloomberg news": "Bloomberg", "pa": "PA Media",
    "pa media": "PA Media", "press association": "PA Media", "tass": "TASS", "xinhua": "Xinhua", "jiji": "JIJI",
    "jiji press": "JIJI", "kyodo": "Kyodo", "kyodo news": "Kyodo", "upi": "UPI", "apa": "APA", "epd": "epd",
    "kna": "KNA", "sid": "SID", "the canadian press": "The Canadian Press", "canadian press": "The Canadian Press",
    "aap": "AAP", "pti": "PTI", "press trust of india": "PTI", "ani": "ANI", "ians": "IANS", "yonhap": "Yonhap",
    "interfax": "Interfax", "lusa": "Lusa", "belga": "Belga", "anp": "ANP", "ntb": "NTB",
    "tt": "TT", "ritzau": "Ritzau", "pap": "PAP",
    "adnkronos": "Adnkronos", "keystone-sda": "Keystone-SDA", "sda": "Keystone-SDA", "ats": "Keystone-ATS",
    "tribune content agency": "Tribune Content Agency", "tns": "TNS", "getty images": "Getty Images",
}  # fmt: skip

_LEAD = re.compile(
    r"^\s*(?:(?:written|posted|published|reported|story|text|words|article|veröffentlicht|geschrieben|escrito|publié|"
    r"alle artikel|all (?:posts|articles)|erstellt|gespeichert|verfasst|interview|scritto|submitted)\s+)?"
    r"(?:by|von|vom|par|por|door|av|af|szerző|autor(?:in|en)?|auteur|author|text|from|redazione|di)\b\s*[:|]?\s+"
    r"|^\s*(?:by|von|par|por|author|autor(?:in|en)?|auteur|text|texto|interview|story)\s*:\s*|^\s*文\s*[/／:：]\s*|^\s*記者\s*[:：]?",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"\s*(?:[;|•·、]|\s[/–—-]\s|\s&\s|\s(?:and|und|et|och|og)\s(?=[^\W\d_]))\s*", re.IGNORECASE)
_COMMA = re.compile(r"\s*,\s*")
_ROLE = re.compile(
    r"\b(?:editor|reporter|correspondent|columnist|writer|staff|contributor|journalist|producer|bureau|desk|"
    r"redaktion|redakteur(?:in)?|korrespondent(?:in)?|volont[äa]r(?:in)?|leiter(?:in)?|autor(?:in)?|"
    r"r[ée]dact(?:ion|eur|rice)|journaliste|correspondant[e]?|redazione|redacci[óo]n|redactie|newsroom|professor|"
    r"director|chief|analyst|fellow|ph\.?d|m\.?d)\b",
    re.IGNORECASE,
)
_NOISE = re.compile(
    r"@|https?:|www\.|\.(?:com|org|net|de|co)\b|\d|[<>{}\[\]=]|^(?:admin(?:istrator)?|author|webmaster|user|unknown|"
    r"none|null|n/?a|by|von|guest|no author|anonymous|editors?|staff|redaktion|news|team|"
    r"autor|share|gast|agencies|agenturen)$",
    re.IGNORECASE,
)
_PARENS = re.compile(r"\s*[(\[][^()\[\]]{0,80}[)\]]|\s@\w{1,40}")
_ADDRESS = re.compile(r"^[\w.-]{2,60}\.(?:com|org|net|de|at|ch|co\.uk)\s?,", re.IGNORECASE)
_JUNIOR = re.compile(r"^(?:jr|sr|ii|iii|iv|m\.?d|ph\.?d|esq)\.?$", re.IGNORECASE)


def names(bylines: Iterable[str]) -> tuple[str, ...]:
    """The people in some bylines, each once: no "By", roles, agencies, handles or addresses."""
    found: dict[str, str] = {}
    for byline in bylines:
        for name in _people(byline):
            found.setdefault(re.sub(r"\W+", "", name).casefold(), name)
    found.pop("", None)
    return tuple(found.values())


def agency(texts: Iterable[str | None]) -> str | None:
    """The first news agency named alone, as a part of a byline, or in brackets."""
    for text in texts:
        for part in re.split(r"[,/;|()&]|\s(?:and|und|et|with|mit|avec)\s", (text or "")[:300]):
            if known := AGENCIES.get(_LEAD.sub("", part).strip().lower()):
                return known
    return None


def _people(byline: str) -> list[str]:
    text = _PARENS.sub("", " ".join(byline.split())[:400])
    text = _LEAD.sub("", text)
    if _ADDRESS.match(text):
        return []  # "example.org, Bristol": a site and its place
    people: list[str] = []
    for part in _SPLIT.split(text):
        people.extend(_of_commas([p for p in _COMMA.split(part) if p]))
    return people


def _of_commas(parts: list[str]) -> list[str]:
    """ "Ana Sol, Chief Editor" is one person, "Ana Sol, Ben Ray" two, "Ray, Ben" one written backwards."""
    if len(parts) == 2 and all(len(p.split()) == 1 for p in parts) and not any(map(_not_a_name, parts)):
        return [f"{parts[1]} {parts[0]}"]
    people: list[str] = []
    for part in parts:
        if _JUNIOR.match(part) and people:
            people[-1] = f"{people[-1]} {part}"
        elif not _not_a_name(name := _LEAD.sub("", part).strip(" .,-–—:*\"'")):
            people.append(name)
    return people


def _not_a_name(text: str) -> bool:
    return (
        not 2 <= len(text) <= 60
        or len(text.split()) > 6
        or text.lower() in AGENCIES
        or bool(_NOISE.search(text))
        or bool(_ROLE.search(text))
    )
