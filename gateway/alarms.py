"""What the house itself is told: dates that draw near, conversations that wait too long, danger to life.

To every signed-in agent by a hint, and by mail to the duty or the supervisor's address. Overdue is never quiet.

Not here: what customers are told (notifications.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from case_store import audit, cases, emergencies, outbox, settlements, tasks, timers
from case_store.audit import Entry, case_chain
from case_store.case_record import CaseRecord
from case_store.cases import NoSuchCase
from case_store.outbox import NewDelivery
from case_store.records import ChannelName, Owner, Sender
from case_store.store import Transaction
from case_store.tables_conversations import conversations
from case_store.tables_people import agents
from dialogue.waiting import IN_SCAM
from gateway import negotiating, texts
from gateway.console.wording import catalogue
from gateway.notifications import Notices
from gateway.texts import Occasion, Text

AT_ONCE: Final = (IN_SCAM,)  # money is leaving; `urgent` is danger to life alone
AGAIN: Final = timedelta(days=1)  # an overdue case is told of every day


def deadline(tx: Transaction, notices: Notices, kind: str, case_id: str) -> None:
    """The time to the answer runs out: the agent at 75 %, the supervisor too at 90 %, everybody daily once it is over."""
    try:
        case = cases.get(tx, case_id.partition(":")[0])
    except NoSuchCase:
        return
    if case.status not in cases.OPEN:
        return
    language = notices.language
    overdue = kind == "feedback_overdue"
    if ":" in case_id and case.feedback_due_at is not None and case.feedback_due_at > tx.now:
        return  # it was overdue by an earlier day, which does not hold any more
    text = texts.render(
        Occasion.DEADLINE_OVERDUE if overdue else Occasion.DEADLINE_NEAR,
        language,
        **_case_values(case),
        console_url=f"{notices.public_url}/console/cases/{case.id}",
        percent={"feedback_warning": 75, "feedback_urgent": 90}.get(kind),
    )
    day = f"{tx.now:%y%m%d}"  # with the case's id it has to fit a timer's subject
    people = _addresses(tx, notices, case, supervisor=kind != "feedback_warning")
    for address in people:
        mail(tx, notices, f"{kind}:{case.id}:{day}:{address}", address, text, case_id=case.id)
    tasks.add(tx, occasion=f"{kind}:{case.id}", kind="look", words=kind, case_id=case.id)
    audit.append(tx, case_chain(case.id), Entry("system", kind, {"feedback_due": str(case.feedback_due)}))
    if overdue:
        timers.set_timer(tx, kind, f"{case.id}:{day}", tx.now + AGAIN)


def settlement(tx: Transaction, notices: Notices, kind: str, settlement_id: str) -> None:
    """The day for what was agreed with a customer draws near, or has passed: the agent, then everybody daily until it is done."""
    agreed = settlements.get(tx, settlement_id)
    overdue = kind == negotiating.OVERDUE
    if agreed.performed_on is not None or (overdue and settlements.found_overdue(tx, settlement_id) is None):
        return
    case = cases.get(tx, agreed.case_id)
    text = texts.render(
        Occasion.SETTLEMENT_OVERDUE if overdue else Occasion.SETTLEMENT_NEAR,
        notices.language,
        **{**_case_values(case), "title": agreed.option.title, "due": agreed.due_on},
        console_url=f"{notices.public_url}/console/cases/{case.id}",
    )
    day = f"{tx.now:%y%m%d}"
    for address in _addresses(tx, notices, case, supervisor=overdue):
        mail(tx, notices, f"{kind}:{agreed.id}:{day}:{address}", address, text, case_id=case.id)
    tasks.add(tx, occasion=f"{kind}:{agreed.id}", kind="look", words=kind, case_id=case.id, due_at=agreed.due_at)
    if overdue:
        again = {"settlement": agreed.id}
        timers.set_timer(tx, kind, f"{agreed.id}:{day}", tx.now + AGAIN, again)
    else:
        audit.append(tx, case_chain(case.id), Entry("system", kind, {"due_on": str(agreed.due_on)}))


def emergency(tx: Transaction, notices: Notices, id: str) -> None:
    """A supervisor has declared an emergency: the duty and the supervisors' address hear of it by mail, once."""
    declared = emergencies.get(tx, id)
    people = notices.promises.policy.people
    words = catalogue(notices.language)["watch"]
    text = texts.render(
        Occasion.EMERGENCY_DECLARED,
        notices.language,
        agent_name=declared["declared_by"],
        what=declared["about"] or ", ".join(declared["cases"]) or str(words["everywhere"]),
        reason=declared["reason"],
        console_url=f"{notices.public_url}/console/supervise/surges",
    )
    for address in dict.fromkeys([people.duty_address, people.supervisor_address]):
        if address:
            mail(tx, notices, f"emergency:{id}:{address}", address, text)


