"""Who is the customer on the telephone: worked out from the transcript, or asked.

Where nobody can tell, no facts are guessed: an agent is asked which voice is the customer's, by label or utterance by utterance.
Their answer holds for everything that comes of the call later, and the call is read anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from case_store import calls, conversations, tasks
from case_store.audit import Entry
from case_store.conversations import Row, StoredMessage
from case_store.records import Sender
from case_store.store import Transaction
from case_store.tasks import Deed

WORDS: Final = "who_is_the_customer"


class NotInThisCall(ValueError):
    """Something was said of a voice or an utterance that this call does not have: `field` and `detail` tell which."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.detail = detail


def as_decided(speakers: Mapping[str, str], label: str, otherwise: Sender) -> Sender:
    """Whose words these are, as an agent has said of this label, or as the transcript tells."""
    return Sender(speakers[label]) if label in speakers and _is_meant(label, otherwise) else otherwise


def _is_meant(label: str, sender: Sender) -> bool:
    """What is said of voices without a name is said of those that nobody knows."""
    return bool(label) or sender is Sender.UNKNOWN


def task_of(conversation_id: str) -> str:
    return f"speakers:{conversation_id}"


def ask(tx: Transaction, row: Row) -> None:
    """Has an agent say which voice is the customer's."""
    occasion, id = task_of(row["id"]), row["id"]
    tasks.add(tx, occasion=occasion, kind="look", words=WORDS, case_id=row["case_id"], conversation_id=id)


def decide(
    tx: Transaction,
    conversation_id: str,
    labels: Mapping[str, Sender],
    numbers: Mapping[int, Sender],
    *,
    agent_id: str,
    actor: str,
) -> Row:
    """An agent says whose voices these are; the call is read anew. Raises NotInThisCall."""
    row = conversations.locked(tx, conversation_id)
    conversations.check_kept(row)
    call = calls.get(tx, conversation_id)
    said = calls.utterances_of(tx, row["id"])
    _check(said, labels, numbers)
    whose = _whose(said, labels) | dict(numbers)
    calls.set_senders(tx, row["id"], whose, {Sender.CUSTOMER: row["customer"], Sender.AGENT: call["agent"]})
    decided: dict[str, Any] = {**call["speakers"], **{label: sender.value for label, sender in labels.items()}}
    calls.read_again(tx, row["id"], speakers=decided, why_speakers=actor)
    detail = {"labels": {label: sender.value for label, sender in labels.items()}, "messages": _counted(numbers)}
    conversations.add_messages(tx, row, [], entries=[Entry(actor, "speakers_decided", detail)])
    if _is_answered(calls.utterances_of(tx, row["id"])):
        tasks.settle(tx, task_of(row["id"]), Deed("done", tx.now, agent_id, actor))
    return row


def _is_answered(said: list[StoredMessage]) -> bool:
    """Whether there is a customer now, or nobody left of whom it is not known."""
    senders = {message.sender for message in said}
    return Sender.CUSTOMER in senders or Sender.UNKNOWN not in senders


def _check(said: list[StoredMessage], labels: Mapping[str, Sender], numbers: Mapping[int, Sender]) -> None:
    there = {(message.utterance or {}).get("label", "") for message in said}
    for label in labels:
        if label not in there:
            known = ", ".join(repr(one) for one in sorted(there))
            raise NotInThisCall("speakers", f"no voice of this call is called {label[:80]!r}; there are {known}")
    known_numbers = {message.number for message in said}
    for number in numbers:
        if number not in known_numbers:
            raise NotInThisCall("utterances", f"no utterance of this call has the id {number}")


def _whose(said: list[StoredMessage], labels: Mapping[str, Sender]) -> dict[int, Sender]:
    found = {}
    for message in said:
        label = (message.utterance or {}).get("label", "")
        if label in labels and _is_meant(label, message.sender):
            found[message.number] = labels[label]
    return found


def _counted(numbers: Mapping[int, Sender]) -> dict[str, str]:
    return {str(number): sender.value for number, sender in numbers.items()}
