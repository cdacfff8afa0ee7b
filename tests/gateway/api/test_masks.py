"""What people see masked: everything personal in lists, numbers of documents and cards in an opened case; machines get records as they are."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import web

from case_store import tasks
from case_store.records import Role
from case_store.tables_conversations import conversations
from gateway.api import masks
from gateway.api.frames import masked_frame
from gateway.api.masks import kinds_for, mask, masked_in
from gateway.api.offered import taken
from gateway.masking import EVERYTHING, NUMBERS, pieces
from tests.gateway.api.conftest import FACTS

ID, CARD, PHONE, MAIL = "11010519491231002X", "6222021234567894", "13812345678", "li.na@customer.example"
WORDS = f"我的卡{CARD}，证件{ID}，电话{PHONE}，邮箱{MAIL}"
LISTED = "我的卡************7894，证件110***********002X，电话138****5678，邮箱l***@customer.example"
SHOWN = f"我的卡************7894，证件110***********002X，电话{PHONE}，邮箱{MAIL}"
TOLD = replace(FACTS, about=f"尾款 {CARD}", contact="+8613900001111")


async def test_lists_show_nothing_personal_to_anybody_who_works_with_them(house: Any, browser: Any) -> None:
    house.case(TOLD)
    house.conversation(WORDS)
    for role in (Role.AGENT, Role.SUPERVISOR, Role.COMPLIANCE):
        house.agent(role.value, role)
        person = await browser(role.value)
        (case,) = (await person.get("/api/v1/cases"))[1]["items"]
        assert (case["facts"]["contact"], case["facts"]["about"]) == ("+86139****1111", "尾款 ************7894")
        texts = [
            said["text"]
            for one in (await person.get("/api/v1/conversations?messages=5"))[1]["items"]
            for said in one["messages"]
        ]
        assert LISTED in texts
        (due,) = (await person.get("/api/v1/due"))[1]["items"]
        assert CARD not in json.dumps(due, ensure_ascii=False)


async def test_an_opened_case_shows_how_to_reach_the_customer_and_no_card(house: Any, browser: Any) -> None:
    house.agent("megan")
    case, id = house.case(TOLD), house.conversation(WORDS)
    agent = await browser("megan")
    facts = (await agent.get(f"/api/v1/cases/{case.reference}"))[1]["facts"]
    assert (facts["contact"], facts["about"]) == ("+8613900001111", "尾款 ************7894")
    (said,) = (await agent.get(f"/api/v1/conversations/{id}"))[1]["messages"]
    assert (said["text"], said["line"]) == (SHOWN, LISTED)


@pytest.mark.parametrize(
    ("senders", "with_a_line"),
    [
        (["customer"], [0]),
        (["customer", "customer", "agent", "bot"], [1, 3]),
        (["agent", "bot"], [1]),
        (["agent", "bot", "customer"], [2]),
    ],
)
def test_only_the_message_that_stands_in_a_row_is_masked_for_it(senders: list[str], with_a_line: list[int]) -> None:
    said = {"customer": "江敏", "messages": [{"sender": sender, "text": WORDS} for sender in senders]}
    shown = masked_in(said, NUMBERS)["messages"]
    assert {one["text"] for one in shown} == {SHOWN}
    assert [at for at, one in enumerate(shown) if "line" in one] == with_a_line
    assert {one["line"] for one in shown if "line" in one} == {LISTED}


def test_what_else_has_a_sender_and_a_text_stands_in_no_row() -> None:
    event = {"items": [{"sender": MAIL, "text": WORDS}]}
    assert masked_in(event, NUMBERS) == {"items": [{"sender": MAIL, "text": SHOWN}]}


@pytest.mark.parametrize(("length", "beside"), [(100, False), (7_000, False), (9_000, True)])
async def test_a_large_answer_is_masked_beside_the_loop(
    monkeypatch: pytest.MonkeyPatch, length: int, beside: bool
) -> None:
    where, loop = [], threading.get_ident()
    monkeypatch.setattr(masks, "_rewritten", lambda text, _: where.append(threading.get_ident() != loop) or text)
    await mask(web.Response(text=json.dumps("x" * length), content_type="application/json"), NUMBERS)
    assert where == [beside]


async def test_a_row_of_a_list_that_is_fetched_alone_shows_no_more_than_the_list(house: Any, browser: Any) -> None:
    house.agent("megan")
    case, agent = house.case(replace(TOLD, what_happened=WORDS)), await browser("megan")
    record = (await agent.get(f"/api/v1/cases/{case.reference}", headers={"Masked": "list"}))[1]
    assert (record["facts"]["what_happened"], record["facts"]["contact"]) == (LISTED, "+86139****1111")


async def test_where_the_answers_to_a_mail_go_is_told_in_the_conversation_and_masked_in_lists(
    house: Any, browser: Any
) -> None:
    id = house.conversation("one", channel="email", address=MAIL)
    house.conversation("two", address="a name that a chat goes on by")
    house.agent("megan")
    agent = await browser("megan")
    shown = (await agent.get(f"/api/v1/conversations/{id}"))[1]
    assert (shown["address"], shown["row"]["address"]) == (MAIL, "l***@customer.example")
    listed = (await agent.get("/api/v1/conversations"))[1]["items"]
    assert {item["channel"]: item["address"] for item in listed} == {"email": "l***@customer.example", "webchat": None}


async def test_an_opened_conversation_brings_what_its_row_in_a_list_shows(house: Any, browser: Any) -> None:
    house.agent("megan")
    id = house.conversation("one")
    house.store.write_now(
        lambda tx: tx.execute(
            sa.update(conversations).where(conversations.c.id == id).values(customer=MAIL, subject=PHONE)
        )
    )
    agent = await browser("megan")
    shown = (await agent.get(f"/api/v1/conversations/{id}"))[1]
    assert (shown["customer"], shown["subject"]) == (MAIL, PHONE)
    assert shown["row"] == {"customer": "l***@customer.example", "subject": "138****5678"}
    (listed,) = (await agent.get("/api/v1/conversations"))[1]["items"]
    assert (listed["customer"], listed["subject"]) == tuple(shown["row"].values())


async def test_a_machine_gets_the_record_as_it_is(house: Any, browser: Any) -> None:
    case, id = house.case(TOLD), house.conversation(WORDS)
    robot = await browser(key=house.key("cases:read", "conversations:read"))
    assert (await robot.get(f"/api/v1/cases/{case.reference}"))[1]["facts"]["about"] == TOLD.about
    assert (await robot.get("/api/v1/cases"))[1]["items"][0]["facts"]["contact"] == TOLD.contact
    assert (await robot.get(f"/api/v1/conversations/{id}"))[1]["messages"][0]["text"] == WORDS


async def test_the_console_of_an_admin_shows_masks_and_their_programs_read_records(house: Any, browser: Any) -> None:
    house.case(TOLD)
    admin = await browser("admin")
    assert (await admin.get("/api/v1/cases"))[1]["items"][0]["facts"]["contact"] == TOLD.contact
    masked = await admin.get("/api/v1/cases", headers={"Masked": "yes"})
    assert masked[1]["items"][0]["facts"]["contact"] == "+86139****1111"


async def test_no_agent_unmasks_by_asking(house: Any, browser: Any) -> None:
    house.agent("megan")
    id = house.conversation(WORDS)
    agent = await browser("megan")
    for asked in ({"Masked": "no"}, {"Masked": ""}, {}):
        (said,) = (await agent.get(f"/api/v1/conversations/{id}", headers=asked))[1]["messages"]
        assert said["text"] == SHOWN


async def test_what_an_act_answers_with_is_masked_too(house: Any, browser: Any) -> None:
    house.agent("megan")
    id = house.conversation(WORDS)
    agent = await browser("megan")
    taken = (await agent.post(f"/api/v1/conversations/{id}/take-over", {}))[1]
    assert [said["text"] for said in taken["messages"]] == [SHOWN]
    note = (await agent.post(f"/api/v1/conversations/{id}/notes", {"text": WORDS}))[1]
    assert note["text"] == SHOWN


async def test_what_was_said_meanwhile_is_told_masked(house: Any, browser: Any) -> None:
    house.agent("megan")
    id = house.conversation("first", WORDS)
    agent = await browser("megan")
    status, problem, _ = await agent.post(f"/api/v1/conversations/{id}/messages", {"text": "hello", "after": "1"})
    assert (status, problem["newer"][0]["text"]) == (409, SHOWN)


async def test_a_fact_that_is_changed_where_it_stood_masked_keeps_its_numbers(house: Any, browser: Any) -> None:
    house.agent("megan")
    case = house.case(TOLD)
    agent, robot = await browser("megan"), await browser(key=house.key("cases:read"))
    path = f"/api/v1/cases/{case.reference}"
    shown = (await agent.get(path))[1]
    change = {"facts": {"about": shown["facts"]["about"] + "，滨江支行"}}
    status, answer, _ = await agent.send("PATCH", path, change, headers={"If-Match": str(shown["version"])})
    assert (status, answer["facts"]["about"]) == (200, "尾款 ************7894，滨江支行")
    assert (await robot.get(path))[1]["facts"]["about"] == f"尾款 {CARD}，滨江支行"


@pytest.mark.parametrize(
    ("stored", "sent", "kept"),
    [
        (f"卡{CARD}，证件{ID}", "证件110***********002X", f"证件{ID}"),
        (f"卡{CARD}，证件{ID}", "卡************7894，证件110***********002X。", f"卡{CARD}，证件{ID}。"),
        (f"卡{CARD}", "卡************7894 **** 5678", f"卡{CARD} **** 5678"),
        (f"卡{CARD}", f"卡************7894，新卡{CARD}", f"卡{CARD}，新卡{CARD}"),
        (f"{CARD}，{CARD}", "************7894", CARD),
        ("卡6222 0212 3456 7894", "卡**** **** **** 7894，丢了", "卡6222 0212 3456 7894，丢了"),
        ("卡************7894", "卡************7894，丢了", "卡************7894，丢了"),
    ],
)
async def test_numbers_go_back_where_their_masks_stand(
    house: Any, browser: Any, stored: str, sent: str, kept: str
) -> None:
    status, record = await _corrected(house, browser, replace(FACTS, about=stored), {"about": sent})
    assert (status, record["about"]) == (200, kept)


@pytest.mark.parametrize(
    ("stored", "sent"),
    [
        (f"卡{CARD}", "1************7894"),  # with a digit beside it nobody would tell it again
        (f"卡{CARD}", "************78941"),
        (f"证件{ID}", "2110***********002X"),
        (f"卡{CARD}", "************7894 ************7894"),
        (f"卡{CARD}，证件{ID}", "证件110***********002X，卡************7894"),
        (f"卡{CARD}", "************7895"),
        ("没有号码", "************7894"),
        ("没有号码", "110***********002X"),
    ],
)
async def test_a_mask_that_is_moved_or_comes_from_elsewhere_brings_no_number(
    house: Any, browser: Any, stored: str, sent: str
) -> None:
    facts = replace(FACTS, about=stored, what_happened=WORDS)
    status, record = await _corrected(house, browser, facts, {"about": sent})
    assert (status, record["about"]) == (422, stored)


async def test_numbers_of_one_fact_are_not_read_in_another(house: Any, browser: Any) -> None:
    """An agent sent masks of what the customer said as a fact, with a letter before them, and read the numbers."""
    attack = {"desired_outcome": "x************7894 x110***********002X"}
    status, record = await _corrected(house, browser, replace(FACTS, what_happened=WORDS), attack)
    assert (status, record["desired_outcome"]) == (422, FACTS.desired_outcome)


async def test_what_a_call_back_brings_keeps_the_numbers_of_its_fact_and_reads_no_others(
    house: Any, browser: Any
) -> None:
    house.agent("megan")
    case = house.case(replace(FACTS, about=f"卡{CARD}", what_happened=WORDS))
    agent, robot = await browser("megan"), await browser(key=house.key("cases:read"))
    id = house.store.write_now(tasks.add, occasion="call:1", kind="call_back", words="请回电", case_id=case.id)
    sent = {"facts": {"desired_outcome": "110***********002X"}}
    assert (await agent.post(f"/api/v1/tasks/{id}/done", sent))[0] == 422
    assert (await agent.post(f"/api/v1/tasks/{id}/done", {"facts": {"about": "卡************7894，丢了"}}))[0] == 200
    kept = (await robot.get(f"/api/v1/cases/{case.reference}"))[1]["facts"]
    assert (kept["about"], kept["desired_outcome"]) == (f"卡{CARD}，丢了", FACTS.desired_outcome)


async def test_a_correction_is_undone_by_the_value_that_is_shown_masked(house: Any, browser: Any) -> None:
    house.agent("megan")
    case, agent = house.case(replace(FACTS, about=f"卡{CARD}")), await browser("megan")
    path, robot = f"/api/v1/cases/{case.id}", await browser(key=house.key("cases:read"))

    async def correct(about: str) -> tuple[int, str]:
        status, _, _ = await agent.send("PATCH", path, {"facts": {"about": about}}, headers={"If-Match": "*"})
        return status, (await robot.get(path))[1]["facts"]["about"]

    assert await correct("丢了") == (200, "丢了")
    (proof,) = [one for one in (await agent.get(f"{path}/evidence"))[1]["items"] if one["about"] == "facts.about"]
    before = proof["corrected"]["before"]
    assert before == "卡************7894"
    for changed in (f"x{before}", f"{before}x", before.removeprefix("卡"), f"{before}{before}"):
        assert await correct(changed) == (422, "丢了")
    assert await correct(before) == (200, f"卡{CARD}")


@pytest.mark.parametrize(
    ("values", "sent", "value"),
    [
        ([f"卡{CARD}"], "卡************7894", f"卡{CARD}"),
        ([f"卡{CARD}"], "x************7894", None),
        ([CARD, "6222030000007894"], "************7894", None),
        ([CARD, CARD], "************7894", CARD),
        ([], "************7894", None),
    ],
)
def test_only_one_value_that_was_offered_like_this_is_taken(values: list[str], sent: str, value: str | None) -> None:
    assert taken({"about": values}, "about", sent) == value
    assert taken({"what_happened": values}, "about", sent) is None


async def test_a_mask_that_could_be_either_number_is_refused(house: Any, browser: Any) -> None:
    twins = "6222021234567894，6222030000007894"
    assert [one.shown for one in pieces(twins, NUMBERS)] == ["************7894"] * 2
    status, record = await _corrected(house, browser, replace(FACTS, about=twins), {"about": "************7894"})
    assert (status, record["about"]) == (422, twins)
    both = {"about": "丢了************7894，************7894"}
    status, record = await _corrected(house, browser, replace(FACTS, about=twins), both, "nora")
    assert (status, record["about"]) == (200, f"丢了{twins}")


async def _corrected(
    house: Any, browser: Any, facts: Any, change: dict[str, str], username: str = "megan"
) -> tuple[int, Any]:
    """What the answer to an agent was, of whom the case is not, and the facts as they are then."""
    house.agent(username)
    path = f"/api/v1/cases/{house.case(facts).reference}"
    agent, robot = await browser(username), await browser(key=house.key("cases:read"))
    status, answer, _ = await agent.send("PATCH", path, {"facts": change}, headers={"If-Match": "*"})
    kept = (await robot.get(path))[1]["facts"]
    told = json.dumps(answer, ensure_ascii=False).replace(json.dumps(change, ensure_ascii=False), "")
    assert (ID in told, CARD in told) == (False, False)
    if status == 422:
        (wrong,) = answer["errors"]
        assert wrong["field"] == f"facts.{next(iter(change))}"
    return status, kept


async def test_a_machine_may_write_a_masked_number_for_a_whole_one(house: Any, browser: Any) -> None:
    case = house.case(TOLD)
    robot = await browser(key=house.key("cases:read", "cases:write"))
    change = {"facts": {"about": "尾款 ************7894"}}
    path = f"/api/v1/cases/{case.reference}"
    assert (await robot.send("PATCH", path, change, headers={"If-Match": "*"}))[0] == 200
    assert (await robot.get(path))[1]["facts"]["about"] == "尾款 ************7894"


@pytest.mark.parametrize("q", [CARD, ID, PHONE, "13900001111"])
async def test_an_exact_number_still_finds_its_case(house: Any, browser: Any, q: str) -> None:
    house.agent("megan")
    house.case(replace(TOLD, what_happened=WORDS))
    found = (await (await browser("megan")).get(f"/api/v1/cases?q={q}"))[1]["items"]
    assert len(found) == 1
    assert not any(number in json.dumps(found, ensure_ascii=False) for number in (CARD, ID, PHONE, MAIL, "13900001111"))


async def test_the_frame_of_a_mail_is_masked_and_files_leave_as_they_are() -> None:
    frame = web.Response(text=f"<p>{CARD}</p>", content_type="text/html", charset="utf-8")
    file = web.Response(body=f"{CARD}\xff".encode("latin-1"), content_type="application/pdf")
    for answer in (frame, file):
        await mask(answer, NUMBERS)
    assert (frame.text, file.body) == ("<p>************7894</p>", f"{CARD}\xff".encode("latin-1"))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ({"about": "facts.about", "value": f"卡{CARD}"}, {"about": "facts.about", "value": "卡************7894"}),
        ({"value": "23000.00", "currency": "CNY"}, {"value": "23000.00", "currency": "CNY"}),
        ({"value": CARD, "currency": "CNY"}, {"value": "************7894", "currency": "CNY"}),
        (
            {"by": f"江敏{CARD}", "account": "email:help@bank.example"},
            {"by": "江敏************7894", "account": "email:help@bank.example"},
        ),
        ({"id": "01a222783ad9738cb699a58bca5c404c"}, {"id": "01a222783ad9738cb699a58bca5c404c"}),
        ({"id": CARD, "case": ID}, {"id": "************7894", "case": "110***********002X"}),
        ({"references": ["C20261123-000002-6", CARD]}, {"references": ["C20261123-000002-6", "************7894"]}),
        ({"at": "2026-11-28T14:03:59.123456+00:00"}, {"at": "2026-11-28T14:03:59.123456+00:00"}),
        ({"looked_at": CARD}, {"looked_at": "************7894"}),
    ],
)
def test_no_name_of_a_field_leaves_a_number_in_it(written: Any, shown: Any) -> None:
    assert [masked_in(written, kinds) for kinds in (NUMBERS, EVERYTHING)] == [shown, shown]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<p>6222&nbsp;0212&nbsp;3456&nbsp;7894</p>", "<p>****\u00a0****\u00a0****\u00a07894</p>"),
        ("<p><b>6222</b>021234567894 &lt;a&gt;</p>", "<p><b>****</b>********7894 &lt;a&gt;</p>"),
        ("<p>6222<span>0212</span>\n   3456 <i>7894</i></p>", "<p>****<span>****</span>\n   **** <i>7894</i></p>"),
        ("<p>62220212&#8203;34567894</p>", "<p>********\u200b****7894</p>"),
        ("<p>&#54;222021234567894</p>", "<p>************7894</p>"),
        ("<p>6222<wbr>021234567894</p>", "<p>****<wbr>********7894</p>"),
        (
            f'<a href="https://x.example/?a={CARD}&amp;b" title="{ID}">x</a>',
            '<a href="https://x.example/?a=************7894&amp;b" title="110***********002X">x</a>',
        ),
        ('<img src="cid:6222021234567894" alt="&lt;x&gt;">', '<img src="cid:6222021234567894" alt="&lt;x&gt;">'),
        ('<!doctype html><meta charset="utf-8"><title>…</title>\n<p>a &amp; b &lt;script&gt;<br>c</p>',) * 2,
        (f"<p>{PHONE}</p><p>{CARD}</p>", f"<p>{PHONE}</p><p>************7894</p>"),
    ],
)
def test_the_frame_of_a_mail_is_masked_as_it_is_read(written: str, shown: str) -> None:
    assert masked_frame(written, NUMBERS) == shown


def test_a_mail_address_in_a_frame_is_masked_over_emphasis() -> None:
    assert masked_frame("<p>li<b>.na</b>@customer.example</p>", EVERYTHING) == "<p>l***<b></b>@customer.example</p>"


@pytest.mark.parametrize(
    ("method", "path", "kinds"),
    [
        ("GET", "/api/v1/cases", EVERYTHING),
        ("GET", "/api/v1/conversations", EVERYTHING),
        ("GET", "/api/v1/due", EVERYTHING),
        ("GET", "/api/v1/following", EVERYTHING),
        ("GET", "/api/v1/mentions", EVERYTHING),
        ("GET", "/api/v1/events", NUMBERS),
        ("GET", "/api/v1/reports/now/cases", EVERYTHING),
        ("GET", "/api/v1/reports/now/conversations", EVERYTHING),
        ("GET", "/api/v1/parked", NUMBERS),
        ("GET", "/api/v1/arrivals", NUMBERS),
        ("GET", "/api/v1/cases/{key}/duplicates", EVERYTHING),
        ("GET", "/api/v1/quality/samples", EVERYTHING),
        ("GET", "/api/v1/quality/mine", EVERYTHING),
        ("GET", "/api/v1/surges", EVERYTHING),
        ("POST", "/api/v1/bulk", NUMBERS),
        ("GET", "/api/v1/tasks", NUMBERS),
        ("GET", "/api/v1/cases/{key}", NUMBERS),
        ("PATCH", "/api/v1/cases/{key}", NUMBERS),
        ("GET", "/api/v1/cases/{key}/timeline", NUMBERS),
        ("GET", "/api/v1/cases/{key}/evidence", NUMBERS),
        ("GET", "/api/v1/cases/{key}/customer", NUMBERS),
        ("GET", "/api/v1/cases/{key}/notes", NUMBERS),
        ("GET", "/api/v1/conversations/{id}/messages/{number}/html", NUMBERS),
        ("POST", "/api/v1/conversations/{id}/translate", NUMBERS),
        ("GET", "/api/v1/quality/sheets/{id}", NUMBERS),
        ("GET", "/api/v1/conversations/{id}/drafts", None),
        ("GET", "/api/v1/drafts", None),
        ("GET", "/api/v1/cases/{key}/papers", None),
        ("GET", "/api/v1/conversations/{id}/messages/{number}/original", None),
        ("GET", "/api/v1/agents", None),
        ("GET", "/api/v1/policy", None),
    ],
)
def test_which_answers_are_masked(method: str, path: str, kinds: object) -> None:
    assert kinds_for(method, path) == kinds
