"""What a record rests on, by the API: the customer's words, where they stand, who has corrected what and when."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from case_store import cases, conversations
from case_store.conversations import NewConversation, NewMessage
from case_store.ids import new_id
from case_store.records import Draft, Facts, Judgement, Opinion, Sender
from case_store.store import Transaction
from gateway.evidence import Place, Said, places

JUDGED = Judgement(
    kind=Opinion("complaint", "words_of_complaint", "投诉"),
    category=Opinion("service", "wrong_fee", "扣了我年费"),
    scope=Opinion("ours", "no_other_firm"),
    risk=Opinion("minor", "amount_minor", "一千八"),
    disposition=Opinion("immediate", "routine_wrong_fee", "扣了我年费"),
    policy_version="v1",
    doubts=(Opinion("contradiction", "denies_and_admits", "没签过 … 签了"),),
    emotion=Opinion("angry", "said_so", "气死"),
    intents=(Opinion("wants_person", "said_so", "转人工"),),
)
TOLD = ("我要投诉，气死了😡", "你们扣了我年费一千八\n没签过，好吧签了", "转人工")


def told(tx: Transaction, *texts: str, subject: str | None = None, channel: str = "webchat") -> tuple[str, str]:
    """A case of these messages; its id and the conversation's."""
    talk = new_id()
    conversations.open_conversation(tx, NewConversation(talk, channel, f"{channel}:test", "zh-Hans"))
    opened: dict[str, Any] = {"channel": channel, "account": f"{channel}:test", "language": "zh-Hans"}
    case = cases.open_draft(tx, conversation_id=talk, received_at=tx.now, customer=None, **opened)
    said = [NewMessage(Sender.CUSTOMER, text, case_id=case, mail={"subject": subject}) for text in texts]
    conversations.add_messages(tx, conversations.locked(tx, talk), said)
    facts = Facts.from_json({"amount": {"value": "1800.00", "currency": "CNY"}, "what_happened": TOLD[1]})
    cases.save_draft(tx, case, Draft(facts, evidence={"amount": "一千八", "what_happened": TOLD[1]}), JUDGED, "zh-Hans")
    return case, talk


