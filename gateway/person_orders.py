"""What operators do about a person's data from the command line: the same units that the API has.

Not here: the commands (commands/persons.py), the routes (api/persons.py).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from case_store import persons, readings, retention
from case_store.audit import case_chain
from case_store.persons import PersonError
from case_store.readings import Reading
from case_store.reference import MistypedReference, parse_reference
from case_store.store import Transaction
from channels.email.workers import Readers
from gateway import persons as handing_out
from gateway.complaint import address_held
from gateway.context import Gateway
from gateway.erasing import carry_out, discard_files, keep_list
from gateway.operator import Refused
from gateway.readings import LIST


@contextmanager
def _told():  # type: ignore[no-untyped-def]
    try:
        yield
    except PersonError as error:
        raise Refused(str(error)) from None
    except MistypedReference as error:
        raise Refused(f"a reference number has a typing error: {error}") from None


def _address(written: str) -> str:
    try:
        return address_held(written)
    except ValueError as error:
        raise Refused(f"{written!r} {error}") from None


def _keys(cases: Sequence[str]) -> list[str]:
    return [parse_reference(key) or key for key in cases]


async def find(gateway: Gateway, *, actor: str, contact: str, names: Sequence[str], cases: Sequence[str]) -> Any:
    """Who has looked stands at each case that was named, as with the API."""
    periods = gateway.policy.retention.periods()

    def unit(tx: Transaction) -> dict[str, Any]:
        person = persons.find(tx, _address(contact), names=names, keys=_keys(cases))
        shown = []
        for one in person.cases:
            bound = periods if one.reference else None
            kept = None if one.erased else retention.kept(tx, one.id, bound)
            until = kept.until.isoformat() if kept and kept.until else None
            plain = {"reference": one.key, "name": one.name, "status": one.status, "erased": one.erased}
            shown.append({**plain, "kept": kept and kept.code, "kept_until": until})
        if person.cases:
            subjects = tuple(case_chain(one.id) for one in person.cases)
            readings.keep(tx, [Reading(actor, actor, LIST.what, subjects)])
        return {"addresses": list(person.addresses), "cases": shown, "conversations": len(person.conversations)}

    with _told():
        return await gateway.store.write(unit)


async def export(
    gateway: Gateway, *, actor: str, to: str, contact: str, names: Sequence[str], cases: Sequence[str]
) -> Any:
    def unit(tx: Transaction) -> handing_out.Held:
        held = handing_out.find_and_collect(tx, _address(contact), names, _keys(cases))
        if not held.cases and not held.talks and not held.person.spoke_for:
            raise Refused("nothing is held under this address")
        digest = handing_out.digest_of(gateway, held.person.addresses)
        handing_out.note_handed_out(tx, held, digest, actor, actor)
        return held

    try:
        handle = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Refused(f"{to} can't be written: {error.strerror}") from None
    readers, whole = Readers(processes=1), False
    try:
        with os.fdopen(handle, "w+b") as file:
            with _told():
                held = await gateway.store.write(unit)
            await handing_out.write(gateway, readers, held, file, datetime.now(UTC))
        whole = True
    finally:
        await readers.stop()
        if not whole:
            os.unlink(to)
    return {"cases": len(held.cases), "conversations": len(held.talks)}


async def erase(
    gateway: Gateway,
    *,
    actor: str,
    reason: str,
    even_within_retention: bool,
    contact: str,
    names: Sequence[str],
    cases: Sequence[str],
) -> Any:
    """Orders it, and carries it out here and now; a gateway that runs may be quicker with some of it."""
    periods = gateway.policy.retention.periods()

    def unit(tx: Transaction) -> str:
        person = persons.find(tx, _address(contact), names=names, keys=_keys(cases))
        digest = handing_out.digest_of(gateway, person.addresses)
        return persons.order(
            tx,
            person,
            digest=digest,
            reason=reason,
            actor=actor,
            periods=periods,
            even_within_retention=even_within_retention,
        ).id

    with _told():
        id = await gateway.store.write(unit)
    async for _ in carry_out(gateway, id):
        pass
    await discard_files(gateway.store, gateway.files)
    await keep_list(gateway)
    return (await gateway.store.read(persons.get, id)).to_json()
