"""A feed over HTTP: conditional requests, moves, pauses, retirement."""

from datetime import timedelta

import pytest

from ingest.errors import FetchFailed, Gone, HttpError
from ingest.fetch import HttpFetcher, fetch_source
from ingest.model import FeedState, Limits
from tests.fetch.conftest import NOW, ask, source
from tests.fetch.server import Server, failing, ok, to

FEED = b"<rss version='2.0'><channel><title>Nowhere</title></channel></rss>"
ETAG, DATE = 'ETag: "v1"', "Last-Modified: Fri, 13 Mar 2026 10:00:00 GMT"
NOT_MODIFIED = b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n"


async def test_a_new_feed(server: Server, fetcher: HttpFetcher) -> None:
    url = server.on(
        "/feed", ok(FEED, ETAG, DATE, "Content-Type: application/rss+xml; charset=utf-8", "Set-Cookie: a=b")
    )
    fetched = await ask(fetcher, url, zone="Europe/Rome", language="it")
    assert (fetched.outcome, fetched.error, fetched.received_bytes) == ("new", None, len(FEED))
    payload = fetched.payloads[0]
    assert (payload.body, payload.url, payload.status, payload.raw) == (FEED, url, 200, None)
    assert (payload.zone, payload.language, payload.fetched_at) == ("Europe/Rome", "it", NOW)
    assert payload.content_type == "application/rss+xml; charset=utf-8"
    assert "set-cookie" not in {name.lower() for name, _ in (*payload.headers, *fetched.headers)}
    assert fetched.state.etag == '"v1"'
    assert fetched.state.last_changed_at == fetched.state.last_success_at == NOW
    assert server.requests[0].headers["user-agent"] == "test-agent/1"


async def test_both_validators_go_out_and_a_304_keeps_them(server: Server, fetcher: HttpFetcher) -> None:
    url = server.on("/feed", ok(FEED, ETAG, DATE), NOT_MODIFIED)
    first = await ask(fetcher, url)
    second = await ask(fetcher, url, first.state, NOW + timedelta(hours=1))
    asked = server.requests[1].headers
    assert (asked["if-none-match"], asked["if-modified-since"]) == ('"v1"', "Fri, 13 Mar 2026 10:00:00 GMT")
    assert (second.outcome, second.payloads, second.state.last_changed_at) == ("not_modified", (), NOW)
    assert (second.state.etag, second.state.last_modified) == (first.state.etag, first.state.last_modified)
    assert second.state.last_success_at == NOW + timedelta(hours=1)


async def test_a_200_without_a_validator_clears_it(server: Server, fetcher: HttpFetcher) -> None:
    url = server.on("/feed", ok(FEED, ETAG, DATE), ok(FEED + b"\n", DATE), ok(FEED))
    first = await ask(fetcher, url)
    second = await ask(fetcher, url, first.state)
    third = await ask(fetcher, url, second.state)
    assert (second.state.etag, second.state.last_modified) == (None, DATE.partition(": ")[2])
    assert "if-none-match" not in server.requests[2].headers
    assert third.state.last_modified is None


async def test_equal_bytes_are_not_modified_with_renewed_validators(server: Server, fetcher: HttpFetcher) -> None:
    url = server.on("/feed", ok(FEED, ETAG), ok(FEED, 'ETag: "v2"'))
    first = await ask(fetcher, url)
    second = await ask(fetcher, url, first.state, NOW + timedelta(hours=1))
    assert (second.outcome, second.payloads, second.state.etag) == ("not_modified", (), '"v2"')
    assert second.state.last_changed_at == NOW


async def test_a_304_that_was_not_asked_for_is_a_failure(server: Server, fetcher: HttpFetcher) -> None:
    fetched = await ask(fetcher, server.on("/feed", NOT_MODIFIED))
    assert (fetched.outcome, fetched.error_code) == ("failed", "fetch-failed")


