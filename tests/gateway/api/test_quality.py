"""Quality samples by the API: what can be drawn, that anybody can draw it again, who may see and write which sheet, and what is kept of it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from case_store import audit, cases, conversations, drawing
from case_store.audit import HOUSE, case_chain
from case_store.conversations import NewMessage
from case_store.records import Role, Sender
from case_store.store import Transaction
from case_store.tables_quality import quality_samples, quality_sheets
from gateway.context import GATEWAY
from gateway.quality_policy import Scale, built_in_criteria

DONE = {"status": "resolved", "outcome": "solved", "basis": "第一条", "next_steps": "已退费"}
TODAY = f"{datetime.now(UTC) + timedelta(hours=8):%Y-%m-%d}"
PERIOD = {"first_day": TODAY, "last_day": f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%d}"}
GRADES = {one.id: {"grade": one.grades[-2]} for one in built_in_criteria() if one.scale is not Scale.MEASURED}


def handled(house: Any, agent: Any, **more: Any) -> str:
    """A case that the agent has answered and resolved in time."""
    record = house.case(assignee=agent.username)
    house.store.write_now(_answer, record.conversations[0], agent)
    changes = {**DONE, **more}
    house.store.write_now(cases.change, record.id, changes, actor=f"agent:{agent.name}")
    house.store.write_now(_due, record.id, datetime.now(UTC) + timedelta(days=1))
    return str(record.id)


def _due(tx: Transaction, case: str, at: datetime) -> None:
    tx.execute(sa.update(cases.cases).where(cases.cases.c.id == case).values(feedback_due_at=at))


def _answer(tx: Transaction, conversation: str, agent: Any) -> None:
    said = NewMessage(Sender.AGENT, "我明白您的担忧。", name=agent.name, agent_id=agent.id)
    conversations.add_messages(tx, conversations.locked(tx, conversation), [said])


async def drawn(who: Any, count: int = 10, **more: Any) -> tuple[Any, list[Any]]:
    status, sample, _ = await who.post("/api/v1/quality/samples", {**PERIOD, "count": count, **more})
    assert status == 201, sample
    return sample, (await who.get(f"/api/v1/quality/samples/{sample['id']}/sheets"))[1]["items"]


async def hand_in(who: Any, sheet: Any, **more: Any) -> tuple[int, Any]:
    body = {"version": sheet["version"], "grades": GRADES, "remark": "好", **more}
    status, found, _ = await who.post(f"/api/v1/quality/sheets/{sheet['id']}/hand-in", body)
    return status, found


def entries(house: Any, chain: str = HOUSE) -> list[tuple[str, str, Any]]:
    events = house.store.read_now(audit.timeline, chain)
    return [(one.action, one.actor, one.detail) for one in events if one.action.startswith("quality")]


@pytest.fixture
async def office(house: Any, browser: Any) -> Any:
    """Megan and Aled handle cases, Sian and Rhys supervise, and a machine may read reports."""
    people = {name: house.agent(name) for name in ("megan", "aled")}
    people |= {name: house.agent(name, Role.SUPERVISOR) for name in ("sian", "rhys")}
    signed_in = {name: await browser(name) for name in people}
    signed_in["reader"] = await browser(key=house.key("reports:read"))
    return people, signed_in


# drawing ---------------------------------------------------------------------------------------------------------


@given(st.sets(st.text("0123456789abcdef", min_size=4, max_size=8)), st.text(max_size=20), st.randoms())
def test_the_same_seed_draws_the_same_cases_in_whatever_order_they_lie(ids: set[str], seed: str, random: Any) -> None:
    shuffled = sorted(ids)
    random.shuffle(shuffled)
    assert drawing.in_order(shuffled, seed) == drawing.in_order(ids, seed)
    assert set(drawing.in_order(ids, seed)) == ids


def test_every_case_is_drawn_about_as_often_as_any_other() -> None:
    ids = [f"{number:04x}" for number in range(50)]
    times = Counter(id for seed in range(2_000) for id in drawing.in_order(ids, str(seed))[:5])
    assert min(times.values()) > 150  # 200 each, with a standard deviation of 13
    assert max(times.values()) < 250


async def test_only_finished_cases_that_people_handled_are_drawn(house: Any, office: Any) -> None:
    people, here = office
    megan = people["megan"]
    resolved, closed = handled(house, megan), handled(house, megan, status="closed")
    house.case(assignee="megan")  # not finished
    handled(house, megan, status="in_progress")
    handled(house, megan, status="withdrawn")
    bots = house.case()
    house.store.write_now(cases.change, bots.id, DONE, actor="system")
    unanswered = house.case(assignee="megan")
    house.store.write_now(cases.change, unanswered.id, DONE, actor="system")
    sample, sheets = await drawn(here["sian"])
    assert {one["case"] for one in sheets} == {resolved, closed}
    assert {(one["handler"], one["handler_name"], one["state"]) for one in sheets} == {("megan", "Megan", "drawn")}
    assert (sample["pool_size"], sample["sheets"], sample["handed_in"]) == (2, 2, 0)
    assert sample["left_out"] == {"by_nobody": 2, "own": 0, "drawn": 0}


async def test_whoever_answered_most_has_handled_a_case_that_nobody_was_named_for(house: Any, office: Any) -> None:
    people, here = office
    record = house.case()
    for agent in ("aled", "megan", "megan"):
        house.store.write_now(_answer, record.conversations[0], people[agent])
    house.store.write_now(cases.change, record.id, DONE, actor="agent:Aled")
    _, [sheet] = await drawn(here["sian"])
    assert sheet["handler"] == "megan"


async def test_nobody_draws_or_scores_their_own_work(house: Any, office: Any) -> None:
    people, here = office
    own = handled(house, people["sian"])
    helped = handled(house, people["megan"])
    conversation = house.store.read_now(cases.get, helped).conversations[0]
    house.store.write_now(_answer, conversation, people["sian"])
    sample, sheets = await drawn(here["sian"])
    assert (sheets, sample["left_out"]["own"]) == ([], 2)
    _, sheets = await drawn(here["rhys"])
    by_case = {one["case"]: one for one in sheets}
    assert set(by_case) == {own, helped}
    status, problem = await hand_in(here["sian"], by_case[helped])
    assert (status, problem["code"]) == (403, "own_work")
    assert (await hand_in(here["sian"], by_case[own]))[0] == 404  # what is drawn of her work is not for her to know
    assert (await hand_in(here["rhys"], by_case[own]))[0] == 201
    assert (await hand_in(here["sian"], {**by_case[own], "version": 2}, reason="better"))[0] == 403


async def test_no_case_is_drawn_twice_in_a_quarter(house: Any, office: Any) -> None:
    people, here = office
    ids = {handled(house, people["megan"]) for _ in range(5)}
    _, first = await drawn(here["sian"], 3)
    sample, second = await drawn(here["rhys"], 10)
    assert {one["case"] for one in first} | {one["case"] for one in second} == ids
    assert (len(first), len(second), sample["left_out"]["drawn"]) == (3, 2, 3)
    before = sa.update(quality_sheets).values(quarter="2020-Q1")
    house.store.write_now(lambda tx: tx.execute(before))
    assert len((await drawn(here["sian"], 10))[1]) == 5


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"agent": "aled"}, {"aled"}),
        ({"channel": "email"}, set()),
        ({"channel": "webchat"}, {"megan", "aled", "risky"}),
        ({"category": "violation"}, {"risky"}),
        ({"first_day": "2020-01-01", "last_day": "2020-02-01"}, set()),
        ({"first_day": "2020-01-01"}, {"megan", "aled", "risky"}),
    ],
)
async def test_a_sample_is_drawn_from_what_was_asked_for(
    house: Any, office: Any, filters: dict[str, str], expected: set[str]
) -> None:
    people, here = office
    made = {"megan": handled(house, people["megan"]), "aled": handled(house, people["aled"])}
    made["risky"] = handled(house, people["megan"], category="violation")
    if filters.get("first_day") == "2020-01-01" and "last_day" not in filters:
        filters = {**filters, "first_day": f"{datetime.now(UTC) - timedelta(days=300):%Y-%m-%d}"}
    _, sheets = await drawn(here["sian"], **filters)
    assert {one["case"] for one in sheets} == {made[name] for name in expected}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"count": 0}, "count"),
        ({"count": 51}, "count"),  # as the policy says
        ({"last_day": "2026-01-01", "first_day": "2026-01-02"}, ""),
        ({"first_day": "2020-01-01"}, ""),
        ({"last_day": "9999-12-31", "first_day": "9999-12-01"}, "last_day"),
        ({"first_day": "0001-01-01", "last_day": "0001-01-01"}, "first_day"),
        ({"agent": "No Body"}, "agent"),
        ({"seed": "mine"}, "seed"),  # nobody chooses it
    ],
)
async def test_a_wrong_draw_is_refused_with_what_would_be_right(office: Any, body: Any, field: str) -> None:
    _, here = office
    status, problem, _ = await here["sian"].post("/api/v1/quality/samples", {**PERIOD, "count": 3, **body})
    assert status == 422
    assert field in [one["field"] for one in problem["errors"]]


async def test_anybody_who_may_read_draws_it_again_and_finds_what_was_tampered_with(house: Any, office: Any) -> None:
    people, here = office
    for _ in range(6):
        handled(house, people["megan"])
    sample, sheets = await drawn(here["sian"], 2)
    path = f"/api/v1/quality/samples/{sample['id']}/check"
    _, found, _ = await here["reader"].get(path)
    assert (found["same"], found["chained"], found["pool_size"]) == (True, True, 6)
    assert found["again"] == found["drawn"] == [one["case"] for one in sheets]
    [told] = [detail for action, _, detail in entries(house) if action == "quality_drawn"]
    assert (told["seed"], told["drawn"]) == (sample["seed"], found["drawn"])
    other = sa.update(quality_samples).values(seed="0" * 32)
    house.store.write_now(lambda tx: tx.execute(other))
    assert (await here["reader"].get(path))[1]["same"] is False
    assert (await here["reader"].get("/api/v1/quality/samples/none/check"))[0] == 404


async def test_the_same_request_draws_once(house: Any, office: Any) -> None:
    people, here = office
    for _ in range(4):
        handled(house, people["megan"])
    key = {"Idempotency-Key": "draw-1"}
    first = await here["sian"].post("/api/v1/quality/samples", {**PERIOD, "count": 2}, headers=key)
    again = await here["sian"].post("/api/v1/quality/samples", {**PERIOD, "count": 2}, headers=key)
    assert first[1] == again[1]
    assert len((await here["sian"].get("/api/v1/quality/samples"))[1]["items"]) == 1


# the record's own facts -------------------------------------------------------------------------------------------


async def test_what_can_be_measured_is_filled_from_the_record(house: Any, office: Any) -> None:
    people, here = office
    handled(house, people["megan"])
    late = handled(house, people["megan"])
    house.store.write_now(_due, late, datetime(2026, 1, 1, tzinfo=UTC))
    _, sheets = await drawn(here["sian"])
    for sheet in sheets:
        _, whole, _ = await here["sian"].get(f"/api/v1/quality/sheets/{sheet['id']}")
        known = whole["measured"]
        assert known["in_time"] is (sheet["case"] != late)
        assert (known["customer_messages"], known["agent_messages"]) == (1, 1)
        assert known["seconds_to_first_answer"] >= 0
        status, done = await hand_in(here["sian"], sheet)
        assert (status, done["grades"]["in_time"]["grade"]) == (201, "no" if sheet["case"] == late else "yes")
        assert done["score"] == (90.0 if sheet["case"] == late else 100.0)
    status, problem = await hand_in(
        here["rhys"], {**sheets[0], "version": 2}, grades={**GRADES, "in_time": {"grade": "yes"}}, reason="x"
    )
    assert (status, problem["errors"][0]["field"]) == (422, "grades.in_time")


# sheets ----------------------------------------------------------------------------------------------------------


async def test_a_draft_is_kept_handed_in_and_fixed_and_another_edition_says_why(house: Any, office: Any) -> None:
    people, here = office
    sian, case = here["sian"], handled(house, people["megan"])
    _, [sheet] = await drawn(sian)
    path = f"/api/v1/quality/sheets/{sheet['id']}"
    draft = {
        "grades": {"listened": {"grade": "3", "remark": "让客户说完"}, "facts": {"remark": "再看"}},
        "remark": "待定",
    }
    status, kept, answer = await sian.send("PATCH", path, draft, headers={"If-Match": '"1"'})
    assert (status, kept["state"], kept["score"], answer.headers["ETag"]) == (200, "draft", None, '"2"')
    assert kept["grades"]["facts"] == {"remark": "再看"}
    assert (await sian.send("PATCH", path, draft, headers={"If-Match": '"1"'}))[0] == 412
    assert (await sian.send("PATCH", path, draft))[0] == 428
    status, problem = await hand_in(sian, kept, grades={"listened": {"grade": "3"}})
    assert status == 422
    assert "grades.sympathy" in [one["field"] for one in problem["errors"]]
    status, done = await hand_in(sian, kept)
    assert (status, done["state"], done["edition"], done["reviewer_name"]) == (201, "handed_in", 1, "Sian")
    assert 0 < done["score"] <= 100
    status, problem, _ = await sian.send("PATCH", path, draft, headers={"If-Match": f'"{done["version"]}"'})
    assert (status, problem["code"]) == (409, "handed_in")
    assert (await hand_in(sian, done))[0] == 422  # without a reason
    status, again = await hand_in(here["rhys"], done, grades={**GRADES, "listened": {"grade": "0"}}, reason="听了录音")
    assert (status, again["edition"], again["reviewer_name"]) == (201, 2, "Rhys")
    assert again["score"] < done["score"]
    assert [(one["edition"], one["reason"], one["by"]) for one in again["editions"]] == [
        (1, None, "Sian"),
        (2, "听了录音", "Rhys"),
    ]
    assert [one["score"] for one in again["editions"]] == [done["score"], again["score"]]
    actions = [(action, actor) for action, actor, _ in entries(house)]
    assert actions == [
        ("quality_drawn", "agent:Sian"),
        ("quality_saved", "agent:Sian"),
        ("quality_handed_in", "agent:Sian"),
        ("quality_handed_in", "agent:Rhys"),
    ]
    assert entries(house, case_chain(case)) == [
        ("quality_reviewed", "agent:Sian", {"edition": 1}),
        ("quality_reviewed", "agent:Rhys", {"edition": 2}),
    ]


async def test_remarks_that_are_read_masked_and_sent_back_keep_their_numbers(house: Any, office: Any) -> None:
    people, here = office
    handled(house, people["megan"])
    _, [sheet] = await drawn(here["sian"])
    path, (name, *_) = f"/api/v1/quality/sheets/{sheet['id']}", GRADES
    said = {
        "grades": {name: {"grade": GRADES[name]["grade"], "remark": "卡6222021234567894"}},
        "remark": "证11010519491231002X",
    }
    for _ in range(2):
        version = str((await here["sian"].get(path))[1]["version"])
        status, shown, _ = await here["sian"].send("PATCH", path, said, headers={"If-Match": version})
        assert status == 200
        assert (shown["grades"][name]["remark"], shown["remark"]) == ("卡************7894", "证110***********002X")
        said = {"grades": {name: shown["grades"][name]}, "remark": shown["remark"]}
    assert await _kept(here, path, name) == ("卡6222021234567894", "证11010519491231002X")
    quoted = {**said, "remark": "证110***********002X，另见************1234"}  # as the reviewer has seen it in the case
    version = str(shown["version"])
    assert (await here["sian"].send("PATCH", path, quoted, headers={"If-Match": version}))[0] == 200
    attack = {**said, "remark": "2110***********002X"}
    status, problem, _ = await here["sian"].send("PATCH", path, attack, headers={"If-Match": str(int(version) + 1)})
    assert (status, problem["errors"][0]["field"]) == (422, "remark")
    version = (await here["sian"].get(path))[1]["version"]
    whole = {"grades": {**GRADES, **said["grades"]}, "remark": said["remark"], "version": version}
    assert (await hand_in(here["sian"], sheet, **whole))[0] == 201
    assert await _kept(here, path, name) == ("卡6222021234567894", "证11010519491231002X")


async def _kept(here: Any, path: str, name: str) -> tuple[str, str]:
    """As a machine reads it, which sees no masks."""
    found = (await here["reader"].get(path))[1]
    return found["grades"][name]["remark"], found["remark"]


@pytest.mark.parametrize(
    ("grades", "field"),
    [
        ({"mood": {"grade": "3"}}, "grades.mood"),
        ({"in_time": {"grade": "yes"}}, "grades.in_time"),
        ({"listened": {"grade": "5"}}, "grades.listened.grade"),
        ({"facts": {"grade": "3"}}, "grades.facts.grade"),
        ({"listened": {"note": "x"}}, "grades.listened.note"),
    ],
)
async def test_a_grade_that_the_sheet_does_not_have_is_refused(
    house: Any, office: Any, grades: dict[str, Any], field: str
) -> None:
    people, here = office
    handled(house, people["megan"])
    _, [sheet] = await drawn(here["sian"])
    path = f"/api/v1/quality/sheets/{sheet['id']}"
    status, problem, _ = await here["sian"].send("PATCH", path, {"grades": grades}, headers={"If-Match": '"1"'})
    assert (status, [one["field"] for one in problem["errors"]]) == (422, [field])


async def test_a_sheet_is_read_by_the_criteria_by_which_it_was_handed_in(house: Any, office: Any) -> None:
    people, here = office
    handled(house, people["megan"])
    _, [sheet] = await drawn(here["sian"])
    _, done = await hand_in(here["sian"], sheet)
    gateway = house.app[GATEWAY]
    policy = gateway.policy
    only = policy.quality.model_copy(update={"criteria": policy.quality.criteria[:1]})
    gateway.rules.put_policy(policy.model_copy(update={"quality": only, "version": "own-2"}))
    _, read, _ = await here["sian"].get(f"/api/v1/quality/sheets/{sheet['id']}")
    assert (read["criteria"], read["policy_version"]) == (done["criteria"], policy.version)
    _, now, _ = await here["sian"].get("/api/v1/quality/criteria")
    assert ([one["id"] for one in now["criteria"]], now["policy_version"]) == (["listened"], "own-2")
    status, again = await hand_in(here["sian"], done, grades={"listened": {"grade": "4"}}, reason="新标准")
    assert (status, again["score"], again["policy_version"]) == (201, 100.0, "own-2")


# who may what -----------------------------------------------------------------------------------------------------

SEES = {  # who → a sheet about Megan: drawn, handed in
    "megan": (404, 200),
    "aled": (404, 404),
    "sian": (200, 200),
    "reader": (200, 200),
}


@pytest.mark.parametrize("who", SEES)
async def test_who_sees_a_sheet(house: Any, office: Any, who: str) -> None:
    people, here = office
    handled(house, people["megan"])
    _, [sheet] = await drawn(here["sian"])
    path = f"/api/v1/quality/sheets/{sheet['id']}"
    before = (await here[who].get(path))[0]
    await hand_in(here["sian"], sheet)
    assert (before, (await here[who].get(path))[0]) == SEES[who]


MAY = [  # method, path, agent, supervisor, who reads reports
    ("GET", "samples", 403, 200, 200),
    ("POST", "samples", 403, 422, 403),
    ("GET", "samples/SAMPLE/sheets", 403, 200, 200),
    ("GET", "samples/SAMPLE/check", 403, 200, 200),
    ("PATCH", "sheets/SHEET", 403, 428, 403),
    ("POST", "sheets/SHEET/hand-in", 403, 422, 403),
    ("GET", "results", 403, 200, 200),
    ("GET", "measures", 403, 200, 200),
    ("POST", "measures", 403, 422, 403),
    ("GET", "mine", 200, 200, 200),
    ("GET", "criteria", 200, 200, 200),
]


@pytest.mark.parametrize(("method", "path", "agent", "supervisor", "reader"), MAY)
async def test_who_may_draw_score_and_read_what_many_sheets_say(
    house: Any, office: Any, method: str, path: str, agent: int, supervisor: int, reader: int
) -> None:
    people, here = office
    handled(house, people["megan"])
    sample, [sheet] = await drawn(here["sian"])
    at = "/api/v1/quality/" + path.replace("SAMPLE", sample["id"]).replace("SHEET", sheet["id"])
    body = None if method == "GET" else {}
    found = [(await here[who].send(method, at, body))[0] for who in ("megan", "aled", "sian", "reader")]
    assert found == [agent, agent, supervisor, reader]


async def test_the_handler_alone_sees_it_and_says_something_to_it_once(house: Any, office: Any) -> None:
    people, here = office
    handled(house, people["megan"])
    _, [sheet] = await drawn(here["sian"])
    path, said = f"/api/v1/quality/sheets/{sheet['id']}", {"text": "客户当时要求先挂断。"}
    assert (await here["megan"].post(f"{path}/statement", said))[0] == 404  # a draft
    await hand_in(here["sian"], sheet)
    for other in ("aled", "sian", "reader"):
        assert (await here[other].post(f"{path}/statement", said))[0] == 404
        assert (await here[other].post(f"{path}/seen"))[0] == 404
    _, mine, _ = await here["megan"].get("/api/v1/quality/mine")
    assert ([one["id"] for one in mine["items"]], mine["unseen"]) == ([sheet["id"]], 1)
    assert (await here["megan"].post(f"{path}/seen"))[1]["seen_at"] is not None
    assert (await here["megan"].get("/api/v1/quality/mine"))[1]["unseen"] == 0
    assert (await here["aled"].get("/api/v1/quality/mine"))[1]["items"] == []
    status, stated, _ = await here["megan"].post(f"{path}/statement", said)
    assert (status, stated["statement"]) == (201, said["text"])
    status, problem, _ = await here["megan"].post(f"{path}/statement", {"text": "另外……"})
    assert (status, problem["code"]) == (409, "stated")
    assert (await here["sian"].get(path))[1]["statement"] == said["text"]
    assert ("quality_stated", "agent:Megan") in [(action, actor) for action, actor, _ in entries(house)]


async def test_a_supervisors_own_sheet_is_not_among_the_others_until_it_is_handed_in(house: Any, office: Any) -> None:
    people, here = office
    handled(house, people["sian"])
    sample, [sheet] = await drawn(here["rhys"])
    path = f"/api/v1/quality/samples/{sample['id']}/sheets"
    assert (await here["sian"].get(path))[1]["items"] == []
    assert (await here["sian"].get(f"/api/v1/quality/sheets/{sheet['id']}"))[0] == 404
    await hand_in(here["rhys"], sheet)
    [shown] = (await here["sian"].get(path))[1]["items"]
    assert (shown["id"], shown["mine"]) == (sheet["id"], True)


@pytest.mark.parametrize(
    "asked", ["first_day=soon", "first_day=0001-01-01", "last_day=9999-12-31", "last_day=2100-01-02"]
)
async def test_a_period_at_the_edge_of_the_calendar_is_refused(office: Any, asked: str) -> None:
    _, here = office
    status, problem, _ = await here["reader"].get(f"/api/v1/quality/results?{asked}")
    assert (status, problem["errors"][0]["field"]) == (422, asked.partition("=")[0])


# together --------------------------------------------------------------------------------------------------------


async def test_what_the_sheets_say_together_and_a_measure_that_follows(house: Any, office: Any) -> None:
    people, here = office
    for agent in ("megan", "megan", "megan", "aled"):
        handled(house, people[agent])
    for sheet in (await drawn(here["sian"]))[1]:
        await hand_in(here["sian"], sheet, grades={**GRADES, "next_steps": {"grade": "1"}})
    _, told, _ = await here["reader"].get("/api/v1/quality/results")
    assert (told["all"]["n"], told["criteria"][0]["id"], told["criteria"][0]["average"]) == (4, "next_steps", 25.0)
    by_agent = {one["username"]: (one["n"], one["average"] is None) for one in told["agents"]}
    assert by_agent == {"megan": (3, False), "aled": (1, True)}
    _, of_aled, _ = await here["reader"].get("/api/v1/quality/results?agent=aled&channel=webchat")
    assert of_aled["all"] == {"n": 1, "average": None}
    measure = {"text": "补训后续步骤的说法", "who": "Sian", "due_on": "2026-01-01", "criterion": "next_steps"}
    status, kept, _ = await here["sian"].post("/api/v1/quality/measures", measure)
    assert (status, kept["overdue"], kept["done_at"]) == (201, True, None)
    assert (await here["sian"].post("/api/v1/quality/measures", {**measure, "criterion": "mood"}))[0] == 422
    path = f"/api/v1/quality/measures/{kept['id']}/done"
    status, done, _ = await here["rhys"].post(path, {"note": "已完成"})
    assert (status, done["done_by"], done["note"], done["overdue"]) == (200, "Rhys", "已完成", False)
    assert (await here["rhys"].post(path))[0] == 409
    assert (await here["rhys"].post("/api/v1/quality/measures/none/done"))[0] == 404
    assert [one["id"] for one in (await here["reader"].get("/api/v1/quality/measures"))[1]["items"]] == [kept["id"]]
    assert [action for action, _, _ in entries(house)][-2:] == ["quality_measure_added", "quality_measure_done"]
