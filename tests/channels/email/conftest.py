"""What the tests of this room share: samples, mails put together byte by byte, a ledger that remembers."""

from __future__ import annotations

import ipaddress
import os
import ssl
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from channels.channel import Acceptance, Receipt, StoreUnavailable
from channels.email.receive import Limits, SmtpReceiver
from channels.message import Arrival

OURS = "complaints@bank.example"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of samples beside the repository; skipped where it is absent, unless everything is required."""
    folder = Path(os.environ.get("QINGTING_SHARED") or Path(__file__).parents[4] / "shared")
    if not (folder / "data" / "mail").is_dir():
        if os.environ.get("QINGTING_REQUIRE_ALL") == "1":
            pytest.fail(f"the shared samples are required, and not in {folder}")
        pytest.skip("the shared samples are not there")
    return folder


class Ledger:
    """Stands in for intake: keeps arrivals, knows repeats, can be made to fail or to take its time."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.unavailable = False
        self.before_commit: Callable[[], object] | None = None

    async def accept(self, arrival: Arrival) -> Receipt:
        if self.unavailable:
            raise StoreUnavailable()
        if self.before_commit is not None:
            result = self.before_commit()
            if hasattr(result, "__await__"):
                await result
        for number, known in enumerate(self.arrivals, 1):
            if (known.account, known.external_id) == (arrival.account, arrival.external_id):
                return Receipt(f"arrival-{number}", Acceptance.REPEATED)
        self.arrivals.append(arrival)
        return Receipt(f"arrival-{len(self.arrivals)}", Acceptance.ACCEPTED)


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
async def listening(ledger: Ledger) -> AsyncIterator[Callable[..., object]]:
    """Starts receivers on free ports of this machine, and stops them."""
    started: list[SmtpReceiver] = []

    async def listen(limits: Limits | None = None, max_size: int = 200_000, tls_context: object = None) -> SmtpReceiver:
        receiver = SmtpReceiver(
            "127.0.0.1",
            0,
            "mx.bank.example",
            max_size,
            OURS,
            tls_context=tls_context,  # type: ignore[arg-type]
            limits=limits,
            clock=lambda: datetime(2026, 11, 23, 12, tzinfo=UTC),
        )
        await receiver.start(ledger.accept)
        started.append(receiver)
        return receiver

    yield listen
    for receiver in started:
        await receiver.stop(patience=1.0)


@pytest.fixture(scope="session")
def mail() -> Callable[..., bytes]:
    """A mail, put together byte by byte: headers by keyword, underscores as hyphens."""

    def build(body: bytes | str = b"I want my money back.\r\n", **headers: str | bytes) -> bytes:
        given = {
            "From": "Ann Lee <ann@customer.example>",
            "To": OURS,
            "Subject": "Complaint",
            "Date": "Mon, 23 Nov 2026 10:00:00 +0800",
            "Message-ID": "<1@customer.example>",
            "MIME-Version": "1.0",
        }
        given |= {name.replace("_", "-"): value for name, value in headers.items()}  # type: ignore[misc]
        lines = [
            name.encode() + b": " + (value if isinstance(value, bytes) else value.encode())
            for name, value in given.items()
            if value
        ]
        return b"\r\n".join(lines) + b"\r\n\r\n" + (body.encode() if isinstance(body, str) else body)

    return build


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The context of a server on this machine, and of a client that trusts its certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    (folder / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return server, ssl.create_default_context(cafile=str(folder / "cert.pem"))
