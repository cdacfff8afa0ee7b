"""Canned replies by the API: whose they are, what is refused, what the house's chain keeps, and one filled from a case."""

from __future__ import annotations

from typing import Any

import pytest

from case_store import audit, canned, cases, conversations, links
from case_store.audit import HOUSE
from case_store.records import Role
from case_store.store import Transaction
from gateway.canned import FIELDS

HELLO = {"name": "Hello", "shortcut": "hi", "texts": {"en": "Dear {customer}", "zh-Hans": "{customer}您好"}}


async def kept(agent: Any, **more: Any) -> Any:
    status, found, _ = await agent.post("/api/v1/canned", {**HELLO, **more})
    assert status == 201, found
    return found


def chain(house: Any) -> list[tuple[str, str, Any]]:
    events = house.store.read_now(audit.timeline, HOUSE)
    return [(one.action, one.actor, one.detail) for one in events if one.action.startswith("canned")]


async def change(agent: Any, one: Any, body: Any, version: int | None = None) -> tuple[int, Any]:
    seen = {"If-Match": f'"{one["version"] if version is None else version}"'}
    status, found, _ = await agent.send("PATCH", f"/api/v1/canned/{one['id']}", body, headers=seen)
    return status, found


async def remove(agent: Any, one: Any) -> int:
    status, _, _ = await agent.send(
        "DELETE", f"/api/v1/canned/{one['id']}", headers={"If-Match": f'"{one["version"]}"'}
    )
    return int(status)


async def names(agent: Any) -> list[str]:
    return [one["name"] for one in (await agent.get("/api/v1/canned"))[1]["items"]]


async def test_one_is_kept_changed_and_removed_and_the_chain_tells_which_wording_stood_when(
    house: Any, browser: Any
) -> None:
    house.agent("megan")
    megan = await browser("megan")
    one = await kept(megan, then={"status": "in_progress"}, category="service", channel="email")
    assert (one["version"], one["shared"], one["changed_by"]) == (1, False, "Megan")
    assert one["then"] == {"status": "in_progress"}
    status, now = await change(megan, one, {"texts": {"en": "Hello {customer}"}, "then": None, "shortcut": None})
    assert (status, now["version"], now["texts"], now["then"]) == (200, 2, {"en": "Hello {customer}"}, None)
    assert (now["category"], now["channel"], now["shortcut"]) == ("service", "email", None)
    _, read, answer = await megan.get(f"/api/v1/canned/{one['id']}")
    assert (read, answer.headers["ETag"]) == (now, '"2"')
    assert await remove(megan, now) == 204
    assert await names(megan) == []
    told = [(action, actor, detail["version"], detail["texts"]) for action, actor, detail in chain(house)]
    assert told == [
        ("canned_added", "agent:Megan", 1, HELLO["texts"]),
        ("canned_changed", "agent:Megan", 2, {"en": "Hello {customer}"}),
        ("canned_removed", "agent:Megan", 2, {"en": "Hello {customer}"}),
    ]


async def test_what_changes_nothing_makes_no_version(house: Any, browser: Any) -> None:
    admin = await browser("admin")
    one = await kept(admin)
    assert (await change(admin, one, {"name": "Hello"}))[1]["version"] == 1
    assert len(chain(house)) == 1


async def test_nobodys_change_is_lost_under_anothers(house: Any, browser: Any) -> None:
    house.agent("sian", Role.SUPERVISOR)
    admin, sian = await browser("admin"), await browser("sian")
    one = await kept(admin, shared=True)
    assert (await change(sian, one, {"name": "Hi"}))[0] == 200
    status, problem = await change(admin, one, {"name": "Good day"})
    assert (status, problem["code"], problem["version"]) == (412, "changed_meanwhile", 2)
    assert await remove(admin, one) == 412
    for method in ("PATCH", "DELETE"):
        status, problem, _ = await admin.send(method, f"/api/v1/canned/{one['id']}", {"name": "x"})
        assert (status, problem["code"]) == (428, "version_required")
    assert await names(admin) == ["Hi"]


