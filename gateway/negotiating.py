"""Negotiation between a customer and the house: an offer is put, answered, agreed, and what was agreed is watched (handbook 5.2, 5.3).

Whose turn it is: an offer is answered by the bot only if the agent handed it the negotiation (`by_bot`). Then the conversations of
the case are handed back to the bot with it, and whoever takes one over again takes the negotiation with it. Without it they are the
agent's own: the customer's answer waits for the agent, who records it.

Every function is called inside a unit of work. What a turn answers is written in the turn's own unit, and only if the offer still
stands: one that was taken back meanwhile throws the turn away, and it begins again knowing so.

Not here: what the dialogue says (dialogue/negotiation.py), what is kept (case_store/offers.py, settlements.py), ready solutions
(solutions.py), who may do it (api/negotiation.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from case_store import cases, conversations, links, offers, papers, settlements, tasks, timers
from case_store.case_record import CaseRecord
from case_store.conversations import Row
from case_store.offers import OfferError, Option, Said, StoredOffer
from case_store.records import ChannelName, Language, Owner
from case_store.settlements import Settlement, Terms
from case_store.store import Transaction
from case_store.tasks import Deed
from dialogue.turn import Act, AnswerOffer, BotTurn, ChooseOption, ConfirmSettlement, Offer, OfferedOption
from gateway import deadlines, lapsing
from gateway.lapsing import EXPIRES
from gateway.notifications import Notices
from gateway.promises import Promises
from gateway.texts import Occasion

NEAR, OVERDUE = "settlement_near", "settlement_overdue"
TO_PERFORM: Final = "settlement_to_perform"  # what the task says
TALKS: Final = (ChannelName.WEBCHAT, ChannelName.TELEGRAM, ChannelName.EMAIL)
"""Conversations that a customer's answer can come back in."""

