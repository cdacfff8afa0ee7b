"""Sums as customers say them: what is money, how much, in which currency; and what is no money at all."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from case_store.records import Language
from dialogue.understanding.amounts import amounts_in

HANS, HANT, EN = Language.HANS, Language.HANT, Language.EN


def said(text: str, language: Language, **more: object) -> list[str | None]:
    return [
        money.value and f"{money.value.value} {money.value.currency}"
        for money in amounts_in(text, language=language, **more)
    ]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("亏了三万五", "35000.00 CNY"),
        ("亏了3.5万", "35000.00 CNY"),
        ("亏了3万5", "35000.00 CNY"),
        ("四千二没了", "4200.00 CNY"),
        ("扣了四千二", "4200.00 CNY"),
        ("是两万三", "23000.00 CNY"),
        ("差了一千二", "1200.00 CNY"),
        ("转错账了，柜台说追不回来，5000", "5000.00 CNY"),
        ("收我2万3", "23000.00 CNY"),
        ("扣了一千八", "1800.00 CNY"),
        ("年费一千八", "1800.00 CNY"),
        ("八百块", "800.00 CNY"),
        ("八百块钱的手续费", "800.00 CNY"),
        ("人民币12345.67元", "12345.67 CNY"),
        ("￥500", "500.00 CNY"),
        ("¥ 1,234.50", "1234.50 CNY"),
        ("3,5000元", "35000.00 CNY"),
        ("35,000元", "35000.00 CNY"),
        ("金额：35000", "35000.00 CNY"),
        ("扣款100.50", "100.50 CNY"),
        ("两千块五", "2000.50 CNY"),
        ("12元5角", "12.50 CNY"),
        ("被骗了三万零五百", "30500.00 CNY"),
        ("一百二十万三千", "1203000.00 CNY"),
        ("1亿2千万", "120000000.00 CNY"),
        ("三点五万", "35000.00 CNY"),
        ("存了5w", "50000.00 CNY"),
        ("大概三万", "30000.00 CNY"),
        ("20万左右", "200000.00 CNY"),
        ("损失叁万伍仟元", "35000.00 CNY"),
        ("被转走4万8", "48000.00 CNY"),
        ("亏损美元5000", "5000.00 USD"),
        ("5000美金不见了", "5000.00 USD"),
        ("１２，０００元", "12000.00 CNY"),
    ],
)
def test_simplified_chinese(text: str, amount: str) -> None:
    assert said(text, HANS) == [amount]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("扣咗我三千蚊", "3000.00 HKD"),
        ("被罰late fee五百塊", "500.00 CNY"),
        ("收咗我一千八年費，冇人理", "1800.00 HKD"),
        ("HK$12,000", "12000.00 HKD"),
        ("港幣三萬五千元", "35000.00 HKD"),
        ("蝕咗3.5萬", "35000.00 HKD"),
        ("三千港紙", "3000.00 HKD"),
        ("被騙新台幣35萬元", "350000.00 TWD"),
        ("NT$3,500", "3500.00 TWD"),
        ("NTD 3500", "3500.00 TWD"),
        ("行員多扣了三千塊", "3000.00 TWD"),
        ("台幣五千元", "5000.00 TWD"),
        ("USD 500", "500.00 USD"),
        ("美金3000", "3000.00 USD"),
        ("損失$5000", "5000.00 HKD"),
    ],
)
def test_traditional_chinese(text: str, amount: str) -> None:
    assert said(text, HANT) == [amount]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("£1,460", "1460.00 GBP"),
        ("charged me 35 pounds", "35.00 GBP"),
        ("a £20k loss", "20000.00 GBP"),
        ("€99.99", "99.99 EUR"),
        ("US$500", "500.00 USD"),
        ("$35 fee", "35.00 USD"),
        ("HK$12,000", "12000.00 HKD"),
        ("1.2 million pounds", "1200000.00 GBP"),
        ("two thousand five hundred dollars", "2500.00 USD"),
        ("fifteen hundred dollars", "1500.00 USD"),
        ("an 800 pound fee", "800.00 GBP"),
        ("half a million pounds", "500000.00 GBP"),
        ("lost two grand at your London office", "2000.00 GBP"),
        ("about two grand", "2000.00 CNY"),
        ("lost 2k", "2000.00 CNY"),
        ("took 1460 from my account", "1460.00 CNY"),
    ],
)
def test_english(text: str, amount: str) -> None:
    """Without a currency or a cue of place it is the institution's own."""
    assert said(text, EN) == [amount]


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("亏了五十几万", HANS, "五十几万"),
        ("现在亏了两万多", HANS, "两万多"),
        ("2万多没了", HANS, "2万多"),
        ("几千块", HANS, "几千块"),
        ("好几万", HANS, "几万"),
        ("上万块", HANS, "上万块"),
        ("二十来万", HANS, "二十来万"),
        ("被骗了三到五万", HANS, "三到五万"),
        ("损失3-5万", HANS, "3-5万"),
        ("亏了三四万", HANS, "三四万"),
        ("蝕咗五十幾萬", HANT, "五十幾萬"),
        ("a couple of hundred quid", EN, "a couple of hundred quid"),
        ("thousands of pounds", EN, "thousands of pounds"),
    ],
)
def test_a_range_is_not_a_number_the_words_are_kept_instead(text: str, language: Language, words: str) -> None:
    (found,) = amounts_in(text, language=language)
    assert (found.value, found.words) == (None, words)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("打了三次电话", HANS),
        ("卡尾号1234", HANS),
        ("亏了30%", HANS),
        ("利率3.5%", HANS),
        ("等了3个小时", HANS),
        ("存了30年", HANS),
        ("打95588没人接", HANS),
        ("万一出事怎么办", HANS),
        ("我们一块去的", HANS),
        ("我今年65岁", HANS),
        ("订单号202511150001", HANS),
        ("罗经理说一直是保本", HANS),
        ("3号窗口", HANS),
        ("打咗三次電話", HANT),
        ("called three times", EN),
        ("in 20 minutes", EN),
        ("I have 2 accounts", EN),
        ("card ending 1234", EN),
        ("5% interest", EN),
        ("within 30 days", EN),
        ("I am 65", EN),
        ("年费被扣了，2025", HANS),
        ("密码是多少，5000", HANS),
    ],
)
def test_numbers_that_are_no_money(text: str, language: Language) -> None:
    assert said(text, language) == []


