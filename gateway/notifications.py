"""What customers are told, when, and by which way.

Units called inside the transaction of what happened, so that a notice exists exactly when its occasion does: one row an
occasion. A customer is told in the conversation they use, chat or messenger; by mail where that is theirs, or where they have left; where no
address is left that may be written to, an agent gets a call-back or letter task with the words to say.

Mail goes only to addresses that are proved and have not bounced. One that was only typed gets the reference number and a
confirmation link, no facts. Notices wait for the end of the quiet hours; answers to what was just written never do.

Not here: the words (texts.py), sending (delivery.py), what the house itself is told (alarms.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

from case_store import contacts, conversations, links, merged, offers, outbox, papers, tasks, timers
from case_store.case_record import CaseRecord
from case_store.conversations import NewMessage, Row, StoredMessage
from case_store.outbox import CHECKED, NewDelivery, StoredDelivery
from case_store.records import ChannelName, Language, Owner, Sender, Status
from case_store.store import Transaction
from case_store.tasks import Deed
from gateway import enclosures, messenger, resuming, status_link, telling, texts, tidings
from gateway.config import Settings
from gateway.enclosures import ENCLOSED
from gateway.hooks import Person
from gateway.promises import Promises
from gateway.texts import Occasion, Text
from gateway.tidings import CODE, TELLS, Failure, Tiding
from gateway.tokens import LinkKind, Tokens
from gateway.working_hours import may_notify_at

UNSEEN: Final = timedelta(hours=4)  # until a message in a chat that nobody has looked at becomes a task
AWAY: Final = timedelta(minutes=15)  # … or is mailed, where there is an address
LINK_AGE: Final = timedelta(days=7)
CONFIRMATIONS: Final = 3  # that an address which was only typed is sent in a day
NOTICE_BUDGET: Final = 40  # notices to one address in a day; more is a loop or a mistake, and a person tells instead
ONE_DAY: Final = timedelta(days=1)
ON_THE_PAGE: Final = (Occasion.OFFER, Occasion.SETTLED, Occasion.SETTLEMENT_PERFORMED)

Choices = Sequence[Mapping[str, str]]  # each a `label` and a `value`, as messages keep them


class Notices:
    """Tells customers, under one policy."""

    def __init__(self, promises: Promises, settings: Settings, tokens: Tokens) -> None:
        self.promises = promises
        self._settings = settings
        self._tokens = tokens

    # what happened ---------------------------------------------------------------------------------------------

    def case_filed(self, tx: Transaction, case: CaseRecord, *, told: bool) -> None:
        """The case has its number. `told`: the answer of the conversation, or of the form, says so; whoever gives it notes that."""
        if not told:
            said = self.filed(case)
            self.tell(tx, case, said.occasion, said.text, said.by_person)
        self.ask_to_confirm(tx, case)

    def filed(self, case: CaseRecord) -> Tiding:
        """That the case has its number, and by when the answer comes."""
        known = {"known_contact": bool(case.facts.contact or case.contacts)}
        return self.told(Occasion.CASE_FILED, Occasion.CASE_FILED, case, incomplete=case.incomplete, **known)

    def case_changed(
        self, tx: Transaction, before: CaseRecord, after: CaseRecord, note: str | None, actor: str
    ) -> None:
        """A person has set the status, or has something to say to the customer."""
        if after.reference is None or (before.status is after.status and not note):
            return
        occasion, values = self._about_change(tx, after, note, actor)
        told = self.told(f"{occasion}:{after.version}", occasion, after, **values)
        self.tell(tx, after, told.occasion, told.text, told.by_person)

    def _about_change(
        self, tx: Transaction, case: CaseRecord, note: str | None, actor: str
    ) -> tuple[Occasion, dict[str, Any]]:
        if case.status is Status.WAITING_FOR_CUSTOMER and note:
            return Occasion.INFORMATION_NEEDED, {"question": note}
        if case.status in (Status.RESOLVED, Status.CLOSED) and case.outcome and case.basis and case.next_steps and note:
            return Occasion.RESULT, {
                "outcome": case.outcome.value,
                "answer": note,
                "basis": case.basis,
                "next_steps": case.next_steps,
                **_agent_values(conversations.agent_named(tx, actor.removeprefix("agent:"))),
            }
        if case.status is Status.WITHDRAWN:
            return Occasion.WITHDRAWN_CONFIRMED, {}
        due = None if case.status in (Status.RESOLVED, Status.CLOSED) else case.feedback_due
        return Occasion.STATUS_CHANGED, {"status": case.status.value, "note": note, "feedback_due": due}

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

    def tell(
        self,
        tx: Transaction,
        case: CaseRecord,
        occasion: str,
        text: Text,
        by_person: str | None = None,
        *,
        choices: Choices = (),
    ) -> None:
        """Tells the customer of a case by the way they use; a task for a person where there is none.

        `by_person`: the words for a call or a letter, where they differ. `choices`: buttons, where there are any.
        """
        key = f"{occasion}:{case.id}"
        tiding = Tiding(occasion, text, by_person or text.body, case.reference)
        there = messenger.of_case(tx, case.id, _told_in(tx, case))
        if there is not None:
            self._tell_in_messenger(tx, there, case, key, tiding, choices)
            return
        chat = self._chat_of(tx, case)
        address = contacts.first_mail(tx, case.id)
        gone = chat is None or _is_gone(tx, chat)
        flooded = address is not None and _told_too_much(tx, address)
        mailed = address is not None and gone and not flooded
        if chat is not None:
            self._tell_in_chat(tx, chat, case, tiding, watched=not mailed, choices=choices)
        if flooded or (chat is None and not mailed):
            self._ask_a_person_to_tell(tx, case, key, tiding)
        elif address is not None and mailed:
            self._tell_by_mail(tx, case, key, address, tiding, chat=chat)
        else:
            tidings.note_told(tx, case.id, tiding, by=ChannelName.WEBCHAT.value)

    def _chat_of(self, tx: Transaction, case: CaseRecord) -> Row | None:
        for id in reversed(_told_in(tx, case)):
            row = conversations.find_locked(tx, id)
            if row is not None and row["channel"] == ChannelName.WEBCHAT and row["erased_at"] is None:
                return row
        return None

    def _tell_in_messenger(
        self, tx: Transaction, row: Row, case: CaseRecord, key: str, tiding: Tiding, choices: Choices
    ) -> None:
        text = tiding.text
        said = NewMessage(Sender.SYSTEM, text.body, case_id=case.id, choices=choices)
        stored = conversations.add_messages(tx, row, [said])
        due_at = may_notify_at(tx.now, self.promises.zone, self.promises.policy.notices)
        messenger.queue(
            tx,
            row,
            stored,
            sender=Sender.SYSTEM,
            occasion=key,
            subject=text.subject,
            due_at=due_at,
            extra={TELLS: tiding.to_json(), CHECKED: True},
        )
        tidings.note_to_be_told(tx, case.id, tiding, by=row["channel"], address=row["address"], due_at=due_at)

    def is_left(self, tx: Transaction, conversation: Row, case: CaseRecord) -> bool:
        """Whether nothing arrives any more at the address that this conversation is held with."""
        return bool(conversation["address"]) and messenger.is_gone(tx, case.id, conversation["address"])

    def fall_back(self, tx: Transaction, delivery: StoredDelivery, why: Failure) -> bool:
        """This delivery does not arrive: what a person or the house had to say goes the next proved way, else a person tells it.

        False where a person has to look: the bot's words that told nothing of a case, a link to an address that was only typed. All
        parts of one message go once.
        """
        if why is Failure.GONE:
            _nobody_there(tx, delivery)
        if delivery.occasion.startswith(messenger.SAID):
            return why is not Failure.REFUSED  # who answers, or that a command does nothing: it mattered only there
        if delivery.occasion.startswith(CODE) and why is Failure.BARRED:
            return True  # whoever asked for it is told elsewhere that it ended
        tiding = _tiding_of(tx, delivery)
        if delivery.case_id is None or tiding is None:
            return False
        case = merged.current(tx, delivery.case_id)
        address = None if why is Failure.REFUSED else contacts.first_mail(tx, case.id)
        beside = {ENCLOSED: delivery.payload[ENCLOSED]} if ENCLOSED in delivery.payload else {}
        key = f"{delivery.occasion}:elsewhere"
        if delivery.message is not None:
            key = f"elsewhere:{delivery.conversation_id}:{delivery.message}"
        if address is None or address == delivery.address:
            self._ask_a_person_to_tell(tx, case, key, tiding, beside=beside)
        else:
            at_once = delivery.sender == Sender.AGENT
            self._tell_by_mail(tx, case, key, address, tiding, at_once=at_once, beside=beside)
        return True

    def way_opened(self, tx: Transaction, case_id: str) -> None:
        """An address of the case may be told from now on: what was to be told by letter goes there, and the letter is not written."""
        case = merged.current(tx, case_id)
        address = contacts.first_mail(tx, case.id)
        if address is None:
            return
        for task in tasks.open_of(tx, case.id):
            tiding = tidings.kept_in(task.detail)
            if task.kind != "letter" or tiding is None:
                continue
            if tasks.done(tx, task.id, Deed("by_mail", tx.now, "", "system")):
                self._tell_by_mail(tx, case, f"{task.occasion}:mail", address, tiding)

    def _tell_in_chat(
        self, tx: Transaction, row: Row, case: CaseRecord, tiding: Tiding, *, watched: bool, choices: Choices = ()
    ) -> None:
        message = NewMessage(Sender.SYSTEM, tiding.text.body, case_id=case.id, choices=choices)
        [stored] = conversations.add_messages(tx, row, [message])
        if watched:
            self.watch_unseen(tx, row["id"], stored.number, case.id, tiding)

    def watch_unseen(
        self, tx: Transaction, conversation_id: str, number: int, case_id: str | None, tiding: Tiding | None = None
    ) -> None:
        """If nobody has looked at this message of a chat for a while, it goes by mail; without an address a person tells it."""
        address = contacts.first_mail(tx, merged.leads_to(tx, case_id)) if case_id else None
        wait = UNSEEN if address is None else AWAY
        payload = {"case": case_id, TELLS: None if tiding is None else tiding.to_json()}
        timers.set_timer(tx, "unseen", f"{conversation_id}:{number}", tx.now + wait, payload)

    def fire_unseen(self, tx: Transaction, subject: str, payload: Mapping[str, Any]) -> None:
        """A message stood in a chat and nobody has looked: the customer has left, and is told elsewhere."""
        conversation_id, _, number = subject.partition(":")
        row = conversations.find(tx, conversation_id)
        if row is None or row["seen_message"] >= int(number):
            return
        message = next(iter(conversations.messages_of(tx, conversation_id, after=int(number) - 1, limit=1)), None)
        if message is None:
            return
        case, key = merged.current(tx, payload["case"]) if payload["case"] else None, f"unseen:{subject}"
        if case is None:
            words, id = message.text, conversation_id
            telling.ask(
                tx, self.promises, occasion=key, kind="call_back", words=words, case_id=None, conversation_id=id
            )
            return
        tiding = tidings.kept_in(payload) or tidings.plain(key, _beside(case, message.text), case.reference)
        if _is_over(tx, case, tiding):
            return
        address = contacts.first_mail(tx, case.id)
        answered = message.sender is Sender.AGENT  # an answer waits for no quiet hours, a notice does
        beside = enclosures.payload_of(tx, conversation_id, message.number) if answered else {}
        if address is not None:
            self._tell_by_mail(tx, case, key, address, tiding, at_once=answered, chat=row, beside=beside)
        else:
            self._ask_a_person_to_tell(
                tx, case, key, tiding, kind="call_back", conversation_id=conversation_id, beside=beside
            )

    def pass_on(self, tx: Transaction, case: CaseRecord, message: StoredMessage) -> None:
        """An agent's words to a customer of a form, a letter or the counter: by mail if they can be, else by a person."""
        key = f"reply:{message.conversation_id}:{message.number}"
        tiding = tidings.plain(key, _beside(case, message.text), case.reference)
        beside = enclosures.payload_of(tx, message.conversation_id, message.number)
        address = contacts.first_mail(tx, case.id)
        if address is not None:
            self._tell_by_mail(tx, case, key, address, tiding, at_once=True, beside=beside)
        else:
            self._ask_a_person_to_tell(tx, case, key, tiding, beside=beside)

    def _tell_by_mail(
        self,
        tx: Transaction,
        case: CaseRecord,
        key: str,
        address: str,
        tiding: Tiding,
        *,
        at_once: bool = False,
        chat: Row | None = None,
        beside: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        """`chat` is the one that the customer has left: the mail brings them back to it. `beside`: the files that go with it."""
        language = Language(case.language)
        if beside and not enclosures.fit_in_mail(tx, beside):
            tiding, beside = enclosures.naming_files(tx, tiding, beside, language), {}
        name = papers.papers_of(tx, case.id).named(address) if case.mandate else None
        letter = texts.as_letter(
            tiding.text,
            language,
            house=self.promises.house.name[language],
            name=name or case.facts.name,
            **(self._way_back(tx, chat, address) if chat is not None and resuming.may(tx, chat, address) else {}),
            **self._way_to_page(tx, case, address, tiding),
        )
        held = mail_conversation(tx, case, address)
        due_at = tx.now if at_once else may_notify_at(tx.now, self.promises.zone, self.promises.policy.notices)
        told = {TELLS: tiding.to_json(), CHECKED: True}
        queued = outbox.queue(
            tx,
            NewDelivery(
                occasion=key,
                channel=ChannelName.EMAIL,
                account=f"email:{self._settings.complaints_address}",
                address=address,
                sender=Sender.SYSTEM,
                payload={
                    "text": letter.body,
                    "subject": letter.subject,
                    "language": language,
                    "thread": True,
                    **told,
                    **beside,
                },
                conversation_id=held or (case.conversations[0] if case.conversations else None),
                case_id=case.id,
                due_at=due_at,
            ),
        )
        if queued is not None:
            tidings.note_to_be_told(tx, case.id, tiding, by=ChannelName.EMAIL.value, address=address, due_at=due_at)

    def _way_back(self, tx: Transaction, chat: Row, address: str) -> dict[str, Any]:
        until = (tx.now + resuming.LINK_AGE).astimezone(self.promises.zone)
        link = f"{self.public_url}/resume/{resuming.sign(self._tokens, chat['id'], address, tx.now)}"
        return {"resume": link, "resume_until": until}

    def _way_to_page(self, tx: Transaction, case: CaseRecord, address: str, tiding: Tiding) -> dict[str, Any]:
        """Where an offer and what was agreed can be read again; to no proxy, whose address leads nowhere."""
        holder = status_link.Holder(case.id, address)
        if not tiding.begins_with(*ON_THE_PAGE) or status_link.case_of(tx, holder) is None:
            return {}
        until = (tx.now + status_link.LINK_AGE).astimezone(self.promises.zone)
        return {
            "status": status_link.address_of(self.public_url, self._tokens, holder, tx.now),
            "status_until": until,
        }

    def _ask_a_person_to_tell(
        self,
        tx: Transaction,
        case: CaseRecord,
        key: str,
        tiding: Tiding,
        *,
        kind: str | None = None,
        conversation_id: str | None = None,
        beside: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        if beside:
            tiding = enclosures.naming_files(tx, tiding, beside, Language(case.language))
        phones = any(known == "phone" for _, known, *_ in contacts.contacts_of(tx, case.id))
        telling.ask(
            tx,
            self.promises,
            occasion=key,
            kind=kind or ("call_back" if phones else "letter"),
            words=tiding.by_person,
            case_id=case.id,
            conversation_id=conversation_id,
            detail={TELLS: tiding.to_json()},
        )

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

    def tell_of(self, tx: Transaction, case: CaseRecord, named: str, occasion: Occasion, **values: Any) -> None:
        """Tells of something for which there is a text; `named` as the trail names it."""
        told = self.told(named, occasion, case, **values)
        self.tell(tx, case, told.occasion, told.text, told.by_person)

    def told(self, named: str, occasion: Occasion, case: CaseRecord, **values: Any) -> Tiding:
        """What is told, in the words of each way; `named` as the trail names it."""
        language = Language(case.language)
        given: dict[str, Any] = {
            "reference": case.reference,
            "feedback_due": case.feedback_due,
            "next_authorities": self.promises.house.next_authorities[language],
            "hotline": self.promises.house.hotline or None,
            **values,
        }
        by_person = texts.render(occasion, language, **{**given, "by_person": True})
        return Tiding(named, texts.render(occasion, language, **given), by_person.body, case.reference)


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


def _told_too_much(tx: Transaction, address: str) -> bool:
    return outbox.sent_lately(tx, address, sender=Sender.SYSTEM, within=ONE_DAY) >= NOTICE_BUDGET


def _is_gone(tx: Transaction, row: Row) -> bool:
    """Whether the chat's customer has been away: nothing written or looked at for a while."""
    return bool(tx.now - row["updated_at"] > timedelta(minutes=10)) or row["seen_message"] < row["answered_message"]


def _is_over(tx: Transaction, case: CaseRecord, tiding: Tiding) -> bool:
    """Whether it puts an offer that nobody can take any more: whoever comes back to the chat reads there how it ended."""
    occasion, _, number = tiding.occasion.partition(":")
    return occasion == Occasion.OFFER and not offers.is_open(tx, case.id, int(number))


def _agent_values(agent: Mapping[str, Any] | None) -> dict[str, Any]:
    if agent is None:
        return {}
    return {
        "agent_name": agent["name"],
        "agent_post": agent["post"] or None,
        "agent_contact": agent["contact"] or None,
    }


def _beside(case: CaseRecord, words: str) -> Text:
    """Somebody's words as they stand, under a subject that names the case."""
    if not case.reference:
        return Text("", words)
    named = texts.render(Occasion.MESSAGE, Language(case.language), reference=case.reference, words=words)
    return Text(named.subject, words)


def _nobody_there(tx: Transaction, delivery: StoredDelivery) -> None:
    """Nothing is written to this address any more: in a messenger of no case, by mail of the case that it was about."""
    if delivery.channel in messenger.MESSENGERS:
        messenger.blocked(tx, delivery.address)
    elif delivery.case_id is not None:
        for case_id in dict.fromkeys((delivery.case_id, merged.leads_to(tx, delivery.case_id))):
            if not messenger.is_gone(tx, case_id, delivery.address):
                contacts.flag_bounced(tx, case_id, delivery.address)


def _tiding_of(tx: Transaction, delivery: StoredDelivery) -> Tiding | None:
    """What a delivery was to tell; an agent's words are the message they stand in."""
    told = tidings.kept_in(delivery.payload)
    beside = delivery.case_id is None or delivery.conversation_id is None or delivery.message is None
    if told is not None or beside or delivery.sender == Sender.BOT:
        return told
    case = merged.current(tx, str(delivery.case_id))
    number = int(delivery.message or 0)
    said = conversations.messages_of(tx, str(delivery.conversation_id), after=number - 1, limit=1)
    words = said[0].text if said else str(delivery.payload["text"])
    subject = delivery.payload.get("subject") or _beside(case, "").subject
    return tidings.plain(f"reply:{delivery.conversation_id}:{number}", Text(subject, words), case.reference)
