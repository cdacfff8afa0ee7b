"""What a complaint is about, so that the sympathy names what happened and not what a curse seems to say."""

import pytest

from dialogue.themes import only_announces, themes_in


def _first(text: str) -> str | None:
    found = themes_in(text)
    return found[0].name if found else None


@pytest.mark.parametrize(
    "said",
    ["我妈的养老钱亏了两万", "妈妈的存款没了", "他妈妈的积蓄被骗", "奶奶的退休金", "我阿媽嘅積蓄冇晒", "我阿嬤的定存被解約", "my mother's savings are gone"],
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
        ("行員沒問我就幫我辦了信用卡", "unasked"),
        ("你哋冇問過我就開咗張信用卡", "unasked"),
        ("They opened an account without asking me", "unasked"),
        ("個經理當住咁多人面講我戶口得返幾多錢", "leak"),
        ("我在永和分行被行員兇", "attitude"),
        ("琴日個職員鬧我", "attitude"),
        ("理專一直打電話來推銷", "harassment"),
        ("你哋熄咗我個網上戶口", "frozen"),
        ("將我張卡停咗", "frozen"),
        ("你哋沙田分行唔準我攞錢", "frozen"),
    ],
)
def test_what_is_not_about_money_is_known(said: str, theme: str) -> None:
    found = themes_in(said)
    assert theme in [entry.name for entry in found]
    assert not any(entry.money for entry in found)


@pytest.mark.parametrize(
    ("said", "theme"),
    [
        ("收我$2,000逾期費，我明明已經還咗", "fee"),
        ("琴日北角分行收多咗我$500", "fee"),
        ("個ATM少咗畀我$300", "fee"),
        ("讓別人提走了我母親的五萬元", "fraud"),
        ("張信用卡俾人碌緊", "fraud"),
        ("快帮我停卡，我的卡刚被偷了，正在被人刷", "fraud"),
        ("職員把我的支票弄丟了", "papers"),
        ("櫃員把我的身分證影本弄丟了", "papers"),
        ("他說要提走了我再打", None),
        ("文件齊全，行員把時間弄丟了", None),
    ],
)
def test_money_taken_and_papers_lost_are_known_in_words_of_taiwan_and_hong_kong(said: str, theme: str | None) -> None:
    assert _first(said) == theme


@pytest.mark.parametrize(
    "said", ["我想投訴", "我要客訴", "我要投诉你们银行", "I want to make a complaint", "唔該，我想投訴"]
)
def test_that_somebody_complains_is_not_what_about(said: str) -> None:
    assert only_announces(said)


@pytest.mark.parametrize("said", ["我要投訴理專", "I want to complain about the fee", "投訴年費亂扣"])
def test_what_about_is_more(said: str) -> None:
    assert not only_announces(said)


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
        ("Barclays closed my account", "frozen"),
        ("my card is blocked", "frozen"),
        ("it's not about going hungry, you charged me a fee", "fee"),
        ("You lost my passport and nobody has called me back", "papers"),
        ("你們把我的房產證弄丟了", "papers"),
        ("You sent my statement to the wrong house", "leak"),
        ("The manager shouted at a man in the queue", "attitude"),
        ("I stood in the queue for an hour", "waiting"),
        ("your clerk told me to shut up", "attitude"),
        ("your ATM gave me nothing", "outage"),
        ("someone stole £2,000 from my account", "fraud"),
        ("my late father's account, you took money from it", "bereaved"),
        ("For my gran. You moved her £9,000 savings", "elderly"),
        ("他推我买了基金", None),
        ("骗子！垃圾！", None),
        ("打我电话", None),
    ],
)
def test_the_theme_is_what_happened(said: str, theme: str | None) -> None:
    assert _first(said) == theme


@pytest.mark.parametrize(
    ("said", "theme"),
    [
        ("投了二十万，现在只剩十六万三，等了一个月", "loss"),
        ("排队只剩两个窗口，等了一个小时", "waiting"),
        ("理财经理说这个跟存款一样稳", "misled"),
    ],
)
def test_what_is_left_and_what_was_said_outweigh_the_wait(said: str, theme: str) -> None:
    assert _first(said) == theme
