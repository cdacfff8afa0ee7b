"""The signed link by which a customer sees how their case stands: what is offered, what was agreed, and whether it is done.

The number and a contact that somebody knows tell no more than a state and a day. This link tells more because it goes by mail, to an
address that is proved as the customer's own: whoever opens it reads what is sent there. It names the case and the address under our
signature, and it ends with its age, when the address bounces, is a proxy's, or is parted from the customer.

Not here: what it shows (case_page.py), the page (portal/case_page.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from case_store import contacts, merged, outbox
from case_store.case_record import CaseRecord
from case_store.cases import NoSuchCase
from case_store.outbox import CHECKED, NewDelivery
from case_store.records import ChannelName, Language, Sender
from case_store.store import Transaction
from gateway import texts
from gateway.texts import Occasion
from gateway.tokens import LinkKind, Tokens

if TYPE_CHECKING:  # notices put this link into their letters
    from gateway.notifications import Notices

LINK_AGE: Final = timedelta(days=7)
LINKS: Final = 3  # that one address is sent in a day: who knows number and contact must not fill a mailbox
SENT: Final = "status:"  # what occasions of these mails begin with


@dataclass(frozen=True, slots=True)
class Holder:
    """What a valid link says: the case, and the address at which its customer is known."""

    case_id: str
    address: str


def sign(tokens: Tokens, case_id: str, address: str, now: datetime) -> str:
    return tokens.sign_link(LinkKind.STATUS, case_id, address, issued_at=now)


def address_of(public_url: str, tokens: Tokens, holder: Holder, now: datetime) -> str:
    """The link as it stands in a mail."""
    return f"{public_url}/status/{sign(tokens, holder.case_id, holder.address, now)}"


def read(tokens: Tokens, token: str) -> Holder | None:
    """The holder of a link, if we signed it and it is young enough."""
    parts = tokens.read_link(LinkKind.STATUS, token, datetime.now(UTC), LINK_AGE)
    return Holder(*parts) if parts and len(parts) == 2 else None


def case_of(tx: Transaction, holder: Holder) -> CaseRecord | None:
    """The case, or the one it was merged into, while it is registered and the address is its customer's own."""
    try:
        case = merged.current(tx, holder.case_id)
    except NoSuchCase:
        return None
    return case if case.reference is not None and holder.address in contacts.own_mail(tx, case.id) else None


def send(tx: Transaction, notices: Notices, tokens: Tokens, reference: str, known: list[str]) -> bool:
    """Mails the link to the customer: to the address by which they are `known`, if it is proved, else to the first that is.

    False where nothing was sent: no address is proved, or enough was sent there today. Who asks is told the same either way.
    """
    case = merged.current(tx, reference)
    proved = contacts.own_mail(tx, case.id)
    address = next((one for one in proved if one in known), next(iter(proved), None))
    if address is None or _enough(tx, address):
        return False
    language = Language(case.language)
    house = notices.promises.house.name[language]
    text = texts.render(
        Occasion.STATUS_LINK,
        language,
        reference=case.reference,
        link=address_of(notices.public_url, tokens, Holder(case.id, address), tx.now),
        valid_until=(tx.now + LINK_AGE).astimezone(notices.promises.zone),
    )
    letter = texts.as_letter(text, language, house=house)
    queued = outbox.queue(
        tx,
        NewDelivery(
            occasion=f"{SENT}{case.id}:{address}:{tx.now:%Y%m%d%H%M}",  # a button pressed twice sends one
            channel=ChannelName.EMAIL,
            account=f"email:{notices.complaints_address}",
            address=address,
            sender=Sender.SYSTEM,
            payload={"text": letter.body, "subject": letter.subject, "language": case.language, CHECKED: True},
            case_id=case.id,
        ),
    )
    return queued is not None


def _enough(tx: Transaction, address: str) -> bool:
    lately = outbox.sent_lately(tx, address, sender=Sender.SYSTEM, within=timedelta(days=1), occasion=SENT)
    return lately >= LINKS
