"""A store into which every side of the labelled pairs is filed, as the house would understand and judge it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from case_store import cases, duplicates
from case_store.cases import Registration
from case_store.conversations import NewConversation, open_conversation
from case_store.ids import new_id
from case_store.records import Draft, Facts, Language
from case_store.store import Store, Transaction
from dialogue import triage
from dialogue.policy_terms import DEFAULT_TRIAGE, TriagePolicy
from dialogue.understanding.understand import understand
from tests.yamls import from_yaml

_POLICY: Final = TriagePolicy.from_mapping(DEFAULT_TRIAGE)
_REGIONS: Final = {"+852": ("HK", "HKD"), "+886": ("TW", "TWD"), "+44": ("GB", "GBP")}
Side = tuple[str, str | None, str | None, date, str]


@dataclass(frozen=True)
class Pair:
    id: int
    same: bool
    a: Side
    b: Side


def pairs(*, judge: bool) -> list[Pair]:
    """The half to judge by (even numbers), or the one to build on."""
    listed = from_yaml(Path(__file__).with_name("pairs.yaml").read_text("utf-8"))
    return [
        Pair(one["id"], one["same"], tuple(one["a"]), tuple(one["b"]))
        for one in listed
        if (one["id"] % 2 == 0) == judge
    ]


def file(tx: Transaction, side: Side) -> str:
    """Files one side, the day it came; the id of its case."""
    channel, address, name, day, text = side
    at = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=3)
    draft = _understood(text, address, name, at)
    conversation = NewConversation(id=new_id(), channel=channel, account=f"{channel}:test", locale="zh-Hans")
    open_conversation(tx, conversation)
    opened: dict[str, Any] = {"channel": channel, "account": conversation.account, "language": "zh-Hans"}
    case = cases.open_draft(tx, conversation_id=conversation.id, received_at=at, customer=name, **opened)
    judgement = triage.judge(text, draft, _POLICY, language=Language.HANS)
    cases.save_draft(tx, case, draft, judgement, Language.HANS)
    due = datetime.combine(day, datetime.min.time(), UTC) + timedelta(days=15)
    cases.file_case(tx, case, Registration(day, due.date(), due, "test"), actor="bot")
    return case


def _understood(text: str, address: str | None, name: str | None, at: datetime) -> Draft:
    region, currency = next(
        (place for code, place in _REGIONS.items() if (address or "").startswith(code)), ("CN", "CNY")
    )
    heard = understand(text, now=at, region=region, home_currency=currency)
    facts = replace(
        heard.facts, name=name or heard.facts.name, contact=address or heard.facts.contact, what_happened=text
    )
    return Draft(
        Facts(**{**facts.to_json(), "occurred_on": facts.occurred_on, "amount": facts.amount}),
        heard.words,
        frozenset(),
        {},
    )


@dataclass
class Found:
    """What was suggested among all cases of some pairs, by the pairs' labels; `others` are suggestions across pairs."""

    right: list[int] = field(default_factory=list)
    missed: list[int] = field(default_factory=list)
    wrong: list[int] = field(default_factory=list)
    others: list[tuple[str, str]] = field(default_factory=list)

    @property
    def precision(self) -> float:
        suggested = len(self.right) + len(self.wrong) + len(self.others)
        return len(self.right) / suggested if suggested else 1.0

    @property
    def recall(self) -> float:
        return len(self.right) / (len(self.right) + len(self.missed))


def suggested_among(store: Store, told: list[Pair]) -> Found:
    """Files every side in one store and compares what was suggested with the labels."""
    ids = {pair.id: (store.write_now(file, pair.a), store.write_now(file, pair.b)) for pair in told}
    stood = {
        frozenset((id, other))
        for sides in ids.values()
        for id in sides
        for other in store.read_now(duplicates.of_case, id)
    }
    found, side_of = Found(), {id: f"{pair}{'ab'[n]}" for pair, sides in ids.items() for n, id in enumerate(sides)}
    for pair in told:
        here = frozenset(ids[pair.id]) in stood
        if pair.same:
            (found.right if here else found.missed).append(pair.id)
        elif here:
            found.wrong.append(pair.id)
    labelled = {frozenset(sides) for sides in ids.values()}
    found.others = [tuple(sorted(side_of[id] for id in one)) for one in stood - labelled]  # type: ignore[misc]
    return found
