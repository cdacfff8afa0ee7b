"""Times as transcripts write them: a number with a unit, a clock, a duration of ISO 8601, a moment in a calendar.

Not here: where in a file a time stands (tree.py, captions.py).
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Final

LONGEST_CALL: Final = 7 * 24 * 3600.0  # seconds
FULL_WIDTH: Final = str.maketrans("０１２３４５６７８９：．，", "0123456789:.,")

_CLOCK: Final = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2})(?:[.,](\d{1,9}))?")
_NUMBER: Final = re.compile(r"(\d{1,15}(?:\.\d{1,15})?)\s?(ms|s|sec|seconds)?", re.IGNORECASE)
_ISO: Final = re.compile(r"PT(?=\d)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,9}(?:[.,]\d{1,9})?)S)?", re.IGNORECASE)


def seconds(value: object, unit: float = 1.0) -> float | None:
    """Seconds from the beginning of the call, None if `value` is no such time.

    `unit` is what a bare number counts, in seconds: 0.001 for milliseconds. Text may also be a clock (`00:01:02,500`, where
    what follows the comma is a fraction), `1.5s`, `1500ms` or `PT1.5S`.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        found: float | None = _times(value, unit)
    elif isinstance(value, str) and len(value) <= 40:
        found = _written(value.strip().translate(FULL_WIDTH), unit)
    else:
        return None
    if found is None or not math.isfinite(found) or not 0 <= found <= LONGEST_CALL:
        return None
    return round(found, 6)


def moment(value: object) -> datetime | None:
    """A date and time of ISO 8601, or one with `/` or Chinese words. Without a zone in the text it has none."""
    if not isinstance(value, str) or not 8 <= len(value) <= 40:
        return None
    text = value.strip().translate(FULL_WIDTH)
    text = re.sub(r"\s*[年月/]\s*", "-", text).replace("日", " ").replace("时", ":").replace("時", ":")
    text = re.sub(r"-(\d)(?=[-\s]|$)", r"-0\1", text)
    text = re.sub(r"\s+", " ", text).strip()
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def since_1970(value: object, unit: float = 0.001) -> datetime | None:
    """The moment that lies `value` units after 1970 began; None for what is no such number or before 1990."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    found = _times(value, unit)
    if found is None or not 631_152_000 <= found <= 32_503_680_000:
        return None
    return datetime.fromtimestamp(found, UTC)


def _times(value: int | float, unit: float) -> float | None:
    try:
        return float(value) * unit
    except OverflowError:
        return None


def _written(text: str, unit: float) -> float | None:
    if match := _CLOCK.fullmatch(text):
        hours, minutes, secs, fraction = match.groups()
        if int(secs) > 59 or (hours is not None and int(minutes) > 59):
            return None
        return int(hours or 0) * 3600 + int(minutes) * 60 + int(secs) + float(f"0.{fraction or 0}")
    if match := _NUMBER.fullmatch(text):
        number, name = match.groups()
        if name is None:
            return float(number) * unit
        return float(number) * (0.001 if name.lower() == "ms" else 1.0)
    if match := _ISO.fullmatch(text):
        hours, minutes, secs = match.groups()
        return int(hours or 0) * 3600 + int(minutes or 0) * 60 + float((secs or "0").replace(",", "."))
    return None
