"""Addresses: only public ones, however they are written and whatever the DNS says."""

import socket
from ipaddress import ip_address

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import BadConfig, FetchFailed, Refused
from ingest.fetch import HttpFetcher
from ingest.fetch.guard import Guard
from tests.fetch.conftest import ask
from tests.fetch.server import Server, ok, serve, to


class Names(AbstractResolver):
    """A DNS that gives each name its answers in turn, the last one for ever."""

    def __init__(self, **names: list[list[str]]) -> None:
        self.names = {name.replace("_", "."): answers for name, answers in names.items()}
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        answers = self.names[host]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [_result(host, port, address) for address in addresses]

    async def close(self) -> None:
        """Nothing is open."""


def _result(host: str, port: int, address: str) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)


@pytest.mark.parametrize(
    "address",
    """
    127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 100.100.100.200 0.0.0.0 255.255.255.255
    224.0.0.1 240.0.0.1 192.0.0.192 198.18.0.1 192.0.2.1 168.63.129.16 ::1 :: fe80::1 fc00::1 fd00:ec2::254 ff02::1
    ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b:1::1 2002:7f00:1:: 2001::1 2001:db8::1
    fec0::1
    """.split(),  # noqa: SIM905
)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not Guard().allows(ip_address(address))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "151.101.0.81", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public_addresses(address: str) -> None:
    assert Guard().allows(ip_address(address))


def test_allowed_networks() -> None:
    guard = Guard("127.0.0.0/8, 10.1.0.0/16,fd00::/8")
    assert all(guard.allows(ip_address(a)) for a in ("127.9.9.9", "10.1.2.3", "fd00::1", "::ffff:127.0.0.1"))
    assert not any(guard.allows(ip_address(a)) for a in ("10.2.0.1", "192.168.0.1", "::1"))
    with pytest.raises(BadConfig, match="INGEST_ALLOW_NETS"):
        Guard("localhost")


def test_networks_are_exempt_from_the_ports_too() -> None:
    guard = Guard("10.1.0.0/16")
    assert guard.check_url("http://10.1.2.3:25/") == "http://10.1.2.3:25/"
    guard.check_address("x.example", "10.1.2.3", 6379)
    guard.check_host("8.8.8.8")  # a wire's: any port
    with pytest.raises(Refused, match="ssh"):
        guard.check_address("x.example", "8.8.8.8", 22)


@pytest.mark.parametrize(
    "url",
    [
        "https://reporter:hunter2@example.org/feed",
        "https:reporter:hunter2@example.org/feed",
        "ftp://reporter:hunter2@example.org/",
        "https://reporter:hunter2@example.org/" + "a" * 9000,
        "https://reporter:hunter2@exa mple.org/",
        "https://reporter:hunter2@[::1",
        "//reporter:hunter2@example.org/",
    ],
)
def test_a_password_is_not_repeated_in_the_error(url: str) -> None:
    with pytest.raises(Refused) as refused:
        Guard().check_url(url)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("HTTP://Example.ORG:80/a?b=c%2Bd+e#f", "http://example.org/a?b=c%2Bd+e"),
        ("https://1.example.org", "https://1.example.org/"),
        ("https://münchen.example/ü", "https://xn--mnchen-3ya.example/%C3%BC"),
        ("http://8.8.8.8/", "http://8.8.8.8/"),
        ("https://example.org/@user", "https://example.org/@user"),
    ],
)
def test_urls_that_pass(url: str, normal: str) -> None:
    assert Guard().check_url(url) == normal
    assert Guard().check_url(normal) == normal


@settings(max_examples=200)
@given(st.one_of(st.text(max_size=60), st.text(max_size=40).map("http://{}/".format)))
def test_any_text_is_an_address_or_refused(url: str) -> None:
    try:
        assert Guard().check_url(url).startswith("http")
    except Refused as e:
        assert e.code == "refused"


