"""Ids of rows: opaque to everybody, rising with time so that indexes stay compact."""

from __future__ import annotations

from uuid_utils import uuid7


def new_id() -> str:
    """32 hexadecimal digits, of a version 7 UUID (RFC 9562)."""
    return uuid7().hex
