"""A customer's chat or mail with a filed case, and the agent who offers: what the stories of negotiation share."""

from __future__ import annotations

from datetime import date, timedelta
from email.message import EmailMessage
from typing import Any

import sqlalchemy as sa

from case_store import audit, cases, offers, settlements
from case_store.audit import case_chain
from case_store.offers import Option
from case_store.store import Transaction
from case_store.tables_cases import cases as case_table
from case_store.tables_conversations import conversations as conversation_table
from case_store.tables_conversations import messages
from case_store.tables_outbox import tasks, timers
from gateway import clockwork, negotiating
from gateway.negotiating import Proposal

HALF = Option("Half of the fee back", "150 yuan goes back to your card; your credit record is not affected", 5)
WHOLE = Option("All of the fee back", "300 yuan goes back to your card, and the complaint is closed as settled", 10)
LETTER = Option("A written explanation", "the branch writes to you how the fee was worked out", 0)
OPTIONS = (HALF, WHOLE, LETTER)
STORY = "You charged my card an annual fee of 300 yuan on 3 November at the Leeds branch. I want it refunded."
AGENT = "agent:Wei"


class House:
    """One customer's chat or mail with a filed case, and the agent who offers."""

    def __init__(self, rooms: Any) -> None:
        self.rooms = rooms
        self.count = 0
        self.seat: Any = None

    async def file_by_chat(self, *more: str) -> str:
        self.seat = await self.rooms.chat.begin(None, "en")
        for text in (STORY, "Ann Lee, 13912345678", "yes", *more):
            await self.say(text)
        return self.case_id

    async def say(self, text: str, choice: str | None = None) -> None:
        await self.write(text, choice)
        await self.rooms.settle()

    async def write(self, text: str, choice: str | None = None) -> None:
        self.count += 1
        await self.rooms.chat.take(self.seat, f"c{self.count}", text, choice)

    @property
    def case_id(self) -> str:
        return str(self.rooms.rows(sa.select(case_table.c.id).order_by(case_table.c.received_at))[0].id)

    def offer(self, case_id: str | None = None, options: Any = OPTIONS, **more: Any) -> offers.StoredOffer:
        def put(tx: Transaction) -> offers.StoredOffer:
            given = {"by_bot": True, "actor": AGENT, **more}
            return negotiating.put(
                tx, self.rooms.notices, cases.get(tx, case_id or self.case_id), Proposal(options, **given)
            )

        made: offers.StoredOffer = self.rooms.store.write_now(put)
        return made

    def take_back(self, id: str) -> None:
        self.rooms.store.write_now(negotiating.take_back, self.rooms.notices, id, actor=AGENT, note=None)

    def state(self, id: str) -> tuple[str, int | None]:
        found = self.rooms.store.read_now(offers.get, id)
        return found.state.value, found.chosen

    def settled(self) -> list[settlements.Settlement]:
        found: list[settlements.Settlement] = self.rooms.store.read_now(settlements.of_case, self.case_id)
        return found

    def last(self) -> Any:
        return self.rooms.rows(sa.select(messages).order_by(messages.c.at.desc(), messages.c.number.desc()).limit(1))[0]

    def trail(self) -> list[str]:
        return [event.action for event in self.rooms.store.read_now(audit.timeline, case_chain(self.case_id))]

    def words(self, kind: str = "look") -> list[str]:
        found = self.rooms.rows(sa.select(tasks.c.words, tasks.c.kind).where(tasks.c.done_at.is_(None)))
        return [row.words for row in found if row.kind == kind]

    def owner(self) -> str:
        return str(self.rooms.rows(sa.select(conversation_table.c.owner))[0].owner)

    def fire(self, kind: str) -> None:
        """The timers of this kind are due now."""
        t = timers.c
        due = sa.update(timers).where(t.kind == kind, t.due_at.is_not(None))
        self.rooms.store.write_now(lambda tx: tx.execute(due.values(due_at=tx.now - timedelta(seconds=1))))
        self.rooms.store.write_now(clockwork.fire_due, self.rooms.notices, None)

    def today(self) -> date:
        promises = self.rooms.notices.promises
        found: date = self.rooms.store.read_now(lambda tx: negotiating.today(promises, tx.now))
        return found


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


async def agreed(house: House) -> settlements.Settlement:
    await house.file_by_chat()
    house.offer()
    await house.say("2")
    await house.say("yes")
    [settled] = house.settled()
    return settled
