"""How a customer wants to be reached is before whoever rings or writes: in the task, in the record and on paper."""

from __future__ import annotations

from typing import Any

WORDS = "请不要寄信到家里"


async def test_a_letter_that_asks_for_it_has_it_in_the_task_of_whoever_answers(counter: Any) -> None:
    case = await counter.enter(
        what_happened=f"上周在滨江支行买的理财亏了两万三千元，客户经理说是保本的。{WORDS}，我丈夫不知道这件事。"
    )
    assert WORDS in case.to_json()["words"]["reach"]
    [letter] = await counter.tasks("letter")
    assert WORDS in letter["to"]["reach"]


async def test_who_asks_for_nothing_of_the_kind_is_written_to_as_ever(counter: Any) -> None:
    await counter.enter()
    [letter] = await counter.tasks("letter")
    assert letter["to"]["reach"] is None
