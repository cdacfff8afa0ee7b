"""Requests told by their grammar."""

import pytest

from dialogue.understanding.asking import wishes_nothing
from dialogue.understanding.plain import plain
from dialogue.understanding.wishes import wish_in
from tests.growth import grows_no_faster


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("把多收的管理费36块冲回来", "冲回来"),
        ("将我的贷款转回原来那种", "转回"),
        ("这个月又扣我300 退了啊", "退了啊"),
        ("产品经理出来加上", "加上"),
        ("让煤气公司退钱", "退钱"),
        ("快给我锁了", "锁"),
        ("就想你们调个监控看一眼", "监控"),
        ("下回有额度提前说一声就成", "说一声"),
        ("邮件说明这笔怎么算的即可", "说明"),
        ("这规定不能改成靠档吗", "靠档"),
        ("能免么", "免"),
        ("年費可以不收嗎", "不收"),
        ("到底退不退？", "退不退"),
        ("本週五前不補償我,媒體見", "補償"),
        ("幾時先捨得賠我住院嗰筆呀", "賠"),
        ("即刻cut咗佢!!", "cut"),
        ("個地址改返做我新屋", "改返"),
        ("供款退晒佢", "退晒"),
        ("嗰200唔好扣啦", "唔好扣"),
        ("加多個人手好難咩", "人手"),
        ("帮我把密码重置一下好伐", "重置"),
        ("倘若能减免罚息，我一次还清", "减免"),
        ("该赔三万就赔三万", "赔三万"),
        ("那保险我妈糊里糊涂签的，全额退保，一分不能少", "全额退保"),
        ("那个经理应该开除", "开除"),
        ("哪怕退一半呢", "退一半"),
    ],
)
def test_a_chinese_clause_asks_by_its_form(text: str, words: str) -> None:
    found = wish_in(text)
    assert found is not None
    assert words in (found.value or "")


@pytest.mark.parametrize(
    "text",
    [
        "你们把我当傻子耍",
        "把我的存折扔出来",
        "机器把我的卡吃掉了",
        "柜员让我把钱转到理财里",
        "業務說隨時可以解約,拿回本金,我才簽的",
        "我姐上个月退保成功了，拿回来七成",
        "帮我妈存钱，结果成了保险",
        "你们上个月寄错账单给我",
        "希望你们的孩子别碰上这种银行",
        "我要骂人了",
        "能不能要点脸",
        "退款要几天到账",
        "说好能换机票的",
        "你们有监控吧？能查到吗？",
    ],
)
def test_what_was_done_and_what_is_asked_about_is_no_request(text: str) -> None:
    assert wish_in(text) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("if you could remove the default I'd be obliged", "remove"),
        ("I'd settle for a letter, signed", "letter"),
        ("my name corrected. Two Ls.", "corrected"),
        ("how about you keep the branch open", "branch"),
        ("Could I perhaps have it back?", "back"),
        ("could your letters be in large print", "large print"),
        ("a rebate of the charges wouldn't go amiss", "rebate"),
        ("it's got to be removed before I move", "removed"),
        ("Let whoever sent it apologise", "apologise"),
        ("is there any way you could drop the fee", "fee"),
        ("donate what you owe me to the hospice", "donate"),
        ("Please see that they pay.", "pay"),
        ("id want an apology if any of you could spell it", "apology"),
        ("match google rate leh", "match"),
        ("Would you consider paying it as goodwill?", "goodwill"),
        ("it costs £18 a month. Refund or not? just the fifty back ta", "back"),
    ],
)
def test_an_english_sentence_asks_by_its_form(text: str, words: str) -> None:
    found = wish_in(text)
    assert found is not None
    assert words in (found.value or "")


@pytest.mark.parametrize(
    "text",
    [
        "Let me think about it",
        "Get me your manager",
        "correct lah",
        "When will I get it back?",
        "my MP will hear of this, make no mistake",
        "stick your points",
        "she said could you move along",
        "you ought to be ashamed",
    ],
)
def test_what_only_sounds_like_an_order_is_none(text: str) -> None:
    assert wish_in(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "唉，认倒霉吧",
        "我要去银保监会告你们",
        "你们心里清楚",
        "nothing, what could you do",
        "what can I ask for",
        "she laughed at me down the phone",
    ],
)
def test_an_answer_may_wish_for_nothing(text: str) -> None:
    assert wish_in(text, asked=True) is None


@pytest.mark.parametrize("text", ["一个说法", "原价", "八千六", "the lot"])
def test_an_answer_may_be_the_wish(text: str) -> None:
    assert not wishes_nothing(plain(text).plain)
    assert wish_in(text, asked=True) is not None


@pytest.mark.parametrize("piece", ["把我的", "如果你们能", "could you, ", "退返", "让让让", "£5, and so "])
def test_a_hostile_repetition_costs_no_more_than_a_long_text(piece: str) -> None:
    grows_no_faster(lambda size: wish_in(piece * (size // len(piece))), 20_000)