@pytest.mark.parametrize(
    ("answer", "language", "amount"),
    [
        ("三万五", HANS, "35000.00 CNY"),
        ("2万3", HANS, "23000.00 CNY"),
        ("35000", HANS, "35000.00 CNY"),
        ("一千八，上个月月结单", HANS, "1800.00 CNY"),
        ("大概八百", HANS, "800.00 CNY"),
        ("三千", HANT, "3000.00 CNY"),
        ("1460", EN, "1460.00 CNY"),
    ],
)
def test_asked_for_the_amount_a_bare_number_is_one(answer: str, language: Language, amount: str) -> None:
    assert said(answer, language, asked=True) == [amount]
    assert said("三千" if language is HANT else "1234", language) == []


@given(st.integers(1, 9), st.integers(1, 9))
def test_the_last_digit_counts_in_the_next_lower_unit(units: int, last: int) -> None:
    digits = "零一二三四五六七八九"
    (found,) = amounts_in(f"亏了{digits[units]}万{digits[last]}", language=HANS)
    assert found.value is not None
    assert found.value.value == Decimal(units * 10000 + last * 1000)


@given(st.integers(1, 10**9))
def test_every_width_and_grouping_is_the_same_sum(value: int) -> None:
    wide = str(value).translate({ord(digit): chr(ord(digit) + 0xFEE0) for digit in "0123456789"})
    assert (
        said(f"损失{value}元", HANS)
        == said(f"损失{value:,}元", HANS)
        == said(f"损失{wide}元", HANS)
        == [f"{value}.00 CNY"]
    )


