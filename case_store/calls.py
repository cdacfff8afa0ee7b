"""Telephone calls: what was said in them, in the order it was said; their recordings; when their words are to be read.

Units over a transaction. Every call is a conversation, whose row is locked first. An utterance is a message that knows when it
was said; a message's number is the order of commit, so what is spoken is put in order when it is read (`in_order`). Nothing that
was said is removed: utterances that a better transcript replaces are marked `superseded`.

Not here: who speaks and what follows from it (gateway/telephone), how a transcript is read (channels/phone).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from case_store.audit import Entry
from case_store.claiming import taken
from case_store.conversations import NewMessage, Row, StoredMessage, add_messages, as_stored, locked
from case_store.ids import new_id
from case_store.records import Sender
from case_store.store import Transaction
from case_store.tables_arrivals import OF_CALLS, arrivals
from case_store.tables_conversations import calls, conversations, messages

LIVE: Final = "live"
ENDED: Final = "ended"
LEASE: Final = timedelta(seconds=30)
SILENCE: Final = timedelta(minutes=30)  # a live call that says nothing for so long has ended
LONGEST_CALL: Final = 100  # characters of a call's name


class NoSuchCall(LookupError):
    """No call has this name, or this conversation."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One utterance to keep. Times in seconds from the beginning; `sequence` is its place where its sender numbers them."""

    sender: Sender
    text: str
    start: float | None = None
    end: float | None = None
    confidence: float | None = None
    label: str = ""
    sequence: int | None = None

    def to_json(self) -> dict[str, Any]:
        told = {
            "start": self.start,
            "end": self.end,
            "confidence": self.confidence,
            "label": self.label or None,
            "sequence": self.sequence,
        }
        return {name: value for name, value in told.items() if value is not None}

    @property
    def same(self) -> tuple[str, str, float | None]:
        """What makes it the same utterance in another transcript of the call."""
        return self.label, self.text, None if self.start is None else round(self.start, 2)


def look(tx: Transaction, source: str, call: str) -> Row | None:
    """The call that its source calls so: names are told apart by who gives them."""
    c = calls.c
    return tx.execute(sa.select(calls).where(c.source == source, c.call == call)).mappings().one_or_none()


def named(tx: Transaction, call: str) -> list[Row]:
    """All calls of this name, whoever calls them so."""
    return list(tx.execute(sa.select(calls).where(calls.c.call == call).order_by(calls.c.source)).mappings())


def get(tx: Transaction, conversation_id: str) -> Row:
    """Raises NoSuchCall."""
    row = of_conversations(tx, [conversation_id]).get(conversation_id)
    if row is None:
        raise NoSuchCall(conversation_id)
    return row


def of_conversations(tx: Transaction, ids: Sequence[str]) -> dict[str, Row]:
    if not ids:
        return {}
    rows = tx.execute(sa.select(calls).where(calls.c.conversation_id.in_(ids))).mappings()
    return {row["conversation_id"]: row for row in rows}


def came_of_call(tx: Transaction, source: str, call: str) -> list[sa.Row[Any]]:
    """Id, transport and received_at of all originals of a call, the first first.

    Another telephone system may name a call of its own the same (channels/phone/channel.py, `source_of`).
    """
    a, begins = arrivals.c, _begins(tx, arrivals.c.external_id, f"{call}:")
    found = sa.select(a.id, a.transport, a.received_at).where(sa.literal_column(OF_CALLS), *begins)
    rows = tx.execute(found.order_by(a.received_at, a.id)).all()
    return [row for row in rows if _is_of_call(row.transport, source, call)]


def _begins(tx: Transaction, column: sa.Column[Any], prefix: str) -> tuple[sa.ColumnElement[bool], ...]:
    """By bytes, as the index is: a collation may put what begins so anywhere."""
    after = prefix[:-1] + chr(ord(prefix[-1]) + 1)
    if tx.postgresql:
        return column.bool_op("~>=~")(prefix), column.bool_op("~<~")(after)
    return column >= prefix, column < after


