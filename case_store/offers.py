"""Offers of solutions, round by round, what customers answer to them, and what is agreed (handbook 5.2 and 5.3).

A case has at most one open offer. A round ends when its customer agrees or wants none of it, when the house takes it back or makes
another, or when its last day is over. A wish for something else ends nothing: until the house has answered it with another round
the customer may still take what was offered. What was said to it is kept in the customer's own words.

An option that is chosen binds nobody; only the confirmation does, and it makes the settlement.

Every change is written to the case's audit chain under the case's lock.

Not here: what was agreed (settlements.py); dates, words and whom it is told to (gateway).

OfferError
├── NoSuchOffer
├── OfferIsOver          closed meanwhile; `state` says how
└── NoSuchOption
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from case_store import cases
from case_store.audit import Entry
from case_store.ids import new_id
from case_store.store import Transaction
from case_store.tables_papers import offer_answers, offers

Row = Mapping[Any, Any]

FEWEST, MOST = 2, 4


class OfferError(Exception):
    """Anything an offer can't do."""


class NoSuchOffer(OfferError, LookupError):
    """No offer has this id."""


class OfferIsOver(OfferError):
    """The offer does not stand any more."""

    def __init__(self, state: str) -> None:
        super().__init__(f"the offer is {state}")
        self.state = state


class NoSuchOption(OfferError, ValueError):
    """The offer has no option of this number."""


class OfferState(StrEnum):
    OPEN = "open"
    AGREED = "agreed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"  # by the house
    EXPIRED = "expired"
    REPLACED = "replaced"  # by the next round, before it was answered


class AnswerKind(StrEnum):
    CHOICE = "choice"
    CHANGE = "change"  # takes a choice back before it was confirmed
    CONFIRMATION = "confirmation"
    COUNTER = "counter"
    QUESTION = "question"  # which the options' own words do not answer
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Option:
    """One solution: what it is called, what it means for the customer, and in how many working days it is performed."""

    title: str
    meaning: str
    days: int

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Option:
        return cls(data["title"], data["meaning"], data["days"])


@dataclass(frozen=True, slots=True)
class Said:
    """The customer's answer: their words, where they said them, by which way, and who recorded it."""

    words: str
    way: str
    recorded_by: str
    conversation_id: str | None = None
    message: int | None = None


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    kind: AnswerKind
    option: int | None
    words: str
    way: str | None
    recorded_by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StoredOffer:
    """`expires_on` is the last day on which it can be taken; `chosen` the option that waits for a confirmation, from 1."""

    id: str
    case_id: str
    round: int
    state: OfferState
    options: tuple[Option, ...]
    solution: str | None
    by_bot: bool
    offered_by: str
    offered_at: datetime
    expires_on: date
    chosen: int | None
    closed_at: datetime | None
    answers: tuple[StoredAnswer, ...] = ()

    def option(self, number: int) -> Option:
        """Raises NoSuchOption."""
        if not 1 <= number <= len(self.options):
            raise NoSuchOption(f"there are {len(self.options)} options, no option {number}")
        return self.options[number - 1]


# making and ending rounds -----------------------------------------------------------------------------------------


def offer(
    tx: Transaction,
    case_id: str,
    options: Sequence[Option],
    *,
    expires_on: date,
    by_bot: bool,
    actor: str,
    solution: str | None = None,
) -> StoredOffer:
    """The next round. One that is still open is replaced. Raises ValueError unless there are two to four options."""
    if not FEWEST <= len(options) <= MOST:
        raise ValueError(f"an offer has {FEWEST} to {MOST} options, not {len(options)}")
    cases.lock(tx, case_id)
    standing = _open_of(tx, case_id)
    if standing is not None:
        close(tx, standing, OfferState.REPLACED)
    latest = tx.execute(sa.select(sa.func.max(offers.c.round)).where(offers.c.case_id == case_id)).scalar_one()
    id, number = new_id(), (latest or 0) + 1
    row = {
        "id": id,
        "case_id": case_id,
        "round": number,
        "state": OfferState.OPEN.value,
        "options": [asdict(option) for option in options],
        "solution": solution,
        "by_bot": by_bot,
        "offered_by": actor[:80],
        "offered_at": tx.now,
        "expires_on": expires_on.isoformat(),
    }
    tx.execute(sa.insert(offers).values(**row))
    told = {"offer": id, "round": number, "options": row["options"], "expires_on": row["expires_on"], "by_bot": by_bot}
    cases.note_change(tx, case_id, Entry(actor, "offered", told))
    return get(tx, id)


