"""What is told at one occasion, in the words of each way; and when the trail may say that it was told.

A customer counts as told when the words were handed over: the next mail system or the Bot API has taken them, or they stand in the
chat. Until then the trail says `to_be_told`. What is refused or comes back is `not_delivered`; what is told no more is `not_told`.

A delivery carries what it tells (`tells` in its payload), so that `told` is written in the unit that notes its end, once, however
often the process dies between handing over and noting it; and so that the words can go another way.

Not here: which way (notifications.py), sending (delivery.py), calls and letters (telling.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from case_store import audit, contacts, outbox
from case_store.audit import Entry, case_chain, conversation_chain
from case_store.outbox import CHECKED, StoredDelivery
from case_store.records import ChannelName
from case_store.store import Transaction
from gateway.texts import Text

TELLS: Final = "tells"  # in the payload of a delivery, in the detail of a task
CODE: Final = "code:"  # what occasions of codes begin with: nothing to be told another way


class Failure(StrEnum):
    """Why words do not arrive by this way."""

    GONE = "gone"  # nobody is reached at this address
    REFUSED = "refused"  # not taken, for another reason or for too long
    BARRED = "barred"  # the address is no contact any more that may be told


@dataclass(frozen=True, slots=True)
class Tiding:
    """`text` as it is written where it can be answered, `by_person` as somebody says it on the telephone or writes it in a letter.

    `occasion` as the trail names it: `case_filed`, `result:5`, `reply:CONVERSATION:NUMBER`.
    """

    occasion: str
    text: Text
    by_person: str
    reference: str | None = None

    def to_json(self) -> dict[str, Any]:
        told = {"occasion": self.occasion, "subject": self.text.subject, "text": self.text.body}
        if self.by_person != self.text.body:
            told["by_person"] = self.by_person
        return told if self.reference is None else told | {"reference": self.reference}

    def begins_with(self, *occasions: str) -> bool:
        return self.occasion.partition(":")[0] in occasions


def plain(occasion: str, text: Text, reference: str | None = None) -> Tiding:
    """The same words by every way, such as an agent's."""
    return Tiding(occasion, text, text.body, reference)


def kept_in(payload: Mapping[str, Any] | None) -> Tiding | None:
    """What the payload of a delivery, or the detail of a task, tells; None where it tells nothing of a case."""
    told = (payload or {}).get(TELLS)
    if not told:
        return None
    text = Text(told["subject"], told["text"])
    return Tiding(told["occasion"], text, told.get("by_person", text.body), told.get("reference"))


# the trail ------------------------------------------------------------------------------------------------------


def note_to_be_told(
    tx: Transaction, case_id: str, tiding: Tiding, *, by: str, address: str | None, due_at: datetime | None = None
) -> None:
    told: dict[str, Any] = {"by": by, "address": address, **_named(tiding)}
    if due_at is not None and due_at > tx.now:
        told["due_at"] = due_at.isoformat()
    audit.append(tx, case_chain(case_id), Entry("system", "to_be_told", told))


def note_told(tx: Transaction, case_id: str, tiding: Tiding, *, by: str, address: str | None = None) -> None:
    told = {"by": by, **_named(tiding), **({} if address is None else {"address": address})}
    audit.append(tx, case_chain(case_id), Entry("system", "told", told))


def note_not_told(tx: Transaction, case_id: str, occasion: str, why: str, *, actor: str) -> None:
    """It was to be told and is not: something else has taken its place."""
    audit.append(tx, case_chain(case_id), Entry(actor, "not_told", {"occasion": occasion, "why": why}))


def _named(tiding: Tiding) -> dict[str, Any]:
    return {"occasion": tiding.occasion, "reference": tiding.reference}


def note_not_delivered(tx: Transaction, delivery: StoredDelivery, why: Failure, error: str) -> None:
    """In the trail of the case, or of the conversation where there is no case."""
    tiding = kept_in(delivery.payload)
    occasion = delivery.occasion if tiding is None else tiding.occasion
    detail = {"occasion": occasion, "by": delivery.channel, "address": delivery.address, "why": why.value}
    entry = Entry("system", "not_delivered", {**detail, "error": error[:500]})
    if delivery.case_id is not None:
        audit.append(tx, case_chain(delivery.case_id), entry)
        tx.wake("case", delivery.case_id)
    elif delivery.conversation_id is not None:
        audit.append(tx, conversation_chain(delivery.conversation_id), entry)


# a delivery's end ------------------------------------------------------------------------------------------------


def handed_over(tx: Transaction, delivery: StoredDelivery, external_id: str | None) -> bool:
    """The next system has taken it. False if another attempt has noted that already: the customer is told once."""
    if not outbox.sent(tx, delivery, external_id):
        return False
    tiding = kept_in(delivery.payload)
    if tiding is not None and delivery.case_id is not None and outbox.all_parts_sent(tx, delivery):
        note_told(tx, delivery.case_id, tiding, by=delivery.channel, address=delivery.address)
        tx.wake("case", delivery.case_id)
    return True


def why_not(tx: Transaction, delivery: StoredDelivery) -> Failure | None:
    """Asked just before an attempt begins: what has changed at this address since its words were queued. None: it may leave."""
    if delivery.case_id is None or not delivery.payload.get(CHECKED, delivery.occasion.startswith(CODE)):
        return None
    known = contacts.find(tx, delivery.case_id, delivery.address)
    if known is not None and known.bounced_at is not None:
        return Failure.GONE
    if known is not None and known.proof is not None:
        return None
    strict = delivery.channel == ChannelName.EMAIL or contacts.is_of_a_proxy(tx, delivery.case_id, delivery.address)
    return Failure.BARRED if strict else None
