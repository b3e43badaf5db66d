"""What subscriber and hub say to each other. Pure."""

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urljoin

from ingest.fetch.pages import linked
from ingest.model import FeedInfo
from ingest.state.models import SubscriptionRow

LEASE_S = 10 * 86_400  # asked for; the hub decides
MIN_LEASE_S, MAX_LEASE_S = 300, 90 * 86_400
RENEW_AT = 0.7  # of a lease
ANSWER_WITHIN = timedelta(hours=1)  # for a hub to verify what it was asked
RETRY = (timedelta(minutes=5), timedelta(hours=1), timedelta(hours=6), timedelta(days=1))
_ALGORITHMS = ("sha512", "sha384", "sha256", "sha1")


def hub_of(headers: Sequence[tuple[str, str]], feed: FeedInfo, url: str) -> tuple[str, str] | None:
    """The hub and the topic that a feed names: its Link headers, else itself (section 4). None if it names no hub."""
    hub, topic = linked(headers, "hub"), linked(headers, "self")
    if hub is None:
        hub, topic = feed.hub_url, feed.self_url
    try:
        return (urljoin(url, hub), urljoin(url, topic or url)) if hub else None
    except ValueError:
        return None


def secret_for(key: str, token: str) -> str:
    """One subscription's secret; none is stored, since the service's own key makes them again."""
    return hmac.new(key.encode(), token.encode(), sha256).hexdigest()


def request_form(row: SubscriptionRow, mode: str, callback: str, key: str) -> dict[str, str]:
    """What to post to the hub (section 5.1)."""
    form = {"hub.mode": mode, "hub.topic": row.topic, "hub.callback": f"{callback.rstrip('/')}/{row.token}"}
    if mode == "subscribe":
        form |= {"hub.lease_seconds": str(LEASE_S), "hub.secret": secret_for(key, row.token)}
    return form


def verified(row: SubscriptionRow | None, query: Mapping[str, str], now: datetime) -> SubscriptionRow | None:
    """The row after a hub's verification of intent (section 5.3); None for what we never asked, or of another topic."""
    if row is None or query.get("hub.topic") != row.topic:
        return None
    match query.get("hub.mode"), row.state:
        case "subscribe", "asked" | "active":
            stated = query.get("hub.lease_seconds", "")
            lease_s = int(stated) if stated.isascii() and stated.isdigit() and len(stated) < 12 else LEASE_S
            lease_s = min(max(lease_s, MIN_LEASE_S), MAX_LEASE_S)
            return row.model_copy(
                update={
                    "state": "active",
                    "lease_until": now + timedelta(seconds=lease_s),
                    "next_try_at": now + timedelta(seconds=lease_s * RENEW_AT),
                    "failures": 0,
                    "last_error": None,
                }
            )
        case "unsubscribe", "leaving":
            return row.model_copy(update={"state": "gone"})
        case "denied", "asked" | "active":
            why = " ".join(query.get("hub.reason", "").split())[:200]
            return failed(row, f"the hub denied it{': ' + why if why else ''}", now)
    return None


def failed(row: SubscriptionRow, why: str, now: datetime) -> SubscriptionRow:
    """Asked again later, more and more seldom, down to once a day. The feed is polled as ever meanwhile."""
    wait = RETRY[min(row.failures, len(RETRY) - 1)]
    state = row.state if row.state in ("active", "leaving") and not is_over(row, now) else "failed"
    changes = {"state": state, "failures": row.failures + 1, "last_error": why, "next_try_at": now + wait}
    return row.model_copy(update=changes)


def is_over(row: SubscriptionRow, now: datetime) -> bool:
    return row.lease_until is not None and row.lease_until <= now


def signature_holds(header: str | None, secret: str, body: bytes) -> bool:
    """Whether X-Hub-Signature is that of `body` (section 8): `method=hex`, by one of the four methods."""
    method, _, given = (header or "").strip().partition("=")
    if method.lower() not in _ALGORITHMS:
        return False
    made = hmac.new(secret.encode(), body, method.lower()).hexdigest()
    return hmac.compare_digest(made.encode(), given.strip().lower().encode("utf-8", "replace"))
