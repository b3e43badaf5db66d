"""The byline as wires print it, without the word for "by"."""

import re

_BY = re.compile(r"(?:by|von|par|por|di|av|af|door)\s{1,3}(?=[^\W\d_])", re.IGNORECASE)


def byline_of(printed: str | None) -> str | None:
    """Without the word for "by"."""
    return (_BY.sub("", printed, count=1).strip() if _BY.match(printed) else printed) or None if printed else None
