"""`qingting key`: API keys of neighbouring programs."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.commands import house
from gateway.commands.house import AsJson

app = typer.Typer(no_args_is_help=True, help="API keys of neighbouring programs.")
COLUMNS = ("id", "name", "scopes", "created_at", "expires_at", "used_at", "revoked_at")


@app.command("list")
def list_keys(json: AsJson = False) -> None:
    """Lists all keys, revoked ones too. The keys themselves are not kept."""
    from case_store import people

    with house.store_to_read() as store:
        found = store.read_now(people.all_keys)
    house.show(
        [key.to_json() for key in found], COLUMNS, as_json=json, first_to_go=("used_at", "created_at", "expires_at")
    )


@app.command("add")
def add_key(
    name: Annotated[str, typer.Option(help="Which program holds it; stands in the audit trail.")],
    scope: Annotated[list[str], typer.Option(help="What it may do; give it once for each.")],
    days: Annotated[int | None, typer.Option(min=1, max=3650, help="After how many days it opens nothing.")] = None,
    json: AsJson = False,
) -> None:
    """Makes a key and prints it, once: it can't be shown again."""
    from datetime import UTC, datetime, timedelta

    from case_store.people import LONGEST_NAME
    from gateway.auth.principals import SCOPES
    from gateway.auth.sessions import digest_of, new_key
    from gateway.operations import actor

    unknown = sorted(set(scope) - set(SCOPES))
    if unknown:
        raise typer.BadParameter(f"no such scope: {', '.join(unknown)}; there are {', '.join(SCOPES)}")
    if not 1 <= len(name.strip()) <= LONGEST_NAME:
        raise typer.BadParameter(f"a name has 1 to {LONGEST_NAME} characters")
    key = new_key()
    until = None if days is None else (datetime.now(UTC) + timedelta(days=days)).isoformat(timespec="seconds")
    known = {"name": name.strip(), "scopes": sorted(set(scope)), "expires_at": until}
    made = house.do("add_key", actor=actor(), **known, digest=digest_of(key))
    if json:
        house.print_json({**made, "key": key})
    else:
        typer.echo(key)
        typer.echo("keep it now: only a digest of it is stored", err=True)


@app.command("revoke")
def revoke_key(key: Annotated[str, typer.Argument(help="Its id, or its name if no other key has it.")]) -> None:
    """Revokes a key at once; conversations that it has taken over go back to the queue."""
    from gateway.operations import actor

    revoked = house.do("revoke_key", actor=actor(), key=key)
    typer.echo(f"{revoked['name']} ({revoked['id']}) is revoked")
