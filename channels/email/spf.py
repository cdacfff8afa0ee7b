"""May this peer send for that domain (SPF, RFC 7208)? Evaluated by pyspf over answers that were looked up before.

Not here: looking them up (lookups.py).
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from channels.email.lookups import Answers, key_of

RESULTS: Final = ("pass", "fail", "softfail", "neutral", "none", "temperror", "permerror")
LONGEST_SENDER: Final = 320


@dataclass(frozen=True, slots=True)
class Envelope:
    """What SMTP knew: the peer's address, the sender given by MAIL FROM (empty: null sender), the name it greeted with."""

    peer: str
    mail_from: str
    helo: str

    @property
    def domain(self) -> str:
        """Whose record decides: the sender's domain, or the greeting's for a null sender (2.4)."""
        return (self.mail_from.rpartition("@")[2] or self.helo).lower().rstrip(".")

    @property
    def can_be_judged(self) -> bool:
        """Is the peer somebody on the net? What one machine of ours hands to the other says nothing of the sender."""
        try:
            address = ipaddress.ip_address(self.peer)
        except ValueError:
            return False
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        return not _is_ours(mapped or address) and bool(self.domain) and len(self.mail_from) <= LONGEST_SENDER


# the networks kept for documentation count as foreign: whoever tests with them means it
_OURS: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"),
        *("100.64.0.0/10", "::/127", "fc00::/7", "fe80::/10"),
    )
)


def _is_ours(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return any(address in network for network in _OURS)


def evaluate(envelope: Envelope, answers: Answers) -> tuple[str, set[str]]:
    """The result, and the questions whose answers are missing for a final one."""
    judged = _query_class()(envelope, answers)
    result = judged.verdict()
    return result if result in RESULTS else "permerror", judged.missing


@cache
def _query_class() -> Any:
    import spf  # type: ignore[import-untyped]

    class Query(spf.query):  # type: ignore[misc]
        """pyspf's evaluation, asking nobody: a question whose answer is missing is noted and ends it for now."""

        def __init__(self, envelope: Envelope, answers: Answers) -> None:
            self.missing: set[str] = set()
            self._answers = answers
            super().__init__(envelope.peer, envelope.mail_from, envelope.helo.lower().rstrip("."))

        def verdict(self) -> str:
            try:
                return str(self.check()[0])
            except (UnicodeError, ValueError, IndexError, AssertionError):  # what a record was never meant to hold
                return "permerror"

        def get_explanation(self, spec: str) -> None:
            """What the domain would have its senders told is nothing to us."""

        def dns(self, name: Any, qtype: str, cnames: Any = None, ignore_void: bool = False) -> list[Any]:
            key = key_of(qtype, str(name))
            if key not in self._answers:
                self.missing.add(key)
                raise spf.TempError("not looked up yet")
            found = self._answers[key]
            if found is None:
                raise spf.TempError("could not be looked up")
            if not found and not ignore_void:
                self.void_lookups += 1
                if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                    raise spf.PermError("too many names without records")
            return [_as_pyspf(qtype, record) for record in found]

    return Query


def _as_pyspf(kind: str, record: str) -> Any:
    if kind == "TXT":
        return (record.encode("latin-1"),)
    if kind == "MX":
        preference, _, host = record.partition(" ")
        return int(preference), host
    return record
