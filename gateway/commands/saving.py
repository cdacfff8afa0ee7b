"""`qingting backup` and `qingting restore`."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.commands import house
from gateway.commands.house import AsJson

if TYPE_CHECKING:
    from case_store.erasures import Erasure


def backup(
    target: Annotated[Path, typer.Argument(help="A folder that does not exist yet, or is empty.")], json: AsJson = False
) -> None:
    """Saves database, files and chain heads in one consistent state, while the gateway runs.

    The secret and the signing key are not part of it: keep copies of them elsewhere.
    """
    from case_store import backup as saving
    from case_store.files import Files, files_among
    from gateway.places import folder_of_files

    chosen = house.settings()
    with house.store_to_read(chosen) as store:
        try:
            made = saving.backup(store, Files(folder_of_files(chosen)), target)
            lost = store.read_now(files_among, made.missing)
        except (saving.BackupError, OSError) as error:
            house.stop(str(error))
    _tell(made.rows, made.files, lost, as_json=json)
    if lost:
        raise typer.Exit(house.FOUND_PROBLEMS)


def restore(
    source: Annotated[Path, typer.Argument(help="The folder that a backup was written to.")],
    erasures: Annotated[
        Path | None,
        typer.Option(
            help="The list of erasures, as `qingting person erasures` printed it; else erasures.jsonl of the data directory."
        ),
    ] = None,
    json: AsJson = False,
) -> None:
    """Brings a backup back into an empty store. Takes all of it or nothing; stop the gateway first.

    What was erased since the backup was made is erased again, by the list of erasures.

    Set QINGTING_SECRET, or put back the file `secret`, before the next start: otherwise links and reply addresses that customers hold
    would not be known, and the gateway refuses to start.
    """
    from case_store import backup as saving
    from case_store.files import Files
    from case_store.store import Store
    from gateway.erasing import discard_files
    from gateway.lock import DataDirectoryLock
    from gateway.places import folder_of_files, prepare

    chosen = house.settings()
    prepare(chosen.data_dir)
    listed = _listed(erasures, chosen.data_dir)
    with DataDirectoryLock(chosen.data_dir, {"node": chosen.node}):
        store = Store(chosen.database, readers=1)
        try:
            files = Files(folder_of_files(chosen))
            made = saving.restore(source, store, files, listed)
            # all of them were put just now, by the restore
            asyncio.run(discard_files(store, files, put_before=time.time() + 1))
        except (saving.BackupError, OSError) as error:
            house.stop(str(error))
        finally:
            store.close()
    _tell(made.rows, made.files, made.missing, as_json=json, again=made.erased_again)
    if listed is None and not json:
        typer.echo("no list of erasures was there: what was erased since the backup was made is back", err=True)


def _listed(given: Path | None, data_dir: Path) -> list[Erasure] | None:
    """None where there is no list."""
    from gateway.erasing import LIST, read_list

    path = given or data_dir / LIST
    if given is None and not path.exists():
        return None
    try:
        return read_list(path)
    except (OSError, ValueError) as error:
        raise typer.BadParameter(str(error)) from None


def _tell(rows: object, files: int, missing: tuple[str, ...], *, as_json: bool, again: int = 0) -> None:
    assert isinstance(rows, dict)
    if as_json:
        house.print_json({"rows": rows, "files": files, "missing": list(missing), "erased_again": again})
        return
    if again:
        typer.echo(f"{again} erased again that were erased after the backup was made")
    typer.echo(
        f"{rows.get('cases', 0)} cases, {rows.get('messages', 0)} messages, {sum(rows.values())} rows, {files} files"
    )
    for digest in missing:
        typer.echo(f"missing: the file {digest} is named and was not there, or was damaged", err=True)
