"""What a desk says of a version in words: kills, corrections, embargoes, takes. Every wire format asks here. Pure.

`ruling` is the one call most formats need; the functions below it can be used one at a time. All are for short fields
(keyword line, headline, ed note, instruction), never for body text, and read the first MAX_TEXT characters of each.
A word only counts where a desk would put it: at the start of a field or a sentence, or in brackets, and set apart
from what follows, so that "Police kill three" and "Correction officers strike" stay news.
"""

import re
from datetime import datetime
from typing import NamedTuple

from ingest.model import PubStatus, Take
from ingest.parse.embargo import MAX_TEXT, embargo_of, is_embargoed

__all__ = ["Ruling", "embargo_of", "instruction_of", "is_embargoed", "ruling", "status_of", "take_of"]

_START = r"(?:^|[.:;!?(\[*#]\s{0,3}|(?<=[\s-])-{1,2}\s{0,2}|\n\s{0,9})"
_END = r"(?=\s{0,3}(?:$|[\n:;.,!()\[\]*/=<–—-]))"
# Strongest first: a text that corrects and kills, kills. In capitals only, since a false kill hides good news: a
# headline such as "Elimination: how the cup was lost" is none.
_CAPITALS = {
    "kill": "KILLS?|MANDATORY KILL|ELIMINATION|ELIMINATE|WITHDRAWN|WITHDRAWAL|WITHDRAW|RETRACTION|RETRACTED|ANNULATION|"
    "ANNULE|ANNULAMENTO|ANNULLAMENTO|ANNULLATA|ANULACI[OÓ]N|ANULADA|ANULADO|ANULAÇÃO|ZUR[UÜ]CKZIEHUNG|ZUR[UÜ]CKGEZOGEN|"
    "STORNIERUNG|STORNO|ANNULERING|TILBAGETRUKKET|TRUKKET|INDRAGEN|MAKULERAD|MAKULERT",
    "withhold": "WITHHOLD|WITHHELD|HOLD|HOLD STORY|DO NOT USE|ZUR[UÜ]CKHALTEN",
    "correction": "CORRECTION|CORRECTIVE|CLARIFICATION|RECTIFICATION",
}
# In any case: as a word that is set apart, or as the whole field.
_WORDS = {
    "kill": "mandatory kill",
    "correction": "corrections?|corrected|corr|rectificatif|correctif|corrig[eé]|correcci[oó]n|rectificaci[oó]n|"
    "correzione|rettifica|correç[aã]o|korrektur|berichtigung|korrigiert|berichtigt|correctie|rectificatie|korrigering|"
    "rettelse|r[aä]ttelse|korrigerad|oikaisu",
    "update": "updated?|updates|new version|recasts?|subs|actualizaci[oó]n|actualisation|aggiornamento|aktualisierung|"
    "aktualisiert|oppdatert|opdateret|uppdatering|uppdaterad",
    "repeat": "repeats?|repeating|repeated|rpt|r[eé]p[eé]tition|wiederholung|repetici[oó]n|ripetizione|gentagelse",
    "advisory": "advisory|editor'?s?'? advisory|media advisory|note to editors|avis aux r[eé]dactions|"
    "hinweis an die redaktionen",
}
_WHOLE = {"kill": "kill|elimination|withdrawn|cancel|cancell?ed", "withhold": "withhold|withheld|hold"}
_PHRASES = {
    "kill": r"\bkill\s{1,3}advisory\b|\badvisory[,\s-]{1,3}kill\b"
    r"|\b(?:bulletin|urgent|story|picture|photo|notice|mandatory)[\s-]{1,3}kill\b"
    r"|\bkill\s{1,3}(?:the\s{1,3}|this\s{1,3}|your\s{1,3})?(?:story|item|notice|advisory|slug|photo|picture|version)\b"
    r"|\b(?:story|item|article|report)\s{1,3}(?:has\s{1,3}been|is|was)\s{1,3}(?:killed|withdrawn|retracted|eliminated)\b"
    r"|\b(?:is|are)\s{1,3}withdrawing\s{1,3}(?:the|this|its)\b|\bavis\s{1,3}d['’]annulation\b"
    r"|\bmeldung\s{1,3}(?:ist|wird|wurde)\s{1,3}zur[uü]ckgezogen\b"
    r"|\bbitte\b[^.\n]{0,60}\bnicht\s{1,3}(?:mehr\s{1,3})?verwenden\b",
    "withhold": r"\b(?:hold|withhold)\s{1,3}(?:the\s{1,3}|this\s{1,3})?(?:story|item|publication)\b"
    r"|\bdo\s{1,3}not\s{1,3}(?:use|publish)\s{1,3}(?:this|the)\b",
    "correction": r"(?:^|[.:;(]\s{0,3})(?:corrects|correcting|fixes|correct(?:ion)?\s{1,3}(?:to|in|of|slug))\b"
    r"|\(corr(?:ects?|ected|ection|\.)?[\s:)]",
    "update": r"(?:^|[.:;(]\s{0,3})(?:updates|recasts|updating|update\s{1,3}\d)\b"
    r"|\b(?:ld|lead)?-?(?:writethru|writethrough|wthru)\b|\d(?:st|nd|rd|th)\s{0,2}(?:ld|lead)\b|\b\d{1,2}\.?\s{0,2}lead\b",
    "add": r"\b\d{1,2}(?:st|nd|rd|th)\s{0,2}add\b|\badd\s{0,2}\d{1,2}\b|\btake\s{0,2}(?:[2-9]|\d\d)\b",
}
_ORDER = ("kill", "withhold", "correction", "add", "update", "repeat", "advisory")
_STATUS: dict[str, PubStatus] = {"kill": "canceled", "withhold": "withheld"}


