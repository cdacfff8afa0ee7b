"""What customers are told, when, and by which way.

Units called inside the transaction of what happened, so that a notice exists exactly when its occasion does: one row an
occasion. A customer is told in the conversation they use, chat or messenger; by mail where that is theirs, or where they have left; where no
address is left that may be written to, an agent gets a call-back or letter task with the words to say.

Mail goes only to addresses that are proved and have not bounced. One that was only typed gets the reference number and a
confirmation link, no facts. Notices wait for the end of the quiet hours; answers to what was just written never do.

Not here: the words (texts.py), sending (delivery.py), what the house itself is told (alarms.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from case_store import audit, cases, contacts, conversations, links, outbox, papers, timers
from case_store.audit import Entry, case_chain
from case_store.cases import CaseRecord
from case_store.conversations import NewMessage, Row, StoredMessage
from case_store.outbox import NewDelivery, StoredDelivery
from case_store.records import ChannelName, Language, Owner, Sender, Status
from case_store.store import Transaction
from gateway import messenger, resuming, telling, texts
from gateway.config import Settings
from gateway.hooks import Person
from gateway.promises import Promises
from gateway.texts import Occasion, Text
from gateway.tokens import LinkKind, Tokens
from gateway.working_hours import may_notify_at

UNSEEN: Final = timedelta(hours=4)  # until a message in a chat that nobody has looked at becomes a task
AWAY: Final = timedelta(minutes=15)  # … or is mailed, where there is an address
LINK_AGE: Final = timedelta(days=7)
CONFIRMATIONS: Final = 3  # that an address which was only typed is sent in a day
NOTICE_BUDGET: Final = 40  # notices to one address in a day; more is a loop or a mistake, and a person tells instead
ONE_DAY: Final = timedelta(days=1)


class Notices:
    """Tells customers, under one policy."""

    def __init__(self, promises: Promises, settings: Settings, tokens: Tokens) -> None:
        self.promises = promises
        self._settings = settings
        self._tokens = tokens

    # what happened ---------------------------------------------------------------------------------------------

    def case_filed(self, tx: Transaction, case: CaseRecord, *, told: bool) -> None:
        """The case has its number. `told`: the answer of the conversation, or of the form, says so already."""
        if told:
            _note_told(tx, case, Occasion.CASE_FILED)
        else:
            text = self._text(Occasion.CASE_FILED, case, incomplete=case.incomplete)
            self.tell(tx, case, Occasion.CASE_FILED, text)
        self.ask_to_confirm(tx, case)

    def case_changed(
        self, tx: Transaction, before: CaseRecord, after: CaseRecord, note: str | None, actor: str
    ) -> None:
        """A person has set the status, or has something to say to the customer."""
        if after.reference is None or (before.status is after.status and not note):
            return
        occasion, text = self._about_change(tx, after, note, actor)
        self.tell(tx, after, f"{occasion}:{after.version}", text)

    def _about_change(self, tx: Transaction, case: CaseRecord, note: str | None, actor: str) -> tuple[Occasion, Text]:
        if case.status is Status.WAITING_FOR_CUSTOMER and note:
            return Occasion.INFORMATION_NEEDED, self._text(Occasion.INFORMATION_NEEDED, case, question=note)
        if case.status in (Status.RESOLVED, Status.CLOSED) and case.outcome and case.basis and case.next_steps and note:
            return Occasion.RESULT, self._text(
                Occasion.RESULT,
                case,
                outcome=case.outcome.value,
                answer=note,
                basis=case.basis,
                next_steps=case.next_steps,
                **_agent_values(conversations.agent_named(tx, actor.removeprefix("agent:"))),
            )
        if case.status is Status.WITHDRAWN:
            return Occasion.WITHDRAWN_CONFIRMED, self._text(Occasion.WITHDRAWN_CONFIRMED, case)
        due = None if case.status in (Status.RESOLVED, Status.CLOSED) else case.feedback_due
        return Occasion.STATUS_CHANGED, self._text(
            Occasion.STATUS_CHANGED, case, status=case.status.value, note=note, feedback_due=due
        )

    def owner_changed(self, tx: Transaction, before: Row, after: Row, person: Person) -> None:
        """Who answers has changed. A live customer is told at once; a mail customer learns it from the person's own words."""
        live = (ChannelName.WEBCHAT, *messenger.MESSENGERS)
        if after["channel"] not in live or before["owner"] == after["owner"] == Owner.AGENT:
            return
        language = Language(after["language"])
        if after["owner"] == Owner.AGENT:
            shown = {"name": person.name, "post": person.post, "contact": person.contact}
            text = texts.render(Occasion.PERSON_TOOK_OVER, language, **_agent_values(shown))
        elif before["owner"] == Owner.AGENT and after["owner"] == Owner.BOT:
            text = texts.render(Occasion.HANDED_BACK, language)
        elif after["owner"] == Owner.QUEUE:
            text = texts.render(Occasion.WAITING_FOR_PERSON, language, person_at=self.promises.person_at(tx.now))
        else:
            return
        if after["channel"] in messenger.MESSENGERS:
            messenger.say(tx, after, text, sender=Sender.SYSTEM)  # if it finds nobody, nobody has to be told of it
        else:
            conversations.add_messages(tx, after, [NewMessage(Sender.SYSTEM, text.body, case_id=after["case_id"])])

    # ways to tell ----------------------------------------------------------------------------------------------

    def tell(self, tx: Transaction, case: CaseRecord, occasion: str, text: Text) -> None:
        """Tells the customer of a case by the way they use; a task for a person where there is none."""
        key = f"{occasion}:{case.id}"
        there = messenger.of_case(tx, case.id, _told_in(tx, case))
        if there is not None:
            self._tell_in_messenger(tx, there, case, key, text)
            _note_told(tx, case, occasion)
            return
        chat = self._chat_of(tx, case)
        address = _mail_address(tx, case)
        gone = chat is None or _is_gone(tx, chat)
        flooded = address is not None and _told_too_much(tx, address)
        mailed = address is not None and gone and not flooded
        if chat is not None:
            self._tell_in_chat(tx, chat, case, text, watched=not mailed)
        if flooded:
            self._ask_a_person_to_tell(tx, case, key, text)
        elif address is not None and mailed:
            self._tell_by_mail(tx, case, key, address, text, chat=chat)
        elif chat is None:
            self._ask_a_person_to_tell(tx, case, key, text)
            return  # told when the call or the letter is recorded
        _note_told(tx, case, occasion)

    def _chat_of(self, tx: Transaction, case: CaseRecord) -> Row | None:
        for id in reversed(_told_in(tx, case)):
            row = conversations.find_locked(tx, id)
            if row is not None and row["channel"] == ChannelName.WEBCHAT:
                return row
        return None

    def _tell_in_messenger(self, tx: Transaction, row: Row, case: CaseRecord, key: str, text: Text) -> None:
        stored = conversations.add_messages(tx, row, [NewMessage(Sender.SYSTEM, text.body, case_id=case.id)])
        due_at = may_notify_at(tx.now, self.promises.zone, self.promises.policy.notices)
        messenger.queue(tx, row, stored, sender=Sender.SYSTEM, occasion=key, subject=text.subject, due_at=due_at)

    def is_left(self, tx: Transaction, conversation: Row, case: CaseRecord) -> bool:
        """Whether the customer has left the messenger that this conversation is held in."""
        is_messenger = conversation["channel"] in messenger.MESSENGERS
        return is_messenger and messenger.is_gone(tx, case.id, conversation["address"])

    def fall_back(self, tx: Transaction, delivery: StoredDelivery) -> bool:
        """Nobody is reached at this address of a messenger any more: what a person or the house had to say goes the next proved way.

        False for the bot's words, which were for somebody who has left: a person looks. All parts of one message go once.
        """
        messenger.blocked(tx, delivery.address)
        if delivery.occasion.startswith(messenger.SAID):
            return True  # who answers, or that a command does nothing: it mattered only there
        if delivery.case_id is None or delivery.conversation_id is None or delivery.sender == Sender.BOT:
            return False
        case = cases.get(tx, delivery.case_id)
        said = (
            []
            if delivery.message is None
            else conversations.messages_of(tx, delivery.conversation_id, after=delivery.message - 1, limit=1)
        )
        words = said[0].text if said else str(delivery.payload["text"])
        text = Text(delivery.payload.get("subject") or (f"[{case.reference}]" if case.reference else ""), words)
        key = f"elsewhere:{delivery.conversation_id}:{delivery.message}"
        address = _mail_address(tx, case)
        if address is not None:
            self._tell_by_mail(tx, case, key, address, text, at_once=delivery.sender == Sender.AGENT)
        else:
            self._ask_a_person_to_tell(tx, case, key, text)
        return True

    def _tell_in_chat(self, tx: Transaction, row: Row, case: CaseRecord, text: Text, *, watched: bool) -> None:
        message = NewMessage(Sender.SYSTEM, text.body, case_id=case.id)
        [stored] = conversations.add_messages(tx, row, [message])
        if watched:
            self.watch_unseen(tx, row["id"], stored.number, case.id)

    def watch_unseen(self, tx: Transaction, conversation_id: str, number: int, case_id: str | None) -> None:
        """If nobody has looked at this message of a chat for a while, it goes by mail; without an address a person tells it."""
        address = _mail_address(tx, cases.get(tx, case_id)) if case_id else None
        wait = UNSEEN if address is None else AWAY
        timers.set_timer(tx, "unseen", f"{conversation_id}:{number}", tx.now + wait, {"case": case_id})

    def fire_unseen(self, tx: Transaction, subject: str, payload: Mapping[str, Any]) -> None:
        """A message stood in a chat and nobody has looked: the customer has left, and is told elsewhere."""
        conversation_id, _, number = subject.partition(":")
        row = conversations.find(tx, conversation_id)
        if row is None or row["seen_message"] >= int(number):
            return
        message = next(iter(conversations.messages_of(tx, conversation_id, after=int(number) - 1, limit=1)), None)
        if message is None:
            return
        case = cases.get(tx, payload["case"]) if payload["case"] else None
        address = None if case is None else _mail_address(tx, case)
        if case is not None and address is not None:
            text = Text(f"[{case.reference}]" if case.reference else "", message.text)
            answered = message.sender is Sender.AGENT  # an answer waits for no quiet hours, a notice does
            self._tell_by_mail(tx, case, f"unseen:{subject}", address, text, at_once=answered, chat=row)
            return
        telling.ask(
            tx,
            self.promises,
            occasion=f"unseen:{subject}",
            kind="call_back",
            words=message.text,
            case_id=payload["case"],
            conversation_id=conversation_id,
        )

    def pass_on(self, tx: Transaction, case: CaseRecord, message: StoredMessage) -> None:
        """An agent's words to a customer of a form, a letter or the counter: by mail if they can be, else by a person."""
        key = f"reply:{message.conversation_id}:{message.number}"
        text = Text(f"[{case.reference}]" if case.reference else "", message.text)
        address = _mail_address(tx, case)
        if address is not None:
            self._tell_by_mail(tx, case, key, address, text, at_once=True)
        else:
            self._ask_a_person_to_tell(tx, case, key, text)

    def _tell_by_mail(
        self,
        tx: Transaction,
        case: CaseRecord,
        key: str,
        address: str,
        text: Text,
        *,
        at_once: bool = False,
        chat: Row | None = None,
    ) -> None:
        """`chat` is the one that the customer has left: the mail brings them back to it."""
        language = Language(case.language)
        name = papers.papers_of(tx, case.id).named(address) if case.mandate else None
        letter = texts.as_letter(
            text,
            language,
            house=self.promises.house.name[language],
            name=name or case.facts.name,
            **(self._way_back(tx, chat, address) if chat is not None and resuming.may(tx, chat, address) else {}),
        )
        held = mail_conversation(tx, case, address)
        outbox.queue(
            tx,
            NewDelivery(
                occasion=key,
                channel=ChannelName.EMAIL,
                account=f"email:{self._settings.complaints_address}",
                address=address,
                sender=Sender.SYSTEM,
                payload={"text": letter.body, "subject": letter.subject, "language": case.language, "thread": True},
                conversation_id=held or (case.conversations[0] if case.conversations else None),
                case_id=case.id,
                due_at=tx.now if at_once else may_notify_at(tx.now, self.promises.zone, self.promises.policy.notices),
            ),
        )

    def _way_back(self, tx: Transaction, chat: Row, address: str) -> dict[str, Any]:
        until = (tx.now + resuming.LINK_AGE).astimezone(self.promises.zone)
        link = f"{self.public_url}/resume/{resuming.sign(self._tokens, chat['id'], address, tx.now)}"
        return {"resume": link, "resume_until": until}

    def _ask_a_person_to_tell(self, tx: Transaction, case: CaseRecord, key: str, text: Text) -> None:
        phones = [address for address, kind, *_ in contacts.contacts_of(tx, case.id) if kind == "phone"]
        kind = "call_back" if phones else "letter"
        telling.ask(tx, self.promises, occasion=key, kind=kind, words=text.body, case_id=case.id)

    def ask_to_confirm(self, tx: Transaction, case: CaseRecord) -> None:
        """An address that was only typed gets the reference number and a link, no facts and no name."""
        language, valid_until = Language(case.language), tx.now + LINK_AGE
        for address, kind, proof, bounced_at in contacts.contacts_of(tx, case.id):
            if kind != "email" or proof is not None or bounced_at is not None:
                continue
            # forms that name somebody else's address must not fill their mailbox
            if (
                outbox.sent_lately(tx, address, sender=Sender.SYSTEM, within=ONE_DAY, occasion="confirm:")
                >= CONFIRMATIONS
            ):
                continue
            token = self._tokens.sign_link(LinkKind.CONFIRM, case.id, address, issued_at=tx.now)
            text = texts.render(
                Occasion.CONFIRMATION_LINK,
                language,
                reference=case.reference,
                house=self.promises.house.name[language],
                link=f"{self.public_url}/confirm/{token}",
                valid_until=valid_until.astimezone(self.promises.zone),
            )
            letter = texts.as_letter(text, language, house=self.promises.house.name[language])
            outbox.queue(
                tx,
                NewDelivery(
                    occasion=f"confirm:{case.id}:{address}",
                    channel=ChannelName.EMAIL,
                    account=f"email:{self._settings.complaints_address}",
                    address=address,
                    sender=Sender.SYSTEM,
                    payload={"text": letter.body, "subject": letter.subject, "language": case.language},
                    case_id=case.id,
                ),
            )

    @property
    def public_url(self) -> str:
        return self._settings.public_url or f"http://{self._settings.http}"

    @property
    def complaints_address(self) -> str:
        return self._settings.complaints_address

    @property
    def language(self) -> Language:
        """The house's own language, for its staff."""
        return self._settings.locale

    def _text(self, occasion: Occasion, case: CaseRecord, **values: Any) -> Text:
        language = Language(case.language)
        given: dict[str, Any] = {
            "reference": case.reference,
            "feedback_due": case.feedback_due,
            "next_authorities": self.promises.house.next_authorities[language],
            "hotline": self.promises.house.hotline or None,
        }
        return texts.render(occasion, language, **{**given, **values})


