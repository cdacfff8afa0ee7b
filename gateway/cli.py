"""The command line: `qingting serve`, and what operators do beside it."""

from __future__ import annotations

import asyncio
import sys

import typer

from case_store.files import UnsupportedPlace
from case_store.store import SchemaMismatch
from dialogue.policy_terms import PolicyError as TriageError
from gateway.config import SettingsError, load_settings
from gateway.lock import AlreadyRunning
from gateway.policy import PolicyError
from gateway.secret import OtherSecret

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def qingting() -> None:
    """Takes in customers' complaints: listens, asks for what is missing, leaves one durable case."""


@app.command()
def serve() -> None:
    """Runs the gateway in the foreground until Ctrl-C or SIGTERM."""
    from gateway.service import run

    asyncio.run(run(load_settings()))


def main() -> None:
    """Runs the command line; what the operator got wrong is told in a sentence, not in a traceback."""
    try:
        app()
    except (
        SettingsError,
        PolicyError,
        TriageError,
        AlreadyRunning,
        OtherSecret,
        SchemaMismatch,
        UnsupportedPlace,
    ) as error:
        print(error, file=sys.stderr)
        sys.exit(2)
