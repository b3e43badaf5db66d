"""Wire messages whose control characters were lost on the way, or spelt out: `<SOH>`, `^A`, `␁`.

Only where a format's header lines are unmistakable: mail, web forms and editors leave those as they are. What is put
back is SOH before a header, STX behind it and ETX before the trailer, so that all else reads as it came.
"""

import re
from itertools import pairwise
from typing import NamedTuple

from ingest.parse.detect import Sniff

_NAMES = {b"SOH": b"\x01", b"STX": b"\x02", b"ETX": b"\x03", b"EOT": b"\x04", b"SYN": b"\x16", b"FF": b"\x0c"}
_NAMES |= {b"DC1": b"\x11", b"DC2": b"\x12", b"DC3": b"\x13", b"DC4": b"\x14", b"BS": b"\x08", b"DLE": b"\x10"}
_SPELT = re.compile(
    rb"[<\[{](" + b"|".join(_NAMES) + rb")[>\]}]|(?<=\d)[<\[{](US)[>\]}]|\xe2\x90([\x81-\x84\x88\x8c\x90-\x94\x96\x9f])"
)
_CARETS = {f"^{chr(code + 64)}".encode(): bytes([code]) for code in (0x11, 0x12, 0x13, 0x14, 0x1F)}
_IS_SPELT = re.compile(rb"[<\[{]SOH[>\]}]|\xe2\x90\x81")
# Carets stand at the start of ANPA's own lines, too: ^B and ^C only count where they can be.
_CARET = re.compile(rb"(?:^|(?<=\^D))(?:\^V){0,4}\^A(?=[ \t]{0,3}[A-Za-z]{0,6}[ -]?\d{1,6}\b)", re.MULTILINE)
_CARET_END = re.compile(rb"^[ \t]{0,9}\^C", re.MULTILINE)
_NEAR = 1_000  # bytes at the start of a payload, which its first SOH is in
_TAIL = 2_000  # characters at the end of a payload, which its last trailer is in


class Shape(NamedTuple):
    """Of one format, on bytes: a message's header up to its text, and the line that ends it. `number` is what it has
    that must stand apart from what follows."""

    header: re.Pattern[bytes]
    trailer: re.Pattern[bytes]


def is_message(sniff: Sniff, shape: Shape, mark: re.Pattern[bytes]) -> bool:
    """Whether a payload without SOH begins with a message: with a header of two lines, or of one if a trailer is there.

    With its control characters spelt out, it is known by the format's `mark` as others are.
    """
    if sniff.kind in {"json", "html"} or (sniff.root is not None and sniff.root.local not in {"soh", "syn"}):
        return False
    head = sniff.head.lstrip().encode()
    if _IS_SPELT.search(head[:_NEAR]) or _CARET.search(head[:_NEAR]):
        return mark.search(restored(head, shape)[:_NEAR]) is not None
    header = shape.header.match(head)
    is_long = header is not None and b"\n" in header[0].strip()
    return is_long or (header is not None and shape.trailer.search(sniff.text[-_TAIL:].encode()) is not None)


def restored(body: bytes, shape: Shape) -> bytes:
    """The body with its control characters; as it is where it has any SOH, or nothing of this shape."""
    if b"\x01" in body:
        return body
    if _IS_SPELT.search(body[:_NEAR]):
        return _SPELT.sub(_control, body)
    if _CARET.search(body[:_NEAR]):
        return b"".join(map(_from_carets, _CARET.split(body)))
    bare = body.replace(b"\x16", b"")
    starts = [found.start() for found in shape.header.finditer(bare)]
    return b"".join(_framed(bare[start:end], shape) for start, end in pairwise((*starts, len(bare)))) or body


def _control(spelt: re.Match[bytes]) -> bytes:
    if spelt[3]:  # U+2401 is the picture of 0x01
        return bytes([spelt[3][0] - 0x80])
    return _NAMES[spelt[1]] if spelt[1] else b"\x1f"


def _from_carets(message: bytes) -> bytes:
    if not message.strip():
        return b""
    header, stx, rest = message.partition(b"^B")
    ends = list(_CARET_END.finditer(rest))
    if ends:
        trailer = rest[ends[-1].end() :].partition(b"^D")[0]
        rest = rest[: ends[-1].start()] + b"\x03" + trailer
    for spelt, control in _CARETS.items():
        header = header.replace(spelt, control)
    return b"\x16\x01" + header + (b"\x02" if stx else b"") + rest


def _framed(message: bytes, shape: Shape) -> bytes:
    header = shape.header.match(message)
    if header is None:
        return b""
    number = header.end("number")
    text = message[header.end() :].lstrip(b"\x02")
    ends = [] if b"\x03" in text else list(shape.trailer.finditer(text))
    if ends:
        text = text[: ends[-1].start()] + b"\x03" + text[ends[-1].start() :]
    gap = b"" if message[number : number + 1].isspace() else b"\x1f"
    return b"\x16\x01" + message[:number] + gap + message[number : header.end()] + b"\x02" + text
