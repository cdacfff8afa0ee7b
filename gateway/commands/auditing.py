"""`qingting audit`: whether anything was rewritten, and checkpoints that belong out of the house."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.commands import house
from gateway.commands.house import AsJson

if TYPE_CHECKING:
    from case_store.checkpoints import Checkpoint

app = typer.Typer(no_args_is_help=True, help="The audit chains: verify them, seal them.")


@app.command("verify")
def verify(
    kept: Annotated[
        Path | None, typer.Option("--kept", help="A checkpoint kept elsewhere, as `audit checkpoint` printed it.")
    ] = None,
    public_key: Annotated[str, typer.Option(help="Public key of the checkpoints, if `--kept` does not hold it.")] = "",
    json: AsJson = False,
) -> None:
    """Checks every chain from its first event to its head, and against the checkpoints. Exit code 1 if anything was rewritten."""
    from dataclasses import asdict

    from case_store import checkpoints

    chosen = house.settings()
    checkpoint, told_key = _kept(kept)
    text = public_key or told_key or _own_key(chosen.data_dir)
    with house.store_to_read(chosen) as store:
        findings = checkpoints.verify(store, [checkpoints.public_key(text)] if text else [], checkpoint)
    if json:
        house.print_json({"ok": findings.ok, **asdict(findings)})
    else:
        for problem in findings.problems:
            typer.echo(f"{problem.kind}: {problem.message}")
        for note in findings.notes:
            typer.echo(f"note: {note}")
        typer.echo(
            f"{findings.events} events in {findings.chains} chains, {findings.checkpoints} checkpoints: "
            + ("all as they were written" if findings.ok else f"{len(findings.problems)} problems")
        )
    if not findings.ok:
        raise typer.Exit(house.FOUND_PROBLEMS)


def _kept(path: Path | None) -> tuple[Checkpoint | None, str]:
    if path is None:
        return None, ""
    import json

    from case_store.checkpoints import Checkpoint as Kept

    try:
        read = json.loads(path.read_text("utf-8"))
        return Kept.from_json(read), read.get("public_key", "")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise typer.BadParameter(f"{path} holds no checkpoint ({type(error).__name__})") from None


def _own_key(data_dir: Path) -> str:
    from case_store import checkpoints
    from gateway.places import signing_key_path

    path = signing_key_path(data_dir)
    return checkpoints.public_text(checkpoints.signing_key(path)) if path.exists() else ""


@app.command("checkpoint")
def checkpoint() -> None:
    """Signs the heads of all chains and prints the signed line as JSON: keep it out of the house, on paper or in another system."""
    house.print_json(house.do("checkpoint"))
