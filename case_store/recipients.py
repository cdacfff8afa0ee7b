"""Whom a call or a letter is for: the complainant, or the proxy with a mandate whose address the case has.

Not here: addresses that something can be sent to (contacts.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from case_store.papers import HERE, Party, parties_of, postal_addresses
from case_store.store import Transaction
from case_store.tables_cases import case_contacts, cases


@dataclass(frozen=True, slots=True)
class Recipient:
    """`proxy` is the proxy's name; `mandate` says whether they may be told. `version` is the case record's."""

    case_id: str
    version: int
    reference: str | None
    name: str | None
    language: str
    phones: tuple[str, ...] = ()
    postal_address: str | None = None
    proxy: str | None = None
    mandate: str | None = None
    reach: str | None = None  # how they want to be reached or not, in their own words


def of_cases(tx: Transaction, case_ids: Iterable[str]) -> dict[str, Recipient]:
    """By case: four queries for all of them."""
    ids = sorted(set(case_ids))
    if not ids:
        return {}
    c = cases.c
    rows = tx.execute(
        sa.select(c.id, c.version, c.reference, c.facts, c.customer, c.language, c.mandate, c.words).where(
            c.id.in_(ids)
        )
    ).mappings()
    phones, addresses, people = _phones(tx, ids), postal_addresses(tx, ids), parties_of(tx, ids)
    return {
        row["id"]: _recipient(row, phones.get(row["id"], ()), addresses.get(row["id"]), people.get(row["id"], ()))
        for row in rows
    }


def of_case(tx: Transaction, case_id: str) -> Recipient:
    """Raises KeyError where there is no such case."""
    return of_cases(tx, [case_id])[case_id]


def _recipient(
    row: Mapping[Any, Any], phones: tuple[str, ...], address: str | None, people: Sequence[tuple[str, Party]]
) -> Recipient:
    proxy = next((party for role, party in people if role == "proxy"), None)
    # a complainant without an address is written to through the proxy, once their mandate is there
    through = proxy.postal_address if proxy is not None and row["mandate"] == HERE else None
    return Recipient(
        case_id=row["id"],
        version=row["version"],
        reference=row["reference"],
        name=row["facts"].get("name") or row["customer"],
        language=row["language"],
        phones=phones,
        postal_address=address or through,
        proxy=proxy.name if proxy is not None else None,
        mandate=row["mandate"],
        reach=row["words"].get("reach"),
    )


def _phones(tx: Transaction, case_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    k = case_contacts.c
    found = sa.select(k.case_id, k.address).where(k.case_id.in_(case_ids), k.kind == "phone").order_by(k.case_id, k.at)
    grouped: dict[str, tuple[str, ...]] = {}
    for row in tx.execute(found):
        grouped[row.case_id] = (*grouped.get(row.case_id, ()), row.address)
    return grouped
