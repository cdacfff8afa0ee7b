"""What is personal in a text is shown masked; what only looks like it stays as it is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    # telephones
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
    "139.16.255.103",
    "192.168.100.101:54321",
    "尾号5678",
    "138****5678",
    "**** **** **** 7894",
    "Isa. 40:31; 1 2 3 4 5",
    "@megan please look",
]


@pytest.mark.parametrize(("text", "shown", "kind"), PERSONAL, ids=[row[0] for row in PERSONAL])
def test_what_is_personal_is_masked(text: str, shown: str, kind: Kind) -> None:
    assert masked(text) == shown
    assert [piece.kind for piece in pieces(text)] == [kind]
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


@pytest.mark.parametrize(
    "unit",
    [
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
    ],
)
def test_time_grows_as_the_text_does(unit: str) -> None:
    growth.grows_no_faster(lambda size: masked(unit * (size // len(unit))), 20_000)
