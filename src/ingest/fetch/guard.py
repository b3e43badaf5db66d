"""Which addresses may be fetched from: public ones, and the networks that the operator allows.

A feed is outside input and so is every link in it, so an address inside our own network is refused wherever it comes
from: the registry, a redirect, or the DNS. The name is resolved once, by `GuardedResolver` inside the connector, so
the address that was checked is the one connected to and a second DNS answer has no say.
"""

import re
import socket
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import NamedTuple

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from ingest.errors import BadConfig, Refused

MAX_URL = 8_000
_HINT = "INGEST_ALLOW_NETS can allow a private network"
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_CONTROL = re.compile(r"[\x00-\x20\x7f\\]")

_SIGNS = {"\\": "a backslash", "\0": "a NUL", "\r": "a line break", "\n": "a line break", " ": "a space", "\t": "a tab"}
_GLOBAL_V6 = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_ISATAP = (0x00005EFE, 0x02005EFE)  # the third quarter of the address; the last one is an IPv4 address (RFC 5214)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class Guard:
    """The rule, for one set of allowed networks (CIDRs, comma-separated or a list). Raises BadConfig."""

    def __init__(self, allow_nets: str | Iterable[str] = "") -> None:
        names = allow_nets.split(",") if isinstance(allow_nets, str) else allow_nets
        self._allowed = tuple(_network(name.strip()) for name in names if name.strip())

    def allows(self, address: Address) -> bool:
        """Whether one may connect to `address`. IPv4 inside IPv6 counts as that IPv4 address."""
        inner = _embedded(address)
        return self._is_exempt(inner) or not _kind(inner)

    def check_url(self, url: str) -> str:
        """`url` in normal form without its fragment. Raises Refused for what must not be asked for at all.

        A name that is no number passes here; its addresses are checked when the connector resolves it.
        """
        shown = url.rpartition("@")[2]  # what is before it may hold a password
        if len(url) > MAX_URL:
            why = f"the address is {len(url)} characters long"
            raise Refused(shown[:200] + "…", why, f"at most {MAX_URL} are sent")
        if sign := _CONTROL.search(url):
            raise Refused(repr(shown), f"{_SIGNS.get(sign[0], 'a control character')} in the address")
        if "@" in _authority(url):
            raise Refused(shown, "a user name in the address", "use the source's credential")
        try:
            parts = URL(url).with_fragment(None)
            host, port = parts.raw_host, parts.port
        except (ValueError, TypeError) as e:
            raise Refused(shown, f"not an address: {e}") from e
        if parts.scheme not in ("http", "https"):
            raise Refused(shown, f"scheme {parts.scheme or 'missing'}", "only http and https are fetched")
        if not host or not port:
            raise Refused(shown, "port 0 in the address" if host else "no host in the address")
        self.check_host(host, port)
        text = str(parts)
        return text if "/" in text.partition("://")[2] else f"{text}/"

    def check_address(self, host: str, address: str, port: int = 0) -> None:
        """Raises Refused if `host` must not be reached at `address`, or not on `port` (0: on any)."""
        try:
            outer = ip_address(address.partition("%")[0])
        except ValueError as e:
            raise Refused(host, f"{address} is no IP address") from e
        inner = _embedded(outer)
        if self._is_exempt(inner):
            return
        if kind := _kind(inner):
            inside = f" is {inner}," if inner != outer else " is"
            raise Refused(host, f"{address}{inside} {kind}", _HINT)
        if service := _special().ports.get(port):
            raise Refused(f"{host}:{port}", f"port {port} is not one of the web's ({service})", _HINT)

    def check_host(self, host: str, port: int = 0) -> None:
        """Raises Refused for a number that is no allowed address. A name passes; its addresses are checked later."""
        host = host.rstrip(".").lower()
        if "%" in host:
            raise Refused(host, "a zone of this machine's" if ":" in host else "an escape in the host")
        try:
            ip_address(host)
        except ValueError:
            # 2130706433, 0x7f.1 and 0177.0.0.1 are all 127.0.0.1 to a resolver, and no public name ends in a number.
            if _NUMBER.fullmatch(host.rsplit(".", 1)[-1]):
                raise Refused(host, _meaning(host), "an IPv4 address is four decimal numbers") from None
        else:
            self.check_address(host, host, port)

    def _is_exempt(self, address: Address) -> bool:
        return any(address in net for net in self._allowed)


class GuardedResolver(AbstractResolver):
    """Names to addresses through `inner`, leaving out what the guard does not allow there (on `port`, if not 0)."""

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
                self._guard.check_address(host, result["host"], port)
                allowed.append(result)
            except Refused as e:
                refusal = e
        if refusal and not allowed:
            raise refusal
        return allowed

    async def close(self) -> None:
        await self._inner.close()


def _network(name: str) -> Network:
    try:
        return ip_network(name, strict=False)
    except ValueError as e:
        raise BadConfig("INGEST_ALLOW_NETS", f"{name!r} is no network", "such as 127.0.0.0/8,10.1.0.0/16") from e


def _authority(url: str) -> str:
    return re.split(r"[/?#]", url.partition("://")[2], maxsplit=1)[0]


def _meaning(number: str) -> str:
    try:
        return f"an unusual form of {IPv4Address(socket.inet_aton(number))}"
    except OSError:
        return "a number that is no address"


def _embedded(address: Address) -> Address:
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address


def _kind(address: Address) -> str | None:
    """What an address is that is not the public Internet's; None for one that is."""
    for net, kind in _special().networks:
        if address in net:
            return kind
    if isinstance(address, IPv6Address) and int(address) >> 32 & 0xFFFFFFFF in _ISATAP:
        return "an ISATAP address"
    is_public = address.is_global and (isinstance(address, IPv4Address) or address in _GLOBAL_V6)
    return None if is_public else "not a public address"


class _Special(NamedTuple):
    networks: tuple[tuple[Network, str], ...]
    ports: dict[int, str]


@cache
def _special() -> _Special:
    table = tomllib.loads((files("ingest.fetch") / "special.toml").read_text())
    return _Special(
        networks=tuple((ip_network(net), kind) for kind, nets in table["addresses"].items() for net in nets),
        ports={port: service for service, ports in table["ports"].items() for port in ports},
    )
