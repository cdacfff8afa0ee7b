"""Which conversation a message joins, and what becomes of everything else that is read from an arrival.

One transaction for each arrival: what it became and the tick in the ledger are committed together.

Contacts are proved, not believed: a mail joins a case by signed reply address, References or reference number only if its
From is a contact of that case and not in doubt (senders.py). Otherwise it is stored apart, in a conversation of its own, and linked
for staff.

Not here: how a mail is read (channels/email), whose turn it is (conductor.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from case_store import arrivals, cases, contacts, conversations, identities, links, merged, outbox, tasks
from case_store.arrivals import StoredArrival
from case_store.cases import NoSuchCase
from case_store.conversations import NewConversation, NewMessage, Row, StoredMessage
from case_store.ids import new_id
from case_store.records import ChannelName, Language, Sender, Status
from case_store.reference import references_in
from case_store.store import Transaction
from case_store.tables_arrivals import events as channel_events
from case_store.tables_conversations import messages
from channels.email.identity import message_id_of
from channels.message import CallIn, ChannelEvent, DeliveryReport, Event, MessageEdited, MessageIn
from gateway import messenger, senders, tidings
from gateway.context import Gateway
from gateway.file_words import stand_in
from gateway.telephone.taking import take_call
from gateway.tidings import Failure
from gateway.tokens import AddressKind

NEAREST: Final = 3  # mails that a mail answers, looked for among those that are still to be read
LONGEST_NAME: Final = 200
LONGEST_ADDRESS: Final = 320  # RFC 5321: 64 + @ + 255
AT_ONCE: Final = timedelta(0)  # a mail is due at once: its writer has finished


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a message goes. `stranger_to` names a case it spoke of without being one of its contacts.

    `beside` is the conversation it spoke of so, where that is about no case yet.
    """

    conversation_id: str | None
    case_id: str | None = None
    stranger_to: str | None = None
    beside: str | None = None
    reason: str = ""


def take_in(tx: Transaction, gateway: Gateway, arrival: StoredArrival, events: list[Event]) -> None:
    """Stores everything that an arrival was read as and ticks it off. Does nothing if the lease was lost.

    Raises TooEarly, at most twice, for a mail that answers one which is still being read: it would find no conversation to join.
    """
    answered = [id for event in events if isinstance(event, MessageIn) for id in event.thread[:NEAREST]]
    if answered and arrival.attempts <= 1 and arrivals.is_unread(tx, answered, arrival):
        raise TooEarly(f"arrival {arrival.id} answers a mail that is still being read")
    became: list[Mapping[str, Any]] = []
    for event in events:
        match event:
            case MessageIn():
                became.append(_message(tx, gateway, arrival, event))
            case DeliveryReport():
                became.append(_report(tx, gateway, arrival, event))
            case ChannelEvent():
                became.append(_event(tx, gateway, arrival, event))
            case CallIn():
                became.append(take_call(tx, gateway, arrival, event))
            case MessageEdited():
                became.append(_edited(tx, gateway, arrival, event))
    if not arrivals.tick_off(tx, arrival, became):
        raise LeaseLost(f"arrival {arrival.id} is being read elsewhere")


class TooEarly(Exception):
    """What came before this arrival has to be read first: everything done here is undone."""


class LeaseLost(Exception):
    """Somebody else reads this arrival now: everything done here is undone."""

    final = False


def _fitting(name: str | None) -> str | None:
    """A name as the columns hold it; the whole of it stands in the original."""
    return name[:LONGEST_NAME] if name else None


def _message(
    tx: Transaction, gateway: Gateway, arrival: StoredArrival, message: MessageIn, edited_at: datetime | None = None
) -> Mapping[str, Any]:
    if message.sender and len(message.sender) > LONGEST_ADDRESS:  # nobody can be written to there
        message = replace(message, sender=None)
    there = _keyed(tx, arrival, message) or find_destination(tx, gateway, message)
    row = _conversation(tx, gateway, arrival, message, there)
    case_id = there.case_id or (row["case_id"] if there.conversation_id else None)
    if case_id is not None:  # an agent may have merged it since we looked
        case_id = _unless_erased(tx, merged.lock_current(tx, case_id))
    new = _new_message(arrival, message, case_id, _language(gateway, row))
    if edited_at is not None:
        new = replace(new, mail={**(new.mail or {}), **messenger.edited_then(message, edited_at)})
    if row["channel"] in messenger.MESSENGERS:
        return _in_messenger(tx, gateway, arrival, message, row, new)
    stored = conversations.add_customer_message(
        tx, row, new, quiet=_quiet_window(gateway, row), values=_case_values(row, case_id)
    )
    _attach(tx, arrival, message, stored)
    _mark_a_used_message_id(tx, arrival, stored)
    if case_id is not None:
        cases.link_conversation(tx, case_id, row["id"], linked_by="system", reason=there.reason or "reply")
        _customer_has_answered(tx, case_id)
        if message.sender:
            contacts.reached_again(tx, message.sender, case_id)
    if there.stranger_to is not None or there.beside is not None:
        _note_stranger(tx, arrival, message, row["id"], there)
    senders.note_how_it_was_read(tx, message.notes, message.text, row["id"], case_id)
    return {"conversation": row["id"], "message": stored.number}


