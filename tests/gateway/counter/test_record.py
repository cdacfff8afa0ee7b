"""The written record agrees with what really happened: how words went out, when they came, what was changed, decided and why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from case_store import contacts, conversations, outbox, ownership
from case_store.contacts import Contact
from case_store.records import Language, Owner
from case_store.store import Transaction
from gateway.delivery import give_up
from gateway.paper.words import Words
from gateway.tidings import Failure
from tests.gateway.counter.desk import text_of
from tests.gateway.counter.test_paper import SHANGHAI, squeezed

WORDS = "请把合同的复印件寄给我们。"


async def printed(counter: Any, id: str, language: Language = Language.HANS) -> str:
    status, pdf = await counter.get(f"/cases/{id}/record.pdf?language={language.value}")
    assert status == 200
    return text_of(pdf)


async def messages(counter: Any, id: str) -> list[dict[str, Any]]:
    [conversation] = counter.case(id).conversations
    shown: list[dict[str, Any]] = (await counter.get(f"/conversations/{conversation}"))[1]["messages"]
    return shown


def replies(tx: Transaction, counter: Any, id: str) -> None:
    """An agent takes the case's conversation over and writes into it."""
    agent = conversations.agent_named(tx, "林悦")
    assert agent is not None
    stored = ownership.reply(tx, id, WORDS, agent_id="lin", agent_name="林悦")
    from gateway import filing

    filing.agent_replied(tx, counter.notices, conversations.locked(tx, id), stored)


def reply(counter: Any, case_id: str) -> str:
    [conversation] = counter.case(case_id).conversations
    counter.store.write_now(replies, counter, conversation)
    return str(conversation)


def vouch(counter: Any, case_id: str, address: str) -> None:
    counter.store.write_now(contacts.add_contact, case_id, Contact(address, "email", "agent"))


def fail(tx: Transaction, detail: str) -> None:
    for delivery in outbox.claim(tx, 10, ["email"]):
        give_up(tx, delivery, detail, Failure.REFUSED)


async def test_what_a_letter_says_is_dated_by_the_day_it_came(counter: Any) -> None:
    made = await counter.enter({"file": ("来信.pdf", b"%PDF-1.7")}, received_at="2026-11-20T16:00:00+08:00")
    [said] = await messages(counter, made.id)
    came = datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert datetime.fromisoformat(said["at"]) == came
    shown = await printed(counter, made.id)
    assert squeezed(f"书面来信，{Words(Language.HANS, SHANGHAI).moment(came)}") in shown
    assert squeezed(f"（application/pdf，8 B），{Words(Language.HANS, SHANGHAI).moment(came)}") in shown


@pytest.mark.parametrize(
    ("contact", "kind", "language", "waits", "told"),
    [
        (None, "letter", Language.HANS, "待书信告知", "已告知 · 邮寄"),
        ("+8613900001111", "call_back", Language.EN, "to be told by telephone", "told · by post"),
    ],
)
async def test_words_typed_into_a_letter_are_told_by_nobody_until_it_is_recorded(
    counter: Any, contact: str | None, kind: str, language: Language, waits: str, told: str
) -> None:
    made = await counter.enter(contact=contact, postal_address="上海市\n世纪大道 100 号")
    assert (await messages(counter, made.id))[0]["delivery"] is None
    reply(counter, made.id)
    delivery = (await messages(counter, made.id))[-1]["delivery"]
    [task] = [one for one in await counter.tasks(kind) if one["words"] == WORDS]
    assert delivery == {
        "state": "to_be_told",
        "error": None,
        "task": task["id"],
        "kind": kind,
        "how": None,
        "at": None,
    }
    assert squeezed(f"{WORDS}→ {waits}") in await printed(counter, made.id, language)
    done = {"how": "posted", "at": "2026-11-26T09:30:00+08:00", "note": "挂号信"}
    heard: list[Any] = []
    counter.store.on_wake = heard.extend
    assert (await counter.post(f"/tasks/{task['id']}/done", done))[0] == 200
    assert ("conversation", made.conversations[0]) in [(wake.kind, wake.id) for wake in heard]
    after = (await messages(counter, made.id))[-1]["delivery"]
    assert (after["state"], after["how"], after["task"]) == ("told", "posted", task["id"])
    shown = await printed(counter, made.id, language)
    at = Words(language, SHANGHAI).short(datetime(2026, 11, 26, 1, 30, tzinfo=UTC))
    assert squeezed(f"{WORDS}→ {told} · {at} · 林悦 · 挂号信") in shown
    assert squeezed(f"{WORDS}→ {waits}") not in shown


