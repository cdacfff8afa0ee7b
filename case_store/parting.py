"""Taking back what came through an address that is not, or is no longer, the customer's.

Whoever proved to be a customer through that address (a code that was sent there, a link that was opened there, an agent who joined
somebody to it) is parted from the customer with it: their contacts are removed, what had linked their conversations to the case is
undone, chat sessions end, what still waits to be sent to them is stopped, and a person looks at what they write. A conversation in which
the case was told stays linked, since it is what was said, and is withheld.

Not here: which identities there are (identities.py), when an address is taken back (papers.py, gateway/joining.py).
"""

from __future__ import annotations

from typing import Any, Final

from case_store import cases, contacts, conversations, identities, links, outbox, ownership
from case_store.audit import Entry
from case_store.conversations import Row
from case_store.records import ChannelName, Owner, Status
from case_store.store import Transaction

WHOSE: Final = "whose_is_it"  # why a conversation waits for a person
OWN_PROOFS: Final = ("confirmed", "mandate")  # of a contact that no joining made


def part(tx: Transaction, case_id: str, address: str, *, by: str, reason: str) -> None:
    """This address is not the customer's. Who came through it loses what the joining gave them, and nothing that they had before."""
    gone, rest = identities.part(tx, address, by=by, reason=reason)
    _take_back(tx, case_id, address, by=by, reason=reason)
    for identity in sorted(gone - {address}):
        _take_back_what_was_given(tx, case_id, identity, by=by, reason=reason)
    _take_back_elsewhere(tx, case_id, gone, rest, by=by, reason=reason)


def bar(tx: Transaction, case_id: str, address: str, *, by: str, reason: str) -> None:
    """Nothing of the case reaches a proxy at this address, or through it, any more. Their own mails stay: they are what was said."""
    take_back_from_others(tx, case_id, address, by=by, reason=reason)
    _take_back(tx, case_id, address, by=by, reason=reason, said_for_it=True)


def take_back_from_others(tx: Transaction, case_id: str, address: str, *, by: str, reason: str) -> None:
    """Who came through a proxy's address has nothing of the case, not even where it was told by them."""
    gone, rest = identities.part(tx, address, by=by, reason=reason)
    for identity in sorted(gone - {address}):
        _take_back(tx, case_id, identity, by=by, reason=reason)
    _take_back_elsewhere(tx, case_id, gone, rest, by=by, reason=reason)


def _take_back_elsewhere(
    tx: Transaction, case_id: str, gone: frozenset[str], rest: frozenset[str], *, by: str, reason: str
) -> None:
    """Other cases of the customer's that those who went had by being taken for the same."""
    for other in identities.cases_of(tx, rest) if rest else ():
        for identity in sorted(gone) if other != case_id else ():
            _take_back_what_was_given(tx, other, identity, by=by, reason=reason)


def _take_back_what_was_given(tx: Transaction, case_id: str, identity: str, *, by: str, reason: str) -> None:
    told_it = any(why in links.TOLD_THERE for _, why in links.held_with(tx, case_id, {identity}))
    if not told_it and contacts.proof_of(tx, case_id, identity) not in OWN_PROOFS:
        _take_back(tx, case_id, identity, by=by, reason=reason)


def _take_back(
    tx: Transaction, case_id: str, identity: str, *, by: str, reason: str, said_for_it: bool = False
) -> None:
    contacts.remove(tx, case_id, identity)
    outbox.stop(tx, case_id, identity)
    for row, why in links.held_with(tx, case_id, {identity}):
        undo = links.withhold if said_for_it or why in links.TOLD_THERE else links.unlink
        undo(tx, case_id, row["id"], by=by, reason=reason)
        queue(tx, row, case_id, by=by, end_session=True)


def queue(tx: Transaction, row: Row, case_id: str, *, by: str, end_session: bool = False) -> None:
    """A conversation is about this case no more and waits for a person; a chat's session ends, if `end_session`."""
    values: dict[str, Any] = {}
    if row["owner"] == Owner.BOT:
        values |= ownership.queue_for_person(tx, row, WHOSE)
    if row["case_id"] == case_id and cases.glance(tx, case_id).status is not Status.DRAFT:
        values["case_id"] = None  # a draft is filed by silence all the same
    if end_session and row["channel"] == ChannelName.WEBCHAT:
        values["session_epoch"] = row["session_epoch"] + 1
    conversations.add_messages(tx, row, [], values=values, entries=[Entry(by, "barred", {"case": case_id})])


def give_back(tx: Transaction, case_id: str, row: Row, *, by: str, reason: str) -> None:
    """It is known whose this conversation is: it is about the case again, if that was in doubt. Who answers it stays."""
    if links.release(tx, case_id, row["id"], by=by, reason=reason):
        values = {"case_id": case_id} if row["case_id"] is None else {}
        conversations.add_messages(tx, row, [], values=values, entries=[Entry(by, "released", {"case": case_id})])
