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

import contextlib
import errno
import hashlib
import os
import re
import secrets
import time
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from case_store.store import Transaction
from case_store.tables_arrivals import arrivals, uploads
from case_store.tables_conversations import attachments, calls, messages

DAY: Final = 24 * 3600.0
DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_PART: Final = ".part"  # half written
_ASIDE: Final = ".aside"  # about to be deleted
_FEW: Final = 20  # digests that the database itself looks for
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
            if self._is_young_again(path, len(content)):
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
                if self._is_young_again(path, source.stat().st_size):
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
            if self._is_young_again(target, path.stat().st_size):
                return
            self._make_folder(target.parent)
            self._link(path, target)
            sync_folder(target.parent)
        except FileNotFoundError as error:
            raise NoSuchFile(str(path)) from error
        except OSError as error:
            raise self._failed(error) from error

    def _link(self, path: Path, target: Path) -> None:
        """Puts the file in its place in one step, over a damaged one too.

        Taking the damaged one away first took away what another request, with the same file, had just been told is kept.
        """
        temporary = target.with_name(f"{target.name}.{secrets.token_hex(4)}{_PART}")
        try:
            os.link(path, temporary)
        except FileNotFoundError:
            raise
        except OSError:  # a disk that knows no links
            self._write(target, [path.read_bytes()])
            return
        os.utime(temporary)
        temporary.replace(target)
        temporary.unlink(missing_ok=True)  # still there where the target was another name of this very file

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

    def put_at(self, digest: str) -> float | None:
        """When it was put last, in seconds since 1970; None if it is not there."""
        try:
            return self.path_of(digest).stat().st_mtime
        except FileNotFoundError:
            return None

    def digests(self) -> Iterator[str]:
        """All files that are kept, in order of their digests."""
        for path in sorted(self.folder.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*")):
            if DIGEST.fullmatch(path.name):
                yield path.name

    def discard(self, digest: str, *, put_before: float) -> bool:
        """Deletes a file that no row names: for an erasure that the law asks for, and for the sweep. Whether it is gone.

        One that was put (again) at `put_before`, in seconds since 1970, or later stays: whoever put it is about to name it. It
        is set aside before it is looked at for the last time, so that content that is put meanwhile is written anew.
        """
        path = self.path_of(digest)
        self._bring_back(path)
        aside = path.with_name(f"{digest}.{secrets.token_hex(4)}{_ASIDE}")
        try:
            if path.stat().st_mtime >= put_before:
                return False
            path.rename(aside)
            if aside.stat().st_mtime >= put_before:
                aside.rename(path)  # the same content, whatever stands there by now
                return False
            aside.unlink()
        except FileNotFoundError:
            pass  # it is gone, or another process is at it
        return True

    def _bring_back(self, path: Path) -> None:
        """What a kill has left aside."""
        for aside in path.parent.glob(f"{path.name}.*{_ASIDE}"):
            with contextlib.suppress(FileNotFoundError):
                aside.rename(path)

    def older_than(self, seconds: float = DAY) -> set[str]:
        """The digests of what was put so long ago, also of what a kill has left half written or aside."""
        return {path.name[:64] for path in self._older_than(seconds)}

    def _older_than(self, seconds: float) -> Iterator[Path]:
        before = time.time() - seconds
        for path in self.folder.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
            with contextlib.suppress(FileNotFoundError):  # deleted meanwhile
                if DIGEST.match(path.name) and path.stat().st_mtime < before:
                    yield path

    def sweep(self, named: Collection[str], *, older_than: float = DAY, among: Collection[str] | None = None) -> int:
        """Deletes files that nobody names and that are older than `older_than` seconds, half-written ones too.

        List `named` (named_digests) first, then sweep: what was put since then is young and stays. With `among` only those of
        which it was asked whether they are named: a file that is laid back by hand may be old. Answers how many went.
        """
        swept = 0
        for path in self._older_than(older_than):
            digest = path.name[:64]
            if among is not None and digest not in among:
                continue
            if path.name.endswith(_ASIDE) and digest in named:
                self._bring_back(self.path_of(digest))
            elif path.name.endswith((_PART, _ASIDE)):
                path.unlink(missing_ok=True)
                swept += 1
            elif digest not in named:
                swept += self.discard(digest, put_before=time.time() - older_than)
        return swept

    def path_of(self, digest: str) -> Path:
        if not DIGEST.fullmatch(digest):
            raise NoSuchFile(digest)  # also keeps `../` of a forged digest out of the path
        return self.folder / digest[:2] / digest[2:4] / digest

    def _is_young_again(self, path: Path, size: int) -> bool:
        """Whether the content is there already: then it is dated now, and whoever would delete it leaves it to the
        transaction that is about to name it."""
        try:
            if path.stat().st_size != size:
                return False
            os.utime(path)
        except FileNotFoundError:  # also where it was set aside in between
            return False
        sync_folder(path.parent)  # whoever has put it there may not have come so far
        return True

    def _write(self, path: Path, pieces: Iterable[bytes]) -> None:
        self._make_folder(path.parent)
        temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}{_PART}")
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