def _case_values(case: CaseRecord) -> dict[str, Any]:
    return {"reference": case.reference, "feedback_due": case.feedback_due, "assignee": case.assignee}


def _addresses(tx: Transaction, notices: Notices, case: CaseRecord, *, supervisor: bool) -> list[str]:
    """Whom to write to: the case's own agent if their contact is an address, the duty address, the supervisor."""
    policy = notices.promises.policy.people
    own = tx.execute(
        sa.select(agents.c.contact).where(sa.or_(agents.c.id == case.assignee, agents.c.username == case.assignee))
    ).scalar_one_or_none()
    found = [own if own and "@" in own else policy.duty_address]
    if supervisor:
        found.append(policy.supervisor_address)
    return [address for address in dict.fromkeys(found) if address]


def announce_waiting(tx: Transaction, notices: Notices, limit: int = 50) -> int:
    """Announces conversations that wait longer than the policy allows; danger to life and a fraud that is going on at once. Answers how many."""
    c, promises = conversations.c, notices.promises
    rows = tx.execute(
        sa.select(c.id, c.waiting_since, c.waiting_reason, c.urgent, c.version)
        .where(c.owner == Owner.QUEUE.value, c.announced_at.is_(None))
        .order_by(  # a night's queue that is not late yet hides neither danger to life nor money that is leaving
            c.urgent.desc(), sa.func.coalesce(c.waiting_reason, "").in_(AT_ONCE).desc(), c.waiting_since
        )
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    late = [
        row
        for row in rows
        if row.urgent or row.waiting_reason in AT_ONCE or _waits_too_long(notices, row.waiting_since, tx.now)
    ]
    for row in late:
        scam = Occasion.SCAM_ALARM if row.waiting_reason in AT_ONCE else Occasion.WAITING_CONVERSATION
        occasion = Occasion.DANGER_ALARM if row.urgent else scam
        text = texts.render(
            occasion,
            notices.language,
            emergency=promises.house.emergency[notices.language],
            waiting_since=row.waiting_since.astimezone(promises.zone),
            console_url=f"{notices.public_url}/console/conversations/{row.id}",
        )
        duty = promises.policy.people.duty_address
        if duty:
            mail(tx, notices, f"{occasion}:{row.id}:{row.version}", duty, text)
        tx.execute(sa.update(conversations).where(c.id == row.id).values(announced_at=tx.now))
        tx.wake("alarm", row.id)
    return len(late)


def _waits_too_long(notices: Notices, since: datetime, now: datetime) -> bool:
    limit = timedelta(minutes=notices.promises.policy.waiting.limit_minutes)
    return notices.promises.hours.worked(since, now) >= limit


def mail(
    tx: Transaction,
    notices: Notices,
    occasion: str,
    address: str,
    text: Text,
    *,
    case_id: str | None = None,
) -> None:
    """To a colleague: at any hour, and never part of a customer's thread."""
    outbox.queue(
        tx,
        NewDelivery(
            occasion=occasion,
            channel=ChannelName.EMAIL,
            account=f"email:{notices.complaints_address}",
            address=address,
            sender=Sender.SYSTEM,
            payload={"text": text.body, "subject": text.subject, "language": notices.language.value, "staff": True},
            case_id=case_id,
        ),
    )
