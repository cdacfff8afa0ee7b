"""Other values of a fact that a page offers with one click: what it was before somebody corrected it, and what else the customer's words hold.

They are shown masked, so they come back masked, and whole: what comes back changed is no value that was offered.

Not here: finding them (gateway/evidence.py, gateway/rivals.py), telling them (evidence.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from case_store import cases
from case_store.case_record import CaseRecord
from case_store.cases import NoSuchCase
from case_store.reference import MistypedReference, parse_reference
from case_store.store import Transaction
from gateway import evidence, rivals
from gateway.api.masks import sees_masks
from gateway.context import GATEWAY
from gateway.evidence import Proof, Said
from gateway.masking import NUMBERS, masked
from gateway.rivals import Reading

Offered = Mapping[str, list[str]]
NOTHING: Final[Offered] = {}


async def offered(request: web.Request, key: str, facts: Mapping[str, Any] | None) -> Offered:
    """By fact, for whoever sends some back masked; looked for before the writer is taken, and not where nothing is masked."""
    masks = [value for value in (facts or {}).values() if isinstance(value, str) and "*" in value]
    if not masks or not sees_masks(request):
        return NOTHING
    gateway = request.app[GATEWAY]
    about = gateway.policy.institution
    found = await gateway.store.read(_found, key)
    if found is None:
        return NOTHING
    record, proofs, said = found
    how = Reading(gateway.settings.timezone, about.region, about.home_currency)
    others = await asyncio.to_thread(rivals.rivals_in, record, said, how)
    known: dict[str, list[str]] = {}
    for proof in proofs:
        if proof.about.startswith("facts.") and proof.corrected is not None and isinstance(proof.corrected.before, str):
            known.setdefault(proof.about.removeprefix("facts."), []).append(proof.corrected.before)
    for name, values in others.items():
        known.setdefault(name, []).extend(one.value for one in values if isinstance(one.value, str))
    return known


def _found(tx: Transaction, key: str) -> tuple[CaseRecord, list[Proof], list[Said]] | None:
    try:
        record = cases.get(tx, parse_reference(key) or key)
    except (NoSuchCase, MistypedReference):  # told by what changes it
        return None
    said = evidence.said_in(tx, record)
    return record, evidence.proofs_of(tx, record, said), said


def taken(known: Offered, name: str, text: str) -> str | None:
    """The value that is meant, if it was offered like this and no other was."""
    found = {value for value in known.get(name, ()) if value != text and masked(value, NUMBERS) == text}
    return found.pop() if len(found) == 1 else None
