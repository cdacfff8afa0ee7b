"""Ann's two cases that become one: what the stories of merging and taking apart share, and her ways to write of the second."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.message import EmailMessage
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import audit, cases, merging
from case_store.audit import case_chain
from case_store.case_record import CaseRecord
from case_store.merging import Apart, Wanted
from case_store.records import Sender
from case_store.store import Transaction
from case_store.tables_cases import cases as case_table
from case_store.tables_conversations import conversations as conversation_table
from case_store.tables_conversations import messages
from gateway import merging as room

ANN, BOB = "ann@example.org", "bob@elsewhere.example"
AGENT = "agent:Wei"
SECRET = "Leeds"
AGAIN = "It is about the 300 yuan of 3 November in Leeds once more: nobody has paid my fee back. Ann Lee"


@dataclass
class Two:
    """The two cases, and the house's answers to each."""

    rooms: Any
    first: str
    second: str
    answer: EmailMessage

    def case(self, id: str) -> CaseRecord:
        found: CaseRecord = self.rooms.store.read_now(cases.get, id)
        return found

    @property
    def a(self) -> CaseRecord:
        return self.case(self.first)

    @property
    def b(self) -> CaseRecord:
        return self.case(self.second)

    def merge(self, case: str | None = None, into: str | None = None, **versions: int) -> merging.Done:
        one, other = self.case(case or self.second), self.case(into or self.first)
        given = {"version": one.version, "into_version": other.version, **versions}
        wanted = Wanted(one.id, other.id, AGENT, "the same fee", **given)
        done: merging.Done = self.rooms.store.write_now(room.merge, self.rooms.notices, wanted)
        return done

    def part(self, case: str | None = None, messages: tuple[tuple[str, int], ...] = ()) -> merging.Done:
        apart = Apart(case or self.second, AGENT, "they are two fees", messages)
        done: merging.Done = self.rooms.store.write_now(room.take_apart, self.rooms.notices, apart)
        return done

    def trail(self, id: str) -> list[str]:
        return [event.action for event in self.rooms.store.read_now(audit.timeline, case_chain(id))]

    def about(self, conversation: str) -> str | None:
        c = conversation_table.c
        [row] = self.rooms.rows(sa.select(c.case_id).where(c.id == conversation))
        found: str | None = row.case_id
        return found

    def named(self, id: str) -> int:
        """How many of the customer's messages name this case."""
        m = messages.c
        said = sa.select(m.number).where(m.case_id == id, m.sender == Sender.CUSTOMER.value)
        return len(self.rooms.rows(said))


@pytest.fixture
async def two(rooms: Any, write: Callable[..., str]) -> Two:
    rooms.engines._limit = 30  # these stories are not about an engine that is slow
    await rooms.mail(write(message_id="<ann.1@example.org>"))
    await rooms.settle()
    await rooms.mail(write(message_id="<ann.2@example.org>", text=AGAIN))
    await rooms.settle()
    found = rooms.rows(sa.select(case_table.c.id, case_table.c.reference).order_by(case_table.c.id))
    first, second = found
    answer = next(mail for mail in rooms.post.to(ANN) if second.reference in body(mail))
    return Two(rooms, first.id, second.id, answer)


def body(mail: Any) -> str:
    return str(mail.get_body(("plain",)).get_content())


def set_due(tx: Transaction, id: str, day: date) -> None:
    at = datetime(day.year, day.month, day.day, 15, 59, 59, tzinfo=UTC)
    values = {"feedback_due": day.isoformat(), "feedback_due_at": at}
    tx.execute(sa.update(case_table).where(case_table.c.id == id).values(**values))


def by_number(two: Two) -> dict[str, str]:
    return {"subject": f"[{two.b.reference}] a receipt", "text": "I have found the receipt of it."}


def by_token(two: Two) -> dict[str, str]:
    return {"to": two.answer["Reply-To"], "subject": "Re: Card fee", "text": "I have found the receipt of it."}


def by_references(two: Two) -> dict[str, str]:
    return {"references": two.answer["Message-ID"], "subject": "Re: Card fee", "text": "I have found the receipt."}


def by_her_own_id(two: Two) -> dict[str, str]:
    return {"references": "<ann.2@example.org>", "subject": "Re: Card fee", "text": "I have found the receipt of it."}
