"""Our own mail, signed, as a receiver verifies it: dkimpy, with the key asked of a name server of our own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dkim
import dns.resolver
import pytest
from aiosmtpd.controller import Controller
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from channels.email.authenticity import Checking
from channels.email.channel import EmailChannel
from channels.email.compose import Composer
from channels.email.identity import external_id
from channels.email.lookups import Lookups
from channels.email.mailbox import Mailbox
from channels.email.send import OutgoingFolder, Relay
from channels.email.sign import Signer
from channels.message import Arrival, Attachment, OutboundMessage
from gateway.config import Settings, SettingsError
from gateway.service import email_signer
from tests.channels.email.names import Names
from tests.channels.email.signing import Key

OURS = "complaints@bank.example"
KEYS = {"rsa": Key("rsa"), "ed25519": Key("ed25519")}


@pytest.fixture(scope="module")
def names() -> Iterator[Names]:
    names = Names()
    names.zone = {f"TXT {kind}._domainkey.bank.example": [key.record] for kind, key in KEYS.items()}
    names.zone["TXT _dmarc.bank.example"] = ["v=DMARC1; p=reject; adkim=s"]
    yield names
    names.close()


def asks(names: Names) -> Any:
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], names.port

    def txt(name: bytes, timeout: float = 5) -> bytes:
        [record] = resolver.resolve(name.decode(), "TXT")
        return b"".join(record.strings)

    return txt


def out(**more: Any) -> OutboundMessage:
    given = {
        "message_id": "<out-7@bank.example>",
        "account": f"email:{OURS}",
        "address": "jm@customer.example",
        "text": "江女士，您好：\n\n编号 C20261123-000421-4。   \n\n\n",
        "language": "zh-Hans",
        "subject": "回复：投诉：理财产品亏损，请尽快退还本金三万五千元整并书面说明理由",
        "in_reply_to": "<in-3@customer.example>",
        "references": ("<in-1@customer.example>", "<out-2@bank.example>"),
        "reply_token": "reply234",
        "bounce_token": "bounce234",
        "attachments": (Attachment("回执.pdf", "application/pdf", bytes(range(256)) * 20, None),),
    }
    return OutboundMessage(**(given | more))


def only_file(folder: Path) -> bytes:
    [file] = folder.glob("*.eml")
    return file.read_bytes()


def channel(kind: str, outgoing: Any, **more: Any) -> EmailChannel:
    signer = Signer(KEYS[kind].pem, kind, "bank.example")
    return EmailChannel(Composer(Mailbox.parse(OURS), "滨江银行"), outgoing, signer=signer, **more)


@pytest.mark.parametrize("kind", KEYS)
async def test_what_a_relay_gets_is_signed_over_its_final_bytes(names: Names, unused_tcp_port: int, kind: str) -> None:
    taken: list[bytes] = []

    class Server:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            taken.append(envelope.content)
            return "250 OK"

    controller = Controller(Server(), hostname="127.0.0.1", port=unused_tcp_port)
    controller.start()
    try:
        await channel(kind, Relay(f"smtp://127.0.0.1:{unused_tcp_port}")).send(out())
    finally:
        controller.stop()
    [raw] = taken
    assert raw.startswith(b"DKIM-Signature: v=1; a=" + f"{kind}-sha256".encode())
    assert dkim.verify(raw, dnsfunc=asks(names))
    for header in (b"From: x@evil.example\r\n", b"Subject: x\r\n", b"Date: x\r\n", b"Reply-To: x@evil.example\r\n"):
        assert not dkim.verify(header + raw, dnsfunc=asks(names)), "nothing can be added to it"
    assert not dkim.verify(raw.replace(b"JVBER", b"AAAAA").replace(b"AAEC", b"AAEE"), dnsfunc=asks(names))


@pytest.mark.parametrize("kind", KEYS)
async def test_what_goes_to_the_folder_is_signed_too_and_another_gateway_believes_it(
    names: Names, tmp_path: Path, kind: str
) -> None:
    await channel(kind, OutgoingFolder(tmp_path)).send(out())
    raw = only_file(tmp_path)
    theirs = EmailChannel(
        Composer(Mailbox.parse("care@other.example")),
        OutgoingFolder(tmp_path),
        checking=Checking("verify"),
        lookups=Lookups(names.address),
    )
    transport = {"peer": "192.0.2.9", "mail_from": "x@elsewhere.example", "helo": "x", "rcpt_tos": []}
    arrival = Arrival("email", "email:care@other.example", external_id(raw), datetime.now(UTC), raw, transport)
    (event,) = await theirs.read(arrival, await theirs.fetch(arrival))
    await theirs.stop()
    assert event.verdict["result"] == "pass"
    assert event.kind == "own_mail", "and answers it never"


async def test_without_a_key_nothing_is_signed(tmp_path: Path) -> None:
    await EmailChannel(Composer(Mailbox.parse(OURS)), OutgoingFolder(tmp_path)).send(out())
    assert b"DKIM-Signature" not in only_file(tmp_path)


PKCS1 = rsa.generate_private_key(65537, 2048).private_bytes(
    Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
)
LOCKED = rsa.generate_private_key(65537, 2048).private_bytes(
    Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")
)
CURVE = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def test_a_key_in_the_older_form_signs_as_well() -> None:
    assert Signer(PKCS1, "s", "bank.example").sign(b"From: a@bank.example\r\n\r\nx\r\n").startswith(b"DKIM-Signature")


@pytest.mark.parametrize(
    ("pem", "why"),
    [
        (LOCKED, "without a passphrase"),
        (CURVE, "neither an RSA nor an Ed25519 key"),
        (b"-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----", "not a private key"),
        (b"", "not a private key"),
    ],
)
def test_a_key_that_cannot_sign_is_refused_at_start_with_its_name_and_not_shown(
    tmp_path: Path, pem: bytes, why: str
) -> None:
    (tmp_path / "key.pem").write_bytes(pem)
    settings = Settings(dkim_key=tmp_path / "key.pem", dkim_selector="2026a", complaints_address=OURS)
    with pytest.raises(SettingsError, match=r"QINGTING_DKIM_KEY is .*key\.pem': expected a PEM file") as refused:
        email_signer(settings, "bank.example")
    assert why in str(refused.value)
    assert "hush" not in str(refused.value)


def test_a_key_that_is_not_there_is_named(tmp_path: Path) -> None:
    settings = Settings(dkim_key=tmp_path / "gone.pem", dkim_selector="2026a", complaints_address=OURS)
    with pytest.raises(SettingsError, match="No such file"):
        email_signer(settings, "bank.example")
