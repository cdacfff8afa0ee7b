"""After registering: questions are answered, what is told goes onto the case and is said back, and nothing is withdrawn by a nod."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from case_store.records import Status
from dialogue.turn import CallPerson, WithdrawCase
from dialogue.understanding.afterwards import After, after_in, tells_besides
from tests.dialogue.houses import HOUSE

Talk = Callable[..., Any]

STORIES = {
    "en": [
        "Your cashier at Leeds branch short-changed me £50 yesterday",
        "Give me the £50",
        "Ann Lee 07700 900555",
        "yes",
    ],
    "zh-Hans": ["昨天在城东支行，柜员少给我50块", "把50块补给我", "李安 13900005555", "对"],
    "zh-Hant": ["昨天在板橋分行，行員少給我50元", "把50元補給我", "李安 0912345555", "對"],
}
PLACES = {"en": "GB", "zh-Hans": "CN", "zh-Hant": "TW"}


def registered(talk: Talk, locale: str, **given: Any) -> Any:
    heard = talk(**{"locale": locale, "house": PLACES[locale], **given})
    for line in STORIES[locale]:
        heard.say(line)
    assert len(heard.cases) == 1
    return heard


def said(heard: Any) -> list[str]:
    return [name for one in heard.turns[-1].says for name in one.response.split("+")]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("what happens next?", After.NEXT),
        ("what do I do now?", After.NEXT),
        ("do I need to come in", After.NEXT),
        ("what do I do if they ring again tomorrow", After.QUESTION),  # more than what comes next
        ("who do I call?", After.WHOM),
        ("is there someone I can ring", After.WHOM),
        ("will somebody ring me?", After.HOW_THEY_ANSWER),
        ("can I send a photo of the receipt?", After.FILES),
        ("what documents do you need", After.PAPERS),
        ("can I add something?", After.ADD),
        ("will I get my money back?", After.OUTCOME),
        ("I can't wait that long", After.FASTER),
        ("will she find out it was me?", After.CONFIDENTIAL),
        ("does Paul get told I've complained?", After.CONFIDENTIAL),
        ("you're not going to do anything are you", After.DOUBTS),
        ("what's my reference?", After.NUMBER),
        ("will it affect my credit score?", After.QUESTION),
        ("bye", After.GOODBYE),
        ("he's back, gotta go", After.GOODBYE),
        ("you there?", After.PRESENT),
        ("sorry for being rude", After.SORRY),
        ("the cashier also swore at me", None),
        ("那现在怎么办", After.NEXT),
        ("他们要是上门怎么办", After.QUESTION),
        ("我打谁的电话", After.WHOM),
        ("会给我打电话吗", After.HOW_THEY_ANSWER),
        ("你们的信会寄到家里吗", After.HOW_THEY_ANSWER),
        ("我能发照片吗", After.FILES),
        ("需要带什么材料", After.PAPERS),
        ("我能补充吗", After.ADD),
        ("这钱能要回来吗", After.OUTCOME),
        ("太慢了吧你们", After.FASTER),
        ("他要是发现我投诉怎么办", After.CONFIDENTIAL),
        ("糊弄谁呢", After.DOUBTS),
        ("编号多少？", After.NUMBER),
        ("会不会影响我的征信", After.QUESTION),
        ("没事了", After.GOODBYE),
        ("他回来了，我先不说了", After.GOODBYE),
        ("不用补钱了，道个歉就行", None),  # a wish that changes, and no goodbye
        ("你说话啊", After.PRESENT),
        ("柜员还骂了我一句", None),
        ("跟住點呀", After.NEXT),
        ("搵邊個傾", After.WHOM),
        ("使唔使交表", After.PAPERS),
        ("可唔可以快啲", After.FASTER),
        ("佢會唔會嚟報復我", After.CONFIDENTIAL),
        ("你們會保護我兒子的個資嗎", After.CONFIDENTIAL),
        ("如果都沒人回呢", After.DOUBTS),
        ("係咪一定要等到12月2號", After.FASTER),
        ("喂？喺唔喺度？", After.PRESENT),
        ("冇嘢喇", After.GOODBYE),
    ],
)
def test_what_is_meant_by_words_that_come_afterwards(text: str, kind: After | None) -> None:
    assert after_in(text) is kind


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("I have the receipt, shall I send it?", True),
        ("can I send a photo?", False),
        ("我有小票，要发给你吗", True),
        ("谢谢，能补充吗？", False),
    ],
)
def test_a_question_beside_which_something_is_told(text: str, tells: bool) -> None:
    assert tells_besides(text) is tells


@pytest.mark.parametrize(
    ("locale", "told"),
    [
        ("en", "the cashier also swore at me"),
        ("en", "oh and a colleague saw it happen"),
        ("en", "they rang again just now"),
        ("zh-Hans", "柜员还骂了我一句"),
        ("zh-Hans", "我还有录音"),
        ("zh-Hans", "柜员工号是2046"),
        ("zh-Hant", "行員還翻我白眼"),
        ("zh-Hant", "他現在都不敢出門"),
    ],
)
def test_what_is_told_is_on_the_case_and_said_back_in_the_customers_words(locale: str, told: str, talk: Talk) -> None:
    heard = registered(talk, locale)
    about = heard.facts.about
    heard.say(told)
    assert told in heard.facts.what_happened
    assert told in heard.text
    assert "C20261123-000420-4" in heard.text
    assert heard.facts.about == about


def test_a_long_message_is_added_without_reading_it_all_out(talk: Talk) -> None:
    heard = registered(talk, "en")
    long = "The manager came over and told the whole queue that people like me always make trouble. " * 4
    heard.say(long)
    assert "utter_added" in said(heard)
    assert "always make trouble" in heard.facts.what_happened


@pytest.mark.parametrize(
    ("locale", "words", "wish"),
    [
        ("en", "I also want an apology", "Give me the £50; I also want an apology"),
        ("en", "forget the money, I just want an apology", "Give me the £50; forget the money, I just want an apology"),
        ("zh-Hans", "不用补钱了，道个歉就行", "把50块补给我；不用补钱了，道个歉就行"),
        ("zh-Hans", "改成书面道歉就行", "把50块补给我；改成书面道歉就行"),
        ("zh-Hant", "改成書面道歉", "把50元補給我；改成書面道歉"),
    ],
)
def test_a_wish_that_comes_later_stands_behind_the_first(locale: str, words: str, wish: str, talk: Talk) -> None:
    heard = registered(talk, locale)
    heard.say(words)
    assert heard.facts.desired_outcome == wish
    assert wish in heard.text


@pytest.mark.parametrize(
    ("locale", "words", "fact", "value"),
    [
        ("en", "it was £60 not £50", "amount", "60.00"),
        ("zh-Hans", "少的是60块不是50", "amount", "60.00"),
        ("zh-Hans", "我叫李岸不是李安", "name", "李岸"),
        ("zh-Hant", "是60元不是50元", "amount", "60.00"),
        ("zh-Hant", "我叫李岸，不是李安", "name", "李岸"),
        ("en", "my phone number changed, it's 07700 900666", "contact", "+447700900666"),
    ],
)
def test_what_is_put_right_is_other_on_the_case(locale: str, words: str, fact: str, value: str, talk: Talk) -> None:
    heard = registered(talk, locale)
    heard.say(words)
    now = getattr(heard.facts, fact)
    assert str(now.value if fact == "amount" else now) == value


@pytest.mark.parametrize(
    ("locale", "words", "names"),
    [
        ("en", "I can't sleep for worrying about this", "sleep"),
        ("en", "I'm so upset", "hurts"),
        ("en", "I'm really scared", "afraid"),
        ("zh-Hans", "我睡不着觉，好担心", "睡不好"),
        ("zh-Hans", "我好害怕", "害怕"),
        ("zh-Hant", "我整個人都在發抖", "心"),
        ("zh-Hant", "我睡不著", "睡不好"),
    ],
)
def test_distress_is_named(locale: str, words: str, names: str, talk: Talk) -> None:
    heard = registered(talk, locale)
    heard.say(words)
    assert names in heard.text
    assert words in heard.facts.what_happened


@pytest.mark.parametrize("locale", list(STORIES))
def test_who_is_hungry_is_offered_a_person_and_told_nothing_of_guessing(locale: str, talk: Talk) -> None:
    heard = registered(talk, locale)
    heard.say(
        {"en": "what am I meant to eat this weekend", "zh-Hans": "我现在没钱吃饭了", "zh-Hant": "我沒錢吃飯了"}[locale]
    )
    assert {"utter_sympathy_hardship", "utter_added_words", "utter_if_it_cannot_wait"} <= set(said(heard))
    assert "utter_after_question" not in said(heard)
    offered = {"en": "a person", "zh-Hans": "转人工", "zh-Hant": "轉真人"}[locale]
    assert [act.reason for act in heard.say(offered).acts if isinstance(act, CallPerson)] == ["asked"]


@pytest.mark.parametrize(
    ("locale", "withdraws", "else_said", "nod"),
    [
        ("en", "forget it, withdraw the complaint", "hang on, the manager was there too", "ok"),
        ("zh-Hans", "算了，不投诉了", "等等，当时还有大堂经理在场", "好"),
        ("zh-Hant", "我想撤回投訴", "等一下，當時還有主管在場", "好"),
    ],
)
def test_a_nod_to_something_else_withdraws_nothing(
    locale: str, withdraws: str, else_said: str, nod: str, talk: Talk
) -> None:
    heard = registered(talk, locale)
    heard.say(withdraws)
    assert heard.asks == ("confirm",)
    heard.say(else_said)
    assert "utter_kept" in said(heard)
    heard.say(nod)
    assert not any(isinstance(act, WithdrawCase) for act in heard.acts)
    heard.say(withdraws)
    heard.say(nod)
    assert any(isinstance(act, WithdrawCase) for act in heard.acts)


def test_a_day_is_promised_only_where_there_is_one(talk: Talk) -> None:
    heard = registered(talk, "en")
    heard.cases = (replace(heard.cases[0], feedback_due=None),)
    heard.say("what happens next?")
    assert said(heard) == ["utter_status"]
    heard.cases = (replace(heard.cases[0], status=Status.CLOSED),)
    heard.say("will I get my money back?")
    assert said(heard) == ["utter_status"]


def test_without_a_hotline_none_is_named(talk: Talk) -> None:
    heard = registered(talk, "en", house=replace(HOUSE, hotline="", region="GB", home_currency="GBP"))
    heard.say("who do I call?")
    assert "utter_after_whom" in said(heard)
    assert "call  with" not in heard.text
    assert "“a person”" in heard.text


@pytest.mark.parametrize(
    ("locale", "asks"),
    [
        ("en", "are you a bot?"),
        ("en", "am I talking to a real person?"),
        ("zh-Hans", "你是机器人吗"),
        ("zh-Hant", "你係真人嚟㗎？"),
    ],
)
@pytest.mark.parametrize("when", ["first", "in the form", "at the read-back", "after filing"])
def test_who_asks_whether_it_is_a_machine_is_told_so(locale: str, asks: str, when: str, talk: Talk) -> None:
    heard = talk(locale=locale, house=PLACES[locale])
    lines = STORIES[locale][: ["first", "in the form", "", "at the read-back", "after filing"].index(when)]
    for line in lines:
        heard.say(line)
    before = heard.draft.facts
    heard.say(asks)
    assert "utter_machine" in said(heard)
    assert not any(isinstance(act, CallPerson) for act in heard.acts)
    assert heard.draft.facts == before
    if when != "after filing":
        assert heard.asks  # the open question stands


@pytest.mark.parametrize(
    ("locale", "said_first", "story"),
    [
        (
            "en",
            "Is this a bot? Your Leeds branch lost my passport on Friday",
            "Your Leeds branch lost my passport on Friday",
        ),
        ("zh-Hans", "你是真人还是bot我无所谓哈，上周五城东支行的ATM吞了我两千块", "上周五城东支行的ATM吞了我两千块"),
    ],
)
def test_what_is_told_beside_the_question_is_taken(locale: str, said_first: str, story: str, talk: Talk) -> None:
    heard = talk(locale=locale, house=PLACES[locale])
    heard.say(said_first)
    assert "utter_machine" in said(heard)
    assert heard.facts.what_happened == story


@pytest.mark.parametrize(
    ("locale", "wish"),
    [
        ("en", "are you a bot? I want a person"),
        ("en", "I don't want to talk to a bot"),
        ("en", "is there a human?"),
        ("zh-Hans", "你是机器人吗，转人工"),
        ("zh-Hans", "有真人吗？"),
        ("zh-Hant", "你係機械人呀？我要搵真人"),
    ],
)
def test_who_wishes_for_a_person_beside_it_gets_one(locale: str, wish: str, talk: Talk) -> None:
    heard = talk(locale=locale, house=PLACES[locale])
    heard.say(STORIES[locale][0])
    assert [act.reason for act in heard.say(wish).acts if isinstance(act, CallPerson)] == ["asked"]


@pytest.mark.parametrize(
    ("locale", "told", "kept"),
    [
        ("en", "I haven't eaten properly since. how long will this take?", "haven't eaten"),
        ("en", "I have no money for food. how long will it take?", "no money for food"),
        ("zh-Hans", "我很怕他来找我，要等多久？", "我很怕他来找我"),
        ("zh-Hans", "我两天没吃饭了，我的投诉进展怎么样？", "两天没吃饭"),
        ("zh-Hant", "我沒錢吃飯了，要等多久？", "沒錢吃飯"),
    ],
)
def test_distress_beside_a_question_is_heard_before_it_is_answered_and_is_on_record(
    locale: str, told: str, kept: str, talk: Talk
) -> None:
    heard = registered(talk, locale)
    heard.say(told)
    came = said(heard)
    assert came[0].startswith(("utter_sympathy_", "utter_worried")), came
    assert any(name.startswith("utter_status") for name in came)
    assert kept in heard.facts.what_happened


def test_what_is_put_right_beside_a_question_for_a_colleague_goes_on_record_with_it(talk: Talk) -> None:
    heard = registered(talk, "en")
    heard.say("It was £60 not £50, can you hurry up?")
    assert str(heard.facts.amount.value) == "60.00"
    assert "hurry up" in heard.facts.what_happened


@pytest.mark.parametrize("locale", list(STORIES))
@pytest.mark.parametrize("asks", ["next", "outcome", "doubts"])
def test_nobody_who_left_no_contact_is_promised_a_letter(locale: str, asks: str, talk: Talk) -> None:
    question = {
        "next": {"en": "what happens next?", "zh-Hans": "接下来呢", "zh-Hant": "接下來呢"},
        "outcome": {"en": "will I get my money back?", "zh-Hans": "钱能退回来吗", "zh-Hant": "錢拿得回來嗎"},
        "doubts": {"en": "you're not going to do anything are you", "zh-Hans": "你们会管吗", "zh-Hant": "你們會處理嗎"},
    }[asks][locale]
    heard = registered(talk, locale)
    heard.draft = replace(heard.draft, facts=replace(heard.draft.facts, contact=None))
    heard.say(question)
    assert not any(words in heard.text for words in ("write to you", "writes to you", "written answer", "书面", "書面"))
