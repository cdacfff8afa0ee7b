"""What a trusted relay has found out about a mail: its Authentication-Results (RFC 8601).

Believed is only the topmost such header, only if it carries the relay's name, and only from where the relay hands mail in (or
from the mailbox, which it has delivered to). Everything further down may have been written by anybody; it can make a mail fail,
never pass. What the relay says nothing about, or says so that it can't be read to its end, fails as well: who writes a mail
also writes much of what the relay has to copy into its header.

Not here: reading the header (results.py), finding out ourselves (authenticity.py).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from channels.email import dmarc, results
from channels.email.mailbox import same_domain
from channels.email.mime import Part
from channels.email.results import Result, Said

MOST_HEADERS: Final = 20  # of the relay's name; it writes one for each of its filters
SHOWN: Final = 30  # signatures kept with the message; all of them decide
_KNOWN: Final = frozenset({"pass", "fail", "none", "temperror", "permerror", "softfail", "neutral", "policy"})
_NO_FAILURE: Final = frozenset({"pass", "none", "temperror", "permerror", "bestguesspass"})
_DMARC = re.compile(r"(?<![\w.-])dmarc\s*=\s*([a-z]*)", re.IGNORECASE | re.ASCII)


def relay_verdict(root: Part, domain: str, relay: str) -> dict[str, Any]:
    """The relay's word on a mail that came from it and says to be from `domain`."""
    shown = {"from": domain, "by": f"relay:{relay}"}
    name = relay.lower().rstrip(".")
    said = [results.read(str(value)) for value in _headers(root)]
    own = [one for one in said if one.by == name]
    if not own or own[0] is not said[0] or not (own[0].results or not own[0].whole):
        return {"result": "fail", "why": "relay_said_nothing", **shown}
    judged = _judged(own[0], domain)
    if judged["result"] == "fail":
        return {**judged, **shown}
    # filters of one relay write a header each, in any order; one who forges such a header below harms himself alone
    below = [_judged(one, domain) for one in own[1:MOST_HEADERS] if one.results or not one.whole]
    failed = next((one for one in below if one["result"] == "fail"), None)
    if failed is None and len(said) > MOST_HEADERS:
        failed = {**judged, "result": "fail", "why": "relay_not_understood"}
    return {**(failed or judged), **shown}


def _headers(root: Part) -> list[Any]:
    found = [value for name, value in root.head.raw_items() if name.strip().lower() == "authentication-results"]
    return found[: MOST_HEADERS + 1]


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


def _judged(said: Said, domain: str) -> dict[str, Any]:
    spf = [(_result(one), _domain(one.one("smtp.mailfrom"))) for one in said.results if one.method == "spf"]
    dkim = [(_result(one), _signer(one)) for one in said.results if one.method == "dkim"]
    dmarcs = [one for one in said.results if one.method == "dmarc"]
    speaking = [one for one in (*dkim, *spf) if one[0] == "pass" and dmarc.aligned(one[1], domain)]
    first = sorted(dkim, key=lambda one: one not in speaking)
    shown: dict[str, Any] = {
        "spf": {"result": spf[0][0] if spf else "none", "domain": spf[0][1] if spf else ""},
        "dkim": [{"result": result, "domain": signer} for result, signer in first[:SHOWN]],
        "dmarc": {"result": _result(dmarcs[0]) if dmarcs else "none", "policy": None, "domain": None},
    }
    judged = [_domain(value) for one in dmarcs for value in one.all_of("header.from")]
    if any(one != domain for one in judged):  # the relay has judged another From than the one we read
        return {"result": "fail", "why": "several_from", **shown}
    words = {one.result for one in dmarcs} | {word.lower() for word in _DMARC.findall(said.text)}
    if words - _NO_FAILURE:  # also one that is hidden in what looks like a comment
        return {"result": "fail", "why": "not_aligned", **shown}
    passed = bool(dmarcs) and all(one.result == "pass" for one in dmarcs)
    if not said.whole and not (passed and said.closed and len(dmarcs) == 1 and judged):
        return {"result": "fail", "why": "relay_not_understood", **shown}
    if passed or speaking:
        return {"result": "pass", **shown}
    if any(one.result == "temperror" for one in dmarcs):
        return {"result": "temperror", "why": "not_found_now", **shown}
    return {"result": "none", "why": "nothing_published", **shown}


def _result(one: Result) -> str:
    return one.result if one.result in _KNOWN else "none"


def _signer(one: Result) -> str:
    return _domain(one.one("header.d") or one.one("header.i"))


def _domain(address: str) -> str:
    domain = same_domain(address.rpartition("@")[2].strip().strip("<>"))
    is_text = domain.isascii() and domain.isprintable()  # what is none can't be kept
    return domain if is_text else ""
