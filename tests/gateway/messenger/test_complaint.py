"""A whole complaint by Telegram, in each language: greeting with the privacy notice, questions, read-back with buttons, reference."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from case_store.records import Language
from case_store.reference import references_in
from dialogue.wording import faults
from tests.gateway.messenger.conftest import Desk

TELLING = {
    "zh-hans": [
        "你们中山路支行11月3号多扣了我300元手续费，事先没有告诉我",
        "把钱退给我",
        "林芳，13800138000",
    ],
    "zh-hant": [
        "你們中環分行11月3日多收了我300元手續費，事前沒有告訴我",
        "請退還給我",
        "陳大文，+852 9123 4567",
    ],
    "en": [
        "You charged me a fee of 300 yuan on 3 November in your Leeds branch, and nobody had told me",
        "I want it back",
        "Ann Lee, ann@customer.example",
    ],
}
NOTICE = {
    "zh-hans": "您在这里提供的内容只用于",
    "zh-hant": "您在這裡提供的內容只用於",
    "en": "What you tell us here is used only",
}
LANGUAGES = {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant", "en": "en"}


@pytest.mark.parametrize("code", list(TELLING))
async def test_a_whole_complaint(desk: Desk, customer: Callable[..., Any], code: str) -> None:
    someone = customer(4711, language_code=code)
    greeting = await desk.say(someone, "/start")
    assert NOTICE[code] in greeting
    assert desk.conversation().row["notice_version"] == desk.gateway.policy.privacy.version
    for line in TELLING[code]:
        told = await desk.say(someone, line)
        assert told
        assert NOTICE[code] not in told, "it is shown once"
    readback = desk.asked()
    assert "300" in readback.text
    filed = await desk.press(someone, "affirm")
    [case] = desk.cases()
    assert references_in(filed) == [case.reference]
    assert case.channel == "telegram"
    assert case.language == LANGUAGES[code]
    assert case.facts.amount is not None
    assert f"{case.facts.amount.value}" == "300.00"
    assert case.facts.contact is not None
    assert "telegram" not in case.facts.contact
    assert case.contacts[0] == "telegram:4711"
    for sent in desk.api.sent:
        assert faults(sent.text, Language(case.language)) == [], sent.text
    assert desk.tasks() == []
    assert [message.text for message in desk.said()][1:-1] == TELLING[code]


async def test_a_customer_who_begins_without_start_sees_the_privacy_notice_first(desk: Desk, ann: Any) -> None:
    told = await desk.say(ann, TELLING["en"][0])
    assert told.startswith(NOTICE["en"])
    assert desk.conversation().row["notice_version"] == desk.gateway.policy.privacy.version
    assert NOTICE["en"] not in await desk.say(ann, "/start"), "it was shown"


async def test_a_burst_is_answered_once(desk: Desk, ann: Any) -> None:
    await desk.say(ann, "/start")
    for part in ("You charged me", "a fee of 300 yuan", "on 3 November in your Leeds branch"):
        desk.api.write(ann, part)
    await desk.read()
    await desk.settle()
    assert len(desk.api.texts(ann)) == 2
    assert [message.text for message in desk.said()][1:] == [
        "You charged me",
        "a fee of 300 yuan",
        "on 3 November in your Leeds branch",
    ]


@pytest.mark.parametrize(
    ("code", "locale"),
    [
        ("zh-TW", "zh-Hant"),
        ("zh-hk", "zh-Hant"),
        ("zh", "zh-Hans"),
        ("en-GB", "en"),
        ("ru", "en"),
        (None, "en"),
        ("enm", "en"),
    ],
)
async def test_the_greeting_is_in_the_language_of_the_customers_telegram(
    desk: Desk, customer: Callable[..., Any], code: str | None, locale: str
) -> None:
    await desk.say(customer(1, language_code=code), "/start")
    assert desk.conversation().row["language"] == locale


async def test_a_contact_is_asked_for_and_may_be_declined(desk: Desk, ann: Any) -> None:
    for line in ("/start", *TELLING["en"][:2]):
        await desk.say(ann, line)
    await desk.say(ann, "Ann Lee")
    told = await desk.say(ann, "I would rather not give a number")
    assert "tell you here" in told, "they are reached in Telegram"
    assert "contact" in desk.cases()[0].declined
    filed = await desk.press(ann, "affirm")
    assert "left no contact" not in filed
    assert desk.cases()[0].facts.contact is None


async def test_a_contact_is_not_asked_for_where_policy_wants_none(desk: Desk, ann: Any) -> None:
    messenger = desk.gateway.policy.messenger.model_copy(update={"ask_contact": False})
    policy = desk.gateway.policy.model_copy(update={"messenger": messenger})
    desk.notices.promises.rules.put_policy(policy)
    for line in ("/start", *TELLING["en"][:2], "Ann Lee"):
        await desk.say(ann, line)
    assert desk.asked().text.count("?") <= 1
    assert not re.search(r"phone|e-mail", desk.asked().text)


async def test_their_own_number_shared_is_a_contact_and_somebody_elses_is_none(desk: Desk, ann: Any) -> None:
    for line in ("/start", *TELLING["en"][:2]):
        await desk.say(ann, line)
    others = {"phone_number": "8613900139000", "first_name": "Bob", "user_id": 9}
    desk.api.push(message=desk.api.message(ann, contact=others))
    await desk.settle()
    assert desk.cases()[0].facts.contact is None
    assert desk.said()[-1].text == "[contact: Bob, +8613900139000]"
    own = {"phone_number": "8613800138000", "first_name": "Ann", "user_id": ann.id}
    desk.api.push(message=desk.api.message(ann, contact=own))
    await desk.settle()
    assert desk.cases()[0].facts.contact == "+8613800138000"


@pytest.mark.parametrize("code", ["zh-hans", "zh-hant"])
async def test_their_own_number_shared_is_a_contact_in_chinese_too(
    desk: Desk, customer: Callable[..., Any], code: str
) -> None:
    someone = customer(4711, language_code=code)
    for line in ("/start", *TELLING[code][:2]):
        await desk.say(someone, line)
    desk.api.push(message=desk.api.message(someone, contact={"phone_number": "+85291234567", "user_id": 4711}))
    await desk.settle()
    assert desk.cases()[0].facts.contact == "+85291234567"


async def test_words_of_the_help_do_what_it_says(desk: Desk, ann: Any) -> None:
    for line in ("/start", *TELLING["en"]):
        await desk.say(ann, line)
    told = await desk.say(ann, "/help")
    assert "“complaint status”" in told
    assert "not registered yet" in await desk.say(ann, "complaint status")
    assert "withdraw" in (await desk.say(ann, "withdraw my complaint")).lower()
    assert desk.asked().buttons[1]["text"] == "No, keep it"
    await desk.press(ann, "deny")
    await desk.say(ann, "a person")
    assert desk.conversation().row["owner"] == "queue"


@pytest.mark.parametrize(
    ("code", "words"),
    [("zh-hans", ("查进度", "人工", "撤回投诉")), ("zh-hant", ("查進度", "真人", "撤回投訴"))],
)
async def test_words_of_the_help_do_what_it_says_in_chinese(
    desk: Desk, customer: Callable[..., Any], code: str, words: tuple[str, ...]
) -> None:
    someone = customer(4711, language_code=code)
    for line in ("/start", *TELLING[code]):
        await desk.say(someone, line)
    told = await desk.say(someone, "/help")
    assert all(word in told for word in words)
    await desk.press(someone, "affirm")
    assert references_in(await desk.say(someone, words[0]))
    await desk.say(someone, words[2])
    assert [button["text"] for button in desk.asked().buttons]
    await desk.press(someone, "deny")
    await desk.say(someone, words[1])
    assert desk.conversation().row["owner"] == "queue"
