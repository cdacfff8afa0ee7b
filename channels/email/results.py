"""Reading an Authentication-Results header (RFC 8601), forgivingly and never in part.

Relays copy into it what the sender chose: envelope addresses with letters of any script, quotes, parentheses that open and never
close, names of thirty signatures. A reader that gives up there, or stops after some thousands of characters, loses the `dmarc=fail`
that stands behind. So what can be understood is, piece by piece, and `closed` and `whole` say what that is worth.

Not here: what the results mean for a mail (relays.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

LONGEST: Final = 65_536  # characters; thirty results with long names take a fifth of it
MOST: Final = 500  # results
_QUOTED = r'"(?:[^"\\]|\\.)*+"'
_FOLD = re.compile(r"[\r\n]+[ \t]*")
_OUTSIDE = re.compile(rf'{_QUOTED}|[^"()]++|[()]', re.DOTALL)
_COMMENT = re.compile(r"\\.|[^\\()]++|[()]|\\\Z", re.DOTALL)
_SEMICOLONS = re.compile(rf'{_QUOTED}|[^";]++|;', re.DOTALL)
_ID = re.compile(r'\s*"?([^\s;"]{1,255})"?(?:\s+\d+)?\s*')
_METHOD = re.compile(
    r"\s*([a-z][a-z0-9_-]*)(?:\s*/\s*\d+)?\s*=\s*([a-z][a-z0-9_-]*)(?=\s|\Z)", re.IGNORECASE | re.ASCII
)
_NAMED = r"[a-z][a-z0-9_-]*(?:\.[a-z0-9_-]+)?"
_PROPERTY = re.compile(
    rf'\s+({_NAMED})\s*=(?:\s*+(?!(?<=\s)[a-z]+\.[a-z-]+\s*=)((?:{_QUOTED}|[^\s"])++))?',
    re.IGNORECASE | re.ASCII | re.DOTALL,
)
_PIECES = re.compile(rf"({_QUOTED})|[^\"]++", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Result:
    """What one method found: `method` and `result` in lower case, properties such as `header.from` in order."""

    method: str
    result: str
    properties: tuple[tuple[str, str], ...] = ()

    def all_of(self, name: str) -> list[str]:
        return [value for named, value in self.properties if named == name]

    def one(self, name: str) -> str:
        """The property's value; empty where it is not there, or there more than once with different values."""
        found = set(self.all_of(name))
        return found.pop() if len(found) == 1 else ""


@dataclass(frozen=True, slots=True)
class Said:
    """A header as it was understood.

    `closed`: every quote and comment ends, so nothing of it hides in another's. `whole`: nothing at all was left over.
    `text` is the header without folding, for those who look for what may be hidden.
    """

    by: str
    text: str
    results: tuple[Result, ...] = field(default=())
    closed: bool = True
    whole: bool = True


def read(value: str) -> Said:
    """The header's value, as the parser of mails gives it (bytes that are no text as surrogates)."""
    text = _FOLD.sub(" ", value)
    decoded = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if len(decoded) > LONGEST:
        by, *_ = _split(decoded[:LONGEST])
        return Said(_named(by), decoded, closed=False, whole=False)
    bare, closed = _without_comments(decoded)
    by, *pieces = _split(bare)
    pieces = [piece for piece in pieces if piece.strip() and piece.strip().lower() != "none"]
    found = [one for one in map(_result, pieces[:MOST]) if one is not None]
    whole = closed and len(found) == len(pieces) and "\ufffd" not in decoded
    return Said(_named(by), decoded, tuple(found), closed, whole)


def _named(piece: str) -> str:
    found = _ID.fullmatch(piece)
    return found[1].lower().rstrip(".") if found else ""


def _without_comments(text: str) -> tuple[str, bool]:
    """The text with a blank for each comment, and whether all that opens is closed. What follows an open one is left out."""
    kept: list[str] = []
    at, depth, closed = 0, 0, True
    while at < len(text):
        piece = (_COMMENT if depth else _OUTSIDE).match(text, at)
        if piece is None:  # a quote that does not end
            return "".join(kept), False
        at = piece.end()
        if piece[0] == "(":
            depth += 1
            kept.append(" ")
        elif piece[0] == ")" and depth:
            depth -= 1
        elif piece[0] == ")":
            closed = False
        elif not depth:
            kept.append(piece[0])
    return "".join(kept), closed and depth == 0


def _split(text: str) -> list[str]:
    """At the semicolons outside quotes."""
    pieces = [""]
    for found in _SEMICOLONS.finditer(text):
        if found[0] == ";":
            pieces.append("")
        else:
            pieces[-1] += found[0]
    return pieces


def _result(piece: str) -> Result | None:
    """None for what is no result, or leaves something over."""
    method = _METHOD.match(piece)
    if method is None:
        return None
    at, properties = method.end(), []
    while found := _PROPERTY.match(piece, at):
        properties.append((found[1].lower(), "".join(_unquoted(found[2] or ""))))
        at = found.end()
    return Result(method[1].lower(), method[2].lower(), tuple(properties)) if not piece[at:].strip() else None


def _unquoted(value: str) -> Iterator[str]:
    for found in _PIECES.finditer(value):
        yield re.sub(r"\\(.)", r"\1", found[0][1:-1], flags=re.DOTALL) if found[1] else found[0]
