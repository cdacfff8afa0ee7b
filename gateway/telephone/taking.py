"""What was said on the telephone, into its conversation: whole transcripts, and utterances while the call goes on.

A call is one conversation with one case, a draft from its first words on. Utterances are stored once however often and in
whatever order they come. Another transcript of a call adds what is new; where it tells the same stretch of time in other words
it takes the place of the earlier one, which stays, folded away.

Everything runs in the caller's transaction. Not here: who is the customer (speakers.py), what is made of the words (reading.py).
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from case_store import calls, cases, conversations, ownership, people
from case_store.arrivals import StoredArrival
from case_store.audit import Entry
from case_store.calls import ENDED, LIVE, SILENCE, Spoken
from case_store.conversations import NewConversation, Row, StoredMessage
from case_store.ids import new_id
from case_store.records import ChannelName, Language, Owner, Sender
from case_store.store import Transaction
from channels.message import CallIn
from channels.phone.call import Call, Utterance
from channels.phone.channel import lane_of
from channels.phone.details import NO, UNKNOWN
from gateway.context import Gateway
from gateway.telephone import consent
from gateway.telephone.speakers import as_decided

PACE: Final = timedelta(seconds=1)  # between two readings of a live call, and so much more for each of its utterances
PACE_BY_LENGTH: Final = timedelta(milliseconds=20)
_TRADITIONAL: Final = re.compile(r"(zh|cmn)-(hant|tw|hk|mo)\b.*|yue\b.*", re.IGNORECASE)


class UnknownCall(LookupError):
    """A recording came of a call that nobody has told of: it is put aside, and can be read again once the transcript is there."""

    final = True


class ErasedCall(LookupError):
    """A recording came of a call that was erased. Without words nobody could say whose it is: it is put aside."""

    final = True


@dataclass(frozen=True, slots=True)
class Opening:
    """What is known of a call when its first words come."""

    line: str
    account: str
    received_at: datetime
    state: str = ENDED
    started_at: datetime | None = None
    language: str | None = None
    customer_number: str | None = None
    agent: str | None = None
    consent: tuple[str, str | None] = (UNKNOWN, None)  # and how it is known


def take_call(tx: Transaction, gateway: Gateway, arrival: StoredArrival, event: CallIn) -> Mapping[str, Any]:
    """A transcript, or the recording of a call that is known. Answers what the ledger is to say of it."""
    name, told = event.conversation_key, event.call
    if not told.utterances:
        known = calls.look(tx, event.source, name)
        if known is None:
            raise UnknownCall(f"no transcript of the call {name!r} has come yet")
        if conversations.locked(tx, known["conversation_id"])["erased_at"] is not None:
            raise ErasedCall(f"the call {name!r} was erased: no recording comes to it any more")
    opening = Opening(
        line=event.line,
        account=arrival.account,
        received_at=arrival.received_at,
        started_at=told.started_at,
        language=told.language,
        customer_number=told.customer_number,
        agent=event.agent or told.agent_name,
    )
    row, call = opened(tx, gateway, event.source, name, opening)
    added = _take_transcript(tx, row, call, told, arrival.id) if told.utterances else 0
    consent.take(tx, row["id"], call, event)
    return {"conversation": row["id"], "call": name, "utterances": added}


def opened(tx: Transaction, gateway: Gateway, source: str, name: str, opening: Opening) -> tuple[Row, Row]:
    """(conversation, call) under lock, opened with a draft case if these are the call's first words.

    Words that come late of an erased call open another of its name: nothing of them is lost, they are found under the customer's
    number with a time of their own, and what was erased stays so. Who said no to being recorded has said it of this one too.
    """
    call = calls.look(tx, source, name)
    row = None if call is None else conversations.locked(tx, call["conversation_id"])
    if row is None or call is None or row["erased_at"] is not None:
        if call is not None:
            calls.give_up_name(tx, call["conversation_id"])
        row = conversations.locked(tx, _open(tx, gateway, source, name, opening, after=call))
    return row, calls.get(tx, row["id"])


def _open(tx: Transaction, gateway: Gateway, source: str, name: str, opening: Opening, *, after: Row | None) -> str:
    """`after`: the erased call that had this name."""
    id = new_id()
    said_no = (
        {} if after is None or after["consent"] != NO else {"consent": NO, "consent_basis": after["consent_basis"]}
    )
    language = language_of(opening.language) or gateway.settings.locale
    began = opening.started_at or opening.received_at
    new = NewConversation(id, ChannelName.PHONE, opening.account, language.value, key=lane_of(source, name))
    conversations.open_conversation(tx, new)
    agent = _agent(tx, opening.agent)
    calls.open_call(
        tx,
        id,
        source,
        name,
        line=opening.line,
        state=opening.state,
        started_at=opening.started_at,
        customer_number=opening.customer_number,
        agent=(agent.name if agent else opening.agent) if opening.agent else None,
        **said_no,
    )
    case_id = cases.open_draft(
        tx,
        conversation_id=id,
        channel=ChannelName.PHONE,
        account=opening.account,
        language=language.value,
        received_at=began,
        customer=None,
        reason="call",
    )
    values: dict[str, Any] = {"case_id": case_id}
    row = conversations.locked(tx, id)
    if agent is not None and opening.state == LIVE:  # whoever speaks with the customer has the conversation
        values |= ownership.owner_values(row, Owner.AGENT, tx.now, agent_id=agent.id)
        tx.wake("owner", id)
    told = {} if after is None else {"after_erasure_of": after["conversation_id"]}
    entry = Entry("system", "call_opened", {"call": name, "line": opening.line, "state": opening.state, **told})
    conversations.add_messages(tx, row, [], values=values, entries=[entry])
    return id


def _agent(tx: Transaction, username: str | None) -> people.Agent | None:
    if not username:
        return None
    try:
        agent = people.find_agent(tx, username)
    except people.NoSuchPerson:
        return None
    return agent if agent.answers else None


def language_of(tag: str | None) -> Language | None:
    """The nearest of our languages to a tag as recognisers write it: `zh_cn`, `yue-HK`, `cmn-Hans-CN`, `en-US`."""
    written = (tag or "").replace("_", "-").strip()
    if _TRADITIONAL.fullmatch(written):
        return Language.HANT
    return {"zh": Language.HANS, "cmn": Language.HANS, "en": Language.EN}.get(written.split("-")[0].lower())


# a whole transcript ------------------------------------------------------------------------------------------------


def _take_transcript(tx: Transaction, row: Row, call: Row, told: Call, arrival_id: str) -> int:
    """How many utterances were new."""
    spoken = [as_spoken(one, call, place) for place, one in enumerate(told.utterances)]
    known = calls.utterances_of(tx, row["id"])
    new, missing = calls.not_yet_heard(known, spoken)
    if known and new and _is_another_piece(known, new, spoken):
        new, missing = _after(known, new), []
    elif new:
        _put_in_place(tx, known, missing, spoken)
    else:
        missing = []  # nothing but what is known: a shorter transcript of the same words
    values = _improved(call, told)
    if not new and call["state"] == ENDED and not values:
        return 0
    detail = {"format": told.format, "new": len(new), "superseded": len(missing)}
    _add(
        tx,
        row,
        call,
        new,
        arrival_id=arrival_id,
        entries=[Entry("system", "transcript", detail)],
        began=told.started_at,
    )
    ended = {} if call["state"] == ENDED else {"ended_at": tx.now, "silent_at": None}
    calls.read_again(tx, row["id"], state=ENDED, **ended, **values)
    return len(new)


def _is_another_piece(known: Sequence[StoredMessage], new: Sequence[Spoken], spoken: Sequence[Spoken]) -> bool:
    """By its times; without any, nothing of what is known may be taken for replaced if nothing of it comes again."""
    if all(one.start is None for one in new):
        return len(new) == len(spoken)
    return calls.goes_on(known, new)


def _after(known: Sequence[StoredMessage], new: Sequence[Spoken]) -> list[Spoken]:
    """Another piece of the call: its places come after those that are taken."""
    taken = [(message.utterance or {}).get("sequence") for message in known]
    first = 1 + max((place for place in taken if place is not None), default=-1)
    return [_placed(one, first + at) for at, one in enumerate(new)]


def _put_in_place(
    tx: Transaction, known: Sequence[StoredMessage], missing: Sequence[StoredMessage], spoken: Sequence[Spoken]
) -> None:
    """Another transcript of the same call: what it leaves out gives way, what it has too gets its place in it."""
    calls.supersede(tx, missing)
    left_out = {message.number for message in missing}
    waiting: dict[Any, deque[int]] = defaultdict(deque)
    for one in spoken:
        waiting[one.same].append(one.sequence or 0)
    still = [message for message in known if message.number not in left_out]
    places = {message.number: waiting[calls.spoken_of(message).same].popleft() for message in still}
    calls.renumber(tx, still, places)


def _placed(one: Spoken, place: int) -> Spoken:
    return Spoken(one.sender, one.text, one.start, one.end, one.confidence, one.label, place)


def _improved(call: Row, told: Call) -> dict[str, Any]:
    """What a transcript says of its call that was not known before."""
    last = max((one.end or one.start or 0.0 for one in told.utterances), default=0.0)
    known = {
        "format": told.format or None,
        "duration": max(told.duration or 0.0, last, call["duration"] or 0.0) or None,
        "started_at": call["started_at"] or told.started_at,
        "customer_number": call["customer_number"] or told.customer_number,
        "agent": call["agent"] or told.agent_name,
        "why_speakers": call["why_speakers"] if call["speakers"] else told.why_speakers or call["why_speakers"],
    }
    return {name: value for name, value in known.items() if value != call[name]}


def as_spoken(one: Utterance, call: Row, sequence: int | None) -> Spoken:
    sender = as_decided(call["speakers"], one.label, Sender(one.speaker.value))
    return Spoken(sender, one.text, one.start, one.end, one.confidence, one.label, sequence)


# utterances one after another --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of utterances: how many are new, were known, or are better words for one that was known."""

    conversation_id: str
    stored: int
    repeated: int
    corrected: int


