"""What there is to choose from in a text, by fact, as the software sees it: for training ranking.py and measuring it beside the rules.

A reader takes a text as it came and gives the candidates, the signs that none is meant, and the key that the rules alone would choose. To
have another fact chosen by weights, add its reader to `READERS`.

Not here: training and figures (train_ranking.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from case_store.records import Language
from dialogue.understanding import weighed_days, weighed_sums
from dialogue.understanding.amounts import Sum, read_sums
from dialogue.understanding.contacts import number_spans
from dialogue.understanding.dates import DatesRead, read_dates
from dialogue.understanding.facts import tells_nothing
from dialogue.understanding.language import language_of
from dialogue.understanding.plain import Plain, plain
from dialogue.understanding.ranking import NONE, Considered
from dialogue.understanding.weighed_abouts import considered_abouts
from dialogue.understanding.weighed_days import considered_days, key_of_day
from dialogue.understanding.weighed_names import considered_names, name_chosen
from dialogue.understanding.weighed_sums import considered_sums, key_of_sum
from tests.dialogue.understanding.measure import CURRENCIES, NOW

_LANGUAGES: Final = {"CN": Language.HANS, "HK": Language.HANT, "TW": Language.HANT}


@dataclass(frozen=True, slots=True)
class Told:
    """A text as it came. `asked` are the facts that the question before it was for; `alone`: in no conversation whose language is known."""

    text: str
    region: str
    asked: tuple[str, ...] = ()
    alone: bool = True

    @property
    def language(self) -> Language | None:
        return language_of(self.text) or (None if self.alone else _LANGUAGES.get(self.region, Language.EN))

    @property
    def currency(self) -> str:
        return CURRENCIES.get(self.region, "CNY")


Reader = Callable[[Told], tuple[Considered, str]]
"""What there is to choose from, and the key of what the rules alone choose (`NONE` where they choose none)."""


def _days(told: Told, read: Plain) -> DatesRead:
    return read_dates(
        read,
        now=NOW,
        language=told.language,
        asked="occurred_on" in told.asked,
        taken=number_spans(read),
        region=told.region,
        generous=True,
    )


def _of_days(told: Told) -> tuple[Considered, str]:
    read, asked = plain(told.text), "occurred_on" in told.asked
    dates = _days(told, read).dates
    idle = not told.asked and tells_nothing(read)
    ruled = None if idle else weighed_days.ruled_of(weighed_days.scored_days(read, dates), asked=asked)
    return considered_days(
        read, dates, today=NOW.date(), asked=asked, idle=idle
    ), NONE if ruled is None else key_of_day(ruled)


def _of_sums(told: Told) -> tuple[Considered, str]:
    read, asked = plain(told.text), "amount" in told.asked
    sums: tuple[Sum, ...] = read_sums(
        read,
        language=told.language,
        region=told.region,
        home_currency=told.currency,
        asked=asked,
        taken=(*number_spans(read), *_days(told, read).spans),
        generous=True,
    )
    idle = not told.asked and tells_nothing(read)
    ruled = None if idle else weighed_sums.ruled_of(read, weighed_sums.scored_sums(read, sums), asked=asked)
    return considered_sums(read, sums, asked=asked, idle=idle), NONE if ruled is None else key_of_sum(ruled)


def _of_names(told: Told) -> tuple[Considered, str]:
    read, asked = plain(told.text), "name" in told.asked
    considered, _, ruled = considered_names(read, number_spans(read), asked=asked)
    return considered, NONE if ruled is None else ruled.value or NONE


def _of_abouts(told: Told) -> tuple[Considered, str]:
    read = plain(told.text)
    name = name_chosen(read, number_spans(read), asked="name" in told.asked)
    own = "" if name is None else name.value or ""
    considered, _, ruled = considered_abouts(read, name=own, asked="about" in told.asked)
    return considered, NONE if ruled is None else ruled.value or NONE


READERS: Final[Mapping[str, Reader]] = {
    "amount": _of_sums,
    "occurred_on": _of_days,
    "name": _of_names,
    "about": _of_abouts,
}
