"""Originals and attachments, kept by the hash of their content in a folder that all nodes share.

`put` returns once the bytes are on disk under their final name, so call it *before* the transaction that names the digest.
A file that no table names, because that transaction failed, is swept after a day. Content is checked on every `get`.

Not here: what a file is and whose (tables `arrivals`, `attachments`, `messages`), object stores.

FilesError
├── UnsupportedPlace     the place of the files is not a folder
├── NoSuchFile           no file has this digest
└── CorruptFile          the content does not have the digest it is kept under
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import secrets
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from case_store.store import Transaction
from case_store.tables import arrivals, attachments, calls, messages

DAY: Final = 24 * 3600.0
DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_IN_TEXT: Final = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


class FilesError(Exception):
    """Anything the files can't do. `errno` is the system's reason where there is one: ENOSPC for a full disk."""

    errno: int | None = None

    @property
    def is_full(self) -> bool:
        """Whether the disk, or what we may use of it, is full: come back later, smaller."""
        return self.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class UnsupportedPlace(FilesError, ValueError):
    """The place of the files is not a folder."""


class NoSuchFile(FilesError, LookupError):
    """No file has this digest."""


class CorruptFile(FilesError):
    """The content does not have the digest it is kept under."""


class Files:
    """A folder of files by content: `ab/cd/abcd…`, the SHA-256 in hexadecimal digits."""

    def __init__(self, place: str | Path) -> None:
        if "://" in str(place) or str(place).startswith("s3:"):
            raise UnsupportedPlace(f"files are kept in a folder that all nodes share; {place} is not one")
        self.folder = Path(place)

    def put(self, content: bytes) -> str:
        """Keeps `content` durably and returns its digest. Content that is there already is not written again."""
        digest = hashlib.sha256(content).hexdigest()
        path = self.path_of(digest)
        try:
            if self._is_there(path, len(content)):
                os.utime(path)  # young again: a sweep that is under way leaves it to the transaction that names it
                return digest
            self._write(path, [content])
        except OSError as error:
            raise self._failed(error) from error
        return digest

    def put_file(self, source: Path) -> str:
        """Keeps the content of a file, which may be larger than memory. Returns its digest."""
        try:
            with source.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                path = self.path_of(digest)
                if self._is_there(path, source.stat().st_size):
                    os.utime(path)
                    return digest
                file.seek(0)
                self._write(path, iter(lambda: file.read(1 << 20), b""))
        except OSError as error:
            raise self._failed(error) from error
        return digest

    def adopt(self, path: Path, digest: str) -> None:
        """Keeps a whole and synced file that lies on the same disk, without reading it again; it stays where it is, too.

        `digest` is that of its content, found when it was written; every `get` checks it.
        """
        target = self.path_of(digest)
        try:
            if self._is_there(target, path.stat().st_size):
                os.utime(target)
                return
            self._make_folder(target.parent)
            target.unlink(missing_ok=True)  # of another size: damaged
            try:
                os.link(path, target)
            except FileExistsError:
                return  # another node was quicker
            except OSError:  # a disk that knows no links
                self._write(target, [path.read_bytes()])
            os.utime(target)
            sync_folder(target.parent)
        except FileNotFoundError as error:
            raise NoSuchFile(str(path)) from error
        except OSError as error:
            raise self._failed(error) from error

    def _failed(self, error: OSError) -> FilesError:
        told = FilesError(f"a file can't be kept in {self.folder}: {error.strerror or error}")
        told.errno = error.errno
        return told

    def get(self, digest: str) -> bytes:
        """The content, checked against its digest. Raises NoSuchFile or CorruptFile."""
        try:
            content = self.path_of(digest).read_bytes()
        except FileNotFoundError:
            raise NoSuchFile(digest) from None
        except OSError as error:
            raise FilesError(f"{digest} can't be read: {error.strerror or error}") from error
        if hashlib.sha256(content).hexdigest() != digest:
            raise CorruptFile(f"{digest} no longer has the content it was kept with")
        return content

    def exists(self, digest: str) -> bool:
        return self.path_of(digest).is_file()

    def digests(self) -> Iterator[str]:
        """All files that are kept, in order of their digests."""
        for path in sorted(self.folder.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*")):
            if DIGEST.fullmatch(path.name):
                yield path.name

    def delete(self, digest: str) -> None:
        """Forgets a file, if it is there: for an erasure that the law asks for, and for the sweep."""
        self.path_of(digest).unlink(missing_ok=True)

    def sweep(self, named: set[str], *, older_than: float = DAY) -> int:
        """Deletes files that nobody names and that are older than `older_than` seconds, half-written ones too.

        List `named` (named_digests) first, then sweep: what was put since then is young and stays. Answers how many went.
        """
        before = time.time() - older_than
        swept = 0
        for path in self.folder.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
            if path.name not in named and path.stat().st_mtime < before:
                path.unlink(missing_ok=True)
                swept += 1
        return swept

    def path_of(self, digest: str) -> Path:
        if not DIGEST.fullmatch(digest):
            raise NoSuchFile(digest)  # also keeps `../` of a forged digest out of the path
        return self.folder / digest[:2] / digest[2:4] / digest

    def _is_there(self, path: Path, size: int) -> bool:
        try:
            return path.stat().st_size == size
        except FileNotFoundError:
            return False

    def _write(self, path: Path, pieces: Iterable[bytes]) -> None:
        self._make_folder(path.parent)
        temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
        try:
            with temporary.open("xb") as file:
                file.writelines(pieces)
                file.flush()
                # sync before rename: a power cut between the two left an empty file under the final name
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)

    def _make_folder(self, folder: Path) -> None:
        missing = [each for each in (folder, *folder.parents) if not each.is_dir()]
        for each in reversed(missing):
            each.mkdir(mode=0o700, exist_ok=True)
            sync_folder(each.parent)


def sync_folder(folder: Path) -> None:
    """The names in a folder are durable once this returns."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def named_digests(tx: Transaction) -> set[str]:
    """Every digest that a row names: originals, attachments, and whatever a mail or a fetched part refers to."""
    named: set[str] = set()
    for column in (arrivals.c.digest, attachments.c.digest, attachments.c.preview, calls.c.recording):
        named |= set(tx.connection.scalars(sa.select(column).where(column.is_not(None)).distinct()))
    for holder in (messages.c.mail, arrivals.c.fetched, arrivals.c.became, arrivals.c.transport):
        named |= _mentioned(tx, holder)
    return named


def files_among(tx: Transaction, digests: Iterable[str]) -> tuple[str, ...]:
    """Of these digests, those that have to be files: what is cut from a mail has no file of its own."""
    a, kept = arrivals.c, attachments.c
    own = set(tx.connection.scalars(sa.select(a.digest).where(a.digest.is_not(None), a.raw.is_(None))))
    own |= set(tx.connection.scalars(sa.select(kept.digest).where(kept.part.is_(None))))
    own |= set(tx.connection.scalars(sa.select(calls.c.recording).where(calls.c.recording.is_not(None))))
    own |= set(tx.connection.scalars(sa.select(kept.preview).where(kept.preview.is_not(None))))
    own |= _mentioned(tx, a.fetched)
    return tuple(sorted(set(digests) & own))


def _mentioned(tx: Transaction, column: sa.Column[Any]) -> set[str]:
    """Digests anywhere in a JSON column: a new key there must never cost a file."""
    found: set[str] = set()
    rows = sa.select(column).where(column.is_not(None)).execution_options(yield_per=1000)
    for value in tx.connection.scalars(rows):
        found |= set(_IN_TEXT.findall(json.dumps(value)))
    return found
