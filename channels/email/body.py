"""What a mail's tree of parts holds: the body to read, its HTML to show, and the attachments.

Of alternatives the plain one is read if it says anything, and the HTML one shown. Everything that isn't body is an
attachment, decoded byte for byte, nested messages too.

Not here: which lines of the text are new (quotes.py), what the mail is (kind.py).
"""

from __future__ import annotations

import html as standard
import mimetypes
import re
from dataclasses import dataclass, field
from typing import Final

from channels.email import charset, html
from channels.email.headers import file_name, parameter, safe_name, text_of
from channels.email.mime import Part
from channels.message import Attachment

SHORT: Final = 240  # a plain alternative under this may only say that one should look at the other
FULLER: Final = 4  # times as much in the HTML
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_READABLE: Final = frozenset({"text/plain", "text/html"})
_ANGLES = " <>\t\r\n"


@dataclass(slots=True)
class Block:
    """One piece of the body: what is read of it, and its safe HTML if it came as HTML."""

    said: str | None
    html: str | None = None

    @property
    def text(self) -> str:
        if self.said is None:  # made when first asked for: beside a plain alternative it never is
            self.said = html.text_of_safe(self.html or "")
        return self.said


@dataclass(slots=True)
class Body:
    """All of it, in the order it came. `files` are the parts that are attachments."""

    blocks: list[Block] = field(default_factory=list)
    files: list[tuple[Part, bool]] = field(default_factory=list)
    hint: str | None = None

    def text(self) -> str:
        return "\n\n".join(block.text.strip("\n") for block in self.blocks if block.text.strip())

    def html(self) -> str | None:
        if not any(block.html for block in self.blocks):
            return None
        return "\n".join(block.html or f"<pre>{standard.escape(block.text)}</pre>" for block in self.blocks)

    def attachments(self) -> tuple[Attachment, ...]:
        return tuple(_attachment(part, inline, self.hint) for part, inline in self.files)


def body_of(root: Part) -> Body:
    body = Body(hint=_hint(root))
    _gather(root, body)
    return body


def decoded(part: Part, hint: str | None = None) -> str:
    """The text of a text part."""
    raw = part.content()
    declared = parameter(part, "charset")
    if (
        part.media_type == "text/html"
        and not raw.isascii()
        and (not declared or declared.lower() in ("ascii", "us-ascii"))
    ):
        sniffed = _META_CHARSET.search(raw[:4096])
        declared = sniffed[1].decode("ascii") if sniffed else declared
    return charset.clean(charset.decode(raw, declared, hint))


def _hint(root: Part) -> str | None:
    """A charset that some part of this mail declares, for those that declare none."""
    for part in root.leaves():
        if part.media_type in _READABLE:
            declared = parameter(part, "charset")
            if declared and charset.codecs_for(declared)[:1] not in ((), ("ascii",), ("utf-8",)):
                return declared
    return None


def _gather(part: Part, body: Body) -> None:
    if not part.children:
        if _is_body(part, first=not body.blocks):
            body.blocks.append(_block(part, body.hint))
        elif part.media_type.startswith("multipart/") and part.depth == 0:
            # A multipart that can't be cut is shown as it came.
            body.blocks.append(Block(charset.clean(charset.decode(part.body, None, body.hint))))
        elif part.start < part.end or part.head.keys():
            body.files.append((part, _is_inline(part)))
    elif part.media_type == "multipart/alternative":
        _choose(part, body)
    elif part.media_type == "multipart/related":
        _related(part, body)
    else:
        for child in part.children:
            _gather(child, body)


def _choose(part: Part, body: Body) -> None:
    """Of alternatives: the plain one to read unless it is empty or a pointer, the HTML one to show."""
    plain: list[Block] = []
    rich: list[Block] = []
    for child in part.children:
        within = Body(hint=body.hint)
        _gather(child, within)
        body.files += within.files
        (
            rich if any(block.html is not None for block in within.blocks) or child.media_type == "text/html" else plain
        ).extend(within.blocks)
    said = "\n\n".join(block.text for block in plain).strip()
    if not rich:
        body.blocks += plain
        return
    shown = "\n".join(block.html for block in rich if block.html)
    if len(said) < SHORT:
        read = "\n\n".join(block.text for block in rich).strip()
        if not said or len(read) > FULLER * len(said):
            said = read
    body.blocks.append(Block(said, shown or None))


def _related(part: Part, body: Body) -> None:
    first, *others = part.children
    _gather(first, body)
    for other in others:
        for leaf in other.leaves():
            body.files.append((leaf, leaf.media_type.startswith("image/") or _is_inline(leaf)))


def _block(part: Part, hint: str | None) -> Block:
    text = decoded(part, hint)
    if part.media_type != "text/html":
        if (parameter(part, "format") or "").lower() == "flowed":
            text = _unflowed(text, (parameter(part, "delsp") or "").lower() == "yes")
        return Block(text)
    safe = html.safe_html(text)
    return Block(html.text_of(text)) if safe is None else Block(None, safe)


def _is_body(part: Part, first: bool) -> bool:
    if part.media_type not in _READABLE or _disposition(part) == "attachment":
        return False
    return first or file_name(part) is None


def _is_inline(part: Part) -> bool:
    return _disposition(part) == "inline" or (
        part.media_type.startswith("image/") and "content-id" in part.head and _disposition(part) != "attachment"
    )


def _disposition(part: Part) -> str:
    return str(part.head.get("content-disposition", "")).partition(";")[0].strip().lower()


def _attachment(part: Part, inline: bool, hint: str | None) -> Attachment:
    identifier = str(part.head.get("content-id", "")).strip(_ANGLES)
    return Attachment(
        name=_name(part, hint),
        media_type=part.media_type,
        content=part.content(),
        part=part.number,
        content_id=text_of(identifier, hint) or None,
        inline=inline,
    )


def _name(part: Part, hint: str | None) -> str:
    name = file_name(part)
    if name:
        return name
    if part.media_type == "message/rfc822":
        subject = re.search(
            rb"^subject:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", part.body[:8192], re.IGNORECASE | re.MULTILINE
        )
        if subject:
            said = safe_name(text_of(subject[1].decode("ascii", "surrogateescape"), hint).replace("/", " "))
            if said:
                return f"{said}.eml"
        return f"part-{part.number}.eml"
    return f"part-{part.number}{mimetypes.guess_extension(part.media_type) or '.bin'}"


def _unflowed(text: str, delete_space: bool) -> str:
    """Lines that format=flowed wrapped, joined again (RFC 3676)."""
    out: list[list[str]] = []
    open_depth: int | None = None
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        said = line[depth:].removeprefix(" ")
        flows = said.endswith(" ") and said != "-- "
        if open_depth == depth and said != "-- ":
            out[-1].append(said[:-1] if flows and delete_space else said)
        else:
            out.append([">" * depth + (" " if depth and said else ""), said[:-1] if flows and delete_space else said])
        open_depth = depth if flows else None
    return "\n".join("".join(pieces) for pieces in out)
