"""Fills an empty store with many cases by bulk inserts: for measuring what a large store costs, not for looking at.

Every case has a conversation of its own, contacts and words to be found by. As in a house that keeps up, the newest cases are open and all
others are over: a fifth of them, `OPEN` at most; and the newest `WAITING` conversations wait for a person. Audit chains are left empty.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from case_store import schema, search
from case_store.ids import new_id
from case_store.records import Category, Disposition, Facts, Money, PartialDate, Risk, Status
from case_store.reference import reference_of
from case_store.store import Store, Transaction
from case_store.tables_cases import case_contacts, case_conversations, cases, reference_numbers
from case_store.tables_conversations import conversations, messages

CHUNK: Final = 2000
OPEN: Final = 20_000
WAITING: Final = 2_000
STORIES: Final = (
    "上个月15号在滨江支行买的理财，说好保本，现在亏了三万五，没有人给说法。",
    "信用卡年费亂收，打了三次客服電話都沒有人接，態度非常惡劣。",
    "I was charged a fee twice for the same transfer and nobody answers the phone.",
    "贷款提前还款被拒，经理说要等通知，拖了一个多月也不解决。",
    "催收人員每天打電話到我公司騷擾，還把我的資料給了別人。",
    "The advisor signed the form in my name and I never agreed to the product.",
    "柜台排队两个小时，系统故障，什么都没办成。",
)
SUMS: Final = tuple(Decimal(value) for value in (300, 500, 1800, 2000, 5000, 12_000, 35_000, 100_000, 386, 48_650))
_POSITIONS: Final = sa.text("INSERT INTO case_search (case_id, position) VALUES (:case_id, :position)")
_WORDS: Final = sa.text("INSERT INTO case_search_words (rowid, words) VALUES (:position, :words)")


def fill(database: Path, how_many: int, messages_each: int) -> None:
    """A SQLite store of so many cases with so many messages each."""
    with closing(Store(f"sqlite:///{database}")) as store:
        schema.upgrade(store)
        for first in range(1, how_many + 1, CHUNK):
            store.write_now(_put, range(first, min(first + CHUNK, how_many + 1)), how_many, messages_each)


def _put(tx: Transaction, numbers: range, how_many: int, messages_each: int) -> None:
    made = [_case(number, how_many) for number in numbers]
    waits = [number > how_many - WAITING for number in numbers]
    talks = [_conversation(case, messages_each, waits=one) for case, one in zip(made, waits, strict=True)]
    tx.execute(sa.insert(conversations), talks)
    tx.execute(sa.insert(cases), made)
    tx.execute(
        sa.insert(reference_numbers),
        [{"number": number, "case_id": case["id"]} for number, case in zip(numbers, made, strict=True)],
    )
    tx.execute(
        sa.insert(case_conversations),
        [
            {
                "case_id": case["id"],
                "conversation_id": talk["id"],
                "linked_by": "system",
                "reason": "first_complaint",
                "at": case["created_at"],
            }
            for case, talk in zip(made, talks, strict=True)
        ],
    )
    tx.execute(
        sa.insert(case_contacts),
        [
            {
                "case_id": case["id"],
                "address": case["facts"]["contact"],
                "kind": "email",
                "proof": "wrote_from",
                "at": case["created_at"],
            }
            for case in made
        ],
    )
    tx.execute(sa.insert(messages), [said for talk in talks for said in _messages(talk, messages_each)])
    tx.execute(_POSITIONS, [{"case_id": case["id"], "position": n} for n, case in zip(numbers, made, strict=True)])
    words = [
        search.search_text(f"{case['reference']} {case['facts']['what_happened']} {case['facts']['contact']}")
        for case in made
    ]
    tx.execute(_WORDS, [{"position": n, "words": found} for n, found in zip(numbers, words, strict=True)])


def _case(number: int, of: int) -> dict[str, Any]:
    # the newest now, the oldest years ago: what the views call due soon is as much of either store
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=(of - number) / 2)
    is_open = number > of - min(OPEN, of // 5)
    facts = Facts(
        name=f"客户{number}",
        contact=f"user{number}@mail.example",
        what_happened=STORIES[number % len(STORIES)],
        amount=Money(SUMS[number % len(SUMS)] + number % 5, "CNY"),
        occurred_on=PartialDate(f"{at - timedelta(days=number % 20):%Y-%m-%d}"),
    )
    open_ones = (Status.FILED, Status.IN_PROGRESS, Status.WAITING_FOR_CUSTOMER)
    statuses = open_ones if is_open else (Status.CLOSED, Status.CLOSED, Status.RESOLVED, Status.WITHDRAWN)
    return {
        "id": new_id(),
        "reference": reference_of(at.date(), number),
        "status": statuses[number % len(statuses)].value,
        "category": list(Category)[number % len(Category)].value,
        "risk": list(Risk)[number % len(Risk)].value,
        "disposition": Disposition.INVESTIGATE.value,
        "channel": "email",
        "account": "email:complaints@gateway.example",
        "language": "zh-Hans",
        "facts": facts.to_json(),
        "words": {},
        "evidence": {},
        "declined": [],
        "corrected": [],
        "customer": facts.name,
        "received_at": at,
        "registered_at": at,
        "feedback_due": f"{at + timedelta(days=9):%Y-%m-%d}",
        "feedback_due_at": at + timedelta(days=9),
        "due_policy": "benchmark",
        "unindexed": False,
        "untraced": False,
        "created_at": at,
        "updated_at": at,
    }


def _conversation(case: dict[str, Any], messages: int, *, waits: bool) -> dict[str, Any]:
    return {
        "id": new_id(),
        "channel": "email",
        "account": case["account"],
        "owner": "queue" if waits else "bot",
        "waiting_since": case["created_at"] if waits else None,
        "waiting_reason": "asked" if waits else None,
        "locale": "zh-Hans",
        "language": "zh-Hans",
        "customer": case["customer"],
        "address": case["facts"]["contact"],
        "subject": "投诉",
        "state": {},
        "last_message": messages,
        "answered_message": messages,
        "case_id": case["id"],
        "created_at": case["created_at"],
        "updated_at": case["updated_at"],
    }


def _messages(talk: dict[str, Any], how_many: int) -> Iterator[dict[str, Any]]:
    for number in range(1, how_many + 1):
        yield {
            "conversation_id": talk["id"],
            "number": number,
            "sender": "bot" if number % 2 == 0 else "customer",
            "text": STORIES[number % len(STORIES)],
            "at": talk["created_at"],
            "case_id": talk["case_id"],
        }
