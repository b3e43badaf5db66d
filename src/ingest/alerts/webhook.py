"""Any program: JSON by POST, signed as notices are."""

from __future__ import annotations

import asyncio
from datetime import datetime
from urllib.parse import urlsplit

from ingest.alerts.letter import Letter
from ingest.errors import BadConfig, NotSent
from ingest.model import to_json
from ingest.notices.deliver import post, signed


class Webhook:
    def __init__(self, address: str, key: str) -> None:
        if not key:
            raise BadConfig("INGEST_NOTICE_KEY", "not set", "a secret that webhooks check alerts with")
        self._address, self._key = address, key

    def send(self, letter: Letter, now: datetime) -> None:
        body = to_json(letter)
        if why := asyncio.run(post(self._address, body, signed(self._key, body, now))):
            raise NotSent(urlsplit(self._address).hostname or "?", why, "is it up? `ingest alerts test`")
