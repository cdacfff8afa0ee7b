"""A complaint by form, by a clerk or by a neighbouring program, into a conversation and a filed case, in one transaction.

What was filled in counts as said; what was typed freely (an amount, a day) is read by the dialogue's understanding, and the
words are kept beside it. The engine's answer is stored as the conversation's first reply: it is the form's read-back. What was
handed in on paper has none: whoever complains would never see it, and the record would tell of words that nobody was told.

Not here: reading and checking the request (api/, complaint.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import structlog

from case_store import arrivals, cases, conversations, ownership, uploads
from case_store.arrivals import NewArrival
from case_store.case_record import CaseRecord
from case_store.contacts import Contact, add_contact, kind_of_address
from case_store.conversations import NewConversation, NewMessage
from case_store.ids import new_id
from case_store.records import FACT_NAMES, Draft, Facts, Language, Money, PartialDate, Sender
from case_store.store import Transaction
from dialogue.turn import BotTurn, CallPerson, CustomerMessage, CustomerTurn, Pace
from gateway import entries, filing, tidings
from gateway.complaint import Complaint
from gateway.context import Gateway
from gateway.engines import Engines
from gateway.notifications import Notices
from gateway.uploads import taken

log = structlog.get_logger(__name__)


class Complaints:
    """Takes complaints that come whole (hooks.TakeComplaint)."""

    def __init__(
        self, engines: Engines, notices: Notices, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._engines = engines
        self._notices = notices
        self._clock = clock

    async def __call__(self, gateway: Gateway, complaint: Complaint) -> CaseRecord:
        """Raises what the store raises, complaint.Repeated where it was taken before, NoSuchUpload for a file of another's."""
        now = self._clock()
        turn = self._turn(complaint, now)
        try:
            _, said = await self._engines.answer("", turn)
        except Exception:  # what was filled in is the complaint: it needs no engine to be kept
            log.exception("turn_failed")
            said = self._without_engine(turn, now)
        said = replace(said, draft=_as_filled_in(turn.draft, said.draft), language=_language(complaint, said))
        record = await gateway.store.write(self._take, complaint, said)
        await taken(gateway, complaint.files)
        return record

    def _turn(self, complaint: Complaint, now: datetime) -> CustomerTurn:
        promises = self._notices.promises
        return CustomerTurn(
            messages=(CustomerMessage(1, complaint.what_happened),),
            channel=complaint.channel,
            pace=Pace.LETTER,
            now=now.astimezone(promises.zone),
            locale=complaint.locale or self._notices.language,
            house=promises.house,
            feedback_due=promises.feedback_due(now, complaint.received_at),
            draft=self._filled_in(complaint, now.astimezone(promises.zone)),
            sender_name=complaint.name,
            person_at=promises.person_at(now),
        )

    def _without_engine(self, turn: CustomerTurn, now: datetime) -> BotTurn:
        """A fixed sentence, and a person."""
        sentence = self._notices.promises.apology(turn.locale, now)
        return BotTurn((sentence,), turn.state, turn.draft, turn.locale, acts=(CallPerson("engine_failed"),))

    def _filled_in(self, complaint: Complaint, now: datetime) -> Draft:
        words: dict[str, str] = {}
        read: dict[str, Any] = {}
        for name, kind in (("amount", Money), ("occurred_on", PartialDate)):
            value = getattr(complaint, name)
            if isinstance(value, str):
                words[name] = value
                value = self._read(name, value, now, complaint)
            read[name] = value if isinstance(value, kind) else None
        facts = Facts(
            name=complaint.name,
            contact=complaint.contact,
            about=complaint.about,
            what_happened=complaint.what_happened,
            desired_outcome=complaint.desired_outcome,
            amount=read["amount"],
            occurred_on=read["occurred_on"],
        )
        return Draft(facts, words, frozenset(), _figure(facts))

    def _read(self, name: str, words: str, now: datetime, complaint: Complaint) -> Any:
        from dialogue.understanding.facts import facts_in  # late: it reads many word lists

        house = self._notices.promises.house
        found = facts_in(
            words,
            now=now,
            language=complaint.locale,
            region=house.region,
            home_currency=house.home_currency,
            asked=(name,),
        )
        return getattr(found.facts, name)

    def _take(self, tx: Transaction, complaint: Complaint, said: BotTurn) -> CaseRecord:
        complaint.idempotency.begin(tx)
        case_id, conversation_id = self._store(tx, complaint, said)
        if complaint.entered is not None:
            entries.keep(
                tx, self._notices.promises, complaint.entered, case_id, conversation_id, actor=_actor(complaint)
            )
        filing.file_case(
            tx,
            self._notices,
            case_id,
            incomplete=bool(_missing(said.draft, complaint)),
            actor=_actor(complaint),
            notify=_is_told_by_people(complaint),
        )
        record = cases.get(tx, case_id)
        if not _is_told_by_people(complaint):  # the answer to the form says it
            tidings.note_told(tx, case_id, self._notices.filed(record), by=complaint.channel)
        self._answer(tx, complaint, conversation_id, record, said)
        record = cases.get(tx, case_id)
        complaint.idempotency.keep(tx, record)
        return record

    def _store(self, tx: Transaction, complaint: Complaint, said: BotTurn) -> tuple[str, str]:
        """Conversation, message and draft."""
        conversation_id = new_id()
        notice = None if complaint.entered_by else self._notices.promises.policy.privacy.version
        opening = NewConversation(
            id=conversation_id,
            channel=complaint.channel,
            account=complaint.account,
            locale=said.language,
            customer=complaint.name,
            notice_version=notice,
            state=dict(said.state),
        )
        conversations.open_conversation(tx, opening)
        case_id = cases.open_draft(
            tx,
            conversation_id=conversation_id,
            channel=complaint.channel,
            account=complaint.account,
            language=said.language,
            received_at=complaint.received_at,
            customer=complaint.name,
            reason="entered" if complaint.entered_by else "form",
            entered_at=tx.now if complaint.entered_by else None,
        )
        row = conversations.locked(tx, conversation_id)
        arrival_id = self._arrival(tx, complaint, conversation_id)
        message = NewMessage(
            Sender.CUSTOMER,
            complaint.what_happened,
            name=complaint.name,
            case_id=case_id,
            arrival_id=arrival_id,
            at=complaint.received_at if complaint.entered_by else None,  # what was typed in later was said then
        )
        came = [uploads.files_entry(complaint.files, 1)] if complaint.files else []
        values = {"case_id": case_id, "answered_message": 1}
        conversations.add_messages(tx, row, [message], values=values, entries=came)
        uploads.attach(tx, complaint.files, conversation_id=conversation_id, message=1, arrival_id=arrival_id)
        cases.save_draft(tx, case_id, said.draft, said.judgement, said.language)
        if complaint.contact:
            add_contact(tx, case_id, Contact(complaint.contact, kind_of_address(complaint.contact)))
        return case_id, conversation_id

    def _arrival(self, tx: Transaction, complaint: Complaint, conversation_id: str) -> str:
        """The ledger's row of what was filled in, or of what a clerk has typed."""
        if complaint.entered is None:
            return arrivals.take_read(tx, _as_it_came(complaint), [{"conversation": conversation_id, "message": 1}])
        return entries.note_arrival(
            tx, complaint.entered, complaint.channel, complaint.account, complaint.received_at, conversation_id
        )

    def _answer(
        self, tx: Transaction, complaint: Complaint, conversation_id: str, record: CaseRecord, said: BotTurn
    ) -> None:
        """The read-back is kept in the conversation, unless nobody would read it there; a wish for a person or danger to life wakes one."""
        row = conversations.locked(tx, conversation_id)
        calls = [act for act in said.acts if isinstance(act, CallPerson)]
        values: Mapping[str, Any] = {}
        if calls:
            worst = max(calls, key=lambda call: call.urgent)
            values = ownership.queue_for_person(tx, row, worst.reason, urgent=worst.urgent)
        read_back = () if _is_told_by_people(complaint) else said.says
        spoken = [filing.bot_message(one, record.id, record.reference) for one in read_back]
        conversations.add_messages(tx, row, spoken, values=values)


