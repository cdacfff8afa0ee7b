"""Choices by button: taken once, while their question is open, and answered to Telegram only when they are committed."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.bot_api import Fault
from tests.gateway.messenger.conftest import Desk

TELLING = (
    "/start",
    "You charged me a fee of 300 yuan on 3 November in your Leeds branch, and nobody had told me",
    "I want it back",
    "Ann Lee, ann@customer.example",
)


async def read_back(desk: Desk, ann: Any) -> None:
    for line in TELLING:
        await desk.say(ann, line)
    assert [button["text"] for button in desk.asked().buttons] == [
        "All correct, please register",
        "Something to change",
    ]


async def until(happened: Any) -> None:
    async with asyncio.timeout(30):
        while not happened():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_a_choice_counts_and_its_buttons_go(desk: Desk, ann: Any) -> None:
    await read_back(desk, ann)
    asked = desk.asked()
    await desk.press(ann, "affirm")
    await until(lambda: desk.api.answered and not asked.buttons)
    assert desk.cases()[0].reference
    assert desk.said()[-1].text == "All correct, please register"
    assert desk.said()[-1].choice == "affirm"


async def test_nothing_is_answered_that_could_not_be_stored(desk: Desk, ann: Any) -> None:
    await read_back(desk, ann)
    asked, take = desk.asked(), desk.channel._accept

    async def refused(arrival: Any) -> Any:
        from channels.channel import StoreUnavailable

        raise StoreUnavailable("gone", retry_after=0)

    desk.channel._accept = refused
    desk.api.press(ann, asked, "affirm")
    polled = len(desk.api.called("getUpdates"))
    await until(lambda: len(desk.api.called("getUpdates")) > polled + 2)
    assert desk.api.answered == []
    assert asked.buttons
    desk.channel._accept = take
    await desk.settle()
    await until(lambda: desk.api.answered)
    assert desk.cases()[0].reference


async def test_a_button_pressed_twice_is_one_choice(desk: Desk, ann: Any) -> None:
    await read_back(desk, ann)
    asked = desk.asked()
    desk.api.press(ann, asked, "affirm")
    desk.api.press(ann, asked, "affirm")
    await desk.settle()
    desk.api.press(ann, asked, "affirm")
    await desk.settle()
    assert [said.choice for said in desk.said() if said.choice] == ["affirm"]
    assert desk.events() == ["choice_again", "choice_again"]
    assert len(desk.cases()) == 1


async def test_a_button_of_an_earlier_question_changes_nothing(desk: Desk, ann: Any) -> None:
    await read_back(desk, ann)
    earlier = desk.asked()
    told = await desk.say(ann, "the amount is 500")
    assert "500" in told
    told = await desk.press(ann, "affirm", earlier)
    assert "earlier question" in told
    assert desk.cases()[0].reference is None
    assert desk.events() == ["choice_too_late"]
    await desk.press(ann, "affirm")
    assert desk.cases()[0].reference


async def test_who_presses_both_means_the_second(desk: Desk, ann: Any) -> None:
    await read_back(desk, ann)
    asked = desk.asked()
    desk.api.press(ann, asked, "affirm")
    desk.api.press(ann, asked, "deny")
    await desk.read()
    await desk.settle()
    assert desk.cases()[0].reference is None
    assert "should I change" in desk.api.texts(ann)[-1]


async def test_a_value_that_was_not_offered_is_no_choice(desk: Desk, ann: Any) -> None:
    await read_back(desk, ann)
    told = await desk.press(ann, "withdraw_everything")
    assert "earlier question" in told
    assert desk.cases()[0].reference is None


async def test_a_choice_counts_though_the_number_of_its_question_was_never_noted(desk: Desk, ann: Any) -> None:
    """The process died between sending the question and noting what Telegram called it."""
    await read_back(desk, ann)
    from case_store.tables_outbox import deliveries

    desk.store.write_now(lambda tx: tx.execute(deliveries.update().values(external_id=None)))
    await desk.press(ann, "affirm")
    assert desk.cases()[0].reference


async def test_an_answer_in_words_takes_the_buttons_away(desk: Desk, ann: Any) -> None:
    await read_back(desk, ann)
    asked = desk.asked()
    await desk.say(ann, "yes, that is right")
    assert desk.cases()[0].reference
    assert asked.buttons == []


async def test_what_the_house_says_beside_a_question_leaves_its_buttons(desk: Desk, ann: Any) -> None:
    await read_back(desk, ann)
    asked = desk.asked()
    assert "Here you can" in await desk.say(ann, "/help")
    assert asked.buttons
    await desk.press(ann, "affirm", asked)
    assert desk.cases()[0].reference


async def test_a_bot_api_that_does_not_answer_to_the_button_loses_no_choice(desk: Desk, ann: Any) -> None:
    await read_back(desk, ann)
    desk.api.fail("answerCallbackQuery", Fault(bare=502))
    desk.api.fail("editMessageReplyMarkup", Fault(bare=502))
    await desk.press(ann, "affirm")
    assert desk.cases()[0].reference