def withdraw(tx: Transaction, id: str, *, actor: str, note: str | None = None) -> StoredOffer:
    """The house takes an open offer back. Raises NoSuchOffer, OfferIsOver."""
    found = standing(tx, id)
    close(tx, found, OfferState.WITHDRAWN)
    detail = {"offer": id, "round": found.round, "note": note}
    cases.note_change(tx, found.case_id, Entry(actor, "offer_withdrawn", detail))
    return get(tx, id)


def expire(tx: Transaction, id: str) -> StoredOffer | None:
    """The last day of an offer is over; None if it was answered or taken back before."""
    try:
        found = standing(tx, id)
    except OfferError:
        return None
    close(tx, found, OfferState.EXPIRED)
    cases.note_change(tx, found.case_id, Entry("system", "offer_expired", {"offer": id, "round": found.round}))
    return get(tx, id)


def close(tx: Transaction, found: StoredOffer, state: OfferState) -> None:
    """Ends a round; whoever calls holds the case and writes what happened into its chain."""
    tx.execute(
        sa.update(offers).where(offers.c.id == found.id).values(state=state.value, closed_at=tx.now, chosen=None)
    )


def _open_of(tx: Transaction, case_id: str) -> StoredOffer | None:
    o = offers.c
    row = tx.execute(sa.select(offers).where(o.case_id == case_id, o.state == OfferState.OPEN.value)).mappings().first()
    return None if row is None else _stored(row, ())


# answers ------------------------------------------------------------------------------------------------------------


def choose(tx: Transaction, id: str, number: int, said: Said) -> StoredOffer:
    """The customer wants this option; it is asked back before it binds. Raises NoSuchOffer, OfferIsOver, NoSuchOption."""
    found = standing(tx, id)
    title = found.option(number).title
    tx.execute(sa.update(offers).where(offers.c.id == id).values(chosen=number))
    answered(tx, found, AnswerKind.CHOICE, said, number)
    detail = told_of(found, said) | {"option": number, "title": title}
    cases.note_change(tx, found.case_id, Entry(actor_of(said), "option_chosen", detail))
    return get(tx, id)


def think_again(tx: Transaction, id: str, said: Said) -> StoredOffer:
    """The customer takes the choice back before confirming it: the offer stands as it stood. Raises NoSuchOffer, OfferIsOver."""
    found = standing(tx, id)
    tx.execute(sa.update(offers).where(offers.c.id == id).values(chosen=None))
    answered(tx, found, AnswerKind.CHANGE, said, found.chosen)
    cases.note_change(tx, found.case_id, Entry(actor_of(said), "choice_taken_back", told_of(found, said)))
    return get(tx, id)


def counter(tx: Transaction, id: str, said: Said) -> StoredOffer:
    """The customer wishes for something else; what was chosen before is chosen no more. Raises NoSuchOffer, OfferIsOver."""
    found = standing(tx, id)
    tx.execute(sa.update(offers).where(offers.c.id == id).values(chosen=None))
    answered(tx, found, AnswerKind.COUNTER, said, None)
    cases.note_change(tx, found.case_id, Entry(actor_of(said), "counter_wish", told_of(found, said)))
    return get(tx, id)


def decline(tx: Transaction, id: str, said: Said) -> StoredOffer:
    """The customer wants none of the options: the round is over. Raises NoSuchOffer, OfferIsOver."""
    found = standing(tx, id)
    close(tx, found, OfferState.DECLINED)
    answered(tx, found, AnswerKind.DECLINED, said, None)
    cases.note_change(tx, found.case_id, Entry(actor_of(said), "offer_declined", told_of(found, said)))
    return get(tx, id)


def ask(tx: Transaction, id: str, said: Said) -> StoredOffer:
    """A question that only a person can answer; the offer stands. Raises NoSuchOffer, OfferIsOver."""
    found = standing(tx, id)
    answered(tx, found, AnswerKind.QUESTION, said, None)
    cases.note_change(tx, found.case_id, Entry(actor_of(said), "offer_question", told_of(found, said)))
    return get(tx, id)


