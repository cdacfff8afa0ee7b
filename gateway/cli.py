"""The command line: `qingting serve`, and what operators do beside it.

Exit codes: 0 done; 1 something is wrong or was refused; 2 wrong use, or settings that can't be used.

Not here: what the commands do (commands/). Nothing heavy is imported before a command runs.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from gateway.commands import (
    agents,
    auditing,
    cases,
    keys,
    parked,
    persons,
    rules,
    saving,
    simulating,
    transcripts,
    webhooks,
)
from gateway.commands.house import AsJson

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
app.add_typer(cases.app, name="case")
app.add_typer(agents.app, name="agent")
app.add_typer(keys.app, name="key")
app.add_typer(parked.app, name="parked")
app.add_typer(transcripts.app, name="transcript")
app.add_typer(auditing.app, name="audit")
app.add_typer(rules.app, name="policy")
app.add_typer(webhooks.app, name="webhook")
app.add_typer(persons.app, name="person")
app.command("backup")(saving.backup)
app.command("restore")(saving.restore)
app.command("simulate")(simulating.simulate)


@app.callback()
def qingting() -> None:
    """Takes in customers' complaints: listens, asks for what is missing, leaves one durable case.

    Exit codes: 0 done; 1 something is wrong or was refused; 2 wrong use, or settings that can't be used.
    """


@app.command()
def serve() -> None:
    """Runs the gateway in the foreground until Ctrl-C or SIGTERM."""
    import asyncio

    from gateway.config_loading import load_settings
    from gateway.service import run

    asyncio.run(run(load_settings()))


@app.command()
def doctor(
    deep: Annotated[bool, typer.Option("--deep", help="Read every audit chain and every file too.")] = False,
    json: AsJson = False,
) -> None:
    """Checks the house and says what to do. Exit code 1 if anything fails; warnings alone leave 0."""
    from gateway.commands.examining import examine

    examine(deep=deep, as_json=json)


@app.command()
def demo() -> None:
    """Fills an empty store with invented conversations and cases in three languages. Refuses one that holds real cases."""
    from gateway.commands import house

    made = house.do("demo")
    typer.echo(
        f"{made['cases']} invented cases in {made['conversations']} conversations; agents sign in with these names:"
    )
    for agent in made["agents"]:
        typer.echo(f"  {agent['username']}  {agent['name']}, {agent['post']} ({agent['role']})")
    typer.echo(f"password of all of them: {made['password']} (shown only this once)")
    if made["admin_password"]:
        typer.echo(f"and admin, password {made['admin_password']} (shown only this once)")


def main() -> None:
    """Runs the command line; what the operator got wrong is told in a sentence, not in a traceback."""
    try:
        app()
    except Exception as error:
        if not _is_told(error):
            raise
        print(error, file=sys.stderr)
        sys.exit(2)


def _is_told(error: Exception) -> bool:
    """Whether the exception's own words are what the operator needs. Imported late: they bring the whole house."""
    from case_store.files import UnsupportedPlace
    from case_store.store import SchemaMismatch, StoreUnavailable
    from channels.phone.folder import FolderUnusable
    from dialogue.policy_terms import PolicyError as TriageError
    from gateway.config import SettingsError
    from gateway.lock import AlreadyRunning
    from gateway.places import DataDirectoryUnusable
    from gateway.policy import PolicyError
    from gateway.secret import OtherSecret
    from gateway.service import CannotListen

    told = (SettingsError, PolicyError, TriageError, AlreadyRunning, OtherSecret, SchemaMismatch, UnsupportedPlace)
    return isinstance(error, (*told, DataDirectoryUnusable, CannotListen, FolderUnusable, StoreUnavailable))