async def test_nobody_is_reached_and_the_call_becomes_a_letter_beside_the_same_words(counter: Any) -> None:
    made = await counter.enter(contact="+8613900001111")
    reply(counter, made.id)
    [task] = [one for one in await counter.tasks("call_back") if one["words"] == WORDS]
    for day in range(3):
        at = (datetime(2026, 11, 20, 2, tzinfo=UTC) + timedelta(days=day)).isoformat()
        await counter.post(f"/tasks/{task['id']}/not-reached", {"note": "无人接听", "at": at})
    [letter] = [one for one in await counter.tasks("letter") if one["words"] == WORDS]
    delivery = (await messages(counter, made.id))[-1]["delivery"]
    assert (delivery["state"], delivery["kind"], delivery["task"]) == ("to_be_told", "letter", letter["id"])
    assert squeezed("→ 待书信告知") in await printed(counter, made.id)


async def test_a_mail_that_was_refused_stands_as_refused(counter: Any) -> None:
    made = await counter.enter(contact=None)
    vouch(counter, made.id, "jiang@example.com")
    reply(counter, made.id)
    assert (await messages(counter, made.id))[-1]["delivery"] == {
        "state": "queued",
        "error": None,
        "by": "email",
        "at": None,
    }
    counter.store.write_now(fail, "unknown_address: 550 no such user")
    assert (await messages(counter, made.id))[-1]["delivery"] == {
        "state": "failed",
        "error": "unknown_address: 550 no such user",
        "by": "email",
        "at": None,
    }
    shown = await printed(counter, made.id)
    assert squeezed(f"{WORDS}→ 未送达 · 电子邮件 · jiang@example.com · unknown_address: 550 no such user") in shown


async def test_notices_beside_the_conversation_are_printed_with_their_fate_and_without_their_secrets(
    counter: Any,
) -> None:
    made = await counter.enter(contact="jiang@example.com", channel="email")
    counter.store.write_now(fail, "550 mailbox full")
    shown = await printed(counter, made.id)
    assert squeezed("对话之外已告知和待告知的内容") in shown
    assert squeezed("→ 未送达 · 电子邮件 · jiang@example.com · 550 mailbox full") in shown
    assert "/confirm/…" in shown
    assert not any(len(word) > 1 for word in shown.split("/confirm/")[1][:1].split("…"))


async def test_what_a_form_was_answered_and_nobody_was_sent_is_marked(open_counter: Any) -> None:
    counter = await open_counter("intake", "cases:read", "conversations:read")
    _, receipt = await counter.post(
        "/complaints", {"what_happened": "上周的手续费扣错了 300 元", "name": "江敏", "locale": "zh-Hans"}
    )
    case = counter.case((await counter.get(f"/cases/{receipt['reference']}"))[1]["id"])
    said = await messages(counter, case.id)
    assert [one["delivery"] and one["delivery"]["state"] for one in said] == [None, *["not_sent"] * (len(said) - 1)]
    assert len(said) > 1
    assert (await printed(counter, case.id)).count("→未告知任何人") == len(said) - 1


