"""How alike two complaints are: whether one person may have told one matter twice, in other words, by another channel, in another language.

Pure and explained: every point that speaks for or against it is named, with what either side says, and weighs what was measured to
be worth (tests/case_store/duplicates, docs/case_store.md). Figures and names say more than wording, which says nothing
between two languages; what a complaint is about is compared by names for it (likeness.toml) that both languages share.

A person in common is never enough: the same customer may have two matters. A matter in common is not enough either where
the names differ: a branch sells one product to many.

Not here: which cases are compared (duplicates.py), what an agent says to it (same_matter.py).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final

from case_store.records import Facts, PartialDate
from case_store.search import plain_text, search_text

LIKELY: Final = 7.5
POSSIBLE: Final = 5.0
"""From so many points on a pair is suggested; from `LIKELY` on as likely."""
OF_THE_MATTER: Final = 1.5  # so many of them at least have to come from the matter, whoever tells it
TEXT: Final = 3_000  # characters of a story that are compared
SHOWN: Final = 6  # words in common that are named

_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_NUMBERS: Final = re.compile(r"(?<![\d.])\d{3,20}(?:\.\d{1,2})?(?![\d])")
_YEAR: Final = re.compile(r"(?:19|20)\d\d$")
_BRANCH_ZH: Final = re.compile(r"([\u3400-\u9fff]{2})(?:支行|分行|分理处|网点|营业部|营业厅|储蓄所)")
_BRANCH_EN: Final = re.compile(r"\b([A-Z][\w'-]+) (?:[Bb]ranch|[Oo]ffice)")
_STAFF: Final = re.compile(
    r"([\u3400-\u9fff])(?:经理|主任|行长|柜员|专员|理专)|\b(?:manager|adviser|advisor|mr|ms|mrs) ([a-z]{2,})"
)
_NO_STAFF: Final = frozenset("户财你的个位名是找那这大堂级了")  # 客户经理, 理财经理, 你们的经理
_NO_BRANCH: Final = frozenset(
    ["你们", "我们", "贵行", "银行", "一家", "那个", "这个", "附近", "The", "Your", "Main", "This", "That"]
)
_TITLES: Final = re.compile(r"先生|女士|小姐|太太|师傅|(?<=^[\u3400-\u9fff])[生太]$|\b(?:mr|mrs|ms|miss|dr)\b\.?")


@dataclass(frozen=True, slots=True)
class Matter:
    """What of a case is compared. `contacts` are addresses that are the customer's, `topic` the reason of its category."""

    case: str
    facts: Facts
    category: str
    received_at: datetime
    topic: str | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    contacts: frozenset[str] = frozenset()
    name: str | None = None

    @property
    def text(self) -> str:
        facts = self.facts
        told = (facts.what_happened, facts.about, facts.desired_outcome)
        return "\n".join(part for part in told if part)[:TEXT]


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that agrees (weight above zero) or differs. `here` and `there` are what either side says; shown to agents."""

    about: str
    weight: float
    here: str = ""
    there: str = ""


@dataclass(frozen=True, slots=True)
class Likeness:
    points: tuple[Point, ...] = ()

    @property
    def score(self) -> float:
        return sum(point.weight for point in self.points)

    @property
    def strength(self) -> str | None:
        """`likely`, `possible`, or None where the two are not to be suggested."""
        of_matter = sum(point.weight for point in self.points if point.about not in _OF_THE_PERSON)
        if self.score < POSSIBLE or of_matter < OF_THE_MATTER:
            return None
        return "likely" if self.score >= LIKELY else "possible"

    @property
    def agrees(self) -> tuple[Point, ...]:
        return tuple(sorted((one for one in self.points if one.weight > 0), key=lambda one: -one.weight))

    @property
    def differs(self) -> tuple[Point, ...]:
        return tuple(sorted((one for one in self.points if one.weight <= 0), key=lambda one: one.weight))


_OF_THE_PERSON: Final = frozenset({"contact", "other_contact", "name", "other_name"})


def compare(one: Matter, other: Matter, *, explained: bool = False) -> Likeness:
    """Everything that speaks for these two being one matter, and against it; `explained` with the words in common."""
    found = [*_person(one, other), *_sums(one, other), *_days(one, other)]
    if sum(point.weight for point in found) + _MOST_OF_TEXT < POSSIBLE:  # no wording could make up for that
        return Likeness(tuple(found))
    return Likeness((*found, *_told(one, other, explained)))


# who -------------------------------------------------------------------------------------------------------------


def _person(one: Matter, other: Matter) -> list[Point]:
    shared = one.contacts & other.contacts
    names = _names_agree(one.name, other.name)
    found = []
    if shared:
        address = min(shared)
        found.append(Point("contact", 3.0, address, address))
    elif one.contacts and other.contacts:
        # who writes from another channel has another address there; two of one kind are mostly two people's
        alike = not {_kind(address) for address in one.contacts}.isdisjoint(map(_kind, other.contacts))
        weight = -3.0 if alike and names != "same" else 0.0
        found.append(Point("other_contact", weight, min(one.contacts), min(other.contacts)))
    if names is not None and one.name and other.name:
        weights = {"same": 2.5 if not shared else 1.0, "part": 0.7 if not shared else 0.5}
        weight = weights.get(names, -2.5 if shared else -6.0)
        found.append(Point("other_name" if names == "other" else "name", weight, one.name, other.name))
    return found


def _kind(address: str) -> str:
    return "email" if "@" in address else "phone" if address.startswith("+") else address.partition(":")[0]


def _names_agree(one: str | None, other: str | None) -> str | None:
    """`same`, `part` (a surname, an initial), `other`; None where they can't be compared."""
    if not one or not other:
        return None
    here, there = plain_name(one), plain_name(other)
    if not here or not there or bool(_HAN.search(here)) != bool(_HAN.search(there)):
        return None
    if here == there:
        return "same" if len(here) > 1 else "part"
    if _HAN.search(here):
        shorter, longer = sorted((here, there), key=len)
        if len(shorter) > 1 or not longer.startswith(shorter):
            return "other"
        return "part" if any(_TITLES.search(plain_text(name)) for name in (one, other)) else "other"
    return _latin_names(here.split(), there.split())


