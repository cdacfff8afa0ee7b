"""Files that were handed in, kept: named and typed by what they are, durable before a row names them.

`keep` first (it waits for the disk: call it in a thread), then `attach` in the transaction that stores the message they belong to.
What was kept and never attached is swept after a day.

Not here: how files travel (api/parts.py), the attachments of mails, which are cut from their original (routing.py), what a file
is (file_types.py).
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from case_store import conversations
from case_store.files import Files
from case_store.ids import new_id
from case_store.store import Transaction
from gateway.file_names import safe_name

SCAN: Final = "scan"


class RefusedFile(ValueError):
    """This file is of a kind that nobody takes (file_types.Refusal)."""

    def __init__(self, name: str, refusal: str) -> None:
        super().__init__(f"{name!r} is not taken: {refusal}")
        self.name = name
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file as it came. `purpose` says what it was handed in as: scan, mandate."""

    name: str
    content: bytes
    purpose: str = SCAN

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file under its digest. `media_type` is read from its content, whatever its name says."""

    name: str
    media_type: str
    size: int
    digest: str
    purpose: str

    def told(self) -> dict[str, Any]:
        """As audit events name it: the digest proves later that the file is still the one that was handed in."""
        return {"name": self.name, "size": self.size, "sha256": self.digest, "purpose": self.purpose}


def keep(files: Files, given: Sequence[GivenFile]) -> tuple[KeptFile, ...]:
    """Keeps files durably: all of them or, if one is refused, none. Raises RefusedFile and files.FilesError."""
    known = [(file, safe_name(file.name), _media_type(file)) for file in given]
    return tuple(
        KeptFile(name, media_type, len(file.content), files.put(file.content), file.purpose)
        for file, name, media_type in known
    )


def _media_type(file: GivenFile) -> str:
    from gateway.file_types import look_at  # late: it reads a table of signatures

    looked = look_at(io.BytesIO(file.content), file.name)
    if looked.refusal is not None:
        raise RefusedFile(safe_name(file.name), looked.refusal.value)
    return looked.media_type


def attach(tx: Transaction, conversation_id: str, message: int, kept: Sequence[KeptFile]) -> None:
    """These files belong to this message."""
    rows = [
        {
            "id": new_id(),
            "conversation_id": conversation_id,
            "message": message,
            "arrival_id": None,
            "part": None,
            "digest": file.digest,
            "name": file.name,
            "media_type": file.media_type,
            "size": file.size,
            "content_id": None,
            "inline": False,
            "purpose": file.purpose,
        }
        for file in kept
    ]
    conversations.add_attachments(tx, rows)
