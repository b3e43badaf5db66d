"""How much of one payload is read, whatever its source allows: what is beyond is no news but a fault or an attack.

A tree, a JSON value or a mail takes many times the room of its bytes, and each item its time, however small it is.
"""

from collections.abc import Sized
from typing import AnyStr

from ingest.errors import Malformed

MAX_BYTES = 60_000_000  # of the body, unpacked
MAX_ITEMS = 20_000
MAX_BROKEN = 1_000  # items of a broken message, each of which is tried alone
MAX_TAGS = 3_000_000  # of an XML document, with attributes; closing tags count, too
MAX_REFERENCES = 500_000  # "&" in an XML document that has to be repaired
MAX_VALUES = 3_000_000  # objects and lists of a JSON value
MAX_LINES = 2_000_000  # of a mail
MAX_MESSAGE = 2_000_000  # characters of one message on a wire


class OverLimit(Malformed):
    """More than is read, so that no part of it is tried either."""


def check_count(items: Sized, what: str, url: str, most: int = MAX_ITEMS) -> None:
    """Raises OverLimit if there are more."""
    if len(items) > most:
        raise OverLimit(url, f"more than {most:,} {what}", "split the file")


def check_marks(text: AnyStr, marks: tuple[AnyStr, ...], what: str, url: str, most: int) -> None:
    """Raises OverLimit if `text` has more of these marks, one for each thing that it holds."""
    if len(text) > most and sum(text.count(mark) for mark in marks) > most:
        raise OverLimit(url, f"more than {most:,} {what}", "split the file")
