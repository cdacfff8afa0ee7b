"""Proving an address that was only typed: its owner opens the link that was sent there and presses a button.

The link names the case and the address under our signature, so nothing is stored until it is used, and using it twice
changes nothing.

Not here: sending the link (notifications.py), the page (portal/).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from case_store import audit, cases, contacts, conversations, links, merged
from case_store.audit import Entry, case_chain
from case_store.cases import NoSuchCase
from case_store.records import ChannelName
from case_store.store import Transaction
from gateway.hooks import WayOpened, way_unused
from gateway.notifications import LINK_AGE
from gateway.tokens import LinkKind, Tokens


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a valid link says."""

    case_id: str
    address: str


def read(tokens: Tokens, token: str) -> Confirmation | None:
    """The confirmation a link asks for, if we signed it and it is young enough."""
    parts = tokens.read_link(LinkKind.CONFIRM, token, datetime.now(UTC), LINK_AGE)
    return Confirmation(*parts) if parts and len(parts) == 2 else None


def reference_of(tx: Transaction, asked: Confirmation) -> str | None:
    """The reference number under which it is dealt with, while the address still is a contact of the case."""
    try:
        case = merged.current(tx, asked.case_id)
    except NoSuchCase:
        return None
    return case.reference if asked.address in case.contacts else None


def chat_of(tx: Transaction, asked: Confirmation) -> str | None:
    """The chat in which the case was told, if there is one to go back to."""
    case_id = merged.leads_to(tx, asked.case_id)
    told_in = links.told_in(tx, case_id)
    for id in (id for id in reversed(cases.get(tx, case_id).conversations) if id in told_in):
        row = conversations.find(tx, id)
        if row is not None and row["channel"] == ChannelName.WEBCHAT:
            return id
    return None


def confirm(tx: Transaction, asked: Confirmation, opened: WayOpened = way_unused) -> str | None:
    """The address is proved from now on. Answers the reference number. `opened` hears of it, unless it was proved before."""
    reference = reference_of(tx, asked)
    current = asked.case_id if reference is None else merged.leads_to(tx, asked.case_id)
    if reference is None or contacts.is_proved(tx, current, asked.address):
        return reference
    for case_id in dict.fromkeys((asked.case_id, current)):
        contacts.prove(tx, case_id, asked.address, "confirmed")
        audit.append(tx, case_chain(case_id), Entry("customer", "confirmed", {"address": asked.address}))
    opened(tx, current)
    return reference
