"""How much of one payload is read, whatever its source allows: what is beyond is no news but a fault or an attack.

A tree, a JSON value or a mail takes many times the room of its bytes, and each item its time, however small it is.
With these, the worst payload that was found takes about a minute and 1 GB; news of 60 MB takes far less.
"""

from collections.abc import Sized
from typing import AnyStr

from ingest.errors import Malformed

MAX_BYTES = 60_000_000  # of the body, unpacked
MAX_ITEMS = 20_000
MAX_BROKEN = 1_000  # items of a broken message, each of which is tried alone
MAX_TAGS = 3_000_000  # of an XML document, closing ones too
MAX_REFERENCES = 500_000  # "&" in an XML document that has to be repaired
MAX_VALUES = 3_000_000  # objects and lists of a JSON value
MAX_LINES = 2_000_000  # of a mail or a text
MAX_MESSAGE = 2_000_000  # characters of one message on a wire


def check_count(items: Sized, what: str, url: str, most: int = MAX_ITEMS) -> None:
    """Raises Malformed if there are more."""
    if len(items) > most:
        raise Malformed(url, f"more than {most:,} {what}", "split the file")


def check_marks(text: AnyStr, marks: tuple[AnyStr, ...], what: str, url: str, most: int) -> None:
    """Raises Malformed if `text` has more of these marks, one for each thing that it holds."""
    if len(text) > most and sum(text.count(mark) for mark in marks) > most:
        raise Malformed(url, f"more than {most:,} {what}", "split the file")
