"""Cases by the API: found, shown, corrected without losing anybody's change."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote

import pytest

from case_store import cases
from case_store.records import Facts

PROMISED = (
    "id version reference conversations status outcome incomplete category risk disposition channel language facts contacts "
    "declined received_at registered_at feedback_due assignee possible_duplicate_of"
)
FACTS = "name contact occurred_on about what_happened amount desired_outcome"


async def patch(agent: Any, case: Any, change: Any, version: Any = None, **headers: str) -> tuple[int, Any, Any]:
    headers = {"If-Match": f'"{version or case.version}"', **headers}
    result: tuple[int, Any, Any] = await agent.send("PATCH", f"/api/v1/cases/{case.id}", change, headers=headers)
    return result


async def test_a_case_has_what_the_contract_promises(house: Any, browser: Any) -> None:
    case = house.case()
    admin = await browser("admin")
    status, shown, answer = await admin.get(f"/api/v1/cases/{case.reference}")
    assert status == 200
    assert set(PROMISED.split()) <= set(shown)
    assert list(shown["facts"]) == FACTS.split()
    assert shown["facts"]["amount"] == {"value": "23000.00", "currency": "CNY"}
    assert answer.headers["ETag"] == f'"{case.version}"'


@pytest.mark.parametrize("spell", ["{}", "{id}", "lower", "without hyphens"])
async def test_a_case_is_found_by_its_number_as_people_write_it(house: Any, browser: Any, spell: str) -> None:
    case = house.case()
    number = {"{}": case.reference, "{id}": case.id, "lower": case.reference.lower()}
    key = number.get(spell, case.reference.replace("-", ""))
    admin = await browser("admin")
    assert (await admin.get(f"/api/v1/cases/{key}"))[1]["id"] == case.id


@pytest.mark.parametrize("key", ["nothing", "C20261123-000421-5", "C20261123-000421-4", "%00", "-"])
async def test_a_case_that_is_not_there(browser: Any, key: str) -> None:
    admin = await browser("admin")
    assert (await admin.get(f"/api/v1/cases/{key}"))[0] in (404, 400 if key == "%00" else 404)
    assert (await admin.get(f"/api/v1/cases/{key}/timeline"))[0] in (404, 400 if key == "%00" else 404)


async def test_lists_are_filtered_and_paged(house: Any, browser: Any) -> None:
    house.agent("ana")
    one = house.case(risk="major", assignee="ana")
    two = house.case(category="product")
    draft = house.case(filed=False)
    admin = await browser("admin")

    async def ids(query: str) -> list[str]:
        _, page, _ = await admin.get(f"/api/v1/cases?{query}")
        return [item["id"] for item in page["items"]]

    assert await ids("") == [draft.id, two.id, one.id]
    assert await ids("status=draft") == [draft.id]
    assert await ids("category=product") == [two.id]
    assert await ids("risk=major") == await ids("assignee=ana") == await ids("status=filed&assignee=ana") == [one.id]
    assert await ids(f"q={one.reference}") == [one.id]
    assert await ids(f"q={one.reference}&category=product") == []
    _, page, _ = await admin.get("/api/v1/cases?limit=2")
    _, rest, _ = await admin.get(f"/api/v1/cases?limit=2&cursor={page['next_cursor']}")
    assert [item["id"] for item in page["items"] + rest["items"]] == [draft.id, two.id, one.id]
    assert rest["next_cursor"] is None


FILTERS_THAT_MEAN_NOTHING = [
    ("status=open", "status", "is one of draft, filed"),
    ("status=filed,open", "status", "not 'open'"),
    ("risk=huge", "risk", "is one of"),
    ("category=x", "category", "is one of"),
    ("channel=pigeon", "channel", "is one of"),
    ("language=zh", "language", "zh-Hans"),
    ("updated_from=yesterday", "updated_from", "a day, or a moment with its offset"),
    ("created_to=2026-11-23T10:00:00", "created_to", "with its offset"),
    ("due_to=2026-02-30", "due_to", "not '2026-02-30'"),
    ("due_to=0001-01-01", "due_to", "a day"),
    ("updated_from=2026-11-23&updated_to=2026-11-21", "updated_to", "lies before updated_from"),
    ("updated_from=2026-11-23&created_to=2026-11-23", "created_from", "is another order than updated_from"),
]


@pytest.mark.parametrize(("query", "field", "told"), FILTERS_THAT_MEAN_NOTHING)
async def test_a_filter_that_means_nothing_is_named_with_what_would_be_right(
    browser: Any, query: str, field: str, told: str
) -> None:
    admin = await browser("admin")
    status, problem, _ = await admin.get(f"/api/v1/cases?{query}")
    assert (status, problem["errors"][0]["field"]) == (422, field)
    assert told in problem["detail"]


async def test_cases_are_chosen_by_several_values_nobody_and_ranges(house: Any, browser: Any) -> None:
    house.agent("ana")
    one, two, draft = house.case(risk="major", assignee="ana"), house.case(category="product"), house.case(filed=False)
    admin = await browser("admin")

    async def ids(query: str) -> set[str]:
        status, page, _ = await admin.get(f"/api/v1/cases?{query}")
        assert status == 200, page
        return {item["id"] for item in page["items"]}

    assert await ids("status=filed,draft") == {one.id, two.id, draft.id}
    assert await ids("status=filed,closed") == {one.id, two.id}
    assert await ids("assignee=none") == {two.id, draft.id}
    assert await ids("assignee=none&status=filed,resolved") == {two.id}
    assert await ids("channel=email") == set()
    assert await ids("channel=webchat,email&language=zh-Hans,en") == {one.id, two.id, draft.id}
    assert await ids("updated_from=2020-01-01&updated_to=2020-01-02") == set()
    assert await ids("created_from=2020-01-01T00:00:00+08:00") == {one.id, two.id, draft.id}  # `+` as clients send it
    assert await ids("created_to=2020-01-01T00:00:00%2B08:00") == set()
    assert await ids("due_to=2099-01-01") == {one.id, two.id}
    assert await ids(f"q={one.reference}&status=filed,closed") == {one.id}
    assert await ids(f"q={one.reference}&assignee=none") == set()


async def test_correcting_the_record(house: Any, browser: Any) -> None:
    case = house.case()
    admin = await browser("admin")
    change = {
        "category": "violation",
        "assignee": "admin",
        "facts": {"amount": {"value": "23000.5", "currency": "CNY"}, "contact": "JIANG@Example.com", "about": None},
    }
    status, shown, answer = await patch(admin, case, change)
    assert (status, shown["category"], shown["assignee"]) == (200, "violation", "admin")
    assert shown["facts"]["amount"] == {"value": "23000.50", "currency": "CNY"}
    assert (shown["facts"]["contact"], shown["facts"]["about"]) == ("jiang@example.com", None)
    assert shown["facts"]["name"] == "江敏"
    assert shown["version"] > case.version
    assert answer.headers["ETag"] == f'"{shown["version"]}"'
    _, timeline, _ = await admin.get(f"/api/v1/cases/{case.id}/timeline")
    last = timeline["items"][-1]
    assert (last["actor"], last["action"], last["detail"]["category"]["to"]) == ("agent:Admin", "changed", "violation")


@pytest.mark.parametrize("q", ["银滩", "銀灘", "leeds branch", "13912345678", "139 1234 5678"])
async def test_what_an_agent_corrected_is_found_by_its_words(house: Any, browser: Any, q: str) -> None:
    house.case()
    case = house.case()
    admin = await browser("admin")
    await patch(admin, case, {"facts": {"about": "银滩支行, Leeds branches", "contact": "13912345678"}})
    _, page, _ = await admin.get("/api/v1/cases", params={"q": q, "status": "filed"})
    assert [item["id"] for item in page["items"]] == [case.id]
    assert (await admin.get("/api/v1/cases", params={"q": q, "status": "closed"}))[1]["items"] == []


@pytest.mark.parametrize("written", ["as it is", "with blanks", "in full width"])
async def test_a_reference_number_with_a_wrong_check_digit_is_told_as_a_typing_error(
    house: Any, browser: Any, written: str
) -> None:
    reference = house.case().reference
    wrong = reference[:-1] + str((int(reference[-1]) + 1) % 10)
    admin = await browser("admin")
    wide = wrong.translate({ord(digit): ord("０") + int(digit) for digit in "0123456789"}).replace("C", "Ｃ")
    typed = {"as it is": wrong, "with blanks": f" {wrong.replace('-', ' ').lower()} ", "in full width": wide}[written]
    status, told, _ = await admin.get(f"/api/v1/cases?q={quote(typed)}")
    assert (status, told["code"]) == (422, "mistyped_reference")
    status, told, _ = await admin.get(f"/api/v1/cases/{wrong}")
    assert (status, told["code"]) == (404, "mistyped_reference")


async def test_a_long_number_that_is_no_reference_is_searched_for(house: Any, browser: Any) -> None:
    card = "6222020200112233"
    case = house.case(Facts(what_happened=f"卡号 {card} 被盗刷"))
    _, found, _ = await (await browser("admin")).get(f"/api/v1/cases?q={card}")
    assert [one["id"] for one in found["items"]] == [case.id]


@pytest.mark.parametrize("q", ["*", "' OR 1=1 --", '" NEAR (', "💣", "x" * 5000])
async def test_a_search_that_means_nothing_finds_nothing(house: Any, browser: Any, q: str) -> None:
    house.case()
    admin = await browser("admin")
    assert (await admin.get("/api/v1/cases", params={"q": q}))[:2] == (200, {"items": [], "next_cursor": None})


async def test_a_status_with_a_note_reaches_the_customer_in_the_same_unit(house: Any, browser: Any) -> None:
    case = house.case()
    admin = await browser("admin")
    await patch(admin, case, {"status": "in_progress", "note": "我们正在调取购买记录"})
    [(before, after, note, actor)] = house.told.changed
    assert (before.status, after.status, note, actor) == ("filed", "in_progress", "我们正在调取购买记录", "agent:Admin")


async def test_two_notes_at_one_status_are_two_occasions(house: Any, browser: Any) -> None:
    case = house.case()
    admin = await browser("admin")
    _, shown, _ = await patch(admin, case, {"note": "一"})
    await patch(admin, case, {"note": "二"}, shown["version"])
    versions = [after.version for _, after, _, _ in house.told.changed]
    assert len(set(versions)) == 2


async def test_lost_update_the_second_of_two_browsers_is_told(house: Any, browser: Any) -> None:
    case = house.case()
    one, other = await browser("admin"), await browser("admin")
    answers = await asyncio.gather(patch(one, case, {"risk": "major"}), patch(other, case, {"risk": "general"}))
    assert sorted(status for status, _, _ in answers) == [200, 412]
    [problem] = [body for status, body, _ in answers if status == 412]
    assert problem["version"] == case.version + 1
    [kept] = [body for status, body, _ in answers if status == 200]
    assert (await one.get(f"/api/v1/cases/{case.id}"))[1]["risk"] == kept["risk"]


@pytest.mark.parametrize(
    ("if_match", "status"), [(None, 428), ('"999"', 412), ("nonsense", 412), ("*", 200), ("{}", 200), ('W/"{}"', 200)]
)
async def test_a_change_says_on_which_version_it_was_made(
    house: Any, browser: Any, if_match: str | None, status: int
) -> None:
    case = house.case()
    admin = await browser("admin")
    headers = {} if if_match is None else {"If-Match": if_match.format(case.version)}
    got, _, _ = await admin.send("PATCH", f"/api/v1/cases/{case.id}", {"risk": "major"}, headers=headers)
    assert got == status


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"version": 9}, "version"),
        ({"reference": "C1"}, "reference"),
        ({"status": "open"}, "status"),
        ({"status": "draft"}, "status"),
        ({"risk": None}, "risk"),
        ({"assignee": "nobody"}, "assignee"),
        ({"possible_duplicate_of": "C20261123-000421-4"}, "possible_duplicate_of"),
        ({"facts": {"colour": "red"}}, "facts.colour"),
        ({"facts": {"contact": "soon"}}, "facts.contact"),
        ({"facts": {"occurred_on": "2026-13"}}, "facts.occurred_on"),
        ({"facts": {"amount": {"value": "1e9", "currency": "CNY"}}}, "facts.amount.value"),
        ({"facts": {"amount": {"value": "5", "currency": "yuan"}}}, "facts.amount.currency"),
        ({"facts": []}, "facts"),
        ({"declined": ["colour"]}, "declined.0"),
    ],
)
async def test_what_can_not_be_set_is_named_and_nothing_is_changed(
    house: Any, browser: Any, change: Any, field: str
) -> None:
    case = house.case()
    admin = await browser("admin")
    status, problem, _ = await patch(admin, case, {"risk": "major", **change} if "risk" not in change else change)
    assert (status, problem["errors"][0]["field"]) == (422, field)
    assert house.store.read_now(cases.get, case.id) == case
    assert house.told.changed == []


async def test_an_agent_files_a_draft_and_it_gets_its_number(house: Any, browser: Any) -> None:
    case = house.case(filed=False)
    admin = await browser("admin")
    status, shown, _ = await patch(admin, case, {"status": "in_progress", "risk": "general"})
    assert (status, shown["status"], shown["risk"]) == (200, "in_progress", "general")
    assert shown["reference"].startswith("C20261123-")


async def test_script_in_every_field_comes_back_as_json_text(house: Any, browser: Any) -> None:
    script = "<script>alert(1)</script>"
    case = house.case()
    admin = await browser("admin")
    facts = {"name": script, "about": script, "what_happened": script, "desired_outcome": script}
    change = {"facts": facts, "basis": script, "next_steps": script, "note": script}
    _, shown, answer = await patch(admin, case, change)
    assert {shown["facts"][name] for name in facts} | {shown["basis"], shown["next_steps"]} == {script}
    assert (answer.content_type, answer.headers["X-Content-Type-Options"]) == ("application/json", "nosniff")


async def test_the_clocks_of_a_case_say_since_when_until_when_and_by_which_policy(house: Any, browser: Any) -> None:
    case, agent = house.case(), await browser("admin")
    status, record, _ = await agent.get(f"/api/v1/cases/{case.id}")
    _, told, _ = await agent.get(f"/api/v1/cases/{case.id}/clocks")
    assert status == 200
    clocks = {one["name"]: one for one in told["items"]}
    assert [one["name"] for one in record["clocks"]] == [one["name"] for one in told["items"]]
    feedback = clocks["feedback"]
    assert (feedback["starts_at"], feedback["limit"], feedback["policy"]) == (
        "registered",
        "7 working_days",
        "built-in 1",
    )
    assert feedback["due_at"] == case.feedback_due_at.isoformat()
    assert clocks["final"]["starts_at"] == "received"
    assert feedback["stopped_at"] is None
    assert feedback["kept"] is None
    assert told["openings"]


async def test_the_clocks_of_a_case_stop_when_it_is_resolved(house: Any, browser: Any) -> None:
    case, agent = house.case(), await browser("admin")
    change = {"status": "resolved", "outcome": "solved", "basis": "章程", "next_steps": "无", "note": "已补足"}
    status, record, _ = await agent.send("PATCH", f"/api/v1/cases/{case.id}", change, headers={"If-Match": "*"})
    assert status == 200, record
    for one in record["clocks"]:
        assert one["stopped_at"] is not None
        assert one["working_seconds_left"] is None
    assert {one["name"] for one in record["clocks"]} == {"feedback", "final"}


SOLVED = {"status": "resolved", "outcome": "solved", "basis": "章程", "next_steps": "无"}


@pytest.mark.parametrize(
    ("before", "change", "responsible"),
    [
        ({}, SOLVED, "admin"),
        ({}, {"status": "closed"}, "admin"),
        ({"filed": False}, SOLVED, "admin"),
        ({"assignee": "ana"}, SOLVED, "ana"),
        ({}, {**SOLVED, "assignee": "ana"}, "ana"),
        ({}, {**SOLVED, "assignee": None}, None),
        ({}, {"status": "in_progress"}, None),
        ({}, {"status": "withdrawn"}, None),
        ({"status": "resolved"}, {"status": "closed"}, None),  # it was at its end already
    ],
)
async def test_who_ends_a_case_that_nobody_is_responsible_for_is_responsible(
    house: Any, browser: Any, before: dict[str, Any], change: dict[str, Any], responsible: str | None
) -> None:
    house.agent("ana")
    case = house.case(**before)
    status, told, _ = await patch(await browser("admin"), case, change)
    assert (status, told["status"], told["assignee"]) == (200, change["status"], responsible), told


async def test_a_machine_that_ends_a_case_is_not_responsible_for_it(house: Any, browser: Any) -> None:
    case, machine = house.case(), await browser(key=house.key("cases:read", "cases:write"))
    status, told, _ = await patch(machine, case, SOLVED)
    assert (status, told["assignee"]) == (200, None)


async def test_a_draft_has_no_clock_of_the_policy(house: Any, browser: Any) -> None:
    case, agent = house.case(filed=False), await browser("admin")
    assert (await agent.get(f"/api/v1/cases/{case.id}"))[1]["clocks"] == []