def _is_of_call(transport: Any, source: str, call: str) -> bool:
    """`p:1` begins like `p`, and the ledger of another source knows a call of that name."""
    details = transport.get("details") if isinstance(transport, dict) else None
    if not isinstance(details, dict) or details.get("call") != call:
        return False
    return (transport.get("source") or f"line:{details.get('line', 'main')}") == source


def open_call(tx: Transaction, conversation_id: str, source: str, call: str, **values: Any) -> None:
    """A call's own row beside its conversation. Two that open one at once: the second fails, is run again and finds it."""
    row: dict[str, Any] = {"state": ENDED, "speakers": {}, **values}
    tx.execute(sa.insert(calls).values(conversation_id=conversation_id, source=source, call=call, **row))


def give_up_name(tx: Transaction, conversation_id: str) -> None:
    """An erased call is called by its conversation from now on: another of its name may come."""
    change(tx, conversation_id, {"call": f"erased:{conversation_id}"})


def began_at(call: Row, opened_at: datetime) -> datetime | None:
    """When a call began. A live one that does not say so began with its first words, also once it has ended."""
    was_live = call["state"] == LIVE or call["ended_at"] is not None
    began: datetime | None = call["started_at"] or (opened_at if was_live else None)
    return began


def change(tx: Transaction, conversation_id: str, values: Mapping[str, Any]) -> None:
    tx.execute(sa.update(calls).where(calls.c.conversation_id == conversation_id).values(**values))


def read_again(tx: Transaction, conversation_id: str, **values: Any) -> None:
    """The call's words are to be read (at `due_at`, or now): whatever is being made of them now is thrown away."""
    change(tx, conversation_id, {"due_at": tx.now, "lease": None, "attempts": 0, **values})
    tx.wake("call", conversation_id, at=values.get("due_at"))


def utterances_of(tx: Transaction, conversation_id: str, *, replaced: bool = False) -> list[StoredMessage]:
    """What was said in the call, in order; with `replaced`, also what a better transcript stands for."""
    m = messages.c
    rows = tx.execute(
        sa.select(messages)
        .where(m.conversation_id == conversation_id, m.utterance.is_not(None))
        .order_by(m.conversation_id, m.number)
    )
    return in_order([said for said in map(as_stored, rows.mappings()) if replaced or not _told(said).get("superseded")])


def in_order(said: Sequence[StoredMessage]) -> list[StoredMessage]:
    """Messages as they were spoken: utterances change places among themselves, whatever stands between keeps its own."""
    spoken = [message for message in said if message.utterance is not None]
    if not spoken:
        return list(said)
    # what a better transcript has replaced comes before it, not in between
    replaced = [message for message in spoken if _told(message).get("superseded")]
    valid = [message for message in spoken if not _told(message).get("superseded")]
    waiting = iter([*_as_spoken(replaced), *_as_spoken(valid)])
    return [message if message.utterance is None else next(waiting) for message in said]


def _as_spoken(spoken: Sequence[StoredMessage]) -> list[StoredMessage]:
    """By the places their sender gave them; else by the second they began, or after what was stored before them."""
    if all("sequence" in _told(message) for message in spoken):
        return sorted(spoken, key=lambda said: (_told(said)["sequence"], _told(said).get("start", 0.0), said.number))
    began: dict[int, float] = {}
    last = 0.0
    for message in spoken:
        last = began[message.number] = _told(message).get("start", last)
    return sorted(spoken, key=lambda said: (began[said.number], said.number))


def _told(message: StoredMessage) -> Mapping[str, Any]:
    return message.utterance or {}