_ANSWERS: Final = {
    "change": offers.think_again,
    "counter": offers.counter,
    "question": offers.ask,
    "declined": offers.decline,
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is to be offered. `expires_on` is its last day; None: as long as the policy says."""

    options: Sequence[Option]
    by_bot: bool
    actor: str
    expires_on: date | None = None
    solution: str | None = None


# putting an offer ---------------------------------------------------------------------------------------------------


def talks_of(tx: Transaction, case_id: str) -> list[Row]:
    """The conversations in which the case may be told of and its customer can answer, under lock."""
    told_in = sorted(links.told_in(tx, case_id))
    rows = [row for id in told_in if (row := conversations.find_locked(tx, id)) is not None]
    return [row for row in rows if row["channel"] in TALKS and row["erased_at"] is None]


def put(tx: Transaction, notices: Notices, case: CaseRecord, proposal: Proposal) -> StoredOffer:
    """The next round, put before the customer by the way they use."""
    promises = notices.promises
    before = offers.rounds_of(tx, case.id)
    expires_on = proposal.expires_on or valid_until(promises, tx.now)
    made = offers.offer(
        tx,
        case.id,
        proposal.options,
        expires_on=expires_on,
        by_bot=proposal.by_bot,
        actor=proposal.actor,
        solution=proposal.solution,
    )
    heard_of = bool(before) and lapsing.told_no_more(tx, case.id, offers.get(tx, before[-1].id))
    anew = bool(before) and before[-1].state is offers.OfferState.OPEN
    _tell(tx, notices, case, made, again=bool(before and before[-1].answers), anew=anew and heard_of)
    if made.by_bot:
        _let_it_be_answered(tx, case.id)
    over = deadlines.due_at(expires_on, promises.zone) + timedelta(seconds=1)
    timers.set_timer(tx, EXPIRES, made.id, over)
    return made


def _tell(tx: Transaction, notices: Notices, case: CaseRecord, made: StoredOffer, *, again: bool, anew: bool) -> None:
    from dialogue.negotiation import Voice, presentation  # late: the script and its word lists are not for the start

    promises, language = notices.promises, Language(case.language)
    shown = as_shown(promises, case, made, tx.now)
    voice = Voice.outside(language, _dialect(tx, case))
    authorities = promises.house.next_authorities[language]
    text, choices = presentation(shown, voice, authorities, again=again, anew=anew)
    plain = Voice.outside(language)
    by_person, _ = presentation(shown, plain, authorities, again=again, anew=anew, by_person=True)
    told = notices.told(f"{Occasion.OFFER}:{made.round}", Occasion.OFFER, case, offer=text)
    buttons = [asdict(choice) for choice in choices] if made.by_bot else []
    notices.tell(tx, case, told.occasion, told.text, by_person, choices=buttons)


def _dialect(tx: Transaction, case: CaseRecord) -> str | None:
    """How the customer wrote last, where that is known."""
    for id in reversed(case.conversations):
        row = conversations.find(tx, id)
        if row is not None and row["state"].get("dialect"):
            return str(row["state"]["dialect"])
    return None


def _let_it_be_answered(tx: Transaction, case_id: str) -> None:
    """What comes next is heard as an answer to the offer, and to no question that stood before it: a yes to it withdraws nothing."""
    for row in talks_of(tx, case_id):
        state = {**row["state"], "asked": []}
        if state.get("pending") == "withdraw":
            del state["pending"]
        if row["state"] != state and (row["state"].get("asked") or row["state"].get("pending")):
            conversations.add_messages(tx, row, [], values={"state": state})


def take_back(tx: Transaction, notices: Notices, offer_id: str, *, actor: str, note: str | None) -> StoredOffer:
    """The house takes an open offer back, and the customer is told. Raises OfferError."""
    taken = offers.withdraw(tx, offer_id, actor=actor, note=note)
    case = cases.get(tx, taken.case_id)
    if lapsing.told_no_more(tx, case.id, taken):
        notices.tell_of(tx, case, f"{Occasion.OFFER_WITHDRAWN}:{taken.round}", Occasion.OFFER_WITHDRAWN, note=note)
    return taken


def fire_expired(tx: Transaction, notices: Notices, offer_id: str) -> None:
    """The last day of an offer is over: the customer hears it, and a person looks at the case."""
    over = offers.expire(tx, offer_id)
    if over is None:
        return
    case = cases.get(tx, over.case_id)
    if lapsing.told_no_more(tx, case.id, over):
        notices.tell_of(tx, case, f"{Occasion.OFFER_EXPIRED}:{over.round}", Occasion.OFFER_EXPIRED)
    tasks.add(tx, occasion=f"{EXPIRES}:{offer_id}", kind="look", words=EXPIRES, case_id=case.id)


# what a turn knows and answers --------------------------------------------------------------------------------------


def known_to(
    hand_cases: Sequence[CaseRecord], latest: Mapping[str, StoredOffer], promises: Promises, now: datetime
) -> tuple[Offer, ...]:
    """The offers of these cases whose answers the bot takes, as an engine sees them."""
    found = ((case, latest.get(case.id)) for case in hand_cases)
    return tuple(as_shown(promises, case, one, now) for case, one in found if one is not None and one.by_bot)


def as_shown(promises: Promises, case: CaseRecord, made: StoredOffer, now: datetime) -> Offer:
    """An offer with the days by which its options would be performed, were they agreed now."""
    day = today(promises, now)
    options = tuple(
        OfferedOption(option.title, option.meaning, option.days, promises.days.add(day, option.days)[0])
        for option in made.options
    )
    state = made.state.value
    if made.state is offers.OfferState.OPEN and made.expires_on < day:
        state = offers.OfferState.EXPIRED.value  # its timer has not fired yet
    elif made.state is offers.OfferState.OPEN and not lapsing.is_negotiable(case):
        state = offers.OfferState.WITHDRAWN.value  # a mandate has ended: nothing is agreed with whoever writes
    return Offer(made.id, case.reference or "", made.round, options, made.expires_on, state, made.chosen)


def today(promises: Promises, now: datetime) -> date:
    return now.astimezone(promises.zone).date()


def valid_until(promises: Promises, now: datetime) -> date:
    """The last day of an offer that is made now, if nothing else is said."""
    return promises.days.add(today(promises, now), promises.policy.negotiation.valid_days)[0]


def deals_in(acts: Sequence[Act]) -> list[ChooseOption | ConfirmSettlement | AnswerOffer]:
    return [act for act in acts if isinstance(act, ChooseOption | ConfirmSettlement | AnswerOffer)]


def stands(tx: Transaction, promises: Promises, turn: BotTurn) -> bool:
    """Whether the offers that a turn answers are still as it knew them; their cases are locked from here on.

    It may have been taken back, have run out, or another option been chosen elsewhere: then the turn never was.
    """
    for act in deals_in(turn.acts):
        try:
            found = offers.standing(tx, act.offer)
        except OfferError:
            return False
        if found.expires_on < today(promises, tx.now) or not lapsing.is_negotiable(cases.glance(tx, found.case_id)):
            return False
        if isinstance(act, ConfirmSettlement) and found.chosen != act.option:
            return False
    return True


def carry_out(tx: Transaction, notices: Notices, row: Row, turn: BotTurn, message: int) -> str | None:
    """Writes what was answered to an offer. Answers the id of the case that it is about, if anything was."""
    about = None
    for act in deals_in(turn.acts):
        said = Said(act.words, row["channel"], "bot", row["id"], message)
        if isinstance(act, ChooseOption):
            about = offers.choose(tx, act.offer, act.option, said).case_id
        elif isinstance(act, ConfirmSettlement):
            about = agree(tx, notices, act.offer, act.option, said, by=act.by).case_id
        else:
            about = _ANSWERS[act.kind](tx, act.offer, said).case_id
    return about


# agreeing and performing ---------------------------------------------------------------------------------------------


def agree(
    tx: Transaction, notices: Notices, offer_id: str, number: int, said: Said, *, by: date | None = None
) -> Settlement:
    """The customer has confirmed this option: the settlement, its clocks, and the task to perform it. Raises OfferError.

    `by` is the day that the customer was told; None: reckoned from now.
    """
    promises = notices.promises
    found = offers.get(tx, offer_id)
    case = cases.get(tx, found.case_id)
    reckoned, gap = promises.days.add(today(promises, tx.now), found.option(number).days)
    due_on = by or reckoned
    due_at = deadlines.due_at(due_on, promises.zone)
    terms = Terms(
        parties=_parties(tx, notices, case),
        facts=case.facts.to_json(),
        language=case.language,
        due_on=due_on,
        due_at=due_at,
        policy_version=promises.policy.version,
        calendar_gap=gap,
    )
    settled = settlements.settle(tx, offer_id, number, terms, said)
    lapsing.told_no_more(tx, case.id, offers.get(tx, offer_id))
    _set_clocks(tx, promises, settled)
    tasks.add(tx, occasion=f"{TO_PERFORM}:{settled.id}", kind="look", words=TO_PERFORM, case_id=case.id, due_at=due_at)
    return settled


def _parties(tx: Transaction, notices: Notices, case: CaseRecord) -> dict[str, Any]:
    """Both sides' basic data (handbook 5.3.3)."""
    known = papers.papers_of(tx, case.id)
    proxy = known.proxy and {"name": known.proxy.name, "relation": known.proxy.relation}
    return {
        "house": dict(notices.promises.house.name),
        "name": case.facts.name or case.customer,
        "contact": case.facts.contact or next(iter(case.contacts), None),
        "postal_address": known.postal_address,
        "proxy": proxy,
    }


def _set_clocks(tx: Transaction, promises: Promises, settled: Settlement, *, again: str = "") -> None:
    """Warnings at parts of the working time, and once the day is over. `again` tells apart what is set a second time."""
    rules = promises.policy.negotiation.warn_at
    moments = deadlines.warnings(settled.confirmed_at, settled.due_at, rules, promises.hours)
    subject = f"{settled.id}{again}"
    if len(moments) > 1 and not again:
        timers.set_timer(tx, NEAR, subject, moments[0], {"settlement": settled.id})
    timers.set_timer(tx, OVERDUE, subject, max(moments[-1], tx.now) + timedelta(seconds=1), {"settlement": settled.id})


def record_performed(
    tx: Transaction, notices: Notices, settlement_id: str, on: date, *, actor: str, note: str | None
) -> Settlement:
    """The house has done what was agreed: the customer is told, and nothing warns any more. Raises OfferError."""
    done = settlements.performed(tx, settlement_id, on, actor=actor, note=note)
    case = cases.get(tx, done.case_id)
    for task in tasks.open_of(tx, case.id):
        if task.occasion.startswith(tuple(f"{words}:{done.id}" for words in (TO_PERFORM, NEAR, OVERDUE))):
            tasks.done(tx, task.id, Deed("performed", tx.now, "", actor))
    notices.tell_of(
        tx,
        case,
        f"{Occasion.SETTLEMENT_PERFORMED}:{done.round}:{case.version}",
        Occasion.SETTLEMENT_PERFORMED,
        title=done.option.title,
        performed_on=on,
        note=note,
    )
    return done


def record_not_performed(tx: Transaction, notices: Notices, settlement_id: str, *, actor: str, note: str) -> Settlement:
    """What was recorded as done was not: its clock runs again, and its task is back. Raises OfferError, ValueError."""
    back = settlements.not_performed(tx, settlement_id, actor=actor, note=note)
    again = f".{cases.glance(tx, back.case_id).version}"
    occasion = f"{TO_PERFORM}:{back.id}{again}"
    tasks.add(tx, occasion=occasion, kind="look", words=TO_PERFORM, case_id=back.case_id, due_at=back.due_at)
    _set_clocks(tx, notices.promises, back, again=again)
    return back


def tell_agreed(tx: Transaction, notices: Notices, settled: Settlement) -> None:
    """What a person has agreed with the customer is told in writing too: they can say if it is not what was agreed."""
    case = cases.get(tx, settled.case_id)
    notices.tell_of(
        tx,
        case,
        f"{Occasion.SETTLED}:{settled.round}",
        Occasion.SETTLED,
        title=settled.option.title,
        meaning=settled.option.meaning,
        by=settled.due_on,
    )


def is_free(row: Row) -> bool:
    """Whether nobody but the bot answers this conversation."""
    return bool(row["owner"] == Owner.BOT)
