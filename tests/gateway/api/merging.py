"""A customer's case told twice, or two matters told as one: what the tests of merging and of splitting share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from case_store import cases, contacts, conversations, links, papers
from case_store.contacts import Contact
from case_store.papers import Party
from case_store.store import Transaction
from tests.gateway.api.conftest import FACTS

ANN = "ann@mail.example"
AGAIN = replace(FACTS, what_happened="上周在滨江支行买的理财亏损两万三千元，要求补足本金")
Change = Callable[[Transaction, Any, Any], Any]


def of_ann(house: Any, *made: Any) -> None:
    for case in made:
        house.store.write_now(contacts.add_contact, case.id, Contact(ANN, "email", "wrote_from"))


def told_twice(house: Any, *, filed: bool = True) -> tuple[Any, Any]:
    """One customer's case, and the same told again."""
    first, second = house.case(), house.case(AGAIN, filed=filed)
    of_ann(house, first, second)
    return tuple(house.store.read_now(cases.get, one.id) for one in (first, second))  # type: ignore[return-value]


async def merge(agent: Any, case: Any, into: Any, **more: Any) -> tuple[int, Any]:
    body = {"into": into.id, "reason": "same loss", "version": case.version, "into_version": into.version}
    status, found, _ = await agent.post(f"/api/v1/cases/{case.id}/merge", {**body, **more.pop("body", {})}, **more)
    return status, found


async def unmerge(agent: Any, case: Any, **more: Any) -> tuple[int, Any]:
    status, found, _ = await agent.post(f"/api/v1/cases/{case.id}/unmerge", {"reason": "two losses", **more})
    return status, found


async def split(agent: Any, id: str, *numbers: Any, **more: Any) -> tuple[int, Any]:
    body = {"messages": [str(one) for one in numbers], "reason": "another matter", **more.pop("body", {})}
    status, found, _ = await agent.post(f"/api/v1/conversations/{id}/split", body, **more)
    return status, found


def proxy(tx: Transaction, case: Any, into: Any) -> None:
    papers.set_proxy(tx, case.id, Party("王律师", contact="wang@law.example"), mandate=True, actor="agent:Test")


def doubtful(tx: Transaction, case: Any, into: Any) -> None:
    links.withhold(tx, case.id, case.conversations[0], by="agent:Test", reason="x")


def one_case(house: Any, *texts: str) -> tuple[Any, str]:
    """A filed case whose customer has said these things, all of them of it."""
    case = house.case()
    of_ann(house, case)
    house.store.write_now(_is_about, case)
    for text in texts:
        house.store.write_now(say, case, text)
    return house.store.read_now(cases.get, case.id), case.conversations[0]


def _is_about(tx: Transaction, case: Any) -> None:
    row = conversations.locked(tx, case.conversations[0])
    conversations.add_messages(tx, row, [], values={"case_id": case.id})


def say(tx: Transaction, case: Any, text: str) -> None:
    row = conversations.locked(tx, case.conversations[0])
    new = conversations.NewMessage(conversations.Sender.CUSTOMER, text, case_id=case.id)
    conversations.add_messages(tx, row, [new])
    cases.heard_more(tx, case.id)
