"""From the bytes of a transcript to its text.

Byte order marks and UTF-16 are looked for first; what is neither is read as mail is (`channels.email.charset`): UTF-8, then
GB 18030 and Big5, then what charset-normalizer makes of it.
"""

from __future__ import annotations

import codecs
from typing import Final

import puremagic

from channels.email.charset import COMMON, clean, decode
from channels.phone.call import BadTranscript

# UTF-32 before UTF-16: its mark begins with the other's
MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
SAMPLE: Final = 4_096
FAMILIAR: Final = 0.2  # of the characters: with fewer of them it is no UTF-16
BROKEN: Final = 0.02  # of the characters: more of them unreadable is no text


def text_of(raw: bytes) -> str:
    """The text, its lines ended by \\n. Raises BadTranscript where there is none."""
    for mark, encoding in MARKS:
        if raw.startswith(mark):
            return clean(_strictly(raw[len(mark) :], encoding))
    if b"\0" in raw[:SAMPLE]:
        return clean(_utf16(raw))
    text = decode(raw)
    if text.count("\ufffd") > max(3, BROKEN * len(text)) or _no_text(text):
        line = text[: max(0, text.find("\ufffd"))].count("\n") + 1
        raise BadTranscript(f"{_looks_like(raw)}, expected text in UTF-8, UTF-16, GB 18030 or Big5", line)
    return clean(text)


def _strictly(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw[: error.start].decode(encoding, "replace").count("\n") + 1
        wrong = raw[error.start : error.start + 4].hex(" ")
        raise BadTranscript(
            f"the file says that it is {encoding.upper()}, but the bytes {wrong} are not", line
        ) from None


def _utf16(raw: bytes) -> str:
    """UTF-16 without a mark: the order of bytes that gives the more of ASCII and of common Chinese characters."""
    best, most = "", 0
    for encoding in ("utf-16-le", "utf-16-be"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        familiar = sum(" " <= char <= "~" or char in COMMON for char in text[:SAMPLE])
        if familiar > most and familiar > FAMILIAR * len(text[:SAMPLE]) and not _no_text(text):
            best, most = text, familiar
    if not most:
        raise BadTranscript(f"{_looks_like(raw)}, expected a transcript as text", 1)
    return best


def _no_text(text: str) -> bool:
    sample = text[:SAMPLE]
    controls = sum(char < " " and char not in "\t\n\r\f\v\x1b" for char in sample)
    return controls > max(2, BROKEN * len(sample))


def _looks_like(raw: bytes) -> str:
    """What the bytes are, in words for a person."""
    try:
        kind = puremagic.from_string(raw[: 64 << 10])
    except (puremagic.PureError, ValueError, LookupError, UnicodeError):
        return "the bytes are no text"
    return f"the file is no text but looks like {kind.lstrip('.')}" if kind else "the bytes are no text"
