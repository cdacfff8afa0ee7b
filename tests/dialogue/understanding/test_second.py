"""Where another matter begins: what is told of it belongs to a case of its own."""

import pytest

from dialogue.understanding.second import LONGEST, parted
from tests.growth import grows_no_faster


@pytest.mark.parametrize(
    ("text", "own", "other"),
    [
        ("年费多扣了。另外还有第二件事，昨天柜员骂我", "年费多扣了。", "昨天柜员骂我"),
        ("另外你们的手机银行昨天把我锁了，这是另一件事", "", "另外你们的手机银行昨天把我锁了"),
        ("扣了我三百。另外昨天ATM吞卡了，这是另一件事", "扣了我三百。", "另外昨天ATM吞卡了"),
        ("另外仲有第二件事，你哋個職員鬧我", "", "你哋個職員鬧我"),
        ("還有另外一件事，你們的ATM吃了我的卡", "", "你們的ATM吃了我的卡"),
        ("再说一件事，上个月还多收我20块", "", "上个月还多收我20块"),
        ("我要投诉两件事，第一，扣了我90元；第二，昨天柜员态度恶劣", "我要投诉两件事，第一，扣了我90元", "昨天柜员态度恶劣"),
        ("第一件事是年费乱扣\n第二件事是柜员骂我，昨天", "第一件事是年费乱扣", "柜员骂我，昨天"),
        ("我有两个问题要投诉：1.乱收费300元 2.客服不接电话", "我有两个问题要投诉：1.乱收费300元", "客服不接电话"),
        ("The fee was wrong. Also, your app locked me out. That is a separate matter.", "The fee was wrong.", "Also, your app locked me out."),
        ("My first complaint is the fee. My second complaint is your rude clerk.", "My first complaint is the fee.", "My second complaint is your rude clerk."),
    ],
)  # fmt: skip
def test_what_is_told_of_another_matter_is_parted(text: str, own: str, other: str) -> None:
    assert parted(text) == (own, other)


@pytest.mark.parametrize(
    "text",
    [
        "我还要投诉另一件事",  # announced, not told
        "还有一件事我想问，利率是多少",
        "还有一件事忘了说，经理姓黄",
        "另外一个柜员说不行，我又去了另一家支行",
        "经理答应我两件事，第一件是退费，第二件是道歉",
        "他们说存款和保险是另一回事",
        "客服说这是另一件事，让我重新打电话",
        "另外我手上有当时的录音",
        "I also want to complain about something else",
        "They told me this is a different issue and hung up",
        "I was told another thing at the branch",
        "",
    ],
)
def test_more_of_the_same_matter_stays_with_it(text: str) -> None:
    assert parted(text) is None


def test_what_is_kept_has_an_end() -> None:
    split = parted("另外还有第二件事，" + "柜员骂我，" * 2_000)
    assert split is not None
    assert len(split[1]) == LONGEST


@pytest.mark.parametrize(
    "piece", ["另外，", "还有第二件事，", "第二，", "这是另一件事", "还有", "Also, it is a separate matter. "]
)
def test_a_hostile_repetition_costs_little(piece: str) -> None:
    grows_no_faster(
        lambda size: parted(piece * (size // len(piece))), 20_000
    )  # not as where one star stands in another