async def test_a_validator_that_cannot_be_sent_back_is_not_kept(server: Server, fetcher: HttpFetcher) -> None:
    url = server.on("/feed", ok(FEED).replace(b"Connection", b'ETag: "\xff\xfe"\r\nConnection'))
    first = await ask(fetcher, url)
    assert first.state.etag is None
    assert first.model_dump_json()


async def test_validators_go_only_to_the_address_they_came_from(server: Server, fetcher: HttpFetcher) -> None:
    """Two edges of one publisher may both call their version "v1" and mean different feeds."""
    url = server.on("/feed", to("/edge-1"), to("/edge-2"), to("/edge-1"))
    server.on("/edge-1", ok(FEED, ETAG), ok(FEED, ETAG))
    server.on("/edge-2", ok(FEED + b"\n", ETAG))
    first = await ask(fetcher, url)
    second = await ask(fetcher, url, first.state)
    assert second.outcome == "new"
    assert not any("if-none-match" in request.headers for request in server.requests)
    await ask(fetcher, url, second.state.model_copy(update={"cursor": first.state.cursor}))
    assert [request.headers.get("if-none-match") for request in server.requests[-2:]] == [None, '"v1"']


async def test_a_permanent_move_is_remembered_at_the_second_time(server: Server, fetcher: HttpFetcher) -> None:
    url = server.on("/old", to("/new", 301))
    new = server.on("/new", ok(FEED))
    first = await ask(fetcher, url)
    assert (first.state.moved_to, first.state.moved_seen) == (None, 1)
    second = await ask(fetcher, url, first.state)
    assert (second.state.moved_to, second.state.moved_seen) == (new, 2)
    third = await ask(fetcher, url, second.state)
    assert [hop.url for hop in third.hops] == [new]
    assert (third.url, third.state.url, third.state.moved_to) == (url, url, new)


async def test_validators_of_the_old_address_are_not_sent_to_the_new(server: Server, fetcher: HttpFetcher) -> None:
    new = server.on("/new", ok(FEED, ETAG))
    state = FeedState(source_id="times", url=server.url("/old"), etag='"old"', moved_to=new, moved_seen=2)
    await ask(fetcher, state.url, state)
    assert "if-none-match" not in server.requests[0].headers


@pytest.mark.parametrize("answers", [(to("/a", 301), to("/b", 308)), (to("/a", 302), to("/a", 307))])
async def test_what_is_no_lasting_move(server: Server, fetcher: HttpFetcher, answers: tuple[bytes, bytes]) -> None:
    url = server.on("/old", *answers)
    server.on("/a", ok(FEED))
    server.on("/b", ok(FEED))
    first = await ask(fetcher, url)
    second = await ask(fetcher, url, first.state)
    assert second.state.moved_to is None
    assert second.state.moved_seen <= 1


async def test_a_lost_new_address_brings_the_old_one_back(server: Server, fetcher: HttpFetcher) -> None:
    url = server.on("/old", ok(FEED))
    state = FeedState(source_id="times", url=url, moved_to=server.on("/new", failing(410)), moved_seen=2)
    lost = await ask(fetcher, url, state)
    assert (lost.outcome, lost.state.retired_at, lost.state.moved_to) == ("failed", None, None)
    assert (await ask(fetcher, url, lost.state)).outcome == "new"


async def test_gone_retires_the_feed(server: Server, fetcher: HttpFetcher) -> None:
    fetched = await ask(fetcher, server.on("/feed", failing(410)))
    assert (fetched.outcome, fetched.error_code, fetched.state.retired_at) == ("failed", "gone", NOW)


async def test_gone_behind_a_temporary_redirect_does_not(server: Server, fetcher: HttpFetcher) -> None:
    url = server.on("/feed", to("/today", 302))
    server.on("/today", failing(410))
    assert (await ask(fetcher, url)).state.retired_at is None