def answered(tx: Transaction, found: StoredOffer, kind: AnswerKind, said: Said, option: int | None) -> None:
    """Keeps an answer; whoever calls holds the case and writes what happened into its chain."""
    a = offer_answers.c
    latest = tx.execute(sa.select(sa.func.max(a.number)).where(a.offer_id == found.id)).scalar_one()
    row = asdict(said) | {"kind": kind.value, "option": option, "at": tx.now, "recorded_by": said.recorded_by[:80]}
    tx.execute(sa.insert(offer_answers).values(offer_id=found.id, number=(latest or 0) + 1, **row))


def told_of(found: StoredOffer, said: Said) -> dict[str, Any]:
    """What the chain tells of any answer."""
    return {"offer": found.id, "round": found.round, "words": said.words, "way": said.way}


def actor_of(said: Said) -> str:
    """Whoever says it: the customer where it came in a conversation, else the person who recorded what they heard."""
    return "customer" if said.message is not None else said.recorded_by


# reading --------------------------------------------------------------------------------------------------------------


def standing(tx: Transaction, id: str) -> StoredOffer:
    """The offer, open, with its case under lock. Raises NoSuchOffer, OfferIsOver."""
    case_id = get(tx, id).case_id
    cases.lock(tx, case_id)
    found = get(tx, id)
    if found.state is not OfferState.OPEN:
        raise OfferIsOver(found.state.value)
    return found


def get(tx: Transaction, id: str) -> StoredOffer:
    """With its answers. Raises NoSuchOffer."""
    row = tx.execute(sa.select(offers).where(offers.c.id == id)).mappings().one_or_none()
    if row is None:
        raise NoSuchOffer(id)
    return _stored(row, _answers(tx, [id]).get(id, ()))


def is_open(tx: Transaction, case_id: str, number: int) -> bool:
    """Whether this round of the case still stands."""
    o = offers.c
    found = sa.select(o.id).where(o.case_id == case_id, o.round == number, o.state == OfferState.OPEN.value)
    return tx.execute(found).first() is not None


def rounds_of(tx: Transaction, case_id: str) -> list[StoredOffer]:
    """All rounds of a case with their answers, the first first."""
    rows = tx.execute(sa.select(offers).where(offers.c.case_id == case_id).order_by(offers.c.round)).mappings().all()
    answers = _answers(tx, [row["id"] for row in rows])
    return [_stored(row, answers.get(row["id"], ())) for row in rows]


def latest_of(tx: Transaction, case_ids: Sequence[str]) -> dict[str, StoredOffer]:
    """The last round of each of these cases, without its answers: one query for all of them."""
    if not case_ids:
        return {}
    found: dict[str, StoredOffer] = {}
    for row in tx.execute(_LATEST, {"these": list(case_ids)}).mappings():
        found[row["case_id"]] = _stored(row, ())
    return found


_LATEST: Final = (
    sa.select(offers).where(offers.c.case_id.in_(sa.bindparam("these", expanding=True))).order_by(offers.c.round)
)


def _answers(tx: Transaction, ids: Sequence[str]) -> dict[str, tuple[StoredAnswer, ...]]:
    a = offer_answers.c
    found: dict[str, tuple[StoredAnswer, ...]] = {}
    rows = tx.execute(sa.select(offer_answers).where(a.offer_id.in_(ids)).order_by(a.offer_id, a.number)) if ids else ()
    for row in rows:
        answer = StoredAnswer(AnswerKind(row.kind), row.option, row.words, row.way, row.recorded_by, row.at)
        found[row.offer_id] = (*found.get(row.offer_id, ()), answer)
    return found


def _stored(row: Row, answers: tuple[StoredAnswer, ...]) -> StoredOffer:
    plain = {name: row[name] for name in ("id", "case_id", "round", "solution", "by_bot", "offered_by", "offered_at")}
    return StoredOffer(
        **plain,
        state=OfferState(row["state"]),
        options=tuple(Option.from_json(option) for option in row["options"]),
        expires_on=date.fromisoformat(row["expires_on"]),
        chosen=row["chosen"],
        closed_at=row["closed_at"],
        answers=answers,
    )
