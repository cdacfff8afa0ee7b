"""At the read-back: one word in the place of another, figures of things the record has no place for, and "the rest is right"."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from case_store.records import Language
from dialogue.embedded import EmbeddedEngine, embedded_engine
from dialogue.turn import FileCase
from tests.dialogue.conftest import Conversation
from tests.dialogue.houses import HOUSES

_TOLD: dict[str, tuple[str, tuple[str, ...]]] = {
    "GB": ("en", ("Your cashier at Leeds branch short-changed me £50 yesterday", "Give me the £50", "Ann Lee 07700 900555")),
    "HK": ("zh-Hant", ("琴日喺旺角分行，個teller少畀咗我$50", "賠返$50", "李安 61235555")),
    "TW": ("zh-Hant", ("昨天在板橋分行，行員少給我50元", "把50元補給我", "李安 0912345555")),
    "CN": ("zh-Hans", ("昨天在城东支行，我爸78了，柜员少给他50块", "把50块补给我", "李安 13900005555")),
    "adviser": ("en", ("I want to complain", "about a mortgage adviser called Gareth", "He said the product fee was included. It isn't. £1,495.", "Signed in June", "refund the fee, and an apology from Gareth himself", "Tom Baines", "tom.baines@example.com")),
    "window": ("zh-Hans", ("我在3号窗口办业务，等了2个小时，前面才5个人", "昨天上午9点", "给个说法", "老冯 13011112222")),
    "windows": ("zh-Hant", ("琴日朝早10點喺旺角分行等咗3個鐘", "第7號窗個職員話我阻住晒", "要佢道歉", "Wong Tai Man 61112222")),
    "manager": ("zh-Hans", ("你们经理李强骂我傻逼", "8月15号", "我要李强道歉", "叫我张姐吧", "13711110000")),
    "teller": ("en", ("Your teller at Mong Kok shouted at my maid", "she was only paying my electricity bill", "yesterday", "I want that teller fired", "Mrs Cheung 9876 5432")),
    "interest": ("zh-Hant", ("保單借款利息", "7月", "多收兩次", "各1,250", "經辦姓簡", "退一次就好 另一次是我搞錯", "鍾先生 0921000222")),
}  # fmt: skip
_HOUSES = {"adviser": "GB", "window": "CN", "windows": "HK", "manager": "CN", "teller": "HK", "interest": "TW"}
_FACTS = ("occurred_on", "amount", "name", "contact", "about", "desired_outcome")


@cache
def _engine() -> EmbeddedEngine:
    return embedded_engine()


def read_back(told: str) -> Conversation:
    language, lines = _TOLD[told]
    talk = Conversation(_engine(), locale=Language(language), house=HOUSES[_HOUSES.get(told, told)])
    for line in lines:
        talk.say(line)
    assert talk.asks == ("confirm",)
    return talk


def is_filed(talk: Conversation, said: str) -> bool:
    return any(isinstance(act, FileCase) for act in talk.say(said).acts)


def changed(talk: Conversation, said: str) -> dict[str, str]:
    was = talk.draft.facts.to_json()
    talk.say(said)
    now = talk.draft.facts.to_json()
    return {fact: _word(now[fact]) for fact in _FACTS if now[fact] != was[fact]}


def _word(value: Any) -> str:
    return f"{value['value']} {value['currency']}" if isinstance(value, dict) else str(value)


@pytest.mark.parametrize(
    ("told", "said", "values"),
    [
        ("adviser", "Fee was £1,999, adviser was Gary not Gareth, and it was July", {"amount": "1999.00 GBP", "about": "adviser called Gary", "desired_outcome": "refund the fee, and an apology from Gary himself", "occurred_on": "2026-07"}),
        ("adviser", "it's Gary not Gareth", {"about": "adviser called Gary", "desired_outcome": "refund the fee, and an apology from Gary himself"}),
        ("teller", "Not Mong Kok, Prince Edward", {"about": "teller at Prince Edward"}),
        ("GB", "yes, except it was Bradford not Leeds", {"about": "Bradford branch · cashier"}),
        ("GB", "bradford not leeds", {"about": "Bradford branch · cashier"}),
        ("GB", "556 at the end not 555", {"contact": "+447700900556"}),
        ("GB", "It's Anne with an e, and 556 at the end not 555", {"name": "Anne Lee", "contact": "+447700900556"}),
        ("CN", "对，但是城东改成城西", {"about": "城西支行 · 柜员"}),
        ("CN", "城西，不是城东", {"about": "城西支行 · 柜员"}),
        ("HK", "唔係旺角，係太子", {"about": "太子分行 · teller"}),
        ("TW", "不是行員，是經理啦", {"about": "板橋分行 · 經理"}),
        ("manager", "是李刚不是李强", {"about": "经理李刚", "desired_outcome": "我要李刚道歉"}),
    ],
)  # fmt: skip
def test_what_is_denied_by_name_is_put_right_and_nothing_else(told: str, said: str, values: dict[str, str]) -> None:
    assert changed(read_back(told), said) == values


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("window", "是4号窗口"),
        ("windows", "係24號窗"),
        ("windows", "係8號窗"),
        ("CN", "不是我爸78，是79了"),
        ("GB", "it was window 4"),
        ("GB", "counter 12, not counter 3"),
    ],
)
def test_a_figure_of_another_thing_is_told_with_the_story(told: str, said: str) -> None:
    talk = read_back(told)
    assert changed(talk, said) == {}
    assert said in (talk.draft.facts.what_happened or "")


def test_a_figure_of_nobody_knows_what_is_asked_about() -> None:
    talk = read_back("GB")
    assert changed(talk, "I'm 72 not 71") == {}
    assert "Which part should I change?" in talk.text


@pytest.mark.parametrize(
    ("told", "right", "rest"),
    [
        ("CN", "金额是60", "其他对"),
        ("CN", "金额是60", "嗯呢"),
        ("HK", "係60蚊", "其餘啱"),
        ("TW", "是60元", "其他都對喔"),
        ("GB", "it was £60", "The rest is right dear"),
        ("GB", "it was £60", "everything else is fine, thanks"),
        ("GB", "it was £60", "hm ok"),
    ],
)
def test_who_agrees_to_the_rest_agrees_once_something_was_put_right(told: str, right: str, rest: str) -> None:
    talk = read_back(told)
    assert changed(talk, right).keys() == {"amount"}
    assert is_filed(talk, rest)


@pytest.mark.parametrize(("told", "said"), [("CN", "其他对"), ("HK", "其餘啱"), ("GB", "The rest is right dear")])
def test_who_agrees_to_the_rest_at_first_says_that_something_is_wrong(told: str, said: str) -> None:
    assert not is_filed(read_back(told), said)


@pytest.mark.parametrize(("told", "said"), [("interest", "總共 1,250"), ("TW", "總共 50")])
def test_a_statement_with_a_figure_agrees_to_nothing(told: str, said: str) -> None:
    assert not is_filed(read_back(told), said)


@pytest.mark.parametrize("said", ["The rest is right but not the date", "其他对，金额不对"])
def test_the_rest_with_a_reservation_is_not_agreed_to(said: str) -> None:
    told = "GB" if said.isascii() else "CN"
    talk = read_back(told)
    talk.say("it was £60" if told == "GB" else "金额是60")
    assert not is_filed(talk, said)
