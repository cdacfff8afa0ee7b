"""What goes before an answer to an offer, offers that are over, offers of two cases, letters, and who waits for a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dialogue import waiting
from dialogue.turn import (
    AnswerOffer,
    CallPerson,
    ChooseOption,
    ConfirmSettlement,
    CustomerMessage,
    Offer,
    OfferedOption,
    Proof,
    WithdrawCase,
)
from tests.dialogue.negotiated import BY, FILED, UNTIL, Negotiation, an_offer, only

# what goes before an offer, and what is over ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "reason"), [("第二种。算了，我不想活了", "danger_to_life"), ("我要人工，第二种也行", "asked")]
)
def test_danger_and_a_wish_for_a_person_go_before_any_choice(talk: Callable[..., Any], said: str, reason: str) -> None:
    answer = Negotiation(talk).say(said)
    assert only(answer, CallPerson).reason == reason
    assert not any(isinstance(act, ChooseOption) for act in answer.acts)


def test_danger_typed_beside_a_button_is_heard(talk: Callable[..., Any]) -> None:
    negotiation = Negotiation(talk)
    turn = negotiation.conversation.next_turn("2", f"offer:{'a' * 32}:2")
    turn = replace(turn, offers=negotiation.offers, messages=(CustomerMessage(0, "我不想活了"), *turn.messages))
    assert only(negotiation.conversation.take(turn), CallPerson).reason == "danger_to_life"


def test_a_yes_to_a_withdrawal_withdraws_and_agrees_to_nothing(talk: Callable[..., Any]) -> None:
    negotiation = Negotiation(talk)
    negotiation.say("我要撤回投诉")
    assert only(negotiation.say("是的"), WithdrawCase).reference == FILED


def test_a_number_that_answers_the_forms_question_chooses_nothing(talk: Callable[..., Any]) -> None:
    """A second complaint is being told while the first one's offer waits: what was asked decides how "2" is read."""
    negotiation = Negotiation(talk)
    negotiation.conversation.state |= {"phase": "open", "loop": "complaint_form", "asked": ["amount"]}
    assert not any(isinstance(act, ChooseOption) for act in negotiation.say("2").acts)
    assert only(negotiation.say("第二种方案"), ChooseOption).option == 2


def test_another_number_to_be_reached_at_is_no_wish_about_the_offer(talk: Callable[..., Any]) -> None:
    negotiation = Negotiation(talk)
    assert not any(isinstance(act, AnswerOffer) for act in negotiation.say("我的电话改成 13900002222").acts)
    assert negotiation.conversation.facts.contact == "+8613900002222"


def test_a_code_that_proves_a_case_is_no_choice(talk: Callable[..., Any]) -> None:
    answer = Negotiation(talk).say("2", proof=Proof.WRONG)
    assert not any(isinstance(act, ChooseOption) for act in answer.acts)


@pytest.mark.parametrize("state", ["expired", "withdrawn", "replaced", "declined"])
@pytest.mark.parametrize(("language", "said"), [("zh-Hans", "我选第二种"), ("en", "option 2"), ("zh-Hant", "揀第二個")])
def test_an_offer_that_is_over_binds_nobody_and_a_person_hears_of_it(
    talk: Callable[..., Any], language: str, said: str, state: str
) -> None:
    negotiation = Negotiation(talk, language, (an_offer(language, state=state),))
    answer = negotiation.say(said)
    assert only(answer, CallPerson).reason == "offer_question"
    assert not any(isinstance(act, ChooseOption | ConfirmSettlement) for act in answer.acts)


def test_a_yes_that_comes_when_the_offer_has_been_taken_back_agrees_to_nothing(talk: Callable[..., Any]) -> None:
    negotiation = Negotiation(talk)
    negotiation.say("2")
    negotiation.offers = (an_offer(state="withdrawn"),)
    answer = negotiation.say("对")
    assert not any(isinstance(act, ConfirmSettlement) for act in answer.acts)
    assert "不再有效" in negotiation.text


