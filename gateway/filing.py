"""From what the dialogue says to what the store keeps: one turn's draft, case, owner and answer in one transaction.

`commit_turn` is the unit that ends a turn. It does nothing at all if the conversation has moved on meanwhile.

Not here: what is said (dialogue), when (conductor.py), the dates (promises.py), the notices to the customer (notifications.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy.exc import DBAPIError

from case_store import audit, cases, contacts, conversations, outbox, ownership, papers, tasks, turns
from case_store.audit import Entry
from case_store.case_record import CaseRecord
from case_store.contacts import Contact
from case_store.conversations import NewMessage, Row, StoredMessage
from case_store.outbox import CHECKED, NewDelivery
from case_store.papers import Withdrawal
from case_store.records import ChannelName, MessageKind, Owner, Sender, Status
from case_store.store import Transaction, is_passing, is_unavailable
from case_store.turns import ClaimedTurn
from dialogue.memory import having_heard
from dialogue.turn import REFERENCE, AnotherComplaint, BotTurn, CallPerson, FileCase, Said, WithdrawCase
from gateway import copies, enclosures, messenger, negotiating, senders, solutions, tidings, withdrawing
from gateway.masking import NUMBERS, masked
from gateway.notifications import Notices
from gateway.tidings import TELLS, Tiding

LIVE: Final = (ChannelName.WEBCHAT,)  # answers are read from the conversation, nothing is sent
RESPONSE: Final = 80  # characters that messages.response holds
LONGEST_NAME: Final = 200  # as columns hold it; the whole stands in the facts and in the original
REPLY_BUDGET: Final = 12  # answers of the bot to one address in an hour; more is a loop
MESSENGER_BUDGET: Final = 120  # in a messenger a conversation has many turns, and a machine is never at the other end

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an engine made of a claimed turn. `numbers` are the customer's messages it answers."""

    claim: ClaimedTurn
    turn: BotTurn
    engine: str

    @property
    def numbers(self) -> list[int]:
        return [message.number for message in self.claim.unanswered]

    @property
    def heard_at(self) -> datetime:
        """When the first of them came to the house, which may be days before we could read it."""
        first = self.claim.unanswered[0]
        told = (first.mail or {}).get("received_at")
        return first.at if told is None else min(first.at, datetime.fromisoformat(told))


def commit_turn(tx: Transaction, notices: Notices, answer: Answer) -> bool:
    """Ends a turn: draft, case, owner, answer and what leaves, all or nothing. False if the conversation has moved on."""
    row = turns.still_mine(tx, answer.claim)
    if row is None or not negotiating.stands(tx, notices.promises, answer.turn):
        return False
    about = negotiating.carry_out(tx, notices, row, answer.turn, answer.numbers[-1])
    if about is not None:  # these words and their answer belong to the case whose offer they are about
        conversations.set_case(tx, row["id"], answer.numbers, about)
    case_id = _case_of_turn(tx, row, answer)
    if case_id is not None:
        _take_down(tx, row, case_id, answer)
    reference = _carry_out(tx, notices, row, case_id, answer)
    filed = None if reference is None or case_id is None else notices.filed(cases.get(tx, case_id))
    speak(tx, row, answer, case_id, filed, about=about)
    return True


def keep_heard(tx: Transaction, answer: Answer) -> bool:
    """What was told while waiting for a person goes into the draft, a new one if there is none, and nothing is said.

    Nobody has answered these messages. Whoever comes finds the complaint taken down; if nobody comes, silence registers it
    and its customer is told the number. False if the conversation has moved on.
    """
    row = turns.still_mine(tx, answer.claim)
    if row is None:
        return False
    case_id = _case_of_turn(tx, row, answer)
    if case_id is None:
        turns.nothing_to_say(tx, answer.claim)
        return True
    _take_down(tx, row, case_id, answer)
    state = {**having_heard(row["state"], answer.turn.state), conversations.HEARD: max(answer.numbers)}
    values = {**_let_go(tx, row, answer, case_id), "state": state}
    new = conversations.not_taken_in(row, answer.claim.unanswered)
    entry = Entry("bot", "heard", {"engine": answer.engine, "messages": [message.number for message in new]})
    conversations.add_messages(tx, row, [], values=values, entries=[entry])
    return True


def _take_down(tx: Transaction, row: Row, case_id: str, answer: Answer) -> None:
    """What was understood goes into the record; these messages are about it, and their sender has written of it."""
    if not cases.save_draft(tx, case_id, answer.turn.draft, answer.turn.judgement, answer.turn.language):
        cases.heard_more(tx, case_id)
    _prove_sender(tx, row, case_id, answer.claim.unanswered)
    conversations.set_case(tx, row["id"], answer.numbers, case_id)


