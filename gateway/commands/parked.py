"""`qingting parked`: what came and could not be read."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.commands import house
from gateway.commands.house import AsJson

app = typer.Typer(no_args_is_help=True, help="What came and could not be read.")
COLUMNS = ("id", "channel", "received_at", "size", "reason")


@app.command("list")
def list_parked(
    limit: Annotated[int, typer.Option(help="How many, the newest first.", min=1)] = 200, json: AsJson = False
) -> None:
    """Lists arrivals that were put aside, with the reason. Each is kept in full."""
    from dataclasses import asdict

    from case_store import arrivals

    with house.store_to_read() as store:
        found = store.read_now(arrivals.parked, limit)
    shown = [{**asdict(one), "received_at": one.received_at.isoformat(timespec="seconds")} for one in found]
    house.show(shown, COLUMNS, as_json=json)


@app.command("replay")
def replay(
    id: Annotated[str, typer.Argument(help="Of one arrival.")] = "",
    all: Annotated[bool, typer.Option("--all", help="All that are parked.")] = False,
    json: AsJson = False,
) -> None:
    """Has one, or all, read again: by the running gateway, or at its next start."""
    if bool(id) == all:
        raise typer.BadParameter("name one arrival by its id, or give --all")
    done = house.do("replay", arrival=id or None)
    if json:
        house.print_json(done)
    else:
        typer.echo(f"{done['replayed']} will be read again")
