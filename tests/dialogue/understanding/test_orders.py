"""A wish said as an order counts where the customer gives it, and what only tells is none."""

from __future__ import annotations

import pytest

from dialogue.understanding.orders import only_tells
from dialogue.understanding.spoken import emails_said, numbers_said
from dialogue.understanding.wishes import wish_in
from tests.growth import grows_no_faster


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("Refund it please.", "Refund it please"),
        ("You took it twice. Give it back. Sam Poe, sam@example.org", "Give it back"),
        ("You double charged me on 1 November, refund please", "refund please"),
        ("just find it\nand put it in her account", "find it; put it in her account"),
        ("nobody even said sorry. Just pay it back", "pay it back"),
        ("Find it or I'm going to the FCA", "Find it"),
        ("release the money please", "release the money please"),
        ("Unblock it please.", "Unblock it please"),
        ("Stop calling me", "Stop calling me"),
        ("keep it open", "keep it open"),
        ("she should say sorry to my wife", "she should say sorry to my wife"),
        ("he should be trained or removed", "he should be trained or removed"),
        ("the missing hundred back", "the missing hundred back"),
        ("every penny of interest back", "every penny of interest back"),
        ("The £80, please", "The £80, please"),
        ("waive lah, can or not", "waive lah, can or not"),
        ("I should like my twelve hundred pounds returned, dear.", "I should like my twelve hundred pounds returned, dear"),
        ("your 旺角 branch charged me 年費, pls 退錢", "退錢"),
    ],
)  # fmt: skip
def test_what_the_customer_orders_is_wished(text: str, wish: str) -> None:
    found = wish_in(text)
    assert found is not None
    assert found.value == wish


@pytest.mark.parametrize(
    "text",
    [
        "They told me: return the card",
        "the clerk said cancel it",
        "I took the money back to the branch",
        "They took the money back",
        "Your staff gave me the money back",
        "They should have told me",
        "I asked them to refund it and they laughed",
        "Please find the attached statement",
        "Let me know when you are there",
        "Let me speak to the manager",
        "make it £40",
        "please drop it, I found the notice",
        "Shall I send it?",
        "Send me the form",
        "Refund never arrived",
        "I do hope I am writing to the right place",
        "I hope you are well",
    ],
)
def test_what_others_were_told_and_what_is_asked_is_no_order(text: str) -> None:
    assert wish_in(text) is None


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("The cashier laughed as well", True),
        ("and nobody even looked at me", True),
        ("My neighbour had exactly the same, it isn't as if we can't fill in a form", True),
        ("I was there for two hours", True),
        ("the fee paid back", False),
        ("he should have been trained", False),
        ("an apology for what was said", False),
        ("that it never happens to anybody else", False),
        ("I want it cancelled", False),
        ("the account closed and the money returned", False),
        ("a refund", False),
    ],
)
def test_what_is_past_and_wishes_nothing_only_tells(text: str, tells: bool) -> None:
    assert only_tells(text) is tells


@pytest.mark.parametrize(
    "piece", ["so ", "and so ", "please, ", "a-", "told refund it, ", "refund it, ", "the money ", "at a dot "]
)
def test_a_hostile_repetition_costs_no_more_than_a_long_text(piece: str) -> None:
    def read(size: int) -> None:
        text = piece * (size // len(piece))
        wish_in(text)
        [*emails_said(text), *numbers_said(text)]

    grows_no_faster(read, 20_000)
