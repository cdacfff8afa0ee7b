"""What a customer says to an agent is listened to for danger to life, and for nothing else: the agent may have left the desk.

As soon as it is heard the conversation is marked, with the agent who has it. If they have not answered within `ANSWERED_WITHIN` it goes
back to the queue, where the bot says at once what is said in danger, and everybody is alarmed. Each message that comes to an agent sets a
timer in its own transaction, so nothing that was taken is left unheard by a process that dies.

Not here: what is said to somebody in danger (dialogue), who is alarmed (alarms.py), conversations that were given by turn and not looked at
(giving.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

from case_store import conversations, ownership, timers
from case_store.audit import Entry
from case_store.conversations import OVERHEAR, Row
from case_store.records import Owner, Sender
from case_store.store import Transaction
from dialogue.waiting import IN_DANGER

UNANSWERED: Final = "danger_unanswered"
KINDS: Final = (OVERHEAR, UNANSWERED)
NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
ANSWERED_WITHIN: Final = timedelta(minutes=2)


def fire(tx: Transaction, kind: str, subject: str, payload: Mapping[str, Any] = NOTHING) -> None:
    """`subject`: CONVERSATION:NUMBER, the message that came to an agent. `payload` names the `last` there was before its words changed."""
    id, _, which = subject.partition(":")
    number = int(which)
    row = conversations.find_locked(tx, id)
    if row is None or row["owner"] != Owner.AGENT:
        return  # whoever has it now listens by themselves
    if kind == UNANSWERED:
        _give_back(tx, row, number)
    elif _tells_of_danger(tx, id, number):
        mark(tx, row, int(payload.get("last", number)))


def mark(tx: Transaction, row: Row, number: int) -> None:
    """Somebody's life is in danger in a locked conversation that an agent has; what the agent says after this number is an answer to it."""
    if not row["urgent"]:
        entry = Entry("system", "danger_heard", {"number": number})
        conversations.add_messages(tx, row, [], values={"urgent": True, "waiting_reason": IN_DANGER}, entries=[entry])
        tx.wake("alarm", row["id"])
    timers.again(tx, UNANSWERED, f"{row['id']}:{number}", tx.now + ANSWERED_WITHIN)


def _tells_of_danger(tx: Transaction, id: str, number: int) -> bool:
    from dialogue.understanding.signals import danger_in  # brings word lists that a start need not wait for

    said = conversations.messages_of(tx, id, after=number - 1, limit=1)
    return bool(said) and said[0].sender is Sender.CUSTOMER and danger_in(said[0].spoken) is not None


def _give_back(tx: Transaction, row: Row, number: int) -> None:
    answered = any(said.sender is Sender.AGENT for said in conversations.messages_of(tx, row["id"], after=number))
    if answered or not row["urgent"]:
        return
    values = ownership.queue_for_person(tx, row, IN_DANGER, urgent=True)
    values["speak_at"] = values["speak_at_latest"] = tx.now
    name = ownership.agent_name(tx, row["agent_id"])
    detail = {"from": name, "agent": row["agent_id"], "why": IN_DANGER}
    conversations.add_messages(tx, row, [], values=values, entries=[Entry("system", "taken_back", detail)])
    tx.wake("turn", row["id"], at=tx.now)
