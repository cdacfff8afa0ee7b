"""Looks for surges and hot spots, once a minute in one process of all: raised once, followed, ended; those on duty are told.

Everything is counted from rows, by a unit that only reads: no writer waits for it. What was counted is decided upon by a unit of its own, under a lease:
whichever process looks next goes on where the last one was, and what was counted before another has looked counts for nothing.
Usually a look ends after the first counts; only what is many enough to be a surge at all is compared with the weeks before.

Not here: when there is one (surge_rules.py), what is counted (case_store/surge_counts.py), what is kept (case_store/surges.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from case_store import duties, surge_counts, surges
from case_store.records import Language
from case_store.store import Store, Transaction
from case_store.surge_counts import Counts, Facet
from case_store.surges import HOT_SPOT, SURGE, Seen
from gateway import alarms, texts
from gateway.console.wording import catalogue
from gateway.notifications import Notices
from gateway.surge_policy import Surges
from gateway.surge_rules import Rule, bounds
from gateway.texts import Occasion

DUTY: Final = "surges"
LASTING: Final = timedelta(seconds=150)
EVERY: Final = timedelta(seconds=55)
AT_ONCE: Final = 20  # raised at one look; the next look goes on
SPANS: Final = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
PLAIN: Final = ("all", "channel", "category")
CROWDED: Final = ("about", "figure")


@dataclass(frozen=True, slots=True)
class Watched:
    """What is looked at within a span: of these dimensions, counting cases or customers, by a rule."""

    kind: str
    span: str
    dimensions: tuple[str, ...]
    rule: Rule

    def measure(self, counts: Counts, facet: Facet) -> int:
        return counts.crowd(facet) if self.kind == HOT_SPOT else counts.cases[facet]


def watched(policy: Surges) -> tuple[Watched, ...]:
    return (
        Watched(SURGE, "hour", PLAIN, policy.of_an_hour),
        Watched(SURGE, "day", PLAIN, policy.of_a_day),
        Watched(HOT_SPOT, "day", CROWDED, policy.of_customers),
    )


@dataclass(frozen=True, slots=True)
class Compared:
    """Of one thing that is watched: how many there are now, and how many there were of what is many or was a surge, in each of the weeks before."""

    counts: Counts
    past: Mapping[Facet, list[int]]


@dataclass(frozen=True, slots=True)
class Counted:
    """What there was at a moment, under a policy; `of` in the order of `watched`."""

    at: datetime
    policy: Surges
    of: tuple[Compared, ...]


async def look(store: Store, notices: Notices, holder: str) -> int:
    """Answers how many were raised. None where another process has the lease, or has just looked."""
    counted = await store.read(count_if_due, notices)
    return 0 if counted is None else await store.write(decide_on_duty, notices, holder, counted)


def count_if_due(tx: Transaction, notices: Notices) -> Counted | None:
    """None where somebody has just looked. Reads only."""
    last = duties.look(tx, DUTY)
    return count(tx, notices) if last is None or _is_due(tx.now, last[1]) else None


def decide_on_duty(tx: Transaction, notices: Notices, holder: str, counted: Counted) -> int:
    held = duties.take(tx, DUTY, holder, LASTING)
    if held is None or not _is_due(tx.now, held.memory):
        return 0
    duties.remember(tx, DUTY, holder, held.fence, {"looked_at": tx.now.isoformat()}, LASTING)
    return decide(tx, notices, counted)


def _is_due(now: datetime, memory: Mapping[str, Any]) -> bool:
    looked_at = memory.get("looked_at")
    return looked_at is None or now - datetime.fromisoformat(looked_at) >= EVERY


def count(tx: Transaction, notices: Notices) -> Counted:
    """The day is read once: its last hour is a part of it. Reads only."""
    promises = notices.promises
    policy = promises.policy.surges
    if not policy.on:
        return Counted(tx.now, policy, ())
    known, counts = surges.open_ones(tx), _counts(tx)
    found = []
    for one in watched(policy):
        here = counts[one.span]
        crowded = [
            facet for facet in here.cases if facet[0] in one.dimensions and one.measure(here, facet) >= one.rule.least
        ]
        wanted = dict.fromkeys([*crowded, *_open_here(known, one)])
        found.append(Compared(here, _past(tx, one.span, wanted, policy.weeks, promises.zone)))
    return Counted(tx.now, policy, tuple(found))


def decide(tx: Transaction, notices: Notices, counted: Counted) -> int:
    """Upon what was counted a moment ago, whoever has the duty. Answers how many were raised."""
    policy = notices.promises.policy.surges
    known = surges.open_ones(tx, lock=True)
    if not policy.on:
        for row in known.values():
            surges.end(tx, row, row["count"])
        return 0
    if counted.policy != policy or tx.now - counted.at > EVERY:
        return 0  # by other rules, or of another time: the next look counts again
    raised: list[tuple[str, Seen]] = []
    for one, compared in zip(watched(policy), counted.of, strict=True):
        open_here = _open_here(known, one)
        for facet, weeks in compared.past.items():
            found = bounds(weeks, one.rule)
            seen = _seen(one, facet, compared.counts, found.threshold, found.usual)
            if facet in open_here:
                _follow(tx, open_here[facet], seen, found.calm)
            elif seen.count >= found.threshold and len(raised) < AT_ONCE:
                raised.append((surges.begin(tx, seen, notices.promises.policy.version), seen))
    if raised:
        _tell(tx, notices, raised)
    return len(raised)


def _open_here(known: Mapping[str, Mapping[Any, Any]], one: Watched) -> dict[Facet, Mapping[Any, Any]]:
    return {(row["dimension"], row["value"]): row for row in known.values() if _is_of(row, one)}


def _is_of(row: Mapping[Any, Any], one: Watched) -> bool:
    return bool(row["kind"] == one.kind and row["span"] == one.span and row["dimension"] in one.dimensions)


def _counts(tx: Transaction) -> dict[str, Counts]:
    """By span: one reading of the longest, of which the others are the end."""
    found = surge_counts.entered(tx, tx.now - max(SPANS.values()), tx.now + timedelta(seconds=1))
    return {
        span: surge_counts.counted(one for one in found if one.at is not None and one.at >= tx.now - lasts)
        for span, lasts in SPANS.items()
    }


def _seen(one: Watched, facet: Facet, counts: Counts, threshold: int, usual: float | None) -> Seen:
    crowd = counts.crowd(facet) if one.kind == HOT_SPOT else None
    examples = tuple(counts.examples.get(facet, ()))
    count = one.measure(counts, facet)
    return Seen(one.kind, one.span, *facet, count, threshold, usual, crowd, examples)


def _follow(tx: Transaction, row: Mapping[Any, Any], seen: Seen, calm: int) -> None:
    if seen.count < calm:
        surges.end(tx, row, seen.count)
    else:
        surges.go_on(tx, row, seen)


def _past(tx: Transaction, span: str, wanted: Iterable[Facet], weeks: int, zone: ZoneInfo) -> dict[Facet, list[int]]:
    """The same stretch of the weeks before, as far as there was anything to count."""
    facets = list(wanted)
    if not facets:
        return {}
    since = surge_counts.known_since(tx)
    return surge_counts.past(tx, before(tx.now, span, weeks, since, zone), facets)


def before(
    now: datetime, span: str, weeks: int, since: datetime | None, zone: ZoneInfo
) -> Sequence[tuple[datetime, datetime]]:
    """The stretch that ends now, so many weeks before: by the clock on the wall, whatever it was set to meanwhile."""
    wall = now.astimezone(zone)
    ends = [(wall - timedelta(weeks=week)).astimezone(now.tzinfo) for week in range(1, weeks + 1)]
    return [(end - SPANS[span], end) for end in ends if since is not None and end - SPANS[span] >= since]


def what(dimension: str, value: str, language: Language) -> str:
    """What there is so much of, in words."""
    words = catalogue(language)
    if dimension == "all":
        return str(words["watch"]["all"])
    group = {"channel": "channels", "category": "category"}.get(dimension)
    return str(words[group].get(value, value)) if group else value


def _tell(tx: Transaction, notices: Notices, raised: Sequence[tuple[str, Seen]]) -> None:
    """One mail to each address for all that one look has found."""
    people = notices.promises.policy.people
    first = raised[0][0]
    text = texts.render(
        Occasion.SURGE_ALARM,
        notices.language,
        surges=[
            {
                "kind": one.kind,
                "span": one.span,
                "count": one.count,
                "what": what(one.dimension, one.value, notices.language),
            }
            for _, one in raised
        ],
        console_url=f"{notices.public_url}/console/supervise/surges",
    )
    for address in dict.fromkeys([people.duty_address, people.supervisor_address]):
        if address:
            alarms.mail(tx, notices, f"surge:{first}:{address}", address, text)
