"""What reports say: delivery reports by RFC 3464 and in the many free forms, read receipts, complaints about spam.

Each becomes one DeliveryReport for each recipient, with the id and the token of our mail as far as they were returned.

Not here: how a report is told from a mail of a person (kind.py), whether the token is genuine (gateway).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from channels.email.body import decoded
from channels.email.headers import addresses_of, text_of
from channels.email.identity import message_ids
from channels.email.kind import Outside, is_delayed
from channels.email.mailbox import Mailbox
from channels.email.mime import Part
from channels.message import DeliveryReport

MAX_RECIPIENTS: Final = 100
LONGEST_DETAIL: Final = 500
RETURNED_WITHIN: Final = 64_000
ACTIONS: Final = {
    "failed": "bounced",
    "delayed": "delayed",
    "delivered": "delivered",
    "relayed": "relayed",  # to a system that will not report: nobody knows whether it arrived
    "expanded": "relayed",  # to a list
}
BY_CLASS: Final = {"2": "relayed", "4": "delayed", "5": "bounced"}

_FIELD = re.compile(r"^([!-9;-~]{1,60})[ \t]*:[ \t]*([^\n]*(?:\n[ \t][^\n]*)*)", re.MULTILINE)
_ADDRESS = re.compile(r"[^\s@<>\"'(),;:\[\]\\]{1,64}@[^\s@<>\"'(),;:\[\]\\]{1,255}")
# Where the recipient stands in free text, best first.
_MARKED: Final = tuple(
    re.compile(pattern + f"({_ADDRESS.pattern})", re.IGNORECASE | re.MULTILINE)
    for pattern in (
        r"^[>\s]{0,8}(?:final|original)-recipient:\s*(?:rfc822\s*;)?\s*<?",
        r"RCPT TO:\s?<",
        r"^[>\s\"'-]{0,8}<?",
        r"(?:recipients?|addresse?s?|message to|mail to|delivered to)\W{1,4}",
        r"<",
        r"",
    )
)
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_CODE = re.compile(r"(?<![\d.-])([45])\d\d[ -]")
_MESSAGE_ID = re.compile(r"^[>\s]{0,16}message-id:\s*(<[^<>\s]{1,500}>)", re.IGNORECASE | re.MULTILINE)
_BLANK_LINES = re.compile(r"\n[ \t]*\n")


def delivery_reports(
    root: Part, seen: Outside, text: str, token: str | None, mailbox: Mailbox | None
) -> list[DeliveryReport]:
    """One report for each recipient that is spoken of; one without address if none is."""
    returned = returned_text(root, text)
    message_id = _returned_id(returned)
    token = token or _token_in(returned, mailbox)
    reports = []
    for recipient in _recipients(root):
        status = _STATUS.search(recipient.get("status", "") or recipient.get("diagnostic-code", ""))
        action = recipient.get("action", "").split(None, 1)[0].lower() if recipient.get("action", "").strip() else ""
        reports.append(
            DeliveryReport(
                kind=ACTIONS.get(action) or (BY_CLASS[status[1][0]] if status else _kind(seen, text)),
                address=_recipient_of(recipient) or _address(seen, text, mailbox),
                token=token,
                message_id=message_id,
                status=status[1] if status else None,
                detail=_detail(recipient.get("diagnostic-code", "") or text),
            )
        )
    return reports or [_free_form(seen, text, token, message_id, mailbox)]


def feedback_report(root: Part, token: str | None, text: str, mailbox: Mailbox | None) -> DeliveryReport:
    """A recipient marked our mail as spam (RFC 5965)."""
    fields: dict[str, str] = {}
    for part in root.leaves():
        if part.media_type == "message/feedback-report":
            fields = _fields(decoded(part))
            break
    returned = returned_text(root, text)
    to = _ADDRESS.search(fields.get("original-rcpt-to", ""))
    return DeliveryReport(
        kind="complained",
        address=to.group().lower() if to else None,
        token=token or _token_in(returned, mailbox),
        message_id=_returned_id(returned),
        detail=_detail(fields.get("feedback-type", "")),
    )


def read_receipt(root: Part, token: str | None, text: str, mailbox: Mailbox | None) -> DeliveryReport | None:
    """The recipient's program says that our mail was shown (RFC 8098); None for any other disposition."""
    for part in root.leaves():
        if part.media_type != "message/disposition-notification":
            continue
        fields = _fields(decoded(part))
        if "displayed" not in fields.get("disposition", "").lower():
            return None
        to = _ADDRESS.search(fields.get("final-recipient", ""))
        ids = message_ids(fields.get("original-message-id", ""))
        returned = returned_text(root, text)
        return DeliveryReport(
            kind="seen",
            address=to.group().lower() if to else None,
            token=token or _token_in(returned, mailbox),
            message_id=ids[0] if ids else _returned_id(returned),
        )
    return None


