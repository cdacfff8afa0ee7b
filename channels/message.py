"""What crosses the door: the raw arrival, the events read from it, what goes out and how its delivery failed.

Plain data. Not here: what a channel is (channel.py), how it is stored (case_store), whose turn it is (gateway).

DeliveryError
├── Retryable          the relay, the Bot API or the network may do better later
│   └── Throttled      with `retry_after`, in seconds
├── Unsure             the peer may have it or not; only a peer without stable identities raises this
└── Permanent          nobody is there; show it on the case
    ├── UnknownAddress
    └── Refused        with the peer's own words
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from channels.phone.call import Call, Recording


@dataclass(frozen=True, slots=True)
class Arrival:
    """Something that came, exactly as it came.

    `account` names the mailbox, bot or site it came to (`email:complaints@bank.example`); `external_id` is what makes a
    repeat within that account; `transport` what the transport knew (peer, envelope), JSON. Arrivals of one `lane` (a chat, a
    call) are read one after another, in order of acceptance.
    """

    channel: str
    account: str
    external_id: str
    received_at: datetime
    raw: bytes
    transport: Mapping[str, Any] = field(default_factory=dict)
    lane: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message; `content` is its bytes, decoded.

    `part` finds it again in the original. None: it stands in no original that is kept, and is kept as a file of its own.
    """

    name: str
    media_type: str
    content: bytes
    part: str | None
    content_id: str | None = None
    inline: bool = False


@dataclass(frozen=True, slots=True)
class MissingFile:
    """A file that came with a message and could not be taken over. `reason` is too_large or unavailable, `size` in bytes."""

    name: str
    reason: str
    size: int | None = None


@dataclass(frozen=True, slots=True)
class MessageIn:
    """A customer's message.

    `text` is the new text only, what the dialogue reads; `quoted` the folded history below it; `html` safe HTML of the
    whole, if it came as HTML. `sender` is an address in lower case or a number in E.164; `thread` are the external ids it
    answers (References, In-Reply-To), nearest first; `token` a signed reply token in the address it was sent to.
    `conversation_key` names its conversation within the account where the channel has such a thing (a chat, a call);
    without one the conversation is found by token, thread and reference number. `notes`: `parts_not_read`, a number;
    `sealed`, how (smime, smime_signed, pgp); `invitation`, its method; `longer`: the original holds more text.

    What has no words (a photo, a place, a sticker) the channel describes in the customer's language: `unspoken` is that part
    of `text`, at its end, which people read and the dialogue doesn't; `brought` says what came: voice, file or, where nothing
    came through, missing. Messages of one `group` (an album) are one message to the customer and to us. `command` is a
    messenger's command without its slash: the gateway answers it, no engine ever sees it.
    """

    external_id: str
    text: str
    sent_at: datetime | None = None
    sender: str | None = None
    sender_name: str | None = None
    subject: str | None = None
    quoted: str = ""
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()
    thread: tuple[str, ...] = ()
    token: str | None = None
    choice: str | None = None
    language_hint: str | None = None
    conversation_key: str | None = None
    unspoken: str = ""
    brought: str = ""
    group: str | None = None
    command: str | None = None
    missing: tuple[MissingFile, ...] = ()
    verdict: Mapping[str, Any] = field(default_factory=dict)  # is it from whom it says? `result`: pass, fail, none …
    notes: Mapping[str, Any] = field(default_factory=dict)  # what a person should know of how it could be read


@dataclass(frozen=True, slots=True)
class MessageEdited:
    """The customer changed a message sent earlier: `now` is all of it as it stands, under the name it had from the first."""

    now: MessageIn
    edited_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What became of something we sent: `kind` is bounced, delayed, relayed, delivered, seen or complained.

    `delivered` lies in the mailbox, `relayed` was passed on to where nobody reports from, `seen` was shown to whoever reads there.

    `token` is the signed bounce token, `message_id` the Message-ID of ours it speaks of, `address` the recipient.
    """

    kind: str
    address: str | None = None
    token: str | None = None
    message_id: str | None = None
    status: str | None = None  # RFC 3463
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ChannelEvent:
    """Anything else worth keeping: `auto_reply`, `list`, `own_mail`, `abuse_report`. Stored, never answered.

    `blocked` and `unblocked` say of `sender` that nothing we send arrives any more, or that it does again.
    """

    kind: str
    detail: str = ""
    sender: str | None = None
    subject: str | None = None
    text: str = ""
    thread: tuple[str, ...] = ()
    token: str | None = None
    verdict: Mapping[str, Any] = field(default_factory=dict)
    conversation_key: str | None = None


@dataclass(frozen=True, slots=True)
class CallIn:
    """A telephone call as its transcript was read. `conversation_key` is the call's name, the same for all that comes of it.

    `consent` says whether the customer agreed to be recorded: `yes`, `no` or `unknown`, and `consent_basis` how that is
    known: `said`, or `announced` on the line. `agent` is the user name of whoever spoke with the customer. `source` is whose
    name for the call it is: other sources may call other calls so.
    """

    conversation_key: str
    call: Call
    line: str
    consent: str = "unknown"
    consent_basis: str | None = None
    recording: Recording | None = None
    agent: str | None = None
    source: str = ""


Event = MessageIn | MessageEdited | DeliveryReport | ChannelEvent | CallIn


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """What is to leave. `message_id` stays the same over all tries of one delivery.

    `reply_token` and `bounce_token` are signed by the house and found again in MessageIn.token and DeliveryReport.token.
    """

    message_id: str
    account: str
    address: str
    text: str
    language: str
    subject: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    reply_token: str | None = None
    bounce_token: str | None = None
    choices: tuple[tuple[str, str], ...] = ()  # (label, value)
    attachments: tuple[Attachment, ...] = ()
    to: str | None = None  # whom it is written to, where `address` only gets a copy
    cc: tuple[str, ...] = ()  # everybody who gets a copy, `address` perhaps among them
    sender_name: str | None = None
    aside: bool = False  # said beside the question that is open: its choices stay


@dataclass(frozen=True, slots=True)
class Delivery:
    """The peer took it; `external_id` is the peer's own id for it, if any."""

    external_id: str | None = None
    detail: str = ""


class DeliveryError(Exception):
    """`code` is stable, `detail` a sentence for a person."""

    code = "failed"
    retryable = False

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Retryable(DeliveryError):
    code = "try_later"
    retryable = True


class Throttled(Retryable):
    code = "throttled"

    def __init__(self, detail: str, retry_after: float) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Unsure(DeliveryError):
    code = "unsure"


class Permanent(DeliveryError):
    code = "permanent"


class UnknownAddress(Permanent):
    code = "unknown_address"


class Refused(Permanent):
    code = "refused"
