"""What speaks for two complaints being one matter, and against it: names, sums, days and numbers in three languages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from case_store.duplicates import traits_of
from case_store.likeness import Matter, compare, concepts_in, figures_of, plain_name, span
from case_store.records import Facts, Money, PartialDate


def matter(text: str = "", *, amount: str | None = None, on: str | None = None, **more: Any) -> Matter:
    value, _, currency = (amount or "").partition(" ")
    facts = Facts(
        what_happened=text or None,
        amount=Money(Decimal(value), currency or "CNY") if amount else None,
        occurred_on=PartialDate(on) if on else None,
    )
    return Matter("case", facts, "service", datetime(2026, 11, 20, tzinfo=UTC), **more)


def about(one: Matter, other: Matter) -> dict[str, float]:
    found = {point.about: point.weight for point in compare(one, other).points}
    assert found == {point.about: point.weight for point in compare(other, one).points}  # whichever is looked at
    return found


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ("陳志明", "陈志明先生", "name"),
        ("陈先生", "陈志明", "name"),
        ("陈志明", "陈志强", "other_name"),
        ("陈", "陈志明", "other_name"),  # a surname without a title may be half of another name
        ("Daniel Reyes", "REYES, Daniel", "name"),
        ("D. Reyes", "Daniel Reyes", "name"),
        ("Ben Frost", "Benjamin Frost", "name"),
        ("Daniel Reyes", "Maria Reyes", "other_name"),
        ("Chan Chi Ming", "陳志明", None),  # another script says nothing
        (None, "陈志明", None),
    ],
)
def test_names(one: str | None, other: str | None, found: str | None) -> None:
    assert set(about(matter(name=one), matter(name=other))) == ({found} if found else set())


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ("1800", "1800", "amount"),
        ("35000 HKD", "35000 CNY", "amount"),
        ("23000", "23400", "amount_near"),
        ("1800", "2800", "other_amount"),
        (None, "2800", None),
    ],
)
def test_sums(one: str | None, other: str | None, found: str | None) -> None:
    assert set(about(matter(amount=one), matter(amount=other))) == ({found} if found else set())


def test_a_sum_of_many_digits_says_more_than_a_round_one() -> None:
    exact, round_ = matter(amount="48650.35"), matter(amount="500")
    assert about(exact, exact)["amount"] > about(round_, round_)["amount"]


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ("2026-11-02", "2026-11-02", "day"),
        ("2026-11-02", "2026-11", "time"),
        ("2026-11-02", "2026-11-04", "day_near"),
        ("2026-11-02", "2026-09", "other_day"),
        ("2026", "2026-02-03", "time"),
    ],
)
def test_days(one: str, other: str, found: str) -> None:
    assert set(about(matter(on=one), matter(on=other))) == {found}


def test_the_last_day_of_a_month() -> None:
    assert span(PartialDate("2026-12")) == (date(2026, 12, 1), date(2026, 12, 31))
    assert span(PartialDate("2026-02")) == (date(2026, 2, 1), date(2026, 2, 28))


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("卡号后四位6688", {"6688"}),
        ("合同XT20240917，2026年", {"20240917"}),
        ("亏了35000元，2026年，电话13900001111", set()),
        ("Cheque number 004417 for $2,900", {"004417"}),
    ],
)
def test_numbers_that_name_something(text: str, figures: set[str]) -> None:
    assert figures_of(matter(text)) == figures


@pytest.mark.parametrize(
    ("one", "other", "common"),
    [
        ("信用卡年费", "信用卡年費", {"credit_card", "annual_fee"}),
        ("信用卡年费", "annual fee on my credit card", {"credit_card", "annual_fee"}),
        ("提款機食咗張卡", "the ATM kept my card", {"machine"}),
        ("房贷提前还款违约金", "early repayment penalty on the mortgage", {"loan", "early_repayment", "penalty"}),
    ],
)
def test_one_name_for_what_both_languages_call_it(one: str, other: str, common: set[str]) -> None:
    assert common <= concepts_in(one) & concepts_in(other)


def test_a_person_in_common_is_never_enough() -> None:
    same = {"contacts": frozenset({"a@b.example"}), "name": "江敏"}
    assert compare(matter(**same), matter(**same)).strength is None
    text = "柜台态度恶劣，骂我"
    assert compare(matter(text, **same), matter("信用卡被盗刷三笔", **same)).strength is None


def test_one_branch_product_and_sum_of_two_people_is_not_one_matter() -> None:
    text = "上周在滨江支行买了理财，罗经理说保本，现在亏了"
    one = matter(text, amount="35000", on="2026-11-13", name="江敏", contacts=frozenset({"a@b.example"}))
    other = matter(text, amount="35000", on="2026-11-13", name="郝宇", contacts=frozenset({"c@d.example"}))
    assert compare(one, other).strength is None
    assert compare(one, other).differs[0].about == "other_name"


def test_near_sums_and_times_share_a_trait_whatever_their_steps() -> None:
    for value in range(1000, 100_000, 977):
        one = matter(amount=str(value), on="2026-11-02")
        other = matter(amount=f"{value * 1.1:.2f}", on="2026-10-05")
        assert set(traits_of(one)) & set(traits_of(other)), value


@pytest.mark.parametrize("name", ["", " ", "先生", "…", "\x00", "王" * 5000])
def test_a_name_that_is_none_leaves_no_trait_of_everybody(name: str) -> None:
    assert all(2 < len(trait) <= 80 for trait in traits_of(matter(name=name)))
    assert len(plain_name(name)) <= 5000


def test_a_hostile_text_is_compared_in_no_time() -> None:
    long = matter(("1" * 50 + "," + "行" * 50 + "-" * 50) * 2000, name="江敏")
    compare(long, matter("年费" * 5000, name="江敏"))
    assert len(traits_of(long)) <= 16


@pytest.mark.parametrize(
    ("one", "other", "shown"),
    [
        ("信用卡年费一千八，刷满六次就免", "本人信用卡扣收年費，消費六筆即免", {"信用卡", "年费"}),
        (
            "I repaid my mortgage early and Leeds charged a penalty",
            "Mortgage repaid early, penalty charged, Leeds branch silent",
            {"mortgage", "Leeds", "repaid", "penalty"},
        ),
    ],
)
def test_words_in_common_are_shown_as_they_were_written(one: str, other: str, shown: set[str]) -> None:
    likeness = compare(matter(one, name="江敏"), matter(other, name="江敏"), explained=True)
    (point,) = (point for point in likeness.points if point.about == "wording")
    assert shown <= set(point.here.split())
    assert all(word in one for word in point.here.split())
    assert all(word in other for word in point.there.split())
