"""Uploads: what a customer sends piece by piece, until it is whole and part of a message.

An offset is told only when the bytes before it are synced and the row that counts them is committed. A request that breaks
off leaves what came; a process that is killed leaves what was told. The newest request for an upload is the one that counts, so
a client that comes back never waits for its own dead connection.

When the last byte is there the pieces become one file, its kind is looked at, and what would run is refused and forgotten. A
whole upload that nobody takes into a message, and one that is never finished, are forgotten after a day; neither is ever shown.

Not here: HTTP (api/uploads.py), the rows (case_store/uploads.py), the bytes (case_store/pieces.py), what is found out about
an attachment afterwards (examiner.py).

UploadProblem
├── TooMuch             more bytes than the upload was said to have
├── WrongChecksum       the bytes are not those that were sent; none was taken
├── NotReady            an upload that a message names can't be attached; `upload` and `why` say which and why
└── BrokenOff           the body ended too soon or came too slowly; what came was taken
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from case_store import uploads
from case_store.files import NoSuchFile
from case_store.ids import new_id
from case_store.pieces import Piece, Pieces
from case_store.store import StoreError, Transaction
from case_store.uploads import Limits, NewUpload, NoSuchUpload, NotOpen, StoredUpload, UploadError, UploadState
from gateway.context import Gateway
from gateway.file_names import safe_name
from gateway.file_types import Looked, look_at

CHECKPOINT: Final = 4 << 20  # bytes after which what has come is made durable though more is coming
BUFFER: Final = 256 << 10
ORPHANED: Final = 3600.0  # seconds after which bytes that no row names are swept
MEGABYTE: Final = 1_000_000
FORM: Final = "form"


class UploadProblem(Exception):
    """Anything an upload can't do here."""


class TooMuch(UploadProblem):
    """More bytes than the upload was said to have."""


class WrongChecksum(UploadProblem):
    """The bytes are not those that were sent."""


class NotReady(UploadProblem):
    """`why` is unknown, unfinished or refused; `refusal` is the kind that was refused."""

    def __init__(self, upload: str, why: str, refusal: str | None = None) -> None:
        super().__init__(f"{why} upload")
        self.upload = upload
        self.why = why
        self.refusal = refusal


class BrokenOff(UploadProblem):
    """Raised by whoever reads the body: the peer is gone, or too slow."""


def chat_owner(conversation_id: str) -> str:
    return f"chat:{conversation_id}"


def network_digest(gateway: Gateway, network: str) -> str:
    """Where an upload comes from, for limits: an address is a person's, so only a keyed digest of it is kept."""
    return hmac.digest(gateway.tokens.key("upload-network"), network.encode(), "sha256").hex()


def create_unit(
    tx: Transaction, gateway: Gateway, id: str, owner: str, network: str, name: str, size: int
) -> StoredUpload:
    """A unit: an upload without bytes. Raises TooManyUploads."""
    new = NewUpload(id, owner, network, safe_name(name), size, _lasts(gateway))
    return uploads.create(tx, new, _limits(gateway, owner))


def _lasts(gateway: Gateway) -> timedelta:
    return timedelta(hours=gateway.policy.uploads.kept_hours)


def _limits(gateway: Gateway, owner: str) -> Limits:
    """A chat has its own day; forms have none in common; those who work here are not limited."""
    policy = gateway.policy.uploads
    if owner.startswith(("agent:", "key:")):
        return Limits(None, None, None, None)
    chat = owner.startswith("chat:")
    return Limits(
        policy.per_day if chat else None,
        policy.megabytes_per_day * MEGABYTE if chat else None,
        policy.per_address_per_day,
        policy.megabytes_per_address_per_day * MEGABYTE,
    )


async def append(
    gateway: Gateway, id: str, offset: int, body: AsyncIterator[bytes], *, checksum: tuple[str, bytes] | None = None
) -> StoredUpload:
    """Adds the bytes of `body` at `offset`, and finishes the upload with its last one.

    With a checksum (algorithm, digest) all of the body is taken or nothing. Raises NoSuchUpload, NotOpen, WrongOffset,
    LeaseTaken, TooMuch, WrongChecksum, FilesError, StoreError; BrokenOff once what came before it is durable.
    """
    lease = new_id()
    upload = await gateway.store.write(uploads.begin, id, offset, lease)
    writing = _Writing(gateway, upload, lease, checksum)
    try:
        await writing.prepare()
        async for chunk in body:
            await writing.take(chunk)
        upload = await writing.end()
    except (BrokenOff, asyncio.CancelledError):  # cancelled: the peer is gone, or the process ends
        if checksum is None:
            await writing.keep()
        raise
    finally:
        await writing.close()
    return await finished(gateway, upload)


