"""`qingting person`: what is held on somebody, handed out or erased; and the list of what was erased."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.commands import house
from gateway.commands.house import AsJson

app = typer.Typer(no_args_is_help=True, help="A person's data: find, hand out, erase.")
Contact = Annotated[str, typer.Argument(help="A mail address, a telephone number, or telegram:ID.")]
Names = Annotated[list[str] | None, typer.Option("--name", help="Whose, where several people share the address.")]
Keys = Annotated[list[str] | None, typer.Option("--case", help="Or which cases are theirs; give it once for each.")]
COLUMNS = ("reference", "name", "status", "kept", "kept_until", "erased")
ORDERS = ("id", "at", "ordered_by", "cases", "left", "done_at", "reason")


@app.command("find")
def find(contact: Contact, name: Names = None, case: Keys = None, json: AsJson = False) -> None:
    """Shows which cases are theirs, and why one may not be erased. That you have looked is noted."""
    from gateway.operations import actor

    found = house.do("find_person", actor=actor(), contact=contact, names=name or [], cases=case or [])
    if json:
        house.print_json(found)
        return
    house.show(found["cases"], COLUMNS, as_json=False)
    typer.echo(f"{found['conversations']} conversations under {', '.join(found['addresses'])}")


@app.command("export")
def export(
    contact: Contact,
    to: Annotated[Path, typer.Option("--to", help="The ZIP to write; it must not exist yet.")],
    name: Names = None,
    case: Keys = None,
) -> None:
    """Writes all that is held on them into a ZIP: JSON, files, and a page to read. It is noted in the audit trail first."""
    from gateway.operations import actor

    which = {"contact": contact, "names": name or [], "cases": case or []}
    made = house.do("export_person", actor=actor(), to=str(to.resolve()), **which)
    typer.echo(f"{to}: {made['cases']} cases, {made['conversations']} conversations")


@app.command("erase")
def erase(
    contact: Contact,
    reason: Annotated[
        str, typer.Option(help="Who has asked for it and when. Don't name the person: it stays on record.")
    ],
    name: Names = None,
    case: Keys = None,
    even_within_retention: Annotated[
        bool,
        typer.Option("--even-within-retention", help="The law demands it although the time of keeping is not over."),
    ] = False,
    json: AsJson = False,
) -> None:
    """Erases all that is held on them. Refuses, and erases nothing, if a case is open, under a hold, or has to be kept."""
    from gateway.operations import actor

    if not reason.strip():
        raise typer.BadParameter("a reason is needed: it stands in the certificate")
    which = {"contact": contact, "names": name or [], "cases": case or []}
    made = house.do(
        "erase_person", actor=actor(), reason=reason.strip(), even_within_retention=even_within_retention, **which
    )
    if json:
        house.print_json(made)
        return
    told = ", ".join(f"{number} {what}" for what, number in made["counts"].items())
    typer.echo(
        f"order {made['id']}: {'done' if made['done_at'] else 'under way'}" + (f"; erased {told}" if told else "")
    )


@app.command("orders")
def orders(json: AsJson = False) -> None:
    """Lists the orders to erase, the last first."""
    from case_store import persons

    with house.store_to_read() as store:
        found: list[dict[str, Any]] = [one.to_json() for one in store.read_now(persons.orders)]
    house.show(found, ORDERS, as_json=json)


@app.command("erasures")
def erasures() -> None:
    """Prints the list of all erasures, one JSON object a line: `qingting restore --erasures` carries it out again on a backup."""
    import json as json_

    from case_store import erasures

    with house.store_to_read() as store:
        for one in store.read_now(erasures.every):
            print(json_.dumps(one.to_json(), separators=(",", ":")))
