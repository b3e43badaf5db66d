"""The byline as wires print it, without the word for "by"."""

import re

# A surname may begin with the latter: "Da Silva" alone and "von der Heide" stay as they are.
_BY = re.compile(
    r"\s{0,9}(?:(?:by|par|por|door)[\s:]{1,5}(?=[^\W\d_])|(?:von|di|da|av|af)[\s:]{1,5}(?=(?-i:[^\W\d_a-zß-öø-ÿ])\S{0,60}[\s,]))",
    re.IGNORECASE,
)


def byline_of(printed: str | None) -> str | None:
    """Without the word for "by"."""
    return (_BY.sub("", printed, count=1).strip() if _BY.match(printed) else printed) or None if printed else None
