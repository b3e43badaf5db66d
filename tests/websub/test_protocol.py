"""What subscriber and hub say to each other."""

import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.model import FeedInfo
from ingest.state.models import SubscriptionRow
from ingest.websub.protocol import RENEW_AT, failed, hub_of, request_form, secret_for, signature_holds, verified

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)
URL, HUB = "https://quay.example/rss", "https://hub.example/"
ASKED = SubscriptionRow(source_id="quay", url=URL, hub=HUB, topic=URL, token="t0ken", state="asked", next_try_at=NOW)
YES = {"hub.mode": "subscribe", "hub.topic": URL, "hub.challenge": "c", "hub.lease_seconds": "86400"}


@pytest.mark.parametrize(
    ("headers", "feed", "expected"),
    [
        ([("Link", f'<{HUB}>; rel="hub", <{URL}>; rel=self')], {}, (HUB, URL)),
        ([("link", f"<{HUB}>; rel=hub"), ("Link", "</x>; rel=self")], {}, (HUB, "https://quay.example/x")),
        ([], {"hub_url": HUB, "self_url": "https://quay.example/own"}, (HUB, "https://quay.example/own")),
        ([], {"hub_url": HUB}, (HUB, URL)),
        ([("Link", f"<{HUB}>; rel=hub")], {"hub_url": "https://other.example/"}, (HUB, URL)),
        ([("Link", f"<{HUB}>; rel=hub, <{URL}>; rel=self")], {}, (HUB, URL)),
        ([("Link", "<https://quay.example/2>; rel=next")], {}, None),
    ],
)
def test_the_hub_is_named_by_headers_or_by_the_feed(
    headers: list[tuple[str, str]], feed: dict[str, str], expected: tuple[str, str] | None
) -> None:
    assert hub_of(headers, FeedInfo.model_validate(feed), URL) == expected


def test_a_request_names_topic_callback_and_a_secret_of_its_own() -> None:
    form = request_form(ASKED, "subscribe", "https://us.example/websub/", "k" * 16)
    assert form["hub.callback"] == "https://us.example/websub/t0ken"
    assert form["hub.secret"] == secret_for("k" * 16, "t0ken") != secret_for("k" * 16, "other")
    assert "hub.secret" not in request_form(ASKED, "unsubscribe", "https://us.example", "k" * 16)


def test_what_was_asked_is_verified_and_renewed_before_its_end() -> None:
    row = verified(ASKED, YES, NOW)
    assert row and (row.state, row.lease_until) == ("active", NOW + timedelta(days=1))
    assert row.next_try_at == NOW + RENEW_AT * timedelta(days=1)


@pytest.mark.parametrize(("said", "days"), [("1", 300 / 86_400), ("99999999999", 90), ("x", 10), ("", 10), ("-5", 10)])
def test_a_lease_has_bounds(said: str, days: float) -> None:
    row = verified(ASKED, YES | {"hub.lease_seconds": said}, NOW)
    assert row and row.lease_until == NOW + timedelta(days=days)


@pytest.mark.parametrize(
    ("row", "changes"),
    [
        (None, {}),
        (ASKED, {"hub.topic": "https://evil.example/"}),
        (ASKED, {"hub.mode": "unsubscribe"}),
        (ASKED, {"hub.mode": "nonsense"}),
        (ASKED.model_copy(update={"state": "failed"}), {}),
        (ASKED.model_copy(update={"state": "leaving"}), {}),
    ],
)
def test_what_was_not_asked_is_not_confirmed(row: SubscriptionRow | None, changes: dict[str, str]) -> None:
    assert verified(row, YES | changes, NOW) is None


def test_leaving_is_confirmed() -> None:
    row = verified(ASKED.model_copy(update={"state": "leaving"}), YES | {"hub.mode": "unsubscribe"}, NOW)
    assert row and row.state == "gone"


def test_a_denial_is_told_and_tried_again_later() -> None:
    row = verified(ASKED, {"hub.mode": "denied", "hub.topic": URL, "hub.reason": "not\nallowed"}, NOW)
    assert row and (row.state, row.last_error) == ("failed", "the hub denied it: not allowed")
    waits = []
    for _ in range(6):
        waits.append(row.next_try_at - NOW)
        row = failed(row, "again", NOW)
    assert waits == sorted(waits) and waits[-1] == timedelta(days=1)


def test_a_renewal_that_fails_leaves_a_lease_in_force() -> None:
    row = ASKED.model_copy(update={"state": "active", "lease_until": NOW + timedelta(days=1)})
    assert failed(row, "hub is down", NOW).state == "active"
    assert failed(row, "hub is down", NOW + timedelta(days=2)).state == "failed"


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_signatures(method: str) -> None:
    good = hmac.new(b"s", b"body", method).hexdigest()
    assert signature_holds(f"{method}={good}", "s", b"body")
    assert signature_holds(f"{method.upper()}={good.upper()}", "s", b"body")
    assert not signature_holds(f"{method}={good}", "s", b"body ")
    assert not signature_holds(f"{method}={good}", "other", b"body")


@given(st.none() | st.text(max_size=100))
def test_no_other_signature_holds(header: str | None) -> None:
    assert not signature_holds(header, "s", b"body")
