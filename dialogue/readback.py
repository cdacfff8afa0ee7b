"""Facts and times as people read them, in the customer's language.

The words around a value are responses of the script (`utter_line_…`, `utter_money`); only the order of day and month is
code, from Babel's tables. Where a value is ambiguous the customer's own words stand.

Not here: finding facts (understanding/), when they are read back (form.py).
"""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final

import phonenumbers
from babel.dates import format_date

from case_store.records import FACT_NAMES, Language, Money, PartialDate
from dialogue.scene import Scene
from dialogue.understanding.reaching import REACH

LONGEST_LINE: Final = 400

_LOCALES: Final = {Language.HANS: "zh_Hans_CN", Language.HANT: "zh_Hant_HK", Language.EN: "en_GB"}
_DAYS: Final = {  # by how much of the date is known
    1: {Language.HANS: "y年", Language.HANT: "y年", Language.EN: "y"},
    2: {Language.HANS: "y年M月", Language.HANT: "y年M月", Language.EN: "MMMM y"},
    3: {Language.HANS: "y年M月d日", Language.HANT: "y年M月d日", Language.EN: "d MMMM y"},
}
_ENDED: Final = ("。", "！", "？", "…", ".", "!", "?")
_DUE: Final = {
    Language.HANS: "M月d日（EEEE）",
    Language.HANT: "M月d日（EEEE）",
    Language.EN: "EEEE d MMMM",
}
_ORDER: Final = ("what_happened", "about", "occurred_on", "amount", "desired_outcome", "name", "contact")


def summary(scene: Scene) -> str:
    """Everything that is known, a line each."""
    assert set(_ORDER) == set(FACT_NAMES)
    told = (*_ORDER, REACH)
    lines = [scene.word(f"utter_line_{fact}", value=value_of(scene, fact)) for fact in told if scene.knows(fact)]
    return "\n".join(lines)


def value_of(scene: Scene, fact: str) -> str:
    value = getattr(scene.draft.facts, fact, None)  # how to be reached has words alone
    words = scene.draft.words.get(fact, "")
    if value is None:
        return words
    shown = _shown(scene, fact, value)
    same = not words or words == shown or fact not in ("occurred_on", "amount")
    return shown if same else scene.word("utter_said_as", words=words, value=shown)


def new_value(scene: Scene, fact: str) -> str:
    """The value alone, where a correction is confirmed: whoever has just said it knows their own words."""
    value = getattr(scene.draft.facts, fact, None)
    return value_of(scene, fact) if value is None else _shown(scene, fact, value)


def _shown(scene: Scene, fact: str, value: Any) -> str:
    if isinstance(value, Money):
        return money(scene, value)
    if isinstance(value, PartialDate):
        return partial_date(value, scene.language)
    if fact == "contact":
        return contact(value, scene.turn.house.region)
    text = _in_one_line(str(value), scene)
    if len(text) <= LONGEST_LINE:
        return text
    return scene.word("utter_shortened", value=text[:LONGEST_LINE])


def _in_one_line(told: str, scene: Scene) -> str:
    """What was told one thing after the other. A sentence that has its end needs no other mark behind it."""
    joint, gap = scene.word("utter_joint"), " " if scene.language is Language.EN else ""
    text = ""
    for line in filter(None, (line.strip().rstrip("；;，,") for line in told.splitlines())):
        text += (gap if text.endswith(_ENDED) else joint) + line if text else line
    return text


def money(scene: Scene, value: Money) -> str:
    figure = f"{value.value:,.2f}".removesuffix(".00")
    piece = scene.render("utter_money", conditions={"currency": value.currency}, value=figure, currency=value.currency)
    return figure if piece is None else piece.text


def partial_date(value: PartialDate, language: Language) -> str:
    parts = [int(part) for part in value.text.split("-")]
    return _formatted(date(*[*parts, 1, 1][:3]), _DAYS[len(parts)][language], language)


def due(day: date, language: Language) -> str:
    return _formatted(day, _DUE[language], language)


def moment(at: datetime, language: Language) -> str:
    between = " " if language is Language.EN else ""
    return f"{due(at.date(), language)}{between}{at:%H:%M}"


@lru_cache(maxsize=1024)
def contact(value: str, region: str) -> str:
    if "@" in value or not value.startswith("+"):
        return value
    try:
        number = phonenumbers.parse(value)
    except phonenumbers.NumberParseException:
        return value
    home = phonenumbers.region_code_for_number(number) == region
    form = phonenumbers.PhoneNumberFormat.NATIONAL if home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return str(phonenumbers.format_number(number, form))


@lru_cache(maxsize=1024)
def _formatted(day: date, pattern: str, language: Language) -> str:
    return format_date(day, pattern, locale=_LOCALES[language])
