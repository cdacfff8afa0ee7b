"""What is peculiar to conversations in a messenger: commands, choices by button, albums, edits, customers who block us.

All of it in the transaction that reads the arrival. Commands are answered here and reach no engine; a choice counts only while
its question is the last that was asked; parts of an album become one message, whenever they come; an edit changes its message
and is never a new one, unless we have never seen what it changes.

Not here: which conversation a message joins (routing.py), what customers are told of their cases (notifications.py), how the
dialogue takes a correction (dialogue/corrections.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from case_store import contacts, conversations, edits, outbox
from case_store.conversations import NewMessage, Row, StoredMessage
from case_store.edits import Part
from case_store.outbox import NewDelivery
from case_store.records import ChannelName, Language, Owner, Sender
from case_store.store import Transaction
from case_store.tables_conversations import messages
from channels.message import MessageEdited, MessageIn
from channels.telegram.split import split
from gateway import texts
from gateway.context import Gateway
from gateway.texts import Occasion, Text

MESSENGERS: Final = (ChannelName.TELEGRAM,)
SAID: Final = "say:"  # what occasions of things begin with that matter only where and when they are said
LONGEST_NAMES: Final = 300  # characters of file names in one notice


# in ----------------------------------------------------------------------------------------------------------------


def extras(message: MessageIn) -> dict[str, Any]:
    """What the stored message keeps beside its text, as far as a messenger brings it."""
    return {
        "unspoken": message.unspoken,
        "brought": message.brought,
        "command": message.command,
        "missing": [[file.name, file.reason, file.size] for file in message.missing],
    }


def joined(tx: Transaction, gateway: Gateway, row: Row, message: MessageIn) -> StoredMessage | None:
    """The message that this one is a part or the late original of; None if it is one of its own."""
    known = edits.find(tx, row["id"], message.external_id)
    if known is not None:
        _take_late_original(tx, gateway, row, known, message)
        return known
    if message.group is None:
        return None
    whole = edits.of_group(tx, row["id"], message.group)
    if whole is not None:
        _put_part(tx, gateway, row, whole, message, message.group, "message_part")
    return whole


def begin_group(tx: Transaction, message: MessageIn, stored: StoredMessage) -> None:
    """The first part of an album: those that follow join it."""
    if message.group is not None:
        edits.put_part(tx, stored, message.group, _part(message))


def edited(tx: Transaction, gateway: Gateway, row: Row, edit: MessageEdited) -> StoredMessage | None:
    """Gives a message its new text, and keeps the old one. None if the message was never seen here."""
    now = edit.now
    known = edits.find(tx, row["id"], now.external_id)
    if known is None:
        return None
    group = edits.group_of(tx, known)
    if _is_older(known, now.external_id if group else None, edit.edited_at):  # by webhook edits overtake each other
        _keep_earlier(tx, gateway, row, known, now.text, edit.edited_at)
    elif group is not None:
        _put_part(tx, gateway, row, known, now, group, "edited", edit.edited_at or tx.now)
    else:
        mail = {**(known.mail or {}), **_told(now)}
        _change(tx, gateway, row, known, now.text, mail, "edited", edit.edited_at or tx.now)
    return known


def edited_then(message: MessageIn, at: datetime) -> dict[str, Any]:
    """What is noted of a message that came as an edit: it, or its part of an album, said something else before."""
    part = {} if message.group is None else {"parts_edited": {message.external_id: at.isoformat()}}
    return {"edited_at": at.isoformat(), **part}


def _put_part(
    tx: Transaction,
    gateway: Gateway,
    row: Row,
    whole: StoredMessage,
    message: MessageIn,
    group: str,
    action: str,
    edited_at: datetime | None = None,
) -> None:
    parts = edits.put_part(tx, whole, group, _part(message))
    words = "\n".join(part.text for part in parts if part.text)
    unspoken = " ".join(part.unspoken for part in parts if part.unspoken)
    text = "\n".join(part for part in (words, unspoken) if part)
    mail = {**(whole.mail or {}), "unspoken": unspoken, "brought": "file"}
    if edited_at is not None:
        mail["parts_edited"] = {**mail.get("parts_edited", {}), message.external_id: edited_at.isoformat()}
    missing = [*(whole.mail or {}).get("missing", ()), *extras(message)["missing"]]
    _change(tx, gateway, row, whole, text, _filled(mail | {"missing": missing}), action, edited_at)


def _part(message: MessageIn) -> Part:
    words = message.text.removesuffix(message.unspoken).rstrip("\n") if message.unspoken else message.text
    return Part(message.external_id, words, message.unspoken)


def _told(message: MessageIn) -> dict[str, Any]:
    return {name: value for name, value in extras(message).items() if name != "missing"}


def _change(
    tx: Transaction,
    gateway: Gateway,
    row: Row,
    message: StoredMessage,
    text: str,
    mail: Mapping[str, Any],
    action: str,
    edited_at: datetime | None,
) -> None:
    """Another text; with `edited_at` the one before is kept as an earlier one."""
    if text == message.text and edited_at is not None:
        return  # Telegram also calls it an edit when something changes that nobody wrote
    earlier = None
    if edited_at is not None:
        earlier = (*message.edits, {"text": message.text, "at": _said_at(message)})
        mail = {**mail, "edited_at": edited_at.isoformat()}
    quiet = quiet_window(gateway)
    edits.change(tx, row, message, text=text, mail=_filled(mail), action=action, quiet=quiet, edits=earlier)


def _said_at(message: StoredMessage) -> str:
    """When a message came to read as it does."""
    told: str | None = (message.mail or {}).get("edited_at") or (message.mail or {}).get("sent_at")
    return told or message.at.isoformat()


def _is_older(message: StoredMessage, part: str | None, edited_at: datetime | None) -> bool:
    """Whether the message, or this part of it, has been edited later than that."""
    mail = message.mail or {}
    told = mail.get("edited_at") if part is None else mail.get("parts_edited", {}).get(part)
    return bool(told and edited_at and datetime.fromisoformat(told) > edited_at)


def _take_late_original(tx: Transaction, gateway: Gateway, row: Row, known: StoredMessage, message: MessageIn) -> None:
    """Its edit was read first and stands as the message: what it said before is an earlier text."""
    if (known.mail or {}).get("edited_at"):
        _keep_earlier(tx, gateway, row, known, message.text, message.sent_at)


def _keep_earlier(
    tx: Transaction, gateway: Gateway, row: Row, known: StoredMessage, text: str, at: datetime | None
) -> None:
    if text == known.text or any(text == edit.get("text") for edit in known.edits):
        return
    told = {"text": text, "at": (at or tx.now).isoformat()}
    earlier = tuple(sorted((*known.edits, told), key=lambda edit: str(edit.get("at"))))
    quiet = quiet_window(gateway)
    edits.change(
        tx, row, known, text=known.text, mail=known.mail or {}, action="earlier_text", quiet=quiet, edits=earlier
    )


def _filled(mail: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in mail.items() if value}


def quiet_window(gateway: Gateway) -> timedelta:
    return timedelta(seconds=gateway.settings.quiet_seconds)


# choices -----------------------------------------------------------------------------------------------------------


def is_too_late(tx: Transaction, row: Row, message: MessageIn) -> bool:
    """Whether a choice answers a question that is not the last one, or offers none such: then it is no answer to anything."""
    asked = _asked(tx, row, message)
    if asked is None or message.choice not in {choice.get("value") for choice in asked.choices}:
        return True
    m = messages.c
    later = sa.select(m.number).where(
        m.conversation_id == row["id"], m.number > asked.number, m.sender == Sender.BOT.value
    )
    return tx.execute(later.limit(1)).first() is not None


def was_chosen(tx: Transaction, row: Row, message: MessageIn) -> bool:
    """Whether the same button of the same question was pressed before."""
    asked = _asked(tx, row, message)
    if asked is None:
        return False
    m = messages.c
    taken = sa.select(m.number).where(
        m.conversation_id == row["id"], m.number > asked.number, m.choice == message.choice
    )
    return tx.execute(taken.limit(1)).first() is not None


def _asked(tx: Transaction, row: Row, message: MessageIn) -> StoredMessage | None:
    """The question whose button was pressed; the last with buttons while the number that Telegram gave it is not noted yet."""
    sent = outbox.find_sent(tx, message.thread[0]) if message.thread else None
    m = messages.c
    mine = sa.select(messages).where(m.conversation_id == row["id"], m.choices.is_not(None))
    if sent is not None and sent.conversation_id == row["id"] and sent.message is not None:
        mine = mine.where(m.number == sent.message)
    found = tx.execute(mine.order_by(m.number.desc()).limit(1)).mappings().first()
    return None if found is None else conversations.as_stored(found)


def label_of(tx: Transaction, row: Row, message: MessageIn) -> str:
    """The words of the button as we wrote them."""
    asked = _asked(tx, row, message)
    labels = {} if asked is None else {choice.get("value"): choice.get("label") for choice in asked.choices}
    return labels.get(message.choice) or message.text


# commands and what the house says at once ---------------------------------------------------------------------------


def add_command(tx: Transaction, gateway: Gateway, row: Row, new: NewMessage) -> StoredMessage:
    """Stores a command. It makes no turn due; one that is under way begins again, since messages are in order."""
    waiting = bool(conversations.unanswered(tx, [row]))
    due = conversations.due_values(row, tx.now, quiet_window(gateway)) if waiting else {}
    if due:
        tx.wake("turn", row["id"], at=due["speak_at"])
    values = due if waiting else {"answered_message": row["last_message"] + 1}
    [stored] = conversations.add_messages(tx, row, [new], values=values)
    return stored


def answer_command(tx: Transaction, gateway: Gateway, id: str, command: str) -> None:
    """The greeting with the privacy notice at the first; later a word of welcome, help, or that commands do nothing here."""
    row = conversations.locked(tx, id)
    if row["owner"] == Owner.AGENT:
        return  # a person sees it and answers
    if not _greet(tx, gateway, row):
        occasion = _ANSWERS.get(command, Occasion.COMMAND_UNKNOWN)
        say(tx, row, texts.render(occasion, Language(row["language"])), sender=Sender.SYSTEM)


_ANSWERS: Final = {"start": Occasion.MESSENGER_WELCOME_BACK, "help": Occasion.MESSENGER_HELP}


def _greet(tx: Transaction, gateway: Gateway, row: Row) -> bool:
    """The privacy notice comes before anything else that we say. False if it has been shown."""
    if row["notice_version"] is not None or "notice_shown" in row["state"]:
        return False
    language, privacy = Language(row["language"]), gateway.policy.privacy
    house = gateway.policy.institution.name[language]
    text = texts.render(Occasion.MESSENGER_GREETING, language, house=house, notice=privacy.notice[language])
    values = {"notice_version": privacy.version, "state": {**row["state"], "notice_shown": privacy.version}}
    sender = Sender.BOT if row["owner"] == Owner.BOT else Sender.SYSTEM
    say(tx, row, text, sender=sender, values=values)
    return True


def tell_missing(tx: Transaction, gateway: Gateway, id: str, message: MessageIn) -> None:
    """Files that could not be taken over: which, and how else they can be sent."""
    if not message.missing:
        return
    _greet(tx, gateway, conversations.locked(tx, id))
    row = conversations.locked(tx, id)
    names = ", ".join(file.name for file in message.missing)
    too_large = any(file.reason == "too_large" for file in message.missing)
    text = texts.render(
        Occasion.FILE_TOO_LARGE if too_large else Occasion.FILE_NOT_RECEIVED,
        Language(row["language"]),
        files=names if len(names) <= LONGEST_NAMES else f"{names[:LONGEST_NAMES]}…",
        address=gateway.settings.complaints_address,
    )
    say(tx, row, text, sender=Sender.SYSTEM)


def tell_too_late(tx: Transaction, id: str) -> None:
    """A button of an earlier question was pressed: it has changed nothing, and the customer is told so."""
    row = conversations.locked(tx, id)
    say(tx, row, texts.render(Occasion.CHOICE_TOO_LATE, Language(row["language"])), sender=Sender.SYSTEM)


def say(
    tx: Transaction, row: Row, text: Text, *, sender: Sender, values: Mapping[str, Any] | None = None
) -> StoredMessage:
    """Says something in a locked conversation that lives in a messenger: stored, and on its way at once."""
    new = NewMessage(sender, text.body, case_id=row["case_id"])
    [stored] = conversations.add_messages(tx, row, [new], values=values)
    queue(tx, {**row, **(values or {})}, [stored], sender=sender, occasion=f"{SAID}{row['id']}:{stored.number}")
    return stored


# out ---------------------------------------------------------------------------------------------------------------


def queue(
    tx: Transaction,
    row: Mapping[str, Any],
    stored: Sequence[StoredMessage],
    *,
    sender: Sender,
    occasion: str,
    subject: str | None = None,
    due_at: datetime | None = None,
    extra: Mapping[str, Any] | None = None,
    at_end: Mapping[str, Any] | None = None,
) -> None:
    """What is said leaves as one message; where it is longer than a messenger takes, in parts, each a delivery of its own.

    So a part that has arrived is never sent again because another has failed. `extra`: more for the payload of each,
    `at_end` for that of the last.
    """
    last, parts = stored[-1], split("\n\n".join(message.text for message in stored))
    choices = [dict(choice) for message in stored for choice in message.choices]
    ends = {"choices": choices, **(at_end or {})}
    for number, part in enumerate(parts, 1):
        payload = {"text": part, "subject": subject, "language": row["language"], "sender_name": last.name}
        payload |= extra or {}
        outbox.queue(
            tx,
            NewDelivery(
                occasion=occasion if number == 1 else f"{occasion}#{number}",
                channel=row["channel"],
                account=row["account"],
                address=row["address"],
                sender=sender,
                epoch=row["epoch"] if sender is Sender.BOT else None,
                conversation_id=row["id"],
                message=last.number,
                case_id=last.case_id,
                payload=payload | (ends if number == len(parts) else {}),
                due_at=due_at,
            ),
        )


def of_case(tx: Transaction, case_id: str, ids: Sequence[str]) -> Row | None:
    """The conversation by which a case's customer is reached in a messenger, if that is how they were last heard live.

    `ids` are the case's conversations, the first linked first. None too where nothing arrives any more.
    """
    known = {address: bounced_at for address, _, _, bounced_at in contacts.contacts_of(tx, case_id)}
    for id in reversed(ids):
        row = conversations.find_locked(tx, id)
        if row is None or row["channel"] == ChannelName.WEBCHAT:
            return None
        address = row["address"]
        if row["channel"] not in MESSENGERS or not address or known.get(address) is not None:
            continue
        if address in known or not contacts.is_of_a_proxy(tx, case_id, address):
            return row
    return None


def is_gone(tx: Transaction, case_id: str, address: str) -> bool:
    """Whether what is sent to this address of the case doesn't arrive any more."""
    return any(
        known == address and bounced_at is not None for known, _, _, bounced_at in contacts.contacts_of(tx, case_id)
    )


def blocked(tx: Transaction, address: str) -> None:
    """The customer has blocked us, or is no more: their cases are told to them another way."""
    for case_id in contacts.with_contact(tx, address):
        if not is_gone(tx, case_id, address):
            contacts.flag_bounced(tx, case_id, address)
