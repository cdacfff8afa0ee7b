"""Cases that are over, with what can stand on one: words, an original, files, a task, a note, a delivery, chains, search."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import sqlalchemy as sa

from case_store import cases, contacts, conversations, search
from case_store.cases import Registration
from case_store.contacts import Contact
from case_store.conversations import NewConversation, NewMessage
from case_store.files import Files
from case_store.ids import new_id
from case_store.records import Draft, Facts, Money, PartialDate, Sender, Status
from case_store.store import Store, Transaction
from case_store.tables_arrivals import arrivals
from case_store.tables_cases import cases as case_rows
from case_store.tables_conversations import attachments
from case_store.tables_conversations import conversations as conversation_rows
from case_store.tables_desk import notes
from case_store.tables_figures import case_steps
from case_store.tables_house import audit_events
from case_store.tables_outbox import deliveries, tasks

AT: Final = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
REGISTRATION: Final = Registration(date(2026, 11, 23), date(2026, 12, 2), AT, "built-in 1")
WORDS: Final = "理财亏了三万五，柜员说是保本的"
MAIL: Final = "secretmail@example.com"


@dataclass(frozen=True, slots=True)
class Over:
    case: str
    reference: str
    conversation: str
    arrival: str
    digest: str


def complain(
    store: Store,
    files: Files,
    *,
    name: str = "江敏",
    address: str = MAIL,
    proof: str | None = "wrote_from",
    content: bytes = b"a statement of account",
    conversation: str | None = None,
    filed: bool = True,
) -> Over:
    """A complaint by mail with an attachment that is a file of its own."""
    digest = files.put(content)
    return store.write_now(_complain, name, address, proof, digest, conversation, filed)


def _complain(
    tx: Transaction, name: str, address: str, proof: str | None, digest: str, talk: str | None, filed: bool
) -> Over:
    arrival, id = new_id(), talk or new_id()
    if talk is None:
        new = NewConversation(id, "email", "email:a", "zh-Hans", customer=name, address=address, subject="投诉")
        conversations.open_conversation(tx, new)
    case_id = cases.open_draft(
        tx,
        conversation_id=id,
        channel="email",
        account="email:a",
        language="zh-Hans",
        received_at=AT,
        customer=name,
    )
    said = NewMessage(
        Sender.CUSTOMER, f"{WORDS} {name}", name=name, case_id=case_id, arrival_id=arrival, external_id=arrival
    )
    answer = NewMessage(Sender.AGENT, f"{name}您好", name="陈静", agent_id="chen", case_id=case_id)
    stored = conversations.add_messages(tx, conversations.locked(tx, id), [said, answer])
    became = [{"conversation": id, "message": stored[0].number}]
    row = {"id": arrival, "channel": "email", "account": "email:a", "external_id": arrival, "lane": address}
    raw = f"From: {address}\n\n{WORDS}".encode()
    tx.execute(
        sa.insert(arrivals).values(
            received_at=AT, **row, state="read", size=9, transport={"from": address}, raw=raw, became=became
        )
    )
    attached = {"id": new_id(), "conversation_id": id, "message": stored[0].number, "name": "statement.pdf", "size": 9}
    tx.execute(
        sa.insert(attachments).values(**attached, media_type="application/pdf", digest=digest, arrival_id=arrival)
    )
    contacts.add_contact(tx, case_id, Contact(address, "email", proof))
    facts = Facts(
        name=name,
        contact=address,
        occurred_on=PartialDate("2026-11-15"),
        about="滨江支行",
        what_happened=WORDS,
        amount=Money(Decimal("35000"), "CNY"),
        desired_outcome="补足本金",
    )
    cases.save_draft(tx, case_id, Draft(facts), None, "zh-Hans")
    reference = cases.file_case(tx, case_id, REGISTRATION, actor="bot") if filed else ""
    beside = {"case_id": case_id, "conversation_id": id}
    sent = {
        "id": new_id(),
        "occasion": f"notice:{new_id()}:{address}",
        "channel": "email",
        "account": "email:a",
        "address": address,
        **beside,
    }
    payload = {"text": f"{name}，您的投诉已登记"}
    tx.execute(sa.insert(deliveries).values(**sent, sender="bot", payload=payload, state="sent", created_at=AT))
    done = {
        "id": new_id(),
        "occasion": f"call:{new_id()}:{address}",
        "kind": "call_back",
        "words": f"打给{name}",
        **beside,
    }
    tx.execute(sa.insert(tasks).values(**done, created_at=AT, done_at=AT))
    said_aside = {"id": new_id(), "conversation_id": id, "after": 1, "author": "chen", "author_name": "陈静"}
    tx.execute(sa.insert(notes).values(**said_aside, text=f"{name}很着急", at=AT))
    remembered = {"phase": "open", "others": [f"{name}还有一张卡"], "odd": "1380013800", "notice_shown": "1"}
    talking = sa.update(conversation_rows).where(conversation_rows.c.id == id)
    earlier = conversations.locked(tx, id)["edited"] or {}
    edited = {**earlier, str(stored[0].number): f"{name}一开始说的"}
    tx.execute(talking.values(case_id=case_id, state=remembered, edited=edited))
    search.refresh(tx, case_id)
    return Over(case_id, reference, id, arrival, digest)


def end(store: Store, over: Over, status: Status = Status.CLOSED, *, days: int = 0) -> None:
    """It comes to its end, so many days ago."""

    def unit(tx: Transaction) -> None:
        cases.change(tx, over.case, {"status": status}, actor="agent:陈静")

    store.write_now(unit)
    age(store, over, days)


def age(store: Store, over: Over, days: int) -> None:
    """Everything about it happened so many days earlier than it did."""

    def unit(tx: Transaction) -> None:
        then = tx.now - timedelta(days=days)
        old: dict[str, Any] = {"created_at": then, "updated_at": then}
        tx.execute(sa.update(case_rows).where(case_rows.c.id == over.case).values(**old))
        tx.execute(sa.update(conversation_rows).where(conversation_rows.c.id == over.conversation).values(**old))
        tx.execute(sa.update(case_steps).where(case_steps.c.case_id == over.case).values(at=then))

    store.write_now(unit)


def everything(tx: Transaction, *but: str) -> str:
    """All that any table holds, as one text: what must not be in it after an erasure."""
    from case_store.all_tables import metadata

    told = []
    for table in metadata.sorted_tables:
        if table.name not in but:
            for row in tx.execute(sa.select(table)):
                told += [bytes(one).decode("utf-8", "replace") if isinstance(one, bytes) else str(one) for one in row]
    return "\n".join(told)


def details(tx: Transaction, chain: str) -> list[Any]:
    e = audit_events.c
    return [
        (row.action, row.detail)
        for row in tx.execute(sa.select(e.action, e.detail).where(e.chain == chain).order_by(e.number))
    ]


def hide_details(tx: Transaction, *chains: str) -> int:
    """What these chains' events tell is gone, salts included, and nothing certifies why. Answers how many."""
    e = audit_events.c
    hidden = sa.update(audit_events).where(e.chain.in_(chains), e.detail.is_not(None)).values(detail=None, salt=None)
    return tx.execute(hidden).rowcount
