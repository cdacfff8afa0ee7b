"""Texts that are written to do harm cost no more than long ones and break nothing, wherever in the conversation they come.

Not here: half surrogate pairs, which the channels keep away from the engine.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogue.embedded import EmbeddedEngine
from dialogue.understanding.agreement import approval_in
from dialogue.understanding.understand import understand
from tests.dialogue.conftest import Conversation
from tests.dialogue.houses import NOW
from tests.growth import grows_no_faster

PIECES = [
    "九", "9", "1,", "$", "£5, ", "请", "能不能", "不是我说的", "no ", "my ", "is ", "just ", "on ", "so ", "a", "ab-cd ", "“", "\"a\" ", "✅", "✅ ",
    "\u200b", "\u202e", "\0", "İ", "ﬁ", "\n", " ", "，", "农历", "闰", "两天前", "2月30日", "31/02/2024 ", "多了个零", "不是A是B", "姓王",
    "should be ", "trust me ", "我叫王", "maiden ", "with an e ", "删", "一二", "at dot ",
]  # fmt: skip
ODD = [
    "九" * 5_000, "9" * 10_000, "9" * 4_301 + "元", "九" * 4_301 + "年前", "9" * 4_000 + " days ago", "1e999", "HK$1e999", "公元0年1月1日", "0000-01-01",
    "99999-12-31", "农历13月40日", "农历9999年八月十五", "1899年正月初一", "闰十三月三十一", "30 February", "Feb 30 2024", "31/02/2024", "-500元", "minus 500 dollars",
    "负五百元", "$-500", "²元", "٣ dollars", "①②③元", "½ 元", "𝟗" * 500 + "元", "99999999999 years ago", "上" * 4_000 + "个月", "9999年12月31日之后",
    "\0", "\u202e500 元", "✅" * 4_000 + "x", "早九年",
]  # fmt: skip
STATES = ("start", "name", "occurred_on", "amount", "confirm")
TOLD = ("上周二在你们手机银行买黄金积存，页面写着免手续费，成交扣了我86元。要求退手续费。", "鲜于洁 13800138000")


def at(talk: Callable[..., Conversation], state: str) -> Conversation:
    begun = talk()
    if state == "start":
        return begun
    for line in TOLD:
        begun.say(line)
    assert begun.asks == ("confirm",)
    if state != "confirm":
        begun.state = {**begun.state, "asked": [state], "phase": "open"}
        begun.draft = replace(begun.draft, facts=replace(begun.draft.facts, **{state: None}))
    return begun


@pytest.mark.parametrize("piece", PIECES)
def test_reading_takes_no_longer_than_the_text_is_long(piece: str) -> None:
    grows_no_faster(lambda size: understand(piece * (size // len(piece)), now=NOW, asked=("name",)), 4_000)


@pytest.mark.parametrize("state", STATES)
def test_odd_texts_are_answered_wherever_they_come(engine: EmbeddedEngine, state: str) -> None:
    begun = at(lambda: Conversation(engine), state)
    texts = [*ODD, *(piece * (400 // len(piece)) for piece in PIECES)]
    for text in texts[STATES.index(state) :: len(STATES)]:  # each at one of them
        talk = Conversation(engine, state=dict(begun.state), draft=begun.draft)
        talk.say(text)
        assert talk.turns[-1].says, text[:20]


def test_signs_of_approval_are_told_in_no_time() -> None:
    grows_no_faster(lambda size: approval_in("✅" * size + "x"), 4_000)
    assert approval_in("✅ 100%") == "✅ 100%"
    assert approval_in("+1 👍👍") == "+1 👍👍"


FRAGMENTS = "我叫|江敏|王|姓|名字是|my name is|Sarah|Mr|Smith|it's|I am|5|May|last|week|Friday|三|月|十五|号|农历|八月|中秋|前|两天|去年|2025|3月|12|日|$|500|HK|£|五百|百|元|万|two|hundred|dollars|扣了|lost|taken|not|不是|instead of|half|138|00138000|1380013|8000|a@|b.com|@|滨江|支行|branch|Leeds|before|after|the day|Easter|清明|节|a million|k|USD|港币|about|大概|from|to|and|、|至|到".split("|")  # noqa: SIM905  # fmt: skip


@given(
    st.lists(st.sampled_from(FRAGMENTS), min_size=2, max_size=4),
    st.sampled_from(["name", "contact", "occurred_on", "amount", "confirm"]),
)
@settings(max_examples=60, deadline=None)
def test_no_value_reaches_from_one_message_into_the_next(lines: list[str], asked: str) -> None:
    found = understand("\n".join(lines), now=NOW, asked=(asked,))
    for fact in ("name", "contact", "occurred_on", "amount"):
        assert "\n" not in found.evidence.get(fact, "")


@pytest.mark.parametrize(
    "lines",
    [["金额对", "取消登记名字"], ["钱没问题", "删掉我的电话"], ["金额无误", "后面", "有个0"]],
)
def test_at_the_read_back_one_message_puts_nothing_of_another_right(
    talk: Callable[..., Conversation], lines: list[str]
) -> None:
    begun = at(talk, "confirm")
    known = begun.facts
    begun.say(lines)
    assert (begun.facts.amount, begun.facts.contact) == (known.amount, known.contact)
