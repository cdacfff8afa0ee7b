"""What customers ask about solutions and wish for instead, and who thinks it over or wants none of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dialogue.turn import (
    AnswerOffer,
    CallPerson,
    ConfirmSettlement,
)
from tests.dialogue.negotiated import FILED, WORDS, Negotiation, only

# asking ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "said", "says"),
    [
        ("zh-Hans", "第二个多久到账", ["第 2 种", "5 个工作日", "11月30日"]),
        ("zh-Hans", "最晚几号能办完？", ["第 1 种", "第 2 种", "第 3 种"]),
        ("zh-Hans", "第二种会影响征信吗", ["不影响您的征信记录"]),
        ("zh-Hans", "第三种具体是什么意思？", ["由分行把计算方法寄给您"]),
        ("zh-Hans", "什么时候之前要回复？", ["12月4日"]),
        ("zh-Hans", "选了还能投诉吗？", ["12378"]),
        ("zh-Hans", "第一种和第二种有什么区别", ["360 元", "180 元"]),
        ("zh-Hant", "第二個幾耐到帳", ["第 2 種", "5 個工作天"]),
        ("en", "When would I get the money with option 2?", ["5 working days", "Monday 30 November"]),
        ("en", "What does option 2 mean for my credit record?", ["your credit record is not affected"]),
        ("en", "Can I still complain to the regulator if I accept?", ["12378"]),
        ("en", "How long do I have to decide?", ["Friday 4 December"]),
    ],
)
def test_a_question_is_answered_by_the_options_own_words(
    talk: Callable[..., Any], language: str, said: str, says: list[str]
) -> None:
    negotiation = Negotiation(talk, language)
    answer = negotiation.say(said)
    assert answer.acts == ()
    for words in says:
        assert words in negotiation.text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-Hans", "第一种要交税吗？"),
        ("zh-Hans", "第三种会影响我的贷款利率吗"),
        ("zh-Hans", "你们行长知道这件事吗？"),
        ("zh-Hant", "第一個使唔使親身去分行？"),
        ("en", "What does option 1 mean for my record?"),
        ("en", "Is option 3 taxable?"),
    ],
)
def test_what_the_options_do_not_say_is_asked_of_a_person(talk: Callable[..., Any], language: str, said: str) -> None:
    negotiation = Negotiation(talk, language)
    answer = negotiation.say(said)
    assert only(answer, AnswerOffer).kind == "question"
    assert only(answer, CallPerson).reason == "offer_question"
    assert not any(meaning in negotiation.text for _, meaning in WORDS[language])


def test_after_an_answer_the_choice_is_asked_back_again_and_can_be_confirmed(talk: Callable[..., Any]) -> None:
    negotiation = Negotiation(talk)
    negotiation.say("2")
    answer = negotiation.say("多久到账？")
    assert answer.says[0].asks == ("confirm",)
    assert only(negotiation.say("对"), ConfirmSettlement).option == 2


def test_how_the_complaint_stands_is_no_question_about_the_offer(talk: Callable[..., Any]) -> None:
    negotiation = Negotiation(talk)
    answer = negotiation.say("我的投诉处理到哪一步了？")
    assert not any(isinstance(act, AnswerOffer) for act in answer.acts)
    assert FILED in negotiation.text


# wishing, declining, thinking ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-Hans", "能不能再多退一点？"),
        ("zh-Hans", "第二种可以，但要三天内到账"),
        ("zh-Hans", "我要求退720元"),
        ("zh-Hans", "第一种不行，太少了"),
        ("zh-Hans", "我希望当面道歉"),
        ("zh-Hant", "可唔可以快啲退？"),
        ("en", "Can you make it 500?"),
        ("en", "The first option is too low"),
        ("en", "I want the refund by Friday plus interest"),
        ("zh-Hans", "都不接受，除非退全款"),
        ("zh-Hans", "如果不退全款我都不接受"),
        ("zh-Hans", "我不满意"),
        ("en", "None of them unless you add interest"),
        ("en", "I don't want these, can you do better?"),
    ],
)
def test_a_wish_for_something_else_goes_to_a_person_in_the_customers_words(
    talk: Callable[..., Any], language: str, said: str
) -> None:
    negotiation = Negotiation(talk, language)
    before = negotiation.conversation.draft
    answer = negotiation.say(said)
    wish = only(answer, AnswerOffer)
    assert (wish.kind, wish.words) == ("counter", said)
    assert only(answer, CallPerson).reason == "counter_wish"
    assert answer.draft == before, "what is wished for now does not change what was complained of"
    assert negotiation.offers[0].open


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-Hans", "都不接受"),
        ("zh-Hans", "我不同意你们的方案"),
        ("zh-Hant", "兩個都唔得"),
        ("en", "None of them."),
        ("en", "no deal"),
        ("zh-Hans", "都不行。为什么这么少？"),
        ("zh-Hans", "我拒绝"),
        ("en", "I won't accept any of these."),
        ("en", "I decline the offer."),
    ],
)
def test_who_wants_none_of_it_is_told_that_the_complaint_goes_on(
    talk: Callable[..., Any], language: str, said: str
) -> None:
    negotiation = Negotiation(talk, language)
    answer = negotiation.say(said)
    assert only(answer, AnswerOffer).kind == "declined"
    assert only(answer, CallPerson).reason == "offer_declined"
    assert "12378" in negotiation.text


@pytest.mark.parametrize(
    ("language", "said", "day"),
    [
        ("zh-Hans", "我跟家人商量一下", "12月4日"),
        ("zh-Hant", "等我諗下先", "12月4日"),
        ("en", "Let me think about it", "4 December"),
    ],
)
def test_who_thinks_it_over_is_told_until_when_the_offer_stands(
    talk: Callable[..., Any], language: str, said: str, day: str
) -> None:
    negotiation = Negotiation(talk, language)
    assert negotiation.say(said).acts == ()
    assert day in negotiation.text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-Hans", "如果我都不接受会怎样？"),
        ("zh-Hans", "都不要的话怎么办"),
        ("zh-Hant", "如果我全部都唔接受會點？"),
        ("en", "What happens if I don't accept any of them?"),
        ("en", "Can I reject all of them and still complain?"),
        ("en", "If I decline the offer, does my complaint go on?"),
    ],
)
def test_who_asks_what_comes_of_taking_none_is_answered_and_ends_nothing(
    talk: Callable[..., Any], language: str, said: str
) -> None:
    negotiation = Negotiation(talk, language)
    assert negotiation.say(said).acts == ()
    assert negotiation.offers[0].open
    assert "12378" in negotiation.text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-Hans", "你们当时拒绝退款，我很生气"),
        ("zh-Hans", "银行拒绝了我的申请"),
        ("zh-Hans", "上次柜员一个都不接受我的材料"),
        ("zh-Hant", "你哋拒絕賠償"),
        ("en", "I can't accept it that nobody called me back"),
        ("en", "your branch said they refuse the refund"),
        ("en", "I don't want it to happen again"),
    ],
)
def test_words_of_a_refusal_that_is_told_turn_nothing_down(talk: Callable[..., Any], language: str, said: str) -> None:
    negotiation = Negotiation(talk, language)
    assert not any(isinstance(act, AnswerOffer) for act in negotiation.say(said).acts)
    assert negotiation.offers[0].open
