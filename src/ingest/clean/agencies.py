"""The agencies, syndicators and picture services that credits, datelines and notices name (tables/agencies.toml)."""

import re
from functools import cache, lru_cache
from typing import NamedTuple

from ingest.clean.tables import table, words

_NOISE = re.compile(r"[^\w]+")
_AGENCY_WORDS = words("words", "agencies")


class Agency(NamedTuple):
    name: str
    distributes: bool  # sells on what others made: Getty Images, TNS
    holder: str | None  # as rights notices name it
    wire: bool  # has datelines


@cache
def _known() -> dict[str, Agency]:
    known: dict[str, Agency] = {}
    for row in table("agencies")["agency"]:
        agency = Agency(row["name"], row.get("distributes", False), row.get("holder"), row.get("wire", True))
        for name in (row["name"], row.get("holder", ""), *row.get("also", ())):
            known[_key(name)] = agency
    return known


def _key(name: str) -> str:
    return _NOISE.sub("", name.casefold())


def agency_of(name: str | None) -> Agency | None:
    """The agency that `name` is a name of ("The Associated Press", "AP Photo"), or None."""
    return _named(name) if name and len(name) <= 80 else None


@lru_cache(maxsize=8192)  # the same few names stand in every credit
def _named(name: str) -> Agency | None:
    key = _key(name)
    return (_known().get(key) or _known().get(key.removeprefix("the"))) if key else None


def provider_of(name: str | None) -> str | None:
    """The short name of a known agency that makes news, not one that only passes it on; None for any other."""
    known = agency_of(name)
    return known.name if known and known.wire and not known.distributes else None


def is_agency_name(name: str) -> bool:
    """Whether a name that no table has says that it is an agency: Harbour Press Agency, Agence du Port."""
    return not _AGENCY_WORDS.isdisjoint(name.casefold().replace(",", " ").split())


def holder_of(name: str) -> str:
    """A rights holder's name as the table spells it, else as printed."""
    known = agency_of(name)
    return known.holder if known and known.holder else name
