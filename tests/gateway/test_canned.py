"""The fields of a canned reply: what a text may hold, and what it says in each state of a case."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest

from case_store import cases, conversations, links, papers
from case_store.cases import Registration
from case_store.conversations import NewConversation
from case_store.papers import Party
from case_store.records import Draft, Facts, Language, Money, PartialDate
from case_store.store import Store, Transaction
from gateway.canned import FIELDS, Field, filled, harmless, is_unfilled, known_of, problems_of, starters, then_of
from gateway.config import Settings
from gateway.console.wording import catalogue
from gateway.policy import load_policy
from gateway.promises import Promises

PROMISES = Promises(load_policy(None), Settings())
EVERY = " ".join(f"{{{field.value}}}" for field in Field)


@pytest.mark.parametrize(
    "text",
    [
        "no field at all",
        "{customer}您好，编号 {reference}。",
        EVERY,
        "{amount}{amount}",
        "100 % of {amount}; $ and \\1",
    ],
)
def test_a_text_with_known_fields_is_taken(text: str) -> None:
    assert problems_of(text) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("about {amout}", "{amout} is no field"),
        ("about {Amount}", "{Amount} is no field"),
        ("about { amount }", "{ amount } is no field"),
        ("about {}", "{} is no field"),
        ("about {amount.value}", "{amount.value} is no field"),
        ("about {0}", "{0} is no field"),
        ("about {amount!r}", "{amount!r} is no field"),
        ("about {{amount}}", "a brace stands alone"),
        ("about {amount", "a brace stands alone"),
        ("about amount}", "a brace stands alone"),
        ("关于｛amount｝", "write { and }"),
        ("about ⟦amount⟧", "still missing"),
    ],
)
def test_what_is_no_field_is_named_with_those_that_are(text: str, told: str) -> None:
    problems = "; ".join(problems_of(text))
    assert told in problems
    assert "no field" not in told or FIELDS in problems


@pytest.mark.parametrize(
    ("known", "text", "missing"),
    [
        ({Field.AMOUNT: "¥1"}, "¥1, ⟦reference⟧", (Field.REFERENCE,)),
        ({Field.REFERENCE: "C1"}, "⟦amount⟧, C1", (Field.AMOUNT,)),
        ({Field.AMOUNT: "", Field.REFERENCE: None}, "⟦amount⟧, ⟦reference⟧", (Field.AMOUNT, Field.REFERENCE)),
        ({Field.AMOUNT: "{reference}", Field.REFERENCE: "\\1{amount}"}, "{reference}, \\1{amount}", ()),
    ],
)
def test_a_text_is_filled_once_and_what_is_missing_is_marked(
    known: dict[Field, str | None], text: str, missing: tuple[Field, ...]
) -> None:
    found = filled("{amount}, {reference}", known)
    assert (found.text, found.missing) == (text, missing)
    assert is_unfilled(found.text) == bool(missing)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("⟦amount⟧", "[amount]"),
        ("Li\r\nBcc: all@bank.example", "Li Bcc: all@bank.example"),
        ("a\u202eb\u2066c\u200b", "abc"),
        ("a\u2028b", "a b"),
        ("{reference}", "{reference}"),
        (" 江 敏 ", "江 敏"),
    ],
)
def test_a_value_is_part_of_a_line_and_no_mark(said: str, shown: str) -> None:
    assert harmless(said) == shown


# what each field says, state by state ------------------------------------------------------------------------------

FACTS = Facts(
    name="江敏",
    occurred_on=PartialDate("2026-11-15"),
    about="滨江支行",
    amount=Money(Decimal("23000"), "CNY"),
)
AHEAD = date(2099, 12, 2)
PASSED = date(2020, 12, 2)

Change = Callable[[Transaction, str], Any]


def in_conversation(
    store: Store,
    facts: Facts = FACTS,
    *,
    due: date | None = AHEAD,
    change: Change = lambda tx, id: None,
    language: Language = Language.EN,
    case: bool = True,
) -> dict[Field, str | None]:
    def unit(tx: Transaction) -> dict[Field, str | None]:
        new = NewConversation("talk", "email", "email:test", "en", customer="江敏", address="jiang@example.com")
        conversations.open_conversation(tx, new)
        if case:
            opened = {"channel": "email", "account": "email:test", "language": "en", "received_at": tx.now}
            id = cases.open_draft(tx, conversation_id="talk", customer=facts.name, **opened)
            cases.save_draft(tx, id, Draft(facts), None, "en")
            row = conversations.locked(tx, "talk")
            conversations.add_messages(tx, row, [], values={"case_id": id})
            if due is not None:
                until = datetime(due.year, due.month, due.day, tzinfo=UTC)
                cases.file_case(tx, id, Registration(date(2026, 11, 23), due, until, "1"), actor="bot")
            change(tx, id)
        return known_of(tx, PROMISES, conversations.locked(tx, "talk"), language, agent="Megan")

    return store.write_now(unit)


def status(value: str) -> Change:
    return lambda tx, id: cases.change(tx, id, {"status": value}, actor="agent:Test")


def withheld(tx: Transaction, id: str) -> None:
    links.withhold(tx, id, "talk", by="system", reason="proof_ended")


def linked_to_nothing(tx: Transaction, id: str) -> None:
    links.unlink(tx, id, "talk", by="system", reason="proof_ended")


def written_by_proxy(contact: str, *, mandate: bool = True) -> Change:
    def change(tx: Transaction, id: str) -> None:
        papers.set_proxy(tx, id, Party("陈光", "husband", contact, None, None), mandate=mandate, actor="agent:Test")

    return change


OF_THE_CASE = (Field.CUSTOMER, Field.REFERENCE, Field.FEEDBACK_DUE, Field.AMOUNT, Field.OCCURRED_ON, Field.ABOUT)


def test_a_filed_case_fills_every_field_in_the_manner_of_the_language(store: Store) -> None:
    known = in_conversation(store)
    reference = known.pop(Field.REFERENCE)
    assert reference is not None
    assert reference.startswith("C20261123-")
    assert known == {
        Field.CUSTOMER: "江敏",
        Field.FEEDBACK_DUE: "Wednesday 2 December",
        Field.AMOUNT: "23,000.00 Chinese yuan",
        Field.OCCURRED_ON: "15 November 2026",
        Field.ABOUT: "滨江支行",
        Field.AGENT: "Megan",
        Field.INSTITUTION: PROMISES.house.name[Language.EN],
        Field.HOTLINE: "",
    }


@pytest.mark.parametrize(
    ("language", "due", "amount", "day"),
    [
        (Language.HANS, "12月2日（星期三）", "23,000.00人民币", "2026年11月15日"),
        (Language.HANT, "12月2日（星期三）", "23,000.00 人民幣", "2026年11月15日"),
    ],
)
def test_dates_and_sums_are_written_as_the_houses_other_texts_write_them(
    store: Store, language: Language, due: str, amount: str, day: str
) -> None:
    known = in_conversation(store, language=language)
    assert (known[Field.FEEDBACK_DUE], known[Field.AMOUNT], known[Field.OCCURRED_ON]) == (due, amount, day)
    assert known[Field.INSTITUTION] == PROMISES.house.name[language]


@pytest.mark.parametrize(
    ("more", "unknown"),
    [
        ({}, set()),
        ({"due": None}, {Field.REFERENCE, Field.FEEDBACK_DUE}),  # a draft
        ({"due": PASSED}, {Field.FEEDBACK_DUE}),  # nobody promises a day that has passed
        ({"change": status("resolved")}, {Field.FEEDBACK_DUE}),  # the answer has been given
        ({"change": status("waiting_for_customer")}, set()),
        ({"facts": Facts()}, {Field.CUSTOMER, Field.AMOUNT, Field.OCCURRED_ON, Field.ABOUT}),
        ({"facts": replace(FACTS, amount=None)}, {Field.AMOUNT}),
        ({"case": False}, set(OF_THE_CASE)),
        ({"change": withheld}, set(OF_THE_CASE)),
        ({"change": linked_to_nothing}, set(OF_THE_CASE)),
    ],
)
def test_what_the_case_does_not_know_or_may_not_tell_is_missing(
    store: Store, more: dict[str, Any], unknown: set[Field]
) -> None:
    known = in_conversation(store, **more)
    assert {field for field in OF_THE_CASE if not known.get(field)} == unknown
    assert set(filled(EVERY, known).missing) == unknown | {Field.HOTLINE}


@pytest.mark.parametrize(("contact", "name"), [("jiang@example.com", "陈光"), ("somebody@example.com", None)])
def test_a_proxy_who_writes_is_not_called_by_the_customers_name(store: Store, contact: str, name: str | None) -> None:
    assert in_conversation(store, change=written_by_proxy(contact))[Field.CUSTOMER] == name


def test_a_proxy_without_a_mandate_is_told_no_fact(store: Store) -> None:
    known = in_conversation(store, change=written_by_proxy("jiang@example.com", mandate=False))
    assert {field for field in OF_THE_CASE if known.get(field)} == set()


@pytest.mark.parametrize(
    "name", ["{reference}", "⟦amount⟧", "{{amount}}", "⟦", "\\g<0>", "{customer}{customer}", "%(amount)s", "$amount"]
)
def test_a_customers_name_brings_in_neither_fields_nor_marks(store: Store, name: str) -> None:
    known = in_conversation(store, replace(FACTS, name=name))
    found = filled("Dear {customer}: {reference}", known)
    assert found.missing == ()
    assert not is_unfilled(found.text)
    assert found.text == f"Dear {harmless(name)}: {known[Field.REFERENCE]}"


# macros and the starter set ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "days", "until"),
    [
        (datetime(2026, 12, 1, 8, tzinfo=UTC), 1, "2026-12-02T09:00:00+08:00"),
        (datetime(2026, 12, 1, 17, tzinfo=UTC), 1, "2026-12-03T09:00:00+08:00"),  # it is Wednesday already in Shanghai
        (datetime(2026, 12, 3, 8, tzinfo=UTC), 2, "2026-12-07T09:00:00+08:00"),  # over a weekend
    ],
)
def test_days_to_put_off_end_when_somebody_is_there(now: datetime, days: int, until: str) -> None:
    then = then_of({"status": "in_progress", "snooze_days": days}, PROMISES, now)
    assert then is not None
    assert then["status"] == "in_progress"
    assert datetime.fromisoformat(then["snooze_until"]) == datetime.fromisoformat(until)
    assert timedelta() < datetime.fromisoformat(until) - now


@pytest.mark.parametrize("language", Language)
def test_the_starter_set_holds_fields_that_there_are(language: Language) -> None:
    kept = starters(language)
    assert len({one.name for one in kept}) == len({one.shortcut for one in kept}) == len(kept) == 8
    assert [problems_of(text) for one in kept for text in one.texts.values() if problems_of(text)] == []
    assert all(set(one.texts) == {known.value for known in Language} for one in kept)


@pytest.mark.parametrize("language", Language)
def test_the_console_knows_every_field_and_has_a_word_for_it(language: Language) -> None:
    names = [field.value for field in Field]
    assert list(catalogue(language)["fields_of_reply"]) == names
    module = files("gateway.console").joinpath("static", "canned-dialog.js").read_text("utf-8")
    assert f"const FIELDS = {json.dumps(names)};" in module
