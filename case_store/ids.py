"""Ids of rows: opaque to everybody, rising with time so that indexes stay compact."""

from __future__ import annotations

import hashlib
from typing import Final

from uuid_utils import uuid7

LONGEST_KEY: Final = 120  # what the columns for occasions hold


def new_id() -> str:
    """32 hexadecimal digits, of a version 7 UUID (RFC 9562)."""
    return uuid7().hex


def short_key(key: str) -> str:
    """A key that fits its column: an occasion may name an address of 320 characters."""
    if len(key) <= LONGEST_KEY:
        return key
    return f"{key[:80]}#{hashlib.sha256(key.encode()).hexdigest()[:32]}"
