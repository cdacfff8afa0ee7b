"""Signed words that leave the house and come back: mail addresses, chat sessions, links.

All keys are made from the one secret by HKDF, a key for each purpose, so that no token of one kind is ever valid as
another. Reading gives None for anything that isn't ours, whatever is wrong with it: a stranger learns nothing.

Tokens in addresses are `kind, id, tag` in lower-case base32 without padding, 44 characters. They are read in any case, since
some mail systems change it, but in no other spelling. The other tokens say when they were issued, and the reader says how
old they may be. Tokens are signed, not sealed: whoever holds one can read the ids in it.

Not here: sign-in of agents and their CSRF tokens (auth/), API keys.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from itsdangerous import BadData, URLSafeSerializer

TAG_BYTES: Final = 10  # 80 bits, guessed only online and against known ids; leaves 18 characters for the mailbox's name
_KIND_AND_ID: Final = 17
_CLOCK_SKEW: Final = timedelta(minutes=5)  # between nodes


_SECRET_LINK: Final = re.compile(r"(/(?:confirm|resume|status)/)[^\s<>\"']+")


def without_links(text: str) -> str:
    """The text with the signed part of each link replaced: one works for whoever holds it, and is not for papers and files."""
    return _SECRET_LINK.sub(r"\1…", text)


class AddressKind(StrEnum):
    REPLY = "reply"  # names a conversation
    BOUNCE = "bounce"  # names a delivery


class LinkKind(StrEnum):
    STATUS = "status"  # shows one case
    RESUME = "resume"  # goes on with a conversation from another device
    CONFIRM = "confirm"  # proves an address that was only typed


_KIND_BYTES: Final = {AddressKind.REPLY: b"\x01", AddressKind.BOUNCE: b"\x02"}
_KINDS: Final = {byte: kind for kind, byte in _KIND_BYTES.items()}


class Tokens:
    """Signs and reads tokens under the house's secret."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 32:
            raise ValueError("the secret needs at least 32 bytes")
        self._secret = secret
        self._address_key = self.key("address")
        self._sessions = self._serializer("session")
        self._uploads = self._serializer("upload")
        self._challenges = self._serializer("second-factor-challenge")
        self._links = {kind: self._serializer(f"link:{kind}") for kind in LinkKind}

    def key(self, purpose: str) -> bytes:
        """32 bytes for `purpose` alone."""
        info = f"qingting/1/{purpose}".encode()
        return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(self._secret)

    def fingerprint(self) -> str:
        """Tells nodes on one database whether they have the same secret, without telling the secret."""
        return self.key("fingerprint").hex()

    def sign_reply(self, conversation_id: str) -> str:
        return self._sign_address(AddressKind.REPLY, conversation_id)

    def sign_bounce(self, delivery_id: str) -> str:
        return self._sign_address(AddressKind.BOUNCE, delivery_id)

    def read_token(self, token: str) -> tuple[AddressKind, str] | None:
        """Kind and id of a token found in an address, if we signed it."""
        if not token.isascii() or len(token) > 64:
            return None
        written = token.lower()
        try:
            body = base64.b32decode(written.upper() + "=" * (-len(written) % 8))
        except binascii.Error:
            return None
        kind = _KINDS.get(body[:1])
        # the last character has spare bits: only the spelling that we write is ours
        if kind is None or len(body) != _KIND_AND_ID + TAG_BYTES or _spell(body) != written:
            return None
        if not hmac.compare_digest(body[_KIND_AND_ID:], self._tag(body[:_KIND_AND_ID])):
            return None
        return kind, body[1:_KIND_AND_ID].hex()

    def sign_session(self, conversation_id: str, issued_at: datetime, epoch: int = 0) -> str:
        """What a chat client keeps to come back to its conversation. A session ends when its conversation has a higher epoch."""
        return _issue(self._sessions, (conversation_id, *([str(epoch)] if epoch else [])), issued_at)

    def read_session(self, token: str, now: datetime, max_age: timedelta) -> tuple[str, int] | None:
        """The conversation and the epoch in which the session was given; one that names none is of the first."""
        parts = _read(self._sessions, token, now, max_age)
        if not parts or len(parts) > 2:
            return None
        return parts[0], int(parts[1]) if len(parts) == 2 else 0

    def sign_challenge(self, agent_id: str, proved: str, issued_at: datetime) -> str:
        """What somebody brings back with the code of their second factor; `proved` tells of which password it was given."""
        return _issue(self._challenges, (agent_id, proved), issued_at)

    def read_challenge(self, token: str, now: datetime, max_age: timedelta) -> tuple[str, ...] | None:
        return _read(self._challenges, token, now, max_age)

    def sign_upload(self, id: str) -> str:
        """What names an upload to whoever began it, and to nobody else; how long it lasts stands with the upload."""
        return _dump(self._uploads, [id])

    def read_upload(self, token: str) -> str | None:
        if not token.isascii() or len(token) > 300:
            return None
        try:
            payload = self._uploads.loads(token)
        except BadData:
            return None
        return payload[0] if hmac.compare_digest(_dump(self._uploads, payload), token) else None

    def sign_link(self, kind: LinkKind, *parts: str, issued_at: datetime) -> str:
        """For the path of a URL. `parts` are ids, or an address to be confirmed."""
        return _issue(self._links[kind], parts, issued_at)

    def read_link(self, kind: LinkKind, token: str, now: datetime, max_age: timedelta) -> tuple[str, ...] | None:
        return _read(self._links[kind], token, now, max_age)

    def _sign_address(self, kind: AddressKind, subject: str) -> str:
        body = _KIND_BYTES[kind] + bytes.fromhex(subject)
        if len(body) != _KIND_AND_ID:
            raise ValueError(f"an id has 32 hexadecimal digits, not {subject!r}")
        return _spell(body + self._tag(body))

    def _tag(self, body: bytes) -> bytes:
        return hmac.digest(self._address_key, body, "sha256")[:TAG_BYTES]

    def _serializer(self, purpose: str) -> URLSafeSerializer:
        return URLSafeSerializer(
            self.key(purpose), salt=purpose, signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"}
        )


def _spell(body: bytes) -> str:
    return base64.b32encode(body).decode().rstrip("=").lower()


def _issue(serializer: URLSafeSerializer, parts: tuple[str, ...], issued_at: datetime) -> str:
    return _dump(serializer, [int(issued_at.timestamp()), *parts])


def _dump(serializer: URLSafeSerializer, payload: list[object]) -> str:
    return str(serializer.dumps(payload))


def _read(serializer: URLSafeSerializer, token: str, now: datetime, max_age: timedelta) -> tuple[str, ...] | None:
    if not token.isascii() or len(token) > 2000:
        return None
    try:
        payload = serializer.loads(token)
    except BadData:
        return None
    # base64 has several spellings of the same bytes; only the one that we write is ours
    if not hmac.compare_digest(_dump(serializer, payload), token):
        return None
    issued, *parts = payload
    issued_at = datetime.fromtimestamp(issued, UTC)
    if not -_CLOCK_SKEW <= now - issued_at <= max_age:
        return None
    return tuple(parts)
