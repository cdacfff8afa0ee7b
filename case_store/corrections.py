"""What a person may set in the record of a case, and which values are values of it.

Not here: the change itself, its version and its place in the trail (cases.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from case_store.records import FACT_NAMES, Category, Disposition, Facts, Outcome, Risk, Status

CORRECTABLE: Final = frozenset(
    {
        "category",
        "risk",
        "disposition",
        "language",
        "assignee",
        "team",
        "possible_duplicate_of",
        "incomplete",
        "facts",
        "declined",
    }
    | {"status", "outcome", "basis", "next_steps"}
)


def checked(row: Mapping[Any, Any], changes: Mapping[str, Any]) -> tuple[dict[str, Any], set[str]]:
    """The columns' new values, and which of them the dialogue leaves alone from now on; ValueError for what is no value."""
    kinds = {"category": Category, "risk": Risk, "disposition": Disposition, "status": Status, "outcome": Outcome}
    new: dict[str, Any] = {}
    corrected: set[str] = set()
    for name, value in changes.items():
        if name == "facts":
            corrected |= set(value)
            new[name] = _checked_facts(row["facts"], value)
        elif name in kinds:
            new[name] = _one_of(kinds[name], name, value)
            corrected |= {name} & {"category", "risk", "disposition"}
        elif name == "declined":
            new[name] = sorted(fact_names(value))
        else:
            new[name] = value
    return new, corrected


def _one_of(kind: Any, name: str, value: Any) -> str | None:
    if value is None and kind is Outcome:
        return None
    try:
        return str(kind(value).value)
    except ValueError:
        raise ValueError(f"{name} is one of {', '.join(kind)}, not {value!r}") from None


def fact_names(names: Iterable[str]) -> set[str]:
    """The names as a set; ValueError if one of them is no fact's."""
    wrong = set(names) - set(FACT_NAMES)
    if wrong:
        raise ValueError(f"no such fact: {', '.join(sorted(wrong))}; facts are {', '.join(FACT_NAMES)}")
    return set(names)


def _checked_facts(old: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    fact_names(changes)
    try:
        return Facts.from_json({**old, **changes}).to_json()
    except (KeyError, TypeError, ArithmeticError) as error:
        raise ValueError(
            f'an amount is {{"value": "35000.00", "currency": "CNY"}}, not {changes.get("amount")!r}'
        ) from error


def plain(value: Any) -> Any:
    """A value as the table holds it."""
    return value.value if isinstance(value, Status | Category | Risk | Disposition | Outcome) else value
