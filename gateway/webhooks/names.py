"""What events and secrets are called outside. Needs no library, so that a start need not wait for any."""

from __future__ import annotations

import base64
import hashlib
from typing import Final

PREFIX: Final = "whsec_"
SEALED_FOR: Final = "webhook-secret"


def name_of(type: str) -> str:
    """`case.filed` as receivers know it."""
    return f"org.qingting.{type}.v1"


def secret_from(words: str) -> str:
    """A secret as Standard Webhooks writes it: 32 bytes, made from words that nobody can guess."""
    return PREFIX + base64.b64encode(hashlib.sha256(words.encode()).digest()).decode()