def _in_messenger(
    tx: Transaction, gateway: Gateway, arrival: StoredArrival, message: MessageIn, row: Row, new: NewMessage
) -> Mapping[str, Any]:
    """A message as messengers bring them: a command, a choice, a part of an album, or what customers write."""
    if message.sender is not None:
        contacts.reached_again(tx, message.sender)
    if message.choice is not None:
        if messenger.was_chosen(tx, row, message):
            return _kept_choice(tx, arrival, message, row, "choice_again")
        if messenger.is_too_late(tx, row, message):
            messenger.tell_too_late(tx, row["id"])
            return _kept_choice(tx, arrival, message, row, "choice_too_late")
        new = replace(new, text=messenger.label_of(tx, row, message))
    known = messenger.joined(tx, gateway, row, message)
    if known is not None:
        stored = known
    elif message.command is not None:
        stored = messenger.add_command(tx, gateway, row, new)
        messenger.answer_command(tx, gateway, row["id"], message.command)
    else:
        stored = conversations.add_customer_message(tx, row, new, quiet=_quiet_window(gateway, row))
        messenger.begin_group(tx, message, stored)
    is_original = known is not None and known.external_id == message.external_id
    _attach(tx, arrival, message, stored, only_new=is_original)
    if new.case_id is not None:
        _customer_has_answered(tx, new.case_id)
        cases.heard_more(tx, new.case_id)
    messenger.tell_missing(tx, gateway, row["id"], message)
    return {"conversation": row["id"], "message": stored.number}


def _kept_choice(tx: Transaction, arrival: StoredArrival, message: MessageIn, row: Row, kind: str) -> Mapping[str, Any]:
    detail = {"sender": message.sender, "choice": message.choice, "text": message.text}
    return {"event": _store_event(tx, arrival, kind, detail, conversation_id=row["id"], case_id=row["case_id"])}


def _edited(tx: Transaction, gateway: Gateway, arrival: StoredArrival, edit: MessageEdited) -> Mapping[str, Any]:
    """A message with its new text. One that never came here is kept as it now reads, shown, and answered."""
    key = edit.now.conversation_key
    row = conversations.with_key(tx, arrival.account, key) if key else None
    stored = None if row is None else messenger.edited(tx, gateway, row, edit)
    if row is None or stored is None:
        return _message(tx, gateway, arrival, edit.now, edit.edited_at or tx.now)
    _attach(tx, arrival, edit.now, stored, only_new=True)
    if row["case_id"] is not None:
        cases.heard_more(tx, row["case_id"])
    messenger.tell_missing(tx, gateway, row["id"], edit.now)
    return {"conversation": row["id"], "edited": stored.number}


def _quiet_window(gateway: Gateway, row: Row) -> timedelta:
    """A messenger's customer writes in bursts; who writes a mail has finished."""
    live = row["channel"] == ChannelName.TELEGRAM
    return timedelta(seconds=gateway.settings.quiet_seconds) if live else AT_ONCE


def _case_values(row: Row, case_id: str | None) -> dict[str, Any]:
    return {} if case_id is None or row["case_id"] is not None else {"case_id": case_id}


def _customer_has_answered(tx: Transaction, case_id: str) -> None:
    """A case that waited for its customer waits no longer."""
    if cases.glance(tx, case_id).status is Status.WAITING_FOR_CUSTOMER:
        cases.change(tx, case_id, {"status": Status.IN_PROGRESS.value}, actor="system")


def _keyed(tx: Transaction, arrival: StoredArrival, message: MessageIn) -> Destination | None:
    """The conversation that the channel itself names, or that a first message opens under this name."""
    if message.conversation_key is None:
        return None
    row = conversations.with_key(tx, arrival.account, message.conversation_key)
    if row is None:
        return Destination(None)
    return Destination(row["id"], _answered_case(tx, row, message) or row["case_id"], reason="conversation")


