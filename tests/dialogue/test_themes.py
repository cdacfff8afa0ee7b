"""What a complaint is about, so that the sympathy names what happened and not what a curse seems to say."""

import pytest

from dialogue.themes import themes_in


def _first(text: str) -> str | None:
    found = themes_in(text)
    return found[0].name if found else None


@pytest.mark.parametrize(
    "said",
    ["我妈的养老钱亏了两万", "妈妈的存款没了", "他妈妈的积蓄被骗", "奶奶的退休金", "我阿媽嘅積蓄冇晒", "my mother's savings are gone"],
)  # fmt: skip
def test_old_peoples_money_is_known(said: str) -> None:
    assert _first(said) == "elderly"


@pytest.mark.parametrize(
    "said",
    [
        "昨天ATM吞了我3000块，他妈的没吐钱",
        "他媽的又扣我錢",
        "你妈的，我的存款呢",
        "他奶奶的，钱没到账",
        "他妈的客服走了，没人理我的钱",
        "你媽的分行不在了",
    ],
)
def test_a_curse_is_nobodys_mother(said: str) -> None:
    assert _first(said) not in ("elderly", "bereaved")


@pytest.mark.parametrize(
    ("said", "theme"),
    [
        ("你们没打招呼就把我的账户注销了", "frozen"),
        ("銀行擅自把我的戶口關了", "frozen"),
        ("You closed my account without notice and I have waited for weeks", "frozen"),
        ("卡冻结了，孩子都没饭吃了", "hardship"),
        ("My kids have nothing to eat", "hardship"),
        ("冇錢開飯", "hardship"),
        ("柜台让我滚出去", "attitude"),
        ("我妈去取退休金，柜员骂她", "attitude"),
        ("我妈取养老金，排队等了三个小时", "waiting"),
        ("保安推了我一把", "attitude"),
        ("买的信托，现在全没了", "loss"),
        ("说利息有百分之四，结果只有百分之二", "misled"),
        ("回家才发现是买了一份五年期的保险", "misled"),
        ("说我的三万块不是存款，是保险", "misled"),
        ("你们从我卡里划走了五千", "fee"),
        ("你们就是骗子，扣了我的钱", "fee"),
        ("钱被骗子转走了", "fraud"),
        ("I closed my account and you still charged me", "fee"),
        ("他推我买了基金", None),
        ("骗子！垃圾！", None),
        ("打我电话", None),
    ],
)
def test_the_theme_is_what_happened(said: str, theme: str | None) -> None:
    assert _first(said) == theme