def write_new(path: Path, text: str) -> None:
    """A small file under a name that nobody has yet, whole and durable once it is there. Raises FileExistsError."""
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}{_PART}")
    try:
        with unfinished.open("x", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(unfinished, path)
        except FileExistsError:
            raise
        except OSError:  # a disk that knows no links
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
    finally:
        unfinished.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """The names in a folder are durable once this returns."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


NAMING: Final = (
    arrivals.c.digest,
    attachments.c.digest,
    attachments.c.preview,
    calls.c.recording,
)
MENTIONING: Final = (messages.c.mail, arrivals.c.fetched, arrivals.c.became, arrivals.c.transport)


def named_digests(tx: Transaction) -> set[str]:
    """Every digest that a row names: originals, attachments, recordings, and whatever a mail or a fetched part refers to."""
    named: set[str] = set()
    for column in NAMING:
        named |= set(tx.connection.scalars(sa.select(column).where(column.is_not(None)).distinct()))
    for holder in MENTIONING:
        named |= _mentioned(tx, holder)
    return named


def named_among(tx: Transaction, digests: Collection[str]) -> set[str]:
    """Those of these digests that a row names, uploads included, which may be about to become files of their own.

    Looks at every row there is: for an erasure and the sweep.
    """
    if len(digests) > _FEW:
        uploaded = tx.connection.scalars(sa.select(uploads.c.digest).where(uploads.c.digest.is_not(None)))
        return named_digests(tx).union(uploaded).intersection(digests)
    named: set[str] = set()
    for column in (*NAMING, uploads.c.digest):
        named |= set(tx.connection.scalars(sa.select(column).where(column.in_(digests)).distinct()))
    for holder in MENTIONING:
        named |= _mentioned(tx, holder, digests)
    return named.intersection(digests)


def files_among(tx: Transaction, digests: Iterable[str]) -> tuple[str, ...]:
    """Of these digests, those that have to be files: what is cut from a mail has no file of its own."""
    a, kept = arrivals.c, attachments.c
    own = set(tx.connection.scalars(sa.select(a.digest).where(a.digest.is_not(None), a.raw.is_(None))))
    own |= set(tx.connection.scalars(sa.select(kept.digest).where(kept.part.is_(None))))
    own |= set(tx.connection.scalars(sa.select(calls.c.recording).where(calls.c.recording.is_not(None))))
    own |= set(tx.connection.scalars(sa.select(kept.preview).where(kept.preview.is_not(None))))
    own |= _mentioned(tx, a.fetched)
    return tuple(sorted(set(digests) & own))


def _mentioned(tx: Transaction, column: sa.Column[Any], among: Collection[str] | None = None) -> set[str]:
    """Digests anywhere in a JSON column: a new key there must never cost a file."""
    found: set[str] = set()
    text = sa.cast(column, sa.Text)
    rows = sa.select(text).where(column.is_not(None))
    if among is not None:
        rows = rows.where(sa.or_(sa.false(), *(text.contains(digest) for digest in among)))
    for value in tx.connection.scalars(rows.execution_options(yield_per=1000)):
        found |= set(_IN_TEXT.findall(value))
    return found
