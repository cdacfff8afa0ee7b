"""Messages changed after they were answered, and things that come without words: in three languages, and what must not happen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from dialogue.turn import AnotherComplaint, BotTurn, CustomerMessage, FileCase
from dialogue.wording import faults

STORIES = {
    "zh-Hans": "中山路支行11月3号多扣了我300元手续费，事先没有人告诉我",
    "zh-Hant": "中環分行11月3日多收了我300元手續費，事前沒有人告訴我",
    "en": "Your York branch charged me a late fee of 300 yuan on 3 November although I had paid on time",
}
SAYS = {"zh-Hans": "也更正为", "zh-Hant": "改好了：", "en": "corrected it to"}


def hear(heard: Any, *messages: CustomerMessage) -> BotTurn:
    """A turn with messages as the house would hand them over."""
    answer = heard.engine.turn(replace(heard.next_turn(""), messages=messages))
    heard.state, heard.draft = dict(answer.state), answer.draft
    heard.turns.append(answer)
    return answer


def correct(heard: Any, was: str, now: str) -> BotTurn:
    return hear(heard, CustomerMessage(0, now, corrects=was))


def bring(heard: Any, what: str) -> BotTurn:
    return hear(heard, CustomerMessage(0, "", brought=what))


@pytest.mark.parametrize("locale", list(STORIES))
def test_the_facts_follow_an_edited_message(talk: Callable[..., Any], locale: str) -> None:
    heard = talk(locale=locale)
    story = STORIES[locale]
    heard.say(story)
    asked = heard.asks
    answer = correct(heard, story, story.replace("300", "500"))
    assert f"{heard.facts.amount.value}" == "500.00"
    assert heard.facts.what_happened == story.replace("300", "500")
    assert SAYS[locale] in heard.text
    assert heard.asks == asked, "the open question again"
    assert faults(heard.text, answer.language) == []
    assert answer.acts == ()


@pytest.mark.parametrize("locale", list(STORIES))
def test_an_edit_counts_as_no_try(talk: Callable[..., Any], locale: str) -> None:
    heard = talk(locale=locale)
    story = STORIES[locale]
    heard.say(story)
    tries, times = heard.state.get("tries"), heard.state.get("times")
    for sum_ in ("400", "500", "600", "700"):
        before, story = story, STORIES[locale].replace("300", sum_)
        correct(heard, before, story)
    assert (heard.state.get("tries"), heard.state.get("times")) == (tries, times)
    assert heard.acts == []


def test_a_fact_that_was_added_is_learned(talk: Callable[..., Any]) -> None:
    heard = talk(locale="en")
    story = "Your York branch charged me a late fee although I had paid on time"
    heard.say(story)
    correct(heard, story, f"{story}, on 3 November")
    assert heard.facts.occurred_on.text == "2026-11-03"
    assert "occurred_on" not in heard.asks


def test_a_fact_that_an_edit_left_alone_stays_as_it_was_corrected_since(talk: Callable[..., Any]) -> None:
    heard = talk(locale="en")
    heard.say(STORIES["en"])
    correct(heard, STORIES["en"], STORIES["en"].replace("300", "500"))
    answer = correct(heard, STORIES["en"].replace("late", "lat"), STORIES["en"])
    assert f"{heard.facts.amount.value}" == "500.00"
    assert answer.says == ()


def test_what_edits_say_of_another_complaint_begins_none(talk: Callable[..., Any]) -> None:
    heard = talk(locale="en")
    heard.say(f"My name is Sarah Holt, sarah@example.org. {STORIES['en']}. Please refund it.")
    answer = heard.say("yes, that is right")
    assert any(isinstance(act, FileCase) for act in answer.acts)
    answer = correct(heard, STORIES["en"], f"I have another complaint. {STORIES['en'].replace('300', '500')}")
    assert not any(isinstance(act, AnotherComplaint | FileCase) for act in answer.acts)
    assert answer.says
    assert heard.asks == ()


def test_an_edited_greeting_that_becomes_a_complaint_is_one(talk: Callable[..., Any]) -> None:
    heard = talk(locale="en")
    heard.say("hello")
    correct(heard, "hello", STORIES["en"])
    assert heard.facts.what_happened == STORIES["en"]
    assert "changed an earlier" not in heard.text


def test_an_edit_does_not_answer_a_question_of_ours(talk: Callable[..., Any]) -> None:
    """The read-back waits for a yes: an edited message that holds one is none."""
    heard = talk(locale="en")
    said = f"yes, I mean it. {STORIES['en']}"
    heard.say(f"My name is Sarah Holt, sarah@example.org. Please refund it. {said}")
    assert heard.asks == ("confirm",)
    answer = correct(heard, said, said.replace("300", "500"))
    assert answer.acts == ()
    assert heard.asks == ("confirm",)
    assert "500" in heard.text


@pytest.mark.parametrize("locale", list(STORIES))
@pytest.mark.parametrize("what", ["file", "voice"])
def test_what_has_no_words_is_received_and_the_question_asked_again(
    talk: Callable[..., Any], locale: str, what: str
) -> None:
    heard = talk(locale=locale)
    for _ in range(4):
        answer = bring(heard, what)
        assert heard.asks == ("what_happened",)
        assert faults(heard.text, answer.language) == []
        assert answer.acts == ()
    heard.say(STORIES[locale])
    asked, tries = heard.asks, heard.state.get("tries")
    bring(heard, what)
    assert heard.asks == asked
    assert heard.state.get("tries") == tries


def test_what_has_no_words_at_the_read_back_confirms_nothing(talk: Callable[..., Any]) -> None:
    heard = talk(locale="en")
    heard.say(f"My name is Sarah Holt, sarah@example.org. {STORIES['en']}. Please refund it.")
    assert heard.asks == ("confirm",)
    answer = bring(heard, "file")
    assert answer.acts == ()
    assert heard.asks == ("confirm",)


def test_what_has_no_words_after_filing_is_only_received(talk: Callable[..., Any]) -> None:
    heard = talk(locale="en")
    heard.say(f"My name is Sarah Holt, sarah@example.org. {STORIES['en']}. Please refund it.")
    heard.say("yes, that is right")
    bring(heard, "file")
    assert heard.asks == ()
    assert heard.text.startswith("That has arrived")


@pytest.mark.parametrize(
    ("locale", "caption"),
    [("en", "This is the receipt"), ("zh-Hans", "这是三张小票"), ("zh-Hant", "這是三張收據"), ("en", "statement.pdf")],
)
def test_words_that_say_what_a_picture_shows_are_no_wish(talk: Callable[..., Any], locale: str, caption: str) -> None:
    heard = talk(locale=locale)
    heard.say(STORIES[locale])
    assert heard.asks == ("desired_outcome",)
    tries = heard.state.get("tries")
    hear(heard, CustomerMessage(0, caption, brought="file"))
    assert heard.facts.desired_outcome is None
    assert heard.asks == ("desired_outcome",)
    assert heard.state.get("tries") == tries


def test_a_wish_beside_a_picture_is_one(talk: Callable[..., Any]) -> None:
    heard = talk(locale="en")
    heard.say(STORIES["en"])
    hear(heard, CustomerMessage(0, "I want a refund, here is the receipt", brought="file"))
    assert heard.facts.desired_outcome is not None


def test_words_beside_a_file_are_read_as_ever(talk: Callable[..., Any]) -> None:
    heard = talk(locale="en")
    hear(heard, CustomerMessage(0, "", brought="file"), CustomerMessage(1, STORIES["en"]))
    assert heard.facts.what_happened == STORIES["en"]
    assert "has arrived" not in heard.text


@pytest.mark.parametrize("wanted", [True, False])
def test_who_is_reached_by_the_channel_is_asked_for_a_contact_only_where_the_house_wants_one(
    talk: Callable[..., Any], wanted: bool
) -> None:
    heard = talk(locale="en")
    house = replace(heard.house, asks_contact_in_messenger=wanted)
    for line in (STORIES["en"], "a refund", "Sarah Holt"):
        answer = heard.engine.turn(replace(heard.next_turn(line), reachable=True, house=house))
        heard.state, heard.draft = dict(answer.state), answer.draft
        heard.turns.append(answer)
    assert heard.asks == (("contact",) if wanted else ("confirm",))
