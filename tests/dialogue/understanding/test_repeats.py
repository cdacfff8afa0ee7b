"""What is told once more is known again; what is new beside it is all that is left."""

from __future__ import annotations

import pytest

from dialogue.understanding.repeats import says_again, without_repeated
from tests.growth import grows_no_faster

TOLD = "你们APP半夜给我推了十几条贷款短信，我从来没同意过营销，退订也没用"
BURST = "ARE YOU KIDDING ME\nmy student loan landed this morning\nyou lot swallowed NINE HUNDRED"


@pytest.mark.parametrize(
    ("said", "known", "new"),
    [
        (f"我说过了，{TOLD}", TOLD, ""),
        (TOLD, TOLD, ""),
        (f"我说过了，{TOLD}，昨天", TOLD, "昨天"),
        (f"as I said: {BURST.replace(chr(10), ' ')}", BURST, ""),
        (f"like I've already said, {BURST} yesterday", BURST, "yesterday"),
        ("I told you already: it was Monday", BURST, "it was Monday"),
        ("like I said, the credit card", "they blocked the credit card at the till", "the credit card"),  # an answer
        ("the credit card", "they blocked the credit card at the till", "the credit card"),
        ("昨天", TOLD, "昨天"),
        (TOLD, None, TOLD),
        ("今天又来了两条，你们管不管", TOLD, "今天又来了两条，你们管不管"),
    ],
)
def test_only_what_is_new_is_left(said: str, known: str | None, new: str) -> None:
    assert without_repeated(said, known) == new


@pytest.mark.parametrize("said", ["As I said before.", "我已经说过了", "我刚才都讲过啦", "I told you that already"])
def test_it_is_announced(said: str) -> None:
    assert says_again(said)


@pytest.mark.parametrize("said", ["he said it was free", "他说过可以退", "as soon as I said no"])
def test_what_others_said_announces_nothing(said: str) -> None:
    assert not says_again(said)


@pytest.mark.parametrize("piece", ["as i said ", "我说过", "我已经", "a,"])
def test_a_hostile_repetition_is_read_at_once(piece: str) -> None:
    known = "x" * 3_000 + "a" * 3_000
    grows_no_faster(lambda size: without_repeated(piece * (size // len(piece)), known), 20_000)