def _latin_names(here: list[str], there: list[str]) -> str:
    if sorted(here) == sorted(there):
        return "same"
    shorter, longer = sorted((here, there), key=len)
    fits = all(any(_short_for(part, whole) or _short_for(whole, part) for whole in longer) for part in shorter)
    return "part" if fits else "other"


def _short_for(part: str, whole: str) -> bool:
    """An initial, or a name cut short: D and Daniel, Ben and Benjamin."""
    return part == whole or (len(part) != 2 and whole.startswith(part))


@lru_cache(2048)
def plain_name(name: str) -> str:
    """A name in one script, lower case, without title, so that 陳志明先生 and 陈志明 are one."""
    return re.sub(r"[^\w ]", " ", _TITLES.sub(" ", plain_text(name))).strip()


# how much, when --------------------------------------------------------------------------------------------------


def _sums(one: Matter, other: Matter) -> list[Point]:
    here, there = one.facts.amount, other.facts.amount
    if here is None or there is None:
        return []
    shown = (f"{here.value:,.2f} {here.currency}", f"{there.value:,.2f} {there.currency}")
    if here.value == there.value:
        weight = _precision(here.value) - (1.0 if here.currency != there.currency else 0.0)
        return [Point("amount", weight, *shown)]
    ratio = _ratio(here.value, there.value)
    loose = "amount" in one.words or "amount" in other.words
    if ratio <= (1.25 if loose else 1.06):
        return [Point("amount_near", 1.0, *shown)]
    if _mentions(one, there.value) or _mentions(other, here.value):
        return [Point("amount_told", 0.8, *shown)]
    return [Point("other_amount", -3.0, *shown)]


def _precision(value: Decimal) -> float:
    """A sum of many different digits is hardly somebody else's too; 500 is."""
    digits = len(f"{value:f}".replace(".", "").strip("0"))
    return (1.0, 1.0, 2.0, 2.8)[digits] if digits < 4 else 3.4


