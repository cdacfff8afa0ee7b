"""What an operator sets about signing in by the institution's own service, and what follows from a person's claims.

Pure: nothing is asked, nothing is stored. Every `parse_…` raises ValueError for what it can't read; config.py says what was expected.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from case_store.records import Role

_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?")
_USERNAME: Final = re.compile(r"[a-z0-9][a-z0-9._@-]*")
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class RoleOf:
    """Members of a group at the sign-in service have this role here."""

    group: str
    role: Role


def parse_issuer(value: str) -> str:
    """Kept to the letter: tokens name it so, and a slash more or less is another issuer."""
    url = value.strip()
    parts = urlsplit(url)
    plain = not (parts.query or parts.fragment or parts.username or parts.password)
    if not plain or not is_safe(url) or len(url) > 500:
        raise ValueError("not an issuer")
    return url


def is_safe(url: str) -> bool:
    """https anywhere, http on this machine alone."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK))


def parse_host(value: str) -> str:
    host = value.strip().lower()
    if _HOST.fullmatch(host) is None:
        raise ValueError("not a host name")
    return host


def parse_scopes(value: str) -> str:
    scopes = value.split()
    if "openid" not in scopes:
        raise ValueError("openid is missing")
    return " ".join(dict.fromkeys(scopes))


def parse_role(value: str) -> RoleOf:
    group, equals, role = value.rpartition("=")
    if not equals or not group.strip():
        raise ValueError("not group=role")
    return RoleOf(group.strip(), Role(role.strip()))


def parse_passwords_for(value: str) -> tuple[str, ...] | Literal["all"]:
    if value.strip() == "all":
        return "all"
    if value.strip() == "none":
        return ()
    names = tuple(name.lower() for name in re.split(r"[,\s]+", value) if name)
    if not names or not all(_USERNAME.fullmatch(name) for name in names):
        raise ValueError("not usernames")
    return names


def claim_at(claims: Mapping[str, Any], path: str) -> Any:
    """The claim of this name, or the one that a dotted path leads to, as Keycloak's `realm_access.roles`."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def groups_in(claims: Mapping[str, Any], path: str) -> frozenset[str]:
    found = claim_at(claims, path)
    listed = [found] if isinstance(found, str) else found if isinstance(found, list) else []
    return frozenset(one for one in listed if isinstance(one, str))


def role_of(groups: frozenset[str], roles: Sequence[RoleOf], unmapped: str) -> Role | None:
    """The role of the first group in the operator's order; None for nobody's."""
    found = next((one.role for one in roles if one.group in groups), None)
    return Role.AGENT if found is None and unmapped == "agent" else found