@pytest.mark.parametrize(
    ("status", "value", "seconds"),
    [
        (429, "120", 120),
        (503, "Sat, 14 Mar 2026 03:00:00 GMT", 3600),
        (503, "99999999999", None),
        (429, "99999999", 7 * 86_400),
        (429, "soon", None),
        (429, "Fri, 13 Mar 2026 03:00:00 GMT", None),
        (500, "120", None),
    ],
)
async def test_retry_after(server: Server, fetcher: HttpFetcher, status: int, value: str, seconds: int | None) -> None:
    fetched = await ask(fetcher, server.on("/feed", failing(status, f"Retry-After: {value}")))
    assert (fetched.error_code, fetched.state.last_status) == ("http-error", status)
    until = fetched.state.not_before
    assert (round((until - NOW).total_seconds(), -1) if until else None) == seconds  # it counts from the answer


async def test_failures_count_up_and_a_success_ends_them(server: Server, fetcher: HttpFetcher) -> None:
    url = server.on("/feed", failing(500), failing(404), ok(FEED))
    first = await ask(fetcher, url)
    second = await ask(fetcher, url, first.state)
    assert (second.state.failures, second.state.last_error) == (2, second.error)
    third = await ask(fetcher, url, second.state)
    assert (third.state.failures, third.state.last_error, third.state.last_status) == (0, None, 200)


@pytest.mark.parametrize("status", [204, 206, 202, 300])
async def test_other_statuses_are_no_feed(server: Server, fetcher: HttpFetcher, status: int) -> None:
    assert (await ask(fetcher, server.on("/feed", failing(status)))).outcome == "failed"


async def test_an_empty_feed_is_a_failure_and_keeps_the_validators(server: Server, fetcher: HttpFetcher) -> None:
    url = server.on("/feed", ok(FEED, ETAG), ok(b"", 'ETag: "v2"'))
    first = await ask(fetcher, url)
    second = await ask(fetcher, url, first.state)
    assert (second.outcome, second.state.etag) == ("failed", '"v1"')


async def test_pages_raise(server: Server, fetcher: HttpFetcher) -> None:
    page = await fetcher.get(server.on("/page", ok(b"<p>Hello", "X: y")), Limits(), fetch_time=NOW)
    assert (page.body, page.header("x"), page.payload(source(page.url)).body) == (b"<p>Hello", "y", b"<p>Hello")
    with pytest.raises(HttpError) as missing:
        await fetcher.get(server.on("/404", failing(404)), Limits(), fetch_time=NOW)
    assert missing.value.status == 404
    with pytest.raises(Gone):
        await fetcher.get(server.on("/410", failing(410)), Limits(), fetch_time=NOW)


async def test_a_host_that_says_429_is_left_alone(server: Server) -> None:
    async with HttpFetcher("polite/1", allow_nets="127.0.0.0/8", host_delay_s=0.01) as fetcher:
        with pytest.raises(HttpError):
            await fetcher.get(server.on("/page", failing(429, "Retry-After: 9000")), Limits(), fetch_time=NOW)
        with pytest.raises(FetchFailed, match=r"left alone for (9000|89[0-9]{2}) s more: it answered 429"):
            await fetcher.get(server.on("/other", ok(b"x")), Limits(), fetch_time=NOW)
    assert len(server.requests) == 1


async def test_a_source_with_several_feeds(server: Server, fetcher: HttpFetcher) -> None:
    good, bad = server.on("/good", ok(FEED)), server.on("/bad", failing(500))
    both = source(good, bad)
    fetched = await fetch_source(both, {}, NOW, fetcher)
    assert [(one.url, one.outcome) for one in fetched] == [(good, "new"), (bad, "failed")]
    states = {one.url: one.state for one in fetched}
    again = await fetch_source(both, states, NOW, fetcher, urls=[bad])
    assert [(one.url, one.state.failures) for one in again] == [(bad, 2)]