def _told_in(tx: Transaction, case: CaseRecord) -> tuple[str, ...]:
    """The case's conversations in which it may be told of, the first linked first."""
    may = links.told_in(tx, case.id)
    return tuple(id for id in case.conversations if id in may)


def mail_conversation(tx: Transaction, case: CaseRecord, address: str) -> str | None:
    """The conversation of a case that is held by mail with this address."""
    for id in reversed(case.conversations):
        row = conversations.find(tx, id)
        if row is not None and row["channel"] == ChannelName.EMAIL and row["address"] == address:
            return id
    return None


def _mail_address(tx: Transaction, case: CaseRecord) -> str | None:
    """The first address of the case that is proved and has not bounced."""
    for address, kind, proof, bounced_at in contacts.contacts_of(tx, case.id):
        if kind == "email" and proof is not None and bounced_at is None:
            return address
    return None


def _told_too_much(tx: Transaction, address: str) -> bool:
    return outbox.sent_lately(tx, address, sender=Sender.SYSTEM, within=ONE_DAY) >= NOTICE_BUDGET


def _is_gone(tx: Transaction, row: Row) -> bool:
    """Whether the chat's customer has been away: nothing written or looked at for a while."""
    return bool(tx.now - row["updated_at"] > timedelta(minutes=10)) or row["seen_message"] < row["answered_message"]


def _agent_values(agent: Mapping[str, Any] | None) -> dict[str, Any]:
    if agent is None:
        return {}
    return {
        "agent_name": agent["name"],
        "agent_post": agent["post"] or None,
        "agent_contact": agent["contact"] or None,
    }


def _note_told(tx: Transaction, case: CaseRecord, occasion: str) -> None:
    audit.append(tx, case_chain(case.id), Entry("system", "told", {"occasion": occasion, "reference": case.reference}))
