"""Mail out: through a relay, or as files into a folder.

Both take the bytes of one mail and its envelope, and return when the other side has it: the relay has answered 250, or the
file is synced under its final name. What fails is a DeliveryError.

Not here: the mail itself (compose.py), when to try again (gateway).
"""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import os
import re
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

from channels.message import Delivery, DeliveryError, Refused, Retryable, UnknownAddress

PORTS: Final = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
NO_SUCH_ADDRESS: Final = frozenset({550, 551, 553})
_ENHANCED = re.compile(r"(?:^|\s)5\.(\d{1,3})\.\d{1,3}(?=\s|$)")


class Outgoing(Protocol):
    """Where mail leaves to. `names_recipient`: does the mail itself have to name its envelope recipient?"""

    names_recipient: bool

    async def send(self, raw: bytes, sender: str, recipient: str, now: datetime) -> Delivery: ...


class OutgoingFolder:
    """Each mail becomes one `.eml` file, its name beginning with the UTC time."""

    names_recipient = True

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    async def send(self, raw: bytes, sender: str, recipient: str, now: datetime) -> Delivery:
        name = f"{now.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}-{hashlib.sha256(raw).hexdigest()[:12]}.eml"
        try:
            await asyncio.to_thread(self._write, name, raw)
        except OSError as error:
            raise Retryable(
                f"the outgoing folder can't be written: {error.strerror or type(error).__name__}"
            ) from error
        # the file's name is no id of the mail: answers and bounces name its Message-ID
        return Delivery(detail=f"written to the outgoing folder as {name}")

    def _write(self, name: str, raw: bytes) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        waiting = self.path / f".{name}.part"
        try:
            with open(waiting, "wb") as file:
                file.write(raw)
                file.flush()
                # sync before rename: a power cut between the two left an empty file under the final name
                os.fsync(file.fileno())
            os.replace(waiting, self.path / name)
        except OSError:
            waiting.unlink(missing_ok=True)
            raise
        folder = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class Relay:
    """A mail server that passes our mail on: `smtp://`, `smtp+starttls://` or `smtps://user:password@host:port`."""

    names_recipient = False

    def __init__(
        self,
        url: str,
        allow_plain: bool = False,
        timeout: float = 30.0,
        local_hostname: str | None = None,
        tls_context: ssl.SSLContext | None = None,
        *,
        asks_whether_delivered: bool = False,
    ) -> None:
        """`asks_whether_delivered`: a relay that knows how (RFC 3461) is asked to have success reported too, not only failure."""
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise ValueError("a relay is smtp://, smtp+starttls:// or smtps://user:password@host:port")
        self.scheme = parts.scheme
        self.host = parts.hostname
        try:
            self.port = parts.port or PORTS[parts.scheme]
        except ValueError:
            raise ValueError("the relay's port is not a number from 1 to 65535") from None
        self.timeout = timeout
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._local_hostname = local_hostname
        self._asks_whether_delivered = asks_whether_delivered
        self._tls_context = tls_context or ssl.create_default_context()
        if self.scheme == "smtp" and not allow_plain and not _is_loopback(self.host):
            raise ValueError(
                f"mail to {self.host} would go unencrypted: use smtp+starttls:// or smtps://, or allow it explicitly"
            )

    def __repr__(self) -> str:
        return f"Relay({self.scheme}://{self.host}:{self.port})"

    async def send(self, raw: bytes, sender: str, recipient: str, now: datetime) -> Delivery:
        client = aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self._user,
            password=self._password,
            use_tls=self.scheme == "smtps",
            start_tls=self.scheme == "smtp+starttls",
            tls_context=None if self.scheme == "smtp" else self._tls_context,
            local_hostname=self._local_hostname,
            timeout=self.timeout,
        )
        try:
            async with client:
                options, of_recipient = [], []
                if not (recipient.isascii() and sender.isascii()):
                    await client.ehlo()
                    if not client.supports_extension("smtputf8"):
                        raise Refused("the relay can't carry addresses with letters beyond ASCII")
                    options = ["SMTPUTF8", "BODY=8BITMIME"]
                if self._asks_whether_delivered:
                    await client.ehlo()
                    if client.supports_extension("dsn"):
                        of_recipient = ["NOTIFY=SUCCESS,FAILURE,DELAY"]
                _, said = await client.sendmail(
                    sender, [recipient], raw, mail_options=options, rcpt_options=of_recipient
                )
        except (TimeoutError, aiosmtplib.SMTPException, OSError) as error:
            # `from None`: the library's errors may hold the mail and the sign-in.
            raise delivery_error(error) from None
        return Delivery(detail=_words(said))


def delivery_error(error: Exception) -> DeliveryError:
    """What an error of the SMTP client means for the message."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused) and error.recipients:
        return _of_recipient(error.recipients[0].code, error.recipients[0].message)
    if isinstance(error, aiosmtplib.SMTPRecipientRefused):
        return _of_recipient(error.code, error.message)
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return Retryable(f"the relay doesn't take our sign-in: {error.code} {_words(error.message)}")
    if isinstance(error, (aiosmtplib.SMTPTimeoutError, asyncio.TimeoutError)):
        return Retryable("the relay didn't answer in time")
    if isinstance(error, (aiosmtplib.SMTPConnectError, aiosmtplib.SMTPServerDisconnected, OSError)):
        return Retryable("the relay can't be reached, or its certificate can't be verified")
    if isinstance(error, aiosmtplib.SMTPResponseException):
        if isinstance(error, (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError)) and 500 <= error.code < 600:
            return Refused(f"{error.code} {_words(error.message)}")
        return Retryable(f"{error.code} {_words(error.message)}")
    return Retryable("the relay can't do what is needed, such as TLS")


def _of_recipient(code: int, message: str) -> DeliveryError:
    said = f"{code} {_words(message)}"
    if not 500 <= code < 600:
        return Retryable(said)
    enhanced = _ENHANCED.search(said)
    if enhanced:
        return UnknownAddress(said) if enhanced[1] == "1" else Refused(said)
    return UnknownAddress(said) if code in NO_SUCH_ADDRESS else Refused(said)


def _words(message: str) -> str:
    return " ".join(message.split())[:300]


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
