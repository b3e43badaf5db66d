"""Text as people read it: entities decoded, NFC, no invisible characters, mojibake undone where it clearly is one.

Curly quotes, dashes and capitals stay as sent.
"""

import html
import re
import unicodedata

# Letters that UTF-8 read as Latin-1 or Windows-1252 begins with, before one that it continues with. ftfy decides;
# this only spares it (0.4 s to import, about 1 ms a paragraph) the texts that cannot be meant.
MOJIBAKE = re.compile(
    r"[ÂÃâÐÑØÙãäåæçèéïð][\x80-\xbf\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d"
    r"\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178]"
)
# A joiner is spelling in Persian, Hindi and emoji, and debris between Latin letters.
_JOINER = re.compile("(?<![\u0590-\U0010ffff])[\u200c\u200d]|[\u200c\u200d](?![\u0590-\U0010ffff])")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_INLINE_TAG = re.compile(
    r"</?(?:a|abbr|b|bdi|big|br|cite|code|div|em|font|h[1-6]|i|img|mark|p|q|s|small|span|strong|sub|sup|u|wbr)"
    r"(?:\s[^<>]{0,1000})?/?>",
    re.IGNORECASE,
)
_SPACES = (
    "\t\r\x0b\x0c\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
)
_GONE = "\xad\u200b\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff\ufff9\ufffa\ufffb"


def _table() -> dict[int, str | None]:
    table: dict[int, str | None] = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)))
    for code in range(0x80, 0xA0):  # C1 controls are Windows-1252 that somebody called Latin-1
        table[code] = bytes([code]).decode("cp1252", "ignore") or None
    table |= dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
    table |= {ord(char): " " for char in _SPACES} | {ord(char): None for char in _GONE}
    return table | {0x0A: "\n", 0x2028: "\n", 0x2029: "\n"}


_TABLE = _table()
_ODD = re.compile("[" + "".join(re.escape(chr(code)) for code in _TABLE if code != 0x0A) + "]")


def encodable(text: str) -> str:
    """`text` with lone surrogates as U+FFFD, and without NUL, so that it can be UTF-8."""
    try:
        text.encode()  # a tenth of the time of looking for them
    except UnicodeEncodeError:
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.replace("\x00", "")


def normal(text: str) -> str:
    """One text node or plain text, normalised. Line feeds are kept, every other white space is a space."""
    if text.isprintable():  # nothing in _TABLE is
        if text.isascii():
            return text
        if not MOJIBAKE.search(text):
            return unicodedata.normalize("NFC", text)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        text = encodable(text)
        if MOJIBAKE.search(text):
            import ftfy

            text = ftfy.fix_encoding(text)
        text = unicodedata.normalize("NFC", text)
        if "\u200c" in text or "\u200d" in text:
            text = _JOINER.sub("", text)
    return text.translate(_TABLE) if _ODD.search(text) else text


def decoded(text: str) -> str:
    """`text` with its entities decoded, as often as they were encoded (three times at most)."""
    for _ in range(3):
        if "&" not in text or not _ENTITY.search(text):
            break
        text = html.unescape(text)
    return text


def one_line(text: str) -> str:
    return " ".join(text.split())


def field_text(value: str | None) -> str | None:
    """A headline, name or note as plain text on one line: entities decoded, inline mark-up gone. None if empty."""
    if not value:
        return None
    value = decoded(_INLINE_TAG.sub(_gap, encodable(value)))
    return one_line(normal(_INLINE_TAG.sub(_gap, value))) or None


def _gap(tag: re.Match[str]) -> str:
    return " " if tag.group().lower().lstrip("</").startswith(("br", "p", "div", "h")) else ""


_NO_LETTER = re.compile(r"[\W_]+")
_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalnum())  # a tenth of the pattern's time


def same(a: str | None) -> str:
    """A key under which two texts are equal if only case, punctuation or spacing differ."""
    text = a or ""
    if text.isascii():
        return text.lower().encode().translate(None, _NO_LETTERS).decode()
    return _NO_LETTER.sub("", unicodedata.normalize("NFKC", text).casefold())


# One word a letter in scripts that put no spaces between words is how word processors count Chinese and Japanese;
# Thai, Lao, Khmer and Burmese words are about five letters long.
_DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_LONG = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_WORD = re.compile(r"\w+(?:['’.,-]+\w+)*")

_SPACELESS = re.compile(f"{_DENSE.pattern[:-1]}{_LONG.pattern[1:]}")
# The same as _WORD for Western text, at a tenth of its time: what may be within a word goes, what may not is a space.
_WITHIN = "'’.,-".encode("cp1252")
_SPACED = bytes(code if _WORD.match(bytes((code,)).decode("cp1252", "replace")) else 0x20 for code in range(256))


def word_count(text: str) -> int:
    try:
        western = text.encode("ascii" if text.isascii() else "cp1252")
    except UnicodeEncodeError:
        return _words_of_any_script(text)
    return len(western.translate(_SPACED, _WITHIN).split())


def _words_of_any_script(text: str) -> int:
    if not _SPACELESS.search(text):
        return len(_WORD.findall(text))
    dense, long = len(_DENSE.findall(text)), len(_LONG.findall(text))
    if dense or long:
        text = _LONG.sub(" ", _DENSE.sub(" ", text))
    return len(_WORD.findall(text)) + dense + -(-long // 5)