async def take_whole(
    gateway: Gateway, *, owner: str, network: str, name: str, most: int, body: AsyncIterator[bytes]
) -> StoredUpload:
    """An upload in one request, whose size is known only at its end. Raises TooManyUploads, TooMuch and what `append` raises.

    Nothing is left of one that breaks off: a form that is sent again sends its files again.
    """
    id, lease = new_id(), new_id()
    try:
        await gateway.store.write(create_unit, gateway, id, owner, network, name, most)
        upload = await gateway.store.write(uploads.begin, id, 0, lease)
        writing = _Writing(gateway, upload, lease, None)
        try:
            async for chunk in body:
                await writing.take(chunk)
            await writing.end()
        finally:
            await writing.close()
        return await finished(gateway, await gateway.store.write(uploads.cut, id, lease))
    except BaseException:
        await asyncio.shield(_forget(gateway, id))
        raise


async def _forget(gateway: Gateway, id: str) -> None:
    with contextlib.suppress(StoreError, UploadError):  # then it expires
        await gateway.store.write(uploads.drop, id)
    await asyncio.to_thread(Pieces(gateway.files.folder).drop, id)


class _Writing:
    """One request's piece of an upload, while it comes."""

    def __init__(self, gateway: Gateway, upload: StoredUpload, lease: str, checksum: tuple[str, bytes] | None) -> None:
        self._gateway = gateway
        self._upload = upload
        self._lease = lease
        self._before = upload.pieces
        self._pieces = Pieces(gateway.files.folder)
        self._piece: Piece | None = None
        self._named = 0  # bytes of the piece that the row counts
        self._buffer = bytearray()
        self._checksum = checksum
        self._hash = None if checksum is None else hashlib.new(checksum[0])

    async def prepare(self) -> None:
        """Joins what came in very many requests, so that the row stays small."""
        if len(self._before) < uploads.MOST_PIECES:
            return
        name = f"{self._upload.id}.{self._lease}.joined"
        await asyncio.to_thread(self._pieces.join, self._upload.id, self._before, name)
        self._before = ((name, self._upload.taken),)
        await self._advance(self._before)
        await asyncio.to_thread(self._pieces.drop, self._upload.id, but=[name])

    async def take(self, chunk: bytes) -> None:
        come = (0 if self._piece is None else self._piece.size) + len(self._buffer) + len(chunk)
        if sum(size for _, size in self._before) + come > self._upload.size:
            raise TooMuch(f"the upload was said to have {self._upload.size} bytes")
        self._buffer += chunk
        if self._hash is not None:
            self._hash.update(chunk)
        if len(self._buffer) >= BUFFER:
            await self._flush()
        if self._piece is not None and self._piece.size - self._named >= CHECKPOINT and self._checksum is None:
            await self.keep()
            await self._look_early()

    async def end(self) -> StoredUpload:
        come = None if self._hash is None else self._hash.digest()
        if self._checksum is not None and come != self._checksum[1]:
            raise WrongChecksum("the bytes that came do not have this checksum")
        return await self.keep()

    async def keep(self) -> StoredUpload:
        """Synced first, then counted."""
        await self._flush()
        piece = self._piece
        if piece is None or piece.size == self._named:
            return self._upload
        await asyncio.to_thread(piece.sync)
        await self._advance((*self._before, (piece.name, piece.size)))
        self._named = piece.size
        return self._upload

    async def _advance(self, pieces: Sequence[tuple[str, int]]) -> None:
        self._upload = await self._gateway.store.write(
            uploads.advance, self._upload.id, self._lease, pieces, _lasts(self._gateway)
        )

    async def _flush(self) -> None:
        if not self._buffer:
            return
        if self._piece is None:
            self._piece = await asyncio.to_thread(self._pieces.begin, self._upload.id, self._lease)
        await asyncio.to_thread(self._piece.write, bytes(self._buffer))
        self._buffer.clear()

    async def _look_early(self) -> None:
        """A program of many megabytes is refused after the first few."""
        if self._before or self._piece is None:
            return
        looked = await asyncio.to_thread(_look, self._pieces.path(self._piece.name), self._upload.name)
        if looked.refusal is not None:
            await _refuse(self._gateway, self._upload.id, looked.refusal.value)
            raise NotReady(self._upload.id, "refused", looked.refusal.value)

    async def close(self) -> None:
        """What was never counted is deleted."""
        if self._piece is not None:
            await asyncio.to_thread(self._piece.close if self._named else self._piece.discard)


