"""What operators do about a person's data from the command line: the same units that the API has.

Not here: the commands (commands/persons.py), the routes (api/persons.py).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from case_store import persons, readings
from case_store.audit import case_chain
from case_store.persons import Person, PersonError
from case_store.readings import Reading
from case_store.reference import MistypedReference, parse_reference
from case_store.store import Transaction
from channels.email.workers import Readers
from gateway import masking
from gateway import persons as handing_out
from gateway.complaint import address_held
from gateway.context import Gateway
from gateway.erasing import carry_out, discard_files, keep_list
from gateway.operator import Refused
from gateway.readings import LIST


@contextmanager
def _told() -> Iterator[None]:
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


def _finding(contact: str, names: Sequence[str], cases: Sequence[str]) -> Callable[[Transaction], Person]:
    """Raises Refused for what is no address, SeveralPeople, MistypedReference."""
    address = _address(contact)
    return lambda tx: persons.find(tx, address, names=names, keys=_keys(cases))


async def find(gateway: Gateway, *, actor: str, contact: str, names: Sequence[str], cases: Sequence[str]) -> Any:
    """Who has looked stands at each case that was named, as with the API."""
    whose, periods = _finding(contact, names, cases), gateway.policy.retention.periods()

    def unit(tx: Transaction) -> dict[str, Any]:
        found = handing_out.look(tx, whose(tx), periods)
        if found["cases"]:
            subjects = tuple(case_chain(one["id"]) for one in found["cases"])
            readings.keep(tx, [Reading(actor, actor, LIST.what, subjects)])
        shown = [{**one, "reference": one["reference"] or one["id"]} for one in found["cases"]]
        return {**found, "cases": shown}

    with _told():
        return await gateway.store.write(unit)


async def export(
    gateway: Gateway, *, actor: str, to: str, contact: str, names: Sequence[str], cases: Sequence[str]
) -> Any:
    try:
        handle = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Refused(f"{to} can't be written: {error.strerror}") from None
    readers, whole = Readers(processes=1), False
    try:
        with os.fdopen(handle, "w+b") as file:
            with _told():
                whose = _finding(contact, names, cases)
                held = await handing_out.hand_out(gateway, whose, actor=actor, username=actor)
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
    whose = _finding(contact, names, cases)

    def unit(tx: Transaction) -> str:
        told = handing_out.order(
            tx, gateway, whose(tx), reason=reason, actor=actor, even_within_retention=even_within_retention
        )
        return told.id

    with _told():
        id = await gateway.store.write(unit)
    async for _ in carry_out(gateway, id):
        pass
    masking.forget()
    await discard_files(gateway.store, gateway.files)
    await keep_list(gateway)
    return (await gateway.store.read(persons.get, id)).to_json()
