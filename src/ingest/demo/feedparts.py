"""What the feed formats of the demo have in common."""

from datetime import datetime
from email.utils import format_datetime
from html import escape
from zoneinfo import ZoneInfo

from ingest.demo.items import TruthItem
from ingest.demo.outlets import Outlet

Items = tuple[TruthItem, ...]

_TRACKING = "?utm_source=feed&utm_medium=rss&at_campaign=daily"


def link(outlet: Outlet, item: TruthItem) -> str:
    """The item's address as the feed gives it, with tracking parameters where the outlet is that kind."""
    return (item.url or "") + (_TRACKING if outlet.tracking else "")


def element(name: str, text: str, **attributes: str) -> str:
    """One XML element with escaped text."""
    held = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    return f"<{name}{held}>{escape(text, quote=False)}</{name}>"


def rfc822(moment: datetime, zone: str) -> str:
    return format_datetime(moment.astimezone(ZoneInfo(zone)))


def w3c(moment: datetime, outlet: Outlet | None = None) -> str:
    if outlet and outlet.zoneless_dates:
        return moment.astimezone(ZoneInfo(outlet.zone)).strftime("%Y-%m-%dT%H:%M:%S")
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