def add_spoken(
    tx: Transaction,
    row: Row,
    spoken: Sequence[Spoken],
    *,
    began: datetime | None,
    name_of: Mapping[Sender, str | None],
    arrival_id: str | None = None,
    superseded: bool = False,
    entries: Sequence[Entry] = (),
) -> list[StoredMessage]:
    """Adds utterances to the call's locked conversation. `began` is when the call did: each is dated by its second.

    `superseded`: a transcript of the whole call has come before them. None of them waits for an answer.
    """
    more = {"superseded": True} if superseded else {}
    new = [
        NewMessage(
            one.sender,
            one.text,
            name=name_of.get(one.sender),
            case_id=row["case_id"],
            arrival_id=arrival_id,
            utterance={**one.to_json(), **more},
            at=began + timedelta(seconds=one.start) if began is not None and one.start is not None else None,
        )
        for one in spoken
    ]
    values = {"answered_message": row["last_message"] + len(new)}
    return add_messages(tx, row, new, entries=entries, values=values)


def not_yet_heard(known: Iterable[StoredMessage], spoken: Sequence[Spoken]) -> tuple[list[Spoken], list[StoredMessage]]:
    """(what is new, which known ones the new transcript does not have). The same words said twice count twice."""
    there = Counter(one.same for one in spoken)
    missing = []
    for message in known:
        same = spoken_of(message).same
        if there[same]:
            there[same] -= 1
        else:
            missing.append(message)
    new = []
    for one in reversed(spoken):  # of several alike the later ones are new
        if there[one.same]:
            there[one.same] -= 1
            new.append(one)
    return new[::-1], missing


def spoken_of(message: StoredMessage) -> Spoken:
    told = _told(message)
    return Spoken(
        message.sender,
        message.text,
        told.get("start"),
        told.get("end"),
        told.get("confidence"),
        told.get("label", ""),
        told.get("sequence"),
    )


def goes_on(known: Sequence[StoredMessage], spoken: Sequence[Spoken]) -> bool:
    """Whether these utterances begin where the known ones have ended: another piece of the call, not another transcript of it."""
    ends = [told.get("end", told.get("start")) for told in map(_told, known)]
    starts = [one.start for one in spoken]
    if not ends or None in ends or None in starts:
        return False
    first, last = min(start for start in starts if start is not None), max(end for end in ends if end is not None)
    return bool(first >= last)


def renumber(tx: Transaction, known: Sequence[StoredMessage], places: Mapping[int, int]) -> None:
    """Gives known utterances (by message number) their places in a new transcript."""
    for message in known:
        if message.number in places and _told(message).get("sequence") != places[message.number]:
            _set_utterance(tx, message, {**_told(message), "sequence": places[message.number]})


def supersede(tx: Transaction, replaced: Sequence[StoredMessage]) -> None:
    """A better transcript has come: these stay, folded away, and nothing is made of them any more."""
    for message in replaced:
        _set_utterance(tx, message, {**_told(message), "superseded": True})


def _set_utterance(tx: Transaction, message: StoredMessage, told: Mapping[str, Any]) -> None:
    m = messages.c
    tx.execute(
        sa.update(messages)
        .where(m.conversation_id == message.conversation_id, m.number == message.number)
        .values(utterance=dict(told))
    )


def correct(tx: Transaction, message: StoredMessage, better: Spoken) -> Entry:
    """The recogniser has thought better of an utterance: the earlier text is kept beside. Answers what the audit is told."""
    m = messages.c
    edits = [*message.edits, {"text": message.text, "at": tx.now.isoformat()}]
    tx.execute(
        sa.update(messages)
        .where(m.conversation_id == message.conversation_id, m.number == message.number)
        .values(text=better.text, utterance=better.to_json(), edits=edits)
    )
    return Entry("system", "corrected_utterance", {"number": message.number, "from": message.text, "to": better.text})


def set_senders(
    tx: Transaction, conversation_id: str, senders: Mapping[int, Sender], name_of: Mapping[Sender, Any]
) -> None:
    """Whose these messages are, as a person has said."""
    m = messages.c
    for sender in set(senders.values()):
        numbers = [number for number, whose in senders.items() if whose is sender]
        tx.execute(
            sa.update(messages)
            .where(m.conversation_id == conversation_id, m.number.in_(numbers))
            .values(sender=sender.value, name=name_of.get(sender))
        )


