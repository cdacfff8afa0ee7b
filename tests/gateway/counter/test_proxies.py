"""Who speaks for a complainant: told nothing until the mandate is there, told as the complainant is while it lasts, nothing after."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import contacts, conversations
from case_store.contacts import Contact
from case_store.conversations import NewConversation
from case_store.ids import new_id
from case_store.store import Transaction
from case_store.tables_cases import case_contacts
from case_store.tables_conversations import conversations as conversation_rows
from case_store.tables_outbox import deliveries, timers
from gateway import clockwork
from tests.gateway.counter.desk import PHOTO, form

DAUGHTER = {"name": "江小敏", "relation": "女儿", "contact": "Xiaomin@Example.com"}
ADDRESS = "xiaomin@example.com"
TOMORROW = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
LATER = (datetime.now(UTC) + timedelta(days=60)).date().isoformat()


def known(counter: Any, case_id: str) -> dict[str, str | None]:
    c = case_contacts.c
    rows = counter.rows(sa.select(c.address, c.proof).where(c.case_id == case_id))
    return {row.address: row.proof for row in rows}


def sent(counter: Any) -> list[Any]:
    return list(counter.rows(sa.select(deliveries).order_by(deliveries.c.id)))


def fire(counter: Any) -> None:
    """Lets every timer that is set run out."""
    counter.store.write_now(lambda tx: tx.execute(sa.update(timers).values(due_at=tx.now - timedelta(seconds=1))))
    counter.store.write_now(clockwork.fire_due, counter.notices, None)


async def mandated(counter: Any, **change: Any) -> Any:
    proxy = {**DAUGHTER, "valid_until": TOMORROW, **change}
    return await counter.enter({"mandate": ("委托书.jpg", PHOTO)}, proxy=proxy)


async def test_without_a_mandate_the_case_is_taken_marked_and_asked_about_and_the_proxy_told_nothing(
    counter: Any,
) -> None:
    case = await counter.enter(proxy=DAUGHTER)
    assert (case.status.value, case.mandate) == ("filed", "missing")
    assert case.to_json()["mandate"] == "missing"
    [look] = await counter.tasks("look")
    assert (look["words"], look["case"]) == ("mandate_missing", case.id)
    assert known(counter, case.id) == {}
    assert sent(counter) == []
    status, _ = await counter.post("/status", {"reference": case.reference, "contact": ADDRESS})
    assert status == 404
    [letter] = await counter.tasks("letter")
    assert (letter["to"]["name"], letter["to"]["proxy"], letter["to"]["mandate"]) == ("江敏", "江小敏", "missing")


async def test_a_proxy_with_a_mandate_is_told_by_the_way_they_named(counter: Any) -> None:
    case = await mandated(counter)
    assert case.mandate == "here"
    assert known(counter, case.id) == {ADDRESS: "mandate"}
    [mail] = sent(counter)
    assert (mail.address, case.reference in mail.payload["text"]) == (ADDRESS, True)
    assert mail.payload["text"].startswith("江小敏")  # greets whom it is sent to
    assert await counter.tasks() == []
    assert (await counter.post("/status", {"reference": case.reference, "contact": ADDRESS}))[0] == 200


async def test_a_mandate_that_comes_later_lets_the_proxy_be_told_and_closes_the_task(counter: Any) -> None:
    case = await counter.enter(proxy=DAUGHTER)
    status, problem = await counter.post(f"/cases/{case.id}/mandate", {"valid_until": LATER})
    assert (status, problem["errors"][0]["field"]) == (
        422,
        "mandate",
    )  # the mandate itself, not the word that it is there
    body = form({"valid_until": LATER}, {"mandate": ("委托书.pdf", b"%PDF-1.7\n")})
    status, shown = await counter.post(f"/cases/{case.id}/mandate", data=body)
    assert (status, shown["mandate"], shown["proxy"]["valid_until"]) == (201, "here", LATER)
    assert [file["purpose"] for file in shown["files"]] == ["mandate"]
    assert await counter.tasks("look") == []
    assert known(counter, case.id) == {ADDRESS: "mandate"}
    await counter.send("PATCH", f"/cases/{case.id}", json={"status": "in_progress"}, headers={"If-Match": "*"})
    mails = sent(counter)  # what was to be told by letter until now, and the new status
    assert [mail.occasion.partition(":")[0] for mail in mails] == ["case_filed", "status_changed"]
    assert {mail.address for mail in mails} == {ADDRESS}


async def test_on_the_day_after_its_last_day_a_mandate_is_over(counter: Any) -> None:
    case = await mandated(counter)
    held = new_id()

    def write_by_mail(tx: Transaction) -> None:
        conversations.open_conversation(tx, NewConversation(held, "email", "email:x", "zh-Hans", address=ADDRESS))
        from case_store import cases

        cases.link_conversation(tx, case.id, held, linked_by="system", reason="contact")

    counter.store.write_now(write_by_mail)
    fire(counter)
    assert counter.case(case.id).mandate == "ended"
    assert known(counter, case.id) == {}
    assert [task["words"] for task in await counter.tasks("look") if "mandate" in task["words"]] == ["mandate_over"]
    [row] = counter.rows(sa.select(conversation_rows.c.owner).where(conversation_rows.c.id == held))
    assert row.owner == "queue"  # no bot answers a proxy whose mandate is over
    counter.store.write_now(contacts.add_contact, case.id, Contact(ADDRESS, "email", "wrote_from"))
    assert known(counter, case.id) == {}
    counter.store.write_now(contacts.add_contact, case.id, Contact(ADDRESS, "email"))
    assert known(counter, case.id) == {}


async def test_a_mandate_that_was_prolonged_is_not_over_on_its_former_last_day(counter: Any) -> None:
    case = await mandated(counter)
    body = form({"valid_until": LATER}, {"mandate": ("延长.pdf", b"%PDF-1.7\n")})
    assert (await counter.post(f"/cases/{case.id}/mandate", data=body))[0] == 201
    due = sa.select(timers.c.due_at).where(timers.c.kind == "mandate_over").order_by(timers.c.due_at)
    assert len(counter.rows(due)) == 2

    def first_alone(tx: Transaction) -> None:
        first = sa.select(timers.c.key).where(timers.c.kind == "mandate_over").order_by(timers.c.due_at).limit(1)
        key = tx.execute(first).scalar_one()
        tx.execute(sa.update(timers).values(due_at=None))
        tx.execute(sa.update(timers).where(timers.c.key == key).values(due_at=tx.now - timedelta(seconds=1)))

    counter.store.write_now(first_alone)
    counter.store.write_now(clockwork.fire_due, counter.notices, None)
    assert counter.case(case.id).mandate == "here"
    fire(counter)
    assert counter.case(case.id).mandate == "ended"


async def test_somebody_named_as_proxy_later_loses_what_they_were_told_by_until_the_mandate_is_there(
    counter: Any,
) -> None:
    case = await counter.enter()
    counter.store.write_now(contacts.add_contact, case.id, Contact(ADDRESS, "email", "wrote_from"))
    status, shown = await counter.post(f"/cases/{case.id}/proxy", DAUGHTER)
    assert (status, shown["mandate"]) == (201, "missing")
    assert known(counter, case.id) == {}


async def test_another_proxy_takes_the_place_of_the_first_whose_address_is_no_contact_any_more(counter: Any) -> None:
    case = await mandated(counter)
    lawyer = form({"name": "王律师", "contact": "wang@law.example"}, {"mandate": ("新委托书.pdf", b"%PDF-1.7\n")})
    status, shown = await counter.post(f"/cases/{case.id}/proxy", data=lawyer)
    assert (status, shown["proxy"]["name"], shown["mandate"]) == (201, "王律师", "here")
    assert known(counter, case.id) == {"wang@law.example": "mandate"}
    status, shown = await counter.send("DELETE", f"/cases/{case.id}/proxy")
    assert (status, shown["proxy"], shown["mandate"]) == (200, None, None)
    assert known(counter, case.id) == {}
    assert (await counter.send("DELETE", f"/cases/{case.id}/proxy"))[1]["code"] == "no_proxy"
    body = form({}, {"mandate": ("a.pdf", b"%PDF-1.7\n")})
    assert (await counter.post(f"/cases/{case.id}/mandate", data=body))[1]["code"] == "no_proxy"


# groups and papers ----------------------------------------------------------------------------------------------


async def test_papers_are_changed_by_whoever_has_seen_them_as_they_are(counter: Any) -> None:
    case = await counter.enter(representatives=[{"name": "甲"}], members=3)
    change = {"postal_address": "上海市\n世纪大道", "representatives": [{"name": "甲"}, {"name": "乙"}]}
    path = f"/cases/{case.id}/papers"
    assert (await counter.send("PATCH", path, json=change))[0] == 428
    status, problem = await counter.send("PATCH", path, json=change, headers={"If-Match": str(case.version - 1)})
    assert (status, problem["code"]) == (412, "changed_meanwhile")
    status, shown = await counter.send("PATCH", path, json=change, headers={"If-Match": str(case.version)})
    assert status == 200
    assert (shown["members"], [one["name"] for one in shown["representatives"]]) == (3, ["甲", "乙"])
    assert shown["postal_address"] == "上海市\n世纪大道"
    six = {"representatives": [{"name": str(number)} for number in range(6)]}
    assert (await counter.send("PATCH", path, json=six, headers={"If-Match": "*"}))[0] == 422
    few = {"members": 2, "representatives": [{"name": str(number)} for number in range(3)]}
    assert (await counter.send("PATCH", path, json=few, headers={"If-Match": "*"}))[0] == 422


# withdrawal -----------------------------------------------------------------------------------------------------


def withdrawal(**change: Any) -> dict[str, Any]:
    return {"received_on": "2026-11-21", "way": "counter", **change}


async def test_a_withdrawal_ends_the_procedure_on_the_day_it_came_and_is_confirmed(counter: Any) -> None:
    case = await counter.enter()
    for task in await counter.tasks():
        await counter.post(f"/tasks/{task['id']}/done", {"note": "ok"})
    counter.store.write_now(_look, case.id)
    status, record = await counter.post(f"/cases/{case.id}/withdrawal", withdrawal(note="已和解"))
    assert (status, record["status"]) == (201, "withdrawn")
    told = counter.detail(case.id, "withdrawn")
    assert (told["received_on"], told["way"], told["who"], told["note"]) == ("2026-11-21", "counter", "江敏", "已和解")
    assert told["from"] == "filed"
    _, shown = await counter.get(f"/cases/{case.id}/papers")
    assert shown["withdrawals"][0]["recorded_by"] == "agent:林悦"
    [confirmation] = await counter.tasks()  # what was to be looked at on the case is settled
    assert (confirmation["kind"], case.reference in confirmation["words"]) == ("letter", True)
    assert "撤回" in confirmation["words"]
    assert (await counter.post(f"/cases/{case.id}/withdrawal", withdrawal()))[1]["code"] == "ended_before"


def _look(tx: Transaction, case_id: str) -> None:
    from case_store import tasks

    tasks.add(tx, occasion="x", kind="look", words="feedback_warning", case_id=case_id)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"received_on": "2126-01-01"}, "received_on"),
        ({"received_on": "2026-11-19"}, "received_on"),  # before the complaint came
        ({"way": "pigeon"}, "way"),
        ({"received_on": "yesterday"}, "received_on"),
    ],
)
async def test_a_withdrawal_that_can_not_be_is_refused(sqlite_counter: Any, change: dict[str, str], field: str) -> None:
    case = await sqlite_counter.enter()
    status, problem = await sqlite_counter.post(f"/cases/{case.id}/withdrawal", withdrawal(**change))
    assert (status, problem["errors"][0]["field"]) == (422, field)
    assert sqlite_counter.case(case.id).status.value == "filed"


async def test_a_proxy_withdraws_only_with_their_mandate(counter: Any) -> None:
    case = await counter.enter(proxy=DAUGHTER)
    by_proxy = withdrawal(by_proxy=True)
    status, problem = await counter.post(f"/cases/{case.id}/withdrawal", by_proxy)
    assert (status, problem["code"]) == (409, "mandate_missing")
    assert counter.case(case.id).status.value == "filed"
    await counter.post(f"/cases/{case.id}/mandate", data=form({}, {"mandate": ("a.pdf", b"%PDF-1.7\n")}))
    assert (await counter.post(f"/cases/{case.id}/withdrawal", by_proxy))[0] == 201
    assert counter.detail(case.id, "withdrawn")["who"] == "江小敏"
