"""Whom and what the complaint is against, as a short phrase of the customer's own words."""

import pytest

from dialogue.understanding.abouts import about_in, place_beside
from dialogue.understanding.plain import plain


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("我上周在你们滨江支行买的那个理财", "滨江支行 · 理财"),
        ("我上周在滨江支行买了罗经理推荐的理财", "滨江支行 · 理财 · 罗经理"),
        ("姓罗的经理，说跟存款一样", "罗经理"),
        ("信用卡年费乱收", "信用卡年费"),
        ("信用卡的年费乱收", "信用卡的年费"),
        ("提前还款违约金没人告诉我", "提前还款违约金"),
        ("罗经理卖给我的结构性存款", "结构性存款 · 罗经理"),
        ("客户经理李华推荐的基金", "基金 · 客户经理李华"),
        ("昨天去南山支行取款", "南山支行 · 取款"),
        ("招商银行滨江支行", "招商银行滨江支行"),
        ("手机银行登录不上", "手机银行"),
        ("柜员态度恶劣", "柜员"),
        ("柜员态度恶劣，工号1023", "工号1023"),
        ("自動櫃員機食咗我三千蚊", "自動櫃員機"),
        ("晚上柜员机坏了", "柜员机"),
        ("储蓄柜员机没吐钱", "储蓄柜员机"),
        ("智能客服一直绕", "客服"),
        ("值班经理骂我", None),
        ("信用卡客服说不行", "信用卡"),
        ("當班櫃員冷笑", "櫃員"),
        ("投资顾问小王", "小王"),
        ("戚經理講冇風險", "戚經理"),
        ("昨天在永和分行領錢", "永和分行"),
        ("上禮拜五去你們中和分行", "中和分行"),
        ("上個禮拜五旺角分行收多咗", "旺角分行"),
        ("士林天母分行", "士林天母分行"),
        ("我和南山支行說過", "南山支行"),
        ("收我逾期費", "逾期費"),
        ("管理費三千", "管理費"),
        ("不是招行，是你们的信用卡", "信用卡"),
        ("我喺你哋觀塘分行入咗三千八百蚊現金", "觀塘分行"),
        ("國泰世華？不是，就你們的信用卡", "信用卡"),
        ("喺你哋online banking book咗個time deposit，rate得2%", "time deposit"),
        ("理專陳建宏上週三在信義分行叫我簽空白文件", "信義分行 · 理專陳建宏"),
        ("理專是陳建弘才對", "理專陳建弘"),
        ("理專姓陳", "陳理專"),
        ("信義分行的理專是姓歐陽的", "信義分行 · 歐陽理專"),
        ("理專亂扣我的錢", "理專"),
        ("櫃員姓什麼我忘了", "櫃員"),
        ("房贷提前还不了", "房贷"),
        ("征信记录出错", "征信记录"),
        ("短信通知费每月扣", "短信通知费"),
        ("你哋張卡年費喺度亂收錢", "張卡年費"),
        ("旺角分行嘅職員好冇禮貌", "旺角分行 · 職員"),
        ("昨天去你们和平路支行", "和平路支行"),
        ("坐车到你们和谐支行", "和谐支行"),
        ("在你们天河支行办业务", "天河支行"),
        ("昨天在日照分行", "日照分行"),
        ("扣我1200块什么管理费", "管理费"),
        ("卡被冻结三个星期了", "卡"),
        ("从我卡里划走5000块", "我卡"),
        ("中国移动乱扣话费", "中国移动 · 话费"),
        ("強積金轉唔到", "強積金"),
        ("定存到期", "定存"),
        ("you took £1,460 which nobody at your Leeds branch mentioned", "Leeds branch"),
        ("I repaid my mortgage at your Leeds branch", "Leeds branch · mortgage"),
        ("the early repayment fee", "early repayment fee"),
        ("overdraft fee on my current account", "overdraft fee · current account"),
        ("the manager Mr Luo at the Bristol branch", "Bristol branch · manager Mr Luo"),
        ("my credit card was charged twice", "credit card"),
        ("the branch in Leeds was closed", "Leeds branch"),
        ("I go to bank in Wigan", "Wigan branch"),
        ("I went into your bath branch", "bath branch"),
        ("your local branch was closed", None),
        ("your 旺角 branch was closed", "旺角 branch"),
        ("your cashier in Luton was rude", "cashier in Luton"),
        ("charged for a card I never ordered", "card"),
        ("charged twice for the same card payment", None),
        ("you charge me fall below fee", "fall below fee"),
        ("姓魏，城东支行信贷部", "城东支行信贷部"),
        ("You've closed my account with no warning", "account"),
        ("真是为人民服务啊", None),
        ("he took my card", None),
        ("your machine took my card", "machine"),
        ("说是扣什么短信费年费管理费", "短信费 · 管理费"),
        ("不然我要剪卡", None),
        ("Just fix the bloody machine at Stockport branch", "Stockport branch · machine"),
        ("我去给我妈激活社保卡", "社保卡"),
        ("我投诉的是你们经理收我红包才给放款", None),
        ("红包没到账", "红包"),
        ("你们扣着不放，境外汇款", "境外汇款"),
        ("买了外汇亏了", "外汇"),
    ],
)
def test_the_object_of_the_complaint(text: str, about: str | None) -> None:
    found = about_in(text)
    assert (found and found.value) == about


@pytest.mark.parametrize(
    "text", ["你好", "江敏 13900001111", "两万三", "你们支行", "哪个支行", "谢谢", "yesterday", "The branch"]
)
def test_nothing_is_made_up(text: str) -> None:
    assert about_in(text) is None


@pytest.mark.parametrize(
    ("answer", "about"),
    [
        ("就是那个蓝色的小册子产品", "那个蓝色的小册子产品"),
        ("关于你们的利率", "利率"),
        ("the blue brochure thing", "the blue brochure thing"),
    ],
)
def test_asked_what_it_is_about_a_short_answer_stands_for_itself(answer: str, about: str) -> None:
    found = about_in(answer, asked=True)
    assert found is not None
    assert found.value == about
    assert answer.endswith(about)


@pytest.mark.parametrize(
    ("answer", "day", "about"),
    [
        ("Whitby first, then Scarborough. Since August", "Since August", "Whitby first, then Scarborough"),
        ("Skipton, on 3 November", "on 3 November", "Skipton"),
        ("around noon yesterday", "yesterday", None),
        ("I think it was yesterday", "yesterday", None),
        ("Sorry, on 3 November", "on 3 November", None),
    ],
)
def test_asked_where_and_when_a_place_beside_the_day_is_the_answer(answer: str, day: str, about: str | None) -> None:
    found = place_beside(plain(answer), [day])
    assert (found and found.value) == about