def _answered_case(tx: Transaction, row: Row, message: MessageIn) -> str | None:
    """The case that the customer speaks of by replying to something said about it in this very conversation."""
    if not message.thread:
        return None
    sent = outbox.with_external_id(tx, message.thread) + conversations.with_external_id(tx, message.thread)
    named = [merged.leads_to(tx, case_id) for id, case_id in sent if id == row["id"] and case_id is not None]
    return next((case_id for case_id in named if row["id"] in links.told_in(tx, case_id)), None)


def find_destination(tx: Transaction, gateway: Gateway, message: MessageIn) -> Destination:
    """Signed reply address first, then References, then a reference number in subject or text."""
    candidates = [*_by_token(tx, gateway, message), *_by_thread(tx, message), *_by_reference(tx, message)]
    stranger_to = beside = None
    doubted = senders.is_doubted(message.verdict)
    for conversation_id, named, reason in candidates:
        case_id = None if named is None else merged.leads_to(tx, named)
        if doubted:
            stranger_to, beside = stranger_to or case_id, beside or conversation_id
            continue
        row = conversations.find(tx, conversation_id) if conversation_id else None
        # a mail without a sender is nobody's: None must not find the conversation of another such mail
        if row is not None and row["channel"] == "email" and message.sender and row["address"] == message.sender:
            if case_id is not None and links.is_withheld(tx, case_id, row["id"]):
                return Destination(conversation_id)  # a proxy's, or nobody knows whose: it says nothing for the case
            if case_id != named and row["id"] not in links.told_in(tx, str(case_id)):
                return Destination(conversation_id)  # it was parted from the case into which its own was merged
            return Destination(conversation_id, case_id, reason=reason)
        if case_id is not None and message.sender and identities.is_customer_of(tx, case_id, message.sender):
            held = _mail_conversation(tx, cases.get(tx, case_id).conversations, message.sender)
            return Destination(held, case_id, reason=reason)
        stranger_to = stranger_to or case_id
        beside = beside or conversation_id
    return Destination(None, stranger_to=stranger_to, beside=beside)


Candidate = tuple[str | None, str | None, str]


def _by_token(tx: Transaction, gateway: Gateway, message: MessageIn) -> list[Candidate]:
    signed = gateway.tokens.read_token(message.token) if message.token else None
    if signed is None or signed[0] is not AddressKind.REPLY:
        return []
    row = conversations.find(tx, signed[1])
    return [] if row is None else [(row["id"], row["case_id"], "reply_address")]


def _by_thread(tx: Transaction, message: MessageIn) -> list[Candidate]:
    if not message.thread:
        return []
    sent = outbox.with_external_id(tx, message.thread)
    received = conversations.with_external_id(tx, message.thread)
    return [(conversation_id, case_id, "thread") for conversation_id, case_id in (*sent, *received)]


def _by_reference(tx: Transaction, message: MessageIn) -> list[Candidate]:
    found: list[Candidate] = []
    for reference in references_in(f"{message.subject or ''}\n{message.text[:4000]}")[:5]:
        try:
            case = merged.current(tx, reference)
        except NoSuchCase:
            continue
        found.append((_mail_conversation(tx, case.conversations, message.sender), case.id, "reference_number"))
    return found


def _mail_conversation(tx: Transaction, ids: tuple[str, ...], sender: str | None) -> str | None:
    """The conversation of a case that is held by mail with this very address."""
    for id in reversed(ids):
        row = conversations.find(tx, id)
        if row is not None and row["channel"] == "email" and sender and row["address"] == sender:
            return id
    return None


def _conversation(
    tx: Transaction, gateway: Gateway, arrival: StoredArrival, message: MessageIn, there: Destination
) -> Row:
    if there.conversation_id is not None:
        row = conversations.locked(tx, there.conversation_id)
        if row["erased_at"] is None:
            return row
    id = new_id()
    conversations.open_conversation(
        tx,
        NewConversation(
            id=id,
            channel=arrival.channel,
            account=arrival.account,
            key=message.conversation_key,
            locale=message.language_hint or gateway.settings.locale.value,
            customer=_fitting(message.sender_name),
            address=None if senders.is_doubted(message.verdict) else message.sender,
            subject=message.subject,
        ),
    )
    return conversations.locked(tx, id)


