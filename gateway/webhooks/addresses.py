"""Where a webhook may go: public addresses, and those inside the house that the operator has named. Nowhere else, whatever a name resolves to.

A name is resolved for each connection and the connection goes to the very address that was looked at, so a name that answers otherwise the
second time gains nothing. An address written inside another (IPv4 in IPv6, 6to4, Teredo, NAT64) counts as what it is inside as well.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult

from gateway.endpoints import Network

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
LONGEST: Final = 2000
_NAT64: Final = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))


class NotAllowed(OSError):
    """No webhook goes there."""


def problem_of(url: str, networks: Sequence[Network]) -> str | None:
    """What is wrong with an address that somebody wants to be posted to; None for one that may be tried."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "is no address"
    if len(url) > LONGEST or not url.isascii() or any(one.isspace() for one in url) or not url.isprintable():
        return f"is an address of at most {LONGEST:,} characters without blanks, others than ASCII encoded"
    if parts.username is not None or parts.fragment or not host:
        return "is https://host/path, without a name before the host and without #"
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_here(host)):
        return "begins with https:// (http:// only to this machine, where QINGTING_WEBHOOK_NETWORKS allows that)"
    literal = ipaddress.IPv4Address("127.0.0.1") if host == "localhost" else as_address(host)
    if literal is not None and not is_allowed(literal, networks):
        return f"goes to {literal}, which is no public address; QINGTING_WEBHOOK_NETWORKS names those inside that it may go to"
    return None


def _is_here(host: str) -> bool:
    literal = as_address(host)
    return host == "localhost" if literal is None else literal.is_loopback


def as_address(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def is_allowed(address: Address, networks: Sequence[Network]) -> bool:
    return all(_is_allowed(each, networks) for each in _inside(address))


def _is_allowed(address: Address, networks: Sequence[Network]) -> bool:
    if any(address.version == network.version and address in network for network in networks):
        return True
    return address.is_global and not address.is_multicast and not address.is_reserved


def _inside(address: Address) -> list[Address]:
    """The address, or those that it stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    found: list[Address] = [address]
    if address.sixtofour is not None:
        found.append(address.sixtofour)
    if address.teredo is not None:
        found.extend(address.teredo)
    if any(address in network for network in _NAT64):
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return found


class AllowedOnly(AbstractResolver):
    """Resolves a name to the addresses that a webhook may go to. Raises NotAllowed if it has no such address."""

    def __init__(self, networks: Sequence[Network]) -> None:
        self.networks = networks

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self.look_up(host, port)
        allowed = [one for one in found if (at := as_address(one[4][0])) is not None and is_allowed(at, self.networks)]
        if not allowed:
            raise NotAllowed(f"{host} is at no address that a webhook may go to")
        return [
            ResolveResult(hostname=host, host=at[0], port=port, family=family, proto=proto, flags=socket.AI_NUMERICHOST)
            for family, _, proto, _, at in allowed
        ]

    async def look_up(self, host: str, port: int) -> list[tuple[Any, Any, int, str, Any]]:
        loop = asyncio.get_running_loop()
        return await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)

    async def close(self) -> None:
        pass
