"""Figures on a period, against numbers reckoned by hand: a small house in two weeks of October 2025.

The national holiday ended on 8 October; Saturday the 11th was worked for it. The house stands in Shanghai and works from 9 to 18.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from case_store import audit, cases, conversations, steps
from case_store.audit import HOUSE
from case_store.conversations import NewMessage
from case_store.records import Facts, Role, Sender
from case_store.store import Store, Transaction
from case_store.tables_cases import cases as case_rows
from case_store.tables_conversations import messages
from case_store.tables_figures import case_steps

FIGURES = "/api/v1/reports/figures"
PERIOD = "from=2025-10-06&to=2025-10-19"
ZONE = ZoneInfo("Asia/Shanghai")
RESULT = {"outcome": "solved", "basis": "b", "next_steps": "n"}
MINUTE, HOUR = 60, 3600


def at(written: str) -> datetime:
    return datetime.fromisoformat(f"2025-{written}").replace(tzinfo=ZONE)


def lived(
    house: Any,
    received: str,
    registered: str,
    *later: tuple[str, str],
    due: str = "10-22 23:59:59",
    answers: Sequence[tuple[Sender, str, str | None]] = (),
    about: str = "滨江支行",
    **more: Any,
) -> str:
    """A case with its life: each status and when it came to it."""
    made = house.case(Facts(name="江敏", contact="a@mail.example", about=about, what_happened="多收了费用"), **more)

    def unit(tx: Transaction) -> None:
        for status, _ in later:
            cases.change(tx, made.id, {"status": status} | (RESULT if status == "resolved" else {}), actor="agent:Test")
        moments = {"received_at": at(received), "registered_at": at(registered), "feedback_due_at": at(due)}
        tx.execute(sa.update(case_rows).where(case_rows.c.id == made.id).values(**moments))
        s = case_steps.c
        numbers = list(tx.execute(sa.select(s.number).where(s.case_id == made.id).order_by(s.number)).scalars())
        for number, when in zip(numbers, (registered, *(when for _, when in later)), strict=True):
            tx.execute(sa.update(case_steps).where(s.case_id == made.id, s.number == number).values(at=at(when)))
        _answered(tx, made.conversations[0], answers)

    house.store.write_now(unit)
    return str(made.id)


def _answered(tx: Transaction, conversation: str, answers: Sequence[tuple[Sender, str, str | None]]) -> None:
    for sender, when, agent_id in answers:
        new = [NewMessage(sender, "您好", agent_id=agent_id)]
        [stored] = conversations.add_messages(tx, conversations.locked(tx, conversation), new)
        here = sa.and_(messages.c.conversation_id == conversation, messages.c.number == stored.number)
        tx.execute(sa.update(messages).where(here).values(at=at(when)))


@pytest.fixture
def october(house: Any) -> dict[str, str]:
    megan = house.agent("megan")
    house.agent("carol", Role.SUPERVISOR)
    ids = {
        "answered on a Saturday": lived(
            house,
            "10-10 17:00",
            "10-10 17:05",
            ("resolved", "10-13 09:30"),
            answers=[(Sender.BOT, "10-10 17:00:30", None), (Sender.AGENT, "10-11 10:00", megan.id)],
            assignee="megan",
            category="service",
        ),
        "over the border of two weeks": lived(
            house, "10-12 23:59", "10-13 00:01", answers=[(Sender.BOT, "10-13 00:00", None)], risk="major"
        ),
        "reopened": lived(
            house,
            "10-13 10:00",
            "10-13 10:00",
            ("resolved", "10-14 12:00"),
            ("in_progress", "10-15 12:00"),
            ("withdrawn", "10-16 12:00"),
            category="product",
        ),
        "overdue": lived(
            house, "09-30 16:00", "09-30 16:00", ("resolved", "10-14 16:00"), due="10-10 23:59:59", assignee="megan"
        ),
        "merged": lived(house, "10-10 18:00", "10-10 18:00"),
    }
    house.store.write_now(_merge, ids["merged"], ids["answered on a Saturday"])
    draft = house.case(filed=False)
    begun = sa.update(case_rows).where(case_rows.c.id == draft.id).values(received_at=at("10-14 09:00"))
    house.store.write_now(lambda tx: tx.execute(begun))
    return ids


def _merge(tx: Transaction, id: str, into: str) -> None:
    """As merging.py leaves it, without moving anything: what was merged is closed under another."""
    number = cases.get(tx, into).reference
    cases.note_change(
        tx, id, audit.Entry("agent:Test", "merged_into", {"case": number}), status="closed", merged_into=number
    )


COUNTS = ("received", "registered", "resolved", "withdrawn", "reopened", "due", "overdue", "drafts", "open")
WEEKS = [
    ("2025-10-06", "2025-10-12", (2, 1, 0, 0, 0, 1, 1, 0, 2)),
    ("2025-10-13", "2025-10-19", (1, 2, 3, 1, 1, 0, 0, 1, 1)),
]


async def test_each_week_counts_what_happened_in_it(house: Any, browser: Any, october: dict[str, str]) -> None:
    told = (await (await browser("carol")).get(f"{FIGURES}?{PERIOD}"))[1]
    weeks = [(part["from"], part["to"], tuple(part[name] for name in COUNTS)) for part in told["parts"]]
    assert weeks == WEEKS
    total = told["total"]
    assert tuple(total[name] for name in COUNTS) == (3, 3, 3, 1, 1, 1, 1, 1, 1)
    assert total["open_before"] == 1
    assert (told["zone"], told["policy_version"]) == ("Asia/Shanghai", "default-2026-1")


async def test_how_long_it_took_in_working_time_and_by_the_clock(
    house: Any, browser: Any, october: dict[str, str]
) -> None:
    told = (await (await browser("carol")).get(f"{FIGURES}?{PERIOD}"))[1]
    first, second = (part["times"] for part in told["parts"])
    assert first["first_house"]["wall"] == {"median": 30, "p90": MINUTE}
    assert first["first_house"]["worked"] == {"median": 0, "p90": 30}  # nobody works on a Sunday at midnight
    person = first["first_person"]
    assert (person["count"], person["missing"], person["within"], person["of"]) == (1, 1, 1, 2)
    assert (person["worked"]["median"], person["wall"]["median"]) == (2 * HOUR, 17 * HOUR)
    assert (first["lag"]["wall"]["median"], second["lag"]["wall"]) == (5 * MINUTE, {"median": 0, "p90": 2 * MINUTE})
    handling = second["handling"]
    assert (handling["count"], handling["within"], handling["of"]) == (3, 2, 3)
    # 10 h 25 min, 11 h, and 45 h over a holiday
    assert handling["worked"] == {"median": 11 * HOUR, "p90": 45 * HOUR}
    assert handling["wall"] == {"median": 64 * HOUR + 25 * MINUTE, "p90": 14 * 24 * HOUR}
    assert first["handling"]["worked"] == {"median": None, "p90": None}


async def test_cases_are_told_apart_and_who_did_what(house: Any, browser: Any, october: dict[str, str]) -> None:
    told = (await (await browser("carol")).get(f"{FIGURES}?{PERIOD}"))[1]
    by = {row["value"]: (row["received"], row["resolved"], row["parts"]) for row in told["by"]["category"]}
    assert by == {"product": (1, 1, [0, 1]), "service": (1, 1, [1, 0]), "other": (1, 1, [1, 0])}
    assert {row["value"]: row["received"] for row in told["by"]["risk"]} == {"minor": 2, "major": 1}
    assert {row["value"]: row["received"] for row in told["by"]["about"]} == {"滨江支行": 3}
    megan = next(one for one in told["agents"] if one["username"] == "megan")
    told_of = {name: megan[name] for name in ("answered", "messages", "first_answers", "resolved", "overdue")}
    assert told_of == {"answered": 1, "messages": 1, "first_answers": 1, "resolved": 2, "overdue": 1}
    assert megan["handling"]["worked"] == {"median": 10 * HOUR + 25 * MINUTE, "p90": 45 * HOUR}


@pytest.mark.parametrize(
    ("narrowed", "received", "is_open"),
    [
        ("risk=major", 1, 1),
        ("risk=minor", 2, 0),
        ("category=product", 1, 0),
        ("channel=email", 0, 0),
        ("assignee=megan", 1, 0),
    ],
)
async def test_the_cases_are_narrowed(
    house: Any, browser: Any, october: dict[str, str], narrowed: str, received: int, is_open: int
) -> None:
    told = (await (await browser("carol")).get(f"{FIGURES}?{PERIOD}&{narrowed}"))[1]
    assert (told["total"]["received"], told["total"]["open"]) == (received, is_open)


async def test_a_past_week_tells_the_same_when_it_is_asked_again(
    house: Any, browser: Any, october: dict[str, str]
) -> None:
    carol = await browser("carol")
    asked = f"{FIGURES}?from=2025-10-06&to=2025-10-12"
    before = (await carol.get(asked))[1]

    def later(tx: Transaction) -> None:  # all this happens today
        cases.change(tx, october["over the border of two weeks"], {"status": "closed"} | RESULT, actor="agent:Test")
        cases.change(tx, october["overdue"], {"status": "in_progress"}, actor="agent:Test")

    house.store.write_now(later)
    house.case()
    after = (await carol.get(asked))[1]
    for told in (before, after):
        del told["asked_at"]
        told["by"].pop("outcome")  # what came of a case is known now
    assert before == after


async def test_what_only_one_complaint_is_about_is_not_named(house: Any, browser: Any) -> None:
    house.agent("carol", Role.SUPERVISOR)
    for about in ("信用卡", " 信用卡", "信用卡", "张三的遗产"):
        lived(house, "10-10 10:00", "10-10 10:00", about=about)
    told = (await (await browser("carol")).get(f"{FIGURES}?{PERIOD}"))[1]
    assert [(row["value"], row["received"]) for row in told["by"]["about"]] == [("信用卡", 3), ("", 1)]


async def test_an_answer_about_another_case_of_the_conversation_is_no_answer(house: Any, browser: Any) -> None:
    megan = house.agent("megan")
    house.agent("carol", Role.SUPERVISOR)
    one = lived(house, "10-10 10:00", "10-10 10:00")
    other = lived(house, "10-10 10:00", "10-10 10:00")

    def unit(tx: Transaction) -> None:
        talk = cases.get(tx, one).conversations[0]
        cases.link_conversation(tx, other, talk, linked_by="agent:Test", reason="same")
        new = [NewMessage(Sender.AGENT, "关于另一件", agent_id=megan.id, case_id=other)]
        [stored] = conversations.add_messages(tx, conversations.locked(tx, talk), new)
        here = sa.and_(messages.c.conversation_id == talk, messages.c.number == stored.number)
        tx.execute(sa.update(messages).where(here).values(at=at("10-10 11:00")))

    house.store.write_now(unit)
    times = (await (await browser("carol")).get(f"{FIGURES}?{PERIOD}"))[1]["total"]["times"]
    assert (times["first_person"]["count"], times["first_person"]["missing"]) == (1, 1)


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ("from=yesterday", "from"),
        ("to=9999-12-31", "between 2000 and 2100"),
        ("from=2025-10-19&to=2025-10-06", "from"),
        ("from=2024-01-01&to=2025-10-06", "400 days"),
        ("from=2025-01-01&to=2025-10-06&group=day", "week"),
        ("group=month", "group"),
        ("channel=fax", "channel"),
    ],
)
async def test_what_is_wrong_with_a_question_is_told(house: Any, browser: Any, asked: str, named: str) -> None:
    admin = await browser("admin")
    for path in (FIGURES, f"{FIGURES}/export", "/api/v1/reports/cases/export"):
        status, problem, _ = await admin.get(f"{path}?{asked}")
        assert status == 422
        assert named in str(problem)


async def test_days_are_the_institutions(house: Any, browser: Any, october: dict[str, str]) -> None:
    told = (await (await browser("carol")).get(f"{FIGURES}?from=2025-10-12&to=2025-10-13&group=day"))[1]
    assert [part["received"] for part in told["parts"]] == [1, 1]  # 23:59 in Shanghai is still Sunday


# the law of it ----------------------------------------------------------------------------------------------------

LIVES = st.lists(
    st.tuples(
        st.integers(0, 20),  # registered so many days after the beginning
        st.lists(
            st.tuples(
                st.sampled_from(["in_progress", "waiting_for_customer", "resolved", "closed", "withdrawn"]),
                st.integers(1, 9 * 24),
            ),
            max_size=5,
        ),
    ),
    max_size=6,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lives=LIVES)
def test_what_comes_and_goes_adds_up_to_what_is_open_in_every_part(lives: list[Any], store: Store) -> None:
    from case_store import figures as gathered
    from case_store.figures import Asked
    from gateway.figures import Figures, Group, Rules, parts
    from gateway.policy import load_policy
    from gateway.working_hours import WorkingDays, WorkingHours

    begin = datetime(2025, 10, 6, tzinfo=ZONE)
    open_at: dict[date, int] = {}

    def unit(tx: Transaction) -> None:
        tx.execute(sa.delete(case_steps))
        tx.execute(sa.update(case_rows).values(merged_into="C-none", status="closed"))
        for days, changes in lives:
            _live(tx, begin + timedelta(days=days), changes)

    store.write_now(unit)
    hours = WorkingHours(load_policy().working_hours, WorkingDays(load_policy().calendar), ZONE)
    for group in Group:
        periods = parts(date(2025, 10, 8), date(2025, 11, 6), group, ZONE)
        found = store.read_now(gathered.gather, Asked(periods[0].start, periods[-1].end), 1000)
        figures = Figures(found, periods, Rules(hours, timedelta(hours=8)))
        is_open = figures.total()["open_before"]
        for row in figures.rows():
            is_open += row["registered"] + row["reopened"] - row["resolved"] - row["withdrawn"]
            assert row["open"] == is_open
            last = date.fromisoformat(row["to"])
            assert open_at.setdefault(last, is_open) == is_open  # by day and by week the same
        midnight = periods[-1].end
        assert is_open == sum(_open(begin + timedelta(days=days), changes, midnight) for days, changes in lives)


def _live(tx: Transaction, registered: datetime, changes: list[tuple[str, int]]) -> None:
    id = cases.open_draft(
        tx,
        conversation_id=_talk(tx),
        channel="webchat",
        account="a",
        language="en",
        received_at=registered,
        customer=None,
    )
    day = registered.date()
    cases.file_case(tx, id, cases.Registration(day, day, registered + timedelta(days=9), "test"), actor="bot")
    s, when = case_steps.c, registered
    tx.execute(sa.update(case_steps).where(s.case_id == id).values(at=registered))
    tx.execute(sa.update(case_rows).where(case_rows.c.id == id).values(registered_at=registered))
    for status, after in changes:
        when += timedelta(hours=after)
        before = tx.execute(sa.select(sa.func.max(s.number)).where(s.case_id == id)).scalar_one()
        cases.change(tx, id, {"status": status}, actor="agent:Test")
        tx.execute(sa.update(case_steps).where(s.case_id == id, s.number > before).values(at=when))


def _talk(tx: Transaction) -> str:
    from case_store.ids import new_id

    id = new_id()
    conversations.open_conversation(tx, conversations.NewConversation(id, "webchat", "a", "en"))
    return id


def _open(registered: datetime, changes: list[tuple[str, int]], then: datetime) -> bool:
    """Whether a case was open, by its statuses alone."""
    status, when = ("filed", registered)
    if registered >= then:
        return False
    for following, after in changes:
        when += timedelta(hours=after)
        if when < then:
            status = following
    return status in steps.OPEN


# files ------------------------------------------------------------------------------------------------------------


async def test_the_figures_leave_as_csv_with_the_names_of_the_api(
    house: Any, browser: Any, october: dict[str, str]
) -> None:
    carol = await browser("carol")
    status, text, answer = await carol.get(f"{FIGURES}/export?{PERIOD}")
    assert (status, answer.content_type) == (200, "text/csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="qingting-figures-2025-10-06-2025-10-19.csv"'
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    found = {tuple(row[name] for name in ("part", "value", "from", "to", "measure")): row["number"] for row in rows}
    for first, last, numbers in WEEKS:
        for name, number in zip(COUNTS, numbers, strict=True):
            assert found["all", "", first, last, name] == str(number)
    whole = ("2025-10-06", "2025-10-19")
    assert found[("all", "", *whole, "handling_worked_median_seconds")] == str(11 * HOUR)
    assert found[("category", "product", *whole, "received")] == "1"
    assert found[("agent", "megan", *whole, "resolved")] == "2"
    assert len(found) == len(rows)  # nothing stands there twice
    last = house.store.read_now(audit.timeline, HOUSE)[-1]
    assert (last.actor, last.action) == ("agent:Carol", "exported")
    assert last.detail == {
        "what": "figures",
        "format": "csv",
        "from": "2025-10-06",
        "to": "2025-10-19",
        "group": "week",
        "narrowed": {},
        "rows": len(rows),
    }


OF = {"received": 3, "registered": 3, "resolved": 3, "withdrawn": 1, "reopened": 1, "due": 1, "overdue": 1}


@pytest.mark.parametrize(("of", "many"), OF.items())
async def test_the_cases_behind_a_number_leave_as_a_workbook_that_names_nobody(
    house: Any, browser: Any, october: dict[str, str], of: str, many: int
) -> None:
    machine = await browser(key=house.key("reports:read"))
    path = f"/api/v1/reports/cases/export?{PERIOD}&format=xlsx&words=en&of={of}"
    async with machine.session.get(house.url + path, headers=machine.headers) as answer:
        assert answer.status == 200
        book = openpyxl.load_workbook(io.BytesIO(await answer.read()))
    page = book["Cases"]
    assert page.max_row == many + 1
    assert page.freeze_panes == "A2"
    head = [cell.value for cell in page[1]]
    for row in page.iter_rows(min_row=2):
        values = dict(zip(head, row, strict=True))
        assert values["Received"].is_date
        assert not {"江敏", "a@mail.example", "多收了费用", "滨江支行"} & {cell.value for cell in row}
    assert house.store.read_now(audit.timeline, HOUSE)[-1].detail["rows"] == many
    assert ("Policy version", "default-2026-1") in set(book["What is counted"].iter_rows(values_only=True))


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
async def test_the_workbook_of_figures_is_in_words(
    house: Any, browser: Any, october: dict[str, str], language: str
) -> None:
    carol = await browser("carol")
    path = f"{FIGURES}/export?{PERIOD}&format=xlsx&words={language}"
    async with carol.session.get(house.url + path, headers=carol.headers) as answer:
        book = openpyxl.load_workbook(io.BytesIO(await answer.read()))
    page = book.worksheets[0]
    rows = [[cell.value for cell in row][2:4] for row in page.iter_rows(min_row=2)]
    assert rows == [[2, 1], [1, 2], [3, 3]]
    assert page["A2"].is_date
    assert len(book.worksheets) == 5


async def test_a_period_with_too_many_cases_says_what_would_be_right(
    house: Any, browser: Any, october: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from gateway.api import exports

    monkeypatch.setattr(exports, "MOST_ROWS", 2)
    status, problem, _ = await (await browser("carol")).get(f"/api/v1/reports/cases/export?{PERIOD}")
    assert (status, problem["code"], problem["count"], problem["most"]) == (422, "too_many_cases", 4, 2)
    assert "shorter period" in problem["detail"]


async def test_nobody_exports_without_the_right_to_and_a_look_at_the_head_is_no_export(
    house: Any, browser: Any
) -> None:
    house.agent("megan")
    agent, admin = await browser("megan"), await browser("admin")
    before = len(house.store.read_now(audit.timeline, HOUSE))
    for path in (FIGURES, f"{FIGURES}/export", "/api/v1/reports/cases/export"):
        assert (await agent.get(path))[0] == 403
    assert (await admin.send("HEAD", f"{FIGURES}/export"))[0] == 200
    assert len(house.store.read_now(audit.timeline, HOUSE)) == before


async def test_the_description_of_figures_keeps_what_is_answered(house: Any, browser: Any) -> None:
    import jsonschema

    house.case()
    admin = await browser("admin")
    described = (await admin.get("/api/openapi.json"))[1]
    for path in ("reports/figures", "reports/now", "reports/now/conversations", "reports/now/cases"):
        told = (await admin.get(f"/api/v1/{path}"))[1]
        content = described["paths"][f"/api/v1/{path}"]["get"]["responses"]["200"]["content"]
        schema = {**content["application/json"]["schema"], "components": described["components"]}
        jsonschema.validate(told, schema)


def test_a_day_of_another_zone_is_none_of_ours() -> None:
    assert at("10-12 23:59").astimezone(UTC).date() == date(2025, 10, 12)