def _ratio(one: Decimal, other: Decimal) -> float:
    smaller, larger = sorted((one, other))
    return float(larger / smaller) if smaller > 0 else float("inf")


def _mentions(matter: Matter, value: Decimal) -> bool:
    return value >= 10 and _whole(value) in re.findall(r"\d+(?:\.\d+)?", plain_text(matter.text))


def _days(one: Matter, other: Matter) -> list[Point]:
    here, there = one.facts.occurred_on, other.facts.occurred_on
    if here is None or there is None:
        apart = abs((one.received_at - other.received_at).days)
        return (
            [Point("long_apart", -1.0, f"{one.received_at:%Y-%m-%d}", f"{other.received_at:%Y-%m-%d}")]
            if apart > 180
            else []
        )
    gap, exact = _gap(here, there)
    shown = (here.text, there.text)
    if gap == 0:
        return [Point("day", 2.0, *shown) if exact else Point("time", 0.8, *shown)]
    if gap <= 3:
        return [Point("day_near", 0.6, *shown)]
    return [Point("other_day", -0.8 if gap <= 10 else -1.5 if gap <= 45 else -2.5, *shown)]


def _gap(one: PartialDate, other: PartialDate) -> tuple[int, bool]:
    """Days between two times, 0 where one lies in the other; and whether both name a day."""
    (begins, ends), (starts, stops) = span(one), span(other)
    gap = max((starts - ends).days, (begins - stops).days, 0)
    return gap, begins == ends and starts == stops


