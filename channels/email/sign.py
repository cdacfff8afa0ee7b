"""Our own mail, signed: DKIM over its final bytes by dkimpy, with an RSA or an Ed25519 key.

Not here: what is sent (compose.py), the signatures of others (signatures.py).
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

SHORTEST_KEY: Final = 1_024
# What a receiver acts on or shows; named once more than it stands there, nothing can be added to it.
SIGNED: Final = (
    *(b"from", b"from", b"to", b"to", b"cc", b"subject", b"subject", b"date", b"date", b"message-id", b"message-id"),
    *(b"reply-to", b"reply-to", b"in-reply-to", b"references", b"sender", b"mime-version", b"content-type"),
    *(b"content-transfer-encoding", b"auto-submitted", b"content-language"),
)


class Signer:
    """Signs as `domain` with the key whose public half stands under `selector._domainkey.domain`."""

    def __init__(self, key: bytes, selector: str, domain: str) -> None:
        """`key` is PEM. Raises ValueError for one that can't sign."""
        self.selector = selector
        self.domain = domain
        self._algorithm, self._key, self._record = _for_dkimpy(key)

    @classmethod
    def from_file(cls, path: Path, selector: str, domain: str) -> Signer:
        """Raises ValueError, OSError."""
        return cls(path.read_bytes(), selector, domain)

    @property
    def record(self) -> str:
        """What has to be published of the key (RFC 6376, 3.6.1)."""
        return self._record

    def __repr__(self) -> str:
        return f"Signer({self.selector}._domainkey.{self.domain})"

    def sign(self, raw: bytes) -> bytes:
        """The mail with its signature on top. Nothing below it may change any more."""
        import dkim  # type: ignore[import-untyped]

        signature: Any = dkim.DKIM(raw, signature_algorithm=self._algorithm).sign(
            self.selector.encode(),
            self.domain.encode(),
            self._key,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=list(SIGNED),
        )
        return bytes(signature) + raw


def published_key(record: str) -> str:
    """The key in a published record, by which two are compared."""
    tags = dict(part.strip().split("=", 1) for part in record.split(";") if "=" in part)
    return "".join(tags.get("p", "").split())


def _for_dkimpy(pem: bytes) -> tuple[bytes, bytes, str]:
    """Algorithm and key as the library takes them, and the record that publishes its other half."""
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError("not a private key in PEM without a passphrase") from None
    if isinstance(key, Ed25519PrivateKey):
        raw = key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return b"ed25519-sha256", base64.b64encode(raw), f"v=DKIM1; k=ed25519; p={base64.b64encode(public).decode()}"
    if isinstance(key, RSAPrivateKey):
        if key.key_size < SHORTEST_KEY:
            raise ValueError(f"an RSA key of {key.key_size} bits: receivers want at least {SHORTEST_KEY}")
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        return b"rsa-sha256", private, f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"
    raise ValueError("neither an RSA nor an Ed25519 key")
