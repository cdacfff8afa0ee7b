"""The complaints address and its signed forms, `complaints+TOKEN@domain`.

Here only the shape is known; whether a token is genuine is the gateway's to check.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

LONGEST_LOCAL_PART: Final = 64  # octets, RFC 5321; signed forms stay under it
_TOKEN = re.compile(r"[a-z2-7]{1,62}")
_DOMAIN = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]{1,255}")


def same_domain(domain: str) -> str:
    """One spelling for a domain: lower case, ASCII form of an internationalised one."""
    domain = domain.rstrip(".").lower()
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


@dataclass(frozen=True, slots=True)
class Mailbox:
    """`local@domain`, compared without regard to case."""

    local: str
    domain: str

    @classmethod
    def parse(cls, address: str) -> Mailbox:
        local, at, domain = address.strip().rpartition("@")
        if not at or not local or not _DOMAIN.fullmatch(domain) or re.search(r"[\s<>\"@]", local):
            raise ValueError(f"not an address of the form name@domain: {address!r}")
        return cls(local.lower(), same_domain(domain))

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"

    def signed(self, token: str) -> str:
        """The address that carries `token`. Raises ValueError for what no mail system would carry unchanged."""
        local = f"{self.local}+{token}"
        if not _TOKEN.fullmatch(token) or len(local.encode()) >= LONGEST_LOCAL_PART:
            raise ValueError("a token is lower-case base32, and its address has a local part under 64 octets")
        return f"{local}@{self.domain}"

    def accepts(self, address: str) -> bool:
        """Is this mail for us: the address itself, a signed form, or postmaster, here or without a domain?"""
        local, at, domain = address.rpartition("@")
        if not at:
            return domain.lower() == "postmaster"
        if same_domain(domain) != self.domain:
            return False
        return local.lower() == "postmaster" or self.owns(address)

    def is_local(self, address: str) -> bool:
        """Is the domain ours, whoever the address names?"""
        return same_domain(address.rpartition("@")[2]) == self.domain

    def owns(self, address: str) -> bool:
        """Is this our address or a signed form of it?"""
        local, at, domain = address.rpartition("@")
        if not at or same_domain(domain) != self.domain:
            return False
        return local.lower() == self.local or self.token_of(address) is not None

    def token_of(self, address: str) -> str | None:
        """The token of a signed form; None for any other address."""
        local, _, domain = address.rpartition("@")
        name, plus, token = local.lower().rpartition("+")
        if not plus or name != self.local or same_domain(domain) != self.domain:
            return None
        return token if _TOKEN.fullmatch(token) and len(local.encode()) < LONGEST_LOCAL_PART else None
