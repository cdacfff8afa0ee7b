"""Answers to the question for one fact that give nothing: what is said to them, what is not asked again, and what is not made of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from dialogue.asking_back import Asked, what_is_asked

Talk = Callable[..., Any]

_STORIES = {
    "en": "your staff treated me terribly and I lost money by it",
    "zh-Hans": "你们网点的人态度太差，还害我亏了钱",
    "zh-Hant": "你們分行的人態度很差，還害我虧了錢",
}


def asked(talk: Talk, locale: str, fact: str) -> Any:
    """A conversation in which the last question was for this fact."""
    heard = talk(locale=locale, house={"en": "GB", "zh-Hans": "CN", "zh-Hant": "TW"}[locale])
    heard.say(_STORIES[locale])
    heard.state = {**heard.state, "asked": [fact]}
    heard.draft = replace(heard.draft, facts=replace(heard.draft.facts, **{fact: None}))
    return heard


def settled(heard: Any) -> set[str]:
    return set(heard.state.get("skipped", ())) | set(heard.draft.declined)


@pytest.mark.parametrize(
    ("locale", "fact", "said", "response"),
    [
        # not known, or not at hand
        ("en", "amount", "the receipt is in my other coat and that's at the cleaners", "utter_not_known"),
        ("en", "about", "search me what they call it, it was all initials", "utter_not_known"),
        ("zh-Hans", "amount", "回单在我媳妇包里，我这会儿说不出来", "utter_not_known"),
        ("zh-Hans", "contact", "手机号是我闺女办的，我背不出来", "utter_not_known"),
        ("zh-Hant", "occurred_on", "收據被狗咬爛了，看不到日期", "utter_not_known"),
        ("zh-Hant", "desired_outcome", "我要先問過我先生才知道", "utter_not_known"),
        # none of it
        ("en", "contact", "we've no phone here, never had one", "utter_noted"),
        ("zh-Hans", "amount", "钱倒是一分没少", "utter_noted"),
        ("zh-Hant", "contact", "家裡沒有牽電話，我也沒手機", "utter_noted"),
        # will not say
        ("en", "contact", "I'm not handing my number to a machine", "utter_refused_contact"),
        ("en", "amount", "what's in my account is nobody's business but mine", "utter_refused_amount"),
        ("zh-Hans", "contact", "不给，省得你们天天打", "utter_refused_contact"),
        ("zh-Hant", "name", "個資不方便給", "utter_refused_name"),
        # told: here, or to the house
        ("en", "desired_outcome", "I've said that three times already", "utter_said_before"),
        ("en", "contact", "it's the number you send your texts to", "utter_in_our_records"),
        ("zh-Hans", "name", "你们电脑上不是有我名字么", "utter_in_our_records"),
        ("zh-Hant", "name", "我的名字你們帳單上都有印", "utter_in_our_records"),
    ],
)
def test_who_gives_nothing_is_understood_and_not_asked_again(
    locale: str, fact: str, said: str, response: str, talk: Talk
) -> None:
    heard = asked(talk, locale, fact)
    before = heard.draft.facts
    turn = heard.say(said)
    assert turn.says[0].response.startswith(response)
    assert fact in settled(heard)
    assert fact not in heard.asks
    assert heard.draft.facts == before  # no name, no product, no wish, and no story of it


@pytest.mark.parametrize(
    ("locale", "fact", "said", "response"),
    [
        ("en", "occurred_on", "the day I noticed or the day it left the account?", "utter_what_is_meant"),
        ("en", "name", "would my maiden name do?", "utter_what_is_meant"),
        ("en", "contact", "what would you want my number for?", "utter_why"),
        ("en", "desired_outcome", "what do other people ask for?", "utter_what_next"),
        ("zh-Hans", "occurred_on", "你指的是签字那天还是扣钱那天？", "utter_what_is_meant"),
        ("zh-Hans", "name", "要我名字干啥用？", "utter_why"),
        ("zh-Hant", "amount", "含手續費還是不含？", "utter_what_is_meant"),
        ("zh-Hant", "about", "是問分行還是問人？", "utter_what_is_meant"),
    ],
)
def test_a_question_back_is_answered_and_the_question_put_again(
    locale: str, fact: str, said: str, response: str, talk: Talk
) -> None:
    heard = asked(talk, locale, fact)
    before = heard.draft.facts
    turn = heard.say(said)
    assert turn.says[0].response.startswith(response)
    assert fact in heard.asks
    assert heard.draft.facts == before


@pytest.mark.parametrize(
    ("locale", "fact", "said", "told"),
    [
        ("en", "occurred_on", "not sure of the day, some time in March", "2026-03"),
        ("zh-Hans", "occurred_on", "哪天说不准，反正是八月底", "2026-08"),
        ("zh-Hans", "desired_outcome", "没别的要求，退款就行", "退款"),
        ("zh-Hant", "desired_outcome", "可不可以退錢給我？", "退錢"),
        ("zh-Hant", "contact", "我沒有手機，打家裡 02-23456780", "+886223456780"),
        ("en", "name", "no, it's Noel Nunn", "Noel Nunn"),
        ("en", "about", "don't know what he's called, the tall clerk at your Ely branch", "Ely branch"),
        ("zh-Hans", "about", "叫什么不清楚，在你们城南支行", "城南支行"),
        ("en", "desired_outcome", "I only wanted somebody to know about it", "wanted somebody to know"),
    ],
)
def test_what_is_told_is_taken_whatever_stands_before_it(
    locale: str, fact: str, said: str, told: str, talk: Talk
) -> None:
    heard = asked(talk, locale, fact)
    heard.say(said)
    assert told in str(heard.draft.facts.to_json()[fact])


@pytest.mark.parametrize(
    ("locale", "said", "day"),
    [
        ("en", "no idea how much, but it was on 3 November", "2026-11-03"),
        ("zh-Hans", "数目说不上来，不过是11月3号的事", "2026-11-03"),
    ],
)
def test_what_is_told_beside_not_knowing_stays(locale: str, said: str, day: str, talk: Talk) -> None:
    heard = asked(talk, locale, "amount")
    heard.say(said)
    assert "amount" in settled(heard)
    assert str(heard.draft.facts.to_json()["occurred_on"]) == day


@pytest.mark.parametrize(
    ("locale", "fact", "said"),
    [
        ("en", "name", "if you must have a name I won't complain then"),
        ("zh-Hans", "amount", "问个没完，我不投诉了还不行"),
        ("zh-Hant", "contact", "還要電話喔，那我不申訴了"),
    ],
)
def test_who_has_had_enough_is_asked_whether_to_take_it_back(locale: str, fact: str, said: str, talk: Talk) -> None:
    heard = asked(talk, locale, fact)
    heard.say(said)
    assert heard.state.get("pending") == "withdraw"


@pytest.mark.parametrize(
    ("locale", "fact", "said"),
    [
        ("en", "contact", "07700 900123, my phone is always on silent so text"),
        ("zh-Hans", "contact", "手机静音的，打我婆婆的 13672084415"),
        ("zh-Hant", "occurred_on", "10/30，行員還在吃便當"),
    ],
)
def test_what_an_answer_names_in_passing_is_not_what_it_is_about(locale: str, fact: str, said: str, talk: Talk) -> None:
    heard = asked(talk, locale, fact)
    about = heard.draft.facts.about
    heard.say(said)
    assert heard.draft.facts.to_json()[fact] is not None
    assert heard.draft.facts.about == about


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", "she said she didn't know and told me to ask somebody else"),
        ("zh-Hans", "她说她不知道，让我去问别人"),
        ("zh-Hant", "行員說他不清楚，叫我自己打去問"),
    ],
)
def test_what_somebody_else_did_not_know_is_told_and_no_answer(locale: str, said: str, talk: Talk) -> None:
    heard = asked(talk, locale, "occurred_on")
    heard.say(said)
    assert said in (heard.draft.facts.what_happened or "")


@pytest.mark.parametrize(
    ("said", "about"),
    [
        ("my name or the account holder's?", Asked.OTHER),
        ("是本金还是连利息", Asked.OTHER),
        ("手機定屋企電話", Asked.OTHER),
        ("what do people usually get?", Asked.NEXT),
        ("说了有用吗", Asked.NEXT),
        ("誰會看到", Asked.NEED),
        ("is it compulsory?", Asked.NEED),
        ("咱们说到哪了", Asked.PLACE),
    ],
)
def test_what_a_question_back_is_about(said: str, about: Asked) -> None:
    assert what_is_asked(said) is about
