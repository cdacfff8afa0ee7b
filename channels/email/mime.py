"""From bytes to the tree of parts, with limits.

The standard library reads headers and their parameters. Bodies are cut at their boundaries as bytes, by offsets into the
original, for three reasons: a nested message or attachment is exactly what came, a mail of 35 MB isn't held as half a
million lines of text (four times slower and several times its size), and depth and number of parts have an end. What is
beyond the limits is counted; nothing raises but Unreadable.

Not here: what the parts mean (read.py), their charsets (charset.py), encoded words (headers.py).
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import Compat32
from typing import Final

MAX_PARTS: Final = 1_000
MAX_DEPTH: Final = 30
MAX_HEADERS: Final = 2_000
# The library's reading of parameters takes quadratic time in the length of the header.
LONGEST_PARAMETERS: Final = 4_096
LONGEST_HEAD: Final = 4 << 20
LONGEST_BOUNDARY: Final = 200  # RFC 2046 says 70
GUESS_WITHIN: Final = 65_536

_END_OF_HEAD = re.compile(rb"\r?\n(?=\r?\n)|\r?\n\Z")
_FIRST_LINE = re.compile(rb"[^\r\n]*\r?\n?")
_HEADER_LINE = re.compile(rb"[!-9;-~]+[ \t]*:|[ \t]|From ")
_ENDS_LINE = re.compile(rb"(--)?[ \t]*(?:\r?\n|\Z)")
_LOOKS_LIKE_BOUNDARY = re.compile(rb"(?:^|\n)--([^\s-][^\r\n]{1,199}?|-{2,}[^\r\n]{1,190}?)[ \t]*\r?\n")


class Unreadable(Exception):
    """This mail can't be read; `reason` says why, for a person. Reading it again by itself would not help."""

    final = True

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __reduce__(self) -> tuple[type[Unreadable], tuple[str]]:
        return type(self), (self.reason,)


