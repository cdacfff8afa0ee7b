"""Who a case's customer is, and an agent's decision about it, by the API."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from case_store import contacts
from case_store.contacts import Contact
from case_store.store import Transaction
from gateway.readings import READINGS

PATH = "/api/v1/cases/{}/customer"


def _prove(tx: Transaction, case_id: str, address: str) -> None:
    contacts.add_contact(tx, case_id, Contact(address, "phone", "agent"))


async def test_an_agent_joins_and_parts_with_a_reason_that_is_kept(house: Any, browser: Any) -> None:
    case = house.case()
    apart = house.conversation("I wrote before", channel="email", address="ann@new.example")
    admin = await browser("admin")
    status, before, _ = await admin.get(PATH.format(case.reference))
    assert (status, before) == (200, {"identities": [], "cases": [], "strangers": [], "maybe": []})
    decision = {"conversation": apart, "reason": "called back on the number we had"}
    status, after, _ = await admin.post(PATH.format(case.reference) + "/join", decision)
    assert status == 200
    assert [one["address"] for one in after["identities"]] == [f"chat:{case.conversations[0]}", "ann@new.example"]
    assert after["identities"][1]["proof"] == "agent"
    assert after["identities"][1]["joined_by"] == "agent:Admin"
    _, shown, _ = await admin.get(f"/api/v1/cases/{case.reference}")
    assert apart in shown["conversations"]
    assert "ann@new.example" in shown["contacts"]
    _, told, _ = await admin.get(f"/api/v1/cases/{case.reference}/timeline")
    [event] = [one for one in told["items"] if one["action"] == "customer_joined"]
    assert event["detail"]["reason"] == "called back on the number we had"
    status, after, _ = await admin.post(
        PATH.format(case.reference) + "/part", {"address": "ann@new.example", "reason": "a namesake"}
    )
    assert status == 200
    assert "ann@new.example" not in [one["address"] for one in after["identities"]]


async def test_a_customers_cases_take_as_many_statements_however_many_they_are(house: Any, browser: Any) -> None:
    case, admin, counts, statements = house.case(), await browser("admin"), [], []
    house.store.write_now(_prove, case.id, "ann@new.example")
    sa.event.listen(house.store.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    for n in (1, 5):
        for _ in range(n):
            house.store.write_now(_prove, house.case().id, "ann@new.example")  # proved to be the same customer's
            house.case()  # names the same number, which nobody has proved
        await house.app[READINGS].flush()  # what was read before is written now, and not while statements are counted
        statements.clear()
        _, found, _ = await admin.get(PATH.format(case.reference))
        counts.append((len(statements), len(found["cases"]), len(found["maybe"])))
    assert counts[0][1:] == (1, 1)
    assert counts[1][1:] == (6, 6)
    assert counts[0][0] == counts[1][0]


async def test_the_same_decision_again_changes_nothing(house: Any, browser: Any) -> None:
    case = house.case()
    apart = house.conversation("I wrote before", channel="email", address="ann@new.example")
    admin = await browser("admin")
    decision = {"conversation": apart, "reason": "sure"}
    first = await admin.post(PATH.format(case.id) + "/join", decision, headers={"Idempotency-Key": "k"})
    again = await admin.post(PATH.format(case.id) + "/join", decision, headers={"Idempotency-Key": "k"})
    once_more = await admin.post(PATH.format(case.id) + "/join", decision)
    assert [answer[0] for answer in (first, again, once_more)] == [200, 200, 200]
    assert first[1] == again[1] == once_more[1]


@pytest.mark.parametrize(
    ("what", "body", "status", "code"),
    [
        ("join", {"conversation": "0" * 32, "reason": "x"}, 404, "not_found"),
        ("join", {"conversation": "0" * 32}, 422, "invalid"),
        ("join", {"conversation": "0" * 32, "reason": "  "}, 422, "invalid"),
        ("part", {"address": "nobody@example.org", "reason": "x"}, 404, "not_found"),
    ],
)
async def test_what_can_not_be_decided_is_said(
    house: Any, browser: Any, what: str, body: dict[str, str], status: int, code: str
) -> None:
    case = house.case()
    admin = await browser("admin")
    answered, problem, _ = await admin.post(PATH.format(case.id) + f"/{what}", body)
    assert (answered, problem["code"]) == (status, code)


async def test_a_conversation_without_a_sender_joins_nobody(house: Any, browser: Any) -> None:
    case = house.case()
    apart = house.conversation("no sender", channel="email")
    admin = await browser("admin")
    answered, problem, _ = await admin.post(PATH.format(case.id) + "/join", {"conversation": apart, "reason": "x"})
    assert (answered, problem["code"]) == (422, "nobody_to_join")


async def test_strangers_and_keys_without_the_scope_see_nothing(house: Any, browser: Any) -> None:
    case = house.case()
    stranger, machine = await browser(), await browser(key=house.key("intake"))
    assert (await stranger.get(PATH.format(case.id)))[0] == 401
    assert (await machine.get(PATH.format(case.id)))[0] == 403
    reader = await browser(key=house.key("cases:read"))
    assert (await reader.get(PATH.format(case.id)))[0] == 200
    assert (await reader.post(PATH.format(case.id) + "/join", {"conversation": "x", "reason": "y"}))[0] == 403


async def test_every_console_that_shows_the_case_hears_of_a_decision_as_news(house: Any, browser: Any) -> None:
    case = house.case()
    apart = house.conversation("I wrote before", channel="email", address="ann@new.example")
    admin = await browser("admin")
    versions = [case.version]
    for what, told in (("join", {"conversation": apart}), ("part", {"address": "ann@new.example"})):
        heard: list[Any] = []
        house.store.on_wake = heard.extend
        status, *_ = await admin.post(PATH.format(case.id) + f"/{what}", {**told, "reason": "called back"})
        assert status == 200
        versions.append(max(wake.version for wake in heard if (wake.kind, wake.id) == ("case", case.id)))
    assert versions == sorted(set(versions)), "a console takes a hint of the version it shows for old news"


async def test_a_case_that_only_names_the_same_address_stands_apart(house: Any, browser: Any) -> None:
    first, second = house.case(), house.case()  # both were told with one telephone number, which nobody has proved
    admin = await browser("admin")
    _, shown, _ = await admin.get(PATH.format(second.reference))
    assert shown["cases"] == []
    (maybe,) = shown["maybe"]
    told = {name: maybe[name] for name in ("reference", "address", "status", "category", "amount", "feedback_due")}
    assert told == {
        "reference": first.reference,
        "address": "+8613900001111",
        "status": "filed",
        "category": first.category,
        "amount": {"value": "23000.00", "currency": "CNY"},
        "feedback_due": "2026-12-02",
    }


async def test_a_case_that_was_proved_to_be_the_customers_is_no_maybe(house: Any, browser: Any) -> None:
    first, second = house.case(), house.case()
    admin = await browser("admin")
    for case in (first, second):
        vouched = {"address": "+8613900001111"}
        house.store.write_now(_prove, case.id, vouched["address"])
    _, shown, _ = await admin.get(PATH.format(second.reference))
    assert [one["reference"] for one in shown["cases"]] == [first.reference]
    assert shown["maybe"] == []
