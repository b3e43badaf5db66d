"""Where a page is at home: which zone its clock shows, and whether its dates have the month first."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from ingest.extract.tables import table

_TAG = re.compile(r"([a-zA-Z]{2,3})(?:[-_][a-zA-Z]{4})?(?:[-_]([a-zA-Z]{2}))?(?:[-_.]|$)")


@dataclass(frozen=True)
class Place:
    zone: str = "UTC"
    day_zone: str = "UTC"  # a day without a time is its midnight here: a guessed zone would move it to the day before
    month_first: bool | None = None  # None: not to be known
    language: str | None = None


def place_of(url: str, languages: tuple[str | None, ...], zone: str) -> Place:
    """By the country of the host, else of the language tags, best first. A `zone` but UTC is the source's own."""
    tags = [(m[1].lower(), (m[2] or "").lower()) for tag in languages if (m := _TAG.match(tag or ""))]
    language = tags[0][0] if tags else None
    country = _country(url, tags)
    day_zone = zone
    if zone == "UTC" and country:
        zone = table("zones")["country"][country]
    month_first = country in table("zones")["month_first"]["countries"] if country else None
    if month_first is None and language and language != "en":
        month_first = False
    return Place(zone, day_zone, month_first, language)


def _country(url: str, tags: list[tuple[str, str]]) -> str | None:
    zones = table("zones")
    host = (urlsplit(url).hostname or "").rsplit(".", 1)[-1]
    wanted = zones["generic"].get(host)
    if host in zones["country"] and (wanted is None or wanted in {language for language, _ in tags}):
        return host
    regions = ("uk" if region == "gb" else region for _, region in tags)
    homes = (zones["language"].get(language) for language, _ in tags)
    return next((c for c in (*regions, *homes) if c in zones["country"]), None)
