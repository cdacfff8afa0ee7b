"""A correction that names its fact puts that fact right, whatever the value looks like."""

from __future__ import annotations

import pytest

from dialogue.understanding.named import as_named, corrections_named


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("the date is wrong, it should be: two nights ago", [("occurred_on", "two nights ago")]),
        (
            "the name is wrong, it should be: Ada Lovelace, the contact is wrong, it should be: 07700 900222",
            [("name", "Ada Lovelace"), ("contact", "07700 900222")],
        ),
        ("what I want is wrong, it should be: an apology", [("desired_outcome", "an apology")]),
        ("投訴對象不對，應該是：就是左營分行\n那個姓賴的理專", [("about", "就是左營分行\n那個姓賴的理專")]),
        ("姓名不對，應該是：關婆婆，關玉英", [("name", "關婆婆，關玉英")]),
        ("日期是上周三，金额应该是580，电话是13800001112", [("occurred_on", "上周三"), ("amount", "580"), ("contact", "13800001112")]),
        ("电话写错了，是13800138000", [("contact", "13800138000")]),
        ("金额不对", []),  # wrong, and not yet what it should be
        ("the date was Friday", []),  # nothing is corrected
        ("要求改成退一半", []),
        ("你们柜员把金额写错了", []),
    ],
)  # fmt: skip
def test_what_is_named(said: str, named: list[tuple[str, str]]) -> None:
    assert [(one.fact, one.said) for one in corrections_named(said)] == named


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("the subject is wrong, it should be: the lady by the stairs", "the lady by the stairs"),
        ("对象不对，应该是：就是存折", "存折"),
    ],
)
def test_what_it_is_about_stands_in_the_customers_words(said: str, value: str) -> None:
    assert as_named(corrections_named(said)[0], None) == value