async def test_corrections_are_printed_with_the_old_value_and_the_new(counter: Any) -> None:
    made = await counter.enter(postal_address="旧址 1 号")
    change = {
        "facts": {"name": "江小敏", "amount": {"value": "5000.00", "currency": "CNY"}, "about": None},
        "declined": ["contact"],
        "category": "service",
    }
    match = {"If-Match": "*"}
    await counter.send("PATCH", f"/cases/{made.id}", json=change, headers=match)
    await counter.send("PATCH", f"/cases/{made.id}", json={"status": "in_progress", "assignee": "lin"}, headers=match)
    await counter.send("PATCH", f"/cases/{made.id}/papers", json={"postal_address": "新址 2 号"}, headers=match)
    shown = await printed(counter, made.id)
    words = Words(Language.HANS, SHANGHAI)
    for text in (
        "姓名：“江敏”→“江小敏”",
        f"金额：“{words.money(made.facts.amount)}”→“5,000.00人民币”",
        "对象：“滨江支行”→“无”",
        "未提供：“无”→“联系方式”",
        "→“服务”",
        "状态：办理中（原为：已登记）；修改：负责人：“无”→“lin”",
        "邮寄地址：“旧址 1 号”→“新址 2 号”",
    ):
        assert squeezed(text) in shown, text


async def test_who_was_joined_and_why_is_printed(counter: Any) -> None:
    made, other = await counter.enter(), await counter.enter(name="别人")
    [apart] = other.conversations
    vouch(counter, made.id, "jiang@example.com")
    counter.store.write_now(_with_address, apart)
    await counter.post(f"/cases/{made.id}/customer/join", {"conversation": apart, "reason": "按原号码回电核实"})
    assert squeezed("由工作人员认定为同一客户：min@new.example。理由：按原号码回电核实") in await printed(
        counter, made.id
    )
    await counter.post(f"/cases/{made.id}/customer/part", {"address": "min@new.example", "reason": "同名的人"})
    assert squeezed("不再视为该客户所有：min@new.example。理由：同名的人") in await printed(counter, made.id)
    _, told = await counter.get(f"/conversations/{apart}/timeline")
    assert [one["detail"] for one in told["items"] if one["action"] == "customer_joined"] == [
        {"case": made.reference, "reason": "按原号码回电核实"}
    ]


def _with_address(tx: Transaction, id: str) -> None:
    row = conversations.locked(tx, id)
    conversations.add_messages(tx, row, [], values={"address": "min@new.example"})


async def test_take_over_and_hand_back_are_printed_with_who_and_when(counter: Any) -> None:
    made = await counter.enter()
    [id] = made.conversations
    counter.store.write_now(ownership.take_over, id, agent_id="lin", agent_name="林悦")
    counter.store.write_now(ownership.hand_back, id, agent_id="lin", agent_name="林悦", to=Owner.QUEUE)
    shown = await printed(counter, made.id)
    assert squeezed("已接管对话    林悦 · 书面来信") in shown
    assert squeezed("已交还队列    林悦 · 书面来信") in shown
    view = counter.store.read_now(conversations.find, id)
    assert view is not None
    assert squeezed(f"对话（书面来信）的审计记录共 {view['audit_number']} 条") in shown
    assert view["audit_hash"] in shown


async def test_why_nobody_is_in_danger_any_more_is_printed(counter: Any) -> None:
    case = await counter.enter()
    [conversation] = counter.case(case.id).conversations

    def cleared(tx: Transaction) -> None:
        row = conversations.locked(tx, conversation)
        values = ownership.queue_for_person(tx, row, "danger_to_life", urgent=True)
        conversations.add_messages(tx, row, [], values=values)
        ownership.take_over(tx, conversation, agent_id="lin", agent_name="林悦")
        ownership.hand_back(
            tx, conversation, agent_id="lin", agent_name="林悦", to=Owner.BOT, no_danger="家人在他身边，已通话确认"
        )

    counter.store.write_now(cleared)
    assert "已没有生命危险，理由：家人在他身边，已通话确认" in await printed(counter, case.id)
