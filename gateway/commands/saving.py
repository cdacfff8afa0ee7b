"""`qingting backup` and `qingting restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.commands import house
from gateway.commands.house import AsJson


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
    source: Annotated[Path, typer.Argument(help="The folder that a backup was written to.")], json: AsJson = False
) -> None:
    """Brings a backup back into an empty store. Takes all of it or nothing; stop the gateway first.

    Set QINGTING_SECRET, or put back the file `secret`, before the next start: otherwise links and reply addresses that customers hold
    would not be known, and the gateway refuses to start.
    """
    from case_store import backup as saving
    from case_store.files import Files
    from case_store.store import Store
    from gateway.lock import DataDirectoryLock
    from gateway.places import folder_of_files, prepare

    chosen = house.settings()
    prepare(chosen.data_dir)
    with DataDirectoryLock(chosen.data_dir, {"node": chosen.node}):
        store = Store(chosen.database, readers=1)
        try:
            made = saving.restore(source, store, Files(folder_of_files(chosen)))
        except (saving.BackupError, OSError) as error:
            house.stop(str(error))
        finally:
            store.close()
    _tell(made.rows, made.files, made.missing, as_json=json)


def _tell(rows: object, files: int, missing: tuple[str, ...], *, as_json: bool) -> None:
    assert isinstance(rows, dict)
    if as_json:
        house.print_json({"rows": rows, "files": files, "missing": list(missing)})
        return
    typer.echo(
        f"{rows.get('cases', 0)} cases, {rows.get('messages', 0)} messages, {sum(rows.values())} rows, {files} files"
    )
    for digest in missing:
        typer.echo(f"missing: the file {digest} is named and was not there, or was damaged", err=True)
