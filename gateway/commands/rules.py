"""`qingting policy`: which policy counts, which versions there are, and whether a file could be one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.commands import house
from gateway.commands.house import AsJson

app = typer.Typer(no_args_is_help=True, help="The policy: show what counts, list its versions, check a file.")


@app.command("show")
def show(
    number: Annotated[
        int | None, typer.Option("--version", help="Number of a version; what counts if not named.")
    ] = None,
) -> None:
    """Prints the policy that counts, or a version of it, as TOML."""
    from case_store import documents
    from case_store.documents import POLICY, NoSuchVersion
    from gateway.rules_check import rules_of

    chosen = house.settings()
    with house.store_to_read(chosen) as store:
        if number is None:
            _, force = rules_of(chosen, store)
            typer.echo((force.policy_version.content if force.policy_version else force.file.text).rstrip())
            return
        try:
            found = store.read_now(documents.get, POLICY, number)
        except NoSuchVersion:
            house.stop(f"there is no version {number}: `qingting policy versions` lists them")
    typer.echo(found.content.rstrip())


@app.command("versions")
def versions(json: AsJson = False) -> None:
    """Lists the versions of the policy, the latest first."""
    from case_store import documents
    from case_store.documents import POLICY
    from gateway.rules_check import rules_of

    chosen = house.settings()
    with house.store_to_read(chosen) as store:
        _, force = rules_of(chosen, store)
        counts = force.standing.counting.get(POLICY)
        listed, now = store.read_now(lambda tx: (documents.versions(tx, POLICY), tx.now))
    records = [
        {
            "number": one.number,
            "label": one.label,
            "state": one.state(now, None if counts is None else counts.id),
            "author": one.author,
            "effective_from": one.effective_from.isoformat(timespec="seconds"),
            "why": one.why,
        }
        for one in listed
    ]
    house.show(records, ("number", "label", "state", "author", "effective_from", "why"), as_json=json)


@app.command("check")
def check(path: Annotated[Path, typer.Argument(help="The TOML file.")]) -> None:
    """Says what is wrong with a policy file. Exit code 1 if anything is."""
    from gateway.policy import PolicyError, load_policy, triage_of

    try:
        policy = load_policy(path)
        triage_of(policy)
    except PolicyError as error:
        for problem in error.problems:
            typer.echo(problem)
        raise typer.Exit(house.FOUND_PROBLEMS) from None
    typer.echo(f"{policy.version}: nothing is wrong with it")
