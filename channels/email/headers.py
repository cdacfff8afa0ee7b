"""Header values as people are to read them: encoded words, raw 8-bit text, addresses, dates, file names.

Values come as the parser keeps them: folded, 8-bit bytes as surrogates. Whatever is broken gives the best that can be had;
nothing raises. Not here: which header counts for what (read.py, kind.py).
"""

from __future__ import annotations

import binascii
import re
from datetime import UTC, datetime
from email.utils import getaddresses, parsedate_to_datetime
from typing import Final
from urllib.parse import unquote_to_bytes

from channels.email.charset import clean, decode
from channels.email.mime import Part, from_base64

LONGEST: Final = 16_384
LONGEST_NAME: Final = 180
_FOLD = re.compile(r"[\r\n]+[ \t]*")
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_CUT_CHARSET = re.compile(r"\*.*")
# Characters that turn the direction of text make `exe.pdf` out of `fdp.exe`.
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
# A name must not turn or hide what is shown beside it. Addresses keep them: without, one would become another's.
_TURNING = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_ADDRESS = re.compile(r"[^\s@<>\"(),;:\\]+@[^\s@<>\"(),;:\\]+")
_SPACES = re.compile(r"\s+")


def text_of(value: str, hint: str | None = None) -> str:
    """An unstructured value, decoded, on one line, without characters that turn or hide what stands beside them."""
    value = _FOLD.sub(" ", value[:LONGEST])
    return _one_line(_TURNING.sub("", _decode_words(value, hint) if "=?" in value else _eight_bit(value, hint)))


def addresses_of(value: str, hint: str | None = None) -> list[tuple[str, str]]:
    """(name, address in lower case) of each address in a From, To or Cc; the address is empty where there is none."""
    value = _FOLD.sub(" ", value[:LONGEST])
    if not value.isascii():  # before parsing: the second byte of a Big5 character may be a backslash
        value = _eight_bit(value, hint)
    found = []
    try:
        pairs = getaddresses([value])
    except (RecursionError, IndexError, ValueError):  # thousands of opened comments
        pairs = []
    for name, address in pairs:
        match = _ADDRESS.fullmatch(address.strip())
        found.append((text_of(name, hint), _one_line(match.group()).lower() if match else ""))
    if not any(address for _, address in found):
        loose = _ADDRESS.search(value)
        if loose:
            return [("", _one_line(loose.group()).lower())]
    return found


def date_of(value: str) -> datetime | None:
    """When it says it was written; None if that is nonsense."""
    try:
        parsed = parsedate_to_datetime(_FOLD.sub(" ", value[:200]))
        if not 1990 <= parsed.year <= 2100:
            return None
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed
    except (TypeError, ValueError, IndexError, OverflowError, AttributeError):
        return None


def parameter(part: Part, name: str, header: str = "content-type") -> str | None:
    """A parameter of Content-Type or Content-Disposition, decoded by RFC 2231 or, as mailers do, RFC 2047."""
    try:
        value = part.head.get_param(name, None, header)
    except (ValueError, TypeError, LookupError, AttributeError):
        return None
    if value is None:
        return None
    if isinstance(value, tuple):
        return _one_line(decode(_percent_decoded(value[2]), value[0] or None))
    # RFC 2231's percent form without its charset, as some mailers write it.
    if value.lower().startswith(("utf-8''", "gbk''", "gb2312''", "big5''")):
        charset, _, quoted = value.partition("''")
        return _one_line(decode(unquote_to_bytes(quoted), charset))
    return text_of(value)


def file_name(part: Part) -> str | None:
    """The name a part gives its file, without folders and unseen characters; None if it gives none."""
    name = parameter(part, "filename", "content-disposition") or parameter(part, "name")
    return safe_name(name) if name else None


def safe_name(name: str) -> str | None:
    """A file name that is only a name, and no longer than file systems take."""
    name = _UNSEEN.sub("", name).replace("\\", "/").rpartition("/")[2].strip().strip(".")
    if len(name) > LONGEST_NAME:
        stem, dot, ending = name.rpartition(".")
        name = f"{stem[: LONGEST_NAME - 20]}.{ending[:15]}" if dot else name[:LONGEST_NAME]
    return name or None


def _percent_decoded(value: str) -> bytes:
    """The bytes of a value whose percent form the library has undone, one character for each byte."""
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:  # 8-bit bytes beside it
        return value.encode("utf-8", "surrogateescape")


def _decode_words(value: str, hint: str | None) -> str:
    """Encoded words to text. Bytes of neighbours in one charset are joined first: mailers cut characters in two."""
    out: list[str] = []
    charset, waiting = "", b""
    end = 0
    for match in _WORD.finditer(value):
        between = value[end : match.start()]
        name = _CUT_CHARSET.sub("", match[1]).lower()
        if between.strip() or not end:
            out.append(decode(waiting, charset, hint) if waiting else "")
            out.append(_eight_bit(between, hint))
            charset, waiting = name, b""
        elif name != charset:
            out.append(decode(waiting, charset, hint))
            charset, waiting = name, b""
        waiting += _bytes_of_word(match[2], match[3])
        end = match.end()
    out.append(decode(waiting, charset, hint) if waiting else "")
    out.append(_eight_bit(value[end:], hint))
    return "".join(out)


def _bytes_of_word(encoding: str, encoded: str) -> bytes:
    raw = _bytes_of(encoded)
    if encoding in "bB":
        return from_base64(raw)
    try:
        return binascii.a2b_qp(raw.replace(b"_", b"=20"), header=False)
    except binascii.Error:
        return raw


def _eight_bit(value: str, hint: str | None) -> str:
    if value.isascii() and "\x1b" not in value:  # ISO-2022-JP is seven-bit
        return value
    return decode(_bytes_of(value), None, hint)


def _bytes_of(value: str) -> bytes:
    """The bytes of a value that the parser kept as ASCII with surrogates, or that was text already."""
    try:
        return value.encode("ascii", "surrogateescape")
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogateescape")


def _one_line(text: str) -> str:
    return _SPACES.sub(" ", clean(text)).strip()
