"""Passwords, hashed with argon2id off the event loop, a few at a time: each costs 64 MB and some hundredth of a second.

A name that nobody has costs as much as a wrong password: `verify` always hashes.
"""

from __future__ import annotations

import asyncio
import secrets
from functools import cached_property
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LONGEST: Final = 1024  # more is no password but work for us
SHORTEST: Final = 10
_AT_ONCE: Final = 4
_HASHER: Final = PasswordHasher()


class Passwords:
    """Hashes and verifies; one for a process."""

    def __init__(self, hasher: PasswordHasher = _HASHER) -> None:
        self._hasher = hasher
        self._few = asyncio.Semaphore(_AT_ONCE)

    async def hash(self, password: str) -> str:
        async with self._few:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, hash: str | None, password: str) -> bool:
        """Whether the password is the one of this hash. None stands for nobody's: as much work, and always False."""
        async with self._few:
            right = await asyncio.to_thread(self._verify_now, hash, password[:LONGEST])
        return right and hash is not None and len(password) <= LONGEST

    @cached_property
    def _nobody(self) -> str:
        # not at start: it costs a tenth of a second
        return self._hasher.hash(secrets.token_hex(16))

    def _verify_now(self, hash: str | None, password: str) -> bool:
        nobody = (
            self._nobody
        )  # made before either is verified, so that the first unknown name takes no longer than a known one
        try:
            return self._hasher.verify(hash or nobody, password)
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, hash: str) -> bool:
        return self._hasher.check_needs_rehash(hash)
