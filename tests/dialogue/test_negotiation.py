"""What customers say to solutions that are offered, and what comes of it: every way of choosing, and none that binds by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from case_store.records import Language
from dialogue.negotiation import Voice, presentation
from dialogue.turn import (
    AnswerOffer,
    ChooseOption,
    ConfirmSettlement,
    OfferedOption,
)
from dialogue.wording import faults
from tests.dialogue.negotiated import BY, FILED, WORDS, Negotiation, an_offer, only

# choosing --------------------------------------------------------------------------------------------------------

CHOSEN = [
    *(("zh-Hans", said, 2) for said in ("2", "二", "②", "2。", "第二", "第二种", "第二个吧，谢谢", "选2", "我选第二个", "就二吧")),
    *(("zh-Hans", said, 2) for said in ("方案二", "方案B", "要2号", "中间那个", "退一半那个", "第二种可以", "就按第二种办吧")),
    *(("zh-Hans", said, 1) for said in ("全额退回手续费", "不要第二种，要第一种", "第一", "1", "那还是第一种吧")),
    *(("zh-Hans", said, 3) for said in ("最后一个", "要书面说明", "而不是第一种，第三种", "三")),
    *(("zh-Hant", said, 2) for said in ("揀第二個", "我要第二個", "第二種", "就第二個啦唔該", "選二", "方案2")),
    *(("zh-Hant", said, 3) for said in ("唔要第一個，要第三個", "書面說明嗰個")),
    *(("en", said, 2) for said in ("2", "option 2", "Option B please", "the second one", "I'll take the second", "number two")),
    *(("en", said, 2) for said in ("2 please", "I would go for 2", "not the first, the second", "half back and no annual fee")),
    *(("en", said, 1) for said in ("first", "the full refund", "I choose option one")),
    *(("en", said, 3) for said in ("the last one", "the written explanation")),
]  # fmt: skip


@pytest.mark.parametrize(("language", "said", "option"), CHOSEN)
def test_every_way_of_choosing_is_asked_back_with_what_it_means(
    talk: Callable[..., Any], language: str, said: str, option: int
) -> None:
    negotiation = Negotiation(talk, language)
    answer = negotiation.say(said)
    assert only(answer, ChooseOption).option == option
    assert not any(isinstance(act, ConfirmSettlement) for act in answer.acts)
    title, meaning = WORDS[language][option - 1]
    assert title in negotiation.text
    assert meaning in negotiation.text
    assert "12378" in negotiation.text
    assert answer.says[0].asks == ("confirm",)
    assert answer.draft == negotiation.conversation.draft, "a choice is no fact of the complaint"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-Hans", "第二天才到账"),
        ("zh-Hans", "江敏 13900001111"),
        ("zh-Hans", "我第二次打电话是周五"),
        ("zh-Hant", "第一次打電話冇人理"),
        ("en", "first of all, nobody called me back"),
        ("en", "I was charged twice"),
    ],
)
def test_a_number_that_stands_for_something_else_chooses_nothing(
    talk: Callable[..., Any], language: str, said: str
) -> None:
    assert not any(
        isinstance(act, ChooseOption | ConfirmSettlement) for act in Negotiation(talk, language).say(said).acts
    )


def test_a_button_chooses_the_option_it_stands_for(talk: Callable[..., Any]) -> None:
    negotiation = Negotiation(talk)
    answer = negotiation.say("2. 退回一半并免一年年费", f"offer:{'a' * 32}:2")
    assert only(answer, ChooseOption).option == 2
    yes, no = answer.says[0].choices
    assert only(negotiation.say(yes.label, yes.value), ConfirmSettlement).option == 2
    assert no.value == f"offer:{'a' * 32}:no"


def test_the_words_of_a_button_alone_alarm_nobody_and_withdraw_nothing(talk: Callable[..., Any]) -> None:
    option = OfferedOption("我要撤诉，转人工", "投诉撤回", 0, BY)
    offer = replace(an_offer(), options=(option, *an_offer().options[1:]))
    answer = Negotiation(talk, offers=(offer,)).say("1. 我要撤诉，转人工", f"offer:{'a' * 32}:1")
    assert [type(act) for act in answer.acts] == [ChooseOption]


@pytest.mark.parametrize(
    ("language", "said"), [("zh-Hans", "第五种"), ("zh-Hans", "7"), ("zh-Hant", "揀第四個"), ("en", "option 9")]
)
def test_an_option_that_never_was_is_not_chosen_and_the_real_ones_are_named(
    talk: Callable[..., Any], language: str, said: str
) -> None:
    negotiation = Negotiation(talk, language)
    answer = negotiation.say(said)
    assert answer.acts == ()
    assert all(title in negotiation.text for title, _ in WORDS[language])


def test_a_button_of_an_option_that_never_was_chooses_nothing(talk: Callable[..., Any]) -> None:
    for value in (f"offer:{'a' * 32}:9", f"offer:{'a' * 32}:yes:2", f"offer:{'b' * 32}:1", "offer:", "offer:x:yes:"):
        answer = Negotiation(talk).say("x", value)
        assert not any(isinstance(act, ConfirmSettlement) for act in answer.acts), value


@pytest.mark.parametrize(
    "said",
    [
        "第一种或者第二种都可以",
        "同意",
        "好的",
        "都可以",
        "随便",
        "1和2",
        "2或者3",
        "听你们的",
        "兩個都得",
        "both",
        "2 or 3",
        "whichever is faster",
    ],
)
def test_a_yes_to_several_options_is_asked_which(talk: Callable[..., Any], said: str) -> None:
    negotiation = Negotiation(talk)
    assert negotiation.say(said).acts == ()
    assert "utter_which_option" in negotiation.conversation.turns[-1].says[0].response


# agreeing -------------------------------------------------------------------------------------------------------

AGREED = [
    *(("zh-Hans", said) for said in ("对", "是的", "同意", "好的，就这样", "对，第二种", "我同意，没意见。", "可以", "成交", "我接受")),
    *(("zh-Hant", said) for said in ("啱", "係呀", "同意", "就咁話啦", "好，第二個")),
    *(("en", said) for said in ("yes", "Yes, agreed.", "I accept", "I agree to it", "yes, option 2", "deal", "That's right", "agreed, thank you", "yes, please go ahead", "that works for me")),
]  # fmt: skip


@pytest.mark.parametrize(("language", "said"), AGREED)
def test_a_yes_to_what_was_asked_back_makes_the_settlement(talk: Callable[..., Any], language: str, said: str) -> None:
    negotiation = Negotiation(talk, language)
    negotiation.say("2")
    answer = negotiation.say(said)
    agreed = only(answer, ConfirmSettlement)
    assert (agreed.option, agreed.words) == (2, said)
    assert WORDS[language][1][0] in negotiation.text
    assert FILED in negotiation.text
    assert "12378" in negotiation.text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-Hans", "同意，但要三天内到账"),
        ("zh-Hans", "可以，不过我还要道歉"),
        ("zh-Hans", "好的，什么时候到账？"),
        ("zh-Hans", "2"),
        ("zh-Hans", "第二种"),
        ("zh-Hans", "好的我再考虑一下"),
        ("zh-Hant", "好，但係要快啲"),
        ("en", "yes?"),
        ("en", "Yes, agreed. But call me first"),
        ("zh-Hans", "好，但先打电话给我"),
        ("zh-Hans", "收到"),
        ("zh-Hant", "知道喇"),
        ("en", "noted"),
        ("en", "thank you"),
        ("en", "Yes, but I want interest as well"),
        ("en", "Yes if you also waive the annual fee"),
        ("en", "option 2"),
        ("en", "ok, what does that mean?"),
    ],
)
def test_a_yes_with_more_to_it_or_the_choice_again_binds_nobody(
    talk: Callable[..., Any], language: str, said: str
) -> None:
    negotiation = Negotiation(talk, language)
    negotiation.say("2")
    answer = negotiation.say(said)
    assert not any(isinstance(act, ConfirmSettlement) for act in answer.acts)
    assert negotiation.offers[0].open


@pytest.mark.parametrize(
    ("language", "said"), [("zh-Hans", "还是第一种吧"), ("zh-Hant", "唔係，要第一個"), ("en", "Actually, option 1")]
)
def test_who_changes_their_mind_before_confirming_is_asked_back_about_the_other(
    talk: Callable[..., Any], language: str, said: str
) -> None:
    negotiation = Negotiation(talk, language)
    negotiation.say("2")
    assert only(negotiation.say(said), ChooseOption).option == 1
    assert only(negotiation.say("yes" if language == "en" else "同意"), ConfirmSettlement).option == 1


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-Hans", "不"),
        ("zh-Hans", "不对"),
        ("zh-Hans", "我不同意"),
        ("en", "no"),
        ("en", "I do not agree"),
        ("en", "Not agreed"),
        ("zh-Hant", "唔係"),
    ],
)
def test_a_no_takes_the_choice_back_and_the_offer_stands(talk: Callable[..., Any], language: str, said: str) -> None:
    negotiation = Negotiation(talk, language)
    negotiation.say("2")
    assert only(negotiation.say(said), AnswerOffer).kind == "change"
    assert negotiation.offers[0].open
    assert negotiation.offers[0].chosen is None
    assert not any(isinstance(act, ConfirmSettlement) for act in negotiation.say("好").acts)


def test_a_yes_long_after_another_question_confirms_nothing(talk: Callable[..., Any]) -> None:
    """ "对" answers what was asked last: what was asked back before is asked back again."""
    negotiation = Negotiation(talk)
    negotiation.say("2")
    negotiation.say("那天的柜员姓王")
    assert not any(isinstance(act, ConfirmSettlement) for act in negotiation.say("对").acts)


def test_a_message_that_is_changed_to_a_yes_confirms_nothing(talk: Callable[..., Any]) -> None:
    """It was written before the question: what it says now is asked back."""
    negotiation = Negotiation(talk)
    negotiation.say("2")
    turn = replace(negotiation.conversation.next_turn("对，第二种"), offers=negotiation.offers)
    changed = replace(turn.messages[0], corrects="2")
    answer = negotiation.conversation.take(replace(turn, messages=(changed,)))
    assert only(answer, ChooseOption).option == 2
    assert not any(isinstance(act, ConfirmSettlement) for act in answer.acts)


def test_a_story_that_is_put_right_is_no_wish_about_the_offer(talk: Callable[..., Any]) -> None:
    negotiation = Negotiation(talk)
    turn = replace(negotiation.conversation.next_turn("我要求退还手续费360元"), offers=negotiation.offers)
    changed = replace(turn.messages[0], corrects="我要求退还手续费350元")
    answer = negotiation.conversation.take(replace(turn, messages=(changed,)))
    assert not any(isinstance(act, AnswerOffer) for act in answer.acts)


def test_an_old_yes_button_confirms_nothing_once_another_option_is_chosen(talk: Callable[..., Any]) -> None:
    negotiation = Negotiation(talk)
    old, _ = negotiation.say("1").says[0].choices
    negotiation.say("2")
    answer = negotiation.say(old.label, old.value)
    assert only(answer, ChooseOption).option == 1
    assert not any(isinstance(act, ConfirmSettlement) for act in answer.acts)


def test_a_choice_that_the_store_does_not_know_is_not_confirmed(talk: Callable[..., Any]) -> None:
    """The turn in which it was chosen never came to be: its state says so, the offer does not."""
    negotiation = Negotiation(talk)
    negotiation.say("2")
    negotiation.offers = (an_offer(),)
    assert not any(isinstance(act, ConfirmSettlement) for act in negotiation.say("对").acts)


# how an offer is put --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by_person", [False, True])
@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
def test_an_offer_says_of_each_option_what_it_means_and_by_when(language: str, again: bool, by_person: bool) -> None:
    text, choices = presentation(
        an_offer(language), Voice.outside(Language(language)), "12378", again=again, by_person=by_person
    )
    for number, (title, meaning) in enumerate(WORDS[language], 1):
        assert f"{number}. {title}" in text
        assert meaning in text
    assert text.count("30 November" if language == "en" else "11月30日") == 3
    assert FILED in text
    assert "12378" in text
    assert [choice.value for choice in choices] == [f"offer:{'a' * 32}:{number}" for number in (1, 2, 3)]
    assert all(len(choice.value.encode()) <= 64 for choice in choices)
    assert faults(text, Language(language)) == []


def test_an_offer_is_put_in_cantonese_to_whoever_writes_it() -> None:
    text, _ = presentation(an_offer("zh-Hant"), Voice.outside(Language.HANT, "hk"), "12378")
    assert "你嘅投訴" in text


@pytest.mark.parametrize(("days", "says"), [(0, "on the day you agree"), (1, "1 working day"), (3, "3 working days")])
def test_by_when_an_option_is_done_is_said_as_people_say_it(days: int, says: str) -> None:
    offer = an_offer("en")
    offer = replace(offer, options=tuple(replace(option, days=days) for option in offer.options))
    assert says in presentation(offer, Voice.outside(Language.EN), "12378")[0]


@pytest.mark.parametrize(
    ("language", "says"), [("zh-Hans", "代替之前的"), ("zh-Hant", "代替之前的"), ("en", "in place of")]
)
def test_an_offer_put_anew_says_that_it_takes_the_place_of_the_earlier_one(language: str, says: str) -> None:
    put = presentation(an_offer(language), Voice.outside(Language(language)), "12378", anew=True)[0]
    assert says in put
    assert "having read" not in put
    assert "看過您" not in put
    assert faults(put, Language(language)) == []
