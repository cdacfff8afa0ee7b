"""What a mail is: from a person, or from a machine. Machines are never answered.

Judged by headers first, since those are made for it: null sender, Auto-Submitted, List-Id, reports. Words only count where
sender or shape speak for a machine too, so a complaint that quotes a bounce remains a complaint. The words stand in
`kind.toml`.

Not here: what a report says (reports.py).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Final

from channels.email.headers import addresses_of
from channels.email.mailbox import Mailbox
from channels.email.mime import Part

OWN_HEADER: Final = "X-Qingting-Mail"
SAYS_LITTLE: Final = 60
LOOKS_AT: Final = 6_000

_WORDS: Final[dict[str, list[str]]] = tomllib.loads((files("channels.email") / "kind.toml").read_text("utf-8"))


@cache
def _any_of(key: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{word})" for word in _WORDS[key]), re.IGNORECASE | re.MULTILINE)


class Kind(StrEnum):
    PERSON = "person"
    OWN = "own_mail"
    FEEDBACK = "feedback"
    READ_RECEIPT = "read_receipt"
    BOUNCE = "bounce"
    AUTO_REPLY = "auto_reply"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Outside:
    """What can be seen of a mail without reading its text."""

    fields: Mapping[str, list[str]]
    sender: str
    sender_name: str
    subject: str
    types: tuple[str, ...]  # media types of the leaves
    null_sender: bool

    def first(self, name: str) -> str:
        values = self.fields.get(name)
        return values[0].strip() if values else ""


def outside(
    root: Part, fields: Mapping[str, list[str]], sender: tuple[str, str], subject: str, transport: Mapping[str, Any]
) -> Outside:
    envelope = transport.get("mail_from")
    if envelope is None:
        paths = [path.strip() for path in fields.get("return-path", ())[:1]]
        null = any(path in ("", "<>") for path in paths)
    else:
        null = envelope in ("", "<>")
    types = tuple(leaf.media_type for leaf in root.leaves())
    return Outside(fields, sender[1], sender[0], subject, (root.media_type, *types), null)


def kind_by_outside(seen: Outside, mailbox: Mailbox | None) -> Kind | None:
    """What headers and shape decide; None where the words have to be looked at."""
    if OWN_HEADER.lower() in seen.fields or (mailbox is not None and mailbox.owns(seen.sender)):
        return Kind.OWN
    if "message/feedback-report" in seen.types:
        return Kind.FEEDBACK
    if any(kind.endswith("delivery-status") and kind.startswith("message/") for kind in seen.types):
        return Kind.BOUNCE
    if "message/disposition-notification" in seen.types:
        return Kind.READ_RECEIPT
    local = seen.sender.partition("@")[0] or seen.first("from").partition("<")[0].strip(" \"'").lower()
    subject_reports = bool(_any_of("report_subjects").match(seen.subject))
    if _any_of("daemons").fullmatch(local) or "x-failed-recipients" in seen.fields:
        return Kind.BOUNCE
    automatic = seen.null_sender or _submitted_by_machine(seen)
    if automatic and (subject_reports or _any_of("postmasters").fullmatch(local)):
        return Kind.BOUNCE
    if automatic or _answers_by_itself(seen):
        return Kind.AUTO_REPLY
    if _goes_to_many(seen):
        return Kind.LIST
    if _any_of("unattended").fullmatch(local):
        return Kind.BOUNCE if subject_reports else Kind.AUTO_REPLY
    return None


def kind_by_words(seen: Outside, text: str, new_text: str) -> Kind:
    """What the words decide, where neither headers nor shape did."""
    if _any_of("auto_subjects").match(seen.subject):
        return Kind.AUTO_REPLY
    answers = "in-reply-to" in seen.fields or "references" in seen.fields
    if _any_of("doubtful_auto_subjects").match(seen.subject) and (answers or len(new_text) <= SAYS_LITTLE):
        return Kind.AUTO_REPLY
    if _is_report(seen, text):
        return Kind.BOUNCE
    if _is_forwarded_report(seen, text, new_text):
        return Kind.BOUNCE
    return Kind.PERSON


def is_delayed(subject: str, text: str) -> bool:
    """Does a report without fields speak of a delay only?"""
    return bool(_any_of("delayed").search(subject) or _any_of("delayed").search(text[:2000]))


def _is_report(seen: Outside, text: str) -> bool:
    """Two of three: a subject that reports, a sender that is a system, the words of one with what was returned."""
    local = seen.sender.partition("@")[0]
    from_system = bool(
        _any_of("postmasters").fullmatch(local)
        or _any_of("unattended").fullmatch(local)
        or _any_of("system_names").fullmatch(seen.sender_name)
        or not seen.sender
    )
    reports = bool(_any_of("report_subjects").match(seen.subject))
    if not (from_system or reports):
        return False
    speaks = bool(_any_of("report_words").search(text[:LOOKS_AT]))
    returned = "message/rfc822" in seen.types or "text/rfc822-headers" in seen.types or _holds_headers(text)
    return (from_system and reports) or (from_system and speaks) or (reports and speaks and returned)


_FORWARDED = re.compile(r"(?:fwd?|wg|tr|rv|转发|轉寄|轉發)\s*[:：]\s*", re.IGNORECASE)
_FINAL_RECIPIENT = re.compile(r"^[>\s]{0,8}final-recipient:\s*rfc822", re.IGNORECASE | re.MULTILINE)
_ACTION = re.compile(r"^[>\s]{0,8}action:\s*(?:failed|delayed)", re.IGNORECASE | re.MULTILINE)
_RETURNED = re.compile(r"^[>\s]{0,8}(received|return-path|message-id):", re.IGNORECASE | re.MULTILINE)


def _is_forwarded_report(seen: Outside, text: str, new_text: str) -> bool:
    """A report that somebody passed on without a word of their own."""
    prefix = _FORWARDED.match(seen.subject)
    return bool(
        prefix
        and len(new_text) <= SAYS_LITTLE
        and _any_of("report_subjects").match(seen.subject[prefix.end() :])
        and _FINAL_RECIPIENT.search(text)
        and _ACTION.search(text)
    )


def _holds_headers(text: str) -> bool:
    return len({match.lower() for match in _RETURNED.findall(text)}) >= 2


def _submitted_by_machine(seen: Outside) -> bool:
    value = seen.first("auto-submitted").lower()
    return bool(value) and not value.startswith("no")


_ANSWERING_HEADERS: Final = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-reply",
    "x-autoreply-from",
    "x-mail-autoreply",
)


def _answers_by_itself(seen: Outside) -> bool:
    if any(name in seen.fields and seen.first(name).lower() not in ("no", "false") for name in _ANSWERING_HEADERS):
        return True
    return (
        seen.first("precedence").lower() in ("auto_reply", "auto-reply")
        or seen.first("preference").lower() == "auto_reply"
        or seen.first("x-apple-action").lower() == "vacation"
        or "x-ms-exchange-inbox-rules-loop" in seen.fields
        or seen.first("delivered-to").lower() == "autoresponder"
        or seen.first("content-type").lower().startswith("multipart/report")
    )


_LIST_HEADERS: Final = (
    "list-id",
    "list-post",
    "list-unsubscribe",
    "x-mailing-list",
    "x-beenthere",
    "x-mlserver",
    "x-ml-name",
    "x-list",
)


def _goes_to_many(seen: Outside) -> bool:
    return seen.first("precedence").lower() in ("bulk", "list", "junk") or any(
        name in seen.fields for name in _LIST_HEADERS
    )


def sender_of(fields: Mapping[str, list[str]], hint: str | None) -> tuple[str, str]:
    """Name and address of the first sender; empty where there is none."""
    for name in ("from", "sender", "reply-to"):
        for value in fields.get(name, ())[:1]:
            found = addresses_of(value, hint)
            if name == "from" and found:
                return found[0]
            if found and found[0][1]:
                return found[0]
    return "", ""
