"""OAuth 2 client credentials (RFC 6749 section 4.4): id and secret become a token, kept for the session.

The answer of a token server is never repeated in an error: it may echo what it was sent.
"""

import asyncio
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote_plus

from pydantic import BaseModel, Field, ValidationError

from ingest.errors import BadConfig, FetchFailed, HttpError
from ingest.fetch.client import Ask, Client, Trail
from ingest.fetch.secrets import Access
from ingest.model import Credential, Limits

_MAX_ANSWER = 100_000  # bytes
_MAX_TOKEN = 8_000  # characters; what a header line of usual servers takes
_EARLY_S = 30.0  # a token is renewed so long before its end
_DEFAULT_S = 300.0  # where the server does not say (it SHOULD)


class _Answer(BaseModel):
    access_token: str = Field(min_length=1, max_length=_MAX_TOKEN, pattern=r"^[!-~]+$")
    expires_in: float | None = None


class Tokens:
    """The tokens of one session, by what they were asked with. `client` sends the form, guarded as everything is."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._held: dict[tuple[str, str, str | None], tuple[str, float]] = {}
        self._lock = asyncio.Lock()

    async def grant(self, access: Access, limits: Limits, now: datetime, *, renew: bool = False) -> Access:
        """`access` with a token, for an `oauth` credential; else as it is. `renew`: the one in it was turned down.

        Raises BadConfig for a refused id or secret, FetchFailed and its kin for a server that is not there.
        """
        credential = access.credential
        if credential is None or credential.kind != "oauth":
            return access
        key = (_token_url(credential), access.secret, credential.scope)
        clock = asyncio.get_running_loop().time
        async with self._lock:
            token, ends = self._held.get(key, ("", 0.0))
            if clock() >= ends or (renew and token == access.token):
                token, lasts_s = await self._ask(access, credential, limits, now)
                self._held[key] = (token, clock() + lasts_s - _EARLY_S)
        return replace(access, token=token)

    def held(self, access: Access) -> Access:
        """`access` with the token there is, if there is one: to redact."""
        credential = access.credential
        if credential is None or credential.kind != "oauth" or not credential.token_url:
            return access
        token, _ = self._held.get((credential.token_url, access.secret, credential.scope), ("", 0.0))
        return replace(access, token=token)

    async def _ask(self, access: Access, credential: Credential, limits: Limits, now: datetime) -> tuple[str, float]:
        url = _token_url(credential)
        client_id, secret = access.pair
        form = {"grant_type": "client_credentials"} | ({"scope": credential.scope} if credential.scope else {})
        # The form of authentication every server must know (2.3.1); the secret goes to this address, which is its home.
        basic = Access(url, Credential(kind="basic", env=credential.env), _encoded(client_id, secret))
        ask = Ask({"Accept": "application/json"}, basic, form=form)
        bounds = limits.model_copy(update={"max_bytes": _MAX_ANSWER, "max_decompressed_bytes": _MAX_ANSWER})
        try:
            answer = _Answer.model_validate_json((await self._client.post(url, ask, bounds, Trail(now))).body)
        except HttpError as e:
            if e.status in (400, 401, 403):
                hint = f"check what {credential.env or credential.connection} holds (id:secret), and the scope"
                raise BadConfig(url, f"the token server refuses us: HTTP status {e.status}", hint) from None
            raise
        except ValidationError:
            raise FetchFailed(url, "no token in the token server's answer", "check credential.token_url") from None
        return answer.access_token, _DEFAULT_S if answer.expires_in is None else answer.expires_in


def _token_url(credential: Credential) -> str:
    if not credential.token_url:
        raise BadConfig(credential.env or "credential", "an oauth credential needs token_url", "see docs/sources.md")
    return credential.token_url


def _encoded(client_id: str, secret: str) -> str:
    """Both parts form-encoded before they become Basic, as 2.3.1 has it."""
    return f"{quote_plus(client_id)}:{quote_plus(secret)}"
