"""A customer changes a message: the new text counts, the old one is kept, and nothing is taken for another complaint."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from case_store import turns
from tests.gateway.messenger.conftest import Desk

STORY = "You charged me a fee of 300 yuan on 3 November in your Leeds branch, and nobody had told me"
CORRECTED = STORY.replace("300", "500")


def amount(desk: Desk) -> str:
    money = desk.cases()[0].facts.amount
    assert money is not None
    return f"{money.value}"


async def written(desk: Desk, ann: Any, text: str) -> dict[str, Any]:
    """A message that can be edited later."""
    message = desk.api.message(ann, text=text)
    desk.api.push(message=message)
    return message


async def test_an_edit_before_the_answer_is_simply_answered(desk: Desk, ann: Any) -> None:
    await desk.say(ann, "/start")
    message = await written(desk, ann, STORY)
    desk.api.edit(message, text=CORRECTED)
    await desk.read()
    await desk.settle()
    assert amount(desk) == "500.00"
    assert len(desk.api.texts(ann)) == 2
    assert [said.text for said in desk.said()] == ["/start", CORRECTED]
    assert [edit["text"] for edit in desk.said()[1].edits] == [STORY]
    assert desk.audited("edited") == [{"number": desk.said()[1].number, "text": CORRECTED}]


async def test_an_edit_after_the_answer_corrects_the_facts(desk: Desk, ann: Any) -> None:
    await desk.say(ann, "/start")
    message = await written(desk, ann, STORY)
    await desk.settle()
    before = len(desk.api.sent)
    desk.api.edit(message, text=CORRECTED)
    await desk.settle()
    assert amount(desk) == "500.00"
    [told] = desk.api.sent[before:]
    assert "You have changed an earlier message. I have corrected it to: CNY 500." in told.text
    assert desk.conversation().messages[-1].asks == ("desired_outcome",), "the question that was open is asked again"
    assert desk.cases()[0].facts.what_happened == CORRECTED
    assert len(desk.cases()) == 1


async def test_an_edit_of_a_registered_complaint_is_never_a_second_case(desk: Desk, ann: Any) -> None:
    await desk.say(ann, "/start")
    message = await written(desk, ann, STORY)
    await desk.settle()
    for line in ("I want it back", "Ann Lee, ann@customer.example"):
        await desk.say(ann, line)
    await desk.press(ann, "affirm")
    reference = desk.cases()[0].reference
    assert reference
    desk.api.edit(message, text=f"{CORRECTED}. This is another complaint.")
    await desk.settle()
    assert [case.reference for case in desk.cases()] == [reference]
    assert amount(desk) == "500.00"
    assert "changed an earlier message" in desk.api.texts(ann)[-1]


async def test_at_the_read_back_the_corrected_facts_are_read_back_again(desk: Desk, ann: Any) -> None:
    await desk.say(ann, "/start")
    message = await written(desk, ann, STORY)
    await desk.settle()
    for line in ("I want it back", "Ann Lee, ann@customer.example"):
        await desk.say(ann, line)
    first = desk.asked()
    desk.api.edit(message, text=CORRECTED)
    await desk.settle()
    assert "500" in desk.asked().text
    assert desk.asked().number != first.number
    await desk.press(ann, "affirm")
    assert desk.cases()[0].reference
    assert amount(desk) == "500.00"


async def test_a_slip_put_right_needs_no_answer(desk: Desk, ann: Any) -> None:
    await desk.say(ann, "/start")
    message = await written(desk, ann, STORY.replace("nobody", "nobdy"))
    await desk.settle()
    before = len(desk.api.sent)
    desk.api.edit(message, text=STORY)
    await desk.settle()
    assert desk.api.sent[before:] == []
    assert desk.cases()[0].facts.what_happened == STORY
    await desk.say(ann, "I want it back")
    assert desk.cases()[0].facts.desired_outcome == "I want it back", "the open question is still open"


async def test_an_old_slip_put_right_does_not_bring_back_what_was_corrected_since(desk: Desk, ann: Any) -> None:
    await desk.say(ann, "/start")
    message = await written(desk, ann, STORY.replace("nobody", "nobdy"))
    await desk.settle()
    for line in ("I want it back", "Ann Lee, ann@customer.example", "not 300 but 450"):
        await desk.say(ann, line)
    assert amount(desk) == "450.00"
    desk.api.edit(message, text=STORY)
    await desk.settle()
    assert amount(desk) == "450.00"


async def test_an_edited_answer_is_read_as_an_answer_to_its_question(desk: Desk, ann: Any) -> None:
    for line in ("/start", "You charged me a fee that nobody had told me about, in your Leeds branch"):
        await desk.say(ann, line)
    assert "amount" in desk.conversation().messages[-1].asks or "occurred_on" in desk.conversation().messages[-1].asks
    message = await written(desk, ann, "3 November, 300 yuan")
    await desk.settle()
    assert amount(desk) == "300.00"
    desk.api.edit(message, text="3 November, 350 yuan")
    await desk.settle()
    assert amount(desk) == "350.00"


async def test_an_edit_whose_original_never_came_is_kept_shown_and_answered(desk: Desk, ann: Any) -> None:
    await desk.say(ann, "/start")
    unseen = desk.api.message(ann, text="(never delivered)")
    desk.api.edit(unseen, text=STORY)
    await desk.settle()
    assert [said.text for said in desk.said()] == ["/start", STORY]
    assert amount(desk) == "300.00"
    assert desk.states() == ["read", "read"]


async def test_the_original_of_an_edit_that_overtook_it_is_an_earlier_text_and_no_second_message(
    desk: Desk, ann: Any
) -> None:
    await desk.say(ann, "/start")
    message = desk.api.message(ann, text=STORY)
    desk.api.edit(message, text=CORRECTED)
    desk.api.push(message=message)
    await desk.settle()
    assert [said.text for said in desk.said()] == ["/start", CORRECTED]
    assert [edit["text"] for edit in desk.said()[1].edits] == [STORY]
    assert amount(desk) == "500.00"


async def test_edits_that_overtake_each_other_leave_the_last_one(desk: Desk, ann: Any) -> None:
    await desk.say(ann, "/start")
    message = await written(desk, ann, STORY)
    desk.api.push(edited_message={**message, "edit_date": 1_795_000_300, "text": CORRECTED})
    desk.api.push(edited_message={**message, "edit_date": 1_795_000_200, "text": STORY.replace("300", "400")})
    await desk.settle()
    assert desk.said()[1].text == CORRECTED
    assert sorted(edit["text"] for edit in desk.said()[1].edits) == sorted([STORY, STORY.replace("300", "400")])


@pytest.mark.parametrize("seen_before", [True, False])
async def test_edits_of_an_album_that_overtake_each_other_leave_the_last_one(
    desk: Desk, ann: Any, seen_before: bool
) -> None:
    await desk.say(ann, "/start")
    part = desk.api.message(ann, photo=desk.api.photo(b"receipt"), caption=STORY, media_group_id="g1")
    if seen_before:
        desk.api.push(message=part)
        await desk.settle()
    desk.api.push(edited_message={**part, "edit_date": 1_795_000_300, "caption": CORRECTED})
    await desk.settle()
    desk.api.push(edited_message={**part, "edit_date": 1_795_000_200, "caption": STORY.replace("300", "400")})
    await desk.settle()
    assert desk.said()[1].text == CORRECTED
    assert STORY.replace("300", "400") in [edit["text"] for edit in desk.said()[1].edits]


async def test_a_command_that_is_edited_into_a_complaint_is_one(desk: Desk, ann: Any) -> None:
    message = await written(desk, ann, "/start")
    await desk.settle()
    desk.api.edit(message, text=STORY, entities=[])
    await desk.settle()
    assert amount(desk) == "300.00"
    assert [said.text for said in desk.said()] == [STORY]


async def test_the_files_of_an_edit_that_overtook_its_original_are_kept_once(desk: Desk, ann: Any) -> None:
    message = desk.api.message(ann, photo=desk.api.photo(b"receipt"), caption=STORY)
    desk.api.edit(message, caption=CORRECTED)
    desk.api.push(message=message)
    await desk.settle()
    assert desk.files() == [b"receipt"]
    assert [said.text for said in desk.said()] == [CORRECTED]


async def test_an_edit_that_changes_no_word_changes_nothing(desk: Desk, ann: Any) -> None:
    await desk.say(ann, "/start")
    message = await written(desk, ann, STORY)
    await desk.settle()
    before = len(desk.api.sent)
    desk.api.edit(message, text=STORY)
    await desk.settle()
    assert desk.api.sent[before:] == []
    assert desk.said()[1].edits == ()


async def test_an_edit_while_the_bot_is_thinking_begins_the_turn_again(desk: Desk, ann: Any) -> None:
    await desk.say(ann, "/start")
    message = await written(desk, ann, STORY)
    await desk.read()
    claims = await desk.store.write(turns.claim_due, 10)
    assert [said.text for said in claims[0].unanswered] == [STORY]
    desk.api.edit(message, text=CORRECTED)
    await desk.read()
    assert await desk.store.write(turns.still_mine, claims[0]) is None
    await desk.settle()
    assert amount(desk) == "500.00"


async def test_an_agent_sees_an_edit_and_the_bot_says_nothing(desk: Desk, ann: Any) -> None:
    await desk.say(ann, "/start")
    message = await written(desk, ann, STORY)
    await desk.settle()
    await desk.take_over()
    await desk.settle()
    before, version = len(desk.api.sent), desk.conversation().row["version"]
    desk.api.edit(message, text=CORRECTED)
    await desk.settle()
    assert desk.api.sent[before:] == []
    assert desk.said()[1].text == CORRECTED
    assert desk.conversation().row["version"] > version, "the console is told"


async def test_a_correction_and_a_message_in_one_breath_are_both_taken(desk: Desk, ann: Any) -> None:
    await desk.say(ann, "/start")
    message = await written(desk, ann, STORY)
    await desk.settle()
    desk.api.edit(message, text=CORRECTED)
    desk.api.write(ann, "I want it back")
    await desk.read()
    await desk.settle()
    facts = desk.cases()[0].facts
    assert amount(desk) == "500.00"
    assert facts.desired_outcome == "I want it back"


async def test_danger_in_an_edit_is_heard(desk: Desk, ann: Any) -> None:
    await desk.say(ann, "/start")
    message = await written(desk, ann, STORY)
    await desk.settle()
    desk.api.edit(message, text=f"{STORY}. I want to kill myself")
    await desk.settle()
    assert desk.conversation().row["owner"] == "queue"
    assert desk.conversation().row["urgent"]


async def test_a_live_location_that_moves_is_kept_and_never_answered(desk: Desk, ann: Any) -> None:
    await desk.say(ann, "/start")
    place = {"latitude": 31.23, "longitude": 121.47, "live_period": 900}
    message = desk.api.message(ann, location=place)
    desk.api.push(message=message)
    await desk.settle()
    before = len(desk.api.sent)
    for step in range(5):
        desk.api.edit(message, location={**place, "latitude": 31.24 + step / 100})
    await desk.settle()
    assert desk.api.sent[before:] == []
    assert desk.events() == ["live_location"] * 5
    assert desk.said()[1].text == "[location: 31.230000, 121.470000]"


async def test_an_edited_picture_is_added_and_the_first_is_kept(desk: Desk, ann: Any) -> None:
    await desk.say(ann, "/start")
    message = desk.api.message(ann, photo=desk.api.photo(b"first"), caption="the receipt")
    desk.api.push(message=message)
    await desk.settle()
    desk.api.edit(message, caption="the receipts")
    desk.api.edit(message, photo=desk.api.photo(b"second"), caption="the receipt, complete")
    await desk.settle()
    assert desk.files() == [b"first", b"second"]
    assert desk.said()[1].text == "the receipt, complete"


async def test_an_edit_says_when_it_was_made(desk: Desk, ann: Any) -> None:
    message = await written(desk, ann, STORY)
    desk.api.edit(message, text=CORRECTED)
    await desk.settle()
    [said] = desk.said()
    assert said.edits[0]["at"] == datetime.fromtimestamp(1_795_000_000, UTC).isoformat()
    assert (said.mail or {})["edited_at"] == datetime.fromtimestamp(1_795_000_100, UTC).isoformat()
