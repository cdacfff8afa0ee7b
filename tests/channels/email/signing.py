"""Keys and signatures as other mail systems make them, by dkimpy."""

from __future__ import annotations

import base64
from typing import Any

import dkim
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat


class Key:
    """A private key with what is published of it. `pem` is what an operator would have in a file."""

    def __init__(self, kind: str, bits: int = 2048) -> None:
        self.kind = kind
        self._key: Any = (
            ed25519.Ed25519PrivateKey.generate() if kind == "ed25519" else rsa.generate_private_key(65537, bits)
        )
        self.pem = self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def record(self) -> str:
        public = self._key.public_key()
        if self.kind == "ed25519":
            raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        else:
            raw = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return f"v=DKIM1; k={self.kind}; p={base64.b64encode(raw).decode()}"

    def sign(self, raw: bytes, domain: str, selector: str = "s1", **more: Any) -> bytes:
        """The mail with a signature on top. `extra` are tags that the library does not write, such as `x`."""
        if self.kind == "ed25519":
            private = base64.b64encode(self._key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))
        else:
            private = self._key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        algorithm = more.pop("algorithm", f"{self.kind}-sha256").encode()
        signer = Signing(raw, signature_algorithm=algorithm)
        signer.extra = more.pop("extra", {})
        header: bytes = signer.sign(selector.encode(), domain.encode(), private, **more)
        return header + raw


class Signing(dkim.DKIM):  # type: ignore[misc]
    """The library's signer, with tags of the test's own choice."""

    extra: dict[str, str]

    def gen_header(self, fields: Any, *rest: Any, **more: Any) -> bytes:
        given = {name.encode(): value.encode() for name, value in self.extra.items()}
        kept = [(name, given.pop(name, value)) for name, value in fields if given.get(name) != b""]
        at = next(index for index, (name, _) in enumerate(kept) if name == b"b")
        kept[at:at] = [(name, value) for name, value in given.items() if value]
        fields[:] = kept
        header: bytes = super().gen_header(fields, *rest, **more)
        return header
