"""The shape of what is shown unmasked, beside those of answers.py."""

from __future__ import annotations

from typing import Any, Final

from gateway.api.schema import MAYBE, TEXT, one_of, shape
from gateway.masking import NUMBERS

REVEALED: Final[dict[str, Any]] = {
    "Revealed": shape(
        items={
            "type": "array",
            "items": shape(
                kind=one_of(sorted(NUMBERS)),
                masked={**TEXT, "description": "as it stands in what is shown"},
                value={**TEXT, "description": "as it was written"},
            ),
        },
        next_cursor=MAYBE,
    ),
}
