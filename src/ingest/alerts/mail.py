"""Mail, as plain text and as simple HTML. Passwords go over TLS only; without TLS nothing leaves this machine."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from html import escape
from urllib.parse import parse_qs, unquote, urlsplit

from ingest.alerts.letter import Letter, Line, is_address
from ingest.errors import BadConfig, NotSent

_TIMEOUT_S = 10.0
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_HINT = "INGEST_SMTP=smtp://user:password@host:587?from=ingest@example.org, or airflow:CONNECTION"


@dataclass(frozen=True)
class Server:
    """`is_tls`: from its first byte (port 465); else STARTTLS."""

    host: str
    port: int
    is_tls: bool
    user: str = ""
    password: str = field(default="", repr=False)
    sender: str = ""

    @property
    def needs_tls(self) -> bool:
        return bool(self.user) or self.host not in _LOOPBACK


def server_of(named: str) -> Server:
    """Of what INGEST_SMTP says. Raises BadConfig."""
    url = _airflow_url(named.removeprefix("airflow:")) if named.startswith("airflow:") else named
    parts = urlsplit(url)
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if parts.scheme not in ("smtp", "smtps") or not host:
        raise BadConfig("INGEST_SMTP", "not set" if not named else "not a mail server", _HINT)
    is_tls = parts.scheme == "smtps"
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    sender = parse_qs(parts.query).get("from", [user if "@" in user else ""])[0]
    return Server(host, port or (465 if is_tls else 587), is_tls, user, password, sender)


class Mail:
    def __init__(self, to: str, server: Server) -> None:
        for address in filter(None, (to, server.sender)):
            if "@" not in address or not address.isprintable() or set(address) & set(' ,;<>"'):
                raise BadConfig("INGEST_ALERTS", "not a mail address", "mailto:ops@example.org, one address each")
        self._to, self._server = to, server

    def send(self, letter: Letter, now: datetime) -> None:
        try:
            with self._connect() as smtp:
                smtp.send_message(message(letter, self._server.sender or self._to, self._to, now))
        except (smtplib.SMTPException, OSError) as e:
            raise NotSent(self._server.host, _why(e), "`ingest alerts test`; INGEST_SMTP") from e

    def _connect(self) -> smtplib.SMTP:
        server, context = self._server, ssl.create_default_context()
        if server.is_tls:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=_TIMEOUT_S, context=context)
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=_TIMEOUT_S)
        try:
            smtp.ehlo_or_helo_if_needed()
            if not server.is_tls and (server.needs_tls or smtp.has_extn("starttls")):
                smtp.starttls(context=context)  # raises if the server has none
            if server.user:
                smtp.login(server.user, server.password)
        except BaseException:
            smtp.close()
            raise
        return smtp


def message(letter: Letter, sender: str, to: str, now: datetime) -> EmailMessage:
    """No address or header comes from outside but the subject, which is one line."""
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = letter.subject, sender, to
    mail["Date"], mail["Message-ID"] = format_datetime(now), make_msgid(domain="ingest.invalid")
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    mail.set_content(letter.text())
    mail.add_alternative(html(letter), subtype="html")
    return mail


def html(letter: Letter) -> str:
    over = "".join(f"<li>{escape(line)}</li>" for line in letter.over)
    more = f"<p>And {letter.more} more: <code>ingest alerts list</code></p>" if letter.more else ""
    ended = f"<p>Over:</p><ul>{over}</ul>" if over else ""
    alerts = "".join(map(_alert, letter.begun))
    return f"<!DOCTYPE html><html><body><p>{escape(letter.subject)}</p>{alerts}{ended}{more}</body></html>"


def _alert(one: Line) -> str:
    named = f": {escape(one.subject)}" if one.subject else ""
    links = [_link(*link) for link in one.links]
    return (
        f"<h3>{escape(one.severity.upper())}: {escape(one.title)}{named}</h3><p>{escape(one.what)}<br>"
        f"{escape(one.advice)}<br>{' · '.join(links)}</p>"
    )


def _link(name: str, target: str) -> str:
    return f'<a href="{escape(target)}">{name}</a>' if is_address(target) else f"{name}: {escape(target)}"


def _why(error: Exception) -> str:
    """A server's answer may quote what it was sent: its code is enough."""
    code = f" {error.smtp_code}" if isinstance(error, smtplib.SMTPResponseException) else ""
    return f"{type(error).__name__}{code}"


def _airflow_url(connection_id: str) -> str:
    """An Airflow connection of the type `smtp`, in the words of INGEST_SMTP."""
    from urllib.parse import quote

    try:
        from airflow.sdk import Connection  # seconds to import, so only for those who ask for it

        one = Connection.get(connection_id)
    except Exception as e:  # no Airflow, no such connection, or whatever its secrets backend raises
        raise BadConfig("INGEST_SMTP", f"no Airflow connection {connection_id}: {type(e).__name__}", _HINT) from e
    extra = one.extra_dejson
    scheme = "smtp" if extra.get("disable_ssl") else "smtps"
    login = f"{quote(one.login, safe='')}:{quote(one.password or '', safe='')}@" if one.login else ""
    sender = quote(extra.get("from_email") or "", safe="")
    return f"{scheme}://{login}{one.host}:{one.port or ''}?from={sender}"
