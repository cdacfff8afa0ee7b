"""What customers say to solutions that are offered, and what comes of it: every way of choosing, and none that binds by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from case_store.records import Language, Status
from dialogue import waiting
from dialogue.negotiation import Voice, presentation
from dialogue.turn import (
    Act,
    AnswerOffer,
    BotTurn,
    CallPerson,
    CaseGlance,
    ChooseOption,
    ConfirmSettlement,
    CustomerMessage,
    Offer,
    OfferedOption,
    Proof,
    WithdrawCase,
)
from dialogue.wording import faults

BY = date(2026, 11, 30)
UNTIL = date(2026, 12, 4)
WORDS = {
    "zh-Hans": [
        ("全额退回手续费", "360 元退回您原来的银行卡"),
        ("退回一半并免一年年费", "180 元退回您的银行卡，年费免到明年十一月，不影响您的征信记录"),
        ("书面说明收费依据", "由分行把计算方法寄给您"),
    ],
    "zh-Hant": [
        ("全額退回手續費", "360 元退回您原來的銀行卡"),
        ("退回一半並免一年年費", "180 元退回您的銀行卡，年費免到明年十一月，不影響您的信用記錄"),
        ("書面說明收費依據", "由分行把計算方法寄給您"),
    ],
    "en": [
        ("Full refund of the fee", "360 yuan goes back to your card"),
        (
            "Half back and no annual fee for a year",
            "180 yuan goes back to your card; your credit record is not affected",
        ),
        ("A written explanation", "the branch posts you how the fee was worked out"),
    ],
}
FILED = "C20261123-000420-4"


def an_offer(language: str = "zh-Hans", **given: Any) -> Offer:
    count = given.pop("count", 3)
    options = tuple(OfferedOption(title, meaning, 5, BY) for title, meaning in WORDS[language][:count])
    return replace(Offer("a" * 32, FILED, 1, options, UNTIL), **given)


class Negotiation:
    """A conversation with one filed case whose offer waits; the house's part is played plainly."""

    def __init__(
        self, talk: Callable[..., Any], language: str = "zh-Hans", offers: tuple[Offer, ...] = (), **given: Any
    ):
        filed = CaseGlance(FILED, Status.FILED, date(2026, 12, 2))
        self.conversation = talk(locale=language, cases=(filed,), **given)
        self.conversation.state |= {"phase": "filed", "language": language}
        self.offers = offers or (an_offer(language),)

    def say(self, said: str | list[str], choice: str | None = None, **more: Any) -> BotTurn:
        turn = self.conversation.next_turn(said, choice)
        answer: BotTurn = self.conversation.take(replace(turn, offers=self.offers, **more))
        for act in answer.acts:
            self._do(act)
        return answer

    def _do(self, act: Act) -> None:
        match act:
            case ChooseOption(offer=id, option=number):
                self._change(id, chosen=number)
            case ConfirmSettlement(offer=id):
                self._change(id, state="agreed", chosen=None)
            case AnswerOffer(offer=id, kind="declined"):
                self._change(id, state="declined", chosen=None)
            case AnswerOffer(offer=id):
                self._change(id, chosen=None) if act.kind != "question" else None
            case _:
                pass

    def _change(self, id: str, **values: Any) -> None:
        self.offers = tuple(replace(one, **values) if one.id == id else one for one in self.offers)

    @property
    def text(self) -> str:
        return str(self.conversation.text)


def only(answer: BotTurn, kind: type) -> Any:
    found = [act for act in answer.acts if isinstance(act, kind)]
    assert len(found) == 1, answer
    return found[0]


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


@pytest.mark.parametrize("said", ["第一种或者第二种都可以", "同意", "好的"])
def test_a_yes_to_several_options_is_asked_which(talk: Callable[..., Any], said: str) -> None:
    negotiation = Negotiation(talk)
    assert negotiation.say(said).acts == ()
    assert "utter_which_option" in negotiation.conversation.turns[-1].says[0].response


# agreeing -------------------------------------------------------------------------------------------------------

AGREED = [
    *(("zh-Hans", said) for said in ("对", "是的", "同意", "好的，就这样", "对，第二种", "我同意，没意见。", "可以", "成交", "我接受")),
    *(("zh-Hant", said) for said in ("啱", "係呀", "同意", "就咁話啦", "好，第二個")),
    *(("en", said) for said in ("yes", "Yes, agreed.", "I accept", "I agree to it", "yes, option 2", "deal", "That's right")),
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
    ("language", "said"), [("zh-Hans", "不"), ("zh-Hans", "不对"), ("en", "no"), ("zh-Hant", "唔係")]
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
