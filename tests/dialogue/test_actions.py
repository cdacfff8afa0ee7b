"""What the script can do: registering, handing over, withdrawing, explaining."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from case_store.records import Status
from dialogue.script import default_script
from dialogue.steps import ACTIONS
from dialogue.turn import REFERENCE, CallPerson, FileCase, WithdrawCase

Talk = Callable[..., Any]

WHOLE = "我叫李雷，手机13812345678，上个月15号在你们西湖支行被扣了3500元服务费，要求全额退还"


def test_every_action_of_the_script_is_written() -> None:
    assert default_script().actions == set(ACTIONS)


def test_registering_leaves_the_reference_open_for_the_house(talk: Talk) -> None:
    heard = talk()
    heard.say(WHOLE)
    answer = heard.say("对")
    assert answer.acts == (FileCase(),)
    assert REFERENCE in answer.says[0].text


@pytest.mark.parametrize("status", list(Status))
def test_every_status_has_its_words(status: Status, talk: Talk) -> None:
    for locale in ("zh-Hans", "zh-Hant", "en"):
        heard = talk(locale=locale)
        heard.say(
            "My name is Ann Lee, ann@example.org. On 3 November your York branch charged me a £30 fee. Please refund it."
        )
        heard.say("yes")
        heard.cases = tuple(replace(case, status=status) for case in heard.cases)
        heard.say("what is the status of my complaint?")
        assert heard.cases[0].reference in heard.text
        dated = status not in (Status.RESOLVED, Status.CLOSED, Status.WITHDRAWN)
        assert ("2 December" in heard.text) == dated


def test_a_question_for_data_lists_them_and_calls_a_person_but_goes_on(talk: Talk) -> None:
    heard = talk()
    heard.say("信用卡被多扣了手续费3500元，上个月15号")
    answer = heard.say("你们保存了我哪些个人信息")
    assert answer.acts == (CallPerson("data_request"),)
    assert "3,500 元" in heard.text


def test_withdrawal_takes_back_the_case_that_is_open(talk: Talk) -> None:
    heard = talk()
    heard.say(WHOLE)
    heard.say("对")
    reference = heard.cases[0].reference
    heard.say("我要撤回投诉")
    assert reference in heard.text
    assert heard.asks == ("confirm",)
    assert heard.say("确认撤回", choice="affirm").acts == (WithdrawCase(reference),)


def test_nothing_to_withdraw(talk: Talk) -> None:
    heard = talk()
    assert heard.say("撤回投诉").acts == ()
    assert heard.asks == ()


@pytest.mark.parametrize(
    ("house", "money"),
    [("CN", "3,500 元"), ("HK", "3,500 港元"), ("TW", "新台币 3,500 元")],
)
def test_an_amount_is_read_back_in_its_currency(house: str, money: str, talk: Talk) -> None:
    heard = talk(house=house)
    heard.say("信用卡被多扣了手续费3500元，上个月15号，要求退还，我叫李雷，邮箱li@example.org")
    assert money in heard.text


def test_without_a_contact_the_reference_is_all_there_is(talk: Talk) -> None:
    heard = talk()
    heard.say("信用卡被多扣了手续费3500元，上个月15号，要求退还")
    heard.say("不想说")
    assert heard.asks == ("confirm",)
    heard.say("对")
    assert "请凭编号打电话或当面来问" in heard.text


@pytest.mark.parametrize(
    ("locale", "told", "shown"),
    [
        ("zh-Hans", "10月12日扣了我300元年费。\n请退还", "300元年费。请退还"),
        ("zh-Hans", "10月12日扣了我300元年费\n请退还", "300元年费；请退还"),
        ("zh-Hant", "10月12日扣了我300元年費！\n請退還", "300元年費！請退還"),
        ("en", "You took £45 twice on 5 November.\nGive it back", "5 November. Give it back"),
        ("en", "You took £45 twice on 5 November\nGive it back", "5 November; Give it back"),
    ],
)
def test_a_sentence_that_has_its_end_gets_no_other_mark_at_the_read_back(
    talk: Callable[..., Any], locale: str, told: str, shown: str
) -> None:
    heard = talk(locale=locale, pace="letter")
    heard.say(told)
    assert shown in heard.text
