"""An answer and what goes with it, in one go: all of it happens, or nothing is sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pkgutil import resolve_name
from typing import Any

import pytest

from case_store import audit, cases, conversations, links
from case_store.case_record import CaseRecord
from case_store.conversations import NewMessage
from case_store.records import Sender
from case_store.store import Transaction
from gateway.hooks import PROMISES

TOMORROW = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
RESULT = {"outcome": "partly_solved", "basis": "条款第 3 条", "next_steps": "两个工作日内退回手续费"}
RESOLVED = {"status": "resolved", **RESULT}


def about(tx: Transaction, conversation: str, case: str | None, **values: Any) -> None:
    conversations.add_messages(tx, conversations.locked(tx, conversation), [], values={"case_id": case, **values})


def of_case(house: Any, **more: Any) -> tuple[CaseRecord, str]:
    case = house.case(**more)
    (id,) = case.conversations
    house.store.write_now(about, id, case.id)
    return house.store.read_now(cases.get, case.id), id


async def send(agent: Any, id: str, then: Any, text: str = "您好", **more: Any) -> tuple[int, Any]:
    headers = more.pop("headers", {})
    body = {"text": text, "then": then, **more}
    status, found, _ = await agent.post(f"/api/v1/conversations/{id}/messages", body, headers=headers)
    return status, found


def said(house: Any, id: str) -> list[tuple[str, str]]:
    return [(one.sender.value, one.text) for one in house.store.read_now(conversations.messages_of, id)]


def state(house: Any, case: CaseRecord, id: str) -> tuple[Any, ...]:
    """Everything that an answer might leave."""
    row = house.store.read_now(conversations.find, id)
    record = house.store.read_now(cases.get, case.id)
    chains = [
        len(house.store.read_now(audit.timeline, chain))
        for chain in (audit.case_chain(case.id), audit.conversation_chain(id))
    ]
    return (
        record.to_json(),
        row["owner"],
        row["agent_id"],
        row["snoozed_until"],
        row["version"],
        said(house, id),
        chains,
    )


@pytest.mark.parametrize("status", ["in_progress", "waiting_for_customer"])
async def test_the_status_is_set_with_the_answer_which_is_what_the_customer_is_told(
    house: Any, browser: Any, status: str
) -> None:
    (case, id), admin = of_case(house), await browser("admin")
    got, found = await send(admin, id, {"status": status, "case": case.id, "version": case.version})
    assert (got, found["text"], found["sender"]) == (201, "您好", "agent")
    record = house.store.read_now(cases.get, case.id)
    assert record.status == status
    assert said(house, id)[-1] == ("agent", "您好")
    assert house.told.answered == [("filed", status, "agent:Admin")]
    assert house.told.changed == []  # no notice beside the answer
    (last,) = [
        one for one in house.store.read_now(audit.timeline, audit.case_chain(case.id)) if one.action == "changed"
    ]
    assert (last.actor, last.detail) == ("agent:Admin", {"status": {"from": "filed", "to": status}})


async def test_a_case_is_resolved_with_its_result_under_the_agents_words(house: Any, browser: Any) -> None:
    (case, id), admin = of_case(house), await browser("admin")
    status, found = await send(admin, id, RESOLVED, "我查过了，手续费收错了账户。\n")
    assert status == 201
    assert found["text"] == (
        "我查过了，手续费收错了账户。\n\n"
        f"您的投诉（编号 {case.reference}）的处理结果：部分解决。\n\n"
        "依据：条款第 3 条\n\n接下来：两个工作日内退回手续费\n\n"
        "对结果有疑问，直接回复就可以，也可以联系Admin：400-000。\n"
        f"如果不同意这个结果，还可以向外部机构反映：{_authorities(house)}。"
    )
    record = house.store.read_now(cases.get, case.id)
    assert (record.status, record.outcome, record.basis) == ("resolved", "partly_solved", "条款第 3 条")
    assert record.next_steps == "两个工作日内退回手续费"


async def test_a_case_that_nobody_is_responsible_for_is_theirs_who_resolve_it_with_an_answer(
    house: Any, browser: Any
) -> None:
    (case, id), admin = of_case(house), await browser("admin")
    assert (await send(admin, id, RESOLVED))[0] == 201
    assert house.store.read_now(cases.get, case.id).assignee == "admin"
    today = f"{datetime.now(UTC).astimezone(house.app[PROMISES].zone):%Y-%m-%d}"
    told = (await admin.get(f"/api/v1/reports/figures?from={today}&to={today}"))[1]
    assert [(one["username"], one["resolved"]) for one in told["agents"] if one["resolved"]] == [("admin", 1)]


def _authorities(house: Any) -> str:
    return str(house.app[PROMISES].house.next_authorities["zh-Hans"])


async def test_a_letter_says_where_to_turn_instead_of_replying(house: Any, browser: Any) -> None:
    case = house.case()
    id = house.conversation("来信", channel="letter")
    house.store.write_now(cases.link_conversation, case.id, id, linked_by="system", reason="entered")
    house.store.write_now(about, id, case.id)
    _, found = await send(await browser("admin"), id, RESOLVED)
    assert "请写信或到网点说明" in found["text"]
    assert "直接回复" not in found["text"]


@pytest.mark.parametrize("to", ["bot", "queue"])
async def test_it_is_handed_back_once_it_is_answered(house: Any, browser: Any, to: str) -> None:
    (_, id), admin = of_case(house), await browser("admin")
    status, found = await send(admin, id, {"hand_back": to})
    assert (status, found["text"]) == (201, "您好")
    row = (await admin.get(f"/api/v1/conversations/{id}"))[1]
    assert (row["owner"], row["agent"]) == (to, None)
    assert [(before, after) for before, after, _ in house.told.owned] == [("bot", "agent"), ("agent", to)]


async def test_it_is_put_off_once_it_is_answered(house: Any, browser: Any) -> None:
    (case, id), admin = of_case(house), await browser("admin")
    then = {"status": "waiting_for_customer", "snooze_until": TOMORROW.isoformat()}
    assert (await send(admin, id, then))[0] == 201
    row = (await admin.get(f"/api/v1/conversations/{id}"))[1]
    assert (row["agent"], datetime.fromisoformat(row["snoozed_until"])) == ("admin", TOMORROW)
    assert house.store.read_now(cases.get, case.id).status == "waiting_for_customer"


async def test_a_conversation_without_a_case_is_put_off_and_handed_back_all_the_same(house: Any, browser: Any) -> None:
    admin, id = await browser("admin"), house.conversation("hello")
    assert (await send(admin, id, {"snooze_until": TOMORROW.isoformat()}))[0] == 201
    assert (await send(admin, id, {"hand_back": "queue"}))[0] == 201
    assert [sender for sender, _ in said(house, id)] == ["customer", "agent", "agent"]


async def test_what_the_customer_would_read_is_shown_and_nothing_happens(house: Any, browser: Any) -> None:
    (case, id), admin = of_case(house), await browser("admin")
    before = state(house, case, id)
    path = f"/api/v1/conversations/{id}/messages/preview"
    shown = [
        await admin.post(path, {"text": "查过了", "then": then}) for then in (RESOLVED, {"hand_back": "bot"}, None)
    ]
    assert [status for status, _, _ in shown] == [200, 200, 200]
    assert [text["text"] for _, text, _ in shown[1:]] == ["查过了", "查过了"]
    assert (await admin.post(path, {"text": "⟦amount⟧"}))[1]["code"] == "unfilled"
    assert (await admin.post("/api/v1/conversations/none/messages/preview", {"text": "x"}))[0] == 404
    assert state(house, case, id) == before
    assert (await send(admin, id, RESOLVED, "查过了"))[1]["text"] == shown[0][1]["text"]


# nothing is sent -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("then", "told"),
    [
        ({}, "names at least one"),
        ({"status": "closed"}, "then.status"),
        ({"status": "filed"}, "then.status"),
        ({"status": "withdrawn"}, "then.status"),
        ({"status": "resolved"}, "outcome, basis, next_steps missing"),
        ({**RESOLVED, "basis": " "}, "basis missing"),
        ({**RESOLVED, "outcome": "won"}, "then.outcome"),
        ({**RESOLVED, "basis": "b" * 2001}, "then.basis"),
        ({"status": "in_progress", "outcome": "solved"}, 'go with "status": "resolved"'),
        ({"hand_back": "megan"}, "then.hand_back"),
        ({"hand_back": "bot", "case": "x"}, "go with a status"),
        ({"hand_back": "bot", "snooze_until": TOMORROW.isoformat()}, "either hand_back or snooze_until"),
        ({"snooze_until": "2026-12-01T09:00:00"}, "then.snooze_until"),
        ({"snooze_until": (TOMORROW - timedelta(days=9)).isoformat()}, "then.snooze_until"),
        ({"snooze_until": (TOMORROW + timedelta(days=91)).isoformat()}, "then.snooze_until"),
        ({"status": "in_progress", "snooze_until": (TOMORROW - timedelta(days=9)).isoformat()}, "then.snooze_until"),
        ({"hand_back": "bot", "status": "in_progress", "colour": "red"}, "colour"),
        ({"status": "in_progress", "no_danger": "fine"}, "no_danger goes with hand_back"),
        (RESOLVED | {"next_steps": "⟦amount⟧"}, "then.next_steps"),
    ],
)
async def test_what_is_wrong_with_it_is_told_and_nothing_happened(
    house: Any, browser: Any, then: Any, told: str
) -> None:
    (case, id), admin = of_case(house), await browser("admin")
    before = state(house, case, id)
    status, problem = await send(admin, id, then)
    assert (status, told in problem["detail"]) == (422, True), problem
    assert state(house, case, id) == before


@pytest.mark.parametrize(
    "text", ["要退 ⟦amount⟧", "⟦", "half a mark: amount⟧", "⟦金额⟧", "⟦amount⟧ and more", "  ⟦nothing we know⟧ "]
)
async def test_an_answer_with_a_gap_does_not_leave(house: Any, browser: Any, text: str) -> None:
    (case, id), admin = of_case(house), await browser("admin")
    before = state(house, case, id)
    for then in (None, {"hand_back": "bot"}):
        status, problem = await send(admin, id, then, text)
        assert (status, problem["code"], problem["errors"][0]["field"]) == (422, "unfilled", "text")
    assert state(house, case, id) == before


async def test_a_result_that_makes_the_answer_too_long_is_refused_whole(house: Any, browser: Any) -> None:
    (case, id), admin = of_case(house), await browser("admin")
    before = state(house, case, id)
    status, problem = await send(admin, id, RESOLVED, "长" * 7990)
    assert (status, problem["errors"][0]["field"]) == (422, "text")
    assert state(house, case, id) == before


def withheld(tx: Transaction, case: CaseRecord, id: str) -> None:
    links.withhold(tx, case.id, id, by="system", reason="proof_ended")


def withdrawn(tx: Transaction, case: CaseRecord, id: str) -> None:
    cases.withdraw(tx, case.id, actor="customer")


def of_nothing(tx: Transaction, case: CaseRecord, id: str) -> None:
    about(tx, id, None)


def in_danger(tx: Transaction, case: CaseRecord, id: str) -> None:
    about(tx, id, case.id, urgent=True)


def changed(tx: Transaction, case: CaseRecord, id: str) -> None:
    cases.change(tx, case.id, {"risk": "major"}, actor="agent:Other")


def wrote(tx: Transaction, case: CaseRecord, id: str) -> None:
    conversations.add_messages(tx, conversations.locked(tx, id), [NewMessage(Sender.CUSTOMER, "and another thing")])


@pytest.mark.parametrize(
    ("happens", "then", "status", "code"),
    [
        (of_nothing, {"status": "in_progress"}, 409, "no_case"),
        (withheld, {"status": "in_progress"}, 409, "withheld"),
        (withdrawn, {"status": "in_progress"}, 409, "withdrawn"),
        (changed, {"status": "in_progress"}, 412, "changed_meanwhile"),
        (wrote, {"status": "in_progress"}, 409, "moved_on"),
        (in_danger, {"status": "in_progress", "hand_back": "bot"}, 409, "danger_not_cleared"),
        (in_danger, {"status": "in_progress", "snooze_until": TOMORROW.isoformat()}, 409, "danger_not_cleared"),
    ],
)
async def test_where_the_status_cannot_be_set_nothing_is_sent(
    house: Any, browser: Any, happens: Any, then: Any, status: int, code: str
) -> None:
    (case, id), admin = of_case(house), await browser("admin")
    seen = house.store.read_now(conversations.find, id)["last_message"]
    house.store.write_now(happens, case, id)
    before = state(house, case, id)
    got, problem = await send(admin, id, {**then, "version": case.version}, after=seen)
    assert (got, problem["code"]) == (status, code)
    assert state(house, case, id) == before


async def test_a_draft_gets_no_status_and_another_case_is_not_taken_for_it(house: Any, browser: Any) -> None:
    admin, (draft, id), (other, _) = await browser("admin"), of_case(house, filed=False), of_case(house)
    assert (await send(admin, id, {"status": "in_progress"}))[1]["code"] == "not_registered"
    status, problem = await send(admin, id, {"status": "in_progress", "case": other.id})
    assert (status, problem["code"], problem["case"]) == (409, "another_case", draft.id)
    assert [sender for sender, _ in said(house, id)] == ["customer"]


async def test_danger_is_cleared_in_words_when_it_is_handed_back(house: Any, browser: Any) -> None:
    (case, id), admin = of_case(house), await browser("admin")
    house.store.write_now(in_danger, case, id)
    assert (await send(admin, id, {"hand_back": "bot", "no_danger": "她在家人身边"}))[0] == 201
    row = (await admin.get(f"/api/v1/conversations/{id}"))[1]
    assert (row["owner"], row["urgent"]) == ("bot", False)


@pytest.mark.parametrize(
    "after",
    [
        "case_store.ownership.take_over",
        "case_store.ownership.reply",
        "case_store.cases.change",
        "case_store.ownership.hand_back",
        "gateway.api.conversations.answer_of",
    ],
)
async def test_a_failure_after_any_step_leaves_nothing_and_the_same_request_may_come_again(
    house: Any, browser: Any, monkeypatch: pytest.MonkeyPatch, after: str
) -> None:
    """As if the process were killed there: what was not committed never was."""
    (case, id), admin = of_case(house), await browser("admin")
    before, works = state(house, case, id), resolve_name(after)

    def broken(*args: Any, **kwargs: Any) -> None:
        works(*args, **kwargs)
        raise RuntimeError("killed here")

    then, key = {**RESOLVED, "hand_back": "bot"}, {"Idempotency-Key": "once"}
    with monkeypatch.context() as patched:
        patched.setattr(after, broken)
        assert (await send(admin, id, then, headers=key))[0] == 500
    assert state(house, case, id) == before
    assert (await send(admin, id, then, headers=key))[0] == 201
    assert [sender for sender, _ in said(house, id)] == ["customer", "agent"]
    assert house.store.read_now(cases.get, case.id).status == "resolved"


async def test_the_same_request_is_answered_the_same_and_done_once(house: Any, browser: Any) -> None:
    (case, id), admin = of_case(house), await browser("admin")
    then, key = {"status": "waiting_for_customer", "hand_back": "bot"}, {"Idempotency-Key": "once"}
    first = await send(admin, id, then, headers=key)
    after = state(house, case, id)
    assert await send(admin, id, then, headers=key) == first
    assert state(house, case, id) == after
    status, problem = await send(admin, id, {"hand_back": "bot"}, headers=key)
    assert (status, problem["code"]) == (422, "idempotency_key_reused")


async def test_a_status_takes_the_scope_of_cases(house: Any, browser: Any) -> None:
    (case, id), machine = of_case(house), await browser(key=house.key("conversations:read", "conversations:write"))
    before = state(house, case, id)
    assert (await send(machine, id, {"status": "in_progress"}))[0] == 403
    assert state(house, case, id) == before
    assert (await send(machine, id, {"hand_back": "queue"}))[0] == 201
