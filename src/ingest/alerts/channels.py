"""Where alerts go: INGEST_ALERTS names the channels, and this opens each and hands it the message.

`slack:NAME`, `mailto:ops@example.org`, `https://host/path`. NAME is an environment variable, or `airflow:CONNECTION`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

import structlog

from ingest.alerts.letter import Letter
from ingest.errors import BadConfig, IngestError
from ingest.fetch.secrets import resolve_secret
from ingest.model import Credential, Model
from ingest.settings import Settings

log = structlog.get_logger()

AIRFLOW = "airflow:"
_HINT = "slack:NAME, mailto:ops@example.org or https://host/path, with commas between: see docs/alerts.md"


class Channel(Protocol):
    def send(self, letter: Letter, now: datetime) -> None:
        """Raises NotSent."""


class Sent(Model):
    """A channel, as it may be shown, and why it did not take the message."""

    channel: str
    error: str | None = None


def specs_of(settings: Settings) -> list[str]:
    named = settings.alerts.get_secret_value() if settings.alerts else ""
    return [spec.strip() for spec in named.split(",") if spec.strip()]


def open_channel(spec: str, settings: Settings) -> Channel:
    """Raises BadConfig for what is no channel, and for a secret that is not there."""
    scheme, _, rest = spec.partition(":")
    if scheme == "slack" and rest:
        from ingest.alerts.slack import Slack

        return Slack(secret(rest))
    if scheme == "mailto" and rest:
        from ingest.alerts.mail import Mail, server_of

        return Mail(rest, server_of(settings.smtp.get_secret_value() if settings.smtp else ""))
    if scheme in ("https", "http"):
        from ingest.alerts.webhook import Webhook

        return Webhook(spec, settings.notice_key.get_secret_value() if settings.notice_key else "")
    raise BadConfig("INGEST_ALERTS", f"{shown(spec)} is no channel", _HINT)


def send(settings: Settings, letter: Letter, now: datetime) -> list[Sent]:
    """To each channel. One that fails is told in the log, and never fails what goes on around it."""
    return list(_each(specs_of(settings), settings, letter, now))


def _each(specs: Sequence[str], settings: Settings, letter: Letter, now: datetime) -> Iterator[Sent]:
    for spec in specs:
        try:
            open_channel(spec, settings).send(letter, now)
        except IngestError as e:
            log.warning("an alert was not sent", channel=shown(spec), code=e.code, error=str(e))
            yield Sent(channel=shown(spec), error=str(e))
        else:
            yield Sent(channel=shown(spec))


def secret(name: str) -> str:
    """Of the environment variable of that name, or the password of an Airflow connection. Raises BadConfig."""
    if name.startswith(AIRFLOW):
        return resolve_secret(Credential(kind="bearer", connection=name.removeprefix(AIRFLOW)))
    return resolve_secret(Credential(kind="bearer", env=name))


def shown(spec: str) -> str:
    """Without what an address may hide."""
    if spec.startswith(("https:", "http:")):
        return f"{spec.partition(':')[0]}://{urlsplit(spec).hostname or '?'}"
    return spec if spec.startswith(("slack:", "mailto:")) and "//" not in spec else f"{spec.partition(':')[0][:20]}:…"
