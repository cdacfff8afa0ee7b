"""How to be reached is kept in the customer's words and read back; a number that cannot be one is said back and asked for once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from case_store.records import Draft, Facts, Language
from dialogue.understanding.contacts import nearly_a_number
from dialogue.understanding.reaching import REACH, keeps_a_secret, reach_in, without_reach
from tests.dialogue.test_afterwards import PLACES, STORIES, registered, said

Talk = Callable[..., Any]

KEPT = [
    "please don't write to the house",
    "don't ring before six",
    "only by email please",
    "by email only",
    "my husband must not know",
    "please don't ring me, text only",
    "I'm at work so don't call before six",
    "he doesn't know I'm writing",
    "please do not send letters to my home address, she opens my post",
    "no calls please",
    "please text me, I can't talk on the phone",
    "call me after 6 only",
    "nothing by post",
    "my address is a secret, please don't put it on anything",
    "别打我座机",
    "别给我家打电话，我老公不知道",
    "别打我手机，发短信",
    "别再打我前公司电话",
    "六点前别打电话",
    "晚上七点以后再打",
    "千万别告诉我老公",
    "上班时间不方便接电话",
    "不要寄信到戶籍地，他住那裡",
    "請用簡訊聯絡",
    "唔好打屋企",
    "唔好寄信返屋企，我阿媽會拆我啲信",
    "唔好打去公司，伙計會知",
    "淨係email覆我",
    "佢唔知我投訴",
]
NOT_KEPT = [
    "I told you not to call me at work and you did",
    "you rang me before six every day",
    "don't call me a liar",
    "will somebody ring me?",
    "call me on 07700 900123",
    "nobody told me about the fee",
    "she doesn't know what she's doing",
    "cancel it and don't send me another card",
    "please call me back",
    "the letter never came",
    "你们不要再打电话骚扰我",
    "我跟你们说过别打我单位电话",
    "经理说不用打电话",
    "别打我",
    "别告诉我要等七天",
    "问了柜员，他不知道",
    "发邮件没人回",
    "你们发短信说我中奖了",
    "我想要书面说明",
]


@pytest.mark.parametrize("words", KEPT)
def test_words_on_how_to_be_reached_are_kept_whole(words: str) -> None:
    assert reach_in(words) == words
    assert without_reach(words) == ""


@pytest.mark.parametrize("words", NOT_KEPT)
def test_what_was_asked_for_before_and_what_others_said_is_none(words: str) -> None:
    assert reach_in(words) is None


@pytest.mark.parametrize(
    ("text", "reach", "rest"),
    [
        ("he doesn't know I'm writing… I'm scared", "he doesn't know I'm writing", "I'm scared"),
        ("email only: js99@example.com", "email only", "js99@example.com"),
        ("别打我电话，发邮箱 lmm@example.com", "别打我电话，发邮箱", "lmm@example.com"),
        ("别打我单位电话，停掉第三方", "别打我单位电话", "停掉第三方"),
    ],
)
def test_what_stands_beside_is_read_for_itself(text: str, reach: str, rest: str) -> None:
    assert reach_in(text) == reach
    assert without_reach(text) == rest


@pytest.mark.parametrize(
    ("words", "secret"),
    [
        ("my husband must not know", True),
        ("别告诉我老公", True),
        ("don't ring before six", False),
        ("别打我座机", False),
    ],
)
def test_a_secret_is_told_from_a_time_or_a_way(words: str, secret: bool) -> None:
    assert keeps_a_secret(words) is secret


SAID = {
    "en": ("please don't write to the house", "don't ring before six"),
    "zh-Hans": ("别打我座机", "六点前别打电话"),
    "zh-Hant": ("不要寄信到戶籍地，他住那裡", "晚上七點以後再打"),
}


@pytest.mark.parametrize("locale", list(STORIES))
@pytest.mark.parametrize("after", [1, 2, 3, 4])
def test_whenever_it_is_said_it_stands_on_the_record_and_is_said_back(locale: str, after: int, talk: Talk) -> None:
    """In the form, beside the question for a number, at the read-back and after filing; and it is no value of any fact."""
    words, more = SAID[locale]
    heard = talk(locale=locale, house=PLACES[locale])
    for place, line in enumerate(STORIES[locale], 1):
        heard.say(line)
        if place == after:
            facts = heard.facts
            heard.say(words)
            assert words in heard.text
            assert heard.facts == facts
            assert not heard.draft.declined
    assert len(heard.cases) == 1
    heard.say(more)
    assert words in heard.draft.words[REACH]
    assert more in heard.draft.words[REACH]


@pytest.mark.parametrize("locale", list(STORIES))
def test_it_is_in_the_read_back(locale: str, talk: Talk) -> None:
    heard = talk(locale=locale, house=PLACES[locale])
    heard.say(STORIES[locale][0])
    heard.say(SAID[locale][0])
    for line in STORIES[locale][1:3]:
        heard.say(line)
    assert heard.asks == ("confirm",)
    assert SAID[locale][0] in heard.text


def test_it_is_in_the_answer_to_a_letter(talk: Talk) -> None:
    heard = talk(locale="en", house="GB", pace="letter", sender="jo@example.com")
    heard.say(
        "You charged me £12 twice on 3 November, Leeds branch.\nI want it refunded.\nPlease do not write to the house.\nJo Hill"
    )
    assert "How to reach you: “Please do not write to the house”" in heard.text
    assert heard.facts.desired_outcome == "I want it refunded"


def test_it_is_kept_for_another_complaint_too(talk: Talk) -> None:
    heard = registered(talk, "en")
    heard.say("don't ring before six")
    heard.say("I also want to complain about something else: my card was swallowed by your ATM in Derby on 2 November")
    assert heard.draft.words[REACH] == "don't ring before six"


def test_that_calls_stop_is_what_is_wanted_where_calls_are_complained_of(talk: Talk) -> None:
    heard = talk(locale="en", house="GB")
    heard.say("You keep ringing me at work about my loan since last Monday")
    assert "desired_outcome" in heard.asks or heard.say("I don't know") is not None
    while "desired_outcome" not in heard.asks:
        heard.say("I don't know")
    heard.say("don't ring me at work")
    assert heard.facts.desired_outcome == "don't ring me at work"
    assert heard.draft.words[REACH] == "don't ring me at work"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Ann Lee 07700 90055", "07700 90055"),
        ("李安 139000055556", "139000055556"),
        ("6123 555", "6123 555"),
        ("order no 1234567", None),
        ("2026-11-03", None),
        ("50000元", None),
        ("12", None),
    ],
)
def test_digits_that_were_meant_for_a_number(text: str, number: str | None) -> None:
    assert nearly_a_number(text) == number


ODD = {"en": ("Ann Lee 07700 90055", "07700 90055", "10"), "zh-Hans": ("李安 139000055556", "139000055556", "12"), "zh-Hant": ("李安 0912 34567", "0912 34567", "9")}  # fmt: skip
RIGHT = {"en": "07700 900555", "zh-Hans": "13900005555", "zh-Hant": "0912345555"}
AS_IT_IS = {"en": "that's right", "zh-Hans": "没错", "zh-Hant": "沒錯"}


@pytest.mark.parametrize("locale", list(STORIES))
def test_an_odd_number_is_said_back_and_asked_for_once(locale: str, talk: Talk) -> None:
    line, number, count = ODD[locale]
    for answer in (RIGHT[locale], AS_IT_IS[locale], line):
        heard = talk(locale=locale, house=PLACES[locale])
        for first in (*STORIES[locale][:2], line):
            heard.say(first)
        assert said(heard) == ["utter_contact_odd"]
        assert number in heard.text
        assert count in heard.text
        assert heard.asks == ("contact",)
        heard.say(answer)
        assert heard.asks == ("confirm",)
        kept = heard.draft.words.get("contact") if answer != RIGHT[locale] else heard.facts.contact
        assert kept == number if answer != RIGHT[locale] else kept is not None


def test_an_odd_number_instead_of_the_one_on_record_is_not_lost(talk: Talk) -> None:
    heard = registered(talk, "en")
    heard.say("my new phone number is 07700 90066")
    assert "utter_contact_odd" in said(heard)
    assert "07700 90066" in heard.draft.words[REACH]
    assert heard.facts.contact == "+447700900555"
    heard.say("07700 900666")
    assert heard.facts.contact == "+447700900666"


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        (Language.EN, "no need to contact me"),
        (Language.EN, "please don't call me"),
        (Language.HANS, "不用联系我"),
        (Language.HANT, "唔使搵我啦"),
    ],
)
def test_who_is_asked_for_a_contact_and_wants_none_is_not_asked_again(locale: Language, said: str, talk: Talk) -> None:
    conversation = talk(locale=locale)
    conversation.state |= {"loop": "complaint_form", "asked": ["contact"], "language": locale.value}
    conversation.draft = Draft(
        Facts(what_happened="the clerk was rude", name="Pat Low", about="counter", desired_outcome="an apology")
    )
    answer = conversation.say(said)
    assert REACH not in conversation.draft.words
    assert "contact" not in answer.says[0].asks
    assert "contact" in {*conversation.draft.declined, *conversation.state.get("skipped", ())}


def test_an_odd_number_at_the_read_back_is_kept_as_it_was_written(talk: Talk) -> None:
    conversation = talk(locale="en", house="GB")
    for line in [
        "Your cashier at Leeds branch short-changed me £50 yesterday",
        "Give me the £50",
        "Ann Lee, I won't give a number",
    ]:
        conversation.say(line)
    assert conversation.asks == ("confirm",)
    conversation.say("my phone number is 07700 90055")
    assert "07700 90055" in conversation.draft.words["contact"]
    conversation.say("yes")
    assert len(conversation.cases) == 1


def test_of_a_number_that_is_denied_the_other_is_read(talk: Talk) -> None:
    conversation = registered(talk, "en")
    conversation.say("my number is not 07700 900555, it's 07700 90055")
    assert "07700 90055" in conversation.draft.words[REACH]
    assert "07700 900555" not in conversation.draft.words[REACH]


def test_how_to_be_reached_is_kept_when_an_answered_message_is_changed_to_it(talk: Talk) -> None:
    conversation = talk(locale="en", house="GB")
    was = "Your cashier at Leeds branch short-changed me £50 yesterday"
    conversation.say(was)
    now = f"{was}. Please don't write to my house, my husband must not know."
    turn = conversation.next_turn(now)
    conversation.take(replace(turn, messages=tuple(replace(one, corrects=was) for one in turn.messages)))
    assert "husband must not know" in conversation.draft.words[REACH]


def test_a_number_kept_as_written_stands_in_another_complaint_too(talk: Talk) -> None:
    conversation = registered(talk, "en")
    conversation.draft = replace(
        conversation.draft,
        facts=replace(conversation.draft.facts, contact=None),
        words={**conversation.draft.words, "contact": "07700 90055"},
    )
    conversation.say("I have another complaint: your machine kept my card on Friday")
    assert conversation.draft.words["contact"] == "07700 90055"


def test_who_must_not_know_is_not_crowded_out(talk: Talk) -> None:
    conversation = registered(talk, "en")
    conversation.say("my husband must not know")
    for hour in range(1, 40):
        conversation.say(f"please don't ring me before {hour % 12 + 1}:{hour % 6}0")
    assert "my husband must not know" in conversation.draft.words[REACH]