def _new_message(arrival: StoredArrival, message: MessageIn, case_id: str | None, language: Language) -> NewMessage:
    mail = {
        "subject": message.subject,
        "from": message.sender,
        "from_name": message.sender_name,
        "sent_at": message.sent_at.isoformat() if message.sent_at else None,
        "received_at": arrival.received_at.isoformat(),
        "quoted": message.quoted,
        "html": message.html,
        "verdict": dict(message.verdict),
        "notes": dict(message.notes),
        **messenger.extras(message),
    }
    names = [attachment.name for attachment in message.attachments if not attachment.inline]
    wordless = bool(names) and not message.text.strip()
    return NewMessage(
        Sender.CUSTOMER,
        stand_in(names, language) if wordless else message.text,
        wordless=wordless,
        name=_fitting(message.sender_name),
        case_id=case_id,
        arrival_id=arrival.id,
        external_id=_name_of(arrival, message),
        choice=message.choice,
        mail={key: value for key, value in mail.items() if value},
    )


def _language(gateway: Gateway, row: Row) -> Language:
    """What we say in a message's place is said in the conversation's language, or in the house's where that is none of ours."""
    known = {language.value: language for language in Language}
    return known.get(row["language"], gateway.settings.locale)


def _name_of(arrival: StoredArrival, message: MessageIn) -> str | None:
    """What others call this message: for mail its Message-ID, which References name; the ledger's id holds a digest too."""
    return message_id_of(message.external_id) if arrival.channel == "email" else message.external_id


SAME_MESSAGE_ID: Final = "same_message_id_other_content"


def _mark_a_used_message_id(tx: Transaction, arrival: StoredArrival, stored: StoredMessage) -> None:
    """A Message-ID is the sender's to choose: another mail under a used one stands on its own, and says so."""
    if arrival.channel != "email" or stored.external_id is None:
        return
    if tx.postgresql:  # two of them read at once would not see each other
        tx.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(stored.external_id, 0))))
    m = messages.c
    other = sa.select(m.number).where(m.external_id == stored.external_id, m.arrival_id != arrival.id).limit(1)
    if tx.execute(other).first() is not None:
        arrivals.mark(tx, arrival, SAME_MESSAGE_ID)


def _attach(
    tx: Transaction, arrival: StoredArrival, message: MessageIn, stored: StoredMessage, *, only_new: bool = False
) -> None:
    """`only_new` leaves out what the message has already: an edit brings all of its files again."""
    known = conversations.attached_digests(tx, stored) if only_new else frozenset()
    digests = [(attachment, hashlib.sha256(attachment.content).hexdigest()) for attachment in message.attachments]
    conversations.add_attachments(
        tx,
        [
            {
                "id": new_id(),
                "conversation_id": stored.conversation_id,
                "message": stored.number,
                "arrival_id": arrival.id,
                "part": attachment.part,
                "digest": digest,
                "name": attachment.name,
                "media_type": attachment.media_type[:255],
                "size": len(attachment.content),
                "content_id": attachment.content_id,
                "inline": attachment.inline,
            }
            for attachment, digest in digests
            if digest not in known
        ],
    )


def _note_stranger(
    tx: Transaction, arrival: StoredArrival, message: MessageIn, conversation_id: str, there: Destination
) -> None:
    """Staff see that somebody unknown has spoken of this case or conversation; it takes nothing from it itself."""
    case_id = _unless_erased(tx, there.stranger_to)
    detail = {"sender": message.sender, "subject": message.subject, "conversation": conversation_id}
    doubted = senders.is_doubted(message.verdict)
    shown_in = conversation_id if there.stranger_to is not None else there.beside
    _store_event(tx, arrival, "stranger", detail, conversation_id=shown_in, case_id=case_id)
    tasks.add(
        tx,
        occasion=f"stranger:{arrival.id}",
        kind="look",
        words="sender_doubted" if doubted else "stranger_names_case",
        case_id=case_id,
        conversation_id=conversation_id,
    )


def _store_event(
    tx: Transaction,
    arrival: StoredArrival,
    kind: str,
    detail: Mapping[str, Any],
    *,
    conversation_id: str | None = None,
    case_id: str | None = None,
) -> str:
    id, case_id = new_id(), _unless_erased(tx, case_id)
    talk = None if conversation_id is None else conversations.find(tx, conversation_id)
    if talk is not None and talk["erased_at"] is not None:
        conversation_id = None
    row = {"id": id, "arrival_id": arrival.id, "kind": kind, "conversation_id": conversation_id, "case_id": case_id}
    tx.execute(sa.insert(channel_events).values(**row, detail=dict(detail), at=tx.now))
    return id


def _unless_erased(tx: Transaction, case_id: str | None) -> str | None:
    """The case, if words may still stand beside it."""
    return None if case_id is None or cases.glance(tx, case_id).erased_at is not None else case_id