async def test_the_houses_are_read_by_everybody_and_written_by_supervisors(house: Any, browser: Any) -> None:
    house.agent("megan")
    house.agent("sian", Role.SUPERVISOR)
    megan, sian, admin = await browser("megan"), await browser("sian"), await browser("admin")
    assert (await megan.post("/api/v1/canned", {**HELLO, "shared": True}))[0] == 403
    one = await kept(sian, shared=True)
    assert await names(megan) == ["Hello"]
    assert (await change(megan, one, {"name": "mine"}))[0] == 403
    assert await remove(megan, one) == 403
    assert (await change(admin, one, {"name": "Welcome"}))[1]["changed_by"] == "Admin"  # no one's own: the house's
    own = await kept(megan)
    assert (await change(megan, own, {"shared": True}))[0] == 403
    assert sorted(await names(megan)) == ["Hello", "Welcome"]


async def test_anothers_own_are_not_there(house: Any, browser: Any) -> None:
    house.agent("megan")
    megan, admin = await browser("megan"), await browser("admin")
    one, id = await kept(megan), house.case().conversations[0]
    assert await names(admin) == []
    assert (await admin.get(f"/api/v1/canned/{one['id']}"))[0] == 404
    assert (await change(admin, one, {"name": "x"}))[0] == 404
    assert await remove(admin, one) == 404
    assert (await admin.post(f"/api/v1/conversations/{id}/canned/{one['id']}"))[0] == 404


async def test_ones_own_becomes_the_houses_and_comes_back(house: Any, browser: Any) -> None:
    house.agent("megan")
    house.agent("sian", Role.SUPERVISOR)
    megan, sian = await browser("megan"), await browser("sian")
    one = await kept(sian)
    assert await names(megan) == []
    _, shared = await change(sian, one, {"shared": True})
    assert (shared["shared"], await names(megan)) == (True, ["Hello"])
    assert (await change(sian, shared, {"shared": False}))[1]["shared"] is False
    assert await names(megan) == []
    assert [detail["shared"] for _, _, detail in chain(house)] == [False, True, False]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({**HELLO, "texts": {}}, "texts"),
        ({**HELLO, "texts": {"fr": "Cher {customer}"}}, "texts"),
        ({**HELLO, "texts": {"en": " "}}, "texts.en"),
        ({**HELLO, "texts": {"en": "x" * 4001}}, "texts.en"),
        ({**HELLO, "texts": {"en": "hello", "zh-Hans": "{amout}"}}, "{amout} is no field; there are " + FIELDS),
        ({**HELLO, "texts": {"en": "hello {customer"}}, "a brace stands alone"),
        ({**HELLO, "texts": {"en": "hello ⟦customer⟧"}}, "still missing"),
        ({**HELLO, "name": " "}, "name"),
        ({**HELLO, "name": "n" * 61}, "name"),
        ({**HELLO, "shortcut": "two words"}, "shortcut"),
        ({**HELLO, "category": "weather"}, "category"),
        ({**HELLO, "channel": "pigeon"}, "channel"),
        ({**HELLO, "then": {}}, "names at least one"),
        ({**HELLO, "then": {"status": "closed"}}, "then.status"),
        ({**HELLO, "then": {"status": "withdrawn"}}, "then.status"),
        ({**HELLO, "then": {"snooze_days": 91}}, "then.snooze_days"),
        ({**HELLO, "then": {"snooze_days": 1, "hand_back": "bot"}}, "either hand_back or snooze_days"),
        ({**HELLO, "then": {"assign": "megan"}}, "assign"),
        ({"name": "no text"}, "texts"),
    ],
)
async def test_what_is_wrong_with_a_reply_is_told(house: Any, browser: Any, body: Any, told: str) -> None:
    status, problem, _ = await (await browser("admin")).post("/api/v1/canned", body)
    assert status == 422
    assert told in problem["detail"]
    assert chain(house) == []


