"""What is remembered of a mailbox: how far each folder has been taken, and how it went last.

Kept in the mailbox's duty, so that only who drives it can write it. Plain JSON there; here as values.

`uid`     everything up to it is committed to the ledger, or was gone when we came
`done`    up to it mails are marked as the settings ask for; never beyond `uid`
`left`    those between the two that must stay as they are: they could not be taken whole
`owed`    mails that the server names and did not give: they are asked for again a few times, then put aside
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Owed:
    """Asked for `tries` times in vain; to be asked for again at `again`."""

    uid: int
    tries: int
    again: datetime


@dataclass(frozen=True, slots=True)
class Cursor:
    uidvalidity: int
    uid: int = 0
    done: int = 0
    left: tuple[int, ...] = ()
    owed: tuple[Owed, ...] = ()

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Cursor:
        owed = tuple(Owed(one["uid"], one["tries"], datetime.fromisoformat(one["again"])) for one in stored["owed"])
        return cls(stored["uidvalidity"], stored["uid"], stored["done"], tuple(stored["left"]), owed)

    def write(self) -> dict[str, Any]:
        return {
            "uidvalidity": self.uidvalidity,
            "uid": self.uid,
            "done": self.done,
            "left": list(self.left),
            "owed": [{"uid": one.uid, "tries": one.tries, "again": one.again.isoformat()} for one in self.owed],
        }

    def taken(self, uid: int) -> Cursor:
        return replace(self, uid=max(uid, self.uid))

    def marked(self, uid: int) -> Cursor:
        return replace(self, done=uid, left=tuple(one for one in self.left if one > uid))

    def owes(self, owed: Owed) -> Cursor:
        """Owing this, in place of what was owed of the same mail."""
        return replace(self, owed=(*self.settled(owed.uid).owed, owed))

    def settled(self, uid: int) -> Cursor:
        """Owing this mail no more."""
        return replace(self, owed=tuple(one for one in self.owed if one.uid != uid))


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with the mailbox, since when; `code` is stable."""

    code: str
    detail: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Memory:
    """`folders` by their keys. `looked_at`: when all that was there had been taken, the last time."""

    folders: Mapping[str, Cursor] = field(default_factory=dict)
    looked_at: datetime | None = None
    trouble: Trouble | None = None

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Memory:
        folders = {key: Cursor.read(one) for key, one in stored.get("folders", {}).items()}
        looked_at, trouble = stored.get("looked_at"), stored.get("trouble")
        return cls(
            folders,
            datetime.fromisoformat(looked_at) if looked_at else None,
            Trouble(trouble["code"], trouble["detail"], datetime.fromisoformat(trouble["since"])) if trouble else None,
        )

    def write(self) -> dict[str, Any]:
        return {
            "folders": {key: one.write() for key, one in self.folders.items()},
            "looked_at": self.looked_at.isoformat() if self.looked_at else None,
            "trouble": None
            if self.trouble is None
            else {
                "code": self.trouble.code,
                "detail": self.trouble.detail,
                "since": self.trouble.since.isoformat(),
            },
        }

    def at(self, key: str, cursor: Cursor) -> Memory:
        return replace(self, folders={**self.folders, key: cursor})

    def troubled(self, code: str, detail: str, now: datetime) -> Memory:
        """With this trouble; the same one goes on since it began."""
        before = self.trouble
        since = before.since if before is not None and before.code == code else now
        return replace(self, trouble=Trouble(code, detail, since))

    def well(self) -> Memory:
        return replace(self, trouble=None)