def take_utterances(
    tx: Transaction,
    gateway: Gateway,
    source: str,
    name: str,
    opening: Opening,
    utterances: Sequence[tuple[Utterance, int | None]],
) -> Heard:
    """Utterances of a live call, each with its place if its sender numbers them. One that comes late is taken all the same."""
    row, call = opened(tx, gateway, source, name, opening)
    row, call = _learned(tx, row, call, opening)
    spoken = [as_spoken(one, call, sequence) for one, sequence in utterances]
    new, better = _sorted_out(calls.utterances_of(tx, row["id"], replaced=True), spoken)
    entries = [calls.correct(tx, known, said) for known, said in better]
    if new or entries:
        late = call["format"] is not None  # the transcript of the whole call has come: it knows better
        _add(tx, row, call, new, entries=entries, began=opening.started_at, superseded=late)
        ends = [one.end or one.start or 0.0 for one in new]
        duration = max([call["duration"] or 0.0, *ends]) or None
        live = {"silent_at": tx.now + SILENCE, "due_at": _soon(tx, row, call)} if call["state"] == LIVE else {}
        if live and not better:  # a reading that is under way is not thrown away: it would be again with each word
            calls.change(tx, row["id"], {"duration": duration, **live})
        else:
            calls.read_again(tx, row["id"], duration=duration, **live)
    return Heard(row["id"], len(new), len(spoken) - len(new) - len(better), len(better))