def _let_go(tx: Transaction, row: Row, answer: Answer, case_id: str | None) -> dict[str, Any]:
    """What every turn that is over leaves in the conversation's row, answered or only heard."""
    return {
        "language": answer.turn.language.value,
        "case_id": case_id,
        "edited": None,
        "speak_at": None,
        "speak_at_latest": None,
        "lease": None,
        "stumbles": 0,
        "quiet_at": _silence_ends(tx, case_id),
        "customer": (answer.turn.draft.facts.name or row["customer"] or "")[:LONGEST_NAME] or None,
    }


def _case_of_turn(tx: Transaction, row: Row, answer: Answer) -> str | None:
    """The case this turn is about: the conversation's own, or a new draft once it sounds like a complaint."""
    another = any(isinstance(act, AnotherComplaint) for act in answer.turn.acts)
    if row["case_id"] is not None and not another:
        return str(row["case_id"])
    if not sounds_like_a_complaint(answer.turn):
        return None
    return cases.open_draft(
        tx,
        conversation_id=row["id"],
        channel=row["channel"],
        account=row["account"],
        language=answer.turn.language,
        received_at=answer.heard_at,
        customer=row["customer"],
        reason="another_complaint" if another else "first_complaint",
    )


def sounds_like_a_complaint(turn: BotTurn) -> bool:
    """Whether what was told has to be kept in a draft: without one it would be asked for again."""
    if any(isinstance(act, FileCase) for act in turn.acts):
        return True
    facts, kind = turn.draft.facts, None if turn.judgement is None else turn.judgement.kind.value
    if facts.what_happened is None:
        # a branch, a day or a sum may be told first, while what happened is still being asked for
        told = {*facts.known(), *turn.draft.words} - {"name", "contact"}
        return kind == MessageKind.COMPLAINT or (bool(told) and turn.state.get("loop") is not None)
    return kind in (MessageKind.COMPLAINT, MessageKind.UNCLEAR)


def _prove_sender(tx: Transaction, row: Row, case_id: str, said: Sequence[StoredMessage]) -> None:
    if senders.has_no_way_back(row):
        senders.take_as_typed(tx, row, case_id, said)
    elif row["address"]:
        contacts.add_contact(
            tx, case_id, Contact(row["address"], contacts.kind_of_address(row["address"]), "wrote_from")
        )


def _carry_out(tx: Transaction, notices: Notices, row: Row, case_id: str | None, answer: Answer) -> str | None:
    """Files or withdraws. Answers the reference number that the texts name, if any."""
    reference = None
    for act in answer.turn.acts:
        match act:
            case FileCase() if case_id is not None:
                reference = file_case(tx, notices, case_id, incomplete=act.incomplete, actor="bot", notify=False)
            case WithdrawCase():
                _withdraw(tx, notices, row, case_id, act.reference)
            case _:
                pass
    return reference


def file_case(tx: Transaction, notices: Notices, case_id: str, *, incomplete: bool, actor: str, notify: bool) -> str:
    """Registers a draft with its dates and sets its clocks. `notify` when no answer of a conversation tells the customer.

    Where one does, whoever gives the answer notes in the trail when it was told.
    """
    registration = notices.promises.registration(tx.now, cases.glance(tx, case_id), incomplete=incomplete)
    reference = cases.file_case(tx, case_id, registration, actor=actor)
    case = cases.get(tx, case_id)
    notices.promises.set_clocks(tx, case)
    solutions.watch(tx, notices.promises, case)
    notices.case_filed(tx, case, told=not notify)
    return reference


def _withdraw(tx: Transaction, notices: Notices, row: Row, case_id: str | None, reference: str | None) -> None:
    """Only a case of this conversation can be withdrawn from it."""
    own = {
        case.reference: case.id for case in cases.of_conversations(tx, [row["id"]]).get(row["id"], ()) if case.reference
    }
    chosen = case_id if reference is None else own.get(reference)
    if chosen is not None:
        today = tx.now.astimezone(notices.promises.zone).date()
        if papers.withdraw(tx, chosen, Withdrawal(today, row["channel"], row["customer"]), actor="customer"):
            withdrawing.settle(tx, chosen, actor="customer")


