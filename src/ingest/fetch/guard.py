"""Which addresses may be fetched from: public ones, and the networks that the operator allows.

A feed is outside input and so is every link in it, so an address inside our own network is refused wherever it comes
from: the registry, a redirect, or the DNS. The name is resolved once, by `GuardedResolver` inside the connector, so
the address that was checked is the one connected to and a second DNS answer has no say.
"""

import re
import socket
from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from ingest.errors import BadConfig, Refused

MAX_URL = 8_000
_HINT = "INGEST_ALLOW_NETS can allow a private network"
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_CONTROL = re.compile(r"[\x00-\x20\x7f\\]")

_GLOBAL_V6 = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
# Not for the public though `is_global` of some Python releases says so; the last is the metadata service of Azure.
_SPECIAL_V4 = tuple(IPv4Network(n) for n in ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32"))
# Teredo and 6to4 carry an IPv4 address of the sender's choice.
_SPECIAL_V6 = tuple(IPv6Network(n) for n in ("2001::/23", "2002::/16", "2001:db8::/32", "3fff::/20"))


class Guard:
    """The rule, for one set of allowed networks (CIDRs, comma-separated or a list). Raises BadConfig."""

    def __init__(self, allow_nets: str | Iterable[str] = "") -> None:
        names = allow_nets.split(",") if isinstance(allow_nets, str) else allow_nets
        self._allowed = tuple(_network(name.strip()) for name in names if name.strip())

    def allows(self, address: IPv4Address | IPv6Address) -> bool:
        """Whether one may connect to `address`. IPv4 inside IPv6 counts as that IPv4 address."""
        inner = _embedded(address)
        return any(inner in net for net in self._allowed) or _is_public(inner)

    def check_url(self, url: str) -> str:
        """`url` in normal form without its fragment. Raises Refused for what must not be asked for at all.

        A name that is no number passes here; its addresses are checked when the connector resolves it.
        """
        if len(url) > MAX_URL:
            raise Refused(url[:200] + "…", f"the address is {len(url)} characters long", f"at most {MAX_URL} are sent")
        if _CONTROL.search(url):
            raise Refused(repr(url), "white space, a control character or a backslash in the address")
        if "@" in _authority(url):
            raise Refused(url.rpartition("@")[2], "a user name in the address", "use the source's credential")
        try:
            parts = URL(url).with_fragment(None)
            host, port = parts.raw_host, parts.port
        except (ValueError, TypeError) as e:
            raise Refused(url, f"not an address: {e}") from e
        if parts.scheme not in ("http", "https"):
            raise Refused(url, f"scheme {parts.scheme or 'missing'}", "only http and https are fetched")
        if not host or not port:
            raise Refused(url, "no host in the address")
        self.check_host(host)
        text = str(parts)
        return text if "/" in text.partition("://")[2] else f"{text}/"

    def check_address(self, host: str, address: str) -> None:
        """Raises Refused if `host` must not be reached at `address`."""
        try:
            allowed = self.allows(ip_address(address.partition("%")[0]))
        except ValueError as e:
            raise Refused(host, f"{address} is no IP address") from e
        if not allowed:
            raise Refused(host, f"{address} is not a public address", _HINT)

    def check_host(self, host: str) -> None:
        """Raises Refused for a number that is no allowed address. A name passes; its addresses are checked later."""
        host = host.rstrip(".").lower()
        try:
            ip_address(host.partition("%")[0])
        except ValueError:
            # 2130706433, 0x7f.1 and 0177.0.0.1 are all 127.0.0.1 to a resolver, and no public name ends in a number.
            if _NUMBER.fullmatch(host.rsplit(".", 1)[-1]):
                raise Refused(host, "an IP address in an unusual form", "write it as four decimal numbers") from None
        else:
            self.check_address(host, host)


class GuardedResolver(AbstractResolver):
    """Names to addresses through `inner`, leaving out what the guard does not allow."""

    def __init__(self, guard: Guard, inner: AbstractResolver) -> None:
        self._guard, self._inner = guard, inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Raises Refused if there are addresses but none is allowed, OSError as the inner resolver does."""
        found = await self._inner.resolve(host, port, family)
        allowed, refusal = [], None
        for result in found:
            try:
                self._guard.check_address(host, result["host"])
                allowed.append(result)
            except Refused as e:
                refusal = e
        if refusal and not allowed:
            raise refusal
        return allowed

    async def close(self) -> None:
        await self._inner.close()


def _network(name: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(name, strict=False)
    except ValueError as e:
        raise BadConfig("INGEST_ALLOW_NETS", f"{name!r} is no network", "such as 127.0.0.0/8,10.1.0.0/16") from e


def _authority(url: str) -> str:
    return re.split(r"[/?#]", url.partition("://")[2], maxsplit=1)[0]


def _embedded(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv4Address):
        special = any(address in net for net in _SPECIAL_V4)
    else:
        special = address not in _GLOBAL_V6 or any(address in net for net in _SPECIAL_V6)
    return address.is_global and not address.is_multicast and not address.is_reserved and not special
