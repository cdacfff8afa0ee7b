"""What goes with an agent's answer in one go: the status of its case, handing back, putting off. All of it happens, or nothing is sent.

The answer tells the customer of the new status in the agent's own words, so no notice tells them again. A case that is resolved is told
with its result, what it rests on and what follows (handbook 6.1.3): that stands under the agent's words, in the same message.

Not here: the answer itself (conversations.py), the same things one by one (cases.py, assigning.py).
"""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from case_store import cases, conversations, ownership
from case_store.case_record import CaseRecord
from case_store.cases import LostUpdate
from case_store.conversations import Row
from case_store.ownership import FARTHEST, TooFar
from case_store.records import ChannelName, Language, Owner, Status
from case_store.store import Transaction
from gateway import canned, texts
from gateway.api.cases import changed_meanwhile, with_responsible
from gateway.api.models import LONGEST_TEXT, Reply, Then
from gateway.auth.principals import PRINCIPAL, Principal
from gateway.hooks import CASE_ANSWERED, OWNER_CHANGED, PROMISES
from gateway.problems import Problem, forbidden, invalid, invalid_field
from gateway.promises import Promises
from gateway.texts import Occasion

_READ_THERE: Final = (ChannelName.WEBCHAT,)


def check(asked: Reply, principal: Principal) -> None:
    """Before anything is done: no gap leaves the house, and whoever changes a case may."""
    then = asked.then or Then.model_construct()
    written = {"text": asked.text, "then.basis": then.basis, "then.next_steps": then.next_steps}
    gaps = [
        {"field": name, "detail": f"{canned.OPENS}…{canned.CLOSES} is not filled in yet: write what belongs there"}
        for name, text in written.items()
        if text and canned.is_unfilled(text)
    ]
    if gaps:
        raise invalid(gaps, "unfilled")
    if then.status and not principal.may("cases:write"):
        raise forbidden("not_allowed", "a status takes 'cases:write', which you do not have")


def locked_case(tx: Transaction, conversation: Row, then: Then) -> CaseRecord | None:
    """`case_to_change`, under lock: two who set its status at one instant do so one after the other."""
    if then.status is not None and conversation["case_id"] is not None:
        cases.lock(tx, conversation["case_id"])
    return case_to_change(tx, conversation, then)


def case_to_change(tx: Transaction, conversation: Row, then: Then) -> CaseRecord | None:
    """The case whose status is to be set, as it was seen. Raises 409 where there is none that can be, 412 for a change meanwhile."""
    if then.status is None:
        return None
    if conversation["case_id"] is None:
        raise Problem(409, "no_case", "this conversation is about no case, so no status is set: nothing has been sent")
    case = canned.case_of(tx, conversation)
    if case is None:
        told = "whose conversation this is stands in doubt: nothing of its case is told here until that is known"
        raise Problem(409, "withheld", told)
    if then.case is not None and then.case not in (case.id, case.reference):
        told = "this conversation is about another case by now: nothing has been sent"
        raise Problem(409, "another_case", told, case=case.id)
    if case.status is Status.DRAFT:
        raise Problem(409, "not_registered", "the case is not registered yet: register it first")
    if case.status is Status.WITHDRAWN:
        raise Problem(409, "withdrawn", "the customer has withdrawn this case: its status is not set with an answer")
    if then.version is not None and then.version != case.version:
        raise changed_meanwhile(LostUpdate(case.version))
    return case


def words(request: web.Request, text: str, conversation: Row, case: CaseRecord | None, then: Then) -> str:
    """What the customer reads: the agent's words, and under them the result of a case that is resolved."""
    if case is None or not then.resolves:
        return text
    whole = f"{text.rstrip()}\n\n{_result(request.app[PROMISES], request[PRINCIPAL], conversation, case, then)}"
    if len(whole) > LONGEST_TEXT:
        raise invalid_field("text", f"has, with the result under it, more than {LONGEST_TEXT} characters")
    return whole


def _result(promises: Promises, principal: Principal, conversation: Row, case: CaseRecord, then: Then) -> str:
    language, house, person = Language(conversation["language"]), promises.house, principal.person()
    answered_here = conversation["channel"] in _READ_THERE or bool(conversation["address"])
    values: dict[str, Any] = {
        "outcome": then.outcome and then.outcome.value,
        "basis": then.basis,
        "next_steps": then.next_steps,
        "agent_name": person.name,
        "agent_post": person.post or None,
        "agent_contact": person.contact or None,
    }
    with promises.rules.held():  # outside a unit too
        return texts.render(
            Occasion.RESULT_BESIDE,
            language,
            reference=case.reference,
            next_authorities=house.next_authorities[language],
            hotline=house.hotline or None,
            by_person=not answered_here,
            **values,
        ).body


def set_status(request: web.Request, tx: Transaction, before: CaseRecord, then: Then) -> None:
    principal = request[PRINCIPAL]
    changes: dict[str, Any] = {"status": then.status}
    if then.resolves:
        changes |= {"outcome": then.outcome, "basis": then.basis, "next_steps": then.next_steps}
    after = cases.change(tx, before.id, with_responsible(principal, before, changes), actor=principal.actor)
    if after.version != before.version:
        request.app[CASE_ANSWERED](tx, before, after, principal.actor)


def let_go(request: web.Request, tx: Transaction, id: str, then: Then) -> None:
    """Hands the conversation back, or puts it off."""
    person, actor = request[PRINCIPAL].person(), request[PRINCIPAL].actor
    if then.snooze_until is not None:
        try:
            ownership.snooze(tx, id, until=then.snooze_until, by=person.id, actor=actor)
        except TooFar:
            told = f"is a time to come, at most {FARTHEST.days} days away"
            raise invalid_field("then.snooze_until", told) from None
    if then.hand_back is not None:
        before, to = conversations.locked(tx, id), Owner(then.hand_back)
        after = ownership.hand_back(tx, id, agent_id=person.id, agent_name=person.name, to=to, no_danger=then.no_danger)
        if after["epoch"] != before["epoch"]:
            request.app[OWNER_CHANGED](tx, before, after, person)
