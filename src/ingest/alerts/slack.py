"""Slack's incoming webhooks, with Block Kit. What comes from outside can neither mention nor link."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from ingest.alerts.letter import Letter, Line, is_address, one_line
from ingest.errors import BadConfig, NotSent
from ingest.notices.deliver import post

_SERVICES = "https://hooks.slack.com/services/"  # Airflow's Slack connections may hold only what comes after it
_MARKS = {"critical": "🔴", "warning": "🟠"}
_HEADER = 150  # characters that Slack allows; 3,000 in a section
_OVER = 5
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Slack:
    def __init__(self, address: str) -> None:
        address = address if "://" in address else _SERVICES + address.strip("/")
        parts = urlsplit(address)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise BadConfig("slack", "its webhook's address is not https", "copy it from Slack again")
        self._address = address

    def send(self, letter: Letter, now: datetime) -> None:
        if why := asyncio.run(post(self._address, json.dumps(payload(letter)).encode(), {})):
            raise NotSent("slack", why, "does the webhook exist? `ingest alerts test`")


def payload(letter: Letter) -> dict[str, Any]:
    blocks = [{"type": "header", "text": {"type": "plain_text", "text": one_line(letter.subject, _HEADER)}}]
    blocks += [_section(text) for text in _texts(letter)]
    # `text` is for notifications; without "none" Slack would look for names and addresses in it
    return {"text": escape(letter.subject), "parse": "none", "unfurl_links": False, "blocks": blocks}


def escape(text: str) -> str:
    """Slack's three: with them neither `<!channel>` nor `<https://…|a name>` is one."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _texts(letter: Letter) -> Iterator[str]:
    yield from map(_alert, letter.begun)
    if letter.over:
        yield "\n".join(f"✅ Over: {escape(line)}" for line in letter.over[:_OVER])
    if more := letter.more + max(0, len(letter.over) - _OVER):
        yield f"And {more} more: `ingest alerts list`"


def _alert(one: Line) -> str:
    named = f": {escape(one.subject)}" if one.subject else ""
    links = [_link(*link) for link in one.links]
    return (
        f"{_MARKS[one.severity]} *{escape(one.title)}*{named}\n{escape(one.what)}\n"
        f"{escape(one.advice)}\n{' · '.join(links)}"
    )


def _link(name: str, target: str) -> str:
    return f"<{escape(target).replace('|', '%7C')}|{name}>" if is_address(target) else f"{name}: {escape(target)}"


def _section(text: str) -> dict[str, Any]:
    # verbatim: neither addresses nor names in it become links
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
