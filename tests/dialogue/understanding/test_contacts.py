"""Addresses and telephone numbers: the customer's own, in one form each; and the numbers that are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from case_store.records import Language
from dialogue.understanding.contacts import contacts_in, number_spans

HANS, HANT, EN = Language.HANS, Language.HANT, Language.EN


def said(text: str, language: Language | None) -> list[str | None]:
    return [contact.value for contact in contacts_in(text, language=language)]


@pytest.mark.parametrize(
    ("text", "language", "contact"),
    [
        ("江敏 13900001111", HANS, "+8613900001111"),
        ("13812345678 别打电话，发短信", HANS, "+8613812345678"),
        ("电话138，1234，5678", HANS, "+8613812345678"),
        ("電話 138、1234、5678", HANS, "+8613812345678"),
        ("139 0000 1111", HANS, "+8613900001111"),
        ("139-0000-1111", HANS, "+8613900001111"),
        ("139.0000.1111", HANS, "+8613900001111"),
        ("１３９００００１１１１", HANS, "+8613900001111"),
        ("+86 139 0000 1111", HANS, "+8613900001111"),
        ("8613900001111", HANS, "+8613900001111"),
        ("0086 13900001111", HANS, "+8613900001111"),
        ("幺三九零零零零幺幺幺幺", HANS, "+8613900001111"),
        ("电话0755-12345678", HANS, "+8675512345678"),
        ("座机 010-62345678", HANS, "+861062345678"),
        ("请打我电话13900001111", HANS, "+8613900001111"),
        ("打给我139 0000 1111", HANS, "+8613900001111"),
        ("電話 0912-345-678", HANT, "+886912345678"),
        ("0912345678", HANT, "+886912345678"),
        ("02-2345-6789", HANT, "+886223456789"),
        ("+886 912 345 678", HANT, "+886912345678"),
        ("9123 4567", HANT, "+85291234567"),
        ("我電話係91234567", HANT, "+85291234567"),
        ("+852 9123 4567", EN, "+85291234567"),
        ("Daniel Reyes, 07700 900123", EN, "+447700900123"),
        ("+44 7700 900123", EN, "+447700900123"),
        ("call me on (212) 555-0123", EN, "+12125550123"),
        ("+1 202 555 0123", EN, "+12025550123"),
        ("A.B@Example.COM", EN, "a.b@example.com"),
        ("邮箱jiang_min@163.com。", HANS, "jiang_min@163.com"),
        ("ｊｉａｎｇ＠ｑｑ．ｃｏｍ", HANS, "jiang@qq.com"),
        ("write to o-neil+bank@mail.example.co.uk, please", EN, "o-neil+bank@mail.example.co.uk"),
    ],
)
def test_how_the_customer_can_be_reached(text: str, language: Language, contact: str) -> None:
    assert said(text, language) == [contact]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("订单号13900001111", HANS),
        ("卡号6222021234567890123", HANS),
        ("身份证110101199003071234", HANS),
        ("打95588没人接", HANS),
        ("打了400-820-8888没人接", HANS),
        ("打了0755-88888888没人接", HANS),
        ("骗子的电话13900001111", HANS),
        ("客服热线 0755-12345678", HANS),
        ("13900001111一直打给我骚扰", HANS),
        ("金额12345678元", HANS),
        ("2025-12-03", HANS),
        ("35000", HANS),
        ("流水号 91234567", HANT),
        ("I called 0345 300 0000", EN),
        ("reference number 07700900123", EN),
        ("account 12345678", EN),
        ("someone@", EN),
        ("@handle", EN),
        ("The manager, Mr Brown, 0113 496 0000, told me to close the account", Language.EN),
    ],
)
def test_numbers_that_do_not_reach_the_customer(text: str, language: Language) -> None:
    assert said(text, language) == []


def test_all_contacts_in_order_each_once() -> None:
    text = "电话13900001111，邮箱 A@b.com，或者 139 0000 1111"
    assert said(text, HANS) == ["+8613900001111", "a@b.com"]


def test_ones_own_number_after_the_hotline() -> None:
    assert said("我打了0755-88888888没人接，我电话0755-12345678", HANS) == ["+8675512345678"]


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from([" ", "-", "", "."]))
def test_mobile_numbers_read_the_same_however_grouped(number: str, gap: str) -> None:
    if len(set(number)) > 1:
        assert said(f"电话 {number[:3]}{gap}{number[3:7]}{gap}{number[7:]}", HANS) == [f"+86{number}"]


@pytest.mark.parametrize(
    ("text", "region", "contact"),
    [
        ("電話是零九一二三四五六七八", "TW", "+886912345678"),
        ("我姓柯柯俊傑，零九一二三四五零零零", "CN", "+886912345000"),
        ("電話係九一二三四五六七", "HK", "+85291234567"),
        ("電話二三四五六七八九", "HK", "+85223456789"),
        ("單號零九一二三四五六七八", "TW", None),
    ],
)
def test_a_number_that_was_dictated(text: str, region: str, contact: str | None) -> None:
    found = contacts_in(text, language=HANT, region=region)
    assert (found[0].value if found else None) == contact


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("我喊他打幺二零他都不动弹", "幺二零"),
        ("快打110啊，你们不管", "110"),
        ("叫咗999先有人理", "999"),
        ("I told them to call 999 and nobody moved", "999"),
        ("打120万给他", None),
        ("报120块的价", None),
        ("打了120次没人接", None),
    ],
)
def test_who_tells_of_an_emergency_call_names_no_sum(text: str, number: str | None) -> None:
    assert [text[start:end] for start, end in number_spans(text)] == ([number] if number else [])
