"""How the doctor's lines are printed."""

from __future__ import annotations

import typer

from gateway.commands import house

MARKS = {"ok": "ok  ", "warn": "warn", "fail": "FAIL"}


def examine(*, deep: bool, as_json: bool) -> None:
    """Exit code 1 if any line fails."""
    from gateway import doctor

    lines = []
    for line in doctor.examine(deep=deep):
        lines.append(line)
        if not as_json:
            typer.echo(f"{MARKS[line.state]} {line.check}: {line.found}")
            if line.do:
                typer.echo(f"     -> {line.do}")
    if as_json:
        house.print_json([line.to_json() for line in lines])
    if any(line.state is doctor.State.FAIL for line in lines):
        raise typer.Exit(house.FOUND_PROBLEMS)
