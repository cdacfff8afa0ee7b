"""What remains of a correction once what was denied in it is left out: "it wasn't the 3rd, it was the 4th".

Not here: whether it is a correction (signals.py), which fact it corrects (taking.py).
"""

from __future__ import annotations

import re
from typing import Final

_PAIRS: Final = (
    # what was denied comes first: 不是750，是780; it wasn't X, it was Y; not X but Y
    re.compile(
        r"(?:不是|唔係|不係|并非|並非|唔系)[^，,。\n]{1,15}[，,、。 ]+(?:而)?(?=(?:应该|應該|应当)?(?:是|係|系))"
    ),
    re.compile(
        r"\b(?:was|is|were|are|did|charged|took)?(?:n[o'’]t| not)\b(?! only| (?:been|be|have|being|told|given|sure))[^.;!?\n]{1,40}?(?:[,;.\u2013-]+ ?|\s)(?:and |so )?"
        r"(?=but\b|it was\b|it's\b|it is\b|it should\b|that was\b|the (?:right|correct)|rather\b)",
        re.IGNORECASE,
    ),
    re.compile(
        r"^\W*(?:no,? )?not (?:on |in |the )?[^,.;!?\n]{1,20}, (?=(?:on |in |the )?[£$€¥]?\w)",
        re.IGNORECASE,
    ),
    # it comes after: 是780，不是750; it was X, not Y
    re.compile(r"[，,、 ]+(?:而)?(?:不是|唔係|不係|并非|並非|唔系)[^，,。\n是係]{1,15}(?=[，,。\n！!]|$)"),
    re.compile(
        r",? (?:and |so |rather than |instead of )?(?:not|rather than|instead of) (?:on |in |the |a )?(?:[£$€¥]?\d|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun)[a-z]*\b|one|two|three|four|five|six|seven|eight|nine|ten|yesterday|today)"
        r"[^,.;!?\n]{0,25}(?=[,;!?\n]|\.(?!\d)|$)",
        re.IGNORECASE,
    ),
)


def without_denied(text: str) -> str | None:
    """The text without what it says was not so; None if it denies nothing in favour of something else."""
    rest = text
    for pair in _PAIRS:
        rest = pair.sub(" " if text.isascii() else "", rest)
    return rest.strip(" ,，、") if rest != text and rest.strip(" ,，.。") else None