def test_other_words_after_an_offer_is_over_are_heard_as_ever(talk: Callable[..., Any]) -> None:
    negotiation = Negotiation(talk, offers=(an_offer(state="expired"),))
    assert not any(isinstance(act, AnswerOffer | CallPerson) for act in negotiation.say("谢谢").acts)


def test_a_button_of_a_round_that_is_replaced_shows_the_one_that_stands(talk: Callable[..., Any]) -> None:
    negotiation = Negotiation(talk)
    answer = negotiation.say("x", f"offer:{'f' * 32}:1")
    assert answer.acts == ()
    assert [choice.value for choice in answer.says[0].choices] == [f"offer:{'a' * 32}:{n}" for n in (1, 2, 3)]


# two cases ------------------------------------------------------------------------------------------------------

OTHER = Offer(
    "b" * 32,
    "C20261123-000421-2",
    1,
    (
        OfferedOption("更正账单地址", "账单改寄到新地址", 2, BY),
        OfferedOption("补寄三个月账单", "纸质账单寄到新地址", 3, BY),
    ),
    UNTIL,
)


def test_with_offers_in_two_cases_a_bare_number_is_asked_which_case(talk: Callable[..., Any]) -> None:
    negotiation = Negotiation(talk, offers=(an_offer(), OTHER))
    assert negotiation.say("2").acts == ()
    assert FILED in negotiation.text
    assert OTHER.reference in negotiation.text


@pytest.mark.parametrize(
    ("said", "offer", "option"),
    [
        ("C20261123-000421-2 第二种", OTHER.id, 2),
        ("C20261123-000420-4：第二种", "a" * 32, 2),
        ("更正账单地址那个", OTHER.id, 1),
        ("要书面说明", "a" * 32, 3),
    ],
)
def test_with_offers_in_two_cases_number_or_words_tell_them_apart(
    talk: Callable[..., Any], said: str, offer: str, option: int
) -> None:
    negotiation = Negotiation(talk, offers=(an_offer(), OTHER))
    chosen = only(negotiation.say(said), ChooseOption)
    assert (chosen.offer, chosen.option) == (offer, option)
    agreed = only(negotiation.say("对"), ConfirmSettlement)
    assert (agreed.offer, agreed.option) == (offer, option)
    assert sum(one.open for one in negotiation.offers) == 1


# letters and the queue -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "said", "option"),
    [
        ("en", "Dear team,\n\nI choose the second one.\n\nKind regards,\nDaniel Reyes", 2),
        ("en", "Hello,\n\n2\n\nDaniel", 2),
        ("zh-Hans", "您好：\n我选第一种。\n\n谢谢\n江敏", 1),
    ],
)
def test_a_letter_chooses_and_confirms(talk: Callable[..., Any], language: str, said: str, option: int) -> None:
    negotiation = Negotiation(talk, language, pace="letter")
    assert only(negotiation.say(said), ChooseOption).option == option
    yes = "Yes, agreed.\n\nRegards,\nDaniel" if language == "en" else "您好：\n同意。\n谢谢"
    assert only(negotiation.say(yes), ConfirmSettlement).option == option
    assert negotiation.text.startswith("Hello" if language == "en" else "您好")


@pytest.mark.parametrize(
    ("said", "answered"), [("2", True), ("都不要", True), ("第二种会扣税吗", False), ("再多退一点", False)]
)
def test_who_waits_for_a_person_may_still_choose_and_all_else_is_for_the_person(
    talk: Callable[..., Any], said: str, answered: bool
) -> None:
    negotiation = Negotiation(talk)
    turn = replace(negotiation.conversation.next_turn(said), offers=negotiation.offers, waiting="counter_wish")
    assert waiting.is_answered(turn) is answered


def test_a_person_who_comes_later_is_announced_with_the_time(talk: Callable[..., Any]) -> None:
    at = datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    negotiation = Negotiation(talk, person_at=at)
    negotiation.say("能不能再多退一点？")
    assert "11月24日" in negotiation.text