def _report(tx: Transaction, gateway: Gateway, arrival: StoredArrival, report: DeliveryReport) -> Mapping[str, Any]:
    """What became of something we sent. A bounce flags the address on its case and wakes an agent.

    Only one that brings our signed bounce address back does: it was written by whom our mail was handed to. Whoever knows a
    Message-ID can claim that it bounced, and a customer who is written to no more hears nothing: there a person looks. That it
    arrived or was read is believed on the same proof; without it nothing changes.
    """
    delivery, proved = _reported_delivery(tx, gateway, report)
    case_id, conversation_id = (delivery.case_id, delivery.conversation_id) if delivery else (None, None)
    detail = {"address": report.address, "status": report.status, "detail": report.detail[:2000], "proved": proved}
    id = _store_event(tx, arrival, report.kind, detail, conversation_id=conversation_id, case_id=case_id)
    if delivery is not None and report.kind == "bounced" and not proved:
        tasks.add(
            tx,
            occasion=f"bounce_claimed:{delivery.id}",
            kind="look",
            words="bounce_claimed",
            case_id=case_id,
            conversation_id=conversation_id,
        )
    if delivery is not None and report.kind == "bounced" and proved:
        _came_back(tx, gateway, delivery, f"{report.status or ''} {report.detail}".strip())
        senders.call_person(tx, conversation_id, "mail_bounced")
    if delivery is not None and report.kind in _ARRIVED and proved:
        _has_arrived(tx, delivery, read=_ARRIVED[report.kind])
    return {"event": id}


def _has_arrived(tx: Transaction, delivery: outbox.StoredDelivery, *, read: bool) -> None:
    if outbox.arrived(tx, delivery.id, read=read) and delivery.conversation_id is not None:
        tx.wake("conversation", delivery.conversation_id)


_ARRIVED: Final = {"delivered": False, "seen": True}  # and whether it was read


def _came_back(tx: Transaction, gateway: Gateway, delivery: outbox.StoredDelivery, detail: str) -> None:
    """The customer is not told after all: the words go another way, and where there are none a person looks."""
    if not outbox.bounced(tx, delivery.id, detail):
        return
    if delivery.case_id is not None:
        for case_id in dict.fromkeys((delivery.case_id, merged.leads_to(tx, delivery.case_id))):
            contacts.flag_bounced(tx, case_id, delivery.address)
    tidings.note_not_delivered(tx, delivery, Failure.GONE, detail)
    if delivery.conversation_id is not None:
        tx.wake("conversation", delivery.conversation_id)
    if gateway.another_way is None or not gateway.another_way(tx, delivery, Failure.GONE):
        tasks.add(
            tx,
            occasion=f"bounce:{delivery.id}",
            kind="look",
            words="mail_bounced",
            case_id=delivery.case_id,
            conversation_id=delivery.conversation_id,
        )


def _reported_delivery(
    tx: Transaction, gateway: Gateway, report: DeliveryReport
) -> tuple[outbox.StoredDelivery | None, bool]:
    """What is reported on, and whether the report shows by our signature that it comes from where our mail went."""
    signed = gateway.tokens.read_token(report.token) if report.token else None
    if signed is not None and signed[0] is AddressKind.BOUNCE:
        return outbox.find(tx, signed[1]), True
    named = outbox.find_sent(tx, report.message_id) if report.message_id else None
    # that it was shown is told to our signed reply address, which only whoever had the mail knows
    by_reader = report.kind == "seen" and signed is not None and named is not None
    return named, by_reader and signed == (AddressKind.REPLY, named.conversation_id)  # type: ignore[union-attr]


def _event(tx: Transaction, gateway: Gateway, arrival: StoredArrival, event: ChannelEvent) -> Mapping[str, Any]:
    """Stored, never answered; shown beside the conversation it belongs to, if its sender is the one it is held with."""
    message = MessageIn(
        arrival.external_id,
        event.text,
        sender=event.sender,
        thread=event.thread,
        token=event.token,
        verdict=event.verdict,
    )
    row = conversations.with_key(tx, arrival.account, event.conversation_key) if event.conversation_key else None
    there = find_destination(tx, gateway, message) if row is None else Destination(row["id"], row["case_id"])
    if event.sender is not None and event.kind == "blocked":
        messenger.blocked(tx, event.sender)
    elif event.sender is not None and event.kind == "unblocked":
        contacts.reached_again(tx, event.sender)
    detail = {"sender": event.sender, "subject": event.subject, "text": event.text[:20_000], "detail": event.detail}
    id = _store_event(tx, arrival, event.kind, detail, conversation_id=there.conversation_id, case_id=there.case_id)
    return {"event": id}
