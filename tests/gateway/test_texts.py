"""The catalogue of notices: complete, alike in three languages, and worded by chapter five."""

from __future__ import annotations

from datetime import UTC, date, datetime
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from jinja2 import Environment, meta

from case_store.records import Language, Outcome, Status
from dialogue.wording import faults
from gateway.policy import load_policy
from gateway.texts import OPTIONAL, Occasion, Text, TextError, as_letter, needed, render, show_day, show_moment, word
from tests.yamls import from_yaml

SHANGHAI = ZoneInfo("Asia/Shanghai")
REFERENCE = "C20261123-000421-4"
SURGES = (("hot_spot", "day"), ("surge", "hour"), ("surge", "day"))
EVERY = list(product(Occasion, Language))


def values(language: Language) -> dict[str, Any]:
    """Everything that any text needs. What agents and customers write stands for itself as a digit."""
    house = load_policy().house()
    return {
        "reference": REFERENCE,
        "feedback_due": date(2026, 12, 2),
        "next_authorities": house.next_authorities[language],
        "emergency": house.emergency[language],
        "house": house.name[language],
        "status": Status.IN_PROGRESS,
        "outcome": Outcome.PARTLY_SOLVED,
        "valid_until": datetime(2026, 11, 30, 18, 0, tzinfo=SHANGHAI),
        "waiting_since": datetime(2026, 11, 23, 9, 5, tzinfo=SHANGHAI),
        "percent": 75,
        "notice": house.privacy_notice[language],
        "files": "receipt.pdf",
        "way": "telegram",
        "code": "482913",
        "agent_name": "8",
        **dict.fromkeys(("question", "reason", "answer", "basis", "next_steps", "detail", "words"), "1"),
        **dict.fromkeys(("offer", "title", "meaning"), "1"),
        **dict.fromkeys(("by", "due", "performed_on"), date(2026, 11, 30)),
        **dict.fromkeys(("link", "console_url"), "https://care.bank.example/x"),
        "file": "7",
        "what": "3",
        "surges": [{"kind": kind, "span": span, "count": 12, "what": "3"} for kind, span in SURGES],
        **dict.fromkeys(("address", "contact"), "a@b.example"),
    }


def optional(language: Language) -> dict[str, Any]:
    return {
        **dict.fromkeys(OPTIONAL, "9"),
        "person_at": datetime(2026, 11, 24, 9, 0, tzinfo=SHANGHAI),
        "incomplete": True,
    }


@pytest.mark.parametrize(("occasion", "language"), EVERY)
def test_every_text_keeps_chapter_five(occasion: Occasion, language: Language) -> None:
    for more in ({}, optional(language)):
        text = render(occasion, language, **values(language) | more)
        assert faults(text.subject, language) == []
        assert faults(text.body, language) == []
        assert "{" not in text.subject + text.body
        assert "None" not in text.subject + text.body
        assert "\n\n\n" not in text.body
        assert "\n" not in text.subject


@pytest.mark.parametrize("occasion", Occasion)
def test_a_text_takes_the_same_values_in_every_language(occasion: Occasion) -> None:
    assert len({needed(occasion, language) for language in Language}) == 1
    used = set()
    for language in Language:
        entry = catalogue(language)["occasions"][occasion]
        assert set(entry) == {"subject", "body"}
        source = Environment().overlay()
        source.filters |= dict.fromkeys(("day", "moment", "word"), str)
        used.add(frozenset(meta.find_undeclared_variables(source.parse(entry["subject"] + entry["body"]))))
    assert len(used) == 1


@pytest.mark.parametrize("language", Language)
def test_a_catalogue_holds_every_occasion_and_word_and_no_other(language: Language) -> None:
    whole = catalogue(language)
    assert set(whole["occasions"]) == set(Occasion)
    assert set(whole["words"]["status"]) == set(Status)
    assert set(whole["words"]["outcome"]) == set(Outcome)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", ["default", "hong-kong", "taiwan"])
def test_words_of_a_shipped_policy_keep_chapter_five(name: str, language: Language) -> None:
    policy = load_policy(None if name == "default" else Path(str(files("gateway.policies"))) / f"{name}.toml")
    house = policy.house()
    for text in (
        house.name[language],
        house.next_authorities[language],
        house.emergency[language],
        house.privacy_notice[language],
        *policy.institution.channels[language],
    ):
        assert faults(text, language) == []


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("outcome", Outcome)
def test_a_result_says_outcome_basis_next_steps_and_whom_else_to_turn_to(language: Language, outcome: Outcome) -> None:
    own = {"outcome": outcome, "basis": "B-81", "next_steps": "N-82", "answer": "A-80"}
    body = render(Occasion.RESULT, language, **values(language) | own).body
    for part in ("A-80", "B-81", "N-82", word("outcome", outcome, language), "12378", REFERENCE):
        assert part in body


