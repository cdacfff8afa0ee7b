"""A backup comes back whole, onto either database; a damaged one is refused and leaves nothing behind."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from case_store import arrivals, audit, backup, cases, checkpoints, conversations, schema, search
from case_store.all_tables import metadata
from case_store.arrivals import NewArrival
from case_store.audit import HOUSE, Entry
from case_store.backup import DamagedBackup, NotEmpty
from case_store.conversations import NewConversation, NewMessage
from case_store.files import Files
from case_store.records import Sender
from case_store.reference import next_reference
from case_store.store import Store, Transaction

AT = datetime(2026, 11, 23, 8, 0, 0, 123456, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "files")


@pytest.fixture
def house(store: Store, files: Files) -> Store:
    """A store with a bit of everything: a mail in a file, one in its row, a talk, a case, chains, a checkpoint."""
    original = files.put(b"From: wen@example.com\r\n\r\n" + "理财亏了".encode())

    def live(tx: Transaction) -> None:
        arrivals.accept(tx, NewArrival("email", "complaints@bank.example", "1", AT, size=30, digest=original))
        arrivals.accept(tx, NewArrival("email", "complaints@bank.example", "2", AT, size=3, raw=b"\x00\xff\n"))
        conversations.open_conversation(
            tx, NewConversation("c", "webchat", "main", "zh-Hans", state={"asked": ["amount"]})
        )
        row = conversations.locked(tx, "c")
        conversations.add_messages(tx, row, [NewMessage(Sender.CUSTOMER, "理财亏了三万五\n“保本”")])
        case_id = cases.open_draft(
            tx,
            conversation_id="c",
            channel="webchat",
            account="main",
            language="zh-Hans",
            received_at=AT,
            customer=None,
        )
        next_reference(tx, date(2026, 11, 23), case_id)
        audit.append(tx, HOUSE, Entry("system", "started"))
        checkpoints.write_checkpoint(tx, KEY)

    store.write_now(live)
    return store


@pytest.fixture(params=["sqlite", "postgresql"])
def other(request: pytest.FixtureRequest, empty_urls: Callable[[str], str]) -> Iterator[Store]:
    """An empty database, on each in turn: so each is restored onto each."""
    opened = Store(empty_urls(request.param))
    yield opened
    opened.close()


def contents(tx: Transaction) -> dict[str, list[tuple[object, ...]]]:
    return {
        table.name: [tuple(row) for row in tx.execute(sa.select(table).order_by(*table.primary_key.columns))]
        for table in metadata.sorted_tables
    }


def test_everything_comes_back_onto_either_database(house: Store, files: Files, other: Store, tmp_path: Path) -> None:
    made = backup.backup(house, files, tmp_path / "backup")
    assert (made.rows["arrivals"], made.rows["cases"], made.files, made.missing) == (2, 1, 1, ())
    new_files = Files(tmp_path / "new files")
    assert backup.restore(tmp_path / "backup", other, new_files) == made

    assert other.read_now(contents) == house.read_now(contents)
    assert {digest: new_files.get(digest) for digest in new_files.digests()} == {
        digest: files.get(digest) for digest in files.digests()
    }
    kept = house.read_now(checkpoints.latest)
    assert checkpoints.verify(other, [KEY.public_key()], kept).problems == []
    assert len(other.read_now(search.matching, "理財", 5)) == 1


def test_numbers_go_on_where_they_were(house: Store, files: Files, other: Store, tmp_path: Path) -> None:
    backup.backup(house, files, tmp_path / "backup")
    backup.restore(tmp_path / "backup", other, Files(tmp_path / "new"))
    assert other.write_now(next_reference, date(2026, 11, 24), "another").startswith("C20261124-000002-")
    assert other.write_now(checkpoints.write_checkpoint, KEY).number == 2


def test_a_store_that_holds_something_is_left_alone(house: Store, files: Files, tmp_path: Path) -> None:
    backup.backup(house, files, tmp_path / "backup")
    before = house.read_now(contents)
    with pytest.raises(NotEmpty):
        backup.restore(tmp_path / "backup", house, files)
    assert house.read_now(contents) == before


def test_a_folder_that_holds_something_is_left_alone(house: Store, files: Files, tmp_path: Path) -> None:
    (tmp_path / "backup").mkdir()
    (tmp_path / "backup" / "letter").write_text("mine")
    with pytest.raises(NotEmpty):
        backup.backup(house, files, tmp_path / "backup")
    assert [path.name for path in (tmp_path / "backup").iterdir()] == ["letter"]


def without_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def of_another_schema(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "schema": "9999"}))


def with_a_table_cut_short(folder: Path) -> None:
    path = folder / "tables" / "messages.jsonl.gz"
    path.write_bytes(path.read_bytes()[:-12])


def with_a_row_less(folder: Path) -> None:
    path = folder / "tables" / "arrivals.jsonl.gz"
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    path.write_bytes(gzip.compress(b"".join(lines[:-1])))


def with_another_file(folder: Path) -> None:
    next(path for path in (folder / "files").rglob("*") if path.is_file()).write_bytes(b"other")


def without_a_file(folder: Path) -> None:
    next(path for path in (folder / "files").rglob("*") if path.is_file()).unlink()


@pytest.mark.parametrize(
    "damage",
    [without_manifest, of_another_schema, with_a_table_cut_short, with_a_row_less, with_another_file, without_a_file],
)
def test_a_damaged_backup_is_refused_and_leaves_no_rows(
    house: Store,
    files: Files,
    empty_urls: Callable[[str], str],
    database: str,
    tmp_path: Path,
    damage: Callable[[Path], None],
) -> None:
    backup.backup(house, files, tmp_path / "backup")
    damage(tmp_path / "backup")
    other = Store(empty_urls(database))
    try:
        schema.upgrade(other)
        with pytest.raises(DamagedBackup):
            backup.restore(tmp_path / "backup", other, Files(tmp_path / "new"))
        assert not any(other.read_now(contents).values())
    finally:
        other.close()


def test_a_file_that_is_gone_is_told_and_keeps_nothing_else_from_being_saved(
    house: Store, files: Files, tmp_path: Path
) -> None:
    [digest] = files.digests()
    files.path_of(digest).unlink()
    made = backup.backup(house, files, tmp_path / "backup")
    assert (made.files, made.missing, made.rows["arrivals"]) == (0, (digest,), 2)
