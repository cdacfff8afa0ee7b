"""The mailbox by IMAP, as the house drives it and watches it.

Not here: the driver itself (channels/email/imap.py), what the doctor says of it (mailbox_check.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from case_store import duties
from case_store.store import Transaction
from channels.email.imap_memory import Memory
from channels.email.imap_place import Place
from gateway.config import Settings, is_loopback
from gateway.context import Gateway
from gateway.duties import StoredDuty

if TYPE_CHECKING:
    from channels.email.imap import ImapReceiver

LONGEST_DUTY: Final = 80  # characters that the column holds


def mailbox_driver(gateway: Gateway) -> ImapReceiver | None:
    """What fetches mail from the mailbox that is set; None if none is."""
    settings = gateway.settings
    place = mailbox_place(settings)
    if place is None:
        return None
    from channels.email.imap import (
        ImapReceiver,
    )  # brings the IMAP client, which a house without a mailbox can do without

    return ImapReceiver(
        place,
        settings.complaints_address,
        StoredDuty(gateway.store, duty_name(settings), settings.node),
        max_size=int(settings.max_message),
        done=settings.imap_done,
        since=settings.imap_since,
    )


def mailbox_place(settings: Settings) -> Place | None:
    """Where the mailbox is. To another machine nothing goes unencrypted unless the settings say so by name."""
    imap = settings.imap
    if imap is None:
        return None
    in_the_clear = is_loopback(imap.host) or settings.imap_plaintext
    security = "starttls" if imap.security == "none" and not in_the_clear else imap.security
    return Place(imap.host, imap.port, imap.user, imap.folder, security, imap.password, settings.imap_ca)


def duty_name(settings: Settings) -> str:
    return f"mailbox:{settings.complaints_address}"[:LONGEST_DUTY]


def watched(tx: Transaction, settings: Settings) -> tuple[str, Memory] | None:
    """Which node drives the mailbox, or did last, and what is remembered of it. None before the first time."""
    found = duties.look(tx, duty_name(settings))
    if found is None:
        return None
    holder, memory = found
    return holder.rpartition(":")[0], Memory.read(memory)


def silence(tx: Transaction, settings: Settings) -> float | None:
    """Seconds since the mailbox was last looked into and all was taken; None without a mailbox.

    Before the first time it counts from the beginning of the epoch: an alarm must not wait for a success.
    """
    if settings.imap is None:
        return None
    found = watched(tx, settings)
    looked_at = found[1].looked_at if found else None
    return (tx.now - looked_at).total_seconds() if looked_at else tx.now.timestamp()
