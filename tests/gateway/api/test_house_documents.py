"""Policy, calendar and texts by the API: what is refused and how it is told, what would change, who may, and four eyes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from case_store import audit, cases, documents
from case_store.audit import HOUSE
from case_store.records import Draft, Role
from case_store.store import StoreUnavailable
from gateway.context import GATEWAY
from gateway.hooks import PROMISES
from gateway.own_texts import built_in
from gateway.policy import default_source
from gateway.policy_text import set_entry
from gateway.texts import Occasion
from tests.gateway.api.conftest import FACTS, REGISTRATION
from tests.gateway.api.test_evidence import JUDGED

POLICY, CALENDAR, TEXT = "/api/v1/policy", "/api/v1/calendar", "/api/v1/texts/case_filed"


def policy(**changes: Any) -> str:
    text = default_source()
    for field, value in changes.items():
        text = set_entry(text, field.replace("__", "."), value)
    return text


async def written(agent: Any, path: str, based_on: int, **more: Any) -> Any:
    status, found, _ = await agent.post(
        f"{path}/versions", {"why": "as the board decided", "based_on": based_on, **more}
    )
    assert status == 201, found
    return found


def in_force(house: Any) -> Any:
    return house.app[GATEWAY].policy


async def second_admin(house: Any, browser: Any) -> Any:
    house.agent("wang", Role.ADMIN)
    return await browser("wang")


def filed(**added: str) -> Any:
    return {
        language.value: {"subject": text.subject, "body": text.body + added.get(language.name, "")}
        for language, text in built_in(Occasion.CASE_FILED).items()
    }


# the policy ----------------------------------------------------------------------------------------------------------


async def test_a_policy_is_put_in_force_looked_back_at_put_back_and_left_to_the_file_again(
    house: Any, browser: Any
) -> None:
    admin = await browser("admin")
    room = (await admin.get(POLICY))[1]
    assert (room["source"], room["version"], room["latest"]) == ("built-in", "default-2026-1", 0)
    assert [one["state"] for one in room["versions"]] == ["seen"]
    one = await written(admin, POLICY, 0, content=policy(institution__hotline="95599"))
    assert one == {"number": 1, "label": "default-2026-1+v1", "approved": True}
    assert (in_force(house).institution.hotline, in_force(house).version) == ("95599", "default-2026-1+v1")
    assert house.app[PROMISES].house.hotline == "95599"
    await written(admin, POLICY, 1, content=policy(institution__hotline="400-1"))
    whole = (await admin.get(f"{POLICY}/versions/1"))[1]
    changed = [line for line in whole["diff"] if line["kind"] in ("added", "removed")]
    assert [(line["kind"], "95599" in line["text"]) for line in changed] == [("removed", False), ("added", True)]
    assert (whole["state"], whole["why"], whole["author"]) == ("past", "as the board decided", "Admin")
    await written(admin, POLICY, 2, copy_of=1)
    assert (in_force(house).institution.hotline, in_force(house).version) == ("95599", "default-2026-1+v3")
    await written(admin, POLICY, 3, follow_file=True)
    assert (in_force(house).institution.hotline, in_force(house).version) == ("", "default-2026-1")
    told = [one for one in house.store.read_now(audit.timeline, HOUSE) if one.action == "document_written"]
    assert [(one.actor, one.detail["label"]) for one in told[1:]] == [
        ("agent:Admin", "default-2026-1+v1"),
        ("agent:Admin", "default-2026-1+v2"),
        ("agent:Admin", "default-2026-1+v3"),
        ("agent:Admin", "file+v4"),
    ]


@pytest.mark.parametrize(
    ("content", "field", "told"),
    [
        (policy(clocks__feedback__count=0), "clocks.feedback.count", "not 0"),
        (policy(working_hours__monday=["9-18"]), "working_hours.monday.0", 'hours such as "09:00-18:00"'),
        (policy(people__duty_address="nobody"), "people.duty_address", "not 'nobody'"),
        (policy(triage__risk__general_from=900_000), "triage.risk.general_from", "not above risk.major_above"),
        (policy(calendar__overrides_file="x.toml"), "calendar.overrides_file", "expected an empty text"),
        (policy(notices__quiet_from="9pm"), "notices.quiet_from", 'a time such as "21:00"'),
        (default_source() + "\n[nonsense]\n", "nonsense", "not an entry that is known here"),
        ("version = ", "", "is not TOML"),
        ("[waiting]\nlimit_minutes = 5\n", "version", "missing"),
    ],
)
async def test_what_is_wrong_is_told_at_its_field_and_line_and_never_put_in_force(
    house: Any, browser: Any, content: str, field: str, told: str
) -> None:
    admin = await browser("admin")
    checked = (await admin.post(f"{POLICY}/check", {"content": content}))[1]
    [problem] = checked["problems"]
    assert problem["field"] == field
    assert told in problem["detail"]
    assert checked["effects"] is None
    if field not in ("", "version", "nonsense"):
        key = field.removesuffix(".0").rpartition(".")[2]
        assert key in content.splitlines()[problem["line"] - 1]
    status, refused, _ = await admin.post(f"{POLICY}/versions", {"why": "x", "based_on": 0, "content": content})
    assert (status, refused["code"]) == (422, "unusable")
    assert told in refused["detail"]
    assert in_force(house).version == "default-2026-1"


async def test_what_it_would_change_is_shown_before_and_nothing_that_was_promised_moves(
    house: Any, browser: Any
) -> None:
    admin, case = await browser("admin"), house.case()
    content = policy(
        clocks__feedback__count=2,
        triage__risk__general_from=100,
        institution__hotline="95599",
        waiting__limit_minutes=9,
    )
    checked = (await admin.post(f"{POLICY}/check", {"content": content, "language": "en"}))[1]
    due = checked["effects"]["due"]
    assert (due["open"], due["changed"], due["more"]) == (1, 1, False)
    [moved] = due["cases"]
    assert (moved["reference"], moved["promised"]) == (case.reference, "2026-12-02")
    assert moved["would_be"] == due["new_ones"]["after"]
    assert due["new_ones"]["after"] < due["new_ones"]["before"]
    grades = {one["text"]: (one["before"], one["after"]) for one in checked["effects"]["grades"]}
    assert grades["You took the yearly fee by mistake. Please pay it back."] == ("minor", "general")
    told = {(one["language"], one["about"]): one["after"] for one in checked["effects"]["told"]}
    assert told[("en", "hotline")] == ["95599"]
    assert any("2 working days" in line for line in told[("en", "limits")])
    await written(admin, POLICY, 0, content=content)
    assert (await admin.get(f"/api/v1/cases/{case.reference}"))[1]["feedback_due"] == "2026-12-02"


async def test_the_cases_that_a_policy_is_tried_on_are_masked_before_they_are_cut(house: Any, browser: Any) -> None:
    told = f"卡6222021234567894，电话13812345678，{'字' * 80}，6222021234567894"
    case = house.case(filed=False)
    draft = Draft(replace(FACTS, what_happened=told))
    house.store.write_now(cases.save_draft, case.id, draft, JUDGED, "zh-Hans")
    house.store.write_now(cases.file_case, case.id, REGISTRATION, actor="bot")
    admin, content = await browser("admin"), policy(triage__risk__general_from=100)
    texts = []
    for headers in ({"Masked": "yes"}, {}):
        checked = (await admin.post(f"{POLICY}/check", {"content": content}, headers=headers))[1]
        texts += [one["text"] for one in checked["effects"]["grades"] if one["reference"]]
    assert texts == [f"卡************7894，电话138****5678，{'字' * 80}，*******", told[:120]]


async def test_a_field_changes_its_line_and_leaves_the_rest_as_it_was_written(house: Any, browser: Any) -> None:
    admin = await browser("admin")
    changes = {
        "institution.hotline": "95599",
        "institution.name.en": 'The "Example" Bank',
        "working_hours.saturday": ["09:00-12:00", "13:00-15:00"],
        "people.responsible": [{"agent": "li.na", "risk": "major"}],
        "changes.four_eyes": True,
        "triage.risk.major_above": 70_000,
        "notices.quiet_from": "22:00",
    }
    found = (await admin.post(f"{POLICY}/set", {"content": default_source(), "changes": changes}))[1]
    assert found["problems"] == []
    assert {field: found["values"][field] for field in changes} == changes
    before, after = default_source().splitlines(), found["content"].splitlines()
    assert [line for line in before if line.lstrip().startswith("#")] == [
        line for line in after if line.lstrip().startswith("#")
    ]
    assert 'hotline = "95599"        # shown to customers where it is set' in after
    assert len(set(before) - set(after)) == 6  # a table for the thresholds was not there


async def test_a_field_of_a_table_that_the_own_file_lacks_brings_the_whole_table(house: Any, browser: Any) -> None:
    admin = await browser("admin")
    content = 'version = "bank-1"\n'
    found = (await admin.post(f"{POLICY}/set", {"content": content, "changes": {"institution.hotline": "1"}}))[1]
    assert found["problems"] == []
    assert found["values"]["institution.name.en"] == "Example Bank"


@pytest.mark.parametrize("field", ["institution.region", "triage.other_firms", "nonsense"])
async def test_what_has_no_field_is_changed_in_the_text(house: Any, browser: Any, field: str) -> None:
    status, told, _ = await (await browser("admin")).post(
        f"{POLICY}/set", {"content": default_source(), "changes": {field: "x"}}
    )
    assert (status, told["errors"][0]["field"]) == (422, f"changes.{field}")


async def test_only_administrators_see_or_change_the_policy_and_the_calendar(house: Any, browser: Any) -> None:
    house.agent("megan")
    house.agent("sian", Role.SUPERVISOR)
    for name in ("megan", "sian"):
        agent = await browser(name)
        for path in (POLICY, CALENDAR, f"{POLICY}/versions/0"):
            assert (await agent.get(path))[0] == 403
        for path in (f"{POLICY}/versions", f"{CALENDAR}/versions", f"{POLICY}/versions/1/approve"):
            assert (await agent.post(path, {"why": "x", "based_on": 0, "days": {}}))[0] == 403


async def test_whoever_writes_on_top_of_a_version_they_have_not_seen_is_told(house: Any, browser: Any) -> None:
    admin, wang = await browser("admin"), await second_admin(house, browser)
    await written(admin, POLICY, 0, content=policy(institution__hotline="1"))
    asked = {"why": "x", "based_on": 0, "content": policy(institution__hotline="2")}
    status, told, _ = await wang.post(f"{POLICY}/versions", asked)
    assert (status, told["code"], told["number"]) == (409, "overtaken", 1)
    assert in_force(house).institution.hotline == "1"


async def test_the_same_request_writes_one_version(house: Any, browser: Any) -> None:
    admin = await browser("admin")
    asked = {"why": "x", "based_on": 0, "content": policy(institution__hotline="1")}
    answers = [await admin.post(f"{POLICY}/versions", asked, headers={"Idempotency-Key": "one"}) for _ in range(2)]
    assert answers[0][1] == answers[1][1]
    assert (await admin.get(POLICY))[1]["latest"] == 1


@pytest.mark.parametrize(
    "asked", [{}, {"content": "x", "copy_of": 0}, {"copy_of": 0, "follow_file": True}, {"copy_of": 77}]
)
async def test_a_version_is_a_text_a_copy_or_the_file(house: Any, browser: Any, asked: Any) -> None:
    status, _, _ = await (await browser("admin")).post(f"{POLICY}/versions", {"why": "x", "based_on": 0, **asked})
    assert status in (404, 422)


# four eyes -----------------------------------------------------------------------------------------------------------


async def test_with_four_eyes_nothing_counts_before_another_person_has_approved_it(house: Any, browser: Any) -> None:
    admin, wang = await browser("admin"), await second_admin(house, browser)
    await written(admin, POLICY, 0, content=policy(changes__four_eyes=True))
    one = await written(admin, POLICY, 1, content=policy(changes__four_eyes=False, institution__hotline="95599"))
    assert one["approved"] is False
    assert (in_force(house).institution.hotline, in_force(house).changes.four_eyes) == ("", True)
    status, told, _ = await admin.post(f"{POLICY}/versions/2/approve")
    assert (status, told["code"]) == (403, "own_version")
    key = await browser(key=house.key("admin"))
    assert (await key.post(f"{POLICY}/versions/2/approve"))[1]["code"] == "needs_person"
    assert in_force(house).institution.hotline == ""
    room = (await wang.get(POLICY))[1]
    assert (room["four_eyes"], room["versions"][0]["state"], room["versions"][0]["yours"]) == (True, "proposed", False)
    assert (await wang.post(f"{POLICY}/versions/2/approve"))[0] == 200
    assert (in_force(house).institution.hotline, in_force(house).changes.four_eyes) == ("95599", False)
    assert (await wang.post(f"{POLICY}/versions/2/approve"))[1]["code"] == "not_open"
    decided = [one for one in house.store.read_now(audit.timeline, HOUSE) if one.action == "document_approved"]
    assert [one.actor for one in decided] == ["agent:Wang"]


async def test_with_four_eyes_one_person_is_not_two(house: Any, browser: Any) -> None:
    admin, wang = await browser("admin"), await second_admin(house, browser)
    await written(admin, POLICY, 0, content=policy(changes__four_eyes=True))
    await written(admin, POLICY, 1, content=policy(changes__four_eyes=True, institution__hotline="95599"))
    house.agent("puppet", Role.ADMIN)
    puppet = await browser("puppet")
    assert (await puppet.post(f"{POLICY}/versions/2/approve"))[1]["code"] == "lately_set"
    assert (await admin.send("PATCH", "/api/v1/agents/wang", {"password": "chosen by the admin"}))[0] == 200
    taken = await browser()
    await taken.sign_in("wang", "chosen by the admin")
    assert (await taken.post(f"{POLICY}/versions/2/approve"))[1]["code"] == "lately_set"
    key = await browser(key=house.key("admin"))
    body = {"content": policy(institution__hotline="1"), "why": "by a key", "based_on": 2}
    assert (await key.post(f"{POLICY}/versions", body))[1]["code"] == "needs_person"
    assert in_force(house).institution.hotline == ""
    assert (await wang.get("/api/v1/agents/me"))[0] == 401, "whose password is set by another is signed out"


async def test_with_four_eyes_calendar_and_texts_wait_too(house: Any, browser: Any) -> None:
    admin, wang = await browser("admin"), await second_admin(house, browser)
    await written(admin, POLICY, 0, content=policy(changes__four_eyes=True))
    await written(admin, CALENDAR, 0, days={"2026-12-07": {"kind": "off", "note": "team day"}})
    await written(admin, TEXT, 0, texts=filed(EN="Our branches close at 17:00.\n"))
    rules = house.app[GATEWAY].rules
    assert (len(in_force(house).calendar.overrides), len(rules.now.texts.wording)) == (0, 0)
    assert (await wang.get("/api/v1/texts"))[1]["items"][0]["proposed"] is True
    assert (await wang.post(f"{CALENDAR}/versions/1/approve"))[0] == 200
    assert (await wang.post(f"{TEXT}/versions/1/approve"))[0] == 200
    assert (len(in_force(house).calendar.overrides), len(rules.now.texts.wording)) == (1, 1)


async def test_what_begins_later_can_not_undo_what_is_written_before_its_day(house: Any, browser: Any) -> None:
    admin = await browser("admin")
    begins = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    await written(admin, POLICY, 0, content=policy(institution__hotline="1"), effective_from=begins)
    fix = {"content": policy(institution__hotline="2"), "why": "at once", "based_on": 1}
    status, told, _ = await admin.post(f"{POLICY}/versions", fix)
    assert (status, told["code"], told["number"]) == (409, "still_to_come", 1)
    assert (await admin.post(f"{POLICY}/versions/1/withdraw"))[0] == 200
    assert (await admin.post(f"{POLICY}/versions", fix))[0] == 201
    assert in_force(house).institution.hotline == "2"


async def test_what_begins_later_is_scheduled_and_can_be_withdrawn(house: Any, browser: Any) -> None:
    admin = await browser("admin")
    begins = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    await written(admin, POLICY, 0, content=policy(institution__hotline="1"), effective_from=begins)
    assert (await admin.get(POLICY))[1]["versions"][0]["state"] == "scheduled"
    assert in_force(house).institution.hotline == ""
    assert (await admin.post(f"{POLICY}/versions/1/withdraw"))[0] == 200
    assert (await admin.get(POLICY))[1]["versions"][0]["state"] == "withdrawn"
    assert (await admin.post(f"{POLICY}/versions/1/withdraw"))[1]["code"] == "not_open"
    assert (await admin.post(f"{POLICY}/versions/9/withdraw"))[0] == 404


async def test_what_was_decided_is_answered_though_the_store_fails_when_it_is_taken_up(
    house: Any, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, wang = await browser("admin"), await second_admin(house, browser)
    await written(admin, POLICY, 0, content=policy(changes__four_eyes=True))
    read = house.store.read

    async def failing(unit: Any, *args: Any, **more: Any) -> Any:
        if unit is documents.stamp:
            raise StoreUnavailable("the database is restarting")
        return await read(unit, *args, **more)

    monkeypatch.setattr(house.store, "read", failing)
    found = await written(admin, POLICY, 1, content=policy(institution__hotline="1"))
    status, told, _ = await wang.post(f"{POLICY}/versions/{found['number']}/approve")
    assert (status, told["approved"]) == (200, True)
    assert in_force(house).institution.hotline != "1"
    monkeypatch.undo()
    await house.app[GATEWAY].in_force.look()
    assert in_force(house).institution.hotline == "1"


# the calendar --------------------------------------------------------------------------------------------------------


async def test_days_of_the_house_are_shown_beside_the_countrys_and_name_the_dates_they_make(
    house: Any, browser: Any
) -> None:
    admin = await browser("admin")
    room = (await admin.get(f"{CALENDAR}?year=2026&language=en"))[1]
    special = {one["day"]: (one["kind"], one["name"]) for one in room["special"]}
    assert special["2026-10-01"][0] == "off"
    assert special["2026-10-01"][1] == "National Day"
    assert special["2026-02-14"][0] == "work"  # a Saturday that is swapped
    assert (room["published"], room["weekend"]) == (True, ["saturday", "sunday"])
    assert (await admin.get(f"{CALENDAR}?year=2027"))[1]["published"] is False  # as of this library
    days = {"2026-12-07": {"kind": "off", "note": "team day"}, "2026-12-12": {"kind": "work"}}
    checked = (await admin.post(f"{CALENDAR}/check", {"days": days}))[1]
    assert [(one["day"], one["before"], one["after"]) for one in checked["changed"]] == [
        ("2026-12-07", "work", "off"),
        ("2026-12-12", "off", "work"),
    ]
    await written(admin, CALENDAR, 0, days=days, complete_years=[2027])
    assert in_force(house).version == "default-2026-1+c1"
    room = (await admin.get(f"{CALENDAR}?year=2027"))[1]
    assert (room["published"], room["days"]["2026-12-07"]["note"]) == (True, "team day")
    assert "2026-12-07" not in {one["day"] for one in room["special"]}


async def test_open_cases_whose_promised_day_becomes_free_are_named_and_stay_as_promised(
    house: Any, browser: Any
) -> None:
    admin, case = await browser("admin"), house.case()  # promised for 2 December 2026
    days = {"2026-12-02": {"kind": "off", "note": "moving house"}}
    checked = (await admin.post(f"{CALENDAR}/check", {"days": days}))[1]
    assert checked["cases"] == [
        {"id": case.id, "reference": case.reference, "promised": "2026-12-02", "working": False}
    ]
    await written(admin, CALENDAR, 0, days=days)
    assert (await admin.get(f"/api/v1/cases/{case.reference}"))[1]["feedback_due"] == "2026-12-02"


@pytest.mark.parametrize(
    ("pasted", "days"),
    [
        ("2027-02-06, work, swapped", {"2027-02-06": ("work", "swapped")}),
        ("2027/2/6\t上班\n2027-02-08\t休息\t春节", {"2027-02-06": ("work", ""), "2027-02-08": ("off", "春节")}),
        ("20270206;Work\n\n# a comment\n2027年2月8日 放假", {"2027-02-06": ("work", ""), "2027-02-08": ("off", "")}),
        (
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20270205\nDTEND;VALUE=DATE:20270207\n"
            "SUMMARY:Spring Festival\nEND:VEVENT\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20270220\n"
            "SUMMARY:调休上班\nEND:VEVENT\nEND:VCALENDAR",
            {
                "2027-02-05": ("off", "Spring Festival"),
                "2027-02-06": ("off", "Spring Festival"),
                "2027-02-20": ("work", "调休上班"),
            },
        ),
    ],
)
async def test_a_list_of_days_is_read_as_people_have_it(house: Any, browser: Any, pasted: str, days: Any) -> None:
    found = (await (await browser("admin")).post(f"{CALENDAR}/read", {"text": pasted}))[1]
    assert found["problems"] == []
    assert {day: (one["kind"], one["note"]) for day, one in found["days"].items()} == days


async def test_of_a_list_with_bad_lines_nothing_is_taken_and_each_is_named(house: Any, browser: Any) -> None:
    pasted = "2027-02-06, work\n2027-02-30, off\ntomorrow, off\n2027-02-08, maybe\n2027-02-06, off\n1999-01-01, off"
    found = (await (await browser("admin")).post(f"{CALENDAR}/read", {"text": pasted}))[1]
    assert found["days"] == {}
    assert [(one["line"], one["detail"]) for one in found["problems"]] == [
        (2, "there is no day '2027-02-30'"),
        (3, "expected a day such as 2027-02-06, not 'tomorrow'"),
        (4, "expected work or off after the day, not 'maybe'"),
        (5, "2027-02-06 is work in a line above"),
        (6, "expected a day from 2000 to 2100, not '1999-01-01'"),
    ]


# texts ---------------------------------------------------------------------------------------------------------------


async def test_a_text_is_worded_shown_in_each_channel_put_in_force_and_given_back(house: Any, browser: Any) -> None:
    admin = await browser("admin")
    own = filed(EN="Our branches close at 17:00.\n", HANS="网点17:00关门。\n", HANT="分行17:00關門。\n")
    checked = (await admin.post(f"{TEXT}/check", {"texts": own}))[1]
    assert checked["problems"] == []
    shown = checked["shown"]["en"]
    assert shown["subject"] == "Your complaint is registered, reference C20261123-000421-4"
    assert "Our branches close at 17:00." in shown["chat"]
    assert shown["mail"].startswith("Dear Ms Carter,")
    assert "simply reply" in shown["chat"]
    assert "simply reply" not in shown["by_person"]
    assert [line["text"] for line in checked["diff"]["en"] if line["kind"] == "added"] == [
        "Our branches close at 17:00."
    ]
    await written(admin, TEXT, 0, texts=own)
    room = (await admin.get(TEXT))[1]
    assert (room["own"], room["texts"]["en"], room["versions"][0]["state"]) == (True, own["en"], "in_force")
    assert room["built_in"]["en"] != own["en"]
    assert Occasion.CASE_FILED in house.app[GATEWAY].rules.now.texts.wording
    await written(admin, TEXT, 1, texts={})
    assert (await admin.get(TEXT))[1]["own"] is False
    await written(admin, TEXT, 2, copy_of=1)
    assert (await admin.get(TEXT))[1]["texts"]["en"] == own["en"]
    whole = (await admin.get(f"{TEXT}/versions/2"))[1]
    assert [line["text"] for line in whole["diff"] if line["kind"] == "removed" and "17:00" in line["text"]]


@pytest.mark.parametrize(
    ("added", "field", "told"),
    [
        ({"EN": "{{ amount }}"}, "en.body", "{{ amount }} is no place of this text; there are feedback_due"),
        ({"EN": "We will answer as soon as possible."}, "en.body", "vague time"),
        ({"HANS": "我们会尽快答复您。"}, "zh-Hans.body", "vague time: 尽快"),
        ({"HANT": "我们"}, "zh-Hant.body", "character of the other script"),
        ({"EN": "{% for a in b %}{% endfor %}"}, "en.body", "for is not taken"),
        ({"EN": "{{ reference.upper() }}"}, "en.body", "is not taken"),
        ({"EN": "{% if incomplete %}"}, "en.body", "line"),
        ({"EN": "{{ reference | upper }}"}, "en.body", "there is no 'upper'"),
        ({"EN": "{{ feedback_due }} {oops}"}, "en.body", "a brace stands alone"),
    ],
)
async def test_what_is_wrong_with_a_text_is_told_and_it_is_not_kept(
    house: Any, browser: Any, added: dict[str, str], field: str, told: str
) -> None:
    admin = await browser("admin")
    texts = filed(**added)
    problems = (await admin.post(f"{TEXT}/check", {"texts": texts}))[1]["problems"]
    assert [one for one in problems if one["field"] == field and told in one["detail"]], problems
    status, refused, _ = await admin.post(f"{TEXT}/versions", {"why": "x", "based_on": 0, "texts": texts})
    assert (status, refused["code"]) == (422, "unusable")
    assert house.app[GATEWAY].rules.now.texts.wording == {}


async def test_a_place_that_the_text_can_not_do_without_is_missed_and_one_language_is_not_enough(
    house: Any, browser: Any
) -> None:
    admin = await browser("admin")
    texts = filed()
    texts["en"]["body"] = "Thank you. Your complaint is registered under {{ reference }}. {{ next_authorities }}"
    problems = (await admin.post(f"{TEXT}/check", {"texts": texts}))[1]["problems"]
    assert {
        "field": "en.body",
        "detail": "{{ feedback_due }} is missing: this text can't do without it",
        "line": None,
    } in problems
    assert any("it stands in zh-Hans, zh-Hant" in one["detail"] for one in problems)
    del texts["zh-Hant"]
    problems = (await admin.post(f"{TEXT}/check", {"texts": texts}))[1]["problems"]
    assert problems[0]["field"] == "zh-Hant"


async def test_supervisors_word_texts_where_the_policy_says_so(house: Any, browser: Any) -> None:
    house.agent("sian", Role.SUPERVISOR)
    house.agent("megan")
    admin, sian, megan = await browser("admin"), await browser("sian"), await browser("megan")
    assert (await sian.get("/api/v1/texts"))[0] == 403
    assert (await sian.post(f"{TEXT}/versions", {"why": "x", "based_on": 0, "texts": {}}))[0] == 403
    await written(admin, POLICY, 0, content=policy(changes__texts="supervisor"))
    assert (await sian.get("/api/v1/texts"))[0] == 200
    await written(sian, TEXT, 0, texts=filed(EN="Our branches close at 17:00.\n"))
    for path in ("/api/v1/texts", TEXT):
        assert (await megan.get(path))[0] == 403
    assert (await sian.get("/api/v1/texts/no_such_text"))[0] == 404
