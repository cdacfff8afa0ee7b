"""What came of all customers: a table by language and temper, the faults by kind, the transcripts, and the same as JSON."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from statistics import median, quantiles
from typing import Any, Final

from gateway.simulation.run import Played
from gateway.simulation.scoring import KINDS, Fault
from gateway.simulation.sheet import FACTS, WORDS
from gateway.simulation.transcript import Customer, House, Owner

COLUMNS: Final = (
    "customers", "as meant", "without fault", "facts right", "asked though told", "asked twice", "spoke while writing",
    "wrong script", "sympathy missing", "sympathy again", "read-back", "corrections lost", "person", "turns", "seconds",
)  # fmt: skip
SHORT: Final = (
    "n", "ended", "clean", "facts", "told", "twice", "over", "script", "none", "again", "read", "put", "person", "turns", "s",
)  # fmt: skip
LEGEND: Final = (
    "n customers; ended as meant; clean: without fault; facts right on record. Faults: told: asked for although told; twice: asked "
    "again;\nover: spoke while they were writing; script: sentences in a wrong one; none: no sympathy; again: sympathy repeated; read: "
    "read-back missing\nor incomplete; put: corrections lost. person: reached. turns and seconds to an answer: medians."
)
_ENDS: Final = frozenset({"not_filed", "no_end", "person_not_reached", "no_number"})


def rows(played: Sequence[Played]) -> list[tuple[str, dict[str, str]]]:
    """One row for each language, each temper, each channel, and one for all. Customers who were not reached are in none."""
    reached = [one for one in played if not one.transcript.unreached]
    groups: list[tuple[str, list[Played]]] = [("all", reached)]
    groups += _by(reached, lambda one: [one.sheet.language])
    groups += _by(reached, lambda one: list(one.sheet.tempers))
    groups += _by(reached, lambda one: [one.sheet.channel])
    return [(name, _row(group)) for name, group in groups if group]


def _by(played: Iterable[Played], names: Callable[[Played], list[str]]) -> list[tuple[str, list[Played]]]:
    found: dict[str, list[Played]] = defaultdict(list)
    for one in played:
        for name in names(one):
            found[name].append(one)
    return sorted(found.items())


def _row(group: Sequence[Played]) -> dict[str, str]:
    counted = Counter(fault.kind for one in group for fault in one.faults)
    right, all_facts = _facts(group)
    waits = [wait for one in group for wait in one.transcript.waits()]
    ends = [one for one in group if one.sheet.ends in ("person", "danger")]
    lost = ("person_not_reached", "person_late", "form_went_on", "no_number")
    reached = sum(not any(fault.kind in lost for fault in one.faults) for one in ends)
    values = (
        str(len(group)),
        _share(sum(not any(fault.kind in _ENDS for fault in one.faults) for one in group), len(group)),
        _share(sum(not one.faults for one in group), len(group)),
        _share(right, all_facts),
        str(counted["asked_though_told"]),
        str(counted["asked_twice"]),
        str(counted["spoke_while_writing"]),
        str(counted["wrong_script"]),
        str(counted["no_sympathy"]),
        str(counted["sympathy_repeated"]),
        str(counted["no_readback"] + counted["readback_incomplete"]),
        str(counted["correction_lost"]),
        _share(reached, len(ends)) if ends else "",
        f"{median(one.transcript.turns for one in group):g}",
        f"{median(waits):.1f}" if waits else "",
    )
    return dict(zip(COLUMNS, values, strict=True))


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole}"


def _facts(group: Sequence[Played]) -> tuple[int, int]:
    """(right, judged) over all facts that should be on record."""
    judged = sum(
        len(one.sheet.sheet) + len(one.sheet.declines) + len(one.sheet.without)
        for one in group
        if one.transcript.record is not None
    )
    wrong = sum(
        fault.kind in ("fact_wrong", "correction_lost", "never_asked")
        for one in group
        for fault in one.faults
        if one.transcript.record is not None
    )
    return max(0, judged - wrong), judged


def answer_times(played: Sequence[Played]) -> tuple[float, float, float] | None:
    """(median, 95th percentile, longest) of the seconds from the customer's last word to the house's next."""
    waits = sorted(wait for one in played for wait in one.transcript.waits())
    if not waits:
        return None
    late = quantiles(waits, n=20)[-1] if len(waits) > 1 else waits[0]
    return median(waits), min(late, waits[-1]), waits[-1]


def markdown(played: Sequence[Played]) -> str:
    """The table for docs."""
    lines = [f"| | {' | '.join(COLUMNS)} |", f"|---|{'---|' * len(COLUMNS)}"]
    lines += [f"| {name} | {' | '.join(row.values())} |" for name, row in rows(played)]
    return "\n".join(lines)


def table(played: Sequence[Played]) -> str:
    """The same for a terminal of 100 characters."""
    lines = [("", *SHORT), *((name, *row.values()) for name, row in rows(played))]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    shown = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([*shown, "", LEGEND])


def by_kind(played: Sequence[Played]) -> list[tuple[str, int, int]]:
    """(kind, how often, with how many customers), in the order of KINDS."""
    often = Counter(fault.kind for one in played for fault in one.faults)
    whom = Counter(kind for one in played for kind in {fault.kind for fault in one.faults})
    return [(kind, often[kind], whom[kind]) for kind in KINDS if often[kind]]


def unread_questions(played: Sequence[Played]) -> int:
    """Messages whose frame names another fact than our reader found: one of the two is hard to understand."""
    return sum(
        1
        for one in played
        for entry in one.transcript.entries
        if isinstance(entry, House) and entry.named and not entry.asks & entry.named
    )


def unreached(played: Sequence[Played]) -> list[tuple[str, int]]:
    """Why customers were not played, and how many for each reason."""
    found = Counter(f"{one.sheet.channel}: {one.transcript.unreached}" for one in played if one.transcript.unreached)
    return sorted(found.items())


def story(one: Played) -> str:
    """A conversation with its faults, for people."""
    head = f"{one.sheet.id} ({one.part}) {one.sheet.who} [{one.sheet.language}, {one.sheet.channel}, {', '.join(one.sheet.tempers)}]"
    told = one.transcript.unreached and [f"not reached: {one.transcript.unreached}"]
    faults = [f"  - {_fault(fault)}" for fault in one.faults]
    record = (one.transcript.record or {}).get("facts") or {}
    held = [
        f"  = {fact}: {record[fact]}" for fact in FACTS if fact not in WORDS | {"what_happened"} and record.get(fact)
    ]
    held += [f"  = {fact}: {str(record[fact])[:120]!r}" for fact in sorted(WORDS) if record.get(fact)]
    return "\n".join([head, *(told or []), *one.transcript.lines(), *held, *faults, ""])


def _fault(fault: Fault) -> str:
    words = f": {fault.words.splitlines()[0][:160]}" if fault.words else ""
    return f"{fault.kind} ({fault.detail}){words}"


def as_json(played: Sequence[Played]) -> dict[str, Any]:
    times = answer_times(played)
    return {
        "table": [{"group": name, **row} for name, row in rows(played)],
        "faults": [{"kind": kind, "times": times, "customers": whom} for kind, times, whom in by_kind(played)],
        "answer_seconds": times
        and dict(zip(("median", "p95", "longest"), (round(one, 2) for one in times), strict=True)),
        "not_reached": [{"why": why, "customers": number} for why, number in unreached(played)],
        "customers": [_customer(one) for one in played],
    }


def _customer(one: Played) -> dict[str, Any]:
    transcript = one.transcript
    return {
        "id": one.sheet.id,
        "part": one.part,
        "who": one.sheet.who,
        "language": one.sheet.language,
        "channel": one.sheet.channel,
        "tempers": list(one.sheet.tempers),
        "reference": transcript.reference,
        "turns": transcript.turns,
        "not_reached": transcript.unreached or None,
        "faults": [{"kind": fault.kind, "detail": fault.detail, "words": fault.words or None} for fault in one.faults],
        "facts": (transcript.record or {}).get("facts"),
        "said": [_said(entry) for entry in transcript.entries],
    }


def _said(entry: Customer | House | Owner) -> dict[str, Any]:
    if isinstance(entry, Owner):
        return {"at": round(entry.at, 2), "owner": entry.owner}
    if isinstance(entry, Customer):
        return {"at": round(entry.at, 2), "customer": entry.text}
    return {
        "at": round(entry.at, 2),
        entry.sender: entry.text,
        "asks": sorted(entry.asks),
        "interrupts": entry.interrupts,
    }