def returned_text(root: Part, text: str) -> str:
    """What was given back of our mail: as a part of its own, or below the report's text."""
    for part in root.leaves():
        if part.media_type in ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"):
            raw = part.content() if part.media_type.startswith("text/") else part.body
            return raw[:RETURNED_WITHIN].decode("utf-8", "replace").replace("\r\n", "\n")
    return text[:RETURNED_WITHIN]


def token_in_recipients(
    seen: Mapping[str, list[str]], transport: Mapping[str, Any], mailbox: Mailbox | None
) -> str | None:
    """The signed token in the address a mail was sent to: by the envelope, else by its headers."""
    if mailbox is None:
        return None
    candidates = [str(address) for address in transport.get("rcpt_tos") or ()]
    for name in ("delivered-to", "x-original-to", "envelope-to", "to", "cc"):
        for value in seen.get(name, ())[:5]:
            candidates += [address for _, address in addresses_of(value)]
    for address in candidates:
        token = mailbox.token_of(address)
        if token:
            return token
    return None


def _recipients(root: Part) -> Iterator[dict[str, str]]:
    """The groups of a delivery-status part that speak of a recipient."""
    count = 0
    for part in root.leaves():
        if not (part.media_type.startswith("message/") and part.media_type.endswith("delivery-status")):
            continue
        for block in _BLANK_LINES.split(decoded(part)):
            fields = _fields(block)
            if not fields.keys() & {"final-recipient", "original-recipient", "action"}:
                continue
            count += 1
            if count > MAX_RECIPIENTS:
                return
            yield fields


def _fields(block: str) -> dict[str, str]:
    return {name.lower(): text_of(value) for name, value in reversed(_FIELD.findall(block))}


def _recipient_of(fields: Mapping[str, str]) -> str | None:
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        found = _ADDRESS.search(fields.get(name, ""))
        if found:
            return found.group().lower()
    return None


def _free_form(
    seen: Outside, text: str, token: str | None, message_id: str | None, mailbox: Mailbox | None
) -> DeliveryReport:
    said = _report_itself(text)
    status = _STATUS.search(said)
    code = _CODE.search(said)
    kind = _kind(seen, said)
    return DeliveryReport(
        kind=kind,
        address=_address(seen, said, mailbox),
        token=token,
        message_id=message_id,
        status=status[1] if status else f"{code[1]}.0.0" if code else None,
        detail=_detail(said),
    )


def _kind(seen: Outside, text: str) -> str:
    return "delayed" if is_delayed(seen.subject, text) else "bounced"


_RETURNED_BELOW = re.compile(
    r"^.{0,80}(?:copy of (?:the|your) (?:original )?message|original message (?:follows|headers)|unsent message|header of the original|"
    r"message headers? follow|returned message|original message as follows|original mail as follows).{0,80}$|^[>\s]{0,8}(?:received|return-path): ",
    re.IGNORECASE | re.MULTILINE,
)


def _report_itself(text: str) -> str:
    """The text above what was returned."""
    below = _RETURNED_BELOW.search(text)
    return text[: below.start()] if below and below.start() else text


def _address(seen: Outside, text: str, mailbox: Mailbox | None) -> str | None:
    failed = _ADDRESS.search(seen.first("x-failed-recipients"))
    if failed:
        return failed.group().lower()
    said = _report_itself(text)
    to = {address for value in seen.fields.get("to", ())[:3] for _, address in addresses_of(value)}
    last_resort = None  # the report's own recipient: only where nobody else is named
    for pattern in _MARKED:
        for match in pattern.finditer(said):
            address = match[1].lower().rstrip(".")
            if address == seen.sender or (mailbox is not None and mailbox.owns(address)):
                continue
            if address not in to:
                return address
            last_resort = last_resort or address
    return last_resort


def _returned_id(returned: str) -> str | None:
    found = _MESSAGE_ID.search(returned)
    return found[1] if found else None


def _token_in(returned: str, mailbox: Mailbox | None) -> str | None:
    if mailbox is None:
        return None
    for match in _ADDRESS.finditer(returned):
        token = mailbox.token_of(match.group())
        if token:
            return token
    return None


def _detail(text: str) -> str:
    return " ".join(text[: LONGEST_DETAIL * 4].split())[:LONGEST_DETAIL]