def _compiled(name: str) -> re.Pattern[str]:
    parts = (
        f"(?-i:{_START}(?:{_CAPITALS[name]}){_END}|,\\s?(?:{_CAPITALS[name]}){_END})" if name in _CAPITALS else None,
        f"{_START}(?:{_WORDS[name]}){_END}" if name in _WORDS else None,
        f"^(?:{_WHOLE[name]})$" if name in _WHOLE else None,
        f"(?:{_PHRASES[name]})" if name in _PHRASES else None,  # grouped, so that a common \b is looked at once
    )
    return re.compile("|".join(part for part in parts if part), re.IGNORECASE)


_INSTRUCTIONS = {name: _compiled(name) for name in _ORDER}
# The first five letters of the words that each pattern needs: most fields have none, and are done with at once.
_NEEDED = {
    "kill": "kill kills kille manda elimi withd retra annul anula zurüc zuruc storn tilba trukk indra "
    "makul bitte meldu cance",
    "withhold": "withh hold do zurüc zuruc",
    "correction": "corre corr clari recti beric korre korri corri rette rätte ratte oikai fixes fixin",
    "add": "add stadd ndadd rdadd thadd take",
    "update": "updat versi recas subs actua aggio aktua oppda opdat uppda writh wthru ld stld ndld rdld "
    "thld lead stlea ndlea rdlea thlea ldwri ldwth stldw ndldw rdldw thldw",
    "repeat": "repea répét repet repét répet rpt wiede ripet genta",
    "advisory": "advis edito media note avis hinwe",
}
_STEMS = {name: frozenset(stems.split()) for name, stems in _NEEDED.items()}
_TAKES = _STEMS["add"] | _STEMS["update"] | {"page"}
_ANY_STEM = frozenset[str]().union(_TAKES, *_STEMS.values())
_WORD = re.compile(r"[^\W\d_]{2,40}")
_LETTERS = bytes(ord(chr(byte).lower()) if chr(byte).isalpha() else 32 for byte in range(128)).ljust(256)
_LEAD = re.compile(
    r"(?P<nth>\d{1,2}(?:st|nd|rd|th))?[\s-]{0,2}(?P<lead>(?:Ld|Lead)\b(?:-?(?:Writethru|Writethrough|Wthru))?"
    r"|\b(?:Writethru|Writethrough|Wthru)\b)",
    re.IGNORECASE,
)
_ADD = re.compile(
    r"\b(?:(?P<nth>\d{1,2})(?:st|nd|rd|th)(?:\s{1,2}(?:and|&)\s{1,2}last)?[\s-]{0,2}(?P<kind>add|take)\b"
    r"|(?P<kind2>add|take|page)[\s-]{0,2}(?P<n>\d{1,2})\b)",
    re.IGNORECASE,
)
_LAST = re.compile(
    r"(?:and|&)\s{1,3}last\b|(?:add|take)[\s-]{0,2}\d{0,2}[\s,(-]{1,3}(?:last|end|final)\b", re.IGNORECASE
)
_COUNT = re.compile(r"[\s,]{1,3}\d{2,5}[\s<,.]{0,5}$")