def speak(
    tx: Transaction,
    row: Row,
    answer: Answer,
    case_id: str | None,
    filed: Tiding | None = None,
    *,
    about: str | None = None,
) -> list[StoredMessage]:
    """Stores what the bot says, hands over if it calls a person, and lets go of the turn.

    `filed`: it tells that the case has its number. `about`: another case of the conversation that the words belong to.
    """
    turn, call = answer.turn, _call(answer.turn)
    values: dict[str, Any] = {
        **_let_go(tx, row, answer, case_id),
        "state": dict(turn.state),
        "answered_message": max(row["answered_message"], answer.numbers[-1]),  # an edited one may be an earlier one
        "notice_version": row["notice_version"] or turn.state.get("notice_shown"),
    }
    entries = [Entry("bot", "answered", {"engine": answer.engine, "messages": answer.numbers})]
    waits = row["owner"] == Owner.QUEUE and (row["urgent"] or not (call and call.urgent))
    if call is not None and not waits:  # who waits already keeps their place, and the reason that was graver
        values |= ownership.queue_for_person(tx, row, call.reason, urgent=call.urgent)
        entries.append(Entry("bot", "called_person", {"reason": call.reason, "urgent": call.urgent}))
    says = () if senders.has_no_way_back(row) else turn.says
    stored = conversations.add_messages(
        tx,
        row,
        [bot_message(said, about or case_id, filed.reference if filed else None) for said in says],
        values=values,
        entries=entries,
    )
    if row["channel"] not in LIVE:
        queue_answers(tx, {**row, **values}, stored, sender=Sender.BOT, tiding=filed)
    elif filed is not None and case_id is not None:
        tidings.note_told(tx, case_id, filed, by=row["channel"])
    return stored


def _silence_ends(tx: Transaction, case_id: str | None) -> datetime | None:
    """When an unfinished complaint is filed as it is; None if there is none."""
    if case_id is None or cases.glance(tx, case_id).status is not Status.DRAFT:
        return None
    return tx.now + conversations.SILENCE


def _call(turn: BotTurn) -> CallPerson | None:
    calls = [act for act in turn.acts if isinstance(act, CallPerson)]
    return max(calls, key=lambda call: call.urgent) if calls else None


def bot_message(said: Said, case_id: str | None, reference: str | None) -> NewMessage:
    """What the bot says as the store keeps it, with the reference number where the text names it.

    It leaves by mail or stands on a screen that others see too: a card or an identity number that the customer has told is not said back whole.
    """
    text = masked(said.text, NUMBERS)
    return NewMessage(
        Sender.BOT,
        text if reference is None else text.replace(REFERENCE, reference),
        case_id=case_id,
        response=_fitting(said.response),
        asks=said.asks,
        choices=[{"label": choice.label, "value": choice.value} for choice in said.choices],
    )


def _fitting(responses: str) -> str:
    """The first of the responses that a message was put together from, as many as the column holds: PostgreSQL refuses more."""
    while len(responses) > RESPONSE:
        responses, _, left_out = responses.rpartition("+")
        if not responses:
            return left_out[:RESPONSE]
    return responses


def queue_answers(
    tx: Transaction,
    row: Mapping[str, Any],
    stored: Sequence[StoredMessage],
    *,
    sender: Sender,
    tiding: Tiding | None = None,
) -> None:
    """What is said in a conversation that lives by mail or messenger leaves as one message. `tiding`: what it tells of its case."""
    address = row["address"]
    if not stored or not address:
        return
    last = stored[-1]
    is_messenger = row["channel"] in messenger.MESSENGERS
    budget = MESSENGER_BUDGET if is_messenger else REPLY_BUDGET
    if sender is Sender.BOT and outbox.sent_lately(tx, address, last.case_id) >= budget:
        _budget_spent(tx, row, address)
        return
    contact = last.case_id is not None and contacts.is_proved(tx, last.case_id, address)
    extra: dict[str, Any] = {CHECKED: True} if sender is Sender.AGENT and contact else {}
    enclosed = enclosures.payload_of(tx, row["id"], last.number) if sender is Sender.AGENT else {}
    if tiding is not None and last.case_id is not None:
        extra[TELLS] = tiding.to_json()
        tidings.note_to_be_told(tx, last.case_id, tiding, by=row["channel"], address=address)
    if is_messenger:
        occasion = f"reply:{row['id']}:{last.number}"
        messenger.queue(tx, row, stored, sender=sender, occasion=occasion, extra=extra, at_end=enclosed)
        return
    about = None if last.case_id is None else cases.glance(tx, last.case_id)
    cc = copies.of_message(last)
    answer = NewDelivery(
        occasion=f"reply:{row['id']}:{last.number}",
        channel=row["channel"],
        account=row["account"],
        address=address,
        sender=sender,
        epoch=row["epoch"] if sender is Sender.BOT else None,
        conversation_id=row["id"],
        message=last.number,
        case_id=last.case_id,
        payload={
            "text": "\n\n".join(message.text for message in stored),
            "subject": _subject(row, about),
            "language": row["language"],
            "thread": True,
            "sender_name": last.name,
            **extra,
            **enclosed,
            **({copies.CC: cc} if cc else {}),
        },
    )
    outbox.queue(tx, answer)
    copies.queue(tx, row, last, answer)