@dataclass(frozen=True, slots=True)
class ClaimedCall:
    """A call leased for reading, with what was said in it so far."""

    call: Row
    conversation: Row
    said: tuple[StoredMessage, ...]

    @property
    def id(self) -> str:
        return str(self.call["conversation_id"])

    @property
    def of_customer(self) -> tuple[StoredMessage, ...]:
        return tuple(message for message in self.said if message.sender is Sender.CUSTOMER)


def claim_due(tx: Transaction, limit: int) -> list[ClaimedCall]:
    """Leases calls whose words are to be read, the longest due first."""
    c = calls.c
    due = sa.select(c.conversation_id).where(c.due_at <= tx.now).order_by(c.due_at).limit(limit)
    rows = tx.execute(
        sa.update(calls)
        .where(c.conversation_id.in_(taken(due)))
        .values(lease=new_id(), due_at=tx.now + LEASE, attempts=c.attempts + 1)
        .returning(*c)
    ).mappings()
    return [_claimed(tx, row) for row in rows.all()]


def _claimed(tx: Transaction, row: Row) -> ClaimedCall:
    conversation = tx.execute(sa.select(conversations).where(conversations.c.id == row["conversation_id"])).mappings()
    return ClaimedCall(row, conversation.one(), tuple(utterances_of(tx, row["conversation_id"])))


def still_mine(tx: Transaction, claim: ClaimedCall) -> tuple[Row, Row, bool] | None:
    """(conversation, call, whether more was said meanwhile) under lock; None if it is to be read anew.

    While a call goes on, what was read of it so far counts though more has been said; what is filed has to be all of it.
    """
    conversation = locked(tx, claim.id)
    if conversation["erased_at"] is not None:
        settle(tx, claim.id)
        return None
    call = tx.execute(sa.select(calls).where(calls.c.conversation_id == claim.id).with_for_update()).mappings().one()
    if call["lease"] != claim.call["lease"]:
        return None
    more = conversation["last_message"] != claim.conversation["last_message"]
    if call["state"] != claim.call["state"] or (more and call["state"] == ENDED):
        read_again(tx, claim.id)
        return None
    return conversation, call, more


def settle(tx: Transaction, conversation_id: str, **values: Any) -> None:
    """What was claimed has been read. `due_at` says when the next words are, if there are any."""
    change(tx, conversation_id, {"due_at": None, "lease": None, "attempts": 0, **values})


def try_later(tx: Transaction, claim: ClaimedCall, delay: timedelta) -> None:
    c = calls.c
    tx.execute(
        sa.update(calls)
        .where(c.conversation_id == claim.id, c.lease == claim.call["lease"])
        .values(due_at=tx.now + delay, lease=None)
    )


def is_idle(tx: Transaction) -> bool:
    """Whether there is nothing to do for any call: a look that writes nothing."""
    c = calls.c
    due = sa.select(c.conversation_id).where(c.due_at <= tx.now).limit(1)
    silent = sa.select(c.conversation_id).where(c.silent_at <= tx.now).limit(1)
    return tx.execute(due).first() is None and tx.execute(silent).first() is None


def end_silent(tx: Transaction, limit: int = 50) -> int:
    """Ends live calls that have said nothing for long. Answers how many."""
    c = calls.c
    found = sa.select(c.conversation_id).where(c.silent_at <= tx.now).order_by(c.silent_at).limit(limit)
    return sum(_end_if_silent(tx, id) for id in tx.execute(found).scalars().all())


def _end_if_silent(tx: Transaction, id: str) -> bool:
    row = locked(tx, id)
    silent = sa.select(calls.c.conversation_id).where(calls.c.conversation_id == id, calls.c.silent_at <= tx.now)
    if tx.execute(silent).first() is None:  # somebody has spoken since
        return False
    end(tx, row, by="silence")
    return True


def end(tx: Transaction, row: Row, *, by: str, actor: str = "system") -> None:
    """The call of this locked conversation has ended: its words are read for good."""
    read_again(tx, row["id"], state=ENDED, ended_at=tx.now, silent_at=None)
    add_messages(tx, row, [], entries=[Entry(actor, "call_ended", {"by": by})])