class Ruling(NamedTuple):
    """What the desk's words amount to. Embargoed without a time that can be read is withheld, with a warning."""

    instruction: str | None
    pub_status: PubStatus
    embargoed_until: datetime | None
    warnings: tuple[str, ...] = ()


def ruling(*texts: str | None, issued: datetime | None, zone: str) -> Ruling:
    """`texts` are the item's short fields; `issued` (UTC) and `zone` (IANA) complete an embargo: "0001 Monday"."""
    instruction = instruction_of(*texts)
    status = status_of(instruction)
    for text in texts:
        if not text or not is_embargoed(text):
            continue
        until = embargo_of(text, issued, zone)
        if until is None and status == "usable":
            return Ruling(instruction or "embargo", "withheld", None, ("embargoed without a time that can be read",))
        return Ruling(instruction or "embargo", status, until)
    return Ruling(instruction, status, None)


def instruction_of(*texts: str | None) -> str | None:
    """The strongest of: kill, withhold, correction, add, update, repeat, advisory; None if the texts say none of it."""
    said = [text[:MAX_TEXT].strip() for text in texts if text]
    stems = _stems("\n".join(said))
    given = [(text, _stems(text)) for text in said] if stems else []
    for name in _ORDER if stems else ():
        needed = _STEMS[name]
        if stems & needed and any(own & needed and _INSTRUCTIONS[name].search(text) for text, own in given):
            return name
    return None


def _stems(text: str) -> frozenset[str]:
    ascii_ = text.encode().translate(_LETTERS).decode().split() if text.isascii() else None
    words = _WORD.findall(text.lower()) if ascii_ is None else ascii_
    return _ANY_STEM.intersection([word[:5] for word in words])


def status_of(instruction: str | None) -> PubStatus:
    """canceled for a kill, withheld for a withhold, usable for all else."""
    return _STATUS.get(instruction or "", "usable")


def take_of(keyword_line: str | None) -> Take | None:
    """`BC-Fair--Opening, 1st Ld-Writethru, 2nd Add,320` is piece 3 of "BC-Fair--Opening 1stLd-Writethru".

    An add belongs to the version that it adds to, so the lead's marker is part of the key and both spellings of it
    ("1st Ld", "1stLd") give the same. A lead alone is piece 1 of its version. None where there is no marker.
    """
    if not keyword_line or not _stems(keyword_line[:MAX_TEXT]) & _TAKES:
        return None
    line = _COUNT.sub("", " ".join(keyword_line[:MAX_TEXT].split()))
    add, lead = _ADD.search(line), _LEAD.search(line)
    if not add and not lead:
        return None
    stem = line[: min(found.start() for found in (add, lead) if found)].rstrip(" ,-(")
    version = f"{(lead['nth'] or '')}{lead['lead']}" if lead else ""
    key = f"{stem} {version}".strip()
    if not add:
        return Take(key=key, number=1) if key else None
    nth = int(add["nth"] or add["n"])
    number = nth + 1 if (add["kind"] or add["kind2"]).lower() == "add" else max(nth, 1)
    return (
        Take(key=key, number=number, is_add=number > 1, is_last=_LAST.search(line, add.start()) is not None)
        if key
        else None
    )
