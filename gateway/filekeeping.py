"""Files that were handed in, kept: named and typed by what they are, durable before a row names them.

`keep` first (it waits for the disk: call it in a thread), then `attach` in the transaction that stores the message they belong to.
What was kept and never attached is swept after a day.

Not here: how files travel (api/parts.py), the attachments of mails, which are cut from their original (routing.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

from case_store import conversations
from case_store.files import Files
from case_store.ids import new_id
from case_store.store import Transaction

LONGEST_NAME: Final = 200
UNKNOWN: Final = "application/octet-stream"
SCAN: Final = "scan"


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
    """Keeps files durably. Raises files.FilesError."""
    return tuple(
        KeptFile(
            shown_name(file.name), media_type_of(file.content), len(file.content), files.put(file.content), file.purpose
        )
        for file in given
    )


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


def shown_name(name: str) -> str:
    """The name without folders and without what is no text; never empty."""
    last = PurePosixPath(name.replace("\\", "/")).name
    shown = "".join(letter for letter in last if letter.isprintable()).strip()[:LONGEST_NAME]
    return shown if shown.strip(".") else "file"


def media_type_of(content: bytes) -> str:
    """By what stands in it; what nothing is known of is any bytes."""
    import puremagic  # late: it reads its table of signatures

    try:
        found = puremagic.magic_string(content)
    except (puremagic.PureError, ValueError):
        return UNKNOWN
    best = next((one.mime_type for one in found if one.mime_type), UNKNOWN)
    return best[:255]