async def finished(gateway: Gateway, upload: StoredUpload) -> StoredUpload:
    """The upload, made whole or refused if all its bytes are there: also after a process was killed just before that."""
    if upload.state is not UploadState.OPEN or not upload.complete:
        return upload
    pieces = Pieces(gateway.files.folder)
    try:
        path, digest = await asyncio.to_thread(pieces.join, upload.id, upload.pieces)
    except NoSuchFile:
        await gateway.store.write(uploads.lose, upload.id)
        return await gateway.store.read(uploads.get, upload.id)  # somebody else has finished it, or it is lost
    looked = await asyncio.to_thread(_look, path, upload.name)
    if looked.refusal is not None:
        return await _refuse(gateway, upload.id, looked.refusal.value)
    done = await gateway.store.write(uploads.finish, upload.id, digest, looked.media_type, looked.notes)
    await asyncio.to_thread(pieces.drop, upload.id, but=[path.name])
    return done


def _look(path: Path, name: str) -> Looked:
    with path.open("rb") as file:
        return look_at(file, name)


async def _refuse(gateway: Gateway, id: str, refusal: str) -> StoredUpload:
    upload = await gateway.store.write(uploads.refuse, id, refusal)
    await asyncio.to_thread(Pieces(gateway.files.folder).drop, id)
    return upload


async def find(gateway: Gateway, id: str, owners: Collection[str]) -> StoredUpload:
    """Raises NoSuchUpload for somebody else's too: nobody learns that it is there."""
    upload = await gateway.store.read(uploads.get, id)
    if upload.owner not in owners:
        raise NoSuchUpload(id)
    return upload


async def drop(gateway: Gateway, upload: StoredUpload) -> None:
    """Raises NotOpen if a message has it already."""
    await gateway.store.write(uploads.drop, upload.id)
    await asyncio.to_thread(Pieces(gateway.files.folder).drop, upload.id)


async def ready(gateway: Gateway, tokens: Sequence[str], owners: Collection[str]) -> list[StoredUpload]:
    """The uploads that a message names by their signed ids, with their bytes among the files; before the transaction that takes them.

    One that a message has already is passed on: whether it is this very message, said again, is for the transaction to find.
    Raises NotReady, FilesError, StoreError.
    """
    return [await _ready(gateway, token, owners) for token in dict.fromkeys(tokens)]


async def _ready(gateway: Gateway, token: str, owners: Collection[str]) -> StoredUpload:
    id = gateway.tokens.read_upload(token)
    if id is None:
        raise NotReady(token, "unknown")
    try:
        upload = await finished(gateway, await find(gateway, id, owners))
    except NoSuchUpload:
        raise NotReady(token, "unknown") from None
    if upload.state is UploadState.REFUSED:
        raise NotReady(token, "refused", upload.refusal)
    if upload.state is UploadState.OPEN:
        raise NotReady(token, "unfinished")
    if upload.state is UploadState.WHOLE:
        try:
            await asyncio.to_thread(
                gateway.files.adopt, Pieces(gateway.files.folder).whole(upload.id), upload.digest or ""
            )
        except NoSuchFile:
            try:
                await drop(gateway, upload)
            except NotOpen:  # this very message, said twice at once, has taken it meanwhile
                return await find(gateway, id, owners)
            raise NotReady(token, "unknown") from None
    return upload


async def taken(gateway: Gateway, found: Sequence[StoredUpload]) -> None:
    """A message has them: their own copies go. What a kill leaves of them is swept."""
    for upload in found:
        await asyncio.to_thread(Pieces(gateway.files.folder).drop, upload.id)


async def sweep(gateway: Gateway) -> None:
    """Forgets what has expired, with its bytes."""
    known = await gateway.store.write(uploads.expire)
    await asyncio.to_thread(Pieces(gateway.files.folder).sweep, known, older_than=ORPHANED)
