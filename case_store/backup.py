"""Backup and restore of the whole house: every table, the files, and the heads of the audit chains.

One format for both databases, a folder: `manifest.json`, written last, one `tables/NAME.jsonl.gz` a table, and `files/` by content. So a backup
from SQLite can be restored onto PostgreSQL and the other way round, and no database tool is needed. The tables are read in
one snapshot while the house runs. Files are copied after it: a file is kept before a row names it, so none is missing.

A restore goes into an empty store only, checks every row's count, every file's content and every audit chain, and takes
nothing if one of them is wrong. The index of search is made anew.

Not here: the secret and the signing key (they belong elsewhere than the data), when backups are made.

BackupError
├── NotEmpty          the store to restore into, or the folder to back up to, holds something
└── DamagedBackup     the backup is not what was written, or was not finished
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from case_store import checkpoints, erasures, schema, search
from case_store.all_tables import metadata
from case_store.erasures import Erasure
from case_store.files import CorruptFile, Files, FilesError, NoSuchFile, named_digests
from case_store.store import Store, Transaction
from case_store.tables import UtcTime

FORMAT: Final = 1
ROWS: Final = 500


class BackupError(Exception):
    """Anything that keeps a backup from being made or restored."""


class NotEmpty(BackupError):
    """The store to restore into, or the folder to back up to, holds something."""


class DamagedBackup(BackupError):
    """The backup is not what was written, or was not finished."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a backup holds or a restore brought back. `missing` are files that rows name and the house no longer had."""

    rows: Mapping[str, int]
    files: int
    missing: tuple[str, ...] = ()
    erased_again: int = 0


def backup(store: Store, files: Files, target: Path) -> Made:
    """Writes everything into the folder `target`, which must not exist or be empty."""
    if target.exists() and any(target.iterdir()):
        raise NotEmpty(f"{target} holds something already: a backup needs a folder of its own")
    (target / "tables").mkdir(parents=True, mode=0o700, exist_ok=True)
    schema.check(store)
    tables, named, head = store.read_now(_write_tables, target)
    copy, missing = Files(target / "files"), []
    for digest in sorted(named):
        try:
            copy.put(files.get(digest))
        except (NoSuchFile, CorruptFile):
            missing.append(digest)  # told, not fatal: a damaged file must not keep the rest from being saved
    manifest = {
        "format": FORMAT,
        "schema": schema.HEAD,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "tables": tables,
        "files": sorted(named - set(missing)),
        "missing": missing,
        "checkpoint": head,
    }
    unfinished = target / "manifest.json.part"
    unfinished.write_text(json.dumps(manifest, indent=1))
    unfinished.replace(target / "manifest.json")
    return Made({name: told["rows"] for name, told in tables.items()}, len(named) - len(missing), tuple(missing))


def restore(source: Path, store: Store, files: Files, erased: Sequence[Erasure] | None = None) -> Made:
    """Brings a backup back into an empty store: the tables in one transaction, which is taken only if all of it is right.

    What the list `erased` names is erased again in the same transaction, so that nothing of it is ever to be read. Files that only that has
    named are left to whoever calls (erasures.waiting_files).
    """
    manifest = read_manifest(source)
    schema.upgrade(store)
    store.read_now(_refuse_unless_empty)
    copy = Files(source / "files")
    for digest in manifest["files"]:
        try:
            files.put(copy.get(digest))
        except (NoSuchFile, CorruptFile) as error:
            raise DamagedBackup(f"the file {digest} of the backup is damaged or gone") from error
        except FilesError as error:
            raise BackupError(str(error)) from error
    rows, again = store.write_now(_read_tables, source, manifest, erased or ())
    return Made(rows, len(manifest["files"]), tuple(manifest["missing"]), again)


def read_manifest(source: Path) -> dict[str, Any]:
    """What the backup says it holds. Raises DamagedBackup for one that was not finished or is of another version."""
    try:
        manifest: dict[str, Any] = json.loads((source / "manifest.json").read_text())
    except (OSError, ValueError) as error:
        raise DamagedBackup(f"{source} holds no finished backup: manifest.json can't be read") from error
    if manifest.get("format") != FORMAT or manifest.get("schema") != schema.HEAD:
        raise DamagedBackup(
            f"the backup is of schema {manifest.get('schema')}, this software has {schema.HEAD}: restore it with the "
            "version that made it, then upgrade"
        )
    return manifest


