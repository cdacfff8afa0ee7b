"""What of an answer goes on record: nothing told is lost to a curse, a wish or an order of one's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Talk = Callable[..., Any]


@pytest.mark.parametrize(
    ("locale", "said", "amount"),
    [
        ("en", "You bloody thieves stole £2,000 from my account, fuck you all", "2000.00"),
        ("en", "You idiots charged me £40 twice", "40.00"),
        ("zh-Hans", "你们这群废物，卡里的500块被你们扣了", "500.00"),
        ("zh-Hant", "你哋班仆街，無啦啦扣咗我三千蚊", "3000.00"),
    ],
)
def test_a_curse_takes_nothing_from_a_complaint(locale: str, said: str, amount: str, talk: Talk) -> None:
    heard = talk(locale=locale)
    heard.say(said)
    assert heard.facts.what_happened == said
    assert str(heard.facts.amount.value) == amount
    assert not {"what_happened", "amount"} & set(heard.asks)


@pytest.mark.parametrize("said", ["你们这群废物", "fuck you all", "仆街"])
def test_a_curse_alone_is_no_complaint(said: str, talk: Talk) -> None:
    heard = talk()
    heard.say(said)
    assert heard.facts.what_happened is None


def test_a_curse_in_between_takes_nothing_from_the_story(talk: Talk) -> None:
    heard = talk()
    heard.say("信用卡被多扣了手续费，柜台解释不清")
    heard.say("你们这群废物，昨天我又去了一趟南京路支行，等了三个小时没人理")
    assert "等了三个小时" in heard.facts.what_happened


@pytest.mark.parametrize(
    ("locale", "house", "lines", "told"),
    [
        (
            "zh-Hant",
            "TW",
            ["我要客訴", "11月5日，信義分行，五千元", "理專亂扣我手續費，我要退費，我姓陳，chen@example.tw"],
            "理專亂扣我手續費",
        ),
        ("zh-Hans", "CN", ["我要投诉", "11月5号，500元", "你们信用卡重复扣款"], "重复扣款"),
        ("en", "CN", ["complaint", "3 November, Leeds branch, £40", "They charged me a card fee twice"], "twice"),
        (
            "zh-Hans",
            "CN",
            ["昨天在南京路支行办业务态度很差", "要求道歉。柜员昨天把我的身份证扔在地上，还骂人不肯捡"],
            "扔在地上",
        ),
    ],
)
def test_the_story_is_on_record_whatever_came_before_it(
    locale: str, house: str, lines: list[str], told: str, talk: Talk
) -> None:
    heard = talk(locale=locale, house=house)
    for line in lines:
        heard.say(line)
    assert told in heard.facts.what_happened
    assert heard.facts.what_happened not in lines[1]


def test_the_clerk_told_late_is_added_and_takes_nothing_back(talk: Talk) -> None:
    heard = talk(locale="zh-Hant", house="TW")
    heard.say("昨天信義分行亂扣我手續費五千元")
    heard.say("理專姓陳")
    assert heard.facts.about == "信義分行 · 手續費 · 陳理專"
    assert heard.facts.desired_outcome is None


def test_what_is_wanted_is_never_whom_it_is_about(talk: Talk) -> None:
    heard = talk(locale="zh-Hant", house="TW")
    heard.say("11月8日亂扣我三千元")
    assert heard.asks == ("about",)
    heard.say("退錢")
    assert (heard.facts.about, heard.facts.desired_outcome) == (None, "退錢")


def test_formal_words_do_not_make_hong_kong_money_taiwans(talk: Talk) -> None:
    heard = talk(locale="zh-Hant", house="HK")
    heard.say("11月20日貴行灣仔分行多收我$400匯款費，請退回")
    assert heard.facts.amount.currency == "HKD"


def test_an_introduction_is_no_story(talk: Talk) -> None:
    heard = talk(locale="zh-Hant", house="TW")
    heard.say("小姐你好，我今年七十八歲了，不太會打字")
    assert heard.facts.what_happened is None
    assert heard.asks == ("what_happened",)


@pytest.mark.parametrize(
    ("locale", "said"),
    [("zh-Hans", "你好，我想投诉一下你们银行"), ("zh-Hant", "你好，我要投訴你們銀行"), ("en", "Hello, I want to complain about your bank please")],
)  # fmt: skip
def test_who_says_only_that_they_complain_is_asked_what_happened(locale: str, said: str, talk: Talk) -> None:
    heard = talk(locale=locale)
    heard.say(said)
    assert heard.facts.what_happened is None
    assert "what_happened" in heard.asks


def test_two_characters_can_say_what_happened(talk: Talk) -> None:
    heard = talk()
    heard.say("扣钱")
    heard.say("信用卡")
    assert (heard.facts.what_happened, heard.facts.about) == ("扣钱", "信用卡")


@pytest.mark.parametrize(
    "said",
    ["马上给我改过来", "一分不少退给我，不然我找记者", "再不解决我就去银保监会", "refund it or I go to the ombudsman"],
)
def test_a_wish_or_a_threat_is_not_whom_it_is_about(said: str, talk: Talk) -> None:
    heard = talk()
    heard.say("11月3日你们少给了我300块")
    assert "about" in heard.asks
    heard.say(said)
    assert heard.facts.about is None


@pytest.mark.parametrize("said", ["喂？在吗？", "你好，还在吗"])
def test_calling_in_is_no_question_and_no_wish(said: str, talk: Talk) -> None:
    heard = talk()
    heard.say("年费多扣了300元，上周三")
    heard.say(said)
    assert heard.facts.desired_outcome is None
    assert "desired_outcome" in heard.asks


def test_who_has_no_telephone_is_not_asked_for_it_again(talk: Talk) -> None:
    heard = talk()
    for line in ("年费多扣了300元，上周三", "退给我", "我叫葛大爷，没手机"):
        heard.say(line)
    assert "confirm" in heard.asks
    assert not heard.turns[-1].draft.declined


@pytest.mark.parametrize(
    ("locale", "story", "said"),
    [
        ("zh-Hans", "昨天年费多扣了我200块", "孩子没饭吃了"),
        ("zh-Hant", "昨天年費多扣了我200元", "我冇錢開飯"),
        ("en", "On 3 November you charged me an annual fee of £600", "My kids have nothing to eat"),
    ],
)
def test_a_household_in_need_is_named_and_no_answer_to_the_question(
    locale: str, story: str, said: str, talk: Talk
) -> None:
    heard = talk(locale=locale)
    heard.say(story)
    assert "desired_outcome" in heard.asks
    heard.say(said)
    assert "utter_sympathy_hardship" in heard.turns[-1].says[0].response
    assert heard.facts.desired_outcome is None
    assert said in heard.facts.what_happened


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("你哋要幾耐先搞掂？11月2號將我張卡停咗", "11月2號將我張卡停咗"),
        ("叫你們經理出來，11月3日板橋分行亂扣我300元", "11月3日板橋分行亂扣我300元"),
    ],
)
def test_who_asks_and_tells_has_told(said: str, told: str, talk: Talk) -> None:
    heard = talk(locale="zh-Hant", house="TW")
    heard.say(said)
    assert told in heard.facts.what_happened


def test_whom_they_want_to_speak_with_is_not_whom_it_is_about(talk: Talk) -> None:
    heard = talk(locale="zh-Hant", house="TW")
    heard.say("我要找真人客服")
    assert heard.facts.about is None


def test_what_is_wanted_counts_though_another_matter_follows(talk: Talk) -> None:
    heard = talk(locale="zh-Hant", house="HK")
    heard.say("11月3號荃灣分行個櫃員計錯數，少咗畀我$800")
    heard.say("補返畀我。另外仲有件事要投訴，上個月8號你哋個熱線打咗五次都冇人聽")
    assert heard.facts.desired_outcome == "補返畀我"
    assert heard.facts.occurred_on.text == "2026-11-03"


@pytest.mark.parametrize(
    ("said", "about", "wish"),
    [
        ("不是西湖支行，是西溪支行", "西溪支行 · 服务费", "要求全额退还"),
        ("要求改一下，还要赔我利息", "西湖支行 · 服务费", "要求全额退还；要赔我利息"),
        ("要求改成退一半", "西湖支行 · 服务费", "要求改成退一半"),
    ],
)
def test_only_the_part_that_is_put_right_changes(said: str, about: str, wish: str, talk: Talk) -> None:
    heard = talk()
    heard.say("我叫李雷，13812345678，上个月15号在你们西湖支行被扣了3500元服务费，要求全额退还")
    heard.say(said)
    assert (heard.facts.about, heard.facts.desired_outcome) == (about, wish)


def test_a_yes_that_asks_when_registers(talk: Talk) -> None:
    heard = talk()
    heard.say("我叫李雷，13812345678，上个月15号在你们西湖支行被扣了3500元服务费，要求全额退还")
    heard.say("对，什么时候能退？")
    assert [type(act).__name__ for act in heard.turns[-1].acts] == ["FileCase"]


def test_a_word_that_says_little_does_not_add_to_whom_it_is_about(talk: Talk) -> None:
    heard = talk()
    heard.say("手机银行登不上，三天了")
    heard.say("13812345678 别打电话，发短信")
    assert (heard.facts.about, heard.facts.contact) == ("手机银行", "+8613812345678")


@pytest.mark.parametrize("said", ["The cashier laughed as well", "and nobody even looked at me"])
def test_more_of_what_happened_is_no_wish(said: str, talk: Talk) -> None:
    heard = talk(locale="en")
    heard.say("Your Nairn branch charged me £80 on 6 November for a draft that was never issued")
    answer = heard.say(said)
    assert answer.draft.facts.desired_outcome is None
    assert said in (answer.draft.facts.what_happened or "")
    assert answer.says[0].asks == ("desired_outcome",)


def test_what_announces_another_complaint_is_no_part_of_this_one(talk: Talk) -> None:
    heard = talk(locale="en")
    first = "You charged me £15 on 2 November at Leek branch"
    heard.say(first)
    assert heard.say("I also want to complain about something else").draft.facts.what_happened == first


@pytest.mark.parametrize("said", ["hmm", "let me see", "等一下"])
def test_who_ponders_is_not_sent_to_a_person(said: str, talk: Talk) -> None:
    heard = talk(locale="en")
    heard.say("Ray Dunn, ray@example.org. Your Hyde branch charged me £6 on 4 November to pay in coins. Refund it.")
    heard.say("?")
    assert heard.say(said).acts == ()


@pytest.mark.parametrize(
    ("locale", "story", "said", "contact"),
    [
        ("zh-Hans", "我叫李雷，13812345678，上个月15号在你们西湖支行被扣了3500元服务费，要求退还", "我换手机号了，新号码13900001111", "+8613900001111"),
        ("en", "I am Sam Poe, sam@example.org. On 3 November your Leeds branch charged me a £40 fee. I want it refunded.", "my new email is poe@example.org", "poe@example.org"),
    ],
)  # fmt: skip
def test_a_new_number_after_filing_is_taken(locale: str, story: str, said: str, contact: str, talk: Talk) -> None:
    heard = talk(locale=locale)
    for line in (story, "yes" if locale == "en" else "对", said):
        heard.say(line)
    assert heard.facts.contact == contact


@pytest.mark.parametrize("said", ["补给我", "把钱还我"])
def test_a_wish_is_nobodys_name(said: str, talk: Talk) -> None:
    heard = talk()
    for line in ("年费多扣了300元，上周三", "退给我", "？", said):
        heard.say(line)
    assert heard.facts.name is None


def test_a_clerk_put_right_leaves_the_branch_as_it_was(talk: Talk) -> None:
    heard = talk(locale="zh-Hant", house="TW")
    heard.say("理專陳建宏上週三在信義分行叫我簽空白文件，要返還文件，wu@example.tw")
    heard.say("理專是陳建弘才對")
    assert heard.facts.about == "信義分行 · 理專陳建弘"


def test_what_is_put_right_in_the_story_is_not_lost(talk: Talk) -> None:
    heard = talk(locale="en")
    heard.say(
        "Lee Chan, lee@example.org. In June 2025 the advisor at Hull branch promised me 5% on £20,000, I want the rest"
    )
    answer = heard.say("it's actually 4.5% he promised")
    assert "4.5%" in (answer.draft.facts.what_happened or "")
    assert answer.says[0].response == "utter_added_to_story"


@pytest.mark.parametrize(
    ("locale", "told", "name"),
    [
        ("en", ("You closed my account on Friday with no warning", "£1,640, give me my money back"), "Aisha Rahman"),
        ("zh-Hans", ("上周二在你们手机银行买黄金，成交扣了我86元", "退手续费"), "欧阳静"),
    ],
)
def test_a_name_that_comes_after_the_question_for_the_contact_is_taken(
    locale: str, told: tuple[str, ...], name: str, talk: Talk
) -> None:
    heard = talk(locale=locale)
    for said in told:
        heard.say(said)
    assert heard.asks == ("name", "contact")
    heard.state = {**heard.state, "asked": ["contact"]}  # the name was passed over
    heard.say(name)
    assert heard.facts.name == name
