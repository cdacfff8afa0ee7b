"""The seal on what travels through Rasa: only what this house has made, for this one turn, is taken back.

A scene holds what is said, known and done. Rasa carries it from step to step and could carry another one, its own or another
customer's; so it is signed with a key that Rasa does not know, and bound to the turn.

Not here: what is sealed (rasa_protocol.py), which key (the gateway).
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

from itsdangerous import BadData, Serializer

_SALT: Final = "qingting.rasa.scene."


class BrokenSeal(Exception):
    """Not made here, not for this turn, or changed on its way."""


def sealed(content: dict[str, Any], turn_id: str, key: bytes) -> str:
    return _of(turn_id, key).dumps(content)


def unsealed(seal: object, turn_id: str, key: bytes) -> dict[str, Any]:
    """What was sealed for this turn. Raises BrokenSeal."""
    if not isinstance(seal, str):
        raise BrokenSeal
    try:
        content: dict[str, Any] = _of(turn_id, key).loads(seal)
    except BadData as error:
        raise BrokenSeal from error
    return content


def _of(turn_id: str, key: bytes) -> Serializer[str]:
    return Serializer(
        key,
        salt=_SALT + turn_id,
        serializer_kwargs={"ensure_ascii": False, "separators": (",", ":")},
        signer_kwargs={"digest_method": hashlib.sha256},
    )