def _write_tables(tx: Transaction, target: Path) -> tuple[dict[str, Any], set[str], dict[str, str] | None]:
    if tx.postgresql:
        tx.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
    told = {
        table.name: _write_table(tx, table, target / "tables" / f"{table.name}.jsonl.gz")
        for table in metadata.sorted_tables
    }
    newest = checkpoints.latest(tx)
    return told, named_digests(tx), None if newest is None else newest.to_json()


def _write_table(tx: Transaction, table: sa.Table, path: Path) -> dict[str, Any]:
    rows, digest = 0, hashlib.sha256()
    found = sa.select(table).order_by(*table.primary_key.columns).execution_options(yield_per=ROWS)
    with gzip.open(path, "wb", compresslevel=3) as file:
        for row in tx.execute(found).mappings():
            line = json.dumps({name: _written(value) for name, value in row.items()}, ensure_ascii=False).encode()
            digest.update(line)
            file.write(line + b"\n")
            rows += 1
    return {"rows": rows, "sha256": digest.hexdigest()}


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _refuse_unless_empty(tx: Transaction) -> None:
    for table in metadata.sorted_tables:
        if tx.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is not None:
            raise NotEmpty(f"the store holds {table.name} already: a backup is restored into an empty one only")


def _read_tables(
    tx: Transaction, source: Path, manifest: Mapping[str, Any], erased: Sequence[Erasure]
) -> tuple[dict[str, int], int]:
    _refuse_unless_empty(tx)
    for table in metadata.sorted_tables:
        _read_table(tx, table, source / "tables" / f"{table.name}.jsonl.gz", manifest["tables"][table.name])
    _go_on_counting(tx)
    findings = checkpoints.Findings()
    checkpoints.check_chains(tx, findings)
    if not findings.ok:
        raise DamagedBackup(f"the audit chains of the backup do not verify: {findings.problems[0].message}")
    _index(tx)
    again = erasures.carry_out_again(tx, erased)
    return {name: told["rows"] for name, told in manifest["tables"].items()}, again


def _read_table(tx: Transaction, table: sa.Table, path: Path, told: Mapping[str, Any]) -> None:
    rows, digest, batch = 0, hashlib.sha256(), []
    try:
        for line in _lines(path):
            digest.update(line)
            batch.append(_read(table, json.loads(line)))
            rows += 1
            if len(batch) == ROWS:
                tx.execute(sa.insert(table), batch)
                batch = []
    except (OSError, EOFError, ValueError, KeyError) as error:
        raise DamagedBackup(f"{path.name} can't be read: {error}") from error
    if batch:
        tx.execute(sa.insert(table), batch)
    if (rows, digest.hexdigest()) != (told["rows"], told["sha256"]):
        raise DamagedBackup(f"{path.name} is not what was written")


def _lines(path: Path) -> Iterator[bytes]:
    with gzip.open(path, "rb") as file:
        for line in file:
            yield line.rstrip(b"\n")


def _read(table: sa.Table, row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(table.c[name], value) for name, value in row.items()}


def _value(column: sa.Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, UtcTime):
        return datetime.fromisoformat(value)
    return base64.b64decode(value) if isinstance(column.type, sa.LargeBinary) else value


def _go_on_counting(tx: Transaction) -> None:
    """PostgreSQL's sequences start after the highest number that came back; SQLite counts on by itself."""
    if not tx.postgresql:
        return
    for table, column in (("reference_numbers", "number"), ("audit_checkpoints", "number")):
        tx.execute(
            sa.text(
                f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), "
                f"greatest((SELECT max({column}) FROM {table}), 1), (SELECT count(*) > 0 FROM {table}))"
            )
        )


def _index(tx: Transaction) -> None:
    c = metadata.tables["cases"].c
    by_age = sa.select(c.id).where(c.erased_at.is_(None)).order_by(c.updated_at)
    for id in tx.connection.scalars(by_age).all():
        search.refresh(tx, id)