def span(when: PartialDate) -> tuple[date, date]:
    """First and last day of what a customer has named."""
    parts = [int(part) for part in when.text.split("-")]
    if len(parts) == 3:
        day = date(*parts)
        return day, day
    if len(parts) == 2:
        year, month = parts
        after = date(year + month // 12, month % 12 + 1, 1)
        return date(year, month, 1), after - timedelta(days=1)
    return date(parts[0], 1, 1), date(parts[0], 12, 31)


# what ------------------------------------------------------------------------------------------------------------

_MOST_OF_TEXT: Final = 10.0  # points that the telling can add


def _told(one: Matter, other: Matter, explained: bool) -> list[Point]:
    found = []
    found += _topic(one, other)
    found += _concept_points(one.text, other.text)
    found += _named("branch", _branches(one.text), _branches(other.text), 1.2, -1.5)
    found += _named("staff", _staff(one.text), _staff(other.text), 1.2, 0.0)
    found += _figures(one, other)
    found += _wording(one.text, other.text, explained)
    return found


def _topic(one: Matter, other: Matter) -> list[Point]:
    if not one.topic or not other.topic or {"unspecified", "wording"} & {one.topic, other.topic}:
        return []
    if one.topic == other.topic:
        return [Point("topic", 0.8, one.topic, other.topic)]
    return [Point("other_topic", -0.4, one.topic, other.topic)]


def _concept_points(one: str, other: str) -> list[Point]:
    here, there = concepts_in(one), concepts_in(other)
    common = here & there
    if not here or not there:
        return []
    if not common:
        return [Point("other_subject", -2.0, _listed(here), _listed(there))]
    weight = 0.4 + 2.2 * sum(map(_worth, common)) / max(3.0, min(sum(map(_worth, here)), sum(map(_worth, there))))
    return [Point("subject", min(weight, 2.6), _listed(common), _listed(common))]


def _worth(concept: str) -> float:
    return 0.5 if concept in _WIDE else 1.0


_WIDE: Final = frozenset({"fee", "loss", "app", "statement", "refusal", "interest"})


def _listed(names: Set[str]) -> str:
    return " ".join(sorted(names))


def _named(about: str, here: Set[str], there: Set[str], same: float, other: float) -> list[Point]:
    if not here or not there:
        return []
    common = here & there
    if common:
        return [Point(about, same, _listed(common), _listed(common))]
    alike = bool(_HAN.search(min(here))) == bool(_HAN.search(min(there)))  # a name in another script says nothing
    return [Point(f"other_{about}", other, _listed(here), _listed(there))] if alike and other else []


def _figures(one: Matter, other: Matter) -> list[Point]:
    common = figures_of(one) & figures_of(other)
    if not common:
        return []
    return [Point("figure", min(4.0, 2.5 + 0.5 * (len(common) - 1)), _listed(common), _listed(common))]


def figures_of(matter: Matter) -> frozenset[str]:
    """Numbers that name something: the end of a card, a contract, a reference. No sums, years or telephone numbers."""
    known = {_whole(matter.facts.amount.value)} if matter.facts.amount else set()
    phones = {re.sub(r"\D", "", address) for address in matter.contacts}
    return frozenset(
        number
        for number in _numbers(matter.text)
        if len(number) >= 4
        and "." not in number
        and not number.endswith("00")
        and not _YEAR.fullmatch(number)
        and number not in known
        and not any(phone.endswith(number) for phone in phones)
        and not (len(number) == 11 and number.startswith("1"))
    )


def _whole(value: Decimal) -> str:
    written = f"{value:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


@lru_cache(2048)
def _numbers(text: str) -> frozenset[str]:
    return frozenset(
        number.rstrip("0").rstrip(".") if "." in number else number for number in _NUMBERS.findall(plain_text(text))
    )


def _branches(text: str) -> frozenset[str]:
    return frozenset(
        name
        for name in (
            *_BRANCH_ZH.findall(plain_text(text)),
            *(found.lower() for found in _BRANCH_EN.findall(text) if found not in _NO_BRANCH),
        )
        if name not in _NO_BRANCH
    )


def _staff(text: str) -> frozenset[str]:
    found = (one or other for one, other in _STAFF.findall(plain_text(text)))
    return frozenset(name for name in found if name not in _NO_STAFF)


def _wording(one: str, other: str, explained: bool) -> list[Point]:
    """Words in common beyond those that everybody uses; nothing is said between two languages."""
    here, there = _telling(one), _telling(other)
    if min(len(here), len(there)) < 5 or bool(_HAN.search(one)) != bool(_HAN.search(other)):
        return []
    common = here & there
    overlap = len(common) / min(len(here), len(there))
    if overlap < 0.08:
        return [Point("other_wording", -0.6)]
    if overlap < 0.16:
        return []
    shown = (_in_common(one, common), _in_common(other, common)) if explained else ()
    return [Point("wording", min(3.2, 9 * (overlap - 0.12)), *shown)]


def _in_common(text: str, common: Set[str]) -> str:
    """A few of the words in common as this side wrote them: pairs of characters that overlap as the phrase they make."""
    runs, run = dict[str, None](), ""
    for piece in re.findall(r"[\u3400-\u9fff]|[A-Za-z]+|[^\w\s]|\s+", text):
        if run and _HAN.match(piece) and plain_text(run[-1] + piece) in common:
            run += piece
            continue
        if len(run) > 1:
            runs[run] = None
        run = piece if _HAN.match(piece) else ""
        if piece.isalpha() and not run and search_text(piece) in common:
            runs[piece] = None
    if len(run) > 1:
        runs[run] = None
    return " ".join(sorted(runs, key=len, reverse=True)[:SHOWN])


@lru_cache(2048)
def _telling(text: str) -> frozenset[str]:
    """The words of a story that tell something: pairs of Chinese characters, English stems."""
    words = search_text(text).split()
    return frozenset(word for word in words if len(word) > 1 and word not in _common() and not word.isdecimal())


@lru_cache(2048)
def concepts_in(text: str) -> frozenset[str]:
    """What a story is about, by names that do not depend on its language."""
    plain = plain_text(text)
    return frozenset(name for name, pattern in _concepts().items() if pattern.search(plain))


@cache
def _concepts() -> dict[str, re.Pattern[str]]:
    return {name: re.compile(rf"{words['zh']}|\b(?:{words['en']})") for name, words in _data()["concepts"].items()}


@cache
def _common() -> frozenset[str]:
    """As the search has them: English by its stem."""
    lists = _data()["common"]
    return frozenset((*lists["zh"].split(), *search_text(lists["en"]).split()))


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files("case_store").joinpath("likeness.toml").read_text("utf-8"))
