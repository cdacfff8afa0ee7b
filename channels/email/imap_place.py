"""Where a mailbox is, what is done there with a mail that was taken, and what can be wrong with it.

MailboxError          `detail` is a sentence for the operator; it never holds the password
├── Unreachable       no answer, the connection broke, or the server can't sign anybody in just now
├── Distrusted        the certificate doesn't count, or nothing would encrypt the connection
├── SignInRefused     user or password; tried again rarely, since many servers lock an account after a few
├── NoSuchFolder      the folder isn't there, or can't be opened as it has to be
└── ServerRefused     the server said no to something else, or answered what can't be understood
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class Place:
    """A folder of a mailbox. `security` is tls (from the first byte), starttls (insisted on) or none.

    With none STARTTLS is still used where the server takes no password without. `ca` is a PEM file whose certificates count
    instead of the system's.
    """

    host: str
    port: int
    user: str
    folder: str
    security: Literal["tls", "starttls", "none"]
    password: str = field(repr=False)
    ca: Path | None = None

    @property
    def key(self) -> str:
        """Names the folder for good: neither its port nor the way of encryption makes it another one."""
        return f"{self.user}@{self.host}/{self.folder}"


@dataclass(frozen=True, slots=True)
class Done:
    """What is done with a mail once it is committed: nothing, seen, or a `keyword` or `move` with its name."""

    what: Literal["nothing", "seen", "keyword", "move"] = "nothing"
    name: str = ""


class MailboxError(Exception):
    """`code` is stable."""

    code = "mailbox"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Unreachable(MailboxError):
    code = "unreachable"


class Distrusted(MailboxError):
    code = "distrusted"


class SignInRefused(MailboxError):
    code = "sign_in_refused"


class NoSuchFolder(MailboxError):
    code = "no_such_folder"


class ServerRefused(MailboxError):
    code = "server_refused"
