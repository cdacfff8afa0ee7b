"""What the dialogue says to files: that they have come, once, and the open question again; never that they answered it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from case_store.records import Language
from dialogue.turn import CustomerMessage, CustomerTurn, Pace

STORY = {
    Language.HANS: "你们滨江支行十月二十八日多收了我三百元手续费，没有人告诉过我",
    Language.HANT: "你們中環分行十月二十八日多收了我三百元手續費，沒有人告訴過我",
    Language.EN: "Your Leeds branch charged me £300 on 28 October and nobody had told me about it",
}


def with_files(turn: CustomerTurn, *names: str) -> CustomerTurn:
    [message] = turn.messages
    return replace(turn, messages=(CustomerMessage(message.number, message.text, None, names),))


def send(heard: Any, *names: str, text: str = "") -> Any:
    return heard.take(with_files(heard.next_turn(text), *names))


@pytest.mark.parametrize("language", Language)
def test_a_file_is_acknowledged_by_name_and_the_question_stays_open(
    talk: Callable[..., Any], language: Language
) -> None:
    heard = talk(locale=language)
    asked = heard.say(STORY[language]).says[0].asks
    assert asked
    before = dict(heard.state.get("tries", {})), dict(heard.state.get("times", {}))
    answer = send(heard, "a1.jpg")
    assert "a1.jpg" in answer.says[0].text
    assert answer.says[0].text.count("a1.jpg") == 1
    assert answer.says[0].asks == asked
    assert (heard.state.get("tries", {}), heard.state.get("times", {})) == before
    assert answer.draft == heard.turns[0].draft


def test_files_again_and_again_bring_no_fact_no_failed_try_and_nobody(talk: Callable[..., Any]) -> None:
    heard = talk(locale=Language.EN)
    asked = heard.say(STORY[Language.EN]).says[0].asks
    for number in range(6):
        answer = send(heard, f"photo{number}.jpg")
        assert (answer.says[0].asks, answer.acts) == (asked, ())
    assert heard.say("I want it refunded").draft.facts.desired_outcome


def test_the_stand_in_of_a_file_is_never_an_answer(talk: Callable[..., Any]) -> None:
    heard = talk(locale=Language.EN)
    heard.say(STORY[Language.EN])
    heard.say("I want it refunded")
    assert "name" in heard.asks
    send(heard, "John Smith.pdf")
    assert heard.facts.name is None


def test_several_files_are_counted_and_not_listed(talk: Callable[..., Any]) -> None:
    heard = talk(locale=Language.EN)
    heard.say(STORY[Language.EN])
    text = send(heard, "a.jpg", "b.jpg", "c.jpg").says[0].text
    assert "3 files" in text
    assert "a.jpg" not in text


def test_words_beside_a_file_are_heard_and_the_file_is_acknowledged_first(talk: Callable[..., Any]) -> None:
    heard = talk(locale=Language.EN)
    answer = send(heard, "statement.pdf", text=STORY[Language.EN])
    assert answer.draft.facts.what_happened
    assert answer.says[0].response.startswith("utter_file_received")


def test_a_file_at_the_read_back_confirms_nothing(talk: Callable[..., Any]) -> None:
    heard = talk(locale=Language.EN)
    heard.say(f"My name is Sarah Holt, sarah@example.org. {STORY[Language.EN]}. Please refund it.")
    assert heard.asks == ("confirm",)
    answer = send(heard, "statement.pdf")
    assert (answer.says[0].asks, answer.acts) == (("confirm",), ())
    assert answer.says[0].choices
    assert [type(act).__name__ for act in heard.say("yes").acts] == ["FileCase"]
    assert send(heard, "more.pdf").says[0].asks == ()


def test_a_file_when_withdrawing_withdraws_nothing(talk: Callable[..., Any]) -> None:
    heard = talk(locale=Language.EN)
    heard.say(STORY[Language.EN])
    heard.say("I want to withdraw my complaint")
    assert heard.asks == ("confirm",)
    answer = send(heard, "a.pdf")
    assert (answer.says[0].asks, answer.acts) == (("confirm",), ())


def test_a_conversation_that_begins_with_a_file_is_asked_what_happened(talk: Callable[..., Any]) -> None:
    answer = send(talk(locale=Language.EN), "letter.pdf")
    assert answer.says[0].asks == ("what_happened",)


def test_danger_to_life_goes_before_any_word_about_files(talk: Callable[..., Any]) -> None:
    answer = send(talk(locale=Language.EN), "a.jpg", text="I am going to kill myself")
    assert answer.says[0].response == "utter_danger"


def test_a_letter_is_answered_as_a_letter(talk: Callable[..., Any]) -> None:
    answer = send(talk(locale=Language.EN, pace=Pace.LETTER), "a.pdf", text=STORY[Language.EN])
    assert "utter_file_received" not in answer.says[0].response