async def test_the_messages_are_read_once(house: Any, browser: Any) -> None:
    case, _ = house.store.write_now(told, *TOLD)
    admin, statements = await browser("admin"), []
    sa.event.listen(house.store.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    await evidence(admin, case)
    assert len([one for one in statements if "FROM messages" in one]) == 1


async def evidence(agent: Any, case: str) -> dict[str, Any]:
    status, found, _ = await agent.get(f"/api/v1/cases/{case}/evidence")
    assert status == 200
    return {one["about"]: one for one in found["items"]}


async def test_every_fact_and_every_judgement_names_its_words_and_where_they_stand(house: Any, browser: Any) -> None:
    case, talk = house.store.write_now(told, *TOLD)
    found = await evidence(await browser("admin"), case)
    judged = ("kind", "category", "scope", "risk", "disposition", "emotion", "intents", "doubts")
    assert set(found) == {"facts.amount", "facts.what_happened", *(f"judgement.{name}" for name in judged)}
    place = {"conversation": talk, "message": "2", "part": "text", "start": 7, "end": 10}
    assert found["facts.amount"] == {
        "about": "facts.amount",
        "value": {"value": "1800.00", "currency": "CNY"},
        "judged": None,
        "reason": None,
        "words": "一千八",
        "source": "said",
        "places": [place],
        "corrected": None,
        "rivals": [],
        "said_as": {"value": {"value": "1800.00", "currency": "CNY"}, "words": "一千八", "places": [place]},
    }
    assert (found["judgement.category"]["reason"], found["judgement.category"]["words"]) == ("wrong_fee", "扣了我年费")
    assert found["judgement.emotion"]["places"][0]["message"] == "1"
    assert [one["start"] for one in found["judgement.doubts"]["places"]] == [11, 17]
    for one in found.values():
        for at in one["places"]:
            text = TOLD[int(at["message"]) - 1]
            assert text[at["start"] : at["end"]] in one["words"]


async def test_a_correction_stays_marked_with_who_when_and_what_it_was(house: Any, browser: Any) -> None:
    house.agent("megan")
    case, _ = house.store.write_now(told, *TOLD)
    agent = await browser("megan")
    for change in ({"facts": {"amount": {"value": "1900", "currency": "CNY"}}}, {"category": "product"}):
        assert (await agent.send("PATCH", f"/api/v1/cases/{case}", change, headers={"If-Match": "*"}))[0] == 200
    found = await evidence(agent, case)
    amount, category = found["facts.amount"], found["judgement.category"]
    assert (amount["source"], amount["words"]) == ("agent", "一千八")
    assert (amount["corrected"]["by"], amount["corrected"]["kind"]) == ("Megan", "corrected")
    assert amount["corrected"]["before"] == {"value": "1800.00", "currency": "CNY"}
    assert (category["value"], category["judged"], category["corrected"]["before"]) == ("product", "service", "service")
    assert found["judgement.risk"]["corrected"] is None
    timeline = (await agent.get(f"/api/v1/cases/{case}/timeline"))[1]["items"]
    assert amount["corrected"]["at"] in {event["at"] for event in timeline}


async def test_what_a_customer_has_confirmed_is_told_apart_from_what_an_agent_has_set(house: Any, browser: Any) -> None:
    case, _ = house.store.write_now(told, *TOLD)
    house.store.write_now(cases.confirm, case, ["amount"], actor="agent:Lin")
    found = await evidence(await browser("admin"), case)
    assert (found["facts.amount"]["corrected"]["kind"], found["facts.amount"]["source"]) == ("confirmed", "said")


async def test_words_that_are_not_there_any_more_have_no_place(house: Any, browser: Any) -> None:
    case, _ = house.store.write_now(told, "我改主意了")
    found = await evidence(await browser("admin"), case)
    assert (found["facts.amount"]["words"], found["facts.amount"]["places"]) == ("一千八", [])


async def test_what_was_filled_in_says_so(house: Any, browser: Any) -> None:
    case, _ = house.store.write_now(told, "年费扣错了", channel="webform")
    found = await evidence(await browser("admin"), case)
    assert (found["facts.amount"]["source"], found["facts.amount"]["words"]) == ("form", None)


async def test_only_who_may_read_cases_sees_it(house: Any, browser: Any) -> None:
    case, _ = house.store.write_now(told, *TOLD)
    assert (await (await browser()).get(f"/api/v1/cases/{case}/evidence"))[0] == 401
    assert (await (await browser(key=house.key("intake"))).get(f"/api/v1/cases/{case}/evidence"))[0] == 403
    assert (await (await browser("admin")).get("/api/v1/cases/nothing/evidence"))[0] == 404


@pytest.mark.parametrize(
    ("words", "texts", "found"),
    [
        ("三万五", ["亏了三万五"], [(0, 2, 5)]),
        ("第一句\n第二句", ["第一句", "第二句"], [(0, 0, 3), (1, 0, 3)]),
        ("lost all my money", ["I lost  all\nmy money"], [(0, 2, 20)]),
        ("a+b (c)", ["x a+b (c)"], [(0, 2, 9)]),
        ("没说过", ["别的"], []),
        ("\n \n", ["别的"], []),
    ],
)
def test_where_words_stand(words: str, texts: list[str], found: list[tuple[int, int, int]]) -> None:
    said = [Said("talk", number, text) for number, text in enumerate(texts)]
    assert places(words, said) == tuple(Place("talk", *one) for one in found)


def test_words_of_a_subject_are_found_there() -> None:
    assert places("乱收费", [Said("talk", 1, "如题", "投诉乱收费")]) == (Place("talk", 1, 2, 5, "subject"),)


# what else the words may say --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "fact", "values"),
    [
        (("亏了三万五", "算上手续费是36200元"), "amount", ["36200.00 CNY 36200元", "35000.00 CNY 三万五"]),
        (("扣了一千八", "就是一千八"), "amount", []),  # the value that the record has
        (("13812345678 扣了1800元",), "amount", []),  # a telephone number is no sum
        (("扣了一千八，11月2号", "11月1日就扣过100块"), "amount", ["100.00 CNY 100块"]),
    ],
)
async def test_other_values_that_the_words_hold_stand_beside_the_fact(
    house: Any, browser: Any, texts: tuple[str, ...], fact: str, values: list[str]
) -> None:
    case, _ = house.store.write_now(told, *texts)
    found = (await evidence(await browser("admin"), case))[f"facts.{fact}"]
    shown = [f"{one['value']['value']} {one['value']['currency']} {one['words']}" for one in found["rivals"]]
    assert shown == values
    for one in found["rivals"]:
        (place,) = one["places"]
        text = texts[int(place["message"]) - 1]
        assert text[place["start"] : place["end"]] == one["words"]


async def test_a_rival_that_was_chosen_is_a_correction_whose_words_are_its_own(house: Any, browser: Any) -> None:
    case, _ = house.store.write_now(told, "扣了一千八", "不对，是1900元")
    agent = await browser("admin")
    rival = (await evidence(agent, case))["facts.amount"]["rivals"][0]
    change = {"facts": {"amount": rival["value"]}}
    assert (await agent.send("PATCH", f"/api/v1/cases/{case}", change, headers={"If-Match": "*"}))[0] == 200
    found = (await evidence(agent, case))["facts.amount"]
    assert (found["corrected"]["kind"], found["said_as"]["words"]) == ("corrected", "1900元")
    assert [one["words"] for one in found["rivals"]] == ["一千八"]  # the way back is one click, too


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ("城东支行 · 理财", ["城东支行", "理财"]),
        ("要求退钱，连手续费一共36200元", ["要求退钱", "连手续费一共36200元"]),  # an aside was left out of the middle
        ("要求退钱，不是三万五", ["要求退钱，不是三万五"]),
        ("从没说过，也没写过", []),
    ],
)
def test_words_from_which_the_middle_was_left_out_are_found_by_their_parts(words: str, parts: list[str]) -> None:
    text = "在城东支行买的理财，要求退钱，不是三万五，连手续费一共36200元"
    assert [text[place.start : place.end] for place in places(words, [Said("c", 1, text)])] == parts
