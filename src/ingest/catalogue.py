"""A day's stories as static pages: an HTML index and an Atom feed (RFC 4287), for whoever reads without any tool.

One row a story, its canonical article; what readers may not see is not in it. All text is escaped, nothing is fetched
from elsewhere when a page is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from html import escape
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import quoteattr

from ingest.read import Reader

COLUMNS = (
    "article_id", "story_id", "headline", "summary", "url", "source_id", "provider", "byline", "language", "published",
    "updated", "fetched_at", "rights",
)  # fmt: skip
MAX_STORIES = 5_000
_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark"><title>Stories of {day}</title>
<link rel="alternate" type="application/atom+xml" href="{day}.atom">
<style>body{{font:1rem/1.5 system-ui,sans-serif;max-width:45rem;margin:2rem auto;padding:0 1rem}}
li{{margin:0 0 1rem}}small{{opacity:.75}}</style></head>
<body><h1>Stories of {day}</h1><p>{count} stories, the most copied first. <a href="{day}.atom">Atom</a></p>
<ol>
{items}
</ol></body></html>
"""
_FEED = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:ingest:stories:{day}</id><title>Stories of {day}</title>
<updated>{updated}</updated><generator>syndication ingest</generator><author><name>{author}</name></author>
{items}
</feed>
"""


def stories_of(reader: Reader, day: date) -> list[Mapping[str, Any]]:
    """The stories whose canonical article landed on a day (UTC), those with the most copies first."""
    since = datetime.combine(day, time(), UTC)
    rows = reader.stories(COLUMNS, since=since, until=since + timedelta(days=1)).arrow().to_pylist()
    return sorted(rows, key=lambda row: (-row["articles"], row["article_id"]))[:MAX_STORIES]


def pages(rows: Sequence[Mapping[str, Any]], day: date, author: str = "syndication ingest") -> dict[str, bytes]:
    """File name → content: DAY.html and DAY.atom."""
    updated = max((_when(row) for row in rows), default=datetime.combine(day, time(), UTC))
    html = _PAGE.format(day=day.isoformat(), count=len(rows), items="\n".join(map(_item, rows)))
    feed = _FEED.format(
        day=day.isoformat(), updated=_iso(updated), author=_text(author), items="\n".join(map(_entry, rows))
    )
    return {f"{day.isoformat()}.html": html.encode(), f"{day.isoformat()}.atom": feed.encode()}


def _item(row: Mapping[str, Any]) -> str:
    title = _text(row["headline"] or "(no headline)")
    if url := _address(row["url"]):
        title = f"<a href={quoteattr(url)} rel=noreferrer>{title}</a>"
    others = f", and {row['articles'] - 1} more in {len(row['sources'])} sources" if row["articles"] > 1 else ""
    told = f"{row['provider'] or row['source_id']}{others} · {_when(row):%H:%M} UTC"
    summary = f"<br>{_text(row['summary'])}" if row["summary"] else ""
    language = f" lang={quoteattr(row['language'])}" if row["language"] else ""
    rights = f"<br><small>{_text(_notice(row))}</small>" if _notice(row) else ""
    return f"<li{language}>{title}{summary}<br><small>{_text(told)}</small>{rights}</li>"


def _entry(row: Mapping[str, Any]) -> str:
    parts = [
        f"<id>urn:ingest:story:{_text(row['story_id'])}</id>",
        f"<title>{_text(row['headline'] or '(no headline)')}</title>",
        f"<updated>{_iso(row['updated'] or _when(row))}</updated>",
    ]
    if row["published"]:
        parts.append(f"<published>{_iso(row['published'])}</published>")
    if url := _address(row["url"]):
        parts.append(f"<link href={quoteattr(url)}/>")
    if row["summary"]:
        parts.append(f"<summary>{_text(row['summary'])}</summary>")
    parts.append(f"<author><name>{_text(row['byline'] or row['provider'] or row['source_id'])}</name></author>")
    if _notice(row):
        parts.append(f"<rights>{_text(_notice(row))}</rights>")
    return f"<entry>{''.join(parts)}</entry>"


def _notice(row: Mapping[str, Any]) -> str:
    rights = row["rights"] or {}
    return rights.get("notice") or rights.get("holder") or ""


def _when(row: Mapping[str, Any]) -> datetime:
    when: datetime = row["published"] or row["fetched_at"]
    return when


def _iso(when: datetime) -> str:
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _address(url: str | None) -> str | None:
    """Only the web's: a link may come from anywhere."""
    return url if url and urlsplit(url).scheme in ("http", "https") else None


def _text(text: str) -> str:
    """Escaped, and without what XML 1.0 has no place for."""
    plain = "".join(
        c for c in text if c in "\t\n\r" or "\x20" <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff"
    )
    return escape(plain)