def _as_it_came(complaint: Complaint) -> NewArrival:
    """The form as the ledger keeps it: what was filled in, before anything was read out of it."""
    fields = {name: getattr(complaint, name) for name in (*FACT_NAMES, "locale", "entered_by")}
    told = {
        name: str(value) if isinstance(value, PartialDate) else value.to_json() if isinstance(value, Money) else value
        for name, value in fields.items()
        if value is not None
    }
    raw = json.dumps(told, ensure_ascii=False).encode()
    return NewArrival(
        complaint.channel, complaint.account, new_id(), complaint.received_at, len(raw), raw, transport={"form": True}
    )


def _as_filled_in(filled: Draft, understood: Draft) -> Draft:
    """What was filled in stands; what the text says beside it fills the gaps."""
    known = filled.facts.known()
    return Draft(
        filled.facts.filled_from(understood.facts),
        {**understood.words, **filled.words},
        understood.declined,
        {**{fact: said for fact, said in understood.evidence.items() if fact not in known}, **filled.evidence},
    )


def _figure(facts: Facts) -> dict[str, str]:
    """The words that a sum of money rests on where none were used: its figure."""
    return {} if facts.amount is None else {"amount": f"{facts.amount.value}"}


def _language(complaint: Complaint, said: BotTurn) -> Language:
    """What a clerk has named stands: they may have typed a customer's words in another script or language."""
    named = complaint.locale if complaint.entered is not None else None
    return named or said.language


def _is_told_by_people(complaint: Complaint) -> bool:
    """Whether whoever complains reads no answer but one that a person hands, posts or tells them."""
    return complaint.entered is not None and complaint.channel in entries.BY_HAND


def _missing(draft: Draft, complaint: Complaint) -> list[str]:
    known = {*draft.facts.known(), *draft.words, *draft.declined}
    if complaint.entered is not None and complaint.entered.postal_address:
        known.add("contact")  # an answer can be written there
    return [name for name in ("name", "contact", "what_happened") if name not in known]


def _actor(complaint: Complaint) -> str:
    if complaint.entered_by is None:
        return "customer"
    return complaint.entered_by if ":" in complaint.entered_by else f"agent:{complaint.entered_by}"
