"""What IPTC 7901 and ANPA 1312 share: messages framed by control characters, their charset, and the times they end in.

    SOH header STX text ETX date and time EOT      as many times as there are messages in the file

A frame may be cut short: without STX there is no text, without ETX the text goes on to the next SOH or the end.
"""

import re
from datetime import datetime, timedelta
from typing import NamedTuple

from ingest.errors import Malformed
from ingest.model import Payload
from ingest.parse.decode import body_of
from ingest.parse.fields import time_of
from ingest.parse.limits import check_count
from ingest.parse.lostcontrols import Shape, restored

UNZONED = "time completed with the source's zone"
_LOST = "its control characters are lost or spelt out"
UNDATED = "date completed with the day it was fetched"
CONTROLS = bytes(byte for byte in (*range(32), 0x7F) if byte not in b"\t\n\r")

_SOH = re.compile(rb"\x01")
_LETTER = re.compile(rb"[A-Za-z][\x80-\xff]{1,2}(?=[A-Za-z])|[A-Za-z][\x82\x8a\xe0-\xff](?=[\s,.])")
_ONLY_DOS = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")  # not assigned in Windows-1252; three of them are common letters
_CHARSET = re.compile(r"charset\s{0,9}=\s{0,9}[\"']?([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_NO_TEXT = re.compile("[\ud800-\udfff\ufeff\ufffe\uffff]")
_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11,
    "dec": 12, "mai": 5, "mär": 3, "mrz": 3, "okt": 10, "dez": 12, "ene": 1, "abr": 4, "ago": 8, "dic": 12, "fev": 2,
    "fév": 2, "avr": 4, "aoû": 8, "aou": 8, "out": 10, "gen": 1, "mag": 5, "giu": 6, "lug": 7, "set": 9, "ott": 10,
}  # fmt: skip


class Frame(NamedTuple):
    """One message. `text` is None where there was no STX; `trailer` is what follows ETX."""

    number: int  # from 1, in the payload
    header: str
    text: str | None
    trailer: str
    warnings: tuple[str, ...] = ()


def frames(payload: Payload, shape: Shape) -> list[Frame]:
    """The messages of a payload, each decoded on its own: a file gathered from several wires mixes charsets.

    `shape` finds them where the control characters are lost. Raises Malformed if there is no SOH even then, or more
    than MAX_ITEMS of them.
    """
    body = body_of(payload)
    lost = () if b"\x01" in body else (_LOST,)
    parts = _SOH.split(restored(body, shape) if lost else body)[1:]
    if not parts:
        raise Malformed(payload.url, "no message in it: no SOH (0x01)", "the control characters may have been lost")
    check_count(parts, "messages", payload.url)
    said = _CHARSET.search(payload.content_type or "")
    return [_frame(n, part, said[1] if said else None, lost) for n, part in enumerate(parts, 1)]


def decoded(part: bytes, charset: str | None = None) -> tuple[str, str | None]:
    """Text with CRLF as \\n, and a warning if bytes had to be replaced.

    UTF-8 where it is valid, else what was said, else the DOS page 437 or Windows-1252: in the one accented letters are
    below 0xA6, in the other above 0xBF.
    """
    try:
        return _lines(part.decode("utf-8")), None
    except UnicodeDecodeError:
        pass
    for name in (charset, "cp437" if _is_dos(part) else "cp1252"):
        try:
            return _lines(part.decode(name or "ascii")), None
        except (LookupError, UnicodeError, ValueError):  # unknown, no text encoding, or wrong
            continue
    return _lines(part.decode("cp1252", "replace")), "some bytes could not be read as text"


def without_controls(text: str, controls: bytes = CONTROLS) -> str:
    """Text that may go into a field: of what is below 0x20, only tab and the line ends are left."""
    if text.isprintable():
        return text
    if not text.isascii():
        text = _NO_TEXT.sub("", text)
    return text.encode().translate(None, controls).decode()


def _frame(number: int, part: bytes, charset: str | None, warnings: tuple[str, ...]) -> Frame:
    text, warning = decoded(part, charset)
    warnings = (*warnings, warning) if warning else warnings
    header, stx, rest = text.partition("\x02")
    if not stx:
        return Frame(number, header.partition("\x03")[0], None, "", (*warnings, "no text (STX, 0x02) in it"))
    body, etx, trailer = rest.partition("\x03")
    if not etx:
        body, trailer = body.partition("\x04")[0], ""
        warnings = (*warnings, "cut off: no end of text (ETX, 0x03)")
    return Frame(number, header, body, without_controls(trailer).strip(), warnings)


def _lines(text: str) -> str:
    """Teletypes end a line in CR CR LF."""
    return text.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n")


def _is_dos(part: bytes) -> bool:
    """By where the letters inside words are; an apostrophe or a dash may stand there too (0x92, 0x96, 0x97)."""
    if _ONLY_DOS.search(part):
        return True
    letters = [found[0][-1] for found in _LETTER.finditer(part)]
    low = sum(1 for byte in letters if byte < 0xA6 and byte not in {0x92, 0x96, 0x97})
    return low > len(letters) / 2


# ── times ───────────────────────────────────────────────────────────────────────────────────────────────────────


class Moment(NamedTuple):
    when: datetime | None
    warnings: tuple[str, ...] = ()


def moment(
    year: int | None, month: int | None, day: int, clock: str, zone_name: str | None, payload: Payload
) -> Moment:
    """UTC, from `clock` (hhmm). A zone that is missing is the source's, a month or year that of the day of fetching."""
    warnings = () if zone_name else (UNZONED,)
    if year is None or month is None:
        if payload.fetched_at is None:
            return Moment(None, ("no whole date in it",))
        warnings = (*warnings, UNDATED)
        year, month = _nearest(payload.fetched_at, year, month, day)
    stamp = f"{year:04d}-{month:02d}-{day:02d} {clock[:2]}:{clock[2:4]}{' ' + zone_name.upper() if zone_name else ''}"
    when = time_of(stamp, payload.zone)
    return Moment(when, warnings if when else ("the time cannot be read",))


def month_of(name: str) -> int | None:
    return _MONTHS.get(name[:3].lower())


def year_of(digits: str) -> int:
    """`13` is 2013, `85` is 1985."""
    year = int(digits)
    return year if year > 99 else year + (1900 if year > 69 else 2000)


def _nearest(now: datetime, year: int | None, month: int | None, day: int) -> tuple[int, int]:
    """The year and month of the last such day that is not after tomorrow; clocks differ."""
    limit = (now + timedelta(days=1)).timetuple()[:3]
    for back in range(24):
        at = now.year * 12 + now.month - back
        candidate = (at // 12, at % 12 + 1)
        if (*candidate, day) <= limit and month in (None, candidate[1]) and year in (None, candidate[0]):
            return candidate
    return year or now.year, month or now.month
