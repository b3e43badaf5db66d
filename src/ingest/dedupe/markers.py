"""Words by which agencies mark what a version is: CORRECTED, REFILE, UPDATE 2, Korrektur …"""

import re

from ingest.model import Article

_WORDS = (
    r"correct(?:ed|s|ion|ions|ing|ive)|refile[ds]?|clarification|korrektur|korrigiert\w*|berichtigung|berichtigt|"
    r"richtigstellung|rectificati(?:f|on)|rectifié|corrige|correcci[oó]n|corregid[oa]|rectificaci[oó]n|"
    r"fe de erratas?|errat(?:a|um)|correzione|corretto|rettifica|correção|corrigid[oa]|errata|rättelse|rettelse|"
    r"correctie|rectificatie|oikaisu|sprostowanie|исправление|уточнение|订正|更正|訂正|정정|تصحيح"
)
_NEWER = (
    r"update[ds]?|aktualisiert|aktualisierung|neu|mise à jour|actualisé|actualisation|actualizaci[oó]n|actualizado|"
    r"actualiza|aggiornamento|atualização|atualizada|更新|تحديث|обновлено|обновление"
)
# At the start with punctuation after it, or in brackets: "Correction: …", "CORRECTED-…", "(Corrects …)".
# "Stocks in correction territory" is none.
_HEADLINE = re.compile(
    rf"^\W{{0,3}}(?:\w{{1,12}}[- ]\d{{0,2}}[-: ]{{0,2}})?(?:{_WORDS})(?:\s?[-–—:：(]|\s\d\b)|[(\[【](?:{_WORDS})\b",
    re.IGNORECASE,
)
_SHOUTED = re.compile(
    r"^\W{0,3}(?:CORRECTED|CORRECTION|REFILE|KORREKTUR|BERICHTIGUNG|RECTIFICATIF|CORRECCIÓN|RETTIFICA)\b"
)
_NOTE = re.compile(rf"(?<!\w)(?:{_WORDS})(?!\w)", re.IGNORECASE)
_BODY = re.compile(rf"^\W{{0,3}}(?:{_WORDS})\s?[-–—:：]|^[(\[【](?:{_WORDS})\b", re.IGNORECASE)
_UPDATE = re.compile(
    rf"^\W{{0,3}}(?:(?:{_NEWER})(?:\s\d{{1,2}})?\s?[-–—:：]|[(\[【]?(?:{_NEWER})(?:\s\d{{1,2}})?[)\]】])", re.IGNORECASE
)
_PREFIX = re.compile(
    rf"^【?(?:(?:update|wrapup|refile|rpt|rpt-update|repeat|recrop|breaking|urgent|exclusive|alert|brief|snap|flash|eil|{_NEWER}|"
    rf"{_WORDS})(?:\s(?:news|\d{{1,2}}))?\s?[-–—:：*】]+\s?){{1,3}}",
    re.IGNORECASE,
)
_HEAD = 400  # characters of a note or a body that are looked at


def is_correction(article: Article) -> bool:
    """True if the article's headline, editor's note, first or last paragraph says that it corrects an earlier one."""
    headline, note = (article.headline or "")[:_HEAD], (article.ed_note or "")[:_HEAD]
    return bool(
        _HEADLINE.search(headline)
        or _SHOUTED.search(headline)
        or _NOTE.search(note)
        or _BODY.search(article.body_text[:_HEAD])
        or _BODY.search(article.body_text.rpartition("\n\n")[2][:_HEAD])
    )


def is_update(article: Article) -> bool:
    """True if the headline says that it brings more than was sent before: "UPDATE 2-…", "Actualización: …"."""
    return _UPDATE.search((article.headline or "")[:_HEAD]) is not None


def plain_headline(headline: str) -> str:
    """A headline without the marks of its version."""
    return _PREFIX.sub("", headline[:_HEAD].strip())
