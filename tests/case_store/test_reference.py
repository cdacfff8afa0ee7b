"""Reference numbers: made once, read however they are typed, a typing error told from a number that isn't one."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from case_store.reference import (
    MistypedReference,
    check_digit,
    next_reference,
    parse_reference,
    reference_of,
    references_in,
)
from case_store.store import Store, Transaction
from case_store.tables_cases import reference_numbers

NUMBER = "C20261123-000421-4"


def test_the_example_of_the_contract() -> None:
    assert reference_of(date(2026, 11, 23), 421) == NUMBER
    assert check_digit("20261123000421") == "4"


@pytest.mark.parametrize(
    ("digits", "digit"),
    [
        ("0794", "5"),  # the example of ISO 7064
        ("13669597", "6"),  # a German VAT number
        ("8609574271", "9"),  # the German tax office's sample number
        ("6943515153", "0"),  # a Croatian personal number
    ],
)
def test_check_digits_are_those_of_iso_7064(digits: str, digit: str) -> None:
    assert check_digit(digits) == digit


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (NUMBER, NUMBER),
        ("c20261123-000421-4", NUMBER),
        ("C202611230004214", NUMBER),
        ("202611230004214", NUMBER),
        ("20261123-000421-4", NUMBER),
        ("  C 20261123 000421 4 ", NUMBER),
        ("Ｃ２０２６１１２３－０００４２１－４", NUMBER),
        ("C20261123–000421—4", NUMBER),
        ("C20261123_000421.4", NUMBER),
        ("C20261123-1234567-" + check_digit("202611231234567"), "C20261123-1234567-" + check_digit("202611231234567")),
        ("", None),
        ("C", None),
        ("case 421", None),
        ("C20261123-0421-4", None),
        ("D20261123-000421-4", None),
        ("C20261123-000421-4; DROP TABLE cases", None),
        ("+86 138 0013 8000", None),
        ("9" * 5000, None),
    ],
)
def test_a_number_is_read_however_it_is_typed(typed: str, meant: str | None) -> None:
    assert parse_reference(typed) == meant


@pytest.mark.parametrize(
    "typed", ["C20261123-000421-5", "C20261123-000412-4", "c202611230004219", "C20261132-000421-4"]
)
def test_a_wrong_digit_is_told_as_a_typing_error(typed: str) -> None:
    with pytest.raises(MistypedReference, match="check digit"):
        parse_reference(typed)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.integers(1, 10**9), st.data())
def test_every_number_is_read_back_and_any_one_wrong_digit_is_noticed(
    day: date, number: int, data: st.DataObject
) -> None:
    reference = reference_of(day, number)
    assert parse_reference(reference) == reference
    assert references_in(f"about {reference}.") == [reference]
    place = data.draw(st.sampled_from([at for at, letter in enumerate(reference) if letter.isdigit()]))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != reference[place]]))
    with pytest.raises(MistypedReference):
        parse_reference(reference[:place] + other + reference[place + 1 :])


SECOND = reference_of(date(2026, 11, 24), 7)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"Re: [{NUMBER}] 关于理财", [NUMBER]),
        (f"我的编号是{NUMBER}，谢谢", [NUMBER]),
        (f"{NUMBER} and {SECOND} and {NUMBER}", [NUMBER, SECOND]),
        ("编号Ｃ２０２６１１２３-０００４２１-４", [NUMBER]),
        ("C202611230004214", [NUMBER]),
        ("C20261123-000421-5", []),  # a typing error in a mail is no number
        ("ABC20261123-000421-4", []),
        ("C20261123-000421-47", []),
        ("nothing here", []),
        ("C" * 30_000, []),
    ],
)
def test_numbers_that_a_text_mentions(text: str, found: list[str]) -> None:
    assert references_in(text) == found


async def test_numbers_given_in_parallel_are_all_different(store: Store) -> None:
    given_out = await asyncio.gather(*[store.write(next_reference, date(2026, 11, 23), f"k{n}") for n in range(20)])
    assert len(set(given_out)) == 20
    assert all(parse_reference(reference) == reference for reference in given_out)


async def test_a_number_is_never_given_twice_even_if_its_row_is_gone(store: Store) -> None:
    first = await store.write(next_reference, date(2026, 11, 23), "k")

    def forget(tx: Transaction) -> None:
        tx.execute(sa.delete(reference_numbers))

    await store.write(forget)
    assert await store.write(next_reference, date(2026, 11, 23), "k") != first
