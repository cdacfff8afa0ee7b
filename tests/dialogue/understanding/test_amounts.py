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
