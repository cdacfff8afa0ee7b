"""Customers send whole card and identity numbers, however often they are asked not to: nothing that leaves says them back."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from case_store.tables_cases import cases
from case_store.tables_conversations import messages
from tests.bad_days.conftest import Rooms

TOLD = "You charged me a fee of 300 yuan on 3 November in your Leeds branch. I want it back. {number} Ann Lee, {reach}"


@pytest.mark.parametrize(
    ("number", "said_back"),
    [
        ("My card is 4111 1111 1111 1111.", "My card is **** **** **** 1111."),
        ("卡号：6222021234567894。", "7894"),
        ("My identity number is 11010519491231002X.", "My identity number is"),
    ],
)
async def test_a_number_is_kept_and_not_said_back(rooms: Rooms, write: Any, number: str, said_back: str) -> None:
    told = TOLD.format(number=number, reach="ann@customer.example")
    await rooms.mail(write("Ann <ann@customer.example>", told), "ann@customer.example")
    await rooms.settle()
    [answer] = rooms.post.to("ann@customer.example")
    text = answer.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    whole = number.strip(".。").split("is ")[-1].split("：")[-1]
    assert whole not in text
    assert said_back in text
    assert "ann@customer.example" in text  # a wrong address is noticed only where it is read back
    [case] = rooms.rows(sa.select(cases.c.facts))
    assert whole in case.facts["what_happened"]
    said = rooms.rows(sa.select(messages.c.text).where(messages.c.sender == "bot"))
    assert all(whole not in one.text for one in said)