@pytest.mark.parametrize("language", Language)
def test_an_agent_who_takes_over_is_named_with_post_and_contact(language: Language) -> None:
    body = render(
        Occasion.PERSON_TOOK_OVER, language, agent_name="Li Na", agent_post="POST", agent_contact="021-1234"
    ).body
    assert "Li Na" in body
    assert "POST" in body
    assert "021-1234" in body


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("occasion", [Occasion.CONFIRMATION_LINK, Occasion.ADDRESS_UNKNOWN])
def test_an_address_that_is_not_proved_gets_no_facts(occasion: Occasion, language: Language) -> None:
    allowed = {"reference", "link", "valid_until", "house"} if occasion is Occasion.CONFIRMATION_LINK else set()
    assert needed(occasion, language) == allowed
    secret = dict.fromkeys(("name", "note", "answer", "agent_name", "what_happened"), "SECRET")
    assert "SECRET" not in render(occasion, language, **values(language) | secret).body


@pytest.mark.parametrize("language", Language)
def test_in_danger_out_of_hours_nobody_is_left_waiting(language: Language) -> None:
    given = values(language)
    at = datetime(2026, 11, 24, 9, 0, tzinfo=SHANGHAI)
    for more in ({}, {"person_at": at}):
        body = render(Occasion.DANGER, language, **given | more).body
        assert given["emergency"] in body
        assert (show_moment(at, language) in body) is bool(more)


@pytest.mark.parametrize(
    ("language", "day", "moment"),
    [
        (Language.HANS, "12月2日（星期三）", "12月2日（星期三）09:05"),
        (Language.HANT, "12月2日（星期三）", "12月2日（星期三）09:05"),
        (Language.EN, "Wednesday 2 December", "Wednesday 2 December at 09:05"),
    ],
)
def test_dates_in_the_manner_of_the_language(language: Language, day: str, moment: str) -> None:
    assert show_day(date(2026, 12, 2), language) == day
    assert show_moment(datetime(2026, 12, 2, 1, 5, tzinfo=UTC).astimezone(SHANGHAI), language) == moment


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs its zone"):
        show_moment(datetime(2026, 12, 2), Language.EN)


@pytest.mark.parametrize("lacking", ["basis", "next_steps", "outcome", "reference"])
@pytest.mark.parametrize("how", ["absent", "none"])
def test_a_text_without_what_it_needs_is_not_sent(lacking: str, how: str) -> None:
    given = values(Language.EN) | {lacking: None}
    if how == "absent":
        del given[lacking]
    with pytest.raises(TextError, match=lacking):
        render(Occasion.RESULT, Language.EN, **given)


def test_what_people_write_is_never_a_template() -> None:
    text = render(
        Occasion.INFORMATION_NEEDED, Language.EN, reference=REFERENCE, question="{{ reference.__class__ }} <b>"
    )
    assert "{{ reference.__class__ }} <b>" in text.body


def test_a_subject_is_one_line_whatever_is_put_in() -> None:
    text = render(Occasion.PERSON_TOOK_OVER, Language.EN, agent_name="Li\r\nBcc: all@bank.example")
    assert text.subject == "Li Bcc: all@bank.example is now looking after your complaint"


@pytest.mark.parametrize(
    ("language", "name", "begins", "ends"),
    [
        (Language.HANS, "江敏", "江敏，您好：\n\n正文\n\n", "H\n投诉处理组"),
        (Language.HANS, None, "您好：\n\n正文\n\n", "H\n投诉处理组"),
        (Language.HANT, "陳大文", "陳大文，您好：\n\n正文\n\n", "H\n投訴處理組"),
        (Language.EN, "Mr Reyes", "Dear Mr Reyes,\n\n正文\n\n", "H\nComplaints team"),
        (Language.EN, None, "Hello,\n\n正文\n\n", "H\nComplaints team"),
    ],
)
def test_a_letter_greets_and_signs(language: Language, name: str | None, begins: str, ends: str) -> None:
    letter = as_letter(Text("S", "正文"), language, house="H", name=name)
    assert letter == Text("S", begins + ends)


def catalogue(language: Language) -> dict[str, Any]:
    data: dict[str, Any] = from_yaml(files("gateway.catalogue").joinpath(f"{language.value}.yaml").read_text("utf-8"))
    return data