@pytest.mark.parametrize(
    ("typed", "shortcut"), [("/Hi", "hi"), ("hi", "hi"), ("你好", "你好"), ("a-b_1", "a-b_1"), ("", None), (None, None)]
)
async def test_a_shortcut_is_one_word_without_regard_to_case(
    house: Any, browser: Any, typed: str | None, shortcut: str | None
) -> None:
    assert (await kept(await browser("admin"), shortcut=typed))["shortcut"] == shortcut


async def test_a_name_and_a_shortcut_are_given_once_on_a_shelf(house: Any, browser: Any) -> None:
    admin = await browser("admin")
    await kept(admin)
    for more, code in (({"shortcut": None}, "name_taken"), ({"name": "the shortcut"}, "shortcut_taken")):
        status, problem, _ = await admin.post("/api/v1/canned", {**HELLO, **more})
        assert (status, problem["code"]) == (409, code)
    await kept(admin, name="Its own shelf", shared=True)
    shared = await kept(admin, shared=True, shortcut=None)
    assert (await change(admin, shared, {"shared": False}))[1]["code"] == "name_taken"
    other = await kept(admin, name="Other", shortcut=None)
    assert (await change(admin, other, {"shortcut": "HI"}))[1]["code"] == "shortcut_taken"
    assert len(chain(house)) == 4  # what was refused left nothing


async def test_a_shelf_has_an_end(house: Any, browser: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canned, "MOST_OWN", 2)
    monkeypatch.setattr(canned, "MOST_SHARED", 1)
    admin = await browser("admin")
    for shared, most in ((False, 2), (True, 1)):
        for number in range(most):
            await kept(admin, name=f"{number}", shortcut=None, shared=shared)
        status, problem, _ = await admin.post("/api/v1/canned", {**HELLO, "shared": shared})
        assert (status, problem["code"], problem["most"]) == (409, "too_many", most)


async def test_the_same_request_keeps_one(house: Any, browser: Any) -> None:
    admin = await browser("admin")
    first, again = [await admin.post("/api/v1/canned", HELLO, headers={"Idempotency-Key": "one"}) for _ in range(2)]
    assert first[1] == again[1]
    assert await names(admin) == ["Hello"]


