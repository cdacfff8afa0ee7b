"""Is a mail from whom it says? A verdict by SPF, DKIM and DMARC, or by what a relay that is trusted has found.

Two halves, since reading is pure: `questions` and `look_up` find out, before reading, what the sender's domain publishes, and
what they find is kept with the arrival; `verdict` judges the mail by it, in the same process that reads it. So a hostile
signature is computed where it can be killed, and a mail read again later is judged by what was published when it came.

Only what speaks for the domain in From decides (it is *aligned*). Nobody else's domain can make the verdict worse or keep us
waiting: what is asked of others is asked beside, with less patience.

    pass       the domain in From vouches for this mail
    fail       it publishes how its mail is known (DMARC), and this mail is not; or there is no telling who wrote it, which a
               trusted relay was to tell and did not
    none       it publishes nothing, or the way of the mail is not known
    temperror  what it publishes could not be looked up
    local      handed in on this machine
    off        not looked at, by the settings

Not here: what becomes of a mail by its verdict (gateway).
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from channels.email import dmarc
from channels.email.headers import addresses_of
from channels.email.lookups import Answers, Lookups
from channels.email.mailbox import same_domain
from channels.email.mime import Part
from channels.email.relays import from_relay, relay_verdict
from channels.email.signatures import LONGEST_HEAD, Signature, SignedMail, signatures_in
from channels.email.spf import Envelope, evaluate

SECONDS: Final = 8.0  # for everything that has to be looked up for one mail
BESIDE: Final = 2.0  # for what decides nothing
MOST_ROUNDS: Final = 40  # of an SPF record that leads on and on: ten names with ten hosts each, and some
LOOKED_UP: Final = "authenticity"  # the name of the fetched part
VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Checking:
    """How mail is checked. `relay` is the name that a trusted relay gives itself in Authentication-Results, `relay_networks`
    the addresses it hands mail in from. What it hands in is judged by its word; everything else is looked at here
    (`verify`) or proves nobody (`relay`)."""

    mode: Literal["verify", "relay", "off"] = "off"
    relay: str = ""
    relay_networks: tuple[str, ...] = ()

    def by_relay(self, transport: Mapping[str, Any]) -> bool:
        return bool(self.relay) and from_relay(transport, self.relay_networks)

    def looks_up(self, transport: Mapping[str, Any]) -> bool:
        return self.mode == "verify" and not self.by_relay(transport) and not _is_loopback(transport)


@dataclass(frozen=True, slots=True)
class Claims:
    """Who a mail says it is from, and what speaks for it. `doubt`: why that can't be told."""

    domain: str = ""
    doubt: str = ""
    envelope: Envelope | None = None
    signatures: tuple[Signature, ...] = field(default=())

    @property
    def deciding(self) -> list[str]:
        """The questions on which the verdict rests."""
        keys = [one.question for one in self.signatures if dmarc.aligned(one.domain, self.domain)]
        return [*dmarc.questions(self.domain), *keys]

    @property
    def beside(self) -> list[str]:
        return [one.question for one in self.signatures if not dmarc.aligned(one.domain, self.domain)]

    @property
    def envelope_decides(self) -> bool:
        return self.envelope is not None and dmarc.aligned(self.envelope.domain, self.domain)


def claims_of(fields: Mapping[str, list[str]], transport: Mapping[str, Any]) -> Claims:
    values = fields.get("from", [])
    found = [address for value in values for _, address in addresses_of(value)]
    domains = {same_domain(address.rpartition("@")[2]) for address in found if address}
    if len(values) > 1 or len(domains) > 1:
        return Claims(doubt="several_from")
    if not domains or "" in found:
        return Claims(doubt="no_from")
    [domain] = domains
    envelope = None
    if transport.get("peer"):
        sender, helo = str(transport.get("mail_from") or ""), str(transport.get("helo") or "")
        envelope = Envelope(str(transport["peer"]), sender, helo)
        envelope = envelope if envelope.can_be_judged else None
    return Claims(domain, "", envelope, tuple(signatures_in(fields.get("dkim-signature", ()))))


async def look_up(claims: Claims, lookups: Lookups, seconds: float = SECONDS) -> bytes:
    """Everything that the verdict needs of what the domains publish, as JSON. Takes no longer than `seconds`."""
    answers: dict[str, list[str] | None] = {}
    if not claims.doubt and (claims.envelope or claims.signatures):  # else nothing could speak for it anyway
        parts = await asyncio.gather(
            lookups.ask(claims.deciding, seconds),
            lookups.ask(claims.beside, min(seconds, BESIDE)),
            _look_up_spf(claims, lookups, seconds if claims.envelope_decides else min(seconds, BESIDE)),
        )
        for part in parts:
            answers |= part
    return json.dumps({"version": VERSION, "from": claims.domain, "answers": answers}).encode()


