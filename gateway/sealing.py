"""What is kept or handed out so that nobody but this house can read it: sealed under a key of its own purpose.

Not here: what is signed and may be read by whoever holds it (tokens.py).
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken

from gateway.tokens import Tokens


def seal(tokens: Tokens, purpose: str, text: str) -> str:
    return _box(tokens, purpose).encrypt(text.encode()).decode()


def unseal(tokens: Tokens, purpose: str, sealed: str, lasts: int | None = None) -> str | None:
    """None for what is not ours, was sealed for another purpose, or is older than `lasts` seconds."""
    try:
        return _box(tokens, purpose).decrypt(sealed.encode(), ttl=lasts).decode()
    except (InvalidToken, UnicodeError):
        return None


def _box(tokens: Tokens, purpose: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(tokens.key(purpose)))