def _learned(tx: Transaction, row: Row, call: Row, opening: Opening) -> tuple[Row, Row]:
    """What is said of a live call once it goes on, such as its caller's number or consent. Answers its rows as they are then."""
    told = {"customer_number": opening.customer_number, "started_at": opening.started_at}
    new = {name: value for name, value in told.items() if value is not None and call[name] is None}
    if new:
        calls.change(tx, row["id"], new)
    consent.state(tx, row["id"], call, *opening.consent, actor="system")
    return conversations.locked(tx, row["id"]), calls.get(tx, row["id"])


def _sorted_out(
    known: Sequence[StoredMessage], spoken: Sequence[Spoken]
) -> tuple[list[Spoken], list[tuple[StoredMessage, Spoken]]]:
    """(what is new, better words for what is known). One without a place is known by voice, second and words."""
    by_place = {_place(calls.spoken_of(message)): message for message in known}
    heard = {calls.spoken_of(message).same for message in known}
    new: dict[Any, Spoken] = {}
    better: dict[int, tuple[StoredMessage, Spoken]] = {}
    for at, one in enumerate(spoken):
        if one.sequence is not None:
            there = by_place.get(_place(one))
            if there is None:
                new.setdefault(_place(one), one)
            elif there.text != one.text and not (there.utterance or {}).get("superseded"):
                better[there.number] = (there, one)
        elif one.start is None:
            new[at] = one  # nothing tells it from another that says the same
        elif one.same not in heard:
            new.setdefault(one.same, one)
    return list(new.values()), list(better.values())


def _soon(tx: Transaction, row: Row, call: Row) -> datetime:
    """While people talk their words are read now and then: all of them each time, so the longer the call the less often."""
    soon = tx.now + max(PACE, PACE_BY_LENGTH * row["last_message"])
    due: datetime = min(call["due_at"] or soon, soon)
    return due


def _place(one: Spoken) -> tuple[str, int | None]:
    """Both sides of a call may number their own words."""
    return one.label or one.sender.value, one.sequence


def _add(
    tx: Transaction,
    row: Row,
    call: Row,
    spoken: Sequence[Spoken],
    *,
    arrival_id: str | None = None,
    entries: Sequence[Entry] = (),
    began: datetime | None = None,
    superseded: bool = False,
) -> None:
    calls.add_spoken(
        tx,
        row,
        spoken,
        began=call["started_at"] or began or calls.began_at(call, row["created_at"]),
        name_of=names(row, call),
        arrival_id=arrival_id,
        entries=entries,
        superseded=superseded,
    )


def names(row: Row, call: Row) -> dict[Sender, str | None]:
    return {Sender.CUSTOMER: row["customer"], Sender.AGENT: call["agent"]}
