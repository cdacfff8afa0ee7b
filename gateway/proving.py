"""Proving in a chat or a messenger that a case which was filed elsewhere is one's own.

Who names a case's reference number and asks how it stands is sent a code: to the address at which that case's customer is
known, never to one that is typed here and never to a proxy's. Whoever then types the code in this conversation reads what is sent to
that address: the two are joined, the case is linked to the conversation, and the dialogue tells how it stands.

Nobody learns from the answer whether a case exists. Everything is decided before the engine is called, and comes to the same
when a turn is run again.

Not here: what is said of it (the script), which identities belong together (case_store/identities.py), mail that names a case
(routing.py).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata
from dataclasses import dataclass, replace
from typing import Final

from case_store import cases, codes, contacts, conversations, identities, links, merged, outbox, parting
from case_store.audit import Entry
from case_store.case_record import CaseRecord
from case_store.cases import NoSuchCase
from case_store.codes import Proved, Result
from case_store.conversations import Row
from case_store.outbox import NewDelivery
from case_store.records import ChannelName, Language, Sender, Status
from case_store.reference import references_in
from case_store.store import Transaction
from case_store.turns import ClaimedTurn
from dialogue.turn import Proof
from gateway import texts
from gateway.notifications import Notices
from gateway.texts import Occasion
from gateway.tokens import Tokens

WAYS: Final = (ChannelName.WEBCHAT, ChannelName.TELEGRAM)
DIGITS: Final = 6
AROUND_A_CODE: Final = 16  # characters that may stand beside it: "验证码是 …", "the code is …"
AROUND_A_REFERENCE: Final = 40
_CODE: Final = re.compile(rf"(?<!\d)\d(?:[ -]?\d){{{DIGITS - 1}}}(?!\d)")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a turn asks of this room: a look at `reference`, or a try of `code`; said in message `number`."""

    number: int
    reference: str | None = None
    code: str | None = None


def asked_in(claim: ClaimedTurn) -> Asked | None:
    """Whether the customer names a case of elsewhere, or types what may be a code. Cheap: most turns do neither."""
    if claim.row["channel"] not in WAYS:
        return None
    for message in reversed(claim.unanswered):
        text = unicodedata.normalize("NFKC", message.text[:200]).strip()
        if len(text) == 200:
            continue
        found = references_in(text)
        if found and len(text) - len(found[0]) <= AROUND_A_REFERENCE:
            return Asked(message.number, reference=found[0])
        code = None if found else _CODE.search(text)
        if code is not None and len(text) - len(code[0]) <= AROUND_A_CODE:
            return Asked(message.number, code=re.sub(r"\D", "", code[0]))
    return None


def new_code() -> str:
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


class Proving:
    def __init__(self, notices: Notices, tokens: Tokens) -> None:
        self._notices = notices
        self._key = tokens.key("code")

    def look(self, tx: Transaction, claim: ClaimedTurn, asked: Asked, code: str) -> Proof | None:
        """The unit that settles what is asked; `code` is used if a new one has to be sent. None: nothing to prove here."""
        row = conversations.locked(tx, claim.id)
        if asked.code is not None:
            return self._try(tx, row, asked.number, asked.code)
        return self._ask(tx, row, asked.number, asked.reference or "", code)

    def _try(self, tx: Transaction, row: Row, number: int, typed: str) -> Proof | None:
        tried = codes.try_code(tx, row["id"], number, self._digest(row["id"], typed))
        if tried is None:
            return None
        result, sent = tried
        # what it was sent about may have been merged since
        proved = None if sent is None else replace(sent, case_id=merged.leads_to(tx, sent.case_id))
        if proved is not None and proved.address not in contacts.own_mail(tx, proved.case_id):
            return Proof.OVER  # it was sent before a person decided whose address this is
        if proved is not None:
            identities.join(tx, proved.address, identities.identity_of(row), proof="code", by="customer")
            self._proved(tx, row, proved.case_id)
        return {Result.RIGHT: Proof.RIGHT, Result.WRONG: Proof.WRONG, Result.OVER: Proof.OVER}[result]

    def _ask(self, tx: Transaction, row: Row, number: int, reference: str, code: str) -> Proof | None:
        case = _filed_case(tx, reference)
        if case is not None and row["id"] in links.told_in(tx, case.id):
            return None  # it was told here: nothing to prove
        if case is not None and identities.is_customer_of(tx, case.id, identities.identity_of(row)):
            self._proved(tx, row, case.id)
            return Proof.RIGHT
        if codes.was_asked(tx, row["id"], number):
            return Proof.ASKED
        if not codes.may_ask(tx, row["id"]):
            return Proof.LATER
        proves = None if case is None else _way_to(tx, case)
        codes.keep(tx, row["id"], number, proves, self._digest(row["id"], code))
        if case is not None and proves is not None:
            self._send(tx, row, number, case, proves.address, code)
        return Proof.ASKED

    def _digest(self, conversation_id: str, code: str) -> str:
        return hmac.new(self._key, f"{conversation_id}:{code}".encode(), hashlib.sha256).hexdigest()

    def _send(self, tx: Transaction, row: Row, number: int, case: CaseRecord, address: str, code: str) -> None:
        language = Language(case.language)
        text = texts.render(
            Occasion.CODE,
            language,
            way=row["channel"],
            reference=case.reference,
            code=code,
            valid_until=(tx.now + codes.LASTING).astimezone(self._notices.promises.zone),
        )
        letter = texts.as_letter(text, language, house=self._notices.promises.house.name[language])
        outbox.queue(
            tx,
            NewDelivery(
                occasion=f"code:{row['id']}:{number}",
                channel=ChannelName.EMAIL,
                account=f"email:{self._notices.complaints_address}",
                address=address,
                sender=Sender.SYSTEM,
                payload={"text": letter.body, "subject": letter.subject, "language": case.language},
                case_id=case.id,
            ),
        )

    def _proved(self, tx: Transaction, row: Row, case_id: str) -> None:
        """The case is told of in this conversation from now on."""
        if row["id"] in links.told_in(tx, case_id):
            return
        if not cases.link_conversation(tx, case_id, row["id"], linked_by="customer", reason="code"):
            parting.give_back(tx, case_id, row, by="customer", reason="code")
        values = {"case_id": case_id} if row["case_id"] is None else {}
        entry = Entry("customer", "proved_case", {"reference": cases.glance(tx, case_id).reference})
        conversations.add_messages(tx, conversations.locked(tx, row["id"]), [], values=values, entries=[entry])


def _filed_case(tx: Transaction, reference: str) -> CaseRecord | None:
    """The case of this number, or the one under which it is dealt with now."""
    try:
        case = merged.current(tx, reference)
    except NoSuchCase:
        return None
    return None if case.status is Status.DRAFT else case


def _way_to(tx: Transaction, case: CaseRecord) -> Proved | None:
    """The mail address at which the case's customer is known, unless too many codes have been sent there already."""
    address = next(iter(contacts.own_mail(tx, case.id)), None)
    return Proved(case.id, address) if address is not None and codes.may_send(tx, case.id) else None
