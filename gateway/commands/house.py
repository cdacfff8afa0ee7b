"""What commands share: settings, the store to read from, the running gateway to write through, and how records are printed.

Exit codes: 0 done; 1 something is wrong or was refused; 2 wrong use, or settings that can't be used.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from case_store.store import Store
    from gateway.config import Settings
    from gateway.context import Gateway

FOUND_PROBLEMS = 1

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def settings() -> Settings:
    from gateway.config_loading import load_settings

    return load_settings()


def stop(sentence: str) -> NoReturn:
    """Ends the command with exit code 1 and the reason."""
    print(sentence, file=sys.stderr)
    raise typer.Exit(FOUND_PROBLEMS)


@contextmanager
def store_to_read(chosen: Settings | None = None) -> Iterator[Store]:
    """The store, whether a gateway runs on it or not. It must have this software's schema."""
    from case_store import schema
    from case_store.store import Store

    chosen = chosen or settings()
    database = chosen.database
    if database.get_backend_name() == "sqlite" and not _is_there(database.database):
        stop(f"there is no store yet: {database.database} is made at the first start of the gateway")
    store = Store(database, readers=1)
    try:
        schema.check(store)
        yield store
    finally:
        store.close()


def _is_there(path: str | None) -> bool:
    from pathlib import Path

    return bool(path) and Path(path or "").exists()


def do(operation: str, **arguments: Any) -> Any:
    """Changes something: through the running gateway if there is one on this data directory, else beside the store, locked."""
    from gateway.lock import holder_of
    from gateway.operator import Refused, ask

    chosen = settings()
    holder = holder_of(chosen.data_dir)
    try:
        if holder is None:
            return _do_here(chosen, operation, arguments)
        if not holder.get("operator"):
            stop("a gateway is just starting on this data directory: try again in a moment")
        return ask(holder["operator"], operation, arguments)
    except Refused as error:
        stop(str(error))
    except OSError as error:
        stop(f"the running gateway (process {(holder or {}).get('pid', '?')}) does not answer: {error}")


def _do_here(chosen: Settings, operation: str, arguments: Mapping[str, Any]) -> Any:
    import asyncio

    from gateway.operations import perform

    async def perform_here() -> Any:
        with gateway_at_hand(chosen) as gateway:
            return await perform(gateway, operation, arguments)

    return asyncio.run(perform_here())


@contextmanager
def gateway_at_hand(chosen: Settings) -> Iterator[Gateway]:
    """What the rooms of a gateway share, without a gateway that runs: the data directory is locked meanwhile."""
    import os

    from case_store import schema
    from case_store.files import Files
    from case_store.store import Store
    from gateway.context import Gateway
    from gateway.in_force import InForce
    from gateway.kept_secrets import house_secret
    from gateway.lock import DataDirectoryLock
    from gateway.places import folder_of_files, prepare
    from gateway.policy import load_policy
    from gateway.secret import check_secret
    from gateway.tokens import Tokens
    from gateway.wakeups import Wakeups

    prepare(chosen.data_dir)
    with DataDirectoryLock(chosen.data_dir, {"pid": os.getpid(), "node": chosen.node}):
        store = Store(chosen.database)
        try:
            schema.upgrade(store)
            tokens = Tokens(house_secret(chosen))
            store.write_now(check_secret, tokens.fingerprint())
            files = Files(folder_of_files(chosen))
            gateway = Gateway(chosen, load_policy(chosen.policy), store, files, tokens, Wakeups())
            store.around = gateway.rules.held
            InForce(gateway).take_up()
            yield gateway
        finally:
            store.close()


def show(
    records: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    *,
    as_json: bool,
    first_to_go: Sequence[str] = (),
) -> None:
    """A table for people, or a JSON array. On a terminal it fits, and what was left out of it for that is said; elsewhere it is whole."""
    if as_json:
        print_json(list(records))
        return
    from gateway.commands.listing import lines

    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    shown, left_out = lines(records, columns, room, first_to_go, zone=settings().timezone)
    for line in shown:
        print(line)
    if left_out:
        names = ", ".join(column.replace("_", " ") for column in left_out)
        print(f"(not shown here: {names}; a wider terminal or --json shows all)", file=sys.stderr)


def print_json(document: Any) -> None:
    print(json.dumps(document, ensure_ascii=False, indent=2, default=str))
