"""Codes by time (RFC 6238) and recovery codes: sealing their secrets, and judging what somebody types.

A secret lies sealed under a key of its agent's own: copied to another account it opens nothing. A code of the
step before or after counts as well, for clocks that differ, and each only once. All steps are compared in constant time.

Not here: what is kept (case_store/second_factors.py), how often somebody may try (throttle.py).
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pyotp
import segno

from case_store import second_factors
from case_store.store import Transaction
from gateway import sealing
from gateway.tokens import Tokens

SECONDS: Final = 30
DRIFT: Final = (0, -1, 1)  # steps by which clocks may differ
CODES: Final = 10
_SECRET: Final = 20  # bytes, as RFC 4226 wants them
_CODE: Final = re.compile(r"\d{6}")
_RECOVERY: Final = re.compile(r"[a-z2-7]{10}")


@dataclass(frozen=True, slots=True)
class QrCode:
    """One path of squares, for a page that draws it itself: markup never becomes a part of the console."""

    size: int
    path: str


class SecondFactors:
    """Seals, opens and judges under the house's secret."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._recovery = tokens.key("recovery-code")

    def secret_from(self, seed: str) -> str:
        """In base32, as apps take it. `seed` is random and long; a repeated request derives the same secret from it."""
        return base64.b32encode(hmac.digest(seed.encode(), b"second-factor", "sha256")[:_SECRET]).decode()

    def codes_from(self, seed: str) -> list[str]:
        """Ten recovery codes, to be shown once."""
        made = (hmac.digest(seed.encode(), f"recovery:{n}".encode(), "sha256") for n in range(CODES))
        return [_grouped(base64.b32encode(one).decode().lower()[:10]) for one in made]

    def seal(self, agent_id: str, secret: str) -> str:
        return sealing.seal(self._tokens, _purpose(agent_id), secret)

    def _open(self, agent_id: str, sealed: str) -> str | None:
        return sealing.unseal(self._tokens, _purpose(agent_id), sealed)

    def digests(self, agent_id: str, codes: Sequence[str]) -> list[str]:
        return [self._digest(agent_id, _plain(code)) for code in codes]

    def _digest(self, agent_id: str, code: str) -> str:
        return hmac.digest(self._recovery, f"{agent_id} {code}".encode(), "sha256").hex()

    def step_of(self, agent_id: str, sealed: str | None, code: str, now: datetime) -> int | None:
        """The step of which this is the code; None for a wrong one."""
        secret = None if sealed is None else self._open(agent_id, sealed)
        if secret is None:
            return None
        totp, step = pyotp.TOTP(secret, interval=SECONDS), int(now.timestamp()) // SECONDS
        right = [step + by for by in DRIFT if pyotp.utils.strings_equal(totp.generate_otp(step + by), _plain(code))]
        return right[0] if right else None

    def spend(self, tx: Transaction, agent_id: str, code: str) -> bool:
        """Whether the code proves this agent, now and this once. An account without a second factor has no right code."""
        factor = second_factors.find(tx, agent_id, lock=True)
        if factor.confirmed_at is None:
            return False
        typed = _plain(code)
        if _CODE.fullmatch(typed):
            step = self.step_of(agent_id, factor.secret, typed, tx.now)
            return step is not None and second_factors.spend_step(tx, agent_id, step)
        if _RECOVERY.fullmatch(typed):
            return second_factors.spend_code(tx, agent_id, self._digest(agent_id, typed))
        return False


def _purpose(agent_id: str) -> str:
    return f"second-factor {agent_id}"


def uri_of(secret: str, username: str, house: str) -> str:
    """What an app reads from the picture."""
    return pyotp.TOTP(secret, interval=SECONDS).provisioning_uri(name=username, issuer_name=house)


def qr_of(uri: str) -> QrCode:
    made = segno.make(uri, error="m", micro=False)
    rows = [list(row) for row in made.matrix_iter(border=4)]
    squares = [f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark]
    return QrCode(len(rows), "".join(squares))


def _plain(code: str) -> str:
    """As people type it: with blanks, hyphens, capitals or full-width digits."""
    folded = code.translate(_FULL_WIDTH).lower()
    return re.sub(r"[\s\-\u2010-\u2015\u3000]", "", folded)


_FULL_WIDTH: Final = {ord("０") + n: str(n) for n in range(10)}


def _grouped(code: str) -> str:
    return f"{code[:5]}-{code[5:]}"
