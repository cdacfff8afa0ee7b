"""What is personal in a text is shown masked; what only looks like it stays as it is."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.iso7064 import mod_11_2

from gateway import checked_numbers, telephones
from gateway.masking import EVERYTHING, NUMBERS, Kind, masked, pieces
from tests import growth

PERSONAL = [
    # identity numbers
    ("身份证11010519491231002X", "身份证110***********002X", Kind.ID),
    ("11010519491231002x", "110***********002x", Kind.ID),
    ("110105 19491231 002X", "110*** ******** 002X", Kind.ID),
    ("１１０１０５１９４９１２３１００２Ｘ", "１１０***********００２Ｘ", Kind.ID),
    ("440524188001010014", "440***********0014", Kind.ID),
    ("旧证 110105491231002", "旧证 110********1002", Kind.ID),
    ("HKID A123456(3)", "HKID A****56(3)", Kind.ID),
    ("港证a123456（3）", "港证a****56（3）", Kind.ID),
    ("身分證 A123456789", "身分證 A******789", Kind.ID),
    ("居留證 A800000014", "居留證 A******014", Kind.ID),
    # bank cards
    ("卡6222021234567894", "卡************7894", Kind.CARD),
    ("6222 0212 3456 7894", "**** **** **** 7894", Kind.CARD),
    ("６２２２　０２１２　３４５６　７８９４", "****　****　****　７８９４", Kind.CARD),
    ("4111-1111-1111-1111", "****-****-****-1111", Kind.CARD),
    ("my card 4111111111111111, stolen", "my card ************1111, stolen", Kind.CARD),
    ("订单号4111111111111111", "订单号************1111", Kind.CARD),  # whatever it is called, it is a card
    ("378282246310005", "***********0005", Kind.CARD),
    ("3782 822463 10005", "**** ****** *0005", Kind.CARD),
    ("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "* * * * * * * * * * * * 1 1 1 1", Kind.CARD),
    # as people write what has a check digit
    ("* 6222021234567894", "* ************7894", Kind.CARD),  # a bullet
    ("* 6222 0212 3456 7894", "* **** **** **** 7894", Kind.CARD),
    ("**卡号** 6222021234567894", "**卡号** ************7894", Kind.CARD),
    ("*6222021234567894", "*" * 13 + "7894", Kind.CARD),
    ("6222021234567894*", "*" * 12 + "7894*", Kind.CARD),
    ("**6222021234567894**", "*" * 14 + "7894**", Kind.CARD),
    ("_6222021234567894_", "_************7894_", Kind.CARD),
    ("**** 6222 0212 3456 7894", "**** **** **** **** 7894", Kind.CARD),
    ("6222&nbsp;0212&nbsp;3456&nbsp;7894", "****&nbsp;****&nbsp;****&nbsp;7894", Kind.CARD),
    ("6222&#160;0212&#xA0;3456 7894", "****&#160;****&#xA0;**** 7894", Kind.CARD),
    ("6222\xa00212\xa03456\xa07894", "****\xa0****\xa0****\xa07894", Kind.CARD),
    ("6222\t0212\t3456\t7894", "****\t****\t****\t7894", Kind.CARD),
    ("6222 0212\n3456 7894", "**** ****\n**** 7894", Kind.CARD),
    ("> 6222 0212\r\n> 3456 7894", "> **** ****\r\n> **** 7894", Kind.CARD),
    ("622202123456\n7894", "************\n7894", Kind.CARD),
    ("6222-0212-\n3456-7894", "****-****-\n****-7894", Kind.CARD),
    ("6222/0212/3456/7894", "****/****/****/7894", Kind.CARD),
    ("6222 - 0212 - 3456 - 7894", "**** - **** - **** - 7894", Kind.CARD),
    ("6222\u200b0212\u200d3456\ufeff7894", "****\u200b****\u200d****\ufeff7894", Kind.CARD),
    ("62\u200c220\u206021234567894", "**\u200c***\u2060*******7894", Kind.CARD),
    ("ICBC6222021234567894", "ICBC************7894", Kind.CARD),
    ("ICBC-6222021234567894", "ICBC-************7894", Kind.CARD),
    ("A1-6222021234567894", "A1-************7894", Kind.CARD),
    ("6222021234567894icbc", "************7894icbc", Kind.CARD),
    ("** 11010519491231002X", "** 110***********002X", Kind.ID),
    ("ID11010519491231002X", "ID110***********002X", Kind.ID),
    ("110105/19491231/002X", "110***/********/002X", Kind.ID),
    ("110105 19491231\n002X", "110*** ********\n002X", Kind.ID),
    ("110105&nbsp;19491231&nbsp;002x", "110***&nbsp;********&nbsp;002x", Kind.ID),
    ("110105 19491231 002 X", "110*** ******** 002 X", Kind.ID),
    ("1 1 0 1 0 5 1 9 4 9 1 2 3 1 0 0 2 X", "1 1 0 * * * * * * * * * * * 0 0 2 X", Kind.ID),
    ("**A123456(3)**", "**A****56(3)**", Kind.ID),
    # telephones
    ("**13812345678**", "**138****5678**", Kind.PHONE),
    ("* 138 1234 5678", "* 138 **** 5678", Kind.PHONE),
    ("\u202d138\u200b1234\u200b5678\u202c", "\u202d138\u200b****\u200b5678\u202c", Kind.PHONE),
    ("打13812345678", "打138****5678", Kind.PHONE),
    ("138-1234-5678", "138-****-5678", Kind.PHONE),
    ("138，1234，5678", "138，****，5678", Kind.PHONE),
    ("１３８１２３４５６７８", "１３８****５６７８", Kind.PHONE),
    ("1 3 8 1 2 3 4 5 6 7 8", "1 3 8 * * * * 5 6 7 8", Kind.PHONE),
    ("+86 138 1234 5678", "+86 138 **** 5678", Kind.PHONE),
    ("008613812345678", "0086138****5678", Kind.PHONE),
    ("座机0571-88886666", "座机0571-****6666", Kind.PHONE),
    ("(010) 8888 6666", "(010) **** 6666", Kind.PHONE),
    ("+852 9123 4567", "+852 **** 4567", Kind.PHONE),
    ("85291234567", "852****4567", Kind.PHONE),
    ("致電 9123 4567", "致電 **** 4567", Kind.PHONE),
    ("call me on 91234567", "call me on ****4567", Kind.PHONE),
    ("0912-345-678", "09**-**5-678", Kind.PHONE),
    ("02-2345-6789", "02-****-6789", Kind.PHONE),
    ("07700 900123", "077** **0123", Kind.PHONE),
    ("+44 7700 900123", "+44 77** **0123", Kind.PHONE),
    ("+1 415-555-0132", "+1 41*-***-0132", Kind.PHONE),
    # mail
    ("li.na@customer.example", "l***@customer.example", Kind.MAIL),
    ("邮箱li.na@customer.example。", "邮箱l***@customer.example。", Kind.MAIL),
    ("** li.na@customer.example", "** l***@customer.example", Kind.MAIL),
    ("*li.na@customer.example*", "*l***@customer.example*", Kind.MAIL),
    ("张三@qq.com", "张***@qq.com", Kind.MAIL),
    ("张三li@qq.com", "张三l***@qq.com", Kind.MAIL),
    ("我的邮箱是张三@qq.com", "我的邮箱***@qq.com", Kind.MAIL),  # where the sentence ends can't be seen
    ("li6222021234567894@customer.example", "l***@customer.example", Kind.MAIL),
]

NOTHING_PERSONAL = [
    "",
    "上周买的理财亏了两万多",
    "C20261128-000001-0",
    "C20261128-000421-4",
    "2026-11-28 13:30:22.123456+08:00",
    "2026/11/28",
    "20261128",
    "电话是20261128那天打的",
    "35,000.00",
    "12,345,678.00",
    "13812345678.00",
    "¥13812345678",
    "13812345678元",
    "HK$91234567",
    "订单号13812345678",
    "order number 13812345678",
    "流水号91234567",
    "订单号231128120512789",
    "91234567",  # eight digits that nobody calls a telephone
    "400-820-8820",
    "95588",
    "11010519491231002Y",
    "110105194912310021",  # a wrong check digit
    "110105194913310025",  # no thirteenth month
    "990105194912310028",  # no such province
    "6222021234567890",  # no Luhn
    "7222021234567893",  # nobody issues these
    "4444444444444444",
    "A123456(4)",
    "A123456788",
    "1795868400123",  # moments in milliseconds and nanoseconds
    "1795868400123456789",
    "123e4567-e89b-12d3-a456-426614174000",
    "0193a1b2c3d47e8f9a0b1c2d3e4f5a6b",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "ab4111111111111111cd12ef",  # from a digest
    "12ab4111111111111111",
    "28/11/2026 28/11/2026",
    "2026/11/28 - 2026/11/29",
    "4111\n1111\n1111\n1111",  # a column
    "4111\n\n1111 1111 1111",
    "139.16.255.103",
    "192.168.100.101:54321",
    "尾号5678",
    "138****5678",
    "**** **** **** 7894",
    "Isa. 40:31; 1 2 3 4 5",
    "@megan please look",
    "请@megan 看一下",
    "请@李娜看一下",
]


@pytest.mark.parametrize(("text", "shown", "kind"), PERSONAL, ids=[row[0] for row in PERSONAL])
def test_what_is_personal_is_masked(text: str, shown: str, kind: Kind) -> None:
    assert masked(text) == shown
    assert [piece.kind for piece in pieces(text)] == [kind]
    if not text.startswith("li6222"):  # a card as well
        assert masked(text, EVERYTHING - {kind}) == text


@pytest.mark.parametrize("text", NOTHING_PERSONAL)
def test_what_is_not_personal_stays_as_it_is(text: str) -> None:
    assert masked(text) == text


def test_several_in_one_sentence_are_each_masked() -> None:
    text = "我卡6222 0212 3456 7894 13812345678，证件11010519491231002X，单号C20261128-000421-4，邮箱a.b@c.example"
    assert masked(text) == (
        "我卡**** **** **** 7894 138****5678，证件110***********002X，单号C20261128-000421-4，邮箱a***@c.example"
    )
    assert masked(text, NUMBERS) == (
        "我卡**** **** **** 7894 13812345678，证件110***********002X，单号C20261128-000421-4，邮箱a.b@c.example"
    )


@pytest.mark.parametrize(
    "text",
    [
        "身份证11010519491231002X-378282246310005-11010519491231002x",
        "6222 0212 3456 7894 91234567",
        "1 3 8 1 2 3 4 5 6 7 8 1 3 9 1 2 3 4 5 6 7 8",
        "13812345678 110*** ******** 002X",
        "order ab@c 13812345678",
        "6222 0212 3456 7894@0",
        "call x1@b 91234567",
        "6222 0212 3456 7894-li.na@customer.example",
        "致電 9123 4567/@megan please look",
    ],
)
def test_numbers_beside_numbers_are_masked_at_once(text: str) -> None:
    assert masked(masked(text)) == masked(text)
    assert "13812345678 " not in masked(text)


_WORDS = st.lists(
    st.one_of(
        st.sampled_from([row[0] for row in PERSONAL]),
        st.sampled_from(NOTHING_PERSONAL),
        st.text(max_size=6),
        st.text("0123456789 -+().*,@Xx年A", max_size=30),
    ),
    max_size=6,
)
_TEXTS = st.builds(lambda words, joint: joint.join(words), _WORDS, st.sampled_from(["", " ", "，", "\n", "-"]))


@given(_TEXTS)
def test_masking_twice_is_masking_once(text: str) -> None:
    once = masked(text)
    assert masked(once) == once


@given(_TEXTS)
def test_what_stands_around_it_is_untouched(text: str) -> None:
    found = pieces(text)
    kept = [
        text[last:first]
        for last, first in zip([0, *(p.end for p in found)], [*(p.start for p in found), len(text)], strict=True)
    ]
    rest = masked(text)
    for part, piece in zip(kept, [*found, None], strict=True):
        assert rest.startswith(part)
        rest = rest[len(part) :]
        if piece is not None:
            assert rest.startswith(piece.shown)
            rest = rest[len(piece.shown) :]
    assert rest == ""


@given(_TEXTS)
def test_a_mask_is_as_long_as_what_it_hides_so_that_places_in_the_text_still_hold(text: str) -> None:
    assert all(len(piece.shown) == piece.end - piece.start for piece in pieces(text, EVERYTHING - {Kind.MAIL}))


@given(st.text().filter(lambda text: not re.search(r"[0-9０-９@＠]", text)))
def test_a_text_without_digits_or_addresses_is_unchanged(text: str) -> None:
    assert masked(text) == text


@given(st.from_regex(checked_numbers._ISSUERS, fullmatch=True), st.booleans())
def test_a_card_is_what_an_issuer_may_have_given_out_and_luhn_confirms(number: str, valid: bool) -> None:
    if valid:
        number = number[:-1] + luhn.calc_check_digit(number[:-1])
    assume(len(set(number)) > 1 and not mod_11_2.is_valid(number))
    found = pieces(number, frozenset({Kind.CARD}))
    assert [piece.kind for piece in found] == [Kind.CARD] * luhn.is_valid(number)


_DIGITS = st.text("0123456789", max_size=40)


@pytest.mark.parametrize("card", ["6222021234567894", "4111111111111111", "378282246310005"])
@given(before=_DIGITS, after=_DIGITS, joint=st.sampled_from([" ", "、", "-"]))
def test_a_card_spelled_among_other_digits_is_never_to_be_read(card: str, before: str, after: str, joint: str) -> None:
    shown = masked(joint.join(before + card + after))[2 * len(before) :][: 2 * len(card) : 2]
    assert shown.count("*") >= len(card) - 7


HOSTILE = [
    "1",
    "1 ",
    "1234 ",
    "a@",
    "a",
    "A1 ",
    "A123456",
    "138 1234 5678 ",
    "-1",
    "1(",
    "+",
    "+1",
    "1,",
    "１",
    "00 ",
    "@a.",
    "0 ",
    "0、",
    "0 9 ",
    "0 7 1 ",
    "6 2 ",
    "6 2 2 2 0 2 1 2 3 4 5 6 7 8 9 4 ",
    "6222 0212 3456 7890 ",
    "4 ",
    "1 1 0 1 0 5 1 9 4 9 1 2 3 1 0 0 2 0 ",
    "1 9 0 1 0 1 ",
    "+1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 ",
    "+1234567 ",
    "021 2345678 ",
    "call 90000000 ",
    "* * * * 1 ",
    "*1",
    "a1-1234567 ",
    "1 - ",
    "1/",
    "1\n> ",
    "1\u200b",
    "&nbsp;1",
    "&",
    "张@a.bc",
    "12345678901234567X ",
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_time_grows_as_the_text_does(unit: str) -> None:
    growth.grows_no_faster(lambda size: masked(unit * (size // len(unit))), 20_000)


_LONG = 8_000  # characters of a message that a chat takes


@pytest.mark.parametrize("unit", [*HOSTILE, None])
def test_whoever_writes_a_hostile_text_does_not_make_us_ask_for_each_of_its_characters(
    unit: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    possible = telephones._is_possible
    monkeypatch.setattr(telephones, "_is_possible", lambda *of: asked.append(of[0]) or possible(*of))
    numbers = random.Random(4)
    masked(
        unit * (_LONG // len(unit)) if unit else " ".join(f"0{numbers.randrange(10**10)}" for _ in range(_LONG // 12))
    )
    assert len(asked) <= 100
    asked.clear()
    masked((unit or "07123456789 ") * 600, NUMBERS)
    assert asked == []


def test_one_who_makes_us_ask_too_often_is_believed() -> None:
    numbers = [f"+999{number}" for number in range(10_000_000, 10_000_300)]  # no country
    assert masked(numbers[0]) == numbers[0]
    assert masked("\n".join(numbers)).endswith("+999****0299")
