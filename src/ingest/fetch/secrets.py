"""Credentials: a value looked up by name when it is needed, sent to the source's own origin only, shown to nobody."""

import base64
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from yarl import URL

from ingest.errors import BadConfig, Refused
from ingest.model import Credential

MASK = "***"
_PAIRS = ("basic", "oauth")  # two parts, with a colon between them
Secrets = Callable[[Credential], str | None]


def resolve_secret(credential: Credential) -> str:
    """The secret itself: user:password for `basic`, id:secret for `oauth`, the private key for `key`, else the token.

    From the environment variable `env`, or the Airflow connection `connection` (login and password; where Airflow
    looks: AIRFLOW_CONN_…, a secrets backend, its database). Raises BadConfig that names what is missing.
    """
    if credential.env:
        value = os.environ.get(credential.env, "").strip()
        if not value:
            raise BadConfig(credential.env, "the environment variable is not set", "a source's credential names it")
        return value
    if credential.connection:
        return _airflow_secret(credential.connection, credential.kind)
    raise BadConfig("credential", "names neither an environment variable nor a connection", "set env or connection")


def _airflow_secret(connection_id: str, kind: str) -> str:
    hint = f"add the connection, or set AIRFLOW_CONN_{connection_id.upper()}"
    try:
        from airflow.sdk import Connection  # seconds to import, so only for those who ask for it
    except ImportError as e:
        raise BadConfig(connection_id, "an Airflow connection, but Airflow is not installed", hint) from e
    try:
        connection = Connection.get(connection_id)
    except Exception as e:  # AirflowNotFoundException, or whatever its secrets backend raises; none is ours to know
        raise BadConfig(connection_id, f"Airflow has no such connection: {type(e).__name__}", hint) from e
    if not connection.password:
        raise BadConfig(connection_id, "the Airflow connection has no password", hint)
    return f"{connection.login or ''}:{connection.password}" if kind in _PAIRS else str(connection.password)


@dataclass(frozen=True)
class Access:
    """What a source's credential adds to a request. Without a credential it adds nothing.

    `token` is what an OAuth server gave for the secret; only then has an `oauth` credential anything to add.
    """

    home: str = ""  # the registry's URL: the origin the secret belongs to
    credential: Credential | None = None
    secret: str = field(default="", repr=False)
    token: str = field(default="", repr=False)

    @classmethod
    def of(cls, credential: Credential | None, home: str, secrets: Secrets) -> "Access":
        """Look the secret up. Raises BadConfig if it is missing or cannot be sent."""
        if credential is None:
            return cls()
        secret = secrets(credential)
        subject = credential.env or credential.connection or "credential"
        if not secret:
            raise BadConfig(subject, "has no value", "a source's credential names it")
        if credential.kind != "key" and not secret.isprintable():
            raise BadConfig(subject, "holds a line break or a control character", "check how it was set")
        if credential.kind in ("header", "query") and not credential.name:
            raise BadConfig(subject, f"a {credential.kind} credential needs `name`", "name the header or parameter")
        return cls(home, credential, secret)

    def headers(self, url: str) -> dict[str, str]:
        """Request headers for `url`, which are none when it is not at home."""
        if self.credential is None or not self._at_home(url):
            return {}
        match self.credential.kind:
            case "basic":
                return {"Authorization": f"Basic {self._basic}"}
            case "bearer":
                return {"Authorization": f"Bearer {self.secret}"}
            case "header":
                return {str(self.credential.name): self.secret}
            case "oauth":
                return {"Authorization": f"Bearer {self.token}"} if self.token else {}
            case "query" | "password" | "key":
                return {}

    def address(self, url: str) -> str:
        """`url` as it is sent: with the query parameter, if that is the kind and the URL is at home."""
        if self.credential is None or self.credential.kind != "query" or not self._at_home(url):
            return url
        pair = f"{quote_plus(str(self.credential.name))}={quote(self.secret, safe='')}"
        return f"{url}{'&' if '?' in url else '?'}{pair}"

    def without(self, url: str) -> str:
        """`url` without our query parameter, which a redirect may echo.

        Raises Refused if it takes the secret to another host.
        """
        if self.credential is None:
            return url
        if self.credential.kind == "query":
            url = self._without_parameter(url)
        if not self._at_home(url) and self.redact(url) != url:
            raise Refused(self.redact(url), "a redirect that carries our credential to another host")
        return url

    def redact(self, text: str) -> str:
        """`text` with the secret, in any of the forms it is sent in, as ***."""
        if not self.secret:
            return text
        forms = [self.secret, self._basic, self.token]
        if self.credential and self.credential.kind in _PAIRS:
            forms.append(self.pair[1])
        forms = sorted(filter(None, forms), key=len, reverse=True)
        return re.sub("|".join(_any_quoting(form) for form in forms), MASK, text)

    @property
    def pair(self) -> tuple[str, str]:
        """User and password, or client id and secret."""
        user, _, password = self.secret.partition(":")
        return user, password

    @property
    def _basic(self) -> str:
        return base64.b64encode(self.secret.encode()).decode()

    def _without_parameter(self, url: str) -> str:
        path, mark, query = url.partition("?")
        kept = [pair for pair in query.split("&") if not self._is_ours(pair)]
        return path + mark + "&".join(kept) if any(kept) else path

    def _is_ours(self, pair: str) -> bool:
        name, _, value = pair.partition("=")
        is_secret = self.secret in (unquote(value), unquote_plus(value))
        return self.credential is not None and unquote_plus(name) == self.credential.name and is_secret

    def _at_home(self, url: str) -> bool:
        home, there = URL(self.home), URL(url)
        same = (home.scheme, home.port) == (there.scheme, there.port)
        upgraded = there.scheme == "https" and there.is_default_port() and home.is_default_port()
        return home.raw_host == there.raw_host and (same or upgraded)


def _any_quoting(secret: str) -> str:
    """A pattern for `secret` with any of its characters percent-encoded: servers and URL libraries differ in which."""
    return "".join(f"(?:{re.escape(c)}|{_quoted(c)}{'|[+]' if c == ' ' else ''})" for c in secret)


def _quoted(character: str) -> str:
    return "".join(f"%(?i:{byte:02x})" for byte in character.encode())
