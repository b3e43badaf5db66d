"""The day a page shows to its readers, where no vocabulary tells it."""

import logging
from datetime import datetime

from ingest.extract.dates import read_date

_MAX_CHARS = 1_000_000


def visible_date(text: str, url: str, zone: str) -> datetime | None:
    """The publication day that htmldate finds in the address, the markup and the text."""
    if len(text) > _MAX_CHARS:
        return None
    from htmldate import find_date

    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    try:
        # The bound is fixed, or today's date would be an input.
        day = find_date(text, url=url, original_date=True, max_date="2099-12-31")
    except (ValueError, TypeError, RecursionError):
        return None
    # The first of January is what a year alone ("© 2016") is read as.
    return None if day and day.endswith("-01-01") and day.replace("-", "/")[:7] not in url else read_date(day, zone)