async def test_the_list_is_paged(house: Any, browser: Any) -> None:
    admin = await browser("admin")
    for number in range(5):
        await kept(admin, name=f"reply {number}", shortcut=None, shared=number % 2 == 0)
    found, cursor = [], ""
    while cursor is not None:
        page = (await admin.get(f"/api/v1/canned?limit=2&cursor={cursor}"))[1]
        found += [one["name"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert found == [f"reply {number}" for number in range(5)]


async def test_a_machine_without_the_scope_neither_reads_nor_writes(house: Any, browser: Any) -> None:
    machine = await browser(key=house.key("transcripts"))
    assert (await machine.get("/api/v1/canned"))[0] == 403
    assert (await machine.post("/api/v1/canned", HELLO))[0] == 403


async def test_its_history_tells_what_it_said_before_and_nobody_elses_drafts(house: Any, browser: Any) -> None:
    house.agent("megan")
    megan, admin = await browser("megan"), await browser("admin")
    one = await kept(admin, texts={"en": "A draft of mine"})
    assert (await megan.get(f"/api/v1/canned/{one['id']}/history"))[0] == 404
    _, one = await change(admin, one, {"shared": True, "texts": {"en": "Dear {customer}"}})
    _, one = await change(admin, one, {"texts": {"en": "Hello {customer}"}})
    items = (await megan.get(f"/api/v1/canned/{one['id']}/history"))[1]["items"]
    assert [(entry["version"], entry["action"], entry["by"]) for entry in items] == [
        (3, "changed", "Admin"),
        (2, "changed", "Admin"),
    ]
    differ = [(line["kind"], line["text"]) for line in items[0]["diff"] if line["kind"] != "same"]
    assert differ == [("removed", "Dear {customer}"), ("added", "Hello {customer}")]
    assert "draft" not in str(items)
    _, one = await change(admin, one, {"shared": False})
    assert len((await admin.get(f"/api/v1/canned/{one['id']}/history"))[1]["items"]) == 4


# the starter set -----------------------------------------------------------------------------------------------------


async def test_the_starter_set_is_copied_once_and_overwrites_nothing(house: Any, browser: Any) -> None:
    house.agent("megan")
    admin, megan = await browser("admin"), await browser("megan")
    assert (await megan.post("/api/v1/canned/starters"))[0] == 403
    theirs = await kept(admin, name="Complaint received", shortcut="sorry", shared=True)
    status, added, _ = await admin.post("/api/v1/canned/starters", {"language": "en"})
    assert (status, len(added["items"])) == (201, 7)  # one's name is taken
    assert {one["name"]: one["shortcut"] for one in added["items"]}["Apology, without a promise"] is None
    changed = (await change(admin, added["items"][0], {"name": "Our own", "texts": {"en": "Our words"}}))[1]
    again = (await admin.post("/api/v1/canned/starters", {"language": "zh-Hant"}))[1]["items"]
    assert [one["name"] for one in again] == ["收到投訴"]  # the one whose name is another's in English
    assert (await megan.get(f"/api/v1/canned/{changed['id']}"))[1]["texts"] == {"en": "Our words"}
    assert (await megan.get(f"/api/v1/canned/{theirs['id']}"))[1]["texts"] == HELLO["texts"]
    assert (await admin.post("/api/v1/canned/starters"))[1]["items"] == []


async def test_what_is_being_written_is_shown_with_a_complaint_nobody_has_made(house: Any, browser: Any) -> None:
    house.agent("megan")
    texts = {"en": "Dear {customer}, {amount}", "zh-Hant": "{customer}您好 {hotline}", "zh-Hans": "{who} {"}
    _, found, _ = await (await browser("megan")).post("/api/v1/canned/preview", {"texts": texts})
    shown = {one["language"]: one for one in found["items"]}
    assert shown["en"] == {"language": "en", "text": "Dear Ms Carter, 2,300.00 Chinese yuan", "problems": []}
    assert shown["zh-Hant"]["text"] == "陳美玲女士您好 ⟦hotline⟧"
    assert [problem.split(":")[0] for problem in shown["zh-Hans"]["problems"]] == [
        f"{{who}} is no field; there are {FIELDS}",
        "a brace stands alone",
    ]


# filled from a case --------------------------------------------------------------------------------------------------


def about(tx: Transaction, conversation: str, case: str | None) -> None:
    conversations.add_messages(tx, conversations.locked(tx, conversation), [], values={"case_id": case})


def of_case(house: Any) -> tuple[Any, str]:
    case = house.case()
    (id,) = case.conversations
    house.store.write_now(about, id, case.id)
    return case, id


async def fill(agent: Any, id: str, one: Any, body: Any = None, **more: Any) -> tuple[int, Any]:
    status, found, _ = await agent.post(f"/api/v1/conversations/{id}/canned/{one['id']}", body, **more)
    return status, found


async def test_it_is_filled_in_the_conversations_language_and_nothing_is_sent(house: Any, browser: Any) -> None:
    admin, (case, id) = await browser("admin"), of_case(house)
    one = await kept(
        admin,
        texts={"zh-Hans": "{customer}您好，{reference}，{amount}，{hotline}", "en": "x"},
        then={"hand_back": "bot"},
    )
    status, found = await fill(admin, id, one)
    assert (status, found) == (
        200,
        {
            "text": f"江敏您好，{case.reference}，23,000.00人民币，⟦hotline⟧",
            "language": "zh-Hans",
            "missing": ["hotline"],
            "then": {"hand_back": "bot"},
        },
    )
    assert len((await admin.get(f"/api/v1/conversations/{id}"))[1]["messages"]) == 1
    assert house.told.replied == house.told.owned == []


async def test_no_letter_beside_a_field_shows_the_number_that_fills_it(house: Any, browser: Any) -> None:
    """`{about}a` was masked with the letter in it, by which a card is none."""
    house.agent("megan")
    agent, (case, id) = await browser("megan"), of_case(house)
    house.store.write_now(cases.change, case.id, {"facts": {"about": "卡6222021234567894"}}, actor="system")
    one = await kept(agent, texts={"zh-Hans": "{about}a"})
    assert (await fill(agent, id, one))[1]["text"] == "卡************7894a"
    robot = await browser(key=house.key("conversations:read", "conversations:write", "cases:read"))
    own = await kept(robot, texts={"zh-Hans": "{about}a"})
    assert (await fill(robot, id, own))[1]["text"] == "卡6222021234567894a"


async def test_a_language_that_is_missing_is_told_with_those_that_are_there(house: Any, browser: Any) -> None:
    admin, (_, id) = await browser("admin"), of_case(house)
    one = await kept(admin, texts={"zh-Hant": "{customer}您好", "en": "Dear {customer}, {occurred_on}"})
    status, problem = await fill(admin, id, one)
    assert (status, problem["code"]) == (409, "no_text_in_language")
    assert (problem["language"], problem["languages"]) == ("zh-Hans", ["zh-Hant", "en"])
    _, found = await fill(admin, id, one, {"language": "en"})
    assert (found["text"], found["language"]) == ("Dear 江敏, 15 November 2026", "en")


async def test_only_the_case_the_conversation_is_about_fills_it(house: Any, browser: Any) -> None:
    """The link to an earlier case says nothing, and one that is withheld neither."""
    admin, (case, id) = await browser("admin"), of_case(house)
    one = await kept(admin, texts={"zh-Hans": "{customer} {reference} {amount} {about} {occurred_on} {feedback_due}"})
    missing = ["customer", "reference", "amount", "about", "occurred_on", "feedback_due"]
    house.store.write_now(links.withhold, case.id, id, by="system", reason="proof_ended")
    assert (await fill(admin, id, one))[1]["missing"] == missing
    house.store.write_now(links.release, case.id, id, by="system", reason="known")
    house.store.write_now(about, id, None)
    assert (await fill(admin, id, one))[1]["missing"] == missing
    other = house.case()
    house.store.write_now(about, id, other.id)  # about a case that it is not linked to: a mistake tells nothing
    assert (await fill(admin, id, one))[1]["missing"] == missing


async def test_filling_takes_the_scope_of_cases(house: Any, browser: Any) -> None:
    admin, (_, id) = await browser("admin"), of_case(house)
    one = await kept(admin, shared=True)
    assert (await fill(await browser(key=house.key("conversations:read")), id, one))[0] == 403
    status, found = await fill(await browser(key=house.key("conversations:read", "cases:read")), id, one)
    assert (status, found["text"]) == (200, "江敏您好")


async def test_filling_again_under_a_key_answers_the_same(house: Any, browser: Any) -> None:
    admin, (_, id) = await browser("admin"), of_case(house)
    one = await kept(admin)
    first = await fill(admin, id, one, headers={"Idempotency-Key": "k"})
    await change(admin, one, {"texts": {"zh-Hans": "变了"}})
    assert await fill(admin, id, one, headers={"Idempotency-Key": "k"}) == first
    assert (await fill(admin, id, one))[1]["text"] == "变了"


async def test_what_is_not_there_cannot_be_filled(house: Any, browser: Any) -> None:
    admin, (_, id) = await browser("admin"), of_case(house)
    one = await kept(admin)
    assert (await fill(admin, "none", one))[0] == 404
    assert (await fill(admin, id, {"id": "none"}))[0] == 404
