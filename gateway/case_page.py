"""What the customer of a case sees on its page: how far it has come, what is offered, what was agreed and whether it is done.

An offer is shown once it has been told by the way the customer uses, so that nobody reads here first what an agent is about to tell
them, and whoever never heard of it does not hear that it is over. While a mandate is missing nothing of the negotiation is shown:
nobody knows then who reads.

Units that only read. Not here: whose page it is (status_link.py), what is agreed and when (negotiating.py), words (portal/).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from case_store import audit, conversations, links, offers, settlements
from case_store.audit import case_chain
from case_store.case_record import CaseRecord
from case_store.offers import OfferState, StoredOffer
from case_store.papers import ENDED, MISSING
from case_store.records import ChannelName, Sender
from case_store.settlements import Settlement
from case_store.store import Transaction
from dialogue.turn import Offer
from gateway import negotiating, status_link
from gateway.promises import Promises
from gateway.status_link import Holder
from gateway.texts import Occasion

SHOWN: Final = (OfferState.OPEN, OfferState.WITHDRAWN, OfferState.EXPIRED, OfferState.DECLINED)
"""States of the last round that are told; what became of an agreed one stands in the settlement."""
CHAT, MESSENGER, MAIL, PERSON = "chat", "messenger", "mail", "person"
WAYS: Final = (CHAT, MESSENGER, MAIL, PERSON)


@dataclass(frozen=True, slots=True)
class Put:
    """An offer as it was put: on which day, and the ways by which it is answered."""

    offer: Offer
    offered_on: date
    ways: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """What was agreed; `state` is `due`, `late` or `done`, `agreed_on` the day in the institution's zone."""

    settlement: Settlement
    state: str
    agreed_on: date


@dataclass(frozen=True, slots=True)
class Standing:
    """All that the page shows."""

    case: CaseRecord
    put: Put | None
    agreements: tuple[Agreement, ...]


def standing(tx: Transaction, promises: Promises, holder: Holder) -> Standing | None:
    """How the case stands, for whoever holds its link. None: the link is not valid any more."""
    case = status_link.case_of(tx, holder)
    if case is None:
        return None
    if _is_held_back(case):
        return Standing(case, None, ())
    agreed = tuple(_agreement(promises, one, tx.now) for one in settlements.of_case(tx, case.id))
    return Standing(case, _put(tx, promises, case), agreed)


def paper_of(tx: Transaction, holder: Holder, settlement_id: str) -> tuple[Settlement, CaseRecord] | None:
    """A settlement of the holder's own case, to be printed. None for another's, or where the link is not valid any more."""
    case = status_link.case_of(tx, holder)
    if case is None or _is_held_back(case):
        return None
    found = next((one for one in settlements.of_case(tx, case.id) if one.id == settlement_id), None)
    return None if found is None else (found, case)


def _is_held_back(case: CaseRecord) -> bool:
    return case.mandate in (MISSING, ENDED)


def _agreement(promises: Promises, one: Settlement, now: datetime) -> Agreement:
    state = "done" if one.performed_on is not None else "late" if one.is_overdue(now) else "due"
    return Agreement(one, state, negotiating.today(promises, one.confirmed_at))


def _put(tx: Transaction, promises: Promises, case: CaseRecord) -> Put | None:
    latest = offers.latest_of(tx, [case.id]).get(case.id)
    if latest is None or latest.state not in SHOWN:
        return None
    ways = _ways(tx, case, latest)
    if not ways:
        return None
    shown = negotiating.as_shown(promises, case, latest, tx.now)
    return Put(shown, negotiating.today(promises, latest.offered_at), ways)


def _ways(tx: Transaction, case: CaseRecord, made: StoredOffer) -> tuple[str, ...]:
    """By which ways this offer, or that it is over, has been told; empty while it has not been."""
    about = {f"{occasion}:{made.round}" for occasion in _ABOUT}
    told = [event.detail or {} for event in audit.timeline(tx, case_chain(case.id)) if event.action == "told"]
    found = {_WAYS.get(one.get("by", ""), PERSON) for one in told if one.get("occasion") in about}
    if _stands_in_a_chat(tx, case, made):
        found.add(CHAT)
    return tuple(way for way in WAYS if way in found)


def _stands_in_a_chat(tx: Transaction, case: CaseRecord, made: StoredOffer) -> bool:
    """Whether the notice that puts it, of the very unit that made it, is among what a chat says: no trail tells of that."""
    rows = (conversations.find(tx, id) for id in sorted(links.told_in(tx, case.id)))
    chats = [row["id"] for row in rows if row is not None and row["channel"] == ChannelName.WEBCHAT]
    return any(
        said.sender is Sender.SYSTEM and said.case_id == case.id and said.at == made.offered_at
        for id in chats
        for said in conversations.messages_of(tx, id)
    )


_ABOUT: Final = (Occasion.OFFER, Occasion.OFFER_WITHDRAWN, Occasion.OFFER_EXPIRED)
_WAYS: Final = {
    ChannelName.TELEGRAM.value: MESSENGER,
    ChannelName.EMAIL.value: MAIL,
}
