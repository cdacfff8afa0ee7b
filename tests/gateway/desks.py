"""A store with people at their desks and customers who wait, for the tests of what is given by turn."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import audit, cases, conversations, ownership, people, presence
from case_store.conversations import NewConversation, NewMessage
from case_store.ids import new_id
from case_store.people import NewAgent
from case_store.records import Draft, Owner, Role, Sender
from case_store.store import Store, Transaction
from case_store.tables_desk import givings as given_rows
from case_store.tables_people import agent_sessions
from gateway import giving
from gateway.config import Settings
from gateway.policy import load_policy
from gateway.promises import Promises

HOUR = timedelta(hours=1)
ON = 'mode = "round_robin"\nmost = 2\nanswer_within = 5\n'


@dataclass
class House:
    """A store with people at their desks, and customers who wait."""

    store: Store
    folder: Path
    promises: Promises = field(init=False)

    def __post_init__(self) -> None:
        self.policy(ON)

    def policy(self, section: str) -> None:
        file = self.folder / "policy.toml"
        file.write_text(f'version = "house-7"\n[assignment]\n{section}')
        self.promises = Promises(load_policy(file), Settings(data_dir=self.folder))

    def agent(self, name: str, **more: Any) -> str:
        new = NewAgent(name, name.title(), Role.AGENT, "hash", post="客服", **more)
        return self.store.write_now(people.add_agent, new, actor="system").id

    def at_desk(self, name: str, **more: Any) -> str:
        id = self.agent(name, **more)
        self.signs_in(id, name)
        self.store.write_now(presence.say, id, name, takes=True)
        return id

    def signs_in(self, id: str, digest: str) -> None:
        lasting: dict[str, Any] = {"csrf": "c", "lasts": timedelta(hours=12), "client": None, "instead_of": None}
        assert self.store.write_now(people.open_session, id, digest=digest, **lasting)

    def waits(self, said: str = "我要找人工", *, ago: timedelta = HOUR, **more: Any) -> str:
        id = new_id()
        self.store.write_now(_waits, id, said, ago, more)
        return id

    def round(self) -> int:
        return self.store.write_now(giving.hold, self.promises)

    def looks(self) -> giving.Round:
        return self.store.read_now(giving.look, self.promises)

    def row(self, id: str) -> Any:
        return self.store.read_now(conversations.find, id)

    def owner(self, id: str) -> str | None:
        """The name of whoever has it; None: it waits."""
        row = self.row(id)
        assert row["owner"] in (Owner.AGENT, Owner.QUEUE)
        return self.store.read_now(ownership.agent_name, row["agent_id"])

    def events(self, id: str, *actions: str) -> list[Any]:
        told = self.store.read_now(audit.timeline, audit.conversation_chain(id))
        return [event for event in told if event.action in actions]

    def said(self, id: str, sender: Sender) -> list[str]:
        return [m.text for m in self.store.read_now(conversations.messages_of, id) if m.sender is sender]

    def later(self, by: timedelta) -> None:
        """What was given is so much older now; whoever is there is still there."""

        def unit(tx: Transaction) -> None:
            for one in tx.execute(sa.select(given_rows)).mappings().all():
                moved = {n: one[n] - by for n in ("at", "due_at", "returned_at") if one[n] is not None}
                here = sa.and_(
                    given_rows.c.conversation_id == one["conversation_id"], given_rows.c.epoch == one["epoch"]
                )
                tx.execute(sa.update(given_rows).where(here).values(**moved))

        self.store.write_now(unit)

    def unseen_for(self, digest: str, by: timedelta, column: str = "takes_at") -> None:
        """The session was last noted so long ago."""
        s = agent_sessions.c
        self.store.write_now(
            lambda tx: tx.execute(sa.update(agent_sessions).where(s.digest == digest).values({column: tx.now - by}))
        )


def _waits(tx: Transaction, id: str, said: str, ago: timedelta, more: dict[str, Any]) -> None:
    reason, urgent, facts = more.pop("reason", "asked"), more.pop("urgent", False), more.pop("facts", None)
    speaks, risk, assignee = more.pop("speak_at", None), more.pop("risk", None), more.pop("assignee", None)
    told = {"channel": "webchat", "account": "webchat", "locale": "zh-Hans", "customer": "江敏", **more}
    conversations.open_conversation(tx, NewConversation(id, **told))
    conversations.add_messages(tx, conversations.locked(tx, id), [NewMessage(Sender.CUSTOMER, said)])
    values: dict[str, Any] = {"answered_message": 1}
    if facts is not None:
        case = cases.open_draft(
            tx,
            conversation_id=id,
            channel=told["channel"],
            account=told["account"],
            language=told["locale"],
            received_at=tx.now,
            customer=None,
        )
        cases.save_draft(tx, case, Draft(facts), None, told["locale"])
        changes = {name: value for name, value in (("risk", risk), ("assignee", assignee)) if value is not None}
        if changes:
            cases.change(tx, case, changes, actor="agent:Test")
        values["case_id"] = case
    row = conversations.locked(tx, id)
    values |= ownership.queue_for_person(tx, row, reason, urgent=urgent)
    values |= {"waiting_since": tx.now - ago, "speak_at": speaks}
    conversations.add_messages(tx, row, [], values=values)


@pytest.fixture
def house(store: Store, tmp_path: Path) -> House:
    return House(store, tmp_path)


def opens(tx: Transaction, id: str) -> None:
    ownership.look_at(tx, conversations.locked(tx, id))


def replies(tx: Transaction, id: str, agent_id: str) -> None:
    ownership.reply(tx, id, "您好", agent_id=agent_id, agent_name="Anna")


def says(tx: Transaction, id: str, text: str) -> None:
    row = conversations.locked(tx, id)
    conversations.add_customer_message(tx, row, NewMessage(Sender.CUSTOMER, text), quiet=timedelta())
