"""How well unseen complaints are read. The texts were written after the rules and never used to change them."""

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from case_store.records import Language
from dialogue.understanding.facts import facts_in
from tests.yamls import from_yaml

NOW = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
JUDGED = ("name", "contact", "occurred_on", "about", "amount", "desired_outcome")
TEXTS = from_yaml(Path(__file__).with_name("heldout_facts.yaml").read_text(encoding="utf-8"))


def mistakes(case: dict[str, Any]) -> list[str]:
    """The facts read otherwise than the writer of the text meant them."""
    found = facts_in(
        case["text"], now=NOW, language=Language(case["language"]), asked=tuple(case.get("asked", ()))
    ).facts.to_json()
    money = found["amount"]
    read = found | {"amount": money and f"{money['value']} {money['currency']}"}
    wrong = []
    for fact in JUDGED:
        meant, got = case["facts"].get(fact), read[fact]
        if not (meant in got if meant and got and fact in ("about", "desired_outcome") else meant == got):
            wrong.append(f"{fact}: {got!r}, meant {meant!r}")
    return wrong


def test_unseen_complaints_are_read_as_well_as_measured() -> None:
    wrong = {case["text"]: found for case in TEXTS if (found := mistakes(case))}
    assert len(TEXTS) == 60
    assert len(TEXTS) - len(wrong) >= 53, wrong
    assert len(TEXTS) * len(JUDGED) - sum(map(len, wrong.values())) >= 353, wrong