def _budget_spent(tx: Transaction, row: Mapping[str, Any], address: str) -> None:
    """Two machines may be answering each other, or a customer writes faster than a bot should: a person looks, once a day."""
    audit.append(tx, audit.conversation_chain(row["id"]), Entry("system", "reply_budget_spent", {"address": address}))
    tasks.add(
        tx,
        occasion=f"reply_budget_spent:{tx.now:%Y%m%d}:{address}",
        kind="look",
        words="reply_budget_spent",
        case_id=row["case_id"],
        conversation_id=row["id"],
    )


def _subject(row: Mapping[str, Any], about: CaseRecord | None) -> str:
    subject = row["subject"] or ""
    known = about is not None and about.reference is not None and about.reference in subject
    mark = "" if known or about is None or about.reference is None else f"[{about.reference}] "
    answered = subject if subject.lower().startswith("re:") else f"Re: {subject}".rstrip()
    return f"{mark}{answered}"


def fail_turn(tx: Transaction, claim: ClaimedTurn, said: Said, language: str) -> bool:
    """The engine failed twice: a fixed sentence, and a person. False if the conversation has moved on."""
    row = turns.still_mine(tx, claim)
    if row is None:
        return False
    values = ownership.queue_for_person(tx, row, "engine_failed") | {
        "quiet_at": _silence_ends(tx, row["case_id"]),
        "answered_message": max([row["answered_message"], *(said.number for said in claim.unanswered)]),
        "edited": None,
        "stumbles": 0,
    }
    message = NewMessage(Sender.BOT, said.text, response=said.response, case_id=row["case_id"])
    entry = Entry("system", "called_person", {"reason": "engine_failed"})
    says = [] if senders.has_no_way_back(row) else [message]
    stored = conversations.add_messages(tx, row, says, values=values, entries=[entry])
    if row["channel"] not in LIVE:
        queue_answers(tx, {**row, **values, "language": language}, stored, sender=Sender.BOT)
    return True


def agent_replied(tx: Transaction, notices: Notices, conversation: Row, message: StoredMessage) -> None:
    """An agent's words leave by the conversation's channel; where it has no way back, by mail or by a person."""
    case = None if message.case_id is None else cases.get(tx, message.case_id)
    if case is not None:
        cases.heard_more(tx, case.id)
    if conversation["channel"] in LIVE:
        notices.watch_unseen(tx, conversation["id"], message.number, message.case_id)
    elif case is not None and notices.is_left(tx, conversation, case):
        notices.pass_on(tx, case, message)
    elif case is None and outbox.does_not_arrive(tx, conversation["id"], conversation["address"] or ""):
        senders.ask_to_look(tx, "answer_not_sent", conversation["id"])
    elif conversation["address"]:
        queue_answers(tx, conversation, [message], sender=Sender.AGENT)
    elif case is not None:
        notices.pass_on(tx, case, message)
    elif senders.has_no_way_back(conversation):
        senders.ask_to_look(tx, "answer_not_sent", conversation["id"])


def file_in_silence(tx: Transaction, notices: Notices, limit: int = 50) -> int:
    """Files unfinished complaints whose customer has fallen silent: marked incomplete, put before an agent."""
    filed = 0
    for row in turns.fallen_silent(tx, limit):
        try:
            with tx.connection.begin_nested():
                filed += _fell_silent(tx, notices, row["id"])
        except DBAPIError as error:
            if is_passing(error) or is_unavailable(error):
                raise
            _look_again_later(tx, row["id"], error)
        except Exception as error:  # one that can't be filed holds up no other
            _look_again_later(tx, row["id"], error)
    return filed


def _fell_silent(tx: Transaction, notices: Notices, id: str) -> bool:
    row = conversations.locked(tx, id)
    if row["owner"] == Owner.AGENT and row["updated_at"] > tx.now - conversations.SILENCE:
        turns.wait_for_silence(tx, id, conversations.SILENCE)  # they are talking: nobody interrupts
        return False
    case = cases.get(tx, row["case_id"]) if row["case_id"] else None
    files = case is not None and case.status is Status.DRAFT and bool(case.facts.what_happened)
    if case is not None and files:
        file_case(tx, notices, case.id, incomplete=True, actor="system", notify=True)
        row = conversations.locked(tx, id)  # the notice may stand in this very conversation
    values: dict[str, Any] = {"quiet_at": None}
    if files and row["owner"] == Owner.BOT:
        values |= ownership.queue_for_person(tx, row, "fell_silent")
    conversations.add_messages(tx, row, [], values=values, entries=[Entry("system", "fell_silent")])
    return files


def _look_again_later(tx: Transaction, id: str, error: Exception) -> None:
    log.error("silence_not_filed", conversation=id, error=type(error).__name__, exc_info=error)
    turns.wait_for_silence(tx, id, conversations.SILENCE)
