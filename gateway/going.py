"""What is handed over when somebody goes: by whichever way an account is closed or a key ends, nobody is left unanswered.

Units over a transaction, in the same as the closing or revoking itself: all or nothing. A conversation goes to the colleague who is named,
or back to the queue, and its customer is told as whenever its owner changes; where a life is in danger it goes to the queue, which alarms
everybody, whoever was named. What a key that has expired still holds, the clockwork finds.

Not here: what they hold (case_store/leaving.py), that they come in no more (case_store/people.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from case_store import cases, conversations, leaving, notes, ownership, people
from case_store.audit import NOTHING
from case_store.leaving import Work
from case_store.people import Agent
from case_store.records import Owner
from case_store.store import Transaction
from gateway.hooks import OwnerChanged, Person

if TYPE_CHECKING:
    from gateway.context import Gateway

AT_ONCE: Final = 50
BACK: Final = "↩"  # to the queue or the bot

Row = Mapping[Any, Any]


@dataclass(frozen=True, slots=True)
class Giver:
    """Who gives: `actor` is how audit events name them."""

    id: str
    name: str
    actor: str
    supervises: bool = True


SYSTEM: Final = Giver("system", "system", "system")


def operator(actor: str) -> Giver:
    """Who sits at the machine itself."""
    return Giver("operator", actor, actor)


def person_of(agent: Agent) -> Person:
    return Person(agent.id, agent.username, agent.name, agent.post, agent.contact)


def given(
    tx: Transaction,
    id: str,
    agent: Agent,
    note: str | None,
    by: Giver,
    told: OwnerChanged,
    beside: Mapping[str, Any] = NOTHING,
) -> tuple[Row, str | None]:
    """The row under lock, the colleague's now, and the note that has called them and whoever had it; the customer is told in the same unit."""
    before = conversations.locked(tx, id)
    told_owner, _ = ownership.answering(tx, before)
    after = ownership.assign(
        tx, id, to=(agent.id, agent.name), by=by.id, actor=by.actor, supervises=by.supervises, beside=beside
    )
    if after["epoch"] == before["epoch"]:
        return after, None
    told(tx, {**before, "owner": told_owner}, after, person_of(agent))
    return after, _call(tx, id, agent, note, by, _former(tx, before, by))


def _call(tx: Transaction, id: str, agent: Agent, words: str | None, by: Giver, former: Agent | None) -> str | None:
    """The id of the note that calls the agent, and who had it; None where nothing needs saying to oneself."""
    own = agent.id == by.id
    if own and words is None and former is None:
        return None
    to = by.name if own else f"@{agent.username}"
    lines = [words, _moved(former, to)] if former else [words or to]
    return _noted(tx, id, lines, [one for one in (None if own else agent, former) if one], by)


def call_former(tx: Transaction, before: Row, by: Giver, to: str, words: str | None = None) -> str | None:
    """The id of the note by which an agent hears that their conversation went `to` somebody else; None where nobody has to hear of it."""
    former = _former(tx, before, by)
    return None if former is None else _noted(tx, before["id"], [words, _moved(former, to)], [former], by)


def _former(tx: Transaction, before: Row, by: Giver) -> Agent | None:
    """The agent who had it, unless they gave it away themselves or have gone."""
    agent = people.find_agent_by_id(tx, before["agent_id"]) if before["owner"] == Owner.AGENT else None
    return None if agent is None or agent.id == by.id or not agent.active else agent


def _moved(former: Agent, to: str) -> str:
    """In signs, for it is read in every language."""
    return f"@{former.username} → {to}"


def _noted(tx: Transaction, id: str, lines: Sequence[str | None], called: Sequence[Agent], by: Giver) -> str:
    calls = {agent.username: agent.id for agent in called}
    text = "\n".join(line for line in lines if line)
    return notes.add(tx, id, text, calls=calls, author=by.id, author_name=by.name, actor=by.actor).id


def close_account(
    tx: Transaction,
    username: str,
    *,
    by: Giver,
    told: OwnerChanged,
    to: Agent | None = None,
    changes: Mapping[str, Any] = NOTHING,
) -> tuple[Agent, Work]:
    """Closes it, with what else is to be changed of it, and hands over what it held, which is answered too.

    Raises NoSuchPerson, LastAdmin.
    """
    agent = people.find_agent(tx, username)
    work = leaving.work_of(tx, agent)
    # closed first: who goes is not called to what they held
    closed = people.change_agent(tx, username, {**changes, "active": False}, actor=by.actor)
    left = {"left": agent.name}
    for id in work.conversations:
        if to is None or conversations.locked(tx, id)["urgent"]:
            _back(tx, id, person_of(agent), by, told, left)
        else:
            given(tx, id, to, None, by, told, left)
    for id in work.cases:
        cases.change(tx, id, {"assignee": to and to.username}, actor=by.actor, beside=left)
    return closed, work


def revoke_key(tx: Transaction, id: str, *, by: Giver, told: OwnerChanged) -> None:
    """Raises NoSuchPerson."""
    people.revoke_key(tx, id, actor=by.actor)
    for one in leaving.held_by_gone(tx, holder=id):
        _back(tx, one.conversation_id, _holder(one), by, told, {"left": one.name})


def take_back(tx: Transaction, told: OwnerChanged) -> int:
    """What is still held by keys that have expired or were revoked, and by closed accounts, goes back to the queue. Answers how many."""
    found = leaving.held_by_gone(tx, limit=AT_ONCE)
    for one in found:
        _back(tx, one.conversation_id, _holder(one), SYSTEM, told, {"left": one.name})
    return len(found)


def _holder(one: leaving.Held) -> Person:
    return Person(one.holder, one.username, one.name)


def _back(tx: Transaction, id: str, holder: Person, by: Giver, told: OwnerChanged, beside: Mapping[str, Any]) -> None:
    before = conversations.locked(tx, id)
    if before["owner"] != Owner.AGENT or before["agent_id"] != holder.id:
        return  # somebody has taken it meanwhile
    after = ownership.hand_back(
        tx, id, agent_id=holder.id, agent_name=by.name, actor=by.actor, to=Owner.QUEUE, beside=beside
    )
    told(tx, before, after, holder)


def teller(gateway: Gateway) -> OwnerChanged:
    """What tells customers who answers them: the running gateway's, or one made for a command beside the store."""
    if gateway.owner_changed is None:
        from gateway.notifications import Notices
        from gateway.promises import Promises

        promises = Promises(gateway.rules, gateway.settings)
        gateway.owner_changed = Notices(promises, gateway.settings, gateway.tokens).owner_changed
    return gateway.owner_changed
