"""What the written record says of telling: each step of the trail in a sentence of its own, in three languages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from case_store.audit import HappenedAt
from case_store.records import Language
from gateway.paper.steps import Steps
from gateway.paper.words import Words

MAIL: dict[str, Any] = {"occasion": "result:5", "by": "email", "address": "ann@example.org"}


@pytest.mark.parametrize(
    ("action", "detail", "sentence"),
    [
        ("to_be_told", MAIL, "To be told to the customer (E-mail): result with basis and next steps"),
        ("told", MAIL, "Customer told (E-mail): result with basis and next steps"),
        (
            "not_delivered",
            {**MAIL, "why": "gone", "error": "550 5.1.1 no such user"},
            "Not delivered to ann@example.org: result with basis and next steps",
        ),
        (
            "not_delivered",
            {**MAIL, "why": "barred", "error": ""},
            "Not sent to ann@example.org, which may not be told any more: result with basis and next steps",
        ),
        (
            "not_told",
            {"occasion": "case_filed", "why": "withdrawn"},
            "No longer to be told: reference number and dates",
        ),
        ("task_done", {"kind": "call_back", "how": "withdrawn", "note": ""}, "No longer needed (withdrawn): Call back"),
        (
            "task_done",
            {"kind": "letter", "how": "by_mail", "note": ""},
            "No longer needed (told by mail instead): Write a letter",
        ),
    ],
)
def test_what_was_told_and_what_was_not_reads_as_it_was(action: str, detail: dict[str, Any], sentence: str) -> None:
    happened = HappenedAt(1, datetime(2026, 11, 27, tzinfo=UTC), "system", action, detail)
    said = {language: Steps(words(language)).sentence(happened) for language in Language}
    assert said[Language.EN] == sentence
    assert len(set(said.values())) == 3
    assert all("{" not in one and "_" not in one for one in said.values())


def words(language: Language) -> Words:
    return Words(language, ZoneInfo("Asia/Shanghai"))
