"""What the doctor looks at of mail: whether senders can be verified, and whether our own signature would be believed.

Not here: the doctor's lines and their order (doctor.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from channels.email.lookups import Lookups, key_of
from channels.email.sign import published_key
from gateway.config import Settings, SettingsError
from gateway.service import email_signer, name_server

PATIENCE: Final = 4.0
_LOCAL: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class Finding(NamedTuple):
    state: Literal["ok", "warn", "fail"]
    found: str
    do: str = ""


def senders(settings: Settings) -> Iterator[Finding]:
    """Can it be told whom mail is from?"""
    relay = settings.trusted_relay
    domain = settings.complaints_address.partition("@")[2]
    if settings.mail_auth == "off":
        yield Finding("warn", "nobody checks whom mail is from", "set QINGTING_MAIL_AUTH to verify or relay")
    elif relay is not None:
        yield Finding("ok", f"{relay.name} is believed, from {', '.join(map(str, relay.networks))}")
    elif domain == "localhost" or settings.smtp is None:
        yield Finding("ok", "what is handed in on this machine is not checked")
    elif settings.smtp.host in _LOCAL:
        yield Finding(
            "warn",
            "mail is handed in on this machine, so whom it is from can't be checked here",
            "name the mail server before this gateway in QINGTING_TRUSTED_RELAY",
        )
    elif _ask(settings, key_of("TXT", domain)) is None:
        yield Finding("warn", "no name server answers: senders can't be checked", "set QINGTING_DNS to one that does")
    else:
        yield Finding("ok", "senders are checked by SPF, DKIM and DMARC")


def signature(settings: Settings) -> Iterator[Finding]:
    """Is the key published that our mail is signed with?"""
    domain = settings.complaints_address.partition("@")[2]
    try:
        signer = email_signer(settings, domain)
    except SettingsError as error:
        yield Finding("fail", str(error), "make the file readable, or correct QINGTING_DKIM_KEY")
        return
    if signer is None:
        yield Finding(
            "warn",
            "outgoing mail is not signed here",
            "set QINGTING_DKIM_KEY and QINGTING_DKIM_SELECTOR, or let the relay sign",
        )
        return
    name = f"{signer.selector}._domainkey.{domain}"
    records = _ask(settings, key_of("TXT", name))
    publish = f"publish as TXT of {name}: {signer.record}"
    if records is None:
        yield Finding("warn", f"no name server tells what {name} holds", publish)
    elif not any(published_key(record) == published_key(signer.record) for record in records):
        yield Finding("fail", f"{name} does not hold our key: receivers count our signature as broken", publish)
    else:
        yield Finding("ok", f"outgoing mail is signed, and {name} holds the key")


def _ask(settings: Settings, key: str) -> list[str] | None:
    async def asking() -> list[str] | None:
        return (await Lookups(name_server(settings)).ask([key], PATIENCE))[key]

    return asyncio.run(asking())
