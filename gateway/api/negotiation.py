"""Negotiation for agents: offer solutions, see the rounds and what was agreed, record answers and that it was performed.

Whoever offers decides whose turn it is next: the bot's, which gets the conversations of the case with it, or their own. An answer
that comes by telephone, at the counter or by letter is recorded here in the customer's words.

Not here: what follows from each (gateway/negotiating.py), the settlement on paper (papers.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Final

from aiohttp import web

from case_store import cases, offers, ownership, settlements
from case_store.case_record import CaseRecord
from case_store.idempotency import Answer
from case_store.offers import NoSuchOffer, NoSuchOption, OfferIsOver, OfferState, Said, StoredOffer
from case_store.ownership import DangerNotCleared, OwnedByAnother
from case_store.papers import ENDED, MISSING
from case_store.records import Language, Owner
from case_store.settlements import NoSuchSettlement, PerformedBefore, Settlement
from case_store.store import Transaction
from gateway import negotiating, solutions
from gateway.api import negotiation_models as models
from gateway.api.cases import case_of
from gateway.api.doing import answer_of, do, json_response
from gateway.api.reading import read_json, validated
from gateway.api.routes import Route
from gateway.auth.principals import PRINCIPAL
from gateway.context import GATEWAY
from gateway.hooks import OWNER_CHANGED, PROMISES
from gateway.negotiating import Proposal
from gateway.notifications import Notices
from gateway.problems import Problem, invalid_field, not_found
from gateway.readings import CASE

_LONGEST_STANDING: Final = 366  # days that an offer may stand


def _notices(request: web.Request) -> Notices:
    gateway = request.app[GATEWAY]
    return Notices(request.app[PROMISES], gateway.settings, gateway.tokens)


async def show(request: web.Request) -> web.Response:
    return json_response(await request.app[GATEWAY].store.read(_shown, request, request.match_info["key"]))


def _shown(tx: Transaction, request: web.Request, key: str) -> dict[str, Any]:
    record = case_of(tx, key)
    promises = request.app[PROMISES]
    language = request.app[GATEWAY].settings.locale
    return {
        "case": record.id,
        "reference": record.reference,
        "language": record.language,
        "offers": [_offer(one) for one in offers.rounds_of(tx, record.id)],
        "settlements": [_settlement(one, tx.now) for one in settlements.of_case(tx, record.id)],
        "valid_until": negotiating.valid_until(promises, tx.now).isoformat(),
        "ready": [
            {
                "key": name,
                "name": solution.name[language],
                "names": {one.value: text for one, text in solution.name.items()},
                "options": [asdict(option) for option in solutions.in_words(promises, solution, record)],
            }
            for name, solution in solutions.fitting(promises, record)
        ],
    }


def _offer(one: StoredOffer) -> dict[str, Any]:
    return {
        "id": one.id,
        "case": one.case_id,
        "round": one.round,
        "state": one.state.value,
        "options": [asdict(option) for option in one.options],
        "solution": one.solution,
        "by_bot": one.by_bot,
        "offered_by": one.offered_by,
        "offered_at": one.offered_at.isoformat(),
        "expires_on": one.expires_on.isoformat(),
        "chosen": one.chosen,
        "closed_at": one.closed_at and one.closed_at.isoformat(),
        "answers": [
            {**asdict(answer), "kind": answer.kind.value, "at": answer.at.isoformat()} for answer in one.answers
        ],
    }


def _settlement(one: Settlement, now: datetime) -> dict[str, Any]:
    shown = asdict(one)
    for name in ("due_on", "due_at", "confirmed_at", "performed_on", "performed_at", "overdue_at"):
        shown[name] = shown[name] and shown[name].isoformat()
    del shown["case_id"], shown["offer_id"], shown["conversation_id"]
    return {
        **shown,
        "case": one.case_id,
        "offer": one.offer_id,
        "conversation": one.conversation_id,
        "message": None if one.message is None else str(one.message),
        "overdue": one.is_overdue(now),
    }


# offering -----------------------------------------------------------------------------------------------------------


async def offer(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked = validated(models.OfferMade, read)

    def effect(tx: Transaction) -> Answer:
        record = _negotiable(tx, request.match_info["key"])
        _check_last_day(request, tx, asked.expires_on)
        _hand_over(request, tx, record, to_bot=asked.hand_over)
        made = negotiating.put(tx, _notices(request), cases.get(tx, record.id), _proposal(request, asked))
        return answer_of(_offer(made), 201)

    return await do(request, body, _told(effect))


def _proposal(request: web.Request, asked: models.OfferMade) -> Proposal:
    options = [one.option() for one in asked.options]
    titles = [option.title.casefold() for option in options]
    if len(set(titles)) < len(titles):
        raise invalid_field("options", "have the same title twice: customers choose by it too")
    if asked.solution is not None and asked.solution not in request.app[PROMISES].policy.negotiation.solutions:
        raise invalid_field("solution", "is the key of a ready solution of the policy")
    actor = request[PRINCIPAL].actor
    return Proposal(options, asked.hand_over, actor, asked.expires_on, asked.solution)


def _negotiable(tx: Transaction, key: str) -> CaseRecord:
    record = case_of(tx, key)
    if record.status not in cases.OPEN:
        raise Problem(409, "not_open", "solutions are offered on a case that is registered and not finished")
    if record.mandate in (MISSING, ENDED):
        raise Problem(409, "no_mandate", "the proxy's mandate is missing: nothing of the case may be offered to them")
    return record


def _check_last_day(request: web.Request, tx: Transaction, day: date | None) -> None:
    if day is None:
        return
    today = negotiating.today(request.app[PROMISES], tx.now)
    if not today <= day or (day - today).days > _LONGEST_STANDING:
        raise invalid_field("expires_on", "is today or a later day, within a year")


def _hand_over(request: web.Request, tx: Transaction, record: CaseRecord, *, to_bot: bool) -> None:
    """The conversations in which the answer can come are the bot's from now on, or the caller's. Whoever writes there hears of it."""
    person = request[PRINCIPAL].person()
    for before in negotiating.talks_of(tx, record.id):
        if to_bot:
            after = ownership.hand_back(tx, before["id"], agent_id=person.id, agent_name=person.name, to=Owner.BOT)
        else:
            after = ownership.take_over(tx, before["id"], agent_id=person.id, agent_name=person.name)
        if after["epoch"] != before["epoch"]:
            request.app[OWNER_CHANGED](tx, before, after, person)


async def preview(request: web.Request) -> web.Response:
    """What the customer would read, and what chapter five would have otherwise; nothing is offered."""
    read, _ = await read_json(request)
    asked = validated(models.OfferMade, read)
    return json_response(await request.app[GATEWAY].store.read(_previewed, request, asked))


def _previewed(tx: Transaction, request: web.Request, asked: models.OfferMade) -> dict[str, Any]:
    from dialogue.negotiation import Voice, presentation  # late: the script and its word lists are not for the start
    from dialogue.wording import faults

    record = _negotiable(tx, request.match_info["key"])
    _check_last_day(request, tx, asked.expires_on)
    promises, language = request.app[PROMISES], Language(record.language)
    proposal = _proposal(request, asked)
    made = StoredOffer(
        id="",
        case_id=record.id,
        round=1,
        state=OfferState.OPEN,
        options=tuple(proposal.options),
        solution=None,
        by_bot=True,
        offered_by="",
        offered_at=tx.now,
        expires_on=asked.expires_on or negotiating.valid_until(promises, tx.now),
        chosen=None,
        closed_at=None,
    )
    rounds = offers.rounds_of(tx, record.id)
    text, _ = presentation(
        negotiating.as_shown(promises, record, made, tx.now),
        Voice.outside(language),
        promises.house.next_authorities[language],
        again=bool(rounds and rounds[-1].answers),
        anew=bool(rounds) and rounds[-1].state is OfferState.OPEN,
    )
    return {"text": text, "language": language.value, "faults": faults(text, language)}


async def withdraw(request: web.Request) -> web.Response:
    read, body = await read_json(request, required=False)
    asked = validated(models.OfferWithdrawn, read)
    id, actor = request.match_info["id"], request[PRINCIPAL].actor

    def effect(tx: Transaction) -> Answer:
        return answer_of(_offer(negotiating.take_back(tx, _notices(request), id, actor=actor, note=asked.note)))

    return await do(request, body, _told(effect))


async def answered(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked = validated(models.OfferAnswered, read)
    if (asked.option is None) is (asked.kind in ("choice", "agreed")):
        raise invalid_field("option", "is the option that is chosen or agreed, and nothing else has one")
    id = request.match_info["id"]
    said = Said(asked.words, asked.way.value, request[PRINCIPAL].actor)

    def effect(tx: Transaction) -> Answer:
        _record_answer(tx, _notices(request), id, asked, said)
        return answer_of(_offer(offers.get(tx, id)), 201)

    return await do(request, body, _told(effect))


def _record_answer(tx: Transaction, notices: Notices, id: str, asked: models.OfferAnswered, said: Said) -> None:
    standing = offers.standing(tx, id)
    _negotiable(tx, standing.case_id)
    if standing.expires_on < negotiating.today(notices.promises, tx.now):
        raise OfferIsOver(OfferState.EXPIRED.value)
    number = asked.option or 0
    if asked.kind == "agreed":
        negotiating.tell_agreed(tx, notices, negotiating.agree(tx, notices, id, number, said))
    elif asked.kind == "choice":
        offers.choose(tx, id, number, said)
    elif asked.kind == "counter":
        offers.counter(tx, id, said)
    else:
        offers.decline(tx, id, said)


# performing -----------------------------------------------------------------------------------------------------


async def performed(request: web.Request) -> web.Response:
    read, body = await read_json(request, required=False)
    asked = validated(models.Performed, read)
    id, actor = request.match_info["id"], request[PRINCIPAL].actor

    def effect(tx: Transaction) -> Answer:
        today = negotiating.today(request.app[PROMISES], tx.now)
        on = asked.performed_on or today
        agreed_on = negotiating.today(request.app[PROMISES], settlements.get(tx, id).confirmed_at)
        if not agreed_on <= on <= today:
            raise invalid_field("performed_on", "is a day between the agreement and today")
        done = negotiating.record_performed(tx, _notices(request), id, on, actor=actor, note=asked.note)
        return answer_of(_settlement(done, tx.now))

    return await do(request, body, _told(effect))


async def not_performed(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked = validated(models.NotPerformed, read)
    id, actor = request.match_info["id"], request[PRINCIPAL].actor

    def effect(tx: Transaction) -> Answer:
        try:
            back = negotiating.record_not_performed(tx, _notices(request), id, actor=actor, note=asked.note)
        except ValueError as error:
            raise Problem(409, "not_recorded", str(error)) from None
        return answer_of(_settlement(back, tx.now))

    return await do(request, body, _told(effect))


def _told(effect: Callable[[Transaction], Answer]) -> Callable[[Transaction], Answer]:
    """The effect, with what an offer or a conversation refuses told as a problem."""

    def guarded(tx: Transaction) -> Answer:
        try:
            return effect(tx)
        except NoSuchOffer:
            raise not_found("no offer has this id") from None
        except NoSuchSettlement:
            raise not_found("no settlement has this id") from None
        except NoSuchOption as error:
            raise invalid_field("option", str(error)) from None
        except OfferIsOver as error:
            raise Problem(
                409, "offer_is_over", f"this offer is {error.state}: nothing was changed", state=error.state
            ) from None
        except PerformedBefore:
            raise Problem(409, "done_before", "that it was performed is on record already") from None
        except OwnedByAnother:
            told = "another agent answers a conversation of this case: take it over first"
            raise Problem(409, "owned_by_another", told) from None
        except DangerNotCleared:
            told = "somebody was in danger of life in a conversation of this case: hand it back in words first"
            raise Problem(409, "danger_not_cleared", told) from None

    return guarded


_KEYED: Final = {404: "no such case"}
_OFFER: Final = {404: "no such offer", 409: "it is over"}

ROUTES: Final = (
    Route(
        "GET",
        "/api/v1/cases/{key}/negotiation",
        show,
        "cases:read",
        "The rounds of solutions that were offered, what was said to them, what was agreed, and what is ready to offer",
        answers=_KEYED,
        answer="Negotiation",
    ),
    Route(
        "POST",
        "/api/v1/cases/{key}/offers",
        offer,
        "cases:write",
        "Offers two to four solutions: the next round, put before the customer by the way they use",
        body=models.OfferMade,
        status=201,
        answers={**_KEYED, 409: "the case is not open, or a conversation is another agent's", 422: "a wrong body"},
        answer="Offer",
    ),
    Route(
        "POST",
        "/api/v1/cases/{key}/offers/preview",
        preview,
        "cases:write",
        "What the customer would read, and what is doubtful about its wording; offers nothing",
        body=models.OfferMade,
        answers={**_KEYED, 409: "the case is not open", 422: "a wrong body"},
        answer="OfferPreview",
        reads=CASE,
        anew=True,
    ),
    Route(
        "POST",
        "/api/v1/offers/{id}/withdraw",
        withdraw,
        "cases:write",
        "Takes an open offer back; the customer is told",
        body=models.OfferWithdrawn,
        body_required=False,
        answers=_OFFER,
        answer="Offer",
    ),
    Route(
        "POST",
        "/api/v1/offers/{id}/answers",
        answered,
        "cases:write",
        "Records what the customer said to it by telephone, at the counter or by letter; `agreed` makes the settlement",
        body=models.OfferAnswered,
        status=201,
        answers={**_OFFER, 422: "an option that it does not have"},
        answer="Offer",
    ),
    Route(
        "POST",
        "/api/v1/settlements/{id}/performed",
        performed,
        "cases:write",
        "Records that what was agreed is done; the customer is told",
        body=models.Performed,
        body_required=False,
        answers={404: "no such settlement", 409: "that is on record already", 422: "a day that can't be"},
        answer="Settlement",
    ),
    Route(
        "POST",
        "/api/v1/settlements/{id}/not-performed",
        not_performed,
        "cases:write",
        "Takes back that it was done, with the reason: its clock runs again",
        body=models.NotPerformed,
        answers={404: "no such settlement", 409: "nothing says that it was done"},
        answer="Settlement",
    ),
)
