"""Files by content: durable before they are named, checked when read, swept when nobody names them."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from case_store.arrivals import NewArrival, accept
from case_store.files import CorruptFile, Files, FilesError, NoSuchFile, UnsupportedPlace, named_digests
from case_store.store import Store
from case_store.tables_arrivals import arrivals
from case_store.tables_conversations import conversations, messages

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
DIGEST = hashlib.sha256(b"statement").hexdigest()


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "files")


def age(files: Files, digest: str, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(files.path_of(digest), (then, then))


def test_content_comes_back_by_its_digest(files: Files) -> None:
    assert files.put(b"statement") == DIGEST
    assert files.exists(DIGEST)
    assert files.get(DIGEST) == b"statement"
    assert files.path_of(DIGEST) == files.folder / DIGEST[:2] / DIGEST[2:4] / DIGEST
    assert list(files.digests()) == [DIGEST]


def test_the_same_content_is_kept_once_and_leaves_nothing_half_written(files: Files) -> None:
    assert files.put(b"statement") == files.put(b"statement")
    assert [path.name for path in files.folder.rglob("*") if path.is_file()] == [DIGEST]


def test_content_is_synced_before_it_gets_its_name_and_its_folder_after(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.put(b"makes the folders")
    steps: list[str] = []
    sync, replace = os.fsync, Path.replace

    def fsync(handle: int) -> None:
        name = Path(os.readlink(f"/proc/self/fd/{handle}")).name
        steps.append("sync content" if name.endswith(".part") else f"sync folder {name}")
        sync(handle)

    def rename(path: Path, target: Path) -> Path:
        steps.append("rename")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Path, "replace", rename)
    files.put(b"statement")
    assert steps[-3:] == ["sync content", "rename", f"sync folder {DIGEST[2:4]}"]


@pytest.mark.parametrize("change", [b"statemenT", b"", b"statement and more"])
def test_changed_content_is_never_handed_out(files: Files, change: bytes) -> None:
    files.put(b"statement")
    files.path_of(DIGEST).write_bytes(change)
    with pytest.raises(CorruptFile):
        files.get(DIGEST)


def test_a_file_cut_short_is_mended_when_the_same_content_comes_again(files: Files) -> None:
    files.put(b"statement")
    files.path_of(DIGEST).write_bytes(b"state")
    files.put(b"statement")
    assert files.get(DIGEST) == b"statement"


@pytest.mark.parametrize("before", [None, b"damaged: of another size"])
def test_an_upload_adopted_by_several_requests_at_once_is_kept_for_each(
    files: Files, tmp_path: Path, before: bytes | None
) -> None:
    """One found its file taken away by the next, was told it never was, and the customer's upload was forgotten."""
    for number in range(100):
        whole, digest = tmp_path / f"{number}.whole", hashlib.sha256(b"%d" % number).hexdigest()
        whole.write_bytes(b"%d" % number)
        if before is not None:
            files.path_of(digest).parent.mkdir(parents=True, exist_ok=True)
            files.path_of(digest).write_bytes(before)
        together = threading.Barrier(5)

        def adopt(whole: Path = whole, digest: str = digest, together: threading.Barrier = together) -> bytes:
            together.wait()
            files.adopt(whole, digest)
            return files.get(digest)

        with ThreadPoolExecutor(5) as requests:
            kept = [one.result() for one in [requests.submit(adopt) for _ in range(5)]]
        assert kept == [b"%d" % number] * 5
    assert [path.name for path in files.folder.rglob("*.part")] == []


@pytest.mark.parametrize("digest", [DIGEST, "../../etc/passwd", "", "A" * 64])
def test_what_is_not_there_is_told(files: Files, digest: str) -> None:
    with pytest.raises(NoSuchFile):
        files.get(digest)


def test_a_place_that_takes_nothing_is_told_as_an_error_of_files(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("not a folder")
    with pytest.raises(FilesError):
        Files(tmp_path / "files").put(b"statement")


@pytest.mark.parametrize("place", ["s3://bucket/prefix", "https://files.example"])
def test_a_place_that_is_not_a_folder_is_refused(place: str) -> None:
    with pytest.raises(UnsupportedPlace):
        Files(place)


def test_the_sweep_takes_what_is_old_and_unnamed(files: Files) -> None:
    named, old, young = files.put(b"named"), files.put(b"old"), files.put(b"young")
    half = files.path_of(old).with_name(f"{old}.1234.part")
    half.write_bytes(b"ol")
    for path in (files.path_of(named), files.path_of(old), half):
        os.utime(path, (0, 0))
    assert files.sweep({named}) == 2
    assert set(files.digests()) == {named, young}


def test_content_put_again_is_young_again(files: Files) -> None:
    digest = files.put(b"statement")
    age(files, digest, 48 * 3600)
    files.put(b"statement")
    assert files.sweep(set()) == 0


async def test_every_row_that_names_a_file_keeps_it(store: Store) -> None:
    original, html, fetched = "a" * 64, "b" * 64, "c" * 64
    new = NewArrival("email", "complaints@bank.example", "1", AT, size=9, digest=original)
    await store.write(accept, new)

    def name_more(tx: object) -> None:
        execute = tx.execute  # type: ignore[attr-defined]
        execute(sa.update(arrivals).values(fetched={"file": {"digest": fetched}}))
        times = {"created_at": AT, "updated_at": AT}
        plain = {"channel": "email", "account": "a", "owner": "bot", "locale": "en", "language": "en", "state": {}}
        execute(sa.insert(conversations).values(id="c", **plain, **times))
        mail = {"subject": "x", "html": html}
        execute(sa.insert(messages).values(conversation_id="c", number=1, sender="customer", text="", at=AT, mail=mail))

    await store.write(name_more)
    assert await store.read(named_digests) == {original, html, fetched}


def test_what_is_put_again_while_it_is_being_deleted_is_there_afterwards(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a transaction that is about to name it: before it is set aside, and right after."""
    rename, digest = Path.rename, files.put(b"statement")

    for first in (True, False):
        age(files, digest, 3600)

        def put_meanwhile(path: Path, target: Path, first: bool = first) -> Path:
            monkeypatch.setattr(Path, "rename", rename)
            if first:
                files.put(b"statement")
            moved = path.rename(target)
            if not first:
                files.put(b"statement")
            return moved

        monkeypatch.setattr(Path, "rename", put_meanwhile)
        files.discard(digest, put_before=time.time() - 60)
        assert files.get(digest) == b"statement"
        assert [path.name for path in files.folder.rglob("*") if path.is_file()] == [digest]


@pytest.mark.parametrize("is_named", [True, False])
def test_a_kill_while_a_file_was_set_aside_costs_no_file_and_leaves_none(files: Files, is_named: bool) -> None:
    digest = files.put(b"statement")
    age(files, digest, 48 * 3600)
    path = files.path_of(digest)
    path.rename(path.with_name(f"{digest}.1234.aside"))
    named = {digest} if is_named else set()
    assert files.older_than() == {digest}
    assert files.sweep(named) == (0 if is_named else 1)
    assert list(files.digests()) == ([digest] if is_named else [])
    assert not list(files.folder.rglob("*.aside"))
