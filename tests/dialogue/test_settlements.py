"""What is agreed already: how it stands when it is asked, and who regrets it or misses what was to come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from case_store.records import Status
from dialogue.turn import Agreed, BotTurn, CallPerson, CaseGlance, ChooseOption, ConfirmSettlement
from tests.dialogue.negotiated import BY, FILED, WORDS, Negotiation, an_offer, only

DONE = date(2026, 11, 27)


def told(
    talk: Callable[..., Any], language: str, said: str, pace: str = "live", choice: str | None = None, **agreed: Any
) -> tuple[BotTurn, str]:
    """The answer to who has agreed to the second option, as the house knows the settlement."""
    negotiation = Negotiation(
        talk, language, (an_offer(language, state="agreed"),), **({"pace": pace} if pace == "letter" else {})
    )
    glance = CaseGlance(FILED, Status.FILED, date(2026, 12, 2), None, (Agreed(WORDS[language][1][0], BY, **agreed),))
    turn = replace(negotiation.conversation.next_turn(said, choice), offers=negotiation.offers, cases=(glance,))
    return negotiation.conversation.take(turn), negotiation.text


ASKED = [
    ("zh-Hans", "我的投诉处理到哪一步了？", "11月30日"),
    ("zh-Hans", "什么时候退款到账？", "11月30日"),
    ("zh-Hans", "我们约定了什么", "11月30日"),
    ("zh-Hant", "進度點呀", "11月30日"),
    ("en", "How is my complaint going?", "30 November"),
    ("en", "when do I get the money?", "30 November"),
    ("en", "What did we agree?", "30 November"),
]


@pytest.mark.parametrize(("language", "said", "day"), ASKED)
def test_who_asks_how_it_stands_hears_what_was_agreed_and_by_when(
    talk: Callable[..., Any], language: str, said: str, day: str
) -> None:
    answer, text = told(talk, language, said)
    assert WORDS[language][1][0] in text
    assert day in text
    assert answer.acts == ()


@pytest.mark.parametrize(
    ("language", "said"), [("zh-Hans", "我的投诉处理到哪一步了？"), ("en", "How is my complaint going?")]
)
def test_what_is_done_and_what_is_late_is_said_as_it_is(talk: Callable[..., Any], language: str, said: str) -> None:
    _, done = told(talk, language, said, done_on=DONE)
    assert ("27 November" if language == "en" else "11月27日") in done
    assert ("was completed" if language == "en" else "已经在") in done
    _, late = told(talk, language, said, late=True)
    assert ("listed as overdue" if language == "en" else "列为逾期") in late


def test_a_letter_that_asks_how_it_stands_is_answered_too(talk: Callable[..., Any]) -> None:
    _, text = told(talk, "en", "Dear team,\n\nHow is my complaint going?\n\nRegards,\nDaniel", "letter")
    assert WORDS["en"][1][0] in text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-Hans", "我反悔了，要第一种"),
        ("zh-Hans", "我不同意了"),
        ("zh-Hans", "第一种"),
        ("zh-Hant", "我反悔喇"),
        ("en", "I changed my mind, option 1 please"),
        ("en", "I take it back"),
        ("en", "option 1"),
    ],
)
def test_who_regrets_it_changes_nothing_and_gets_a_person(talk: Callable[..., Any], language: str, said: str) -> None:
    answer, text = told(talk, language, said)
    assert only(answer, CallPerson).reason == "settlement_question"
    assert not any(isinstance(act, ChooseOption | ConfirmSettlement) for act in answer.acts)
    assert WORDS[language][1][0] in text


@pytest.mark.parametrize(
    ("value", "person"),
    [("yes:2", False), ("2", False), ("no", True), ("1", True), ("yes:1", True), ("OTHER:2", True)],
)
def test_a_button_pressed_again_after_the_agreement_never_says_that_nothing_was_agreed(
    talk: Callable[..., Any], value: str, person: bool
) -> None:
    """`OTHER`: of a round before."""
    pressed = f"offer:{value.replace('OTHER', 'f' * 32) if 'OTHER' in value else 'a' * 32 + ':' + value}"
    answer, text = told(talk, "en", "x", choice=pressed)
    assert "nothing has been agreed" not in text
    assert WORDS["en"][1][0] in text
    assert any(isinstance(act, CallPerson) for act in answer.acts) is person


def test_a_yes_to_what_was_agreed_elsewhere_meanwhile_says_what_is_agreed(talk: Callable[..., Any]) -> None:
    negotiation = Negotiation(talk)
    negotiation.say("2")
    glance = CaseGlance(FILED, Status.FILED, None, None, (Agreed(WORDS["zh-Hans"][0][0], BY),))
    turn = replace(negotiation.conversation.next_turn("对"), offers=(an_offer(state="agreed"),), cases=(glance,))
    assert negotiation.conversation.take(turn).acts == ()
    assert WORDS["zh-Hans"][0][0] in negotiation.text


@pytest.mark.parametrize(
    ("language", "said"), [("zh-Hans", "钱还没到"), ("zh-Hant", "啲錢仲未到"), ("en", "the money has not arrived")]
)
def test_who_misses_it_before_its_day_is_told_the_day_and_after_it_gets_a_person(
    talk: Callable[..., Any], language: str, said: str
) -> None:
    answer, _ = told(talk, language, said)
    assert answer.acts == ()
    for missing in ({"late": True}, {"done_on": DONE}):
        answer, _ = told(talk, language, said, **missing)
        assert only(answer, CallPerson).reason == "settlement_question"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-Hans", "2"),
        ("zh-Hans", "谢谢"),
        ("zh-Hans", "对"),
        (
            "zh-Hans",
            "还有一件事：上个月十五号你们西湖支行的柜员没有把我的身份证还给我，我去了三次都说没收到，要求道歉。",
        ),
        ("en", "thanks"),
        (
            "en",
            "Something else happened: on 15 November your Leeds branch told me that they had never received my "
            "identity card, though I had left it with them. I want an apology.",
        ),
    ],
)
def test_what_is_not_about_it_is_heard_as_ever(talk: Callable[..., Any], language: str, said: str) -> None:
    answer, text = told(talk, language, said)
    assert not any(isinstance(act, CallPerson) and act.reason == "settlement_question" for act in answer.acts)
    assert WORDS[language][1][0] not in text


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
def test_who_asks_how_it_stands_while_an_offer_waits_is_shown_it_and_until_when(
    talk: Callable[..., Any], language: str
) -> None:
    """Also one that an agent keeps: the answer to it is theirs, that it waits is no secret."""
    negotiation = Negotiation(talk, language)
    glance = CaseGlance(FILED, Status.FILED, date(2026, 12, 2), an_offer(language))
    said = "How is my complaint going?" if language == "en" else "我的投诉处理到哪一步了？"
    negotiation.conversation.take(replace(negotiation.conversation.next_turn(said), cases=(glance,)))
    assert all(title in negotiation.text for title, _ in WORDS[language])
    assert ("4 December" if language == "en" else "12月4日") in negotiation.text
