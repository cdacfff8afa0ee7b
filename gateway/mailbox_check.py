"""What the doctor says of the mailbox by IMAP: does it let us in now, and has the gateway been taking what is there?

Not here: the driver (channels/email/imap.py), what it remembers (mailbox.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from channels.email.imap_place import MailboxError, Place
from gateway.config import Settings
from gateway.findings import Line, Patient, fail, ok, warn
from gateway.mailbox import mailbox_place, watched

if TYPE_CHECKING:
    from channels.email.imap_session import ImapSession

PATIENCE: Final = 10.0  # seconds for each answer
QUIET: Final = timedelta(minutes=5)  # the driver looks every minute
TELL: Final[Mapping[str, str]] = {
    "unreachable": "see that the mail server runs and can be reached from here; mails wait in the mailbox meanwhile",
    "distrusted": "use imaps:// and a certificate that counts, or name the authority's certificate in QINGTING_IMAP_CA",
    "sign_in_refused": "correct user and password in QINGTING_IMAP, and see that the account isn't locked",
    "no_such_folder": "correct the folder in QINGTING_IMAP, or let this user open it",
    "not_given": "see the mail server's own log about these mails; those put aside are under `parked`",
    "server_refused": "see the mail server's own log; mails wait in the mailbox meanwhile",
}


def mailbox_answers(settings: Settings) -> Iterator[Line]:
    """Signs in and opens the folder, as the gateway does, without being able to change anything."""
    place = mailbox_place(settings)
    if place is None:
        return
    from channels.email.imap_session import ImapSession

    if place.security == "none" and settings.imap_plaintext:
        yield warn("mailbox", f"{place.host} is spoken to unencrypted", "use imaps:// or imap+starttls://")
    try:
        session = ImapSession.open(place, reading=PATIENCE)
        try:
            yield from _as_found(session, place, settings)
        finally:
            session.close()
    except MailboxError as error:
        yield fail("mailbox", error.detail, TELL[error.code])


def _as_found(session: ImapSession, place: Place, settings: Settings) -> Iterator[Line]:
    done = settings.imap_done
    if done.what == "move" and not session.has_folder(done.name):
        yield fail(
            "mailbox",
            f"folder {done.name} of QINGTING_IMAP_DONE is not on {place.host}: taken mails stay where they are",
            "make the folder, or correct its name; what was taken meanwhile is moved then",
        )
    yield ok("mailbox", f"folder {place.folder} on {place.host} opens, {session.exists} mails in it")


def mailbox_taken(patient: Patient) -> Iterator[Line]:
    """How the gateway that drives the mailbox has fared."""
    if patient.settings.imap is None:
        return
    found = patient.store.read_now(watched, patient.settings)
    if found is None:
        yield warn(
            "mailbox",
            "no gateway has looked into it yet",
            "the first that is started takes all that is in the folder; QINGTING_IMAP_SINCE leaves older mails alone",
        )
        return
    node, memory = found
    if memory.trouble is not None:
        since = memory.trouble.since.astimezone(patient.settings.timezone)
        yield fail(
            "mailbox",
            f"since {since:%Y-%m-%d %H:%M} node {node} has had this trouble: {memory.trouble.detail}",
            TELL.get(memory.trouble.code, "see the gateway's log"),
        )
    elif memory.looked_at is None or patient.now - memory.looked_at > QUIET:
        last = (
            "never"
            if memory.looked_at is None
            else f"{memory.looked_at.astimezone(patient.settings.timezone):%Y-%m-%d %H:%M}"
        )
        yield fail("mailbox", f"last looked into: {last}, by node {node}", "see that a gateway runs, and its log")
    else:
        seconds = max(0, int((patient.now - memory.looked_at).total_seconds()))
        yield ok("mailbox", f"all of it was taken {seconds} s ago, by node {node}")
