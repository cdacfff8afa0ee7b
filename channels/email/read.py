"""From the bytes of a mail to what happened: a message, a report, or something to keep and never answer. Pure.

Nothing is stripped: `text` and `quoted` together hold every line of the body, and what isn't body is an attachment.

Not here: limits of time and memory (workers.py), and all that reading alone can't know, such as whose token it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from channels.email import quotes, reports
from channels.email.authenticity import Checking, verdict
from channels.email.body import Body, body_of
from channels.email.headers import date_of, text_of
from channels.email.identity import external_id, message_ids
from channels.email.inside import Inside, look_inside
from channels.email.kind import Kind, Outside, kind_by_outside, kind_by_words, outside, sender_of
from channels.email.mailbox import Mailbox
from channels.email.mime import Part, Unreadable, parse
from channels.email.sealed import invitation, sealed_by, without_armour
from channels.message import ChannelEvent, DeliveryReport, Event, MessageIn

__all__ = ["Checked", "Unreadable", "read_mail"]

LONGEST_TEXT: Final = 200_000  # characters of new text; what is beyond is folded
LONGEST_QUOTED: Final = 1_000_000  # characters of what is folded; what is beyond stands in the original alone
LONGEST_THREAD: Final = 100
CLOSED: Final = "closed"  # in `transport`: leave bags of files as they are


@dataclass(frozen=True, slots=True)
class Checked:
    """How a mail's sender is to be checked, what was looked up for that, and when it came."""

    checking: Checking
    looked_up: bytes | None
    received_at: datetime


def read_mail(raw: bytes, transport: Mapping[str, Any], checked: Checked | None = None) -> list[Event]:
    """What came with this mail. `transport` holds the envelope (`mail_from`, `rcpt_tos`) and, as `mailbox`, our address.

    Without `checked` nothing is said about who wrote it. Raises Unreadable.
    """
    root = parse(raw)
    genuine = _verdict(root, transport, checked)
    fields = root.fields()
    mailbox = _mailbox(transport)
    body = body_of(root)
    subject = text_of(_first(fields, "subject"), body.hint)
    seen = outside(root, fields, sender_of(fields, body.hint), subject, transport)
    token = reports.token_in_recipients(fields, transport, mailbox)
    kind = kind_by_outside(seen, mailbox)
    text = body.text()
    thread = _thread(fields)
    split = quotes.split(text, is_reply=bool(thread) or subject[:3].lower() == "re:")
    if kind is None:
        kind = kind_by_words(seen, text, split.text)
    if kind is Kind.PERSON:
        inside = look_inside(body, bags=not transport.get(CLOSED))
        return [_message(raw, root, body, seen, split, thread, token, genuine, inside)]
    return list(_machine(kind, root, seen, text, split.text, thread, token, mailbox, genuine))


def _verdict(root: Part, transport: Mapping[str, Any], checked: Checked | None) -> Mapping[str, Any]:
    if checked is None:
        return {}
    return verdict(root, transport, checked.checking, checked.looked_up, checked.received_at)


def _message(
    raw: bytes,
    root: Part,
    body: Body,
    seen: Outside,
    split: quotes.Split,
    thread: tuple[str, ...],
    token: str | None,
    genuine: Mapping[str, Any],
    inside: Inside,
) -> MessageIn:
    text, armour = without_armour(split.text)
    folded = [armour, split.quoted]
    if text.strip():
        folded.append(inside.text())
    else:  # forwarded without a word: what was forwarded is what there is to read
        text = inside.text()
    quoted = "\n\n".join(part for part in folded if part)
    if len(text) > LONGEST_TEXT:
        text, quoted = text[:LONGEST_TEXT], f"{text[LONGEST_TEXT:]}\n\n{quoted}".rstrip("\n")
    return MessageIn(
        external_id=external_id(raw),
        text=text,
        quoted=quoted[:LONGEST_QUOTED],
        html=body.html(),
        subject=seen.subject or None,
        sender=seen.sender or None,
        sender_name=seen.sender_name or None,
        sent_at=date_of(seen.first("date")) if seen.first("date") else None,
        attachments=(*body.attachments(), *inside.files),
        thread=thread,
        token=token,
        verdict=genuine,
        notes=_notes(root, bool(armour), len(quoted) > LONGEST_QUOTED),
    )


def _notes(root: Part, armoured: bool, longer: bool) -> dict[str, Any]:
    sealed = sealed_by(root) or ("pgp" if armoured else None)
    notes = {"parts_not_read": root.dropped, "sealed": sealed, "invitation": invitation(root), "longer": longer}
    return {name: value for name, value in notes.items() if value}


def _machine(
    kind: Kind,
    root: Part,
    seen: Outside,
    text: str,
    new_text: str,
    thread: tuple[str, ...],
    token: str | None,
    mailbox: Mailbox | None,
    genuine: Mapping[str, Any],
) -> list[DeliveryReport] | list[ChannelEvent]:
    """The events of a mail that no person wrote."""
    name = str(kind)
    if kind is Kind.BOUNCE:
        return reports.delivery_reports(root, seen, text, token, mailbox)
    if kind is Kind.READ_RECEIPT:
        receipt = reports.read_receipt(root, token, text, mailbox)
        if receipt is not None:
            return [receipt]
        name = str(Kind.AUTO_REPLY)
    if kind is Kind.FEEDBACK:
        report = reports.feedback_report(root, token, text, mailbox)
        if report.token:
            return [report]
        name = "abuse_report"
    return [
        ChannelEvent(
            kind=name,
            detail=seen.first("auto-submitted")[:200],
            sender=seen.sender or None,
            subject=seen.subject or None,
            text=new_text[:LONGEST_TEXT],
            thread=thread,
            token=token,
            verdict=genuine,
        )
    ]


def _thread(fields: Mapping[str, list[str]]) -> tuple[str, ...]:
    """The ids this mail answers, nearest first."""
    nearest = message_ids(" ".join(fields.get("in-reply-to", ())))
    chain = message_ids(" ".join(fields.get("references", ())))
    return tuple(dict.fromkeys((*nearest, *reversed(chain))))[:LONGEST_THREAD]


def _first(fields: Mapping[str, list[str]], name: str) -> str:
    values = fields.get(name)
    return values[0] if values else ""


def _mailbox(transport: Mapping[str, Any]) -> Mailbox | None:
    address = transport.get("mailbox")
    return Mailbox.parse(str(address)) if address else None
