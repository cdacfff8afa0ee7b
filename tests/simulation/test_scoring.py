"""The judge judged: a conversation without fault, and for every kind of fault the same with that fault alone.

A judge that finds nothing proves nothing; one that finds too much is soon ignored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gateway.simulation.scoring import KINDS, score
from gateway.simulation.sheet import Sheet
from gateway.simulation.transcript import Customer, Entry, House, Owner, Transcript

REFERENCE = "C20261127-000004-9"
READBACK = """This is what I have. Please check it:
• What happened: you took the same direct debit twice
• About: current account
• When: 26 November 2026
• Amount: £64
• You ask for: put one back
• Name: Gaz Holroyd
• Contact: +44 7700 900118"""
SHEET = Sheet(
    id="en-1",
    who="plasterer",
    language="en",
    tempers=("angry",),
    feels="angry",
    opens=("you took the same direct debit twice",),
    sheet={
        "what_happened": ("twice",),
        "about": ("current account",),
        "occurred_on": ("2026-11-26",),
        "amount": ("64.00 GBP",),
        "desired_outcome": ("put one back",),
        "name": ("Gaz Holroyd",),
        "contact": ("+447700900118",),
    },
)
RECORD: dict[str, Any] = {
    "status": "filed",
    "facts": {
        "what_happened": "you took the same direct debit twice",
        "about": "current account",
        "occurred_on": "2026-11-26",
        "amount": {"value": "64.00", "currency": "GBP"},
        "desired_outcome": "put one back",
        "name": "Gaz Holroyd",
        "contact": "+447700900118",
    },
}


def told(*facts: str, **more: Any) -> dict[str, Any]:
    return {"tells": frozenset(facts), "answering": frozenset(facts), **more}


def asks(*facts: str, **more: Any) -> dict[str, Any]:
    return {"asks": frozenset(facts), **more}


def good() -> Transcript:
    """Everything as it should be."""
    return Transcript(
        SHEET,
        [
            House("What you tell us here is used for your complaint only.", 0.1, greeting=True),
            Customer("you took the same direct debit twice", 2.0, frozenset({"what_happened"})),
            House(
                "Being charged twice is upsetting. When was it, how much, which account?",
                4.6,
                **asks("occurred_on", "amount", "about"),
            ),
            Customer("yesterday, 64 quid, current account", 7.0, **told("occurred_on", "amount", "about")),
            House("What would you like us to do, and who are you?", 9.6, **asks("desired_outcome", "name", "contact")),
            Customer("put one back, Gaz Holroyd 07700 900118", 12.0, **told("desired_outcome", "name", "contact")),
            House(READBACK, 14.6, **asks("confirm")),
            Customer("yes", 16.0, **told("confirm")),
            House(f"Your reference is {REFERENCE}.", 18.6),
        ],
        reference=REFERENCE,
        record=RECORD,
        owner="bot",
    )


def changed(number: int, **values: Any) -> Callable[[Transcript], None]:
    """The entry of that number is otherwise."""

    def change(transcript: Transcript) -> None:
        transcript.entries[number] = replace(transcript.entries[number], **values)

    return change


def added(number: int, *entries: Entry) -> Callable[[Transcript], None]:
    def change(transcript: Transcript) -> None:
        transcript.entries[number:number] = entries

    return change


def recorded(**facts: Any) -> Callable[[Transcript], None]:
    def change(transcript: Transcript) -> None:
        transcript.record = {**RECORD, "facts": {**RECORD["facts"], **facts}}

    return change


def on_sheet(**values: Any) -> Callable[[Transcript], None]:
    def change(transcript: Transcript) -> None:
        transcript.sheet = transcript.sheet.model_copy(update=values)

    return change


def unfiled(transcript: Transcript) -> None:
    transcript.reference, transcript.record = None, None
    transcript.entries.pop()


def never_asks_what_is_wanted(transcript: Transcript) -> None:
    changed(4, asks=frozenset({"name", "contact"}))(transcript)
    changed(5, **told("name", "contact"))(transcript)
    recorded(desired_outcome=None)(transcript)


def unread(transcript: Transcript) -> None:
    del transcript.entries[6:8]


def put_right(transcript: Transcript) -> None:
    """Corrected at the read-back, confirmed by the house, and not on record."""
    correction = Customer("it was 46, not 64", 16.0, frozenset({"amount"}), corrects={"amount": ("46.00 GBP",)})
    transcript.entries[7:7] = [correction, House("Changed to £46. Is everything else right?", 18.0, **asks("confirm"))]


def wants_person(*after: Entry, owner: str = "bot", ends: str = "person") -> Callable[[Transcript], None]:
    """The customer asks for a person; then this."""

    def change(transcript: Transcript) -> None:
        on_sheet(ends=ends)(transcript)
        unfiled(transcript)
        del transcript.entries[5:]
        transcript.entries += [Customer("a person, now", 12.0, wish=True), *after]
        transcript.owner = owner

    return change


def stopped(transcript: Transcript) -> None:
    transcript.stopped = "no answer within 30 s"


HERE = House("A colleague takes over here; call 12356 if you need someone now.", 14.0)
QUEUE = Owner("queue", 14.0)

FAULTS: list[tuple[str, str, Callable[[Transcript], None]]] = [
    ("no reference number", "not_filed", unfiled),
    ("praise is filed", "not_filed", on_sheet(ends="not_filed")),
    ("withdrawn and still filed", "not_filed", on_sheet(ends="withdrawn")),
    ("another sum", "fact_wrong", recorded(amount={"value": "46.00", "currency": "GBP"})),
    ("another currency", "fact_wrong", recorded(amount={"value": "64.00", "currency": "CNY"})),
    ("another day", "fact_wrong", recorded(occurred_on="2026-11-25")),
    ("a day that is only a month", "fact_wrong", recorded(occurred_on="2026-11")),
    ("no name", "fact_wrong", recorded(name=None)),
    ("somebody else's name", "fact_wrong", recorded(name="Gaz Holroyde")),
    ("another number", "fact_wrong", recorded(contact="+447700900119")),
    ("a story without the point", "fact_wrong", recorded(what_happened="hello")),
    ("a sum where there is none", "fact_wrong", on_sheet(sheet={}, without=("amount",))),
    ("a name that was refused", "fact_wrong", on_sheet(sheet={}, declines=("name",))),
    ("what is wanted is never asked", "never_asked", never_asks_what_is_wanted),
    ("what the opening told", "asked_though_told", changed(2, asks=frozenset({"what_happened", "occurred_on"}))),
    ("the day again", "asked_twice", changed(4, asks=frozenset({"desired_outcome", "name", "contact", "occurred_on"}))),
    ("may I register, again", "asked_twice", added(8, House("So may I register it?", 17.0, **asks("confirm")))),
    ("a message amid the customer's", "spoke_while_writing", changed(2, interrupts=True)),
    ("a Chinese sentence", "wrong_script", changed(8, text=f"Noted. 登记好了。 {REFERENCE}")),
    ("no word of sympathy", "no_sympathy", changed(2, text="When was it, how much, which account?")),
    ("sorry again", "sympathy_repeated", changed(4, text="I am sorry about this. What would you like?")),
    ("filed unread", "no_readback", unread),
    ("read back without the sum", "readback_incomplete", changed(6, text=READBACK.replace("£64", "unknown"))),
    ("read back with another sum", "readback_incomplete", changed(6, text=READBACK.replace("£64", "£640"))),
    ("read back with another day", "readback_incomplete", changed(6, text=READBACK.replace("26 November", "6 November"))),
    ("read back with half a number", "readback_incomplete", changed(6, text=READBACK.replace("900118", "9001"))),
    ("read back with the name amid the story only", "readback_incomplete", changed(6, text=READBACK.replace("twice", "twice; Gaz Holroyd here").replace("Name: Gaz Holroyd", "Name: -"))),
    ("read back without the wish", "readback_incomplete", changed(6, text=READBACK.replace("put one back", "-"))),
    ("put right in vain", "correction_lost", put_right),
    ("nobody is called", "person_not_reached", wants_person(House("Very well.", 14.0))),
    (
        "called when asked again",
        "person_late",
        wants_person(House("Very well.", 14.0), Customer("a PERSON", 16.0), HERE, QUEUE, owner="queue"),
    ),
    (
        "the form goes on",
        "form_went_on",
        wants_person(House("A colleague comes. What is your name?", 14.0, **asks("name")), QUEUE, owner="queue"),
    ),
    (
        "no number for someone in danger",
        "no_number",
        wants_person(House("A colleague takes over.", 14.0), QUEUE, owner="queue", ends="danger"),
    ),
    ("the same sentence", "same_words", changed(4, text="Being charged twice is upsetting. When was it, how much, which account?")),
    ("silence", "no_end", stopped),
    ("a long wait", "slow", changed(2, at=11.0)),
]  # fmt: skip
ALONG_WITH = {"same_words": {"sympathy_repeated"}}  # sympathy said word for word again is both


def test_a_conversation_without_fault_has_none() -> None:
    assert score(good()) == []


@pytest.mark.parametrize(("kind", "spoil"), [pytest.param(kind, spoil, id=name) for name, kind, spoil in FAULTS])
def test_every_single_fault_is_found_and_nothing_else(kind: str, spoil: Callable[[Transcript], None]) -> None:
    transcript = good()
    spoil(transcript)
    assert {fault.kind for fault in score(transcript)} == {kind} | ALONG_WITH.get(kind, set())


def test_there_is_a_spoilt_conversation_for_every_kind_of_fault() -> None:
    assert {kind for _, kind, _ in FAULTS} == set(KINDS)


def put_right_and_kept(transcript: Transcript) -> None:
    put_right(transcript)
    recorded(amount={"value": "46.00", "currency": "GBP"})(transcript)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(on_sheet(feels="calm"), id="sympathy for someone calm, once"),
        pytest.param(put_right_and_kept, id="a correction that is kept"),
        pytest.param(wants_person(HERE, QUEUE, owner="queue"), id="a person, at once"),
        pytest.param(wants_person(HERE, QUEUE, owner="queue", ends="danger"), id="someone in danger, with a number"),
        pytest.param(
            changed(6, text=READBACK.replace("26 November 2026", "November 26th")), id="a day written otherwise"
        ),
        pytest.param(changed(6, text=READBACK.replace("£64", "GBP 64.00")), id="a sum written otherwise"),
        pytest.param(changed(8, text=f"Noted as you said it: “twice”. {REFERENCE}"), id="their own words said back"),
        pytest.param(recorded(name="gaz  holroyd"), id="a name in other letters"),
    ],
)
def test_what_is_no_fault_is_not_called_one(change: Callable[[Transcript], object]) -> None:
    transcript = good()
    change(transcript)
    assert score(transcript) == []


def test_an_answer_that_was_none_may_be_asked_for_again() -> None:
    transcript = good()
    transcript.entries[5:5] = [
        Customer("why do you ask?", 10.0),
        House(
            "It helps us find you. Who are you, and what shall we do?",
            11.0,
            **asks("name", "contact", "desired_outcome"),
        ),
    ]
    assert score(transcript) == []
