"""Which entries of a policy have a field of their own in the console, and what they say in a text that is being written.

Not here: how one is set (policy_text.py), the fields themselves (console/static/settings-policy.js).
"""

from __future__ import annotations

import re
import tomllib
from typing import Any, Final

from dialogue.policy_terms import DEFAULT_TRIAGE
from gateway.policy import default_tables

_LANGUAGES: Final = r"(zh-Hans|zh-Hant|en)"
_DAYS: Final = "(monday|tuesday|wednesday|thursday|friday|saturday|sunday|makeup|holiday)"
FIELDS: Final = re.compile(
    "|".join(
        [
            rf"institution\.(name|next_authorities|emergency|channels)\.{_LANGUAGES}",
            r"institution\.(hotline|names)",
            rf"privacy\.notice\.{_LANGUAGES}",
            r"privacy\.version|version",
            rf"working_hours\.{_DAYS}",
            r"clocks\.[a-z_]{1,40}\.(unit|count|starts_at)",
            r"clocks\.[a-z_]{1,40}\.extension\.(unit|count)",
            r"waiting\.limit_minutes",
            r"notices\.(quiet_from|quiet_until)",
            r"triage\.risk\.(general_from|major_above|press_or_regulator_above)",
            r"people\.(duty_address|supervisor_address|responsible)",
            r"assignment\.(mode|most|answer_within)",
            r"changes\.(four_eyes|texts)",
            r"retention\.(resolved_years|closed_years|withdrawn_years|drafts_days|conversations_days|parked_days)",
        ]
    )
)


def values_of(text: str) -> dict[str, Any] | None:
    """What stands in a text, the built-in policy behind it, by the path of each field; None for what is no TOML."""
    try:
        own = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
    whole = default_tables() | own
    triage = whole.get("triage")
    risk = triage.get("risk") if isinstance(triage, dict) else None
    whole["triage"] = {"risk": {**DEFAULT_TRIAGE["risk"], **(risk if isinstance(risk, dict) else {})}}
    found: dict[str, Any] = {}
    _gather(whole, "", found)
    return found


def _gather(table: dict[str, Any], path: str, found: dict[str, Any]) -> None:
    for key, value in table.items():
        here = f"{path}{key}"
        if FIELDS.fullmatch(here):
            found[here] = value
        elif isinstance(value, dict):
            _gather(value, f"{here}.", found)
