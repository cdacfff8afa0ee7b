"""What a recording is by its content, whatever its name says: only sound that browsers play is taken.

Not here: whether it may be kept (consent.py), where it is kept (gateway).
"""

from __future__ import annotations

from typing import Final

import puremagic

HEAD: Final = 8192  # bytes that are looked at
_PLAYED: Final = {
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".mpga": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".oga": "audio/ogg",
    ".opus": "audio/ogg",
    ".m4a": "audio/mp4",
    ".f4a": "audio/mp4",
    ".mp4": "audio/mp4",
    ".webm": "audio/webm",
}
_AS_SURE: Final = 0.25  # kinds so much less certain than the likeliest one are not believed
_LAYER_III: Final = 0b01
_NO_RATE: Final = (0, 15)
_RESERVED: Final = 3


class BadRecording(ValueError):
    """What came as a recording is none: `reason` says what is taken."""

    final = True

    def __init__(self, found: str) -> None:
        self.reason = f"the recording is {found}: expected WAV, MP3, Ogg, M4A or WebM"
        super().__init__(self.reason)


def media_type_of(content: bytes) -> str:
    """The `audio/…` type of a recording that begins with `content`. Raises BadRecording."""
    head = content[:HEAD]
    if not head:
        raise BadRecording("empty")
    if _is_mpeg_frame(head):
        return "audio/mpeg"
    try:
        matches = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        raise BadRecording("of no kind that is known") from None
    surest = max(match.confidence for match in matches)
    for match in matches:
        if match.extension in _PLAYED and match.confidence >= surest - _AS_SURE:
            return _PLAYED[match.extension]
    raise BadRecording(f"a file of another kind ({matches[0].extension or matches[0].name})")


def _is_mpeg_frame(head: bytes) -> bool:
    """An MP3 without tags; puremagic knows those of MPEG 1 only, and telephones record at 8 and 16 kHz (MPEG 2 and 2.5)."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    version, layer = head[1] >> 3 & 0b11, head[1] >> 1 & 0b11
    return layer == _LAYER_III and version != 0b01 and head[2] >> 4 not in _NO_RATE and head[2] >> 2 & 0b11 != _RESERVED