async def test_a_name_with_a_private_address_is_refused(server: Server) -> None:
    server.on("/feed", ok(b"secret"))
    async with HttpFetcher("a", host_delay_s=0, resolver=Names(inside_example=[["127.0.0.1"]])) as fetcher:
        fetched = await ask(fetcher, server.url("/feed", "inside.example"))
    assert (fetched.error_code, server.requests) == ("refused", [])
    assert "INGEST_ALLOW_NETS" in str(fetched.error)


@pytest.mark.parametrize("written", ["bücher.example", "BÜCHER.example", "xn--bcher-kva.example", "bücher。example"])
async def test_a_name_in_another_alphabet(server: Server, written: str) -> None:
    server.on("/feed", ok(b"<rss/>"))
    names = Names()
    names.names["xn--bcher-kva.example"] = [["127.0.0.1"]]
    async with HttpFetcher("a", "127.0.0.1/32", host_delay_s=0, resolver=names) as fetcher:
        fetched = await ask(fetcher, server.url("/feed", written))
    assert (fetched.outcome, names.asked) == ("new", ["xn--bcher-kva.example"])
    assert server.requests[0].headers["host"] == f"xn--bcher-kva.example:{server.port}"


async def test_ipv6() -> None:
    async with serve("::1") as server:
        server.on("/feed", ok(b"<rss/>"))
        async with HttpFetcher("a", "::1/128", host_delay_s=0, resolver=Names(six_example=[["::1"]])) as fetcher:
            for host in ("[::1]", "[0:0::1]", "six.example"):
                assert (await ask(fetcher, server.url("/feed", host))).outcome == "new"
        async with HttpFetcher("a", "127.0.0.0/8", host_delay_s=0) as fetcher:
            assert (await ask(fetcher, server.url("/feed", "[::1]"))).error_code == "refused"
    assert len(server.requests) == 3


@pytest.mark.parametrize("host", ["a..b", "x" * 64 + ".example", "-.invalid", "a\0b", "\ud800", ""])
async def test_what_is_no_name_at_all(fetcher: HttpFetcher, host: str) -> None:
    with pytest.raises(FetchFailed, match="cannot be resolved"):
        async with fetcher.reach(host, 21):
            pytest.fail("there is no such host")


async def test_the_private_one_of_two_addresses_is_left_out(server: Server) -> None:
    server.on("/feed", ok(b"secret"))
    names = Names(two_example=[["127.0.0.2", "127.0.0.1"]])
    async with HttpFetcher("a", "127.0.0.1/32", host_delay_s=0, resolver=names) as fetcher:
        assert (await ask(fetcher, server.url("/feed", "two.example"))).outcome == "new"


async def test_rebinding_finds_no_second_lookup(server: Server) -> None:
    """The name is allowed when it is first resolved and points inside at every later lookup."""
    server.on("/feed", ok(b"public"))
    names = Names(rebind_example=[["127.0.0.1"], ["127.0.0.66"]])
    async with HttpFetcher("a", "127.0.0.1/32", host_delay_s=0, resolver=names) as fetcher:
        fetched = await ask(fetcher, server.url("/feed", "rebind.example"))
        assert (fetched.outcome, names.asked) == ("new", ["rebind.example"])
    async with HttpFetcher("a", "127.0.0.1/32", host_delay_s=0, resolver=names) as fetcher:
        assert (await ask(fetcher, server.url("/feed", "rebind.example"))).error_code == "refused"


async def test_a_redirect_to_a_name_inside_is_refused(server: Server, other: Server) -> None:
    names = Names(news_example=[["127.0.0.1"]], inside_example=[["127.0.0.66"]])
    server.on("/feed", to(other.url("/", "inside.example")))
    async with HttpFetcher("a", "127.0.0.1/32", host_delay_s=0, resolver=names) as fetcher:
        fetched = await ask(fetcher, server.url("/feed", "news.example"))
    assert (fetched.error_code, other.requests) == ("refused", [])
    assert [hop.status for hop in fetched.hops] == [302]


async def test_a_name_that_does_not_exist(fetcher: HttpFetcher) -> None:
    fetched = await ask(fetcher, "http://nowhere.invalid/feed")
    assert (fetched.outcome, fetched.error_code) == ("failed", "fetch-failed")
