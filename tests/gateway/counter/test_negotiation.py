"""Offers and settlements by the API, for a customer who writes letters: put by a person, answered to one, agreed, printed, performed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import contacts
from case_store.case_record import CaseRecord
from case_store.contacts import Contact
from case_store.offers import Option
from case_store.records import Facts, Language, Money
from case_store.settlements import Settlement
from case_store.tables_outbox import tasks as task_table
from case_store.tables_papers import settlements as settlement_table
from dialogue.wording import faults
from gateway.paper.receipt import Printing
from gateway.paper.settlement import settlement
from gateway.paper.words import catalogue
from gateway.policy import load_policy
from tests.gateway.counter.desk import text_of
from tests.gateway.counter.test_paper import NOW, SHANGHAI, case

WHOLE = {"title": "补足本金", "meaning": "23,000 元补到您原来的账户", "days": 10}
HALF = {"title": "补一半并提前赎回", "meaning": "11,500 元补到您的账户，剩余份额免费赎回", "days": 5}
LETTER = {"title": "书面说明", "meaning": "分行书面说明销售过程", "days": 0}


async def offered(counter: Any, *options: dict[str, Any], **more: Any) -> tuple[CaseRecord, dict[str, Any]]:
    filed = await counter.enter()
    status, made = await counter.post(f"/cases/{filed.id}/offers", {"options": list(options or (WHOLE, HALF)), **more})
    assert status == 201, made
    return filed, made


async def test_an_offer_to_who_writes_letters_is_put_by_a_person_with_the_words_to_say(counter: Any) -> None:
    filed, made = await offered(counter)
    assert (made["round"], made["state"], made["by_bot"]) == (1, "open", True)
    [task] = [one for one in await counter.tasks() if "补足本金" in one["words"]]
    assert task["kind"] in ("letter", "call_back")
    assert "请告诉我们编号" in task["words"]
    assert "12378" in task["words"]
    assert counter.detail(filed.id, "offered")["options"] == [WHOLE, HALF]


async def test_what_the_customer_said_on_the_telephone_makes_the_settlement(counter: Any) -> None:
    filed, made = await offered(counter)
    said = {"kind": "agreed", "option": 2, "words": "行，就第二种", "way": "phone"}
    status, answered = await counter.post(f"/offers/{made['id']}/answers", said)
    assert (status, answered["state"]) == (201, "agreed")
    _, shown = await counter.get(f"/cases/{filed.id}/negotiation")
    [agreed] = shown["settlements"]
    assert agreed["option"] == HALF
    assert (agreed["words"], agreed["way"], agreed["recorded_by"]) == ("行，就第二种", "phone", "agent:林悦")
    assert agreed["parties"]["name"] == "江敏"
    assert agreed["facts"]["amount"] == {"value": "23000.00", "currency": "CNY"}
    told = [one["words"] for one in await counter.tasks()]
    assert not any("请告诉我们编号" in words for words in told), "the offer is put no more"
    assert any("双方约定" in words or "我们和您约定" in words for words in told), "what was agreed is told in writing"
    assert "settlement_to_perform" in told


async def test_a_choice_by_letter_waits_for_the_confirmation_and_a_wish_is_kept_in_words(counter: Any) -> None:
    _, made = await offered(counter)
    path = f"/offers/{made['id']}/answers"
    _, chosen = await counter.post(path, {"kind": "choice", "option": 1, "words": "第一种", "way": "letter"})
    assert (chosen["state"], chosen["chosen"]) == ("open", 1)
    _, wished = await counter.post(path, {"kind": "counter", "words": "还要一份道歉信", "way": "letter"})
    assert (wished["state"], wished["chosen"]) == ("open", None)
    assert [one["words"] for one in wished["answers"]] == ["第一种", "还要一份道歉信"]
    _, declined = await counter.post(path, {"kind": "declined", "words": "都不要", "way": "letter"})
    assert declined["state"] == "declined"
    status, problem = await counter.post(path, {"kind": "agreed", "option": 1, "words": "好", "way": "phone"})
    assert (status, problem["code"], problem["state"]) == (409, "offer_is_over", "declined")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"options": [WHOLE]}, 422),
        ({"options": [WHOLE, HALF, LETTER, WHOLE, HALF]}, 422),
        ({"options": [WHOLE, {**HALF, "title": "补足本金"}]}, 422),
        ({"options": [WHOLE, {**HALF, "title": " "}]}, 422),
        ({"options": [WHOLE, {**HALF, "title": "a\nb"}]}, 422),
        ({"options": [WHOLE, {**HALF, "days": -1}]}, 422),
        ({"options": [WHOLE, {"title": "x", "days": 1}]}, 422),
        ({"expires_on": "2020-01-01"}, 422),
        ({"expires_on": "2999-01-01"}, 422),
        ({"solution": "no-such"}, 422),
        ({"surprise": 1}, 422),
    ],
)
async def test_an_offer_that_can_not_be_is_refused_and_nothing_is_told(
    counter: Any, change: dict[str, Any], status: int
) -> None:
    filed = await counter.enter()
    before = len(counter.rows(sa.select(task_table.c.id)))
    answer, _ = await counter.post(f"/cases/{filed.id}/offers", {"options": [WHOLE, HALF], **change})
    assert answer == status
    assert len(counter.rows(sa.select(task_table.c.id))) == before
    assert "offered" not in counter.actions(filed.id)


async def test_the_same_request_again_offers_once(counter: Any) -> None:
    filed = await counter.enter()
    key = {"Idempotency-Key": "3b0c9a4e-8a3f-4a4e-9d47-6c6a5fdb8f10"}
    body = {"options": [WHOLE, HALF]}
    first = await counter.post(f"/cases/{filed.id}/offers", body, headers=key)
    again = await counter.post(f"/cases/{filed.id}/offers", body, headers=key)
    assert first == again
    assert counter.actions(filed.id).count("offered") == 1


async def test_a_finished_case_and_one_without_a_mandate_are_offered_nothing(counter: Any) -> None:
    withdrawn = await counter.enter()
    day = {"received_on": datetime.now(SHANGHAI).date().isoformat(), "way": "letter"}
    status, _ = await counter.post(f"/cases/{withdrawn.id}/withdrawal", day)
    assert status < 300
    proxied = await counter.enter(what_happened="另一件事：卡被收了两次年费，一共 600 元。")
    status, _ = await counter.post(f"/cases/{proxied.id}/proxy", {"name": "江一", "relation": "女儿"})
    assert status < 300
    for filed, code in ((withdrawn, "not_open"), (proxied, "no_mandate")):
        status, problem = await counter.post(f"/cases/{filed.id}/offers", {"options": [WHOLE, HALF]})
        assert (status, problem["code"]) == (409, code)


async def test_a_preview_shows_the_words_and_what_is_doubtful_about_them_and_offers_nothing(counter: Any) -> None:
    filed = await counter.enter()
    vague = {**HALF, "meaning": "我们会尽快退还"}
    status, shown = await counter.post(f"/cases/{filed.id}/offers/preview", {"options": [WHOLE, vague]})
    assert status == 200
    assert "1. 补足本金" in shown["text"]
    assert any("尽快" in fault for fault in shown["faults"])
    assert "offered" not in counter.actions(filed.id)


async def test_what_is_agreed_is_performed_once_on_a_day_that_can_be(counter: Any) -> None:
    filed, made = await offered(counter)
    said = {"kind": "agreed", "option": 1, "words": "同意", "way": "counter"}
    await counter.post(f"/offers/{made['id']}/answers", said)
    _, shown = await counter.get(f"/cases/{filed.id}/negotiation")
    path = f"/settlements/{shown['settlements'][0]['id']}"
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    for day in (tomorrow, "2020-01-01"):
        status, _ = await counter.post(f"{path}/performed", {"performed_on": day})
        assert status == 422
    assert (await counter.post(f"{path}/not-performed", {"note": "x"}))[0] == 409
    status, done = await counter.post(f"{path}/performed", {"note": "回单 4711"})
    assert (status, done["performed_by"]) == (200, "agent:林悦")
    assert (await counter.post(f"{path}/performed"))[0] == 409
    assert any("回单 4711" in one["words"] for one in await counter.tasks())
    assert "settlement_to_perform" not in [one["words"] for one in await counter.tasks()]
    status, back = await counter.post(f"{path}/not-performed", {"note": "转账被退回"})
    assert (status, back["performed_on"]) == (200, None)
    assert "settlement_to_perform" in [one["words"] for one in await counter.tasks()]


async def test_what_does_not_exist_is_not_found(counter: Any) -> None:
    for path in ("/offers/x/withdraw", "/settlements/x/performed"):
        assert (await counter.post(path, {}))[0] == 404
    assert (await counter.get("/settlements/x/settlement.pdf"))[0] == 404
    assert (await counter.get("/cases/x/negotiation"))[0] == 404


async def test_the_settlement_is_printed_in_the_customers_language_and_that_stands_in_the_trail(counter: Any) -> None:
    filed, made = await offered(counter)
    said = {"kind": "agreed", "option": 1, "words": "同意补足本金", "way": "counter"}
    await counter.post(f"/offers/{made['id']}/answers", said)
    _, shown = await counter.get(f"/cases/{filed.id}/negotiation")
    status, printed = await counter.get(f"/settlements/{shown['settlements'][0]['id']}/settlement.pdf")
    assert status == 200
    text = text_of(printed)
    for words in (
        "和解约定",
        "江敏",
        "补足本金",
        "23,000元补到您原来的账户",
        "同意补足本金",
        "记录人",
        "12378",
        str(filed.reference),
    ):
        assert words in text
    assert counter.detail(filed.id, "settlement_printed")["language"] == "zh-Hans"
    _, record = await counter.get(f"/cases/{filed.id}/record.pdf?language=zh-Hans")
    text = text_of(record)
    assert "第1轮" in text
    assert "补一半并提前赎回" in text
    assert "客户确认的原话：“同意补足本金”" in text


# on paper -----------------------------------------------------------------------------------------------------------

ON_PAPER = {
    Language.HANS: ("和解约定", "履行期限", "2026年12月2日", "双方", "履行期限已过"),
    Language.HANT: ("和解約定", "履行期限", "2026年12月2日", "雙方", "履行期限已過"),
    Language.EN: ("Settlementagreement", "Tobeperformedby", "Wednesday2December2026", "Theparties", "Thedayhaspassed"),
}


def agreed(language: Language, **change: Any) -> Settlement:
    facts = Facts(about="滨江支行", what_happened="年费收了两次", amount=Money(Decimal("300"), "CNY"))
    given: dict[str, Any] = {
        "id": "s",
        "case_id": "c1",
        "offer_id": "o",
        "round": 2,
        "option_number": 2,
        "calendar_gap": False,
        "option": Option("All of it back <b>", "300 yuan, 退回 😀 您的卡", 5),
        "parties": {"house": dict(load_policy().house().name), "name": "江敏", "contact": "+8613900001111"},
        "facts": facts.to_json(),
        "language": language.value,
        "due_on": date(2026, 12, 2),
        "due_at": datetime(2026, 12, 2, 15, 59, 59, tzinfo=UTC),
        "policy_version": "p",
        "confirmed_at": NOW,
        "words": "yes — 好",
        "conversation_id": None,
        "message": None,
        "way": "webchat",
        "recorded_by": "bot",
        "performed_on": None,
        "performed_at": None,
        "performed_by": None,
        "note": None,
        "overdue_at": None,
    }
    return Settlement(**{**given, **change})


@pytest.mark.parametrize("language", Language)
def test_a_settlement_on_paper_holds_parties_facts_solution_and_day(language: Language) -> None:
    printing = Printing(load_policy().house(), SHANGHAI, language, NOW, "林悦")
    text = text_of(settlement(agreed(language), case(language), printing))
    title, due, day, parties, overdue = ON_PAPER[language]
    for words in (title, due, day, parties, "江敏", "13900001111", "Allofitback<b>", "年费收了两次", "yes—好", "12378"):
        assert words in text
    assert overdue not in text
    recorder = {Language.HANS: "记录人", Language.HANT: "記錄人", Language.EN: "Recordedby"}[language]
    assert recorder not in text, "the customer's own message confirms it"
    heard = agreed(language, way="phone", recorded_by="agent:林悦")
    assert f"{recorder}林悦" in text_of(settlement(heard, case(language), printing))
    later = Printing(load_policy().house(), SHANGHAI, language, datetime(2026, 12, 4, tzinfo=UTC), "林悦")
    assert overdue in text_of(settlement(agreed(language), case(language), later))
    done = agreed(language, performed_on=date(2026, 12, 1), note="4711")
    assert "4711" in text_of(settlement(done, case(language), later))
    assert overdue not in text_of(settlement(done, case(language), later))


@pytest.mark.parametrize("language", Language)
def test_the_words_of_a_settlement_keep_chapter_five(language: Language) -> None:
    for name, words in catalogue(language)["settlement"].items():
        assert faults(words.replace("{authorities}", "1").replace("{day}", "1"), language) == [], name


async def test_a_mail_address_that_was_only_typed_is_told_nothing_of_an_offer(counter: Any) -> None:
    """It gets a confirmation link and no facts; the offer is put by a person."""
    filed = await counter.enter()
    typed = Contact("eve@example.net", "email", None)
    counter.store.write_now(contacts.add_contact, filed.id, typed)
    await counter.post(f"/cases/{filed.id}/offers", {"options": [WHOLE, HALF]})
    assert any("补足本金" in one["words"] for one in await counter.tasks())
    assert counter.rows(sa.select(settlement_table.c.id)) == []
