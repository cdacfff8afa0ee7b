"""The policy of the preliminary judgement: thresholds, rates, the house's names, where to refer what is not ours.

An institution gives it as a mapping (a table of its policy file); what it leaves out comes from the defaults in triage.toml.

Not here: how it is applied (triage.py), the words that are evidence (triage_terms.toml).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from importlib import resources
from typing import Any, Final

from case_store.records import Language, Money
from dialogue.understanding.terms import fold


class PolicyError(ValueError):
    """The policy can't be used; says which entry and why."""


def _default_triage() -> dict[str, Any]:
    return tomllib.loads(resources.files("dialogue").joinpath("triage.toml").read_text("utf-8"))


DEFAULT_TRIAGE: Final[Mapping[str, Any]] = _default_triage()


@dataclass(frozen=True, slots=True)
class TriagePolicy:
    """Amounts are in `home_currency`; `rates` say what one unit of a currency is worth in it.

    `referrals` tell by kind of firm (bank, insurer, telecom, shop, payment, credit_bureau) and language where to turn.
    """

    version: str
    home_currency: str
    general_from: Decimal
    major_above: Decimal
    press_or_regulator_above: Decimal
    rates: Mapping[str, Decimal]
    house_names: tuple[str, ...] = ()
    referrals: Mapping[str, Mapping[Language, str]] = field(default_factory=dict)
    other_firms: bool = True

    @classmethod
    def from_mapping(cls, given: Mapping[str, Any]) -> TriagePolicy:
        """Reads a policy; raises PolicyError with the entry's name where it is wrong."""
        unknown = set(given) - set(DEFAULT_TRIAGE)
        if unknown:
            raise PolicyError(
                f"unknown entries {', '.join(sorted(unknown))}; known are {', '.join(sorted(DEFAULT_TRIAGE))}"
            )
        data = {**DEFAULT_TRIAGE, **given}
        risk = {**DEFAULT_TRIAGE["risk"], **_table(data, "risk")}
        if strange := set(risk) - set(DEFAULT_TRIAGE["risk"]):
            raise PolicyError(f"risk: unknown entries {', '.join(sorted(strange))}")
        general, major, press = (
            _amount(risk[name], f"risk.{name}") for name in ("general_from", "major_above", "press_or_regulator_above")
        )
        if not 0 < general <= major:
            raise PolicyError(f"risk.general_from ({general}) must be above 0 and not above risk.major_above ({major})")
        home = _text(data["home_currency"], "home_currency")
        rates = {code: _amount(rate, f"rates.{code}") for code, rate in _table(data, "rates").items()}
        if rates.get(home) != 1 or min(rates.values()) <= 0:
            raise PolicyError(f"rates: every rate must be above 0 and {home}, the home currency, must be 1")
        return cls(
            version=_text(data["version"], "version"),
            home_currency=home,
            general_from=general,
            major_above=major,
            press_or_regulator_above=press,
            rates=rates,
            house_names=tuple(fold(_text(name, "house_names")).folded for name in _list(data["house_names"])),
            referrals={kind: _referral(kind, texts) for kind, texts in _table(data, "referrals").items()},
            other_firms=bool(data["other_firms"]),
        )

    def at_home(self, amount: Money) -> Decimal | None:
        """The amount in the home currency, or None where no rate is known."""
        rate = self.rates.get(amount.currency)
        return None if rate is None else amount.value * rate

    def referral(self, kind: str, language: Language | None) -> str | None:
        texts = self.referrals.get(kind, {})
        return texts.get(language or Language.HANS) or next(iter(texts.values()), None)


def _amount(value: object, entry: str) -> Decimal:
    try:
        amount = Decimal(str(value))
    except InvalidOperation as error:
        raise PolicyError(f"{entry} must be a number, not {value!r}") from error
    if not amount.is_finite():
        raise PolicyError(f"{entry} must be a finite number, not {value!r}")
    return amount


def _text(value: object, entry: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise PolicyError(f"{entry} must be a text, not {value!r}")
    return value.strip()


def _list(value: object) -> list[object]:
    if not isinstance(value, list | tuple):
        raise PolicyError(f"house_names must be a list of texts, not {value!r}")
    return list(value)


def _table(data: Mapping[str, Any], entry: str) -> Mapping[str, Any]:
    table = data[entry]
    if not isinstance(table, Mapping):
        raise PolicyError(f"{entry} must be a table, not {table!r}")
    return table


def _referral(kind: str, texts: object) -> dict[Language, str]:
    if not isinstance(texts, Mapping):
        raise PolicyError(f"referrals.{kind} must be a table of texts by language")
    if strange := set(texts) - set(Language):
        raise PolicyError(f"referrals.{kind}: {', '.join(sorted(strange))} is no language of {', '.join(Language)}")
    return {Language(code): _text(text, f"referrals.{kind}.{code}") for code, text in texts.items()}