@pytest.mark.parametrize(
    ("text", "region", "amount"),
    [
        ("扣了1.2个w", "CN", "12000.00 CNY"),
        ("少了1w2", "CN", "12000.00 CNY"),
        ("扣了2k5", "CN", "2500.00 CNY"),
        ("被扣五万六千七百八十九块一毛二", "CN", "56789.12 CNY"),
        ("扣了三块五", "CN", "3.50 CNY"),
        ("扣了我8毛钱", "CN", "0.80 CNY"),
        ("新台幣參萬捌仟元整", "TW", "38000.00 TWD"),
        ("扣了3万零50", "CN", "30050.00 CNY"),
        ("是1,50,000元", "CN", "150000.00 CNY"),
        ("二百三十四蚊五毫", "HK", "234.50 HKD"),
        ("港幣517元一事", "HK", "517.00 HKD"),
        ("利息計咗我二千零四十", "HK", "2040.00 HKD"),
        ("ATM少吐兩千", "TW", "2000.00 TWD"),
        ("存了八十萬定存", "TW", "800000.00 TWD"),
        ("刷卡办的年卡3980，", "CN", "3980.00 CNY"),
        ("手续费1420一分不减", "CN", "1420.00 CNY"),
        ("三嚿水手續費", "HK", "300.00 HKD"),
        ("少俾咗我一舊水", "HK", "100.00 HKD"),
        ("兩皮半", "HK", "25000.00 HKD"),
        ("蝕咗十八皮", "HK", "180000.00 HKD"),
        ("蝕咗我兩撇水", "HK", "2000.00 HKD"),
        ("收了四张一百的", "CN", "400.00 CNY"),
        ("日幣八萬六", "TW", "86000.00 JPY"),
        ("人仔五千二", "HK", "5200.00 CNY"),
        ("人民幣八千蚊", "HK", "8000.00 CNY"),
        ("二千蚊美金", "HK", "2000.00 USD"),
        ("3,000歐羅", "HK", "3000.00 EUR"),
        ("100美刀", "CN", "100.00 USD"),
        ("charged 2000 rupees", "GB", "2000.00 INR"),
        ("sixty yo yos", "IE", "60.00 EUR"),
        ("£1,2OO", "GB", "1200.00 GBP"),
        ("£47-20", "GB", "47.20 GBP"),
        ("£1234.56p", "GB", "1234.56 GBP"),
        ("89p", "GB", "0.89 GBP"),
        ("fifty seven pence", "GB", "0.57 GBP"),
        ("forty-two pounds and seventeen pence", "GB", "42.17 GBP"),
        ("fifteen and sixty-five cents", "US", "15.65 USD"),
        ("six hundred and eighty four pounds eleven I'm down", "GB", "684.11 GBP"),
        ("89 pounds 99", "GB", "89.99 GBP"),
        ("two and a half thousand", "GB", "2500.00 GBP"),
        ("a grand and a half", "GB", "1500.00 GBP"),
        ("three quarters of a thousand", "IE", "750.00 EUR"),
        ("one point two k", "GB", "1200.00 GBP"),
        ("1 thousand 7 hundred and fifty", "GB", "1750.00 GBP"),
        ("two thousand, three hundred", "GB", "2300.00 GBP"),
        ("ninetynine pound", "GB", "99.00 GBP"),
        ("three one five pounds forty", "GB", "315.40 GBP"),
        ("nine ninety nine for sth", "GB", "9.99 GBP"),
        ("eleven hundred my mother gave", "GB", "1100.00 GBP"),
        ("fifty-six hundred and you paid nothing", "US", "5600.00 USD"),
        ("I'm two hundred short", "GB", "200.00 GBP"),
        ("it's the 850 you blocked", "GB", "850.00 GBP"),
        ("-26.00 NON-STG TRANS FEE", "GB", "26.00 GBP"),
        ("paid 18.70", "SG", "18.70 SGD"),
        ("that's a monkey you took", "GB", "500.00 GBP"),
        ("they took half a grand", "GB", "500.00 GBP"),
        ("ten large, gone", "GB", "10000.00 GBP"),
        ("7.350 pounds", "GB", "7350.00 GBP"),
        ("12.5k was taken", "GB", "12500.00 GBP"),
    ],
)
def test_other_ways_of_saying_a_sum(text: str, region: str, amount: str) -> None:
    assert in_region(text, region) == [amount]


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("三千块以上", "CN"),
        ("一万以下的钱", "CN"),
        ("小一万块", "CN"),
        ("千儿八百块", "CN"),
        ("百八十块", "CN"),
        ("快三万块", "CN"),
        ("两千块不到", "CN"),
        ("成千三蚊", "HK"),
        ("蝕咗成廿萬", "HK"),
        ("千零蚊", "HK"),
        ("three hundred odd quid", "GB"),
        ("two grand and a bit", "GB"),
        ("between 60 and 80 pounds", "GB"),
        ("less than 900 quid", "GB"),
    ],
)
def test_a_bound_is_no_sum(text: str, region: str) -> None:
    assert in_region(text, region) == [None]


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("积分三万六全清零了", "CN"),
        ("need 25k points for 10k miles", "SG"),
        ("打了95xxx十七次", "CN"),
        ("百万医疗险", "CN"),
        ("機器只收千元鈔", "TW"),
        ("陆陆续续", "CN"),
        ("一毛钱都没少", "CN"),
        ("十万火急", "CN"),
        ("我的邮编是310012", "CN"),
        ("净值跌到0.86", "CN"),
        ("pay 2 cheques in", "GB"),
        ("UEN is 201734556K", "SG"),
        ("don't give a monkey's", "GB"),
        ("a ton of paperwork", "GB"),
        ("at 9pm", "GB"),
    ],
)
def test_points_codes_and_counts_are_no_money(text: str, region: str) -> None:
    assert in_region(text, region) == []


@pytest.mark.parametrize("answer", ["昨天晚上11點，7-11那台", "下午三点", "晚上十一点多", "11点"])
def test_asked_for_the_amount_an_hour_is_none(answer: str) -> None:
    assert said(answer, HANT, asked=True) == []


def in_region(text: str, region: str) -> list[str | None]:
    language = HANT if region in ("HK", "TW") else HANS if region == "CN" else EN
    home = {"CN": "CNY", "HK": "HKD", "TW": "TWD", "GB": "GBP", "US": "USD", "SG": "SGD", "IE": "EUR"}[region]
    return said(text, language, region=region, home_currency=home)
