"""What a trusted relay has found out about a mail: its Authentication-Results (RFC 8601).

Believed is only the topmost such header, only if it carries the relay's name, and only from where the relay hands mail in (or
from the mailbox, which it has delivered to). Everything further down may have been written by anybody.

Not here: finding out ourselves (authenticity.py).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from channels.email import dmarc
from channels.email.mailbox import same_domain
from channels.email.mime import Part

LONGEST: Final = 8_192
_FOLD = re.compile(r"[\r\n]+[ \t]*")
_ID = re.compile(r"\s*([^\s;()]{1,255})(?:\s+\d+)?\s*;")
_KNOWN: Final = frozenset({"pass", "fail", "none", "temperror", "permerror", "softfail", "neutral", "policy"})


def relay_verdict(root: Part, domain: str, relay: str) -> dict[str, Any]:
    """The relay's word on a mail that came from it and says to be from `domain`."""
    shown = {"from": domain, "by": f"relay:{relay}"}
    topmost = next((value for name, value in root.head.raw_items() if name.lower() == "authentication-results"), None)
    named = _ID.match(_FOLD.sub(" ", str(topmost or "")[:LONGEST]))
    if topmost is None or named is None or named[1].lower().rstrip(".") != relay.lower().rstrip("."):
        return {"result": "none", "why": "relay_said_nothing", **shown}
    results = _parsed(_FOLD.sub(" ", str(topmost)[:LONGEST]))
    if results is None:
        return {"result": "none", "why": "relay_not_understood", **shown}
    return {**_judged(results, domain), **shown}


def from_relay(transport: Mapping[str, Any], networks: Sequence[str]) -> bool:
    """Does the relay hand in mail from where this came, or was it fetched from the mailbox that the relay delivers to?"""
    if "peer" not in transport:
        return True
    try:
        peer = ipaddress.ip_address(str(transport["peer"]))
    except ValueError:
        return False
    mapped = peer.ipv4_mapped if isinstance(peer, ipaddress.IPv6Address) else None
    return any((mapped or peer) in ipaddress.ip_network(network) for network in networks)


def _parsed(value: str) -> list[Any] | None:
    import authres  # type: ignore[import-untyped]

    try:
        header = authres.AuthenticationResultsHeader.parse(f"Authentication-Results: {value}")
    except (authres.AuthResError, ValueError, RecursionError, AttributeError, IndexError):
        return None
    return list(header.results)


def _judged(results: Sequence[Any], domain: str) -> dict[str, Any]:
    spf = [(_result(one), _domain(_property(one, "smtp", "mailfrom"))) for one in results if one.method == "spf"]
    dkim = [(_result(one), _signer(one)) for one in results if one.method == "dkim"]
    dmarcs = [(_result(one), _domain(_property(one, "header", "from"))) for one in results if one.method == "dmarc"]
    shown: dict[str, Any] = {
        "spf": {"result": spf[0][0] if spf else "none", "domain": spf[0][1] if spf else ""},
        "dkim": [{"result": result, "domain": signer} for result, signer in dkim],
        "dmarc": {"result": dmarcs[0][0] if dmarcs else "none", "policy": None, "domain": None},
    }
    if dmarcs:
        result, judged = dmarcs[0]
        if judged and judged != domain:  # the relay has judged another From than the one we read
            return {"result": "fail", "why": "several_from", **shown}
        if result == "fail":
            return {"result": "fail", "why": "not_aligned", **shown}
        if result == "pass":
            return {"result": "pass", **shown}
    if any(result == "pass" and dmarc.aligned(signer, domain) for result, signer in (*dkim, *spf)):
        return {"result": "pass", **shown}
    if dmarcs and dmarcs[0][0] == "temperror":
        return {"result": "temperror", "why": "not_found_now", **shown}
    return {"result": "none", "why": "nothing_published", **shown}


def _result(one: Any) -> str:
    result = str(one.result or "none").lower()
    return result if result in _KNOWN else "none"


def _property(one: Any, kind: str, name: str) -> str:
    for found in one.properties:
        if (found.type, found.name) == (kind, name):
            return str(found.value or "")
    return ""


def _signer(one: Any) -> str:
    return _domain(_property(one, "header", "d") or _property(one, "header", "i"))


def _domain(address: str) -> str:
    domain = same_domain(address.rpartition("@")[2].strip().strip("<>"))
    return (
        domain if domain.isascii() and domain.isprintable() else ""
    )  # bytes of a header that are no text can't be kept