async def _look_up_spf(claims: Claims, lookups: Lookups, seconds: float) -> dict[str, list[str] | None]:
    """The records that an SPF record leads to, one round for each that leads on."""
    answers: dict[str, list[str] | None] = {}
    until = asyncio.get_running_loop().time() + seconds
    for _ in range(MOST_ROUNDS if claims.envelope else 0):
        assert claims.envelope is not None
        _, missing = evaluate(claims.envelope, answers)
        if not missing:
            break
        answers |= await lookups.ask(missing, until - asyncio.get_running_loop().time())
    return answers


def verdict(
    root: Part, transport: Mapping[str, Any], checking: Checking, looked_up: bytes | None, received_at: datetime
) -> dict[str, Any]:
    """The verdict on a mail, as JSON can hold it: `result`, `why`, and what it rests on."""
    if checking.mode == "off":
        return {"result": "off"}
    fields = root.fields()
    claims = claims_of(fields, transport)
    by_relay = checking.by_relay(transport)
    if not by_relay and _is_loopback(transport):
        return {"result": "local", "why": "handed_in_locally"}
    if claims.doubt:
        return {"result": "fail", "why": claims.doubt, "by": checking.mode}
    if by_relay:
        return relay_verdict(root, claims.domain, checking.relay)
    if checking.mode == "relay":  # all mail was to come by the relay: who goes round it wants not to be looked at
        return {"result": "fail", "why": "not_from_relay", "from": claims.domain, "by": checking.mode}
    if root.start > LONGEST_HEAD:
        return {"result": "fail", "why": "head_too_long", "by": "verify"}
    known = json.loads(looked_up) if looked_up else {}
    if not known:
        return {"result": "temperror", "why": "not_looked_up", "from": claims.domain, "by": "verify"}
    if known["from"] != claims.domain:  # one mail, two readings: somebody wants to be looked up as another
        return {"result": "fail", "why": "several_from", "by": "verify"}
    return {**_judged(root, claims, known["answers"], received_at), "from": claims.domain, "by": "verify"}


def _judged(root: Part, claims: Claims, answers: Answers, received_at: datetime) -> dict[str, Any]:
    mail = SignedMail(root.raw, root.start, received_at)
    found = [(one, *mail.verify(one, answers)) for one in claims.signatures]
    spf = evaluate(claims.envelope, answers)[0] if claims.envelope else None
    shown: dict[str, Any] = {
        "spf": {"result": spf or "none", "domain": claims.envelope.domain if claims.envelope else ""},
        "dkim": [
            {"result": result, "domain": one.domain, "selector": one.selector, **({"why": why} if why else {})}
            for one, result, why in found
        ],
    }
    if claims.envelope is None and not any(dmarc.aligned(one.domain, claims.domain) for one, *_ in found):
        # by IMAP, or by a machine of ours: who sent it to us is not known, and might have been allowed
        shown["dmarc"] = {"result": "none", "policy": None, "domain": None}
        return {"result": "none", "why": "way_unknown", **shown}
    try:
        policy = dmarc.policy_of(claims.domain, answers)
    except dmarc.NotKnown:
        policy, unknown = None, True
    else:
        unknown = False
    strict_dkim, strict_spf = (policy.strict_dkim, policy.strict_spf) if policy else (False, False)
    signed = [result for one, result, _ in found if dmarc.aligned(one.domain, claims.domain, strict_dkim)]
    sent = spf if claims.envelope and dmarc.aligned(claims.envelope.domain, claims.domain, strict_spf) else None
    passes = "pass" in (*signed, sent)
    shown["dmarc"] = {
        "result": "temperror" if unknown else "none" if policy is None else "pass" if passes else "fail",
        "policy": policy.policy if policy else None,
        "domain": policy.domain if policy else None,
    }
    if passes:
        return {"result": "pass", **shown}
    if unknown:
        return {"result": "temperror", "why": "not_found_now", **shown}
    if policy is None:
        return {"result": "none", "why": "nothing_published", **shown}
    if "temperror" in (*signed, sent):
        shown["dmarc"]["result"] = "temperror"
        return {"result": "temperror", "why": "not_found_now", **shown}
    if (
        claims.envelope is None
    ):  # by IMAP, or by a machine of ours: who sent it to us is not known, and might have been allowed
        shown["dmarc"]["result"] = "none"
        return {"result": "none", "why": "way_unknown", **shown}
    return {"result": "fail", "why": "not_aligned", **shown}


def _is_loopback(transport: Mapping[str, Any]) -> bool:
    try:
        address = ipaddress.ip_address(str(transport.get("peer") or ""))
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback
