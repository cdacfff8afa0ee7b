"""Fills an empty store with the demo's stories, through the same units and the same engine that real customers meet.

The clock of each unit is set to when the story says that it happened, so that dates, deadlines and audit chains are those of
a house that has worked for weeks. Nothing leaves: what would be sent is marked as sent in the unit that queues it.

Not here: the stories (stories.py and the YAML files), the command (cli.py).
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

import sqlalchemy as sa

from case_store import arrivals, canned, cases, chat, conversations, ownership, people, settlements, turns
from case_store.arrivals import NewArrival, StoredArrival
from case_store.chat import ChatMessage
from case_store.conversations import NewConversation, NewMessage, StoredMessage
from case_store.ids import new_id
from case_store.offers import Option
from case_store.people import NewAgent
from case_store.records import ChannelName, Owner, Role, Sender, Status
from case_store.store import Store, Transaction
from case_store.tables_arrivals import arrivals as arrivals_table
from case_store.tables_cases import cases as cases_table
from case_store.tables_conversations import conversations as conversations_table
from case_store.tables_house import house
from case_store.tables_outbox import deliveries
from case_store.turns import TURN_LEASE, ClaimedTurn
from channels.email.identity import external_id
from channels.email.mailbox import Mailbox
from channels.email.read import read_mail
from channels.message import Event
from dialogue.embedded import embedded_engine
from gateway import filing, lapsing, negotiating, routing
from gateway.auth.first import ensure_admin
from gateway.auth.passwords import Passwords
from gateway.canned import starters
from gateway.complaint import Complaint
from gateway.complaints import Complaints
from gateway.conductor import TurnInHand, customer_turn, looked_at_again
from gateway.context import Gateway
from gateway.demo.stories import Colleague, Step, Story, colleagues, stories
from gateway.engines import Engines
from gateway.filing import Answer
from gateway.hooks import Person
from gateway.negotiating import Proposal
from gateway.notifications import Notices
from gateway.operator import Refused
from gateway.policy import triage_of
from gateway.promises import Promises

P = ParamSpec("P")
T = TypeVar("T")
MARK: Final = "demo"
PAUSE: Final = timedelta(seconds=40)  # between a customer's sentences


async def fill(gateway: Gateway) -> dict[str, Any]:
    """Raises Refused unless the store holds neither conversations nor cases."""
    told = stories()
    await gateway.store.write(_mark)
    given = gateway.settings.admin_password
    first = await ensure_admin(gateway.store, given.get_secret_value() if given else None)
    password = secrets.token_urlsafe(9)
    staff = await _hire(gateway, password)
    wordings, chief = starters(gateway.settings.locale), _supervisor()
    await gateway.store.write(canned.add_starters, wordings, by=chief, actor=f"agent:{chief}")
    promises = Promises(gateway.policy, gateway.settings)
    engine = await asyncio.to_thread(lambda: embedded_engine(triage_of(gateway.policy, promises.house)))
    engines = Engines(engine)
    teller = Teller(gateway, engines, Notices(promises, gateway.settings, gateway.tokens), staff)
    try:
        for story in told:
            await teller.tell(story)
    finally:
        engines.close()
    counted = await gateway.store.read(_counted)
    shown = [{"username": one.username, "name": one.name, "post": one.post, "role": one.role} for one in colleagues()]
    return {**counted, "agents": shown, "password": password, "admin_password": first}


def _mark(tx: Transaction) -> None:
    marked = tx.execute(sa.select(house.c.value).where(house.c.key == MARK)).scalar_one_or_none()
    if marked is not None:
        raise Refused(
            f"this store was filled with the demo on {marked[:10]}: take another data directory for a fresh one"
        )
    if any(_counted(tx).values()):
        raise Refused("this store holds real conversations or cases: the demo goes into an empty one only")
    tx.execute(sa.insert(house).values(key=MARK, value=tx.now.isoformat()))


def _counted(tx: Transaction) -> dict[str, int]:
    tables = {"cases": cases_table, "conversations": conversations_table}
    return {
        name: int(tx.execute(sa.select(sa.func.count()).select_from(each)).scalar_one())
        for name, each in tables.items()
    }


def _supervisor() -> str:
    return next(one.name for one in colleagues() if Role(one.role) is not Role.AGENT)


async def _hire(gateway: Gateway, password: str) -> dict[str, Person]:
    hashed = await Passwords().hash(password)
    return {one.username: await gateway.store.write(_hired, one, hashed) for one in colleagues()}


def _hired(tx: Transaction, one: Colleague, hashed: str) -> Person:
    new = NewAgent(one.username, one.name, Role(one.role), hashed, one.post, one.contact, one.language)
    agent = people.add_agent(tx, new, actor="system")
    return Person(agent.id, agent.username, agent.name, agent.post, agent.contact)


class PastStore:
    """The store, as it was at a moment: units run with their clock set to it."""

    def __init__(self, store: Store, moment: datetime) -> None:
        self._store = store
        self._moment = min(moment, datetime.now(UTC))

    async def write(self, unit: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._store.write(self._then, lambda tx: unit(tx, *args, **kwargs))

    def _then(self, tx: Transaction, unit: Callable[[Transaction], T]) -> T:
        tx._now = self._moment
        before = _last_delivery(tx)
        result = unit(tx)
        _nothing_leaves(tx, before)
        _nothing_is_due(tx)
        return result


def _last_delivery(tx: Transaction) -> str:
    return tx.execute(sa.select(sa.func.max(deliveries.c.id))).scalar_one_or_none() or ""


def _nothing_leaves(tx: Transaction, before: str) -> None:
    """What this unit has queued counts as sent, under a Message-ID that a bounce can name."""
    queued = sa.update(deliveries).where(deliveries.c.id > before, deliveries.c.state == "queued")
    domain = "@demo.invalid>"
    tx.execute(
        queued.values(
            state="sent",
            sent_at=tx.now,
            due_at=None,
            attempts=1,
            first_attempt_at=tx.now,
            external_id=sa.literal("<") + deliveries.c.id + domain,
        )
    )


def _nothing_is_due(tx: Transaction) -> None:
    """In a story long past every silence is over: the running gateway would file by it what the story goes on to tell, and write to its customer."""
    quiet = conversations_table.c.quiet_at
    tx.execute(sa.update(conversations_table).where(quiet <= datetime.now(UTC)).values(quiet_at=None))


class Teller:
    """Tells one story after another into the store."""

    def __init__(self, gateway: Gateway, engines: Engines, notices: Notices, staff: Mapping[str, Person]) -> None:
        self._gateway = gateway
        self._engines = engines
        self._notices = notices
        self._staff = staff
        self._mailbox = Mailbox.parse(gateway.settings.complaints_address)
        self._now = datetime.now(UTC)

    async def tell(self, story: Story) -> None:
        begins = {
            ChannelName.WEBCHAT: self._chat,
            ChannelName.EMAIL: self._mail,
        }.get(story.channel, self._form)
        self._now = datetime.now(UTC) - story.ago
        conversation = await begins(story)
        for step in story.then:
            self._now += step.after
            await self._step(story, conversation, step)
        if conversation:
            await self._store.write(_settled, conversation)

    @property
    def _store(self) -> PastStore:
        return PastStore(self._gateway.store, self._now)

    # beginnings --------------------------------------------------------------------------------------------------

    async def _chat(self, story: Story) -> str:
        id = new_id()
        hand = await self._store.write(self._customer_writes, id, story, story.says)
        for _ in range(story.patience):
            said = await self._answer(hand)
            spoken = [story.answers[fact] for one in said for fact in one.asks if fact in story.answers]
            if not spoken:
                break
            self._now += PAUSE
            hand = await self._store.write(self._customer_writes, id, story, list(dict.fromkeys(spoken)))
        else:
            await self._answer(hand)
        return id

    def _customer_writes(self, tx: Transaction, id: str, story: Story, texts: Sequence[str]) -> TurnInHand | None:
        policy = self._gateway.policy
        opening = NewConversation(
            id=id,
            channel=ChannelName.WEBCHAT,
            account="webchat",
            locale=story.language.value,
            notice_version=policy.privacy.version,
            state={"notice_shown": policy.privacy.version},
        )
        greeting = NewMessage(Sender.BOT, policy.privacy.notice[story.language], response="utter_privacy_notice")
        for text in texts:
            message = ChatMessage(new_id(), text, None, tx.now, opening, (greeting,))
            chat.accept_chat(tx, message, timedelta(0))
        return _in_hand(tx, id)

    async def _answer(self, hand: TurnInHand | None) -> list[StoredMessage]:
        """One turn of the bot; what it said."""
        if hand is None:
            return []
        self._now += PAUSE / 10
        turn = customer_turn(hand, self._notices.promises, self._now)
        name, said = await self._engines.answer(hand.claim.id, turn)
        if not await self._store.write(filing.commit_turn, self._notices, Answer(hand.claim, said, name)):
            raise Refused("somebody else answers here: try again on a store that nobody uses yet")
        after = hand.claim.row["last_message"]
        return await self._gateway.store.read(conversations.messages_of, hand.claim.id, after=after)

    async def _mail(self, story: Story) -> str:
        raw = self._letter(story, story.subject, "\n\n".join(story.says), str(self._mailbox))
        if story.parked:
            stored = await self._arrived(raw, [str(self._mailbox)], story.contact or "")
            await self._store.write(arrivals.park, stored, story.parked)
            return ""
        return await self._take_mail(raw, [str(self._mailbox)], story.contact or "")

    def _letter(self, story: Story, subject: str, text: str, to: str) -> bytes:
        mail = EmailMessage()
        mail["From"] = formataddr((story.name or "", story.contact or ""))
        mail["To"], mail["Subject"], mail["Date"] = to, subject, format_datetime(self._now)
        mail["Message-ID"] = f"<{new_id()}@{(story.contact or 'demo@demo.invalid').rpartition('@')[2]}>"
        mail.set_content(text)
        return mail.as_bytes()

    async def _arrived(self, raw: bytes, recipients: list[str], sender: str = "") -> StoredArrival:
        new = NewArrival(
            channel=ChannelName.EMAIL.value,
            account=f"email:{self._mailbox}",
            external_id=external_id(raw),
            received_at=min(self._now, datetime.now(UTC)),
            size=len(raw),
            raw=raw,
            transport={"mail_from": sender, "rcpt_tos": recipients, "mailbox": str(self._mailbox)},
        )
        return await self._store.write(_leased, new)

    async def _take_mail(self, raw: bytes, recipients: list[str], sender: str) -> str:
        stored = await self._arrived(raw, recipients, sender)
        events = read_mail(raw, stored.transport)
        id, hand = await self._store.write(self._take_in, stored, events)
        await self._answer(hand)
        return id

    def _take_in(self, tx: Transaction, stored: StoredArrival, events: list[Event]) -> tuple[str, TurnInHand | None]:
        routing.take_in(tx, self._gateway, stored, events)
        became = tx.execute(sa.select(arrivals_table.c.became).where(arrivals_table.c.id == stored.id)).scalar_one()
        found = [each["conversation"] for each in became if "conversation" in each]
        return (found[0], _in_hand(tx, found[0])) if found else ("", None)

    async def _form(self, story: Story) -> str:
        past = copy(self._gateway)
        past.store = self._store  # type: ignore[assignment]  # writes, in the past
        take = Complaints(self._engines, self._notices, clock=lambda: self._now)
        complaint = Complaint(
            channel=story.channel,
            account=story.channel.value,
            what_happened="\n".join(story.says),
            received_at=self._now,
            name=story.name,
            contact=story.contact,
            occurred_on=story.occurred_on,
            about=story.about,
            amount=story.amount,
            desired_outcome=story.desired_outcome,
            locale=story.language,
            entered_by=story.entered_by,
        )
        return (await take(past, complaint)).conversations[0]

    # what followed -----------------------------------------------------------------------------------------------

    async def _step(self, story: Story, id: str, step: Step) -> None:
        if step.silence:
            await self._store.write(_fell_silent, id, self._notices)
        elif step.bounces:
            await self._bounce(story, id)
        elif step.customer:
            await self._customer_again(story, id, step.customer)
        else:
            await self._store.write(self._agent_acts, id, step)

    async def _customer_again(self, story: Story, id: str, text: str) -> None:
        if story.channel is ChannelName.WEBCHAT:
            await self._answer(await self._store.write(self._customer_writes, id, story, [text]))
            return
        to = self._mailbox.signed(self._gateway.tokens.sign_reply(id))
        await self._take_mail(self._letter(story, f"Re: {story.subject}", text, to), [to], story.contact or "")

    async def _bounce(self, story: Story, id: str) -> None:
        """The answer comes back from the customer's own mail system."""
        last = await self._gateway.store.read(_last_sent, id)
        to = self._mailbox.signed(self._gateway.tokens.sign_bounce(last))
        raw = _report(story.contact or "", to, self._now)
        stored = await self._arrived(raw, [to])
        await self._store.write(self._take_in, stored, read_mail(raw, stored.transport))

    def _agent_acts(self, tx: Transaction, id: str, step: Step) -> None:
        person = self._staff[step.agent]
        if step.takes_over or step.says:
            before = conversations.locked(tx, id)
            after = ownership.take_over(tx, id, agent_id=person.id, agent_name=person.name, from_another=True)
            if after["epoch"] != before["epoch"]:
                self._notices.owner_changed(tx, before, after, person)
        if step.says:
            said = ownership.reply(tx, id, step.says, agent_id=person.id, agent_name=person.name)
            filing.agent_replied(tx, self._notices, conversations.locked(tx, id), said)
        if step.sets or step.note:
            self._agent_decides(tx, id, step, f"agent:{person.name}")
        if step.hands_back or step.offers:
            before = conversations.locked(tx, id)
            after = ownership.hand_back(tx, id, agent_id=person.id, agent_name=person.name)
            self._notices.owner_changed(tx, before, after, person)
        if step.offers or step.performed:
            self._agent_negotiates(tx, id, step, f"agent:{person.name}")

    def _agent_negotiates(self, tx: Transaction, id: str, step: Step, actor: str) -> None:
        case = cases.of_conversations(tx, [id])[id][-1]
        if step.offers:
            options = [Option(one.title, one.meaning, one.days) for one in step.offers]
            negotiating.put(tx, self._notices, cases.get(tx, case.id), Proposal(options, by_bot=True, actor=actor))
        if step.performed:
            agreed = settlements.of_case(tx, case.id)[-1]
            on = negotiating.today(self._notices.promises, tx.now)
            negotiating.record_performed(tx, self._notices, agreed.id, on, actor=actor, note=step.performed)

    def _agent_decides(self, tx: Transaction, id: str, step: Step, actor: str) -> None:
        before = cases.of_conversations(tx, [id])[id][-1]
        if before.status is Status.DRAFT:
            filing.file_case(tx, self._notices, before.id, incomplete=False, actor=actor, notify=True)
        after = cases.change(tx, before.id, dict(step.sets), actor=actor)
        if step.note:
            after = cases.note(tx, before.id, step.note, actor=actor)
        lapsing.changer(self._notices)(tx, before, after, step.note or None, actor)


def _fell_silent(tx: Transaction, id: str, notices: Notices) -> None:
    turns.wait_for_silence(tx, id, timedelta())
    filing.file_in_silence(tx, notices)


def _in_hand(tx: Transaction, id: str) -> TurnInHand | None:
    """The conversation's turn, leased here before the running gateway can see it. None if a person answers it."""
    row = conversations.locked(tx, id)
    if row["owner"] != Owner.BOT:
        return None
    lease = {"lease": new_id(), "speak_at": datetime.now(UTC) + TURN_LEASE}
    tx.execute(sa.update(conversations_table).where(conversations_table.c.id == id).values(lease))
    row = conversations.locked(tx, id)
    said = conversations.unanswered(tx, [row]).get(id, [])
    linked = cases.of_conversations(tx, [id]).get(id, [])
    return looked_at_again(tx, TurnInHand(ClaimedTurn(row, tuple(said)), linked))


def _leased(tx: Transaction, new: NewArrival) -> StoredArrival:
    """Takes an arrival in and leases it in one go, so that the running gateway leaves it alone."""
    id, _ = arrivals.accept(tx, new)
    a, lease = arrivals_table.c, new_id()
    held = {"lease": lease, "due_at": datetime.now(UTC) + arrivals.LEASE, "attempts": 1}
    tx.execute(sa.update(arrivals_table).where(a.id == id).values(held))
    return StoredArrival(
        id,
        new.channel,
        new.account,
        new.external_id,
        new.received_at,
        new.raw,
        None,
        new.transport or {},
        1,
        lease,
        None,
    )


def _settled(tx: Transaction, id: str) -> None:
    """The customer has read everything, and those on duty know of the queue: no alarm goes off because of a demo."""
    row = conversations.locked(tx, id)
    values = {"seen_message": row["last_message"], "announced_at": tx.now if row["owner"] == Owner.QUEUE else None}
    tx.execute(sa.update(conversations_table).where(conversations_table.c.id == id).values(values))


def _last_sent(tx: Transaction, id: str) -> str:
    d = deliveries.c
    found = sa.select(d.id).where(d.conversation_id == id).order_by(d.id.desc()).limit(1)
    return str(tx.execute(found).scalar_one())


def _report(address: str, to: str, at: datetime) -> bytes:
    domain = address.rpartition("@")[2]
    return (
        f"From: Mail Delivery System <MAILER-DAEMON@mx.{domain}>\r\nTo: {to}\r\nDate: {format_datetime(at)}\r\n"
        f"Message-ID: <{new_id()}@mx.{domain}>\r\nSubject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain\r\n\r\nThe mailbox of <{address}> does not exist.\r\n"
        f"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.{domain}\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n--b--\r\n"
    ).encode()
