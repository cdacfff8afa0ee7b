"""The bytes of uploads that nobody has taken yet: pieces in a folder beside the files by content, and what they are joined to.

A piece belongs to the one request that writes it (its name holds the request's lease), so two requests never write one file.
`sync` comes before the row that names a piece; `join` makes one file of them under a name that is only given once it is
whole and synced. What no row names any more is swept.

Not here: how far an upload has come (uploads.py), files by content (files.py).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from case_store.files import FilesError, NoSuchFile, sync_folder

BLOCK: Final = 256 * 1024
_NAME: Final = re.compile(r"([0-9a-f]{32})\.[0-9a-z.-]+")


class Piece:
    """A piece being written. Every method blocks."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.size = 0
        self._path = path
        self._file = path.open("xb")
        sync_folder(path.parent)  # the name itself has to survive a power cut

    def write(self, content: bytes) -> None:
        """Raises FilesError, with `errno` of a full disk."""
        try:
            self._file.write(content)
        except OSError as error:
            raise failed(error) from error
        self.size += len(content)

    def sync(self) -> None:
        """What has been written is durable once this returns."""
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise failed(error) from error

    def close(self) -> None:
        with contextlib.suppress(OSError):  # what could not be written was never named
            self._file.close()

    def discard(self) -> None:
        self.close()
        self._path.unlink(missing_ok=True)


class Pieces:
    """The folder `uploads` within the folder of files, on the same disk."""

    def __init__(self, files: Path) -> None:
        self.folder = files / "uploads"

    def begin(self, upload: str, lease: str) -> Piece:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return Piece(self.folder / f"{upload}.{lease}.piece")
        except OSError as error:
            raise failed(error) from error

    def path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise NoSuchFile(name)
        return self.folder / name

    def whole(self, upload: str) -> Path:
        """Where `join` has put the whole of an upload."""
        return self.path(f"{upload}.whole")

    def join(self, upload: str, pieces: Sequence[tuple[str, int]], into: str | None = None) -> tuple[Path, str]:
        """So many bytes of each piece as one durable file, `UPLOAD.whole` or `into`, and its digest.

        What stands behind them was never taken: a request that lost its lease wrote it. Raises NoSuchFile where one is gone.
        """
        target = self.path(into or f"{upload}.whole")
        draft = self.folder / f"{upload}.{secrets.token_hex(4)}.draft"
        digest = hashlib.sha256()
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with draft.open("xb") as file:
                for name, size in pieces:
                    _copy(self.path(name), size, file.write, digest.update)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(target)
            sync_folder(self.folder)
        except FileNotFoundError as error:
            draft.unlink(missing_ok=True)
            raise NoSuchFile(str(error.filename)) from error
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise failed(error) from error
        return target, digest.hexdigest()

    def drop(self, upload: str, *, but: Iterable[str] = ()) -> None:
        """Deletes what stands here of an upload, except the files named."""
        kept = set(but)
        for path in self.folder.glob(f"{upload}.*"):
            if path.name not in kept:
                path.unlink(missing_ok=True)

    def sweep(self, known: set[str], *, older_than: float) -> int:
        """Deletes the files of uploads that are not among `known` and that nobody has written to for so many seconds."""
        before, swept = time.time() - older_than, 0
        for path in self.folder.glob("*"):
            found = _NAME.fullmatch(path.name)
            try:
                if (found is None or found[1] not in known) and path.stat().st_mtime < before:
                    path.unlink()
                    swept += 1
            except FileNotFoundError:
                continue  # another node sweeps too
        return swept


def _copy(source: Path, size: int, *takers: Callable[[bytes], object]) -> None:
    with source.open("rb") as file:
        while size:
            block = file.read(min(BLOCK, size))
            if not block:
                raise FileNotFoundError(None, "shorter than what was taken", str(source))
            size -= len(block)
            for take in takers:
                take(block)


def failed(error: OSError) -> FilesError:
    """The system's refusal as ours; `errno` says whether the disk is full."""
    told = FilesError(f"an upload can't be kept: {error.strerror or error}")
    told.errno = error.errno
    return told