class _AsItIs(Compat32):
    """Header values as they came: the default would turn 8-bit ones into question marks."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        return value[:LONGEST_PARAMETERS] if name[:8].lower() == "content-" else value


_HEADERS = BytesHeaderParser(policy=_AsItIs())


@dataclass(slots=True)
class Part:
    """One part: its headers, where its body lies in the original, and what it is made of."""

    head: Message
    raw: bytes
    start: int
    end: int
    number: str = ""
    depth: int = 0
    default_type: str = "text/plain"
    children: list[Part] = field(default_factory=list)
    dropped: int = 0  # parts beyond the limit, noted at the root

    @property
    def media_type(self) -> str:
        if "content-type" not in self.head:
            return self.default_type
        return self.head.get_content_type()

    @property
    def body(self) -> bytes:
        """The body as it came."""
        return self.raw[self.start : self.end]

    def content(self) -> bytes:
        """The body, transfer encoding undone; what is broken gives what can be had of it."""
        encoding = str(self.head.get("content-transfer-encoding", "")).partition(";")[0].strip().lower()
        if encoding == "base64":
            return from_base64(self.body)
        if encoding == "quoted-printable":
            return binascii.a2b_qp(self.body)
        if encoding in ("x-uuencode", "uuencode", "uue", "x-uue"):
            return _from_uuencode(self.body)
        return self.body

    def fields(self) -> dict[str, list[str]]:
        """All headers by lower-case name, as they came."""
        found: dict[str, list[str]] = {}
        for count, (name, value) in enumerate(self.head.raw_items()):
            if count >= MAX_HEADERS:
                break
            found.setdefault(name.lower(), []).append(value)
        return found

    def leaves(self) -> Iterator[Part]:
        """All parts that hold content, in order."""
        waiting = [self]
        while waiting:
            here = waiting.pop()
            if here.children:
                waiting.extend(reversed(here.children))
            else:
                yield here


def parse(raw: bytes) -> Part:
    """The tree of a mail. Raises Unreadable."""
    start = 0
    while raw.startswith((b"\n", b"\r\n"), start):
        start = raw.find(b"\n", start) + 1
    root = _part(raw, start, len(raw))
    if not root.head.keys() and not root.body.strip():
        raise Unreadable("empty")
    waiting, count = [root], 1
    while waiting:
        here = waiting.pop()
        if not here.media_type.startswith("multipart/") or here.depth >= MAX_DEPTH:
            continue
        default = "message/rfc822" if here.media_type == "multipart/digest" else "text/plain"
        for number, (first, last) in enumerate(_cut(raw, here), 1):
            if count >= MAX_PARTS:
                root.dropped += 1
                continue
            count += 1
            child = _part(raw, first, last)
            child.depth = here.depth + 1
            child.number = f"{here.number}.{number}" if here.number else str(number)
            child.default_type = default
            here.children.append(child)
        waiting.extend(reversed(here.children))
    if not root.children:
        root.number = "1"
    return root


def parse_head(raw: bytes, longest: int) -> Part:
    """The mail with its headers alone, read as `parse` reads them. Raises Unreadable, also for more than `longest` bytes."""
    start = 0
    while raw.startswith((b"\n", b"\r\n"), start):
        start = raw.find(b"\n", start) + 1
    found = _END_OF_HEAD.search(raw, start, start + longest + 4)
    if found is None and len(raw) - start > longest:
        raise Unreadable("headers too long")
    return _part(raw, start, len(raw))


def from_base64(raw: bytes) -> bytes:
    """What base64 holds, forgiving foreign characters, missing padding and a cut end."""
    try:
        return binascii.a2b_base64(raw)
    except binascii.Error:
        kept = raw.translate(None, _NOT_BASE64)
        whole = len(kept) // 4 * 4
        rest = kept[whole:]
        return binascii.a2b_base64(kept[:whole] + (rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b""))


_NOT_BASE64: Final = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))


def _part(raw: bytes, start: int, end: int) -> Part:
    """The part that lies between two offsets."""
    if raw.startswith((b"\n", b"\r\n"), start, end):  # no headers at all
        body = raw.find(b"\n", start, end) + 1
        return Part(Message(policy=_AsItIs()), raw, body, end)
    found = _END_OF_HEAD.search(raw, start, end)
    head_end = found.end() if found else end
    if head_end - start > LONGEST_HEAD:
        raise Unreadable("headers too long")
    body = min(end, _FIRST_LINE.match(raw, head_end, end).end()) if found else end  # type: ignore[union-attr]
    head = _HEADERS.parsebytes(raw[start:head_end])
    if head.get_payload():  # the library gave up at a line that is no header
        lines = raw[start:head_end].splitlines(keepends=True)
        broken = next((at for at, line in enumerate(lines) if not _HEADER_LINE.match(line)), len(lines))
        if broken and not any(_HEADER_LINE.match(line) for line in lines[broken + 1 :]):
            # no blank line before the body: it begins here
            body = start + sum(map(len, lines[:broken]))
            head = _HEADERS.parsebytes(raw[start:body])
        else:
            head = _HEADERS.parsebytes(b"".join(line for line in lines if _HEADER_LINE.match(line)))
    if not head.keys():
        body = start
    return Part(head, raw, body, end)


def _cut(raw: bytes, part: Part) -> list[tuple[int, int]]:
    """Where the parts of a multipart lie."""
    boundary = _boundary(part)
    if boundary is None:
        return []
    delimiter = b"--" + boundary
    cuts: list[tuple[int, int]] = []
    begun: int | None = None
    at = part.start
    while True:
        at = raw.find(delimiter, at, part.end)
        if at < 0:
            break
        after = _ENDS_LINE.match(raw, at + len(delimiter), part.end)
        if after is None or not (at == part.start or raw[at - 1] == 0x0A):
            at += len(delimiter)  # only part of a line, or the longer boundary of a part within
            continue
        if begun is not None:
            cuts.append((begun, max(begun, _without_newline(raw, at))))
        begun = None if after[1] else after.end()
        at = after.end()
        if after[1]:
            break
    if begun is not None and begun < part.end:  # never closed
        cuts.append((begun, part.end))
    return cuts


def _without_newline(raw: bytes, at: int) -> int:
    """The newline before a boundary belongs to it."""
    return at - 2 if raw[at - 2 : at] == b"\r\n" else at - 1


def _boundary(part: Part) -> bytes | None:
    try:
        value = part.head.get_boundary()
    except (ValueError, TypeError, LookupError):
        value = None
    if value:
        return value.encode("utf-8", "surrogateescape")[:LONGEST_BOUNDARY]
    guess = _LOOKS_LIKE_BOUNDARY.search(part.raw, max(0, part.start - 1), min(part.end, part.start + GUESS_WITHIN))
    if guess and part.raw.find(b"\n--" + guess[1], guess.end(), part.end) >= 0:
        return guess[1]
    return None


def _from_uuencode(raw: bytes) -> bytes:
    out = []
    for line in raw.splitlines():
        if line.startswith(b"begin ") or line.strip() in (b"", b"`", b"end"):
            continue
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            continue
    return b"".join(out)
